"""Each baseline predicts what can be worked out, and learns only from the past."""

from __future__ import annotations

import numpy as np
import pytest

from lib.core import schema as c
from lib.course.terrain_features import course_table
from lib.evaluation.baselines.baseline import BASELINES, Baseline, athlete_scale, baseline_prediction, baselines_of
from tests.support.past_runs import flat, noisy_past, past_run

pytestmark = pytest.mark.slow

SCALED = BASELINES[:6]
ALL = baselines_of([noisy_past(60, seed=5)])
NAMES = [baseline.name for baseline in ALL]


def hill() -> np.ndarray:
    """Altitude of a kilometre up at 10% (m); smoothing leaves its slope as it is."""
    return np.arange(200) * 0.5


def test_the_field() -> None:
    assert NAMES == [
        "median pace", "km + climb", "Naismith-Langmuir", "Tobler", "Minetti", "grade factors",
        "personal grade curve", "grade curve, recent form", "LightGBM, own past", "LightGBM, all pasts",
    ]  # fmt: skip
    assert [baseline.name for baseline in baselines_of()] == NAMES[:-1]


@pytest.mark.parametrize("baseline", BASELINES, ids=NAMES[:8])
def test_nobody_runs_6_min_per_km_on_the_flat(baseline: Baseline) -> None:
    assert baseline.predict([], flat(2000), 0) == pytest.approx(np.full(2000, 1.8))


@pytest.mark.parametrize("baseline", BASELINES, ids=NAMES[:8])
def test_a_past_of_equal_runs_is_repeated(baseline: Baseline) -> None:
    past = [past_run(2000, 1.5, day=i) for i in range(30)]
    assert baseline.predict(past, flat(2000), 40) == pytest.approx(np.full(2000, 1.5))


@pytest.mark.parametrize(
    ("name", "factor"),
    [
        ("median pace", 1.0),
        ("km + climb", 2.0),
        ("Naismith-Langmuir", 6.6 / 3.6),
        ("Tobler", 1.419068),  # exp(0.35)
        ("Minetti", 5.968214 / 3.6),
        ("grade factors", 1.459),
        ("personal grade curve", 1.459 * 0.1 ** (0.0060 / 0.1)),
    ],
)
def test_a_hill_after_flat_runs_is_slower_by_the_formulas_factor(name: str, factor: float) -> None:
    """Flat runs of 10 km teach no curve and no exponent: the population's stand, here for 1 km."""
    past = [past_run(2000, 1.5, day=i) for i in range(10)]
    said = next(r for r in ALL if r.name == name).predict(past, course_table(hill()), 20)
    # the first step has no climb behind it: take the middle
    assert said[100] == pytest.approx(1.5 * factor, rel=1e-5)


@pytest.mark.parametrize("baseline", SCALED, ids=NAMES[:6])
def test_one_odd_run_does_not_move_a_scale(baseline: Baseline) -> None:
    past = [past_run(2000, 1.5, day=i) for i in range(30)]
    past[-1] = past_run(2000, 6.0, day=29)
    assert baseline.predict(past, flat(2000), 40) == pytest.approx(np.full(2000, 1.5))


def test_recent_runs_weigh_more() -> None:
    """With a half-life of 8 runs the last 10 of 40 weigh 0.60 of the sum of 40, so the median is theirs."""
    past = [past_run(2000, 1.5 if i < 30 else 1.6, day=i) for i in range(40)]
    assert athlete_scale(past, "km + climb") == pytest.approx(1.6 / 1.8)
    # with 20 they weigh 0.39 of it
    assert athlete_scale(past, "median pace") == pytest.approx(1.5 / 1.8)


def test_runs_under_5_km_count_only_where_there_are_no_others() -> None:
    short = [past_run(999, 1.2) for _ in range(50)]
    assert athlete_scale(short, "median pace") == pytest.approx(1.2 / 1.8)
    assert athlete_scale([past_run(1000, 1.5), *short], "median pace") == pytest.approx(1.5 / 1.8)


@pytest.mark.parametrize("baseline", ALL, ids=NAMES)
def test_an_athlete_twice_as_slow_takes_twice_as_long(baseline: Baseline) -> None:
    lengths, course = [1000, 1600, 2400], course_table(hill())
    fast, slow = ([past_run(lengths[i % 3], k * (1.5 + 0.02 * (i % 7)), day=3 * i) for i in range(40)] for k in (1, 2))
    a, b = (baseline.predict(past, course, 150) for past in (fast, slow))
    # of nobody's pace the first run is another residual; LightGBM learns from none of the first five
    assert b == pytest.approx(2 * a, rel=0.02 if "LightGBM" in baseline.name else 1e-9)


@pytest.mark.parametrize("baseline", ALL, ids=NAMES)
def test_the_same_past_gives_the_same_answer_whatever_was_asked_before(baseline: Baseline) -> None:
    past, course = noisy_past(70), course_table(hill())
    first = baseline.predict(past[:50], course, 110)
    baseline.predict(past, course, 150)
    assert baseline.predict(past[:50], course, 110).tolist() == first.tolist()
    assert first.shape == (200,)
    assert np.isfinite(first).all()
    assert (first > 0).all()


@pytest.mark.parametrize("baseline", ALL, ids=NAMES)
@pytest.mark.parametrize("n", [0, 1, 2, 7])
def test_a_short_past_is_enough(baseline: Baseline, n: int) -> None:
    said = baseline.predict(noisy_past(n), flat(1000), 20)
    assert said.shape == (1000,)
    assert np.all((said > 0.9) & (said < 3.6))


def test_a_prediction_has_all_targets_and_a_constant_heart_rate() -> None:
    past = [past_run(1000, 1.5, heart_rate=np.nan if i % 2 else 150.0 + i) for i in range(5)]
    said = baseline_prediction(BASELINES[0], past, flat(100), 5)
    assert list(said.columns) == list(c.TARGETS)
    assert said[c.HEART_RATE].unique().tolist() == [152.0]
    assert said[c.CADENCE].unique().tolist() == [82.0]

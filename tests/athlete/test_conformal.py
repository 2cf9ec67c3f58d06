"""Whether quantiles are those worked out by hand, and coverage is what is promised, from lib.athlete.conformal."""

from __future__ import annotations

import ast
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.athlete import conformal as intervals
from lib.athlete.conformal import (
    FRACTIONS,
    SCORES_KEPT,
    Calibration,
    fit_calibration,
    interval,
    measure_multipliers,
    multiplier,
    probability_below,
    remember,
    usual_size,
)
from lib.core.errors import InputError

FOUR = Calibration((-2.0, -1.0, 1.0, 2.0), 1.0)
"""Each of the four points weighs 4 runs, of 16 in all; with the next run they make 17."""

score_lists = st.lists(st.floats(-6, 6), max_size=80)
sds = st.floats(0.01, 1.0)


def log_interval(scores: list[float], coverage: float, calibration: Calibration = FOUR) -> list[float]:
    return [float(np.log(x)) for x in interval(1.0, 1.0, scores, calibration, coverage)]


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Split conformal prediction as in the books: nothing fades, and nobody else counts."""
    monkeypatch.setattr(intervals, "POPULATION_WEIGHT", 0.0)
    monkeypatch.setattr(intervals, "SCORE_HALF_LIFE", np.inf)


def test_without_scores_quantiles_are_the_populations() -> None:
    # Levels of the points: 2.5, 6.5, 10.5 and 14.5 of 17.
    assert log_interval([], 12 / 17) == pytest.approx([-2.0, 2.0])
    # Level 4 of 17 is 1.5 / 4 of the way from the first point to the second.
    assert log_interval([], 9 / 17) == pytest.approx([-1.625, 1.625])


def test_tails_beyond_the_outermost_point_are_exponential() -> None:
    # From the median 0 to -2 the level falls from 1/2 to 2.5/17, by ln 3.4; on to 0.05, by ln(1 / 0.34).
    far = 2.0 + 2.0 * np.log(1 / 0.34) / np.log(3.4)
    assert log_interval([], 0.9) == pytest.approx([-far, far])


def test_one_run_moves_quantiles_as_worked_out_by_hand() -> None:
    # Its size, 1, is the usual one. Points -2 -1 1 1 2 weigh 4 4 1 4 4: levels 2.5, 6.5, 9, 11.5, 15.5 of 18.
    assert usual_size([1.0], 1.0) == 1.0
    assert log_interval([1.0], 13 / 18) == pytest.approx([-2.0, 2.0])
    # A run of size 4 makes the usual one (4 + 5) / 6 = 1.5: points -3 -1.5 1.5 3 4.
    assert log_interval([4.0], 13 / 18)[0] == pytest.approx(-3.0)


def test_of_nine_scores_eighty_percent_lie_between_the_first_and_the_last(plain: None) -> None:
    scores = [0.3, -1.0, 2.5, 0.0, 0.7, -0.2, 1.1, -0.4, 0.9]
    assert log_interval(scores, 0.8) == pytest.approx([-1.0, 2.5])
    # The ceil(10 * 0.8) = 8th smallest and, from the other side, the 2nd: the rule exactly.
    assert log_interval(scores, 0.6) == pytest.approx([-0.4, 1.1])


@pytest.mark.parametrize(
    ("runs", "low", "high"),
    [(9, 0.8, 0.8), (12, 9 / 13, 11 / 13), (19, 0.8, 0.8), (30, 24 / 31, 26 / 31)],
)
def test_coverage_of_exchangeable_scores_is_within_its_exact_bounds(
    plain: None, runs: int, low: float, high: float
) -> None:
    rng = np.random.default_rng(runs)
    draws = rng.lognormal(0.0, 0.8, (4000, runs + 1)) - 1.0  # skewed, as bad days are
    held = [lo <= draw[-1] <= hi for draw in draws for lo, hi in [log_interval(draw[:-1], 0.8)]]
    error = 4.0 * np.sqrt(0.16 / len(draws))
    assert low - error <= np.mean(held) <= high + error


@pytest.mark.parametrize("coverage", [0.5, 0.8, 0.95])
@pytest.mark.parametrize("runs", [0, 3, 10, 60])
def test_coverage_holds_for_athletes_of_the_population_whatever_they_have_run(runs: int, coverage: float) -> None:
    rng = np.random.default_rng(7)

    def athlete(n: int) -> np.ndarray:
        return rng.uniform(0.5, 1.5) * rng.standard_t(4, n)

    calibration = fit_calibration([athlete(60) for _ in range(40)])
    held = []
    for _ in range(1500):
        scores = athlete(runs + 1)
        low, high = log_interval(scores[:-1], coverage, calibration)
        held.append(low <= scores[-1] <= high)
    # Without runs the one to come is 1 of 17: levels are further out than the population's, by up to 2.5% a side.
    assert coverage - 0.04 <= np.mean(held) <= coverage + (0.07 if runs < 10 else 0.05)


def test_an_erratic_athlete_gets_a_wider_interval_than_a_steady_one() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(0, 1, 60)
    widths = [np.diff(log_interval(size * scores, 0.8))[0] for size in (0.3, 1.0, 3.0)]
    assert widths[0] < 0.5 * widths[1] < 0.25 * widths[2]


def test_recent_runs_count_more_than_old_ones() -> None:
    calm, wild = [0.1, -0.1] * 15, [2.0, -2.0] * 15
    assert np.diff(log_interval(calm + wild, 0.8)) > np.diff(log_interval(wild + calm, 0.8))


def test_one_broken_recording_hardly_widens_the_interval() -> None:
    scores = np.random.default_rng(1).normal(0, 1, 60)
    broken = scores.copy()
    broken[-1] = 50.0
    assert np.diff(log_interval(broken, 0.8))[0] < 1.35 * np.diff(log_interval(scores, 0.8))[0]


@given(score_lists, st.floats(0.5, 0.95), sds)
def test_chances_agree_with_intervals(scores: list[float], coverage: float, sd: float) -> None:
    low_s, high_s = interval(3600.0, sd, scores, FOUR, coverage)
    assert low_s <= high_s
    # Where scores tie the distribution jumps, so the bound itself is within a rounding of either side of the jump.
    level = 0.5 - coverage / 2
    for bound, p in ((low_s, level), (high_s, 1 - level)):
        below, above = probability_below(bound * np.array([1 - 1e-6, 1 + 1e-6]), 3600.0, sd, scores, FOUR)
        assert below - 1e-3 <= p <= above + 1e-3


@given(score_lists, sds)
def test_chances_rise_with_time_from_none_to_one(scores: list[float], sd: float) -> None:
    seconds = np.concatenate([[0.0], np.geomspace(1e-6, 1e15, 500)])
    chance = probability_below(seconds, 3600.0, sd, scores, FOUR)
    assert chance[0] == 0.0 and chance[-1] > 0.95
    assert np.all(np.diff(chance) >= 0) and np.all((chance >= 0) & (chance <= 1))


@given(score_lists, st.floats(0.5, 0.95), st.floats(0.5, 0.95))
def test_more_coverage_is_a_wider_interval(scores: list[float], one: float, other: float) -> None:
    narrow, wide = log_interval(scores, min(one, other)), log_interval(scores, max(one, other))
    assert wide[0] <= narrow[0] + 1e-12 and narrow[1] <= wide[1] + 1e-12


@settings(max_examples=30)
@given(st.lists(st.floats(-6, 6), min_size=1, max_size=60), st.floats(0.01, 0.3))
def test_a_predictor_without_sd_gets_the_interval_of_one_with_a_constant_sd(scores: list[float], sd: float) -> None:
    athletes = [np.linspace(-2, 3, 30), np.linspace(-1, 1, 20)]
    with_sd = interval(3600.0, sd, scores, fit_calibration(athletes))
    without = interval(3600.0, 1.0, np.array(scores) * sd, fit_calibration([a * sd for a in athletes]))
    np.testing.assert_allclose(with_sd, without, rtol=0.02)  # calibrations keep three digits


def test_intervals_at_waypoints_follow_the_multipliers() -> None:
    calibration = Calibration(FOUR.population, 1.0, (2.0, 1.8, 1.6, 1.4, 1.2, 1.2, 1.2, 1.1, 1.1, 1.0))
    assert multiplier([0.0, 0.1, 0.15, 0.45, 1.0], calibration).tolist() == pytest.approx([2.0, 2.0, 1.9, 1.3, 1.0])
    time_s, fraction = np.array([0.0, 900.0, 3600.0]), np.array([0.0, 0.2, 1.0])
    low_s, high_s = interval(time_s, 0.1, [], calibration, 12 / 17, fraction)
    assert low_s == pytest.approx([0.0, 900 * np.exp(-0.36), 3600 * np.exp(-0.2)])
    assert high_s == pytest.approx([0.0, 900 * np.exp(0.36), 3600 * np.exp(0.2)])
    chance = probability_below(high_s[1:], time_s[1:], 0.1, [], calibration, fraction[1:])
    assert chance == pytest.approx([14.5 / 17] * 2)


def test_multipliers_are_measured_from_the_spread_of_errors() -> None:
    finish = np.random.default_rng(3).normal(0.0, 0.1, 200)
    errors = finish[:, None] * np.linspace(1.9, 1.0, 10) + 0.05  # a bias is not a spread
    assert measure_multipliers(errors) == pytest.approx(tuple(np.linspace(1.9, 1.0, 10)))


@pytest.mark.parametrize("errors", [np.ones((19, 10)), np.ones((50, 9)), np.ones(50), np.zeros((50, 10))])
def test_errors_that_say_nothing_of_the_way_are_refused(errors: np.ndarray) -> None:
    with pytest.raises(InputError):
        measure_multipliers(errors)


def test_a_run_is_remembered_in_standard_deviations_and_the_oldest_forgotten() -> None:
    assert remember((), 3600 * np.exp(0.05), 3600.0, 0.1) == (0.5,)
    assert remember((0.5,), 3600 / np.exp(0.012344), 3600.0, 1.0) == (0.5, -0.0123)
    full = tuple(float(k) for k in range(SCORES_KEPT))
    assert remember(full, 3600.0, 3600.0, 0.1) == (*full[1:], 0.0)


def test_scores_that_are_not_kept_change_nothing() -> None:
    scores = np.random.default_rng(2).normal(0, 1, SCORES_KEPT).tolist()
    assert log_interval([9.0] * 30 + scores, 0.8) == log_interval(scores, 0.8)


def test_every_athlete_counts_the_same_however_much_it_runs() -> None:
    rng = np.random.default_rng(4)
    much, little = rng.normal(0, 1, 2000), rng.normal(0, 3, 50)
    expected = (np.abs(much).mean() + np.abs(little).mean()) / 2
    assert fit_calibration([much, little, []]).scale == pytest.approx(expected, rel=1e-3)


def test_the_populations_scores_are_relative_to_each_athletes_own() -> None:
    plus_minus = np.array([1.0, -1.0] * 100)
    points = np.abs(fit_calibration([0.3 * plus_minus, 3.0 * plus_minus]).population)
    # Over the usual size of all, 1.65, they would be 0.18 and 1.82.
    assert np.quantile(points, 0.1) > 0.4 and np.quantile(points, 0.9) < 1.2


def test_a_calibration_survives_json_and_is_small() -> None:
    rng = np.random.default_rng(5)
    calibration = fit_calibration([rng.normal(0, 1, 100) for _ in range(5)], (1.57,) * 9 + (1.0,))
    written = json.dumps(asdict(calibration))
    read = {k: tuple(v) if isinstance(v, list) else v for k, v in json.loads(written).items()}
    assert Calibration(**read) == calibration
    scores = ()
    for error in rng.normal(0, 0.2, 200):
        scores = remember(scores, 3600 * np.exp(error), 3600.0, 1.0)
    assert len(written) < 320 and len(json.dumps(scores)) < 600


@pytest.mark.parametrize("sd", [0.0, -0.1, np.nan, np.inf, [0.1, np.nan]])
def test_an_sd_that_is_none_is_refused(sd: float) -> None:
    for refused in (
        lambda: interval(3600.0, sd, [], FOUR),
        lambda: probability_below(3600.0, 3600.0, sd, [], FOUR),
        lambda: remember((), 3600.0, 3600.0, sd),
    ):
        with pytest.raises(InputError, match="sd"):
            refused()


@pytest.mark.parametrize(
    "wrong",
    [
        {"predicted_s": -1.0},
        {"predicted_s": np.nan},
        {"scores": [0.1, np.inf]},
        {"coverage": 0.4},
        {"coverage": 0.99},
        {"coverage": np.nan},
        {"fraction": 1.1},
        {"fraction": -0.1},
    ],
)
def test_what_is_no_number_or_out_of_range_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError, match=f"(?i){next(iter(wrong))}"[:5]):
        interval(**({"predicted_s": 3600.0, "sd": 0.1, "scores": [], "calibration": FOUR} | wrong))


@pytest.mark.parametrize(
    "wrong",
    [
        {"population": (0.0,)},
        {"population": [-1.0, 1.0]},
        {"population": (1.0, 0.0)},
        {"population": (0.0, np.nan)},
        {"scale": 0.0},
        {"scale": np.inf},
        {"multipliers": (1.0,) * 9},
        {"multipliers": (1.0,) * 9 + (2.0,)},
        {"multipliers": (-1.0,) + (1.0,) * 9},
    ],
)
def test_a_calibration_that_is_none_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError, match=f"(?i){next(iter(wrong))}"):
        Calibration(**({"population": (-1.0, 1.0), "scale": 1.0, "multipliers": (1.0,) * len(FRACTIONS)} | wrong))


@pytest.mark.parametrize("athletes", [[], [[]], [[0.0, 0.0]], [[0.1, np.nan]]])
def test_a_population_without_errors_is_refused(athletes: list[list[float]]) -> None:
    with pytest.raises(InputError):
        fit_calibration(athletes)


def test_scores_that_are_all_the_same_make_no_warning() -> None:
    with np.errstate(all="raise"):
        low, high = log_interval([0.5] * 60, 0.5)
        assert low == pytest.approx(high) == pytest.approx(0.5)


def test_serving_needs_numpy_alone() -> None:
    tree = ast.parse(Path(intervals.__file__).read_text(encoding="utf-8"))
    modules = {node.module.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    modules |= {a.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
    assert modules == {"__future__", "collections", "dataclasses", "typing", "numpy", "lib"}

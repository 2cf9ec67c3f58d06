"""Personal grade curve, exponent, level and form, each from earlier runs alone."""

from __future__ import annotations

import numpy as np
import pytest

from lib.core import schema as c
from lib.core.errors import InputError
from lib.course.grade_factors import SLOPE_KNOTS
from lib.course.terrain_features import course_table
from lib.evaluation.baselines.past import summarise
from lib.evaluation.baselines.personal_curve import (
    LASTING,
    RECENT,
    CurveFit,
    curve_history,
    personal_curve,
    personal_curve_and_form,
    weighted_median,
)
from tests.support.past_runs import flat, noisy_past, past_run, session


def test_a_weighted_median_by_hand() -> None:
    values = np.array([[3.0, 1.0, 2.0], [3.0, 1.0, 2.0]])
    assert weighted_median(values, np.array([[1.0, 1.0, 1.0], [5.0, 1.0, 1.0]])).tolist() == [2.0, 3.0]


@pytest.mark.parametrize("fit", [RECENT, LASTING])
def test_no_row_knows_of_a_later_run(fit: CurveFit) -> None:
    past = noisy_past(30)
    whole, part = curve_history(past, fit), curve_history(past[:12], fit)
    for name in ("curve", "exponent", "log_level", "form"):
        assert getattr(whole, name)[:13] == pytest.approx(getattr(part, name)), name
    assert whole.log_residual[:12] == pytest.approx(part.log_residual)


@pytest.mark.parametrize("fit", [RECENT, LASTING])
def test_a_residual_is_against_what_was_predicted_before_the_run(fit: CurveFit) -> None:
    past = noisy_past(12)
    up = 0.05 * np.sin(np.arange(1500) / 40)
    run = session(1500, 1.9 * np.exp(4 * up), slope=up, day=30)
    course = course_table(run[c.ALTITUDE].to_numpy())
    said_s = personal_curve(past, course, 30, fit).sum()
    residual = curve_history([*past, summarise(run, course)], fit).log_residual[-1]
    assert residual == pytest.approx(np.log(run[c.DURATION].sum() / said_s))


def test_a_slow_climber_gets_a_steeper_curve() -> None:
    up = np.where(np.arange(2000) < 1000, 0.1, 0.0)
    past = [past_run(2000, (1.8 if i % 2 else 2.1) * np.where(up > 0, 2.2, 1.0), slope=up, day=i) for i in range(40)]
    at = SLOPE_KNOTS.tolist().index(0.1)
    curve = curve_history(past).curve
    assert curve[0, at] == pytest.approx(1.459)
    assert curve[-1, at] == pytest.approx(2.2, rel=0.02)


def test_runs_that_slow_with_distance_teach_the_exponent() -> None:
    past = [past_run(n, 1.8 * (n / 2000) ** 0.15, day=i) for i, n in enumerate([1000, 4000] * 20)]
    history = curve_history(past)
    assert history.exponent[0] == 0.06
    assert history.exponent[-1] == pytest.approx(0.15, abs=0.005)
    assert np.exp(history.log_level[-1]) == pytest.approx(1.8, rel=0.01)


def test_residual_and_form_by_hand() -> None:
    """Runs of 10 km at 1.5, 1.5, 1.8 s: the first against nobody's 1.8 s, the others against 1.5 s."""
    past = [past_run(2000, pace, day=i) for i, pace in enumerate([1.5, 1.5, 1.8])]
    history = curve_history(past)
    slower = np.log(1.8 / 1.5)
    assert history.log_residual == pytest.approx([-slower, 0.0, slower])
    fade = 0.5 ** (1 / 12)
    assert history.form == pytest.approx([0.0, 0.0, 0.0, slower / (1 + fade)], abs=1e-9)
    said = personal_curve_and_form(past, flat(2000), 3)
    assert said == pytest.approx(np.full(2000, 1.5 * np.exp(0.2 * slower / (1 + fade))))


def test_a_half_life_of_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="form_half_life"):
        CurveFit(level_half_life=1.0, exponent_half_life=1.0, exponent_belief=1.0, form_half_life=0.0)

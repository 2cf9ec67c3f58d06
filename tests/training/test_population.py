"""The prior lies between the athletes, and effort is what pace and heart rate share."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pandas as pd
import pytest

from lib.athlete.prior import Effort, Prior
from lib.athlete.profile import profile_after
from lib.core import schema as c
from lib.course.grade_factors import SLOPE_KNOTS
from lib.course.terrain_features import course_table
from lib.training.level_fit import MIN_RUNS
from lib.training.population import fit_effort, fit_prior, runs_of
from tests.support.small import small_sessions
from tests.support.steady import many, session

pytestmark = pytest.mark.slow


def test_the_prior_of_a_population_lies_between_its_athletes() -> None:
    slow = small_sessions(8, steps=700)
    slow[c.DURATION] *= 1.5
    fast = small_sessions(8, steps=700)
    priors = [fit_prior({"x": slow}), fit_prior({"x": fast}), fit_prior({"x": slow, "y": fast})]
    assert priors[1].pace.mean < priors[2].pace.mean < priors[0].pace.mean
    assert np.exp(priors[2].heart_rate.mean) == pytest.approx(145, abs=2)
    assert np.exp(priors[2].cadence.mean) == pytest.approx(82, abs=1)


def test_few_runs_teach_a_curve_and_a_level_and_nothing_else() -> None:
    start, fitted = Prior(), fit_prior({"x": small_sessions(8, steps=700)})
    assert fitted.curve != start.curve
    assert fitted.curve[SLOPE_KNOTS.searchsorted(0.0)] == 1.0
    assert astuple(fitted.pace)[1:] == pytest.approx(astuple(start.pace)[1:])
    assert fitted.effort == start.effort
    assert fitted.calibration == start.calibration


def test_standing_habits_are_those_of_the_athletes() -> None:
    fitted = fit_prior({"x": many(5, pace_s=1.8, stop_s=100.0), "y": many(9, pace_s=1.8, stop_s=200.0)})
    assert fitted.standing.at_one_hour_s == pytest.approx((150.0,) * 5)


def test_athletes_without_heart_rate_leave_that_of_the_start() -> None:
    start = Prior()
    fitted = fit_prior({"x": many(4, pace_s=1.8, heart_rate=np.nan)})
    assert fitted.heart_rate.mean == pytest.approx(start.heart_rate.mean, rel=1e-4)
    assert fitted.heart_rate_spread_bpm == start.heart_rate_spread_bpm


def test_runs_are_in_the_numbers_that_the_profile_remembers() -> None:
    """What is fitted and what is expected from are the same, but for what memory rounds."""
    sessions, prior = small_sessions(5, steps=700), Prior()
    runs, _ = runs_of(sessions, prior)
    kept = profile_after(sessions, prior, scored=False).memory.runs
    assert runs.day == pytest.approx(kept.day)
    for name, unit in (("distance", 0.01), ("climb", 0.01), ("net", 0.01), ("log_pace", 0.001)):
        assert getattr(runs, name) == pytest.approx(getattr(kept, name), abs=0.51 * unit)
    for name, unit in (("heart_rate_bpm", 1.0), ("cadence_rpm", 0.1)):
        assert getattr(runs, name) == pytest.approx(getattr(kept, name), abs=0.51 * unit)


def test_a_run_as_its_course_says_has_the_shares_that_its_course_says() -> None:
    up = session(1000, 1.0, slope=0.1)
    course = course_table(up[c.ALTITUDE].to_numpy())
    up[c.DURATION] = 1.7 * np.interp(course[c.SLOPE_25M], SLOPE_KNOTS, Prior().curve)
    runs, shares = runs_of(up, Prior())
    assert shares == pytest.approx(np.zeros((1, 10)), abs=1e-9)
    assert runs.log_pace == pytest.approx([np.log(1.7)])
    up[c.DURATION] = np.where(np.arange(1000) < 500, 2.0, 4.0)
    assert runs_of(up, Prior())[1][0, -1] == pytest.approx(0)
    assert runs_of(up, Prior())[1][0, 0] < -0.2


def surprises_of(n: int, slope: float, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Surprises of pace and heart rate, the one following the other."""
    rng = np.random.default_rng(0)
    heart_rate = rng.normal(0.0, 0.05, n)
    return slope * heart_rate + rng.normal(0, noise, n), heart_rate


def test_effort_is_what_pace_and_heart_rate_have_in_common() -> None:
    """By the formulas of a bivariate normal: slope, share of the spread that is left, slope the other way."""
    pace, heart_rate = surprises_of(20_000, slope=-0.8, noise=0.06)
    effort = fit_effort(pace, heart_rate, Effort())
    pace_sd = np.hypot(0.8 * 0.05, 0.06)
    correlation = -0.8 * 0.05 / pace_sd
    assert effort.heart_rate_sd == pytest.approx(0.05, rel=0.02)
    assert effort.pace_per_effort == pytest.approx(-0.8 * 0.05, rel=0.05)
    assert effort.pace_sd_left == pytest.approx(np.sqrt(1 - correlation**2), rel=0.02)
    assert effort.effort_per_pace == pytest.approx(correlation / pace_sd, rel=0.05)
    assert (effort.easy, effort.steady, effort.race) == pytest.approx((-1.036, 0.0, 1.645), abs=0.05)


def test_days_without_heart_rate_tell_nothing_of_effort() -> None:
    pace, heart_rate = surprises_of(400, slope=-0.8, noise=0.06)
    unknown = np.arange(400) % 2 == 0
    some = fit_effort(pace, np.where(unknown, np.nan, heart_rate), Effort())
    assert some == fit_effort(pace[~unknown], heart_rate[~unknown], Effort())


@pytest.mark.parametrize("case", ["few", "steady heart", "steady pace"])
def test_where_nothing_can_be_told_of_effort_it_stays(case: str) -> None:
    start = Effort(race=2.2)
    pace, heart_rate = surprises_of(MIN_RUNS - 1 if case == "few" else 200, slope=-0.8, noise=0.06)
    if case == "steady heart":
        heart_rate = np.zeros_like(heart_rate)
    if case == "steady pace":
        pace = np.zeros_like(pace)
    assert fit_effort(pace, heart_rate, start) == start


@pytest.mark.parametrize("steps", [160, 1200])
@pytest.mark.parametrize("noise", [0.002, 0.2])
def test_the_calibration_judges_finishes_as_the_profile_scores_them(steps: int, noise: float) -> None:
    """Scores of the population and of the athlete go into one interval, so they are in the same units.

    Where runs hardly differ, their scores are but the lean towards fast days.
    """
    paces = 1.8 * np.exp(noise * np.random.default_rng(0).standard_normal(MIN_RUNS + 10))
    sessions = pd.concat([session(steps, pace, number=i, day=2 * i) for i, pace in enumerate(paces)])
    prior = fit_prior({"x": sessions})
    assert prior.calibration.scale == pytest.approx(np.mean(np.abs(profile_after(sessions, prior).scores)), rel=0.1)

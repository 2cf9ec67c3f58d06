"""What is remembered of a past run is what it was."""

from __future__ import annotations

import numpy as np
import pytest

from lib.core import schema as c
from lib.core.errors import InputError
from lib.course.grade_factors import SLOPE_KNOTS
from lib.course.terrain_features import course_table
from lib.evaluation.baselines.past import by_knot, summarise, usual_cadence_rpm, usual_heart_rate_bpm
from tests.support.past_runs import past_run, session


def test_a_run_is_summed_up() -> None:
    run = past_run(1500, 2.0, day=4, heart_rate=150.0)
    assert (run.day, run.steps, run.km) == (4, 1500, 7.5)
    assert run.moving_s == pytest.approx(3000)
    assert run.climb_m == 0
    assert run.formula_s["Tobler"] == pytest.approx(2700)
    assert run.slope_s[SLOPE_KNOTS.tolist().index(0.0)] == pytest.approx(3000)
    assert (run.heart_rate_bpm, run.cadence_rpm) == (150, 82)


def test_a_step_between_two_knots_is_split_between_them() -> None:
    at = SLOPE_KNOTS.tolist().index(0.04)
    split = by_knot(np.array([0.05, 9.0]), np.array([3.0, 1.0]))  # a third of the way from 4% to 7%; beyond the last
    assert split[at : at + 2] == pytest.approx([2.0, 1.0])
    assert split[-1] == pytest.approx(1.0)
    assert split.sum() == pytest.approx(4.0)


def test_heart_rate_known_for_less_than_half_of_a_run_is_unknown() -> None:
    run = session(1000, 2.0)
    run.loc[:400, c.HEART_RATE] = np.nan
    run.loc[:600, c.CADENCE] = np.nan
    kept = summarise(run, course_table(run[c.ALTITUDE].to_numpy()))
    assert kept.heart_rate_bpm == 140
    assert np.isnan(kept.cadence_rpm)


def test_the_usual_heart_rate_is_the_mean_of_the_last_20_that_are_known() -> None:
    past = [past_run(10, 2.0, heart_rate=100.0)]
    past += [past_run(10, 2.0, heart_rate=140.0 if i < 10 else 150.0) for i in range(20)]
    past += [past_run(10, 2.0, heart_rate=np.nan)] * 30
    assert usual_heart_rate_bpm(past) == pytest.approx(145.0)
    assert usual_cadence_rpm(past) == pytest.approx(82.0)


def test_nobody_has_the_heart_rate_of_anybody() -> None:
    assert (usual_heart_rate_bpm([]), usual_cadence_rpm([])) == (150.0, 84.0)
    assert usual_heart_rate_bpm([past_run(10, 2.0, heart_rate=np.nan)]) == 150.0


def test_another_course_or_no_time_is_refused() -> None:
    with pytest.raises(InputError, match="10 and 11 steps"):
        summarise(session(10, 2.0), course_table(np.zeros(11)))
    with pytest.raises(InputError, match="moving time of 0 s"):
        summarise(session(10, 0.0), course_table(np.zeros(10)))

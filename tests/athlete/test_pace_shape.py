"""Given habits that runs follow: they are found again, fade slowly, and never make a plan absurd."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lib.athlete.pace_shape import HALF_LIFE, after_run, features, pace_factors
from lib.athlete.prior import Prior
from lib.athlete.profile import AthleteProfile, update
from lib.athlete.reference import reference
from lib.athlete.response import FEATURES, Response, mean_response
from lib.core import schema as c
from lib.course.terrain_features import course_columns, course_table
from tests.support.small import small_sessions

NOBODY = Response()
HABIT = np.array([0.1, 0.0, 0.0, 0.0, 0.0, 0.2, 0.0, 0.0])
"""Ten percent slower in the end than in the beginning, and slower after a climb."""


def rolling(steps: int = 1600, seed: int = 0) -> Any:
    rng = np.random.default_rng(seed)
    return course_columns(np.cumsum(rng.normal(0, 0.4, steps)) + 40 * np.sin(np.arange(steps) / (60 + 5 * seed)))


def taught(habit: np.ndarray, runs: int, before: Response = NOBODY) -> Response:
    for seed in range(runs):
        course = rolling(seed=seed)
        curve_s = np.full(1600, 2.0)
        before = after_run(before, course, curve_s * np.exp(features(course) @ habit), curve_s)
    return before


def test_a_habit_that_runs_follow_is_found() -> None:
    course = rolling(seed=50)
    habit = np.exp(features(course) @ HABIT)
    found = pace_factors(taught(HABIT, 30), NOBODY, course)
    assert np.corrcoef(np.log(found), np.log(habit))[0, 1] > 0.95
    assert np.abs(np.log(found / habit)).max() < 0.05


def test_nobody_has_no_habit_and_the_population_speaks_for_the_unknown() -> None:
    course = rolling(seed=3)
    assert np.array_equal(pace_factors(NOBODY, NOBODY, course), np.ones(1600))
    population = mean_response([taught(HABIT, 4)])
    assert pace_factors(NOBODY, population, course).std() > 0.02


def test_old_habits_fade_by_half_in_as_many_runs() -> None:
    none = np.zeros(FEATURES)
    after, flat = (taught(none, int(HALF_LIFE), first) for first in (taught(HABIT, 1), taught(none, 1)))
    ratio = (np.array(after.cross) - np.array(flat.cross))[0] / np.array(taught(HABIT, 1).cross)[0]
    assert ratio == pytest.approx(0.5, abs=0.02)


def test_a_gate_and_a_gap_count_as_no_more_than_odd_and_a_stub_as_nothing() -> None:
    course, curve_s = rolling(), np.full(1600, 2.0)
    waited = curve_s.copy()
    waited[200:260] = 90.0
    waited[800:860] = 0.0
    found = pace_factors(after_run(NOBODY, course, waited, curve_s), NOBODY, course)
    assert np.abs(np.log(found)).max() < 0.31
    short = course_columns(np.zeros(50))
    assert after_run(NOBODY, short, np.ones(50), np.ones(50)) == NOBODY


def test_a_run_teaches_the_profile_and_the_next_reference_has_it() -> None:
    profile, prior = AthleteProfile(), Prior()
    (_, session), *_ = small_sessions(1, 900).groupby(c.SESSION_ID)
    course = course_table(session[c.ALTITUDE].to_numpy())
    slower = session.assign(**{c.DURATION: session[c.DURATION] * np.linspace(0.9, 1.1, 900)})
    for _ in range(20):
        profile = update(profile, prior, slower, course)
    ref = reference(profile, prior, course)
    without = reference(AthleteProfile(**{**vars(profile), "pace_response": NOBODY}), prior, course)
    assert ref.duration_s.sum() == pytest.approx(without.duration_s.sum())
    half = [float(r.duration_s[:450].sum() / r.duration_s.sum()) for r in (ref, without)]
    assert half[0] < half[1] - 0.01

"""When places are reached on the way to any finish, with the stops that go with it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lib.athlete.aid_stops import AidStops
from lib.athlete.pacer import pacer
from lib.athlete.pacing_law import USUAL
from lib.athlete.prior import Prior
from lib.athlete.profile import AthleteProfile
from lib.core.schema import STEP_M
from lib.plan.law_arrivals import LawArrivals
from tests.support.long_race import rolling_course

COURSE = rolling_course(60.0, 1500.0, 8.0)
END_M = COURSE.steps * STEP_M
STEPS = [int(km * 200) - 1 for km in (15, 30, 45)]
FINISHES_S = np.array([9.0, 12.0, 16.0]) * 3600.0
BY_LAW = LawArrivals(
    pacer(AthleteProfile(), Prior(), COURSE.columns), USUAL, stops={}, assumed={}, aid_stops=AidStops()
)
OPEN = replace(BY_LAW, stops=dict.fromkeys(STEPS, 120.0), assumed=dict.fromkeys(STEPS, 120.0))
STATED = replace(BY_LAW, stops=dict.fromkeys(STEPS, 600.0))


def stood_s(arrivals: LawArrivals, finish_s: np.ndarray) -> np.ndarray:
    """Time between reaching a station and the end of the next step, beyond what the step takes alone."""
    before_m = (np.array(STEPS) + 1.0) * STEP_M
    return arrivals(finish_s, before_m + STEP_M) - arrivals(finish_s, before_m)


@pytest.mark.parametrize("arrivals", [BY_LAW, OPEN, STATED])
def test_every_finish_is_met(arrivals: LawArrivals) -> None:
    assert arrivals(FINISHES_S, np.array([0.0, END_M])) == pytest.approx(np.stack([0 * FINISHES_S, FINISHES_S], 1))


def test_times_rise_along_the_course_and_with_the_finish() -> None:
    times_s = OPEN(FINISHES_S, np.linspace(1000.0, END_M, 50))
    assert np.all(np.diff(times_s, axis=0) > 0)
    assert np.all(np.diff(times_s, axis=1) > 0)


def test_stops_that_are_stated_are_the_same_for_every_finish() -> None:
    assert np.all(np.abs(stood_s(STATED, FINISHES_S) - 600.0) < 10.0)


def test_stops_that_nobody_stated_are_longer_the_later_the_finish() -> None:
    in_all_s = stood_s(OPEN, FINISHES_S).sum(axis=1)
    assert np.all(np.diff(in_all_s) > 60.0)


def test_who_is_expected_to_stand_still_longer_moves_faster_between() -> None:
    assert OPEN.base_pace(FINISHES_S)[-1] < BY_LAW.base_pace(FINISHES_S)[-1]

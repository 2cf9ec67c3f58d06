"""When places are reached on the way to any finish, by the pacing law, with planned stops."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

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
BY_LAW = LawArrivals(pacer(AthleteProfile(), Prior(), COURSE.columns), USUAL, stops={})
WITH_STOPS = replace(BY_LAW, stops=dict.fromkeys(STEPS, 600.0))


@pytest.mark.parametrize("arrivals", [BY_LAW, WITH_STOPS])
def test_every_finish_is_met(arrivals: LawArrivals) -> None:
    assert arrivals(FINISHES_S, np.array([0.0, END_M])) == pytest.approx(np.stack([0 * FINISHES_S, FINISHES_S], 1))


def test_times_rise_along_the_course_and_with_the_finish() -> None:
    times_s = WITH_STOPS(FINISHES_S, np.linspace(1000.0, END_M, 50))
    assert np.all(np.diff(times_s, axis=0) > 0)
    assert np.all(np.diff(times_s, axis=1) > 0)


def test_stops_take_the_same_time_on_the_way_to_every_finish() -> None:
    before_m = (np.array(STEPS) + 1.0) * STEP_M
    stood_s = WITH_STOPS(FINISHES_S, before_m + STEP_M) - WITH_STOPS(FINISHES_S, before_m)
    assert np.all(np.abs(stood_s - 600.0) < 10.0)


def test_who_stands_at_stations_moves_faster_between() -> None:
    at_m = np.array([1000.0, 2000.0])
    assert np.all(np.diff(WITH_STOPS(FINISHES_S, at_m)) < np.diff(BY_LAW(FINISHES_S, at_m)))


def test_stops_longer_than_the_finish_leave_time_to_move() -> None:
    endless = replace(BY_LAW, stops={STEPS[0]: 100 * 3600.0})
    assert endless(FINISHES_S, np.array([(STEPS[0] + 1) * STEP_M]))[:, 0] == pytest.approx(
        BY_LAW(FINISHES_S / 2, np.array([(STEPS[0] + 1) * STEP_M]))[:, 0]
    )

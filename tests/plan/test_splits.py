"""In: a course and a made-up prediction of it. Out: that lib/plan/splits.py sums it up exactly and finds every pass."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.athlete.band import Band
from lib.athlete.conformal import Calibration
from lib.core import schema as c
from lib.course.ascent import THRESHOLD_M
from lib.plan.moving_plan import plan_from
from lib.plan.splits import descent_m, kilometre_splits, stretches, waypoint_times
from lib.report.plan_tables import format_duration, splits_table, waypoint_table
from tests.support.plans import BAND, flat_plan, make_course, make_prediction


# --- splits ------------------------------------------------------------------------------------------------------
def test_splits_by_hand() -> None:
    # 1 km of 10% up at 8:20, 1 km down at 4:10, 500 m flat at 5:00.
    altitude = np.concatenate([np.arange(1, 201) * 0.5, 100 - np.arange(1, 201) * 0.5, np.zeros(100)])
    duration_s = np.repeat([2.5, 1.25, 1.5], [200, 200, 100])
    heart = np.concatenate([np.full(100, 150.0), np.full(100, 160.0), np.full(300, 130.0)])
    duration_s[:100] = 1.5
    duration_s[100:200] = 3.5
    plan = plan_from(make_course(altitude), make_prediction(duration_s, heart), BAND)
    splits = kilometre_splits(plan)
    assert splits[c.KILOMETRE].tolist() == [1, 2, 3]
    assert splits[c.DISTANCE].tolist() == [1000.0, 1000.0, 500.0]
    assert splits[c.DURATION].tolist() == [500.0, 250.0, 150.0]
    assert splits[c.ELAPSED].tolist() == [500.0, 750.0, 900.0]
    np.testing.assert_allclose(splits[c.PACE], [500 / 60, 250 / 60, 5.0])
    assert splits[c.HEART_RATE].tolist() == [157.0, 130.0, 130.0]  # over time: 150 s at 150, 350 s at 160
    assert splits[c.CLIMB].tolist() == pytest.approx([97.5, 0.0, 0.0], abs=4.0)
    assert splits[c.DESCENT].tolist() == pytest.approx([0.0, 97.5, 2.0], abs=4.0)
    assert splits[c.CLIMB].sum() == pytest.approx(plan.course.climb_m)
    assert splits[c.DESCENT].sum() == pytest.approx(plan.course.descent_m)


def test_a_rise_counts_in_the_kilometre_in_which_it_is_climbed() -> None:
    # Up 2 m in the first kilometre and 6 m in the second: below the threshold alone, above it together.
    altitude = np.concatenate([np.linspace(0.0, 2.0, 200), np.linspace(2.03, 8.0, 200)])
    plan = plan_from(make_course(altitude), make_prediction(np.full(400, 2.0)), BAND)
    splits = kilometre_splits(plan)
    assert splits[c.CLIMB].tolist() == pytest.approx([2.0, 6.0], abs=0.05)
    assert splits[c.DESCENT].tolist() == [0.0, 0.0]
    assert plan.course.climb_m == pytest.approx(8.0, abs=0.05)


@settings(max_examples=40, deadline=None)
@given(st.integers(100, 1_300), st.integers(0, 2**32 - 1))
def test_splits_sum_exactly_to_the_finish(steps: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    altitude = 500 + np.cumsum(rng.normal(0, 1, steps))
    plan = plan_from(make_course(altitude), make_prediction(rng.uniform(0.7, 15.0, steps)), BAND)
    splits, shown = kilometre_splits(plan), splits_table(plan)
    assert splits[c.DURATION].sum() == plan.finish_s == splits[c.ELAPSED][-1]
    assert sum(reversed(splits[c.DURATION].tolist())) == plan.finish_s
    assert splits[c.DISTANCE].sum() == steps * c.STEP_M
    assert splits[c.KILOMETRE].size == math.ceil(steps / 200)
    assert splits[c.CLIMB].sum() == pytest.approx(plan.course.climb_m, abs=1e-6)
    assert splits[c.DESCENT].sum() == pytest.approx(plan.course.descent_m, abs=1e-6)
    assert descent_m(plan).sum() == pytest.approx(plan.course.descent_m, abs=1e-6)
    cleaned = plan.columns[c.ALTITUDE]
    net_m = plan.course.climb_m - plan.course.descent_m
    assert net_m == pytest.approx(cleaned[-1] - cleaned[0], abs=2 * THRESHOLD_M)
    seconds = [sum(int(x) * 60**i for i, x in enumerate(reversed(time.split(":")))) for time in shown["time"]]
    assert format_duration(sum(seconds)) == shown["elapsed"][-1] == format_duration(plan.finish_s)


def test_a_whole_number_of_kilometres_has_no_partial_split() -> None:
    assert kilometre_splits(flat_plan(400))[c.DISTANCE].tolist() == [1000.0, 1000.0]
    assert splits_table(flat_plan(401))["to km"] == ["1", "2", "2.005"]


def test_stretches_may_overlap_and_leave_out() -> None:
    plan = flat_plan(400)
    got = stretches(plan, np.array([0, 100]), np.array([150, 110]))
    assert got[c.DURATION].tolist() == [300.0, 20.0]
    assert got[c.DISTANCE].tolist() == [750.0, 50.0]
    assert got[c.ELAPSED].tolist() == [300.0, 220.0]


# --- waypoints ---------------------------------------------------------------------------------------------------
def test_waypoints_have_their_times_in_order() -> None:
    times = waypoint_times(flat_plan(500, Late=2000.0, Early=1000.0, Start=0.0, Finish=2500.0))
    assert times[c.WAYPOINT].tolist() == ["Start", "Early", "Late", "Finish"]
    assert times[c.DISTANCE].tolist() == [0.0, 1000.0, 2000.0, 2500.0]
    assert times[c.ELAPSED].tolist() == [0.0, 400.0, 800.0, 1000.0]


def test_the_interval_of_a_waypoint_is_that_of_its_fraction() -> None:
    calibration = Calibration((-2.0, -1.0, 0.0, 1.0, 2.0), 1.0, (2.0,) * 9 + (1.0,))
    course = make_course(np.full(400, 100.0), Half=1000.0)
    plan = plan_from(course, make_prediction(np.full(400, 2.0)), Band(0.1, (), calibration))
    times = waypoint_times(plan)
    half = np.log(times[c.HIGH] / times[c.ELAPSED])[0]
    assert half == pytest.approx(2.0 * np.log(plan.finish_interval_s[1] / plan.finish_s))


def test_a_place_passed_twice_has_two_times() -> None:
    there = np.arange(1, 301) * c.STEP_M
    lon_m = np.concatenate([there, there[-2::-1], [0.0]])  # 1.5 km out, and back
    course = make_course(np.full(600, 100.0), lon_m, Aid=500.0, Turn=1500.0, Base=0.0)
    times = waypoint_times(plan_from(course, make_prediction(np.full(600, 2.0)), BAND))
    assert times[c.WAYPOINT].tolist() == ["Base", "Aid", "Turn", "Aid", "Base"]
    assert times[c.DISTANCE].tolist() == [0.0, 500.0, 1500.0, 2500.0, 3000.0]
    assert times[c.ELAPSED].tolist() == [0.0, 200.0, 600.0, 1000.0, 1200.0]


def test_a_waypoint_beside_the_course_keeps_its_distance_from_it() -> None:
    plan = flat_plan(400, Far=2600.0)
    assert waypoint_times(plan)[c.AWAY].tolist() == pytest.approx([600.0])
    assert waypoint_table(plan)["off the course (m)"] == ["600"]


def test_a_course_without_waypoints_has_empty_columns() -> None:
    assert {name: values.size for name, values in waypoint_times(flat_plan(200)).items()}[c.WAYPOINT] == 0
    assert all(values == [] for values in waypoint_table(flat_plan(200)).values())

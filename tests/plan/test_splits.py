"""Kilometres, miles, legs, climbs and waypoints of races made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.athlete.conformal import Calibration
from lib.athlete.time_distribution import TimeDistribution
from lib.core import schema as c
from lib.course.grade_adjusted_pace import flat_distance_m
from lib.plan.moving_plan import Plan, plan_from
from lib.plan.splits import FINISH, climbs, descents, kilometres, legs, miles, rows, waypoint_times
from lib.race.config import RaceConfig
from lib.race.stations import Station
from tests.support.plans import BAND, flat_plan, make_course, make_prediction
from tests.support.races import UNHURRIED, known_bundle, race_of

RNG = np.random.default_rng(4)


def uneven_plan(steps: int) -> Plan:
    """Over rolling ground at an uneven pace."""
    altitude_m = 200.0 + 60.0 * np.sin(np.arange(steps) / 60.0)
    prediction = make_prediction(RNG.uniform(1.5, 4.0, steps), RNG.uniform(120, 160, steps), RNG.uniform(70, 90, steps))
    return plan_from(make_course(altitude_m), prediction, BAND)


def leg_of(*stations: Station, steps: int = 500, **config: object) -> dict[str, np.ndarray]:
    return legs(race_of(flat_plan(steps), replace(UNHURRIED, stations=stations, **config)))  # type: ignore[arg-type]


# --- even stretches ----------------------------------------------------------------------------------------------
@settings(max_examples=40, deadline=None)
@given(st.integers(1, 3_000), st.booleans())
def test_kilometres_and_miles_make_up_the_course_exactly(steps: int, stops: bool) -> None:
    stations = (Station("Hut", 600.0, 90.0),) if stops else ()
    race = race_of(uneven_plan(steps), RaceConfig(stations=stations), known_bundle())
    for table, length_m in ((kilometres(race), 1_000.0), (miles(race), 1_609.344)):
        number = table[c.FIRST_STEP].size
        assert table[c.DURATION].sum() == race.plan.finish_s == table[c.ELAPSED][-1]
        assert table[c.DISTANCE].sum() == table[c.END][-1] == steps * c.STEP_M
        assert table[c.CLIMB].sum() == pytest.approx(race.course.climb_m)
        assert table[c.DESCENT].sum() == pytest.approx(race.course.descent_m)
        assert np.all(np.diff(table[c.ARRIVAL], prepend=0.0) > 0) and table[c.ARRIVAL][-1] == race.finish_s
        assert np.all(table[c.ARRIVAL_LOW] < table[c.ARRIVAL_HIGH])
        np.testing.assert_allclose(table[c.END][:-1], length_m * np.arange(1, number), atol=2.5)
        assert number == max(1, np.ceil((steps * c.STEP_M - 2.5) / length_m))
    assert kilometres(race)[c.KILOMETRE].tolist() == list(range(1, kilometres(race)[c.END].size + 1))


def test_a_kilometre_by_hand() -> None:
    """2.5 km at 2 s for 5 m, 60 s at 1 km: half a kilometre is left at the end."""
    table = kilometres(race_of(flat_plan(500), replace(UNHURRIED, stations=(Station("Hut", 1_000.0, 60.0),))))
    assert table[c.DURATION].tolist() == [400.0, 400.0, 200.0]
    assert table[c.ARRIVAL].tolist() == [400.0, 860.0, 1_060.0]
    assert table[c.PACE] == pytest.approx([400 / 60] * 3)
    assert table[c.GRADE_PACE] == pytest.approx([400 / 60] * 3)
    assert table[c.END].tolist() == [1_000.0, 2_000.0, 2_500.0]


def test_a_mile_ends_at_the_nearest_step() -> None:
    """322 steps are 1,610 m, 0.66 more than a mile; 644 are 3,220, 1.3 more than two."""
    assert miles(race_of(flat_plan(1_000)))[c.LAST_STEP].tolist() == [322, 644, 966, 1_000]
    assert miles(race_of(flat_plan(644)))[c.LAST_STEP].tolist() == [322, 644]


def test_a_course_shorter_than_a_kilometre_is_one_of_each() -> None:
    race = race_of(flat_plan(120))
    for table in (kilometres(race), miles(race), legs(race)):
        assert (table[c.DISTANCE].tolist(), table[c.ARRIVAL].tolist()) == ([600.0], [240.0])


# --- legs --------------------------------------------------------------------------------------------------------
@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 4_000), st.floats(0, 900)), max_size=12))
def test_legs_make_up_the_course_exactly(stops: list[tuple[float, float]]) -> None:
    stations = tuple(Station(f"S{i}", *stop) for i, stop in enumerate(sorted(stops)))
    race = race_of(uneven_plan(700), RaceConfig(stations=stations, standing_s=77.0))
    table = legs(race)
    assert table[c.DURATION].sum() == race.plan.finish_s
    assert table[c.DISTANCE].sum() == 3_500.0
    assert np.all(np.diff(table[c.ARRIVAL], prepend=0.0) > 0)
    assert table[c.ARRIVAL][-1] == table[c.DEPARTURE][-1] == race.finish_s
    assert table[c.PLANNED_STOP].sum() == pytest.approx(race.planned_stop_s)
    assert np.all(np.isnan(table[c.CUTOFF])) and np.all(np.isnan(table[c.CHANCE]))
    # On: from a departure on, a leg takes its moving time and its share of the standing.
    waited_s = np.diff(table[c.ARRIVAL], prepend=0.0) - np.concatenate([[0.0], table[c.PLANNED_STOP][:-1]])
    assert waited_s == pytest.approx(table[c.DURATION] * (1 + 77.0 / race.plan.finish_s))


def test_a_leg_by_hand() -> None:
    table = leg_of(Station("Ford", 1_000.0, 60.0, 500.0), Station("Pass", 1_500.0, 0.0, 640.0))
    assert table[c.WAYPOINT].tolist() == ["Ford", "Pass", FINISH]
    assert table[c.DISTANCE].tolist() == [1_000.0, 500.0, 1_000.0]
    assert table[c.ARRIVAL].tolist() == [400.0, 660.0, 1_060.0]
    assert table[c.DEPARTURE].tolist() == [460.0, 660.0, 1_060.0]
    assert table[c.MARGIN][:2].tolist() == [40.0, -20.0]
    assert np.isnan(table[c.MARGIN][2]) and np.isnan(table[c.CUTOFF][2])


def test_the_chance_is_that_of_leaving_in_time() -> None:
    """Whoever must have left at 500 s after a stop of 60 must have arrived at 440."""
    table = leg_of(Station("Ford", 1_000.0, 60.0, 500.0), Station("Pass", 1_500.0, 0.0, 640.0))
    expected = [float(BAND.chance(*x)) for x in ((440.0, 400.0, 0.4), (580.0, 600.0, 0.6))]
    assert table[c.CHANCE][:2] == pytest.approx(expected)
    assert 0.5 < table[c.CHANCE][0] < 0.9 and 0.3 < table[c.CHANCE][1] < 0.5


def test_a_cut_off_before_the_stop_could_end_leaves_no_chance() -> None:
    assert leg_of(Station("Ford", 1_000.0, 600.0, 500.0))[c.CHANCE][0] == 0.0


def test_stations_at_one_place_are_one_leg_with_the_stricter_cut_off() -> None:
    table = leg_of(Station("Hut", 999.0, 60.0, 900.0), Station("Tap", 1_001.0, 20.0, 800.0), Station("Tap", 1_002.0))
    assert table[c.WAYPOINT].tolist() == ["Hut / Tap", FINISH]
    assert (table[c.PLANNED_STOP][0], table[c.CUTOFF][0], table[c.DEPARTURE][0]) == (80.0, 800.0, 480.0)


@pytest.mark.parametrize("metres", [2_498.0, 2_500.0, 90_000.0])
def test_a_station_at_or_beyond_the_finish_is_the_finish(metres: float) -> None:
    table = leg_of(Station("Town hall", metres, 300.0, 1_100.0))
    assert table[c.WAYPOINT].tolist() == ["Town hall"]
    assert (table[c.PLANNED_STOP][0], table[c.DEPARTURE][0], table[c.MARGIN][0]) == (0.0, 1_000.0, 100.0)


def test_stations_at_the_first_and_the_last_but_one_step_have_legs_and_stops() -> None:
    table = leg_of(Station("Gate", 5.0, 10.0), Station("Bell", 2_495.0, 20.0))
    assert table[c.WAYPOINT].tolist() == ["Gate", "Bell", FINISH]
    assert table[c.DURATION].tolist() == [2.0, 996.0, 2.0]
    assert table[c.DEPARTURE].tolist() == [12.0, 1_028.0, 1_030.0]


def test_a_station_at_the_start_has_no_way_to_it() -> None:
    assert leg_of(Station("Square", 0.0, 60.0), Station("Tent", 2.0))[c.WAYPOINT].tolist() == [FINISH]


# --- climbs ------------------------------------------------------------------------------------------------------
def test_a_hill_is_a_climb_and_a_descent() -> None:
    """1 km on the flat, 100 m up over 1 km, down again, 1 km on the flat; cleaning rounds the top."""
    altitude_m = np.interp(np.arange(1, 801) * 5.0, [0, 1_000, 2_000, 3_000, 4_000], [50, 50, 150, 50, 50])
    prediction = make_prediction(np.full(800, 2.0), 140.0, 80.0)
    race = race_of(plan_from(make_course(altitude_m), prediction, BAND))
    up, down = climbs(race), descents(race)
    assert up[c.GAIN] == pytest.approx([98.0], abs=2.0) and down[c.GAIN] == pytest.approx([-98.0], abs=2.0)
    assert up[c.MEAN_SLOPE] == pytest.approx([0.1], abs=0.01) and down[c.MAX_SLOPE] == pytest.approx([-0.1], abs=0.01)
    assert up[c.DISTANCE] == pytest.approx([1_000.0], abs=60.0)
    assert up[c.END] == pytest.approx([2_000.0], abs=40.0) and down[c.END] == pytest.approx([3_000.0], abs=40.0)
    assert up[c.ARRIVAL] == up[c.END] / 5.0 * 2.0
    # The same pace is worth more on the way up.
    assert up[c.GRADE_PACE][0] < up[c.PACE][0] == pytest.approx(400 / 60)


def test_a_flat_course_has_no_climbs_and_nothing_breaks() -> None:
    race = race_of(flat_plan(500), RaceConfig(), known_bundle())
    for table in (climbs(race), descents(race)):
        assert {values.size for values in table.values()} == {0}


def test_grade_adjusted_pace_of_a_step_is_that_of_its_slope() -> None:
    race = race_of(uneven_plan(300))
    first = np.arange(300)
    slope = race.course.columns[c.SLOPE_25M]
    expected = race.plan.columns[c.DURATION] / 60.0 / (flat_distance_m(slope) / 1000.0)
    np.testing.assert_allclose(rows(race, first, first + 1)[c.GRADE_PACE], expected)


def test_a_table_is_made_once_for_a_plan() -> None:
    race = race_of(flat_plan(500))
    assert legs(race) is legs(race) and legs(race) is not legs(race_of(flat_plan(500)))


# --- sums by hand --------------------------------------------------------------------------------------------------
def test_splits_by_hand() -> None:
    # 1 km of 10% up at 8:20, 1 km down at 4:10, 500 m flat at 5:00.
    altitude = np.concatenate([np.arange(1, 201) * 0.5, 100 - np.arange(1, 201) * 0.5, np.zeros(100)])
    duration_s = np.repeat([2.5, 1.25, 1.5], [200, 200, 100])
    heart = np.concatenate([np.full(100, 150.0), np.full(100, 160.0), np.full(300, 130.0)])
    duration_s[:100] = 1.5
    duration_s[100:200] = 3.5
    plan = plan_from(make_course(altitude), make_prediction(duration_s, heart), BAND)
    splits = kilometres(race_of(plan))
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
    splits = kilometres(race_of(plan))
    assert splits[c.CLIMB].tolist() == pytest.approx([2.0, 6.0], abs=0.05)
    assert splits[c.DESCENT].tolist() == [0.0, 0.0]
    assert plan.course.climb_m == pytest.approx(8.0, abs=0.05)


def test_stretches_may_overlap_and_leave_out() -> None:
    plan = flat_plan(400)
    got = rows(race_of(plan), np.array([0, 100]), np.array([150, 110]))
    assert got[c.DURATION].tolist() == [300.0, 20.0]
    assert got[c.DISTANCE].tolist() == [750.0, 50.0]
    assert got[c.ELAPSED].tolist() == [300.0, 220.0]


# --- waypoints ---------------------------------------------------------------------------------------------------
def test_waypoints_have_their_times_in_order() -> None:
    times = waypoint_times(race_of(flat_plan(500, Late=2000.0, Early=1000.0, Start=0.0, Finish=2500.0)))
    assert times[c.WAYPOINT].tolist() == ["Start", "Early", "Late", "Finish"]
    assert times[c.DISTANCE].tolist() == [0.0, 1000.0, 2000.0, 2500.0]
    assert times[c.ELAPSED].tolist() == [0.0, 400.0, 800.0, 1000.0]


def test_the_interval_of_a_waypoint_is_that_of_its_fraction() -> None:
    calibration = Calibration((-2.0, -1.0, 0.0, 1.0, 2.0), 1.0, (2.0,) * 9 + (1.0,))
    course = make_course(np.full(400, 100.0), Half=1000.0)
    plan = plan_from(course, make_prediction(np.full(400, 2.0)), TimeDistribution(0.1, (), calibration))
    times = waypoint_times(race_of(plan))
    half = np.log(times[c.HIGH] / times[c.ELAPSED])[0]
    assert half == pytest.approx(2.0 * np.log(plan.finish_interval_s[1] / plan.finish_s))


def test_a_place_passed_twice_has_two_times() -> None:
    there = np.arange(1, 301) * c.STEP_M
    lon_m = np.concatenate([there, there[-2::-1], [0.0]])  # 1.5 km out, and back
    course = make_course(np.full(600, 100.0), lon_m, Aid=500.0, Turn=1500.0, Base=0.0)
    times = waypoint_times(race_of(plan_from(course, make_prediction(np.full(600, 2.0)), BAND)))
    assert times[c.WAYPOINT].tolist() == ["Base", "Aid", "Turn", "Aid", "Base"]
    assert times[c.DISTANCE].tolist() == [0.0, 500.0, 1500.0, 2500.0, 3000.0]
    assert times[c.ELAPSED].tolist() == [0.0, 200.0, 600.0, 1000.0, 1200.0]


def test_a_waypoint_beside_the_course_keeps_its_distance_from_it() -> None:
    plan = flat_plan(400, Far=2600.0)
    assert waypoint_times(race_of(plan))[c.AWAY].tolist() == pytest.approx([600.0])


def test_a_course_without_waypoints_has_empty_columns() -> None:
    assert {values.size for values in waypoint_times(race_of(flat_plan(200))).values()} == {0}

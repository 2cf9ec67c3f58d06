"""Given plans by hand, races with stops: arrivals are moving, stopping and standing, each in its place."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.athlete.results_level import Result
from lib.athlete.stopped_time import standing, standing_quantiles
from lib.core import schema as c
from lib.core.errors import InputError
from lib.course.heat_altitude import Conditions, duration_factor, heart_rate_factor
from lib.inference.cached_backend import recalling
from lib.plan.moving_plan import plan_from
from lib.plan.race_plan import RacePlan, plan_race, stopping, stops_ahead
from lib.race.clock import parse_start
from lib.race.config import RaceConfig
from lib.race.stations import Station
from lib.recordings.align import Followed
from tests.support.plans import BAND, flat_plan, make_course, make_prediction
from tests.support.races import HABITS_S, UNHURRIED, course_of, known_bundle, race_of, shipped

KM_STEP = 199
"""The step that ends at 1 km."""
PLAN = flat_plan(500)  # 2.5 km at 2 s for 5 m: 1,000 s


def with_stations(*stations: Station) -> RaceConfig:
    return replace(UNHURRIED, stations=stations)


# --- stops -------------------------------------------------------------------------------------------------------
def test_without_stops_a_race_is_the_moving() -> None:
    race = race_of(PLAN)
    np.testing.assert_array_equal(race.arrival_s, PLAN.columns[c.ELAPSED])
    assert race.finish_s == 1_000.0
    assert race.finish_interval_s == pytest.approx(PLAN.finish_interval_s)


def test_a_stop_delays_what_comes_after_it_and_not_the_arrival_there() -> None:
    race = race_of(PLAN, with_stations(Station("Hut", 1_000.0, 60.0)))
    assert race.arrival_s[[KM_STEP, KM_STEP + 1, -1]].tolist() == [400.0, 462.0, 1_060.0]
    assert race.planned_stop_s == 60.0
    low_s, high_s = PLAN.finish_interval_s
    assert race.finish_interval_s == pytest.approx((low_s + 60.0, high_s + 60.0))


def test_stops_at_the_same_step_add_up() -> None:
    race = race_of(PLAN, with_stations(Station("Hut", 999.0, 60.0), Station("Tap", 1_001.0, 20.0)))
    assert race.arrival_s[[KM_STEP, KM_STEP + 1]].tolist() == [400.0, 482.0]


@pytest.mark.parametrize("metres", [0.0, 2.0, 2_499.0, 2_500.0, 90_000.0])
def test_a_stop_at_the_start_or_the_finish_delays_nothing(metres: float) -> None:
    config = with_stations(Station("Line", metres, 600.0))
    race = race_of(PLAN, config)
    assert stopping(config, PLAN.course) == ()
    np.testing.assert_array_equal(race.arrival_s, PLAN.columns[c.ELAPSED])
    assert race.planned_stop_s == 0.0


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 3_000), st.floats(0, 4_000)), max_size=8),
    st.one_of(st.none(), st.floats(0, 5_000)),
)
def test_a_race_is_the_sum_of_its_parts_and_never_runs_backwards(
    stops: list[tuple[float, float]], standing_s: float | None
) -> None:
    stations = tuple(Station("x", metres, stop_s) for metres, stop_s in sorted(stops))
    race = race_of(PLAN, RaceConfig(stations=stations, standing_s=standing_s), known_bundle())
    assert np.all(np.diff(race.arrival_s, prepend=0.0) > 0)
    inside = sum(stop_s for metres, stop_s in stops if 2.5 < metres < 2_497.5)
    assert race.finish_s == pytest.approx(PLAN.finish_s + inside + race.standing.expected_s, abs=1e-6)
    low_s, high_s = race.interval(np.arange(500))
    assert np.all(np.diff(low_s) > 0) and np.all(np.diff(high_s) > 0) and np.all(low_s < high_s)


# --- standing ----------------------------------------------------------------------------------------------------
def test_standing_that_is_said_is_spread_over_the_moving_time() -> None:
    duration_s = np.where(np.arange(500) < 250, 1.0, 3.0)
    plan = plan_from(make_course(np.full(500, 9.0)), make_prediction(duration_s), BAND)
    race = race_of(plan, RaceConfig(standing_s=100.0))
    assert race.arrival_s[[249, 499]].tolist() == [275.0, 1_100.0]
    assert (race.standing.low_s, race.standing.high_s) == (100.0, 100.0)


def test_standing_by_habit_is_that_of_past_runs() -> None:
    race = race_of(PLAN, RaceConfig(), known_bundle())
    habit = shipped()[1].prior.standing
    expected = standing(HABITS_S, habit, 1_000.0)
    levels = (np.arange(40) + 0.5) / 40
    assert race.standing.expected_s == pytest.approx(standing_quantiles(HABITS_S, habit, 1_000.0, levels).mean())
    assert race.standing.low_s == pytest.approx(expected.low_s, rel=0.05, abs=0.5)
    assert race.standing.high_s == pytest.approx(expected.high_s, rel=0.05)
    assert race.finish_s == pytest.approx(1_000.0 + race.standing.expected_s)
    low_s, high_s = PLAN.finish_interval_s
    assert race.finish_interval_s[0] > low_s and race.finish_interval_s[1] > high_s


def test_planned_stops_take_the_place_of_habits() -> None:
    free = race_of(PLAN, RaceConfig(), known_bundle())
    stations = (Station("Hut", 1_000.0, 9_000.0),)
    planned = race_of(PLAN, RaceConfig(stations=stations), known_bundle())
    assert free.standing.expected_s > 10.0
    assert planned.standing.expected_s == planned.standing.high_s == 0.0


# --- chances -----------------------------------------------------------------------------------------------------
def test_chances_at_a_place_are_those_of_its_interval() -> None:
    race = race_of(PLAN, RaceConfig(stations=(Station("Hut", 1_000.0, 60.0),)), known_bundle())
    step = np.array([10, KM_STEP, KM_STEP + 1, 499])
    low_s, high_s = race.interval(step)
    assert race.chance(low_s, step) == pytest.approx(np.full(4, 0.1), abs=1e-4)
    assert race.chance(high_s, step) == pytest.approx(np.full(4, 0.9), abs=1e-4)
    assert race.finish_interval_s == (low_s[-1], high_s[-1])


# --- heat, altitude, effort --------------------------------------------------------------------------------------
def test_conditions_change_the_time_of_each_step_and_are_said() -> None:
    altitude_m = np.linspace(1_000.0, 3_000.0, 500)
    plan = plan_from(make_course(altitude_m), make_prediction(np.full(500, 2.0)), BAND)
    conditions = Conditions(temperature_c=30.0, usual_altitude_m=1_000.0)
    race = race_of(plan, replace(UNHURRIED, conditions=conditions))
    expected_s = 2.0 * duration_factor(conditions, plan.course.columns[c.ALTITUDE])
    np.testing.assert_allclose(race.plan.columns[c.DURATION], expected_s, atol=0.002)
    # Rounded one by one, 500 steps could be off by a quarter of a second.
    assert race.plan.finish_s == pytest.approx(expected_s.sum(), abs=0.001)
    bpm = heart_rate_factor(conditions) * plan.columns[c.HEART_RATE]  # the heat raises it
    np.testing.assert_allclose(race.plan.columns[c.HEART_RATE], bpm)
    assert ["Temperature 30" in race.adjusted[0], "Altitude 1" in race.adjusted[1]] == [True, True]
    assert race_of(plan).adjusted == ()


def test_steps_that_take_alike_are_not_all_rounded_to_the_same_side() -> None:
    plan = flat_plan(60_000)
    race = race_of(plan, replace(UNHURRIED, conditions=Conditions(temperature_c=19.0)))
    assert race.plan.finish_s == pytest.approx(120_000.0 * (1 + 1.5 * 0.0035), abs=0.001)


def test_an_effort_is_faster_the_harder_it_is() -> None:
    backend, bundle = shipped()
    course = course_of("powell_valley_5km")
    races = [plan_race(backend, bundle, course, RaceConfig(effort=e)) for e in ("easy", "steady", "race", "usual")]
    assert races[0].finish_s > races[1].finish_s > races[2].finish_s
    assert races[0].mean_heart_rate_bpm < races[1].mean_heart_rate_bpm < races[2].mean_heart_rate_bpm
    assert [r.effort for r in races] == [getattr(bundle.prior.effort, e) for e in ("easy", "steady", "race")] + [None]
    assert len({r.usual_heart_rate_bpm for r in races}) == 1
    assert races[3].usual_heart_rate_bpm == pytest.approx(races[3].mean_heart_rate_bpm, abs=5)


def test_a_heart_rate_is_an_effort_too() -> None:
    backend, bundle = shipped()
    for name in ("powell_valley_5km", "jacksboro_17_8km"):
        race = plan_race(backend, bundle, course_of(name), RaceConfig(effort="160"))
        assert race.mean_heart_rate_bpm == pytest.approx(160.0, abs=1e-6)  # asked and shown: a mean over time


def test_an_effort_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="'fast'"):
        race_of(PLAN, replace(UNHURRIED, effort="fast"))


# --- clocks ------------------------------------------------------------------------------------------------------
def test_clocks_run_on_through_the_night_in_which_they_change() -> None:
    race = race_of(flat_plan(9_000), replace(UNHURRIED, start=parse_start("2026-10-25T00:30", "Europe/Paris")))
    end = race.clock(race.finish_s)
    assert end is not None and race.finish_s == 18_000.0
    assert end.isoformat() == "2026-10-25T04:30:00+01:00"
    assert race_of(PLAN).clock(5.0) is None


# --- on the way --------------------------------------------------------------------------------------------------
def test_what_is_done_stays_and_the_rest_follows_it() -> None:
    plan = replace(flat_plan(500), done=100)
    stop_s = np.zeros(500)
    stop_s[49] = 30.0  # stood at 250 m
    stations = (Station("Behind", 400.0, 600.0), Station("Ahead", 1_000.0, 60.0))
    so_far = SimpleNamespace(steps=100, columns={c.STOP: stop_s}, after_s=0.0, start_unix_s=None)
    with patch("lib.plan.race_plan.forecast", return_value=plan):
        config = RaceConfig(stations=stations, standing_s=50.0)
        race = plan_race(lambda *_: {}, shipped()[1], plan.course, config, so_far)  # type: ignore[arg-type]
    assert race.arrival_s[[0, 99]].tolist() == [2.0, 230.0]
    # Of 50 s of other stops for the whole run a fifth belongs to the fifth that is done.
    assert race.arrival_s[KM_STEP] == pytest.approx(400.0 + 30.0 + 40.0 * 200.0 / 800.0)
    assert race.finish_s == pytest.approx(1_000.0 + 30.0 + 60.0 + 40.0)


@pytest.mark.parametrize(
    ("done", "stood_s", "after_s", "left"),
    [
        (49, 0.0, 0.0, {49: 60.0, KM_STEP: 90.0}),  # a step before the station
        (50, 0.0, 0.0, {49: 60.0, KM_STEP: 90.0}),  # just there
        (50, 25.0, 0.0, {49: 35.0, KM_STEP: 90.0}),  # there, some of the stop is done
        (50, 25.0, 20.0, {49: 15.0, KM_STEP: 90.0}),
        (60, 70.0, 0.0, {KM_STEP: 90.0}),
        (61, 0.0, 0.0, {KM_STEP: 90.0}),  # past it, without a stop
        (300, 0.0, 0.0, {}),
    ],
)
def test_stops_that_are_behind_are_planned_no_more(
    done: int, stood_s: float, after_s: float, left: dict[int, float]
) -> None:
    stations = (Station("Behind", 250.0, 60.0), Station("Ahead", 1_000.0, 90.0))
    config = RaceConfig(stations=stations, standing_s=0.0)
    stop_s = np.zeros(done)
    stop_s[min(48, done - 1)] = stood_s
    so_far = SimpleNamespace(steps=done, columns={c.STOP: stop_s}, after_s=after_s)
    assert stops_ahead(config, PLAN.course) == {49: 60.0, KM_STEP: 90.0}
    assert stops_ahead(config, PLAN.course, so_far) == left  # type: ignore[arg-type]


def run_to_plan(race: RacePlan, done: int) -> Followed:
    """The first steps, run exactly as planned: planned stops begin where the station is reached."""
    columns = {name: race.plan.columns[name][:done] for name in c.TARGETS}
    stop_s = np.diff(race.waited_s + race.share * race.standing.expected_s, prepend=0.0)[:done]
    return Followed(columns | {c.STOP: stop_s}, np.zeros(done), race.course.steps)


@pytest.mark.parametrize("results", [(), (Result(2025.5, 50.0, 1_800.0, time_s=21_600.0),)])
def test_to_plan_nothing_changes_for_who_has_no_recorded_runs(results: tuple[Result, ...]) -> None:
    backend, bundle = recalling(shipped()[0]), shipped()[1]
    course, config = course_of("jacksboro_17_8km"), RaceConfig(results=results)
    before = plan_race(backend, bundle, course, config)
    now = plan_race(backend, bundle, course, config, run_to_plan(before, 2_000))
    np.testing.assert_allclose(now.arrival_s, before.arrival_s, atol=1.0)
    assert np.ptp(now.finish_interval_s) < 0.3 * np.ptp(before.finish_interval_s)


def test_results_beside_recorded_runs_and_a_recording_so_far_are_refused() -> None:
    so_far = SimpleNamespace(steps=100, columns={c.STOP: np.zeros(500)}, after_s=0.0, start_unix_s=None)
    config = RaceConfig(results=(Result(2025.5, 50.0, 1_800.0, time_s=21_600.0),))
    with pytest.raises(InputError, match="results and a recording"):
        plan_race(lambda *_: {}, known_bundle(), PLAN.course, config, so_far)  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize("effort", ["usual", "race"])
@pytest.mark.parametrize("standing_s", [None, 600.0])
def test_if_all_went_to_plan_the_plan_does_not_change(standing_s: float | None, effort: str) -> None:
    """Before and after a planned stop of 15 minutes, and at the station, with habits of ten minutes an hour."""
    backend = recalling(shipped()[0])
    bundle = known_bundle(standing_at_one_hour_s=(600,) * 15)
    course = course_of("jacksboro_17_8km")
    config = RaceConfig(stations=(Station("Aid", 8_000.0, 900.0),), standing_s=standing_s, effort=effort)
    before = plan_race(backend, bundle, course, config)
    for km in (1.0, 7.9, 8.0, 8.1, 12.0, 17.0):
        done = round(200 * km)
        now = plan_race(backend, bundle, course, config, run_to_plan(before, done))
        assert now.finish_s == pytest.approx(before.finish_s, abs=2.0), km
        # The network hears of times that add up to the plan's, before it hears of its own: a few seconds in hours.
        np.testing.assert_allclose(now.arrival_s, before.arrival_s, atol=4.0)
        low_s, high_s = before.finish_interval_s
        assert np.ptp(now.finish_interval_s) < high_s - low_s


def test_time_that_passes_at_the_end_of_the_recording_counts() -> None:
    backend, bundle = shipped()
    course = course_of("powell_valley_5km")
    before = plan_race(backend, bundle, course, UNHURRIED)
    so_far = run_to_plan(before, 400)
    now, later = (plan_race(backend, bundle, course, UNHURRIED, x) for x in (so_far, replace(so_far, after_s=300.0)))
    assert later.finish_s - now.finish_s == pytest.approx(300.0)
    assert np.array_equal(later.arrival_s[:400], now.arrival_s[:400])


def test_on_the_way_heat_is_in_what_happened_already() -> None:
    so_far = SimpleNamespace(steps=100, columns={c.STOP: np.zeros(500)}, after_s=0.0, start_unix_s=None)
    config = RaceConfig(standing_s=0.0, conditions=Conditions(temperature_c=35.0))
    hot = race_of(PLAN, config)
    with patch("lib.plan.race_plan.forecast", return_value=replace(PLAN, done=100)):
        on_the_way = plan_race(lambda *_: {}, shipped()[1], PLAN.course, config, so_far)  # type: ignore[arg-type]
    assert hot.adjusted and hot.finish_s > 1_000.0
    assert on_the_way.adjusted == () and on_the_way.finish_s == 1_000.0


def test_clocks_are_counted_from_the_start_that_was_recorded() -> None:
    """Three minutes late over the line: cut-offs stay where they are on the clock."""
    start = parse_start("2026-06-20T07:00", "Europe/Paris")
    config = replace(UNHURRIED, start=start, stations=(Station("Hut", 1_000.0, 0.0, 600.0),))

    def from_there(late_s: float, config: RaceConfig) -> RacePlan:
        columns = {c.DURATION: np.full(100, 2.0), c.STOP: np.zeros(100)}
        columns |= {name: np.full(100, np.nan) for name in (c.HEART_RATE, c.CADENCE)}
        so_far = Followed(columns, np.zeros(100), 500, start_unix_s=start.timestamp() + late_s)
        with patch("lib.plan.race_plan.forecast", return_value=replace(PLAN, done=100)):
            return plan_race(lambda *_: {}, shipped()[1], PLAN.course, config, so_far)  # type: ignore[arg-type]

    late = from_there(180.0, config)
    assert late.start is not None and (late.start - start).total_seconds() == 180.0
    assert late.start.tzinfo is start.tzinfo and late.config.stations[0].cutoff_s == 420.0
    open_start = from_there(180.0, UNHURRIED)
    assert open_start.start == late.start
    years_later = from_there(5e8, config)
    assert years_later.start == start and years_later.config == config
    assert years_later.recorded_start is not None and years_later.recorded_start.year > 2040

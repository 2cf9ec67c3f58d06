"""Given race plans made by hand: lib/report/export/timeline.py says where the runner is when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from lib.core import schema as c
from lib.core.errors import InputError
from lib.core.gpx import instants
from lib.race.config import RaceConfig
from lib.race.stations import Station
from lib.report.export.timeline import MAX_POINTS, for_watch, itinerary, known_start
from tests.support.plans import DEGREE_M, flat_plan
from tests.support.races import known_bundle, race_of

STOP = RaceConfig(stations=(Station("Hut", 250.0, 60.0),), standing_s=0.0)


def test_it_begins_at_the_start_and_ends_at_the_finish() -> None:
    way = itinerary(race_of(flat_plan(100, 2.0)))
    assert way.race_s[[0, 1, -1]].tolist() == [0.0, 2.0, 200.0]
    assert way.distance_m[[0, 1, -1]].tolist() == [0.0, 5.0, 500.0]
    # The start has no row in a course: a step before the first, straight on.
    assert way.lon[0] == pytest.approx(0.0, abs=1e-12) and way.lon[1] * DEGREE_M == pytest.approx(5.0)
    assert way.speed_m_s[1:] == pytest.approx(2.5) and way.speed_m_s[0] == 0.0


def test_a_stop_is_an_arrival_and_a_departure() -> None:
    way = itinerary(race_of(flat_plan(100, 2.0), STOP))
    assert way.race_s.size == 102
    assert way.place[50:52].tolist() == [50, 50]
    assert way.race_s[50:53].tolist() == [100.0, 160.0, 162.0]
    assert way.speed_m_s[51] == 0.0 and way.speed_m_s[52] == pytest.approx(2.5)
    assert np.all(np.diff(way.race_s) > 0)


def test_fewer_points_keep_stops_stations_start_and_finish() -> None:
    config = RaceConfig(stations=(Station("Tap", 155.0), Station("Hut", 255.0, 60.0)), standing_s=0.0)
    way = itinerary(race_of(flat_plan(100, 2.0), config), 30)
    assert way.place.tolist() == [0, 30, 31, 51, 51, 60, 90, 100]
    assert way.race_s[-1] == 260.0


def test_a_watch_gets_a_point_every_10_m_and_no_more_than_it_bears() -> None:
    assert for_watch(race_of(flat_plan(101, 2.0))).distance_m.tolist() == [*range(0, 510, 10), 505]
    assert for_watch(race_of(flat_plan(4 * MAX_POINTS, 2.0))).place.size == MAX_POINTS + 1


def test_intervals_between_are_those_at_each_step() -> None:
    stations = (Station("Hut", 2_000.0, 300.0), Station("Tap", 5_120.0, 60.0))
    race = race_of(flat_plan(1_500, 2.0), RaceConfig(stations=stations), known_bundle())
    for ours, exact in zip(race.step_interval_s, race.interval(np.arange(1_500)), strict=True):
        np.testing.assert_allclose(ours, exact, atol=1.0)


def test_on_the_way_what_is_done_is_sure() -> None:
    race = race_of(replace(flat_plan(500, 2.0), done=0))
    low_s, high_s = race.step_interval_s
    assert np.all(low_s < race.arrival_s) and np.all(race.arrival_s < high_s)


def test_instants_are_utc_to_the_millisecond() -> None:
    start = datetime(2026, 6, 20, 23, 59, 59, tzinfo=UTC)
    assert instants(start, np.array([0.0, 1.2345])) == ["2026-06-20T23:59:59.000Z", "2026-06-21T00:00:00.234Z"]


def test_times_of_day_need_a_start() -> None:
    race = race_of(flat_plan(100))
    with pytest.raises(InputError, match="GPX tells times of day"):
        known_start(race, "GPX")
    assert race.course.columns[c.DISTANCE][-1] == 500.0

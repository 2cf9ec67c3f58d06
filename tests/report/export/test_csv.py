"""Given race plans: the CSV and GPX of lib/report/export/csv.py are read back by others as they were meant."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import gpxpy
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.core import schema as c
from lib.core.errors import InputError
from lib.course.course import Waypoint, load_course, read_course
from lib.plan.moving_plan import PLAN_COLUMNS, plan_from
from lib.race.config import RaceConfig
from lib.race.stations import Station, stations_from_waypoints
from lib.report.export.csv import legs_csv, steps_csv
from lib.report.export.gpx import gpx_bytes
from tests.support.plans import BAND, DEGREE_M, flat_plan, make_course, make_prediction
from tests.support.races import race_of

ROOT = Path(__file__).resolve().parents[3]
START = datetime(2026, 6, 20, 5, 30, tzinfo=UTC)
AT_FIVE_THIRTY = RaceConfig(start=START, standing_s=0.0)


def read(content: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(content))


# --- CSV ---------------------------------------------------------------------------------------------------------
def test_the_csv_has_a_row_for_every_step_and_units_in_its_head() -> None:
    course = load_course(ROOT / "data" / "courses" / "jacksboro_17_8km.gpx")
    duration_s = np.random.default_rng(0).uniform(1.5, 6, len(course.table))
    race = race_of(plan_from(course, make_prediction(duration_s, 141.23), BAND))
    table = read(steps_csv(race))
    assert tuple(table.columns) == (*PLAN_COLUMNS, c.ARRIVAL, c.ARRIVAL_LOW, c.ARRIVAL_HIGH)
    assert all(name.endswith(("_m", "_s", "_bpm", "_rpm", "_min_per_km")) for name in table.columns)
    assert len(table) == 3560
    np.testing.assert_allclose(table[list(PLAN_COLUMNS)], race.plan.steps, atol=0.0501)
    assert table[c.ELAPSED].iloc[-1] == pytest.approx(race.plan.finish_s, abs=0.0005)
    assert table[c.DURATION].sum() == pytest.approx(race.plan.finish_s, abs=0.01)


def test_arrivals_of_steps_have_stops_in_them_and_intervals_around_them() -> None:
    config = replace(AT_FIVE_THIRTY, stations=(Station("Hut", 500.0, stop_s=120.0),))
    race = race_of(flat_plan(400, 2.0), config)
    table = read(steps_csv(race))
    np.testing.assert_allclose(table[c.ARRIVAL], race.arrival_s, atol=0.051)
    assert table[c.ARRIVAL].iloc[99] == 200.0 and table[c.ARRIVAL].iloc[100] == 322.0
    low_s, high_s = race.interval(np.arange(400))
    np.testing.assert_allclose(table[c.ARRIVAL_LOW], low_s, atol=1.0)
    np.testing.assert_allclose(table[c.ARRIVAL_HIGH], high_s, atol=1.0)
    clocks = [datetime.fromisoformat(text) for text in table[c.ARRIVAL_CLOCK]]
    assert clocks[99] == START + timedelta(seconds=200) and clocks[-1] == START + timedelta(seconds=920)


def test_legs_have_stops_and_cutoffs_and_nothing_where_there_is_none() -> None:
    stations = (Station("Hut", 500.0, 120.0, 600.0), Station("Tap", 1000.0))
    table = read(legs_csv(race_of(flat_plan(400, 2.0), replace(AT_FIVE_THIRTY, stations=stations))))
    assert table[c.WAYPOINT].tolist() == ["Hut", "Tap", "Finish"]
    assert table[c.PLANNED_STOP].tolist() == [120.0, 0.0, 0.0]
    assert table[c.DEPARTURE].tolist() == [320.0, 520.0, 920.0]
    assert table[c.MARGIN].iloc[0] == 280.0 and table[c.MARGIN].iloc[1:].isna().all()
    clocks = [
        datetime.fromisoformat(table[name].iloc[0]) for name in (c.ARRIVAL_CLOCK, c.DEPARTURE_CLOCK, c.CUTOFF_CLOCK)
    ]
    assert clocks == [START + timedelta(seconds=s) for s in (200, 320, 600)]
    assert table[c.CUTOFF_CLOCK].iloc[1:].isna().all()
    assert not {name for name in read(legs_csv(race_of(flat_plan(400)))).columns if name.endswith("_clock")}


def test_clocks_are_told_in_the_zone_of_the_start_to_the_nearest_second() -> None:
    start = datetime(2026, 10, 25, 2, 59, 30, tzinfo=ZoneInfo("Europe/Paris"))  # half a minute later it is 2:00 again
    table = read(steps_csv(race_of(flat_plan(200, 2.25), RaceConfig(start=start, standing_s=0.0))))
    assert table[c.ARRIVAL_CLOCK].iloc[0] == "2026-10-25T02:59:32+02:00"
    assert table[c.ARRIVAL_CLOCK].iloc[18] == "2026-10-25T02:00:13+01:00"  # 42.75 s


@pytest.mark.parametrize(
    "name", ["=1+1", "+x", "-x", "@SUM(A1)", "\uff1d1+1", "\uff0bx", "\uff0dx", "\uff20x", "\ufe66x"]
)
def test_a_name_is_no_formula(name: str) -> None:
    config = RaceConfig(stations=(Station(name, 500.0),), standing_s=0.0)
    assert read(legs_csv(race_of(flat_plan(400), config)))[c.WAYPOINT].iloc[0] == f"'{name}"


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20))
def test_any_name_is_one_cell(name: str) -> None:
    config = RaceConfig(stations=(Station(name, 500.0),), standing_s=0.0)
    table = pd.read_csv(io.BytesIO(legs_csv(race_of(flat_plan(200), config))), keep_default_na=False, dtype=str)
    assert table[c.WAYPOINT].iloc[0] in (name, f"'{name}")
    assert len(table) == 2


# --- GPX ---------------------------------------------------------------------------------------------------------
def test_the_gpx_has_the_time_of_every_point() -> None:
    race = race_of(flat_plan(200, 2.0, Hut=500.0), AT_FIVE_THIRTY)
    parsed = gpxpy.parse(gpx_bytes(race).decode())
    points = parsed.tracks[0].segments[0].points
    assert len(points) == 201
    assert points[0].time == START and points[-1].time == START + timedelta(seconds=400)
    expected = race.course.columns[c.LONGITUDE].tolist()
    assert [point.longitude for point in points[1:]] == pytest.approx(expected, abs=1e-7)
    assert [w.name for w in parsed.waypoints] == ["Hut", "Finish"]
    assert [element.text for element in points[0].extensions[0]] == ["140", "80"]


def test_a_stop_is_two_points_in_one_place() -> None:
    config = replace(AT_FIVE_THIRTY, stations=(Station("Hut", 500.0, stop_s=60.0),))
    parsed = gpxpy.parse(gpx_bytes(race_of(flat_plan(200, 2.0), config)).decode())
    points = parsed.tracks[0].segments[0].points
    assert len(points) == 202
    arrives, leaves = points[100], points[101]
    assert (arrives.latitude, arrives.longitude) == (leaves.latitude, leaves.longitude)
    assert (leaves.time - arrives.time).total_seconds() == 60.0
    assert points[-1].time == START + timedelta(seconds=460)
    hut = parsed.waypoints[0]
    assert hut.name == "Hut" and "0:03:20 (05:33)" in hut.description and "stop 1 min" in hut.description


def test_gpx_without_a_start_is_refused() -> None:
    with pytest.raises(InputError, match="no start"):
        gpx_bytes(race_of(flat_plan(200)))


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=40))
def test_any_name_makes_a_gpx_that_is_read_again(name: str) -> None:
    course = read_course(gpx_bytes(race_of(flat_plan(200, 2.0, **{name or "x": 500.0}), AT_FIVE_THIRTY)))
    assert course.length_km == pytest.approx(1.0, abs=0.006)
    assert len(course.waypoints) == 2


def test_a_waypoint_keeps_its_place_and_words_and_tells_every_arrival() -> None:
    there_and_back_m = np.concatenate([np.arange(1, 201), np.arange(199, -1, -1)]) * c.STEP_M
    hut = Waypoint("Hut & <b>", 0.0001, 200.0 / DEGREE_M, 200.0, 11.0, "Shelter", "Key at the door")
    course = replace(make_course(np.full(400, 100.0), there_and_back_m), waypoints=(hut,))
    stations, _ = stations_from_waypoints(course, 60.0)
    assert [station.distance_m for station in stations] == [200.0, 1800.0]
    plan = plan_from(course, make_prediction(np.full(400, 2.0)), BAND)
    content = gpx_bytes(race_of(plan, replace(AT_FIVE_THIRTY, stations=stations)))
    place, finish = gpxpy.parse(content.decode()).waypoints
    assert (place.name, place.comment, place.type, place.latitude) == (hut.name, hut.description, hut.kind, hut.lat)
    assert "0:01:20 (05:31)" in place.description and "0:13:00 (05:43)" in place.description
    assert finish.name == "Finish"
    again, _ = stations_from_waypoints(read_course(content))
    assert [(s.name, round(s.distance_m, -1)) for s in again if s.name == hut.name] == [
        (hut.name, 200.0),
        (hut.name, 1800.0),
    ]

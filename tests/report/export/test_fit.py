"""FIT courses of race plans are read back as meant, by two other readers."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from typing import Any

import fitdecode
import numpy as np
import pytest
from garmin_fit_sdk import Decoder, Stream
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.core import schema as c
from lib.core.errors import InputError
from lib.plan.moving_plan import plan_from
from lib.plan.race_plan import RacePlan, plan_race
from lib.race.config import RaceConfig
from lib.race.stations import Station
from lib.report.export.cues import cue_names, cues
from lib.report.export.fit import fit_bytes
from lib.report.export.timeline import MAX_POINTS, NO_DATE
from tests.support.plans import BAND, flat_plan, make_course, make_prediction
from tests.support.races import course_of, race_of, shipped

START = datetime(2026, 6, 20, 5, 30, tzinfo=UTC)
SEMICIRCLES = 2**31 / 180.0


def decoded(content: bytes) -> dict[str, list[dict[str, Any]]]:
    """As the official SDK reads it: whole, and without an error."""
    assert Decoder(Stream.from_byte_array(bytearray(content))).check_integrity()
    messages, errors = Decoder(Stream.from_byte_array(bytearray(content))).read()
    assert errors == []
    return messages


def real_race() -> RacePlan:
    stations = (Station("Water tap", 5_000.0, 120.0), Station("Hut with food and a long name", 12_000.0, 300.0))
    backend, bundle = shipped()
    return plan_race(backend, bundle, course_of("jacksboro_17_8km"), RaceConfig(start=START, stations=stations))


def test_it_is_a_course_with_everything_a_watch_asks_for() -> None:
    race = real_race()
    said = decoded(fit_bytes(race))
    assert said["file_id_mesgs"][0]["type"] == "course"
    assert said["course_mesgs"][0] == {"sport": "running", "name": "Jacksboro 17.8…"}
    lap = said["lap_mesgs"][0]
    assert lap["start_time"] == START
    assert lap["total_elapsed_time"] == pytest.approx(race.finish_s, abs=0.001)
    assert lap["total_distance"] == 17_800.0
    assert (lap["total_ascent"], lap["total_descent"]) == (round(race.course.climb_m), round(race.course.descent_m))
    assert [(e["event"], e["event_type"]) for e in said["event_mesgs"]] == [
        ("timer", "start"),
        ("timer", "stop_disable_all"),
    ]
    assert said["event_mesgs"][1]["timestamp"] == START + timedelta(seconds=round(race.finish_s))


def test_its_points_are_where_and_when_the_plan_has_them() -> None:
    race = real_race()
    records = decoded(fit_bytes(race))["record_mesgs"]
    columns = dict(race.course.columns) | dict(race.plan.columns)
    stopped = 0
    for before, record in pairwise(records):
        stopped += record["distance"] == before["distance"]
        step = round(record["distance"] / c.STEP_M) - 1
        assert record["position_lat"] / SEMICIRCLES == pytest.approx(columns[c.LATITUDE][step], abs=1e-6)
        assert record["position_long"] / SEMICIRCLES == pytest.approx(columns[c.LONGITUDE][step], abs=1e-6)
        assert record["altitude"] == pytest.approx(columns[c.ALTITUDE][step], abs=0.11)
        assert record["heart_rate"] == pytest.approx(columns[c.HEART_RATE][step], abs=0.501)
        assert record["cadence"] == pytest.approx(columns[c.CADENCE][step], abs=0.501)
        assert record["timestamp"] >= before["timestamp"]
    assert stopped == 2
    arrivals_s = {r["distance"]: (r["timestamp"] - START).total_seconds() for r in reversed(records)}
    for step in (199, 1_999, 3_559):
        assert arrivals_s[(step + 1) * c.STEP_M] == pytest.approx(race.arrival_s[step], abs=0.51)


def test_stations_are_course_points_with_a_sign_and_a_short_name() -> None:
    race = real_race()
    told = decoded(fit_bytes(race))["course_point_mesgs"]
    points = [p for p in told if not str(p["type"]).endswith("category")]
    clocks = [f"{START + timedelta(seconds=float(race.arrival_s[step])):%H:%M}" for step in (999, 2_399, 3_559)]
    assert [(p["name"], p["type"]) for p in points] == [
        (f"Water tap {clocks[0]}", "water"),
        (f"Hut with… {clocks[1]}", "food"),
        (f"Finish {clocks[2]}", "generic"),
    ]
    assert [p["distance"] for p in points] == [5_000.0, 12_000.0, 17_800.0]
    assert points[0]["timestamp"] == START + timedelta(seconds=round(race.arrival_s[999]))


def test_another_reader_finds_the_same() -> None:
    content = fit_bytes(real_race())
    with fitdecode.FitReader(io.BytesIO(content), check_crc=fitdecode.CrcCheck.RAISE) as reader:
        frames = [f for f in reader if isinstance(f, fitdecode.FitDataMessage)]
    records = [f for f in frames if f.name == "record"]
    theirs = [r["timestamp"] for r in decoded(content)["record_mesgs"]]
    assert [f.get_value("timestamp") for f in records] == theirs
    assert [f.name for f in frames].count("course_point") == len(cues(real_race()))


def test_every_field_is_read_back_by_fitdecode() -> None:
    race = real_race()
    with fitdecode.FitReader(io.BytesIO(fit_bytes(race)), check_crc=fitdecode.CrcCheck.RAISE) as reader:
        frames = [f for f in reader if isinstance(f, fitdecode.FitDataMessage)]
    assert [name for name, _ in groupby(frames, lambda f: f.name)] == [
        "file_id", "course", "lap", "event", "record", "course_point", "event",
    ]  # fmt: skip
    last = [f for f in frames if f.name == "record"][-1]
    columns = dict(race.course.columns) | dict(race.plan.columns)
    assert last.get_value("timestamp") == START + timedelta(seconds=round(race.finish_s))
    assert last.get_value("distance") == 17_800.0
    assert last.get_value("altitude") == pytest.approx(columns[c.ALTITUDE][-1], abs=0.11)
    assert last.get_value("position_lat") / SEMICIRCLES == pytest.approx(columns[c.LATITUDE][-1], abs=1e-6)
    assert last.get_value("heart_rate") == pytest.approx(columns[c.HEART_RATE][-1], abs=0.501)
    assert last.get_value("cadence") == pytest.approx(columns[c.CADENCE][-1], abs=0.501)
    (lap,) = (f for f in frames if f.name == "lap")
    assert lap.get_value("total_timer_time") == pytest.approx(race.finish_s, abs=0.001)
    points = [f for f in frames if f.name == "course_point"]
    assert [f.get_value("name") for f in points] == cue_names(cues(race), 15)
    assert [str(f.get_value("type")).replace("_", " ") or "" for f in points] == [
        cue.kind or "generic" for cue in cues(race)
    ]


def test_180_degrees_east_are_180_degrees_west() -> None:
    race = race_of(flat_plan(200, 2.0))
    columns = dict(race.course.columns) | {c.LONGITUDE: np.full(200, 180.0)}
    race = replace(race, plan=replace(race.plan, course=replace(race.course, columns=columns)))
    said = decoded(fit_bytes(race))
    assert {record["position_long"] for record in said["record_mesgs"]} == {-(2**31)}


def test_without_a_start_it_has_a_neutral_date() -> None:
    said = decoded(fit_bytes(race_of(flat_plan(400, 2.0))))
    assert said["record_mesgs"][0]["timestamp"] == NO_DATE
    assert said["record_mesgs"][-1]["timestamp"] == NO_DATE + timedelta(seconds=800)


def test_a_long_course_has_no_more_points_than_watches_bear() -> None:
    steps = 3 * 2 * MAX_POINTS
    said = decoded(fit_bytes(race_of(flat_plan(steps, 1.5))))
    assert MAX_POINTS <= len(said["record_mesgs"]) + 2 <= MAX_POINTS + 5
    assert said["record_mesgs"][-1]["distance"] == steps * c.STEP_M


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=40))
def test_any_name_is_read_again(name: str) -> None:
    race = race_of(flat_plan(200, 2.0), RaceConfig(stations=(Station(name, 500.0),), standing_s=0.0))
    race = replace(race, plan=replace(race.plan, course=replace(race.course, name=name)))
    said = decoded(fit_bytes(race))
    point = said["course_point_mesgs"][0]["name"]
    assert point == f"{name} 0:03" or (len(name) > 9 and point == f"{name[:8].rstrip()}… 0:03")
    assert np.all(np.diff([r["distance"] for r in said["record_mesgs"]]) >= 0)


def test_old_watches_read_it_too() -> None:
    content = fit_bytes(race_of(flat_plan(200)))
    assert content[0] == 14 and content[1] == 0x10  # header with its own checksum, protocol 1.0


def test_what_a_field_cannot_hold_is_held_at_its_end() -> None:
    saw_m = np.abs(np.arange(80_000) * 2.0 % 800 - 400) - 600.0  # 77 km up in all, from 600 m below the sea
    said = decoded(fit_bytes(race_of(plan_from(make_course(saw_m), make_prediction(np.full(80_000, 0.1), 300), BAND))))
    assert said["lap_mesgs"][0]["total_ascent"] == 65_534
    assert min(record["altitude"] for record in said["record_mesgs"]) == -500.0
    assert {record["heart_rate"] for record in said["record_mesgs"]} == {254}
    assert said["record_mesgs"][10]["enhanced_speed"] == pytest.approx(50.0, abs=1.0)


@pytest.mark.parametrize("year", [1975, 1998, 2125])
def test_a_year_that_fit_cannot_tell_is_refused(year: int) -> None:
    config = RaceConfig(start=datetime(year, 6, 1, tzinfo=UTC), standing_s=0.0)
    with pytest.raises(InputError, match=str(year)):
        fit_bytes(race_of(flat_plan(200), config))

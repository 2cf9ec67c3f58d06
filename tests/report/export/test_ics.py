"""Given race plans: their calendars are read back by another library, as they were meant."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.core.errors import InputError
from lib.race.config import RaceConfig
from lib.race.stations import Station
from lib.report.export.ics import calendar_bytes
from tests.support.plans import flat_plan
from tests.support.races import race_of

START = datetime(2026, 6, 20, 5, 30, tzinfo=ZoneInfo("Europe/Paris"))
CONFIG = RaceConfig(start=START, stations=(Station("Aid 1", 5_000.0, 300.0, 4_000.0),), standing_s=0.0)


def events(content: bytes) -> list[vobject.base.Component]:
    return list(vobject.readOne(content.decode()).vevent_list)


def test_every_station_is_an_event_as_long_as_its_interval() -> None:
    race = race_of(flat_plan(2_000, 2.0), CONFIG)
    start, aid, finish = events(calendar_bytes(race))
    assert [e.summary.value for e in (start, aid, finish)] == ["Made up: start", "Aid 1 (km 5.0)", "Finish (km 10.0)"]
    assert start.dtstart.value == START.astimezone(UTC)
    low_s, high_s = (float(x[0]) for x in race.interval([999]))
    begin, end = aid.dtstart.value - START, aid.dtend.value - START
    # Calendars show minutes: the nearest.
    assert abs(begin - timedelta(seconds=low_s)) <= timedelta(seconds=30)
    assert abs(end - timedelta(seconds=high_s)) <= timedelta(seconds=30)
    said = aid.description.value
    assert "0:33:20 (06:03)" in said and "Planned stop 5 min" in said and "Cut-off after 1:06:40 (06:37)" in said
    assert aid.geo.value.startswith("0.0;0.04")


def test_the_same_race_has_the_same_identifiers() -> None:
    race = race_of(flat_plan(2_000, 2.0), CONFIG)
    slower = race_of(flat_plan(2_000, 2.5), CONFIG)
    ids = [[e.uid.value for e in events(calendar_bytes(x))] for x in (race, slower)]
    assert ids[0] == ids[1] and len(set(ids[0])) == 3


def test_two_runners_of_a_race_stand_side_by_side_and_a_station_more_moves_none() -> None:
    one = race_of(flat_plan(2_000, 2.0), CONFIG)
    more = race_of(flat_plan(2_000), replace(CONFIG, stations=(Station("Water", 2_000.0), *CONFIG.stations)))
    ids = [{e.uid.value for e in events(calendar_bytes(x))} for x in (one, replace(one, runner="other"), more)]
    assert not ids[0] & ids[1]
    assert ids[0] < ids[2]


def test_without_a_start_there_is_no_calendar() -> None:
    with pytest.raises(InputError, match="no start"):
        calendar_bytes(race_of(flat_plan(400)))


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=60))
def test_any_name_is_read_again(name: str) -> None:
    config = RaceConfig(start=START, stations=(Station(name, 5_000.0),), standing_s=0.0)
    assert events(calendar_bytes(race_of(flat_plan(2_000, 2.0), config)))[1].summary.value == f"{name} (km 5.0)"

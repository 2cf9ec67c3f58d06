from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from lib.core.errors import InputError
from lib.race.config import RaceConfig
from lib.race.stations import Station
from lib.race.stations_csv import stations_from_csv
from lib.report.crew import crew_table
from tests.support.plans import flat_plan
from tests.support.races import race_of

START = datetime(2026, 6, 20, 5, 30, tzinfo=ZoneInfo("Europe/Paris"))
NEAR = Station("Near", 4_000.0, drive_s=1200.0, note="bottles")
FAR = Station("Far", 6_000.0, drive_s=3600.0)
CONFIG = RaceConfig(start=START, stations=(NEAR, Station("None", 5_000.0), FAR), standing_s=0.0)


def test_the_crew_is_told_by_the_clock_when_to_leave_and_what_to_bring() -> None:
    table = crew_table(race_of(flat_plan(2_000, 4.0), CONFIG))
    assert table["station"] == ["Far", "Near"]  # an hour of driving: that one is left for first
    assert table["note"] == ["", "bottles"]
    assert table["drive"] == ["60 min", "20 min"]
    assert table["leave by"][0] < table["leave by"][1] < table["runner there"][1][:5]
    assert "cut-off" not in table


def test_without_a_drive_or_a_note_there_is_no_sheet() -> None:
    assert crew_table(race_of(flat_plan(400), replace(CONFIG, stations=()))) == {}


def test_a_csv_says_drives_and_notes() -> None:
    course = flat_plan(2_000).course
    (one,) = stations_from_csv("name,km,drive min,note,elevation\nHut,5,25,dry socks,900\n", course)
    assert (one.drive_s, one.note) == (1500.0, "dry socks")
    with pytest.raises(InputError, match="minutes"):
        stations_from_csv("name,km,drive_min\nHut,5,soon\n", course)

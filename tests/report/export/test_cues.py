"""Watches are told at stations when to be there, and at the foot of climbs how fast and how hard to climb."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lib.core import schema as c
from lib.course.course import read_course
from lib.plan.race_plan import RacePlan, plan_race
from lib.plan.splits import climbs
from lib.race.check_ins import CheckIn
from lib.race.clock import parse_start
from lib.race.config import RaceConfig, race_config
from lib.race.stations import Station
from lib.report.export.cues import Cue, climb_cues, cue_names, cues
from lib.report.export.fit import fit_bytes
from lib.report.export.gpx import gpx_bytes
from lib.report.export.tcx import tcx_bytes
from tests.support.long_race import BUNDLE, still
from tests.support.plans import make_course

HILLS = make_course(300.0 + 300.0 * np.sin(np.arange(8_000) / 400.0))  # 40 km
STATIONS = (Station("Courmayeur", 9_000.0, stop_s=120.0), Station("Hut", 22_000.0))
CONFIG = RaceConfig(start=parse_start("2026-06-20T06:00", "Europe/Paris"), stations=STATIONS)


@pytest.fixture(scope="module")
def race() -> RacePlan:
    return plan_race(still, BUNDLE, HILLS, CONFIG)


def test_climbs_and_stations_are_in_order_and_say_what_to_do(race: RacePlan) -> None:
    found, table = cues(race), climbs(race)
    assert [cue.place for cue in found] == sorted(cue.place for cue in found)
    assert [cue.name for cue in found if cue.name] == ["Courmayeur", "Hut", "Finish"]
    feet = [cue for cue in found if not cue.name]
    assert len(feet) == len(table[c.GAIN]) > 2
    whole = feet[1]
    rate, took_s = table[c.GAIN][1] / table[c.DURATION][1] * 3600.0, table[c.DURATION][1]
    assert whole.texts[0].startswith(f"{round(rate / 10.0) * 10} m/h {round(table[c.HEART_RATE][1])} bpm ")
    hours, minutes = divmod(round(took_s / 60.0), 60)
    assert whole.texts[0].endswith(f" {hours}:{minutes:02d}")
    assert whole.kind == "first category" and whole.race_s == pytest.approx(race.arrival_s[whole.place - 1])


@pytest.mark.parametrize("most", [10, 15, 60])
def test_names_fit_and_none_is_twice(race: RacePlan, most: int) -> None:
    found = cues(race)
    names = cue_names(found, most)
    assert len(set(names)) == len(names) and all(1 <= len(name) <= most for name in names)
    clock = f"{race.clock(found[[cue.name for cue in found].index('Hut')].race_s):%H:%M}"
    assert f"Hut {clock}" in names


def test_fast_climbs_lose_their_unit_before_their_number() -> None:
    texts = ("1050 m/h 145 bpm 1:42", "1050m/h 145 1:42", "1050/h 145 1:42", "1050m/h 145", "1050/h 145")
    cue = Cue(1, 0.0, 0.0, 0.0, 0.0, "first category", "", "", texts)
    assert [cue_names([cue], most)[0] for most in (60, 15, 10)] == [texts[0], texts[2], texts[4]]
    assert cue_names([cue, cue], 15) == [texts[2], texts[3]]


def test_on_the_day_climbs_behind_are_not_told(race: RacePlan) -> None:
    seen = CheckIn("Hut", 22_000.0, float(race.arrival_s[22 * 200 - 1]))
    day = plan_race(still, BUNDLE, HILLS, replace(CONFIG, check_ins=(seen,)))
    assert 0 < len(climb_cues(day)) < len(climb_cues(race))
    assert min(cue.km for cue in climb_cues(day)) >= 22.0


@pytest.mark.parametrize("make", [fit_bytes, tcx_bytes, gpx_bytes])
def test_climbs_are_no_stations_of_a_plan_of_that_file(race: RacePlan, make) -> None:  # type: ignore[no-untyped-def]
    again = read_course(make(race))
    assert len(race_config(again).stations) == 3
    assert any("turn cue" in repair for repair in again.repairs)

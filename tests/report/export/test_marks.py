"""Given race plans made by hand: lib/report/export/marks.py names their places, with signs, times and short names."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.course.course import Waypoint
from lib.race.config import RaceConfig
from lib.race.stations import Station
from lib.report.export.marks import Mark, mark_lines, marks, short_names
from tests.support.plans import DEGREE_M, flat_plan
from tests.support.races import race_of

START = datetime(2026, 6, 20, 5, 30, tzinfo=UTC)


def a_mark(name: str, kind: str = "") -> Mark:
    waypoint = Waypoint(name, 0.0, 0.0, 0.0, 0.0, kind) if kind else None
    return Mark(name, 1, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0, np.nan, np.nan, np.nan, waypoint)


@pytest.mark.parametrize(
    ("name", "kind", "sign"),
    [
        ("Aid 2", "", "food"),
        ("Fountain", "", "water"),
        ("Gipfel", "Summit", "summit"),
        ("Medical tent", "", "first aid"),
        ("First aid", "", "first aid"),
        ("Raid camp", "", ""),
        ("Plain", "Flag, Blue", ""),
        ("Steep", "Danger Area", "danger"),
    ],
)
def test_what_is_there_is_told_by_its_words(name: str, kind: str, sign: str) -> None:
    assert a_mark(name, kind).kind == sign


def test_stations_and_finish_have_their_times() -> None:
    config = RaceConfig(start=START, stations=(Station("Hut", 500.0, 60.0, 900.0),), standing_s=0.0)
    hut, finish = marks(race_of(flat_plan(400, 2.0), config))
    assert (hut.name, hut.km, hut.arrival_s, hut.stop_s, hut.margin_s) == ("Hut", 0.5, 200.0, 60.0, 640.0)
    assert hut.lon * DEGREE_M == pytest.approx(500.0)
    assert (finish.name, finish.km, finish.arrival_s) == ("Finish", 2.0, 860.0)
    race = race_of(flat_plan(400, 2.0), config)
    lines = mark_lines(race, hut)
    assert lines[0].startswith("Expected after 0:03:20 (05:33), 80% interval ")
    assert lines[1] == "Planned stop 1 min"
    assert lines[2].startswith("Cut-off after 0:15:00 (05:45): a margin of 11 min, a chance of ")
    assert len(mark_lines(race, finish)) == 1


def test_a_station_knows_the_waypoint_of_its_name_that_is_near() -> None:
    plan = flat_plan(400, 2.0, Hut=500.0)
    named = marks(
        race_of(plan, RaceConfig(stations=(Station("Hut", 500.0), Station("Other", 1_000.0)), standing_s=0.0))
    )
    assert [mark.waypoint is None for mark in named] == [False, True, True]
    far = replace(plan.course, waypoints=(Waypoint("Hut", 1.0, 0.0, 0.0, 0.0),))
    named = marks(race_of(replace(plan, course=far), RaceConfig(stations=(Station("Hut", 500.0),), standing_s=0.0)))
    assert named[0].waypoint is None


@given(st.lists(st.text(max_size=30), max_size=12), st.integers(5, 15))
def test_short_names_are_short_and_none_is_empty_or_twice(names: list[str], most: int) -> None:
    made = short_names(names, most)
    assert len(made) == len(names) == len(set(made))
    assert all(1 <= len(name) <= most and name.isprintable() for name in made)


def test_short_names_by_hand() -> None:
    assert short_names(["Aid station 1", "Aid station 2", "", "Hut"], 8) == ["Aid sta…", "Aid s… 2", "place", "Hut"]


def test_an_aid_station_named_after_a_peak_is_no_summit() -> None:
    plan = flat_plan(400, **{"Eagle Peak": 1_000.0})
    for stop_s, kind in ((0.0, "summit"), (300.0, "")):
        config = RaceConfig(standing_s=0.0, stations=(Station("Eagle Peak", 1_000.0, stop_s),))
        assert marks(race_of(plan, config))[0].kind == kind

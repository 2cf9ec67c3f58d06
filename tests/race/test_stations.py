"""Given waypoints, distances, hostile names: stations lie where they should, and nonsense is refused."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.core.errors import InputError
from lib.course.course import load_course
from lib.race.config import race_config
from lib.race.stations import (
    MAX_STATIONS,
    Station,
    metres_of,
    stations_at,
    stations_from_waypoints,
    tidy_name,
)
from tests.support.plans import make_course
from tests.support.races import COURSES, with_waypoints

COURSE = make_course(np.full(2000, 100.0))  # 10 km along the equator


# --- a station ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["", "x" * 61, "two\nlines", "bell\x07", "right\u202eleft", "\ud800"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="printable characters"):
        Station(name, 100.0)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("distance_m", -1.0),
        ("distance_m", np.nan),
        ("distance_m", 1.1e6),
        ("stop_s", -1.0),
        ("stop_s", np.inf),
        ("stop_s", 86_401.0),
        ("cutoff_s", -1.0),
        ("cutoff_s", np.nan),
        ("cutoff_s", 61 * 86_400.0),
    ],
)
def test_a_number_out_of_range_is_refused_by_its_name(field: str, value: float) -> None:
    with pytest.raises(InputError, match=field):
        Station(**({"name": "Hut", "distance_m": 100.0} | {field: value}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("metres", "step"), [(0.0, -1), (2.4, -1), (5.0, 0), (7.4, 0), (7.6, 1), (9_995.0, 1998), (1e4, 1999), (9e5, 1999)]
)
def test_a_station_lies_at_the_end_of_the_nearest_step(metres: float, step: int) -> None:
    assert Station("Hut", metres).last_step(2000) == step


@given(st.text(max_size=300))
def test_any_name_is_tidied_to_one_that_a_station_may_have(name: str) -> None:
    assert Station(tidy_name(name, "km 3"), 1.0).name


def test_tidying_keeps_a_good_name_and_shortens_a_long_one() -> None:
    assert tidy_name(" Refuge  du\tLac\n", "x") == "Refuge du Lac"
    assert tidy_name("=HYPERLINK(1)", "x") == "=HYPERLINK(1)"  # no spreadsheet reads it here
    assert tidy_name("x" * 61, "") == "x" * 59 + "…"
    assert tidy_name("\x00\u200b", "km 3") == "km 3"


# --- of waypoints ------------------------------------------------------------------------------------------------
def test_a_waypoint_is_a_station_where_the_course_is_nearest() -> None:
    found, left_out = stations_from_waypoints(with_waypoints(COURSE, ("Late", 7_000, 60), ("Early", 1_502, -20)), 120.0)
    assert found == (Station("Early", 1_500.0, 120.0), Station("Late", 7_000.0, 120.0))
    assert left_out == ()


def test_nobody_stops_at_the_start_or_the_finish() -> None:
    found, _ = stations_from_waypoints(
        with_waypoints(COURSE, ("Start", 0, 0), ("Hut", 5_000, 0), ("Home", 10_000, 0)), 60.0
    )
    assert [(s.name, s.distance_m, s.stop_s) for s in found] == [("Start", 0, 0), ("Hut", 5000, 60), ("Home", 10000, 0)]


def test_a_place_passed_twice_is_two_stations() -> None:
    out = np.arange(1, 1001) * 5.0
    back = make_course(np.full(2000, 100.0), np.concatenate([out, out[-2::-1], [0.0]]))
    found, _ = stations_from_waypoints(with_waypoints(back, ("Hut", 2_000, 10), ("Square", 0, 0)))
    assert [(s.name, s.distance_m) for s in found] == [("Square", 0), ("Hut", 2000), ("Hut", 8000), ("Square", 10000)]


def test_a_waypoint_far_from_the_course_is_left_out_and_said() -> None:
    found, left_out = stations_from_waypoints(with_waypoints(COURSE, ("Hotel", 3_000, 400), ("Hut", 3_000, 240)))
    assert [(s.name, s.stop_s, s.cutoff_s) for s in found] == [("Hut", 0.0, None)]
    assert left_out == ("waypoint Hotel: 400 m from the course, more than 250; left out",)


def test_of_many_far_waypoints_the_number_is_said() -> None:
    three = with_waypoints(COURSE, *((f"P{i}", 3_000, 400 + i) for i in range(3)))
    assert [text.split(":")[0] for text in stations_from_waypoints(three)[1]] == [f"waypoint P{i}" for i in range(3)]
    _, left_out = stations_from_waypoints(with_waypoints(COURSE, *((f"P{i}", 3_000, 400 + i) for i in range(9))))
    assert left_out == ("9 waypoints more than 250 m from the course left out",)


def test_a_waypoint_without_a_usable_name_is_called_one() -> None:
    found, _ = stations_from_waypoints(with_waypoints(COURSE, ("\x01", 3_000, 0)))
    assert found[0].name == "waypoint"


def test_more_waypoints_than_anybody_plans_with_are_refused_with_a_way_out() -> None:
    many = with_waypoints(COURSE, *((f"P{i}", 10.0 * i, 0) for i in range(MAX_STATIONS + 1)))
    with pytest.raises(InputError, match=r"201 waypoints; expected 200 .* or give a list of stations"):
        stations_from_waypoints(many)
    assert stations_at("5", many)  # such a list
    assert len(stations_from_waypoints(replace(many, waypoints=many.waypoints[1:]))[0]) == MAX_STATIONS


# --- of distances ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("text", ["8.5 2 5", "8.5;2;5", " 5,,8.5\n2 ", "2 2, 5 8.5 2.0"])
def test_distances_are_divided_by_commas_blanks_or_lines(text: str) -> None:
    found = stations_at(text, COURSE, 90.0)
    assert [(s.name, s.distance_m, s.stop_s) for s in found] == [
        ("km 2", 2000.0, 90.0),
        ("km 5", 5000.0, 90.0),
        ("km 8.5", 8500.0, 90.0),
    ]


def test_just_after_the_start_and_just_before_the_finish_a_stop_counts() -> None:
    """Steps end at 5 m and at 9,995 m; nearer than half a step is the line itself."""
    found = stations_at("0.002 0.005 9.995 9.998", COURSE, 90.0)
    assert [s.stop_s for s in found] == [0.0, 90.0, 90.0, 0.0]


def test_no_stop_is_made_of_a_distance_at_the_start_or_the_finish() -> None:
    assert [s.stop_s for s in stations_at("0 5 10", COURSE, 90.0)] == [0.0, 90.0, 0.0]


def test_a_sign_a_little_beyond_the_finish_is_at_the_finish() -> None:
    """2% and 100 m: 10.3 of 10 km."""
    assert metres_of("10.3", COURSE, "x") == 10_000.0
    with pytest.raises(InputError, match=r"km 10.31; expected 0 to 10.00"):
        metres_of("10.31", COURSE, "x")


@pytest.mark.parametrize("word", ["-1", "nan", "inf", "1e300", "four", "9" * 400])
def test_a_distance_that_is_none_is_refused(word: str) -> None:
    with pytest.raises(InputError):
        stations_at(f"3 {word}", COURSE)


def test_a_zero_with_a_sign_is_the_start() -> None:
    assert stations_at("-0", COURSE)[0].name == "km 0"


def test_a_decimal_comma_is_refused_with_the_remedy() -> None:
    with pytest.raises(InputError, match="Write decimals with a point"):
        metres_of("8,5", COURSE, "x")


def test_too_many_distances_are_refused_before_they_are_read() -> None:
    with pytest.raises(InputError, match="201 distances"):
        stations_at("x " * 201, COURSE)


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(max_size=60), st.text("0123456789 .,;-e_\n", max_size=60)))
def test_any_text_gives_stations_in_order_or_says_why_not(text: str) -> None:
    try:
        found = stations_at(text, COURSE, 30.0)
    except InputError:
        return
    metres = [s.distance_m for s in found]
    assert metres == sorted(metres) and all(0 <= m <= 10_000 for m in metres)


@pytest.mark.parametrize(
    ("text", "km"),
    [
        ("8,5; 17", [8.5, 17.0]),
        ("8.5;17", [8.5, 17.0]),
        ("8,5;17,2", [8.5, 17.2]),
        ("8.5, 17", [8.5, 17.0]),
        ("8,17", [8.0, 17.0]),
        ("8.5 17.2", [8.5, 17.2]),
    ],
)
def test_with_semicolons_a_comma_is_decimal(text: str, km: list[float]) -> None:
    course = make_course(np.full(4_000, 100.0))
    assert [station.distance_m / 1000.0 for station in stations_at(text, course)] == km


@pytest.mark.parametrize("text", ["8,5 17,2", "8,5 17", "5 8,5"])
def test_a_comma_that_may_be_decimal_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"a comma may be decimal.*semicolon"):
        stations_at(text, make_course(np.full(4_000, 100.0)))


# --- laps --------------------------------------------------------------------------------------------------------
def test_stations_of_the_first_lap_are_on_every_lap() -> None:
    loop = replace(COURSE, laps=4)  # of 2.5 km
    table = "name,km,stop_min,cutoff_after\nHut,1,3,\n,2,,\nGate,6,1,1:00\n"
    found = race_config(loop, stations=table).stations
    assert [(s.name, s.distance_m) for s in found] == [
        ("Hut", 1000.0), ("km 2", 2000.0), ("Lap", 2500.0), ("Hut", 3500.0), ("km 4.5", 4500.0), ("Lap", 5000.0),
        ("Gate", 6000.0), ("km 7", 7000.0), ("Lap", 7500.0), ("Hut", 8500.0), ("km 9.5", 9500.0),
    ]  # fmt: skip
    assert [s.stop_s for s in found if s.name == "Hut"] == [180.0] * 3
    assert [s.cutoff_s for s in found if s.cutoff_s is not None] == [3600.0]


def test_laps_whose_ends_do_not_meet_are_as_far_apart_as_they_are_run() -> None:
    loop = replace(COURSE, laps=4, lap_gap_m=120.0)  # the way from end to start is run three times
    found = [station.distance_m for station in race_config(loop, stations="1").stations]
    assert found == [1000.0, 2530.0, 3530.0, 5060.0, 6060.0, 7590.0, 8590.0]


def test_a_waypoint_that_every_lap_passes_is_not_copied_from_the_first_lap_too() -> None:
    course = load_course(COURSES / "powell_valley_5km.gpx", laps=6)
    found = race_config(course).stations
    assert sum(station.name == "Aid 1" for station in found) == 6
    ends = itertools.pairwise(station for station in found if station.name not in ("Start", "Finish"))
    assert all(b.distance_m - a.distance_m > 300.0 for a, b in ends)


def test_a_station_at_the_end_of_a_lap_is_there_after_every_lap() -> None:
    loop = replace(COURSE, laps=2)
    found = race_config(loop, stations="name,km,stop_min,cutoff_after\nBase,5,10,1:00\nTop,7.5,,\n").stations
    assert [(s.name, s.distance_m, s.cutoff_s) for s in found] == [("Base", 5000.0, 3600.0), ("Top", 7500.0, None)]
    many = replace(make_course(np.full(20_000, 100.0)), laps=70)
    with pytest.raises(InputError, match="stations on all laps"):
        race_config(many, stations="0.3, 0.6, 0.9")


def test_a_list_of_stations_is_in_miles_where_units_are_imperial() -> None:
    found = race_config(COURSE, stations="1, 2.5", units="imperial").stations
    assert [(s.name, round(s.distance_m)) for s in found] == [("mi 1", 1609), ("mi 2.5", 4023)]

"""Given places and days: lib/race/sun.py says what the U.S. Naval Observatory does, and finds the dark sections.

Expected times are those of the observatory's almanac, to the minute in UTC: https://aa.usno.navy.mil/data/api (rise,
set and transit for one day), for the date whose noon it is; "..." is an event of another date, not compared.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.core import schema as c
from lib.core.errors import InputError
from lib.course.course import load_course
from lib.race.sun import TWILIGHT_DEG, night_sections, sun_elevation_deg, sun_times

ALMANAC = [
    ("Oslo", 59.9139, 10.7522, date(2025, 6, 21), 0, "00:10 01:54 20:44 22:28"),
    ("Oslo", 59.9139, 10.7522, date(2025, 12, 21), 0, "07:21 08:18 14:12 15:10"),
    ("Oslo airport", 60.20, 11.08, date(2026, 3, 20), 0, "04:36 05:18 17:30 18:12"),
    ("London", 51.5074, -0.1278, date(2025, 6, 21), 0, "02:55 03:43 20:22 21:09"),
    ("Reykjavik", 64.1466, -21.9426, date(2025, 12, 21), 0, "10:03 11:22 15:30 16:49"),
    ("Quito", -0.1807, -78.4678, date(2025, 3, 20), -5, "10:57 11:18 23:24 23:45"),
    ("Washington", 38.8894, -77.0353, date(2024, 3, 5), -5, "11:07 11:34 23:06 23:32"),
    ("Ushuaia", -54.8019, -68.3030, date(2025, 12, 21), -3, "... 07:52 ... ..."),
    ("Sydney", -33.8688, 151.2093, date(2025, 9, 22), 10, "... ... 07:51 ..."),
    ("Sydney", -33.8688, 151.2093, date(2025, 9, 23), 10, "... 19:44 ... ..."),
    ("Tromsø", 69.68, 18.92, date(2026, 1, 15), 0, "07:58 10:33 11:15 13:50"),
    ("Tromsø", 69.68, 18.92, date(2026, 8, 24), 0, "00:59 02:27 19:03 20:29"),
    ("Tromsø, polar night", 69.68, 18.92, date(2026, 12, 21), 0, "08:32 - - 12:53"),
    ("70 N, polar night", 70.0, 0.0, date(2025, 12, 21), 0, "09:55 - - 14:02"),
    ("70 N, polar day", 70.0, 0.0, date(2025, 6, 21), 0, "- - - -"),
    ("70 N, last day with a sunset", 70.0, 0.0, date(2025, 5, 15), 0, "- 00:37 23:37 -"),
    ("70 N, polar day over", 70.0, 0.0, date(2025, 7, 29), 0, "- 00:57 23:05 -"),
    ("70 N, last full day", 70.0, 0.0, date(2025, 11, 24), 0, "... 11:14 12:19 ..."),
    ("70 N, polar night begins", 70.0, 0.0, date(2025, 11, 25), 0, "... - - ..."),
    ("70 N, polar night ends", 70.0, 0.0, date(2026, 1, 17), 0, "... 11:41 12:40 ..."),
    ("Svalbard, dark", 78.25, 15.5, date(2026, 12, 21), 0, "- - - -"),
]


@pytest.mark.parametrize(("place", "lat", "lon", "day", "hours", "times"), ALMANAC)
def test_times_are_those_of_the_almanac(place: str, lat: float, lon: float, day: date, hours: int, times: str) -> None:
    sun = sun_times(lat, lon, day, timezone(timedelta(hours=hours)))
    for found, expected in zip((sun.dawn, sun.sunrise, sun.sunset, sun.dusk), times.split(), strict=True):
        if expected == "-":
            assert found is None
        elif expected != "...":
            assert found is not None
            assert found.utcoffset() == timedelta(hours=hours)
            minute = datetime.strptime(expected, "%H:%M").replace(tzinfo=UTC)
            at = found.astimezone(UTC)
            off = timedelta(hours=at.hour, minutes=at.minute, seconds=at.second) - timedelta(
                hours=minute.hour, minutes=minute.minute
            )
            assert abs(off) <= timedelta(seconds=30 + 45)  # the almanac rounds; at 70 N the sun hardly moves up


@pytest.mark.parametrize(
    ("lat", "day", "note"),
    [
        (45.0, date(2026, 6, 21), ""),
        (62.0, date(2026, 6, 21), "it does not get dark"),
        (70.0, date(2025, 6, 21), "the sun does not set, it does not get dark"),
        (70.0, date(2025, 5, 16), "the sun sets or rises only once, it does not get dark"),
        (70.0, date(2025, 12, 21), "the sun does not rise"),
        (78.25, date(2026, 12, 21), "dark all day"),
        (90.0, date(2026, 6, 21), "the sun does not set, it does not get dark"),
        (-90.0, date(2026, 6, 21), "dark all day"),
    ],
)
def test_what_does_not_happen_is_said(lat: float, day: date, note: str) -> None:
    assert sun_times(lat, 0.0, day, UTC).note == note


def test_times_are_told_by_the_clocks_of_the_zone() -> None:
    sun = sun_times(48.8566, 2.3522, date(2026, 6, 21), ZoneInfo("Europe/Paris"))
    assert sun.sunset is not None
    assert sun.sunset.date() == date(2026, 6, 21)
    assert sun.sunset.hour == 21  # summer time: 19:58 UTC
    assert sun.sunset.tzname() == "CEST"


@settings(max_examples=60, deadline=None)
@given(st.floats(-90, 90), st.floats(-180, 180), st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_what_happens_does_so_in_order_around_a_noon(lat: float, lon: float, day: date) -> None:
    zone = timezone(timedelta(hours=round(lon / 15)))
    sun = sun_times(lat, lon, day, zone)
    happened = [x for x in (sun.dawn, sun.sunrise, sun.sunset, sun.dusk) if x is not None]
    assert happened == sorted(happened)
    assert all(abs(x - datetime(day.year, day.month, day.day, 12, tzinfo=zone)) < timedelta(hours=14) for x in happened)
    assert (sun.note == "") == (len(happened) == 4)
    for when, limit in ((sun.dawn, -6.0), (sun.sunrise, -5 / 6), (sun.sunset, -5 / 6), (sun.dusk, -6.0)):
        if when is not None:
            assert sun_elevation_deg(lat, lon, when) == pytest.approx(limit, abs=0.01)


@pytest.mark.parametrize(("lat", "lon"), [(91.0, 0.0), (0.0, -181.0), (np.nan, 0.0)])
def test_a_place_off_the_earth_is_refused(lat: float, lon: float) -> None:
    with pytest.raises(InputError, match="latitude"):
        sun_times(lat, lon, date(2026, 6, 21), UTC)
    with pytest.raises(InputError, match="latitude"):
        night_sections([lat], [lon], [0.0])


def stay(lat: float, lon: float, unix_s: np.ndarray) -> list[tuple[int, int]]:
    return night_sections(np.full(unix_s.size, lat), np.full(unix_s.size, lon), unix_s)


def test_a_night_in_london_is_from_dusk_to_dawn() -> None:
    # 20 to 5 h, a step every 2 s; civil twilight ends 21:09 and begins 02:55 by the almanac
    start = datetime(2025, 6, 20, 20, tzinfo=UTC).timestamp()
    ((first, last),) = stay(51.5074, -0.1278, start + 2.0 * np.arange(16_200))
    assert first * 2 / 60 == pytest.approx(69, abs=1.5)
    assert last * 2 / 60 == pytest.approx(6 * 60 + 55, abs=1.5)


def test_a_run_by_day_has_no_dark_section_and_one_by_night_nothing_else() -> None:
    noon, midnight = (datetime(2026, 1, 10, hour, tzinfo=UTC).timestamp() for hour in (12, 0))
    assert stay(45.0, 0.0, noon + np.arange(1_000.0)) == []
    assert stay(45.0, 0.0, midnight + np.arange(1_000.0)) == [(0, 1_000)]
    assert stay(45.0, 0.0, np.array([midnight])) == [(0, 1)]
    assert night_sections([], [], []) == []


def test_a_night_that_is_slept_through_is_not_run() -> None:
    dusk = datetime(2026, 6, 20, 18, 30, tzinfo=UTC).timestamp()
    before, after = dusk + np.arange(600.0), dusk + 12 * 3_600 + np.arange(600.0)
    assert stay(45.0, 0.0, np.concatenate([before, after])) == []
    assert len(stay(45.0, 0.0, np.arange(before[0], after[-1], 2.0))) == 1


def test_a_stop_until_noon_makes_the_way_to_it_no_brighter() -> None:
    dusk = sun_times(45.0, 0.0, date(2026, 6, 20), UTC).dusk
    assert dusk is not None
    before = dusk.timestamp() + 10.0 + np.arange(250.0)
    after = dusk.timestamp() + 16 * 3_600 + np.arange(250.0)
    assert stay(45.0, 0.0, np.concatenate([before, after])) == [(0, 250)]


def test_two_nights_are_two_sections() -> None:
    start = datetime(2026, 9, 11, 10, tzinfo=UTC).timestamp()
    assert len(stay(45.8, 6.9, np.linspace(start, start + 44 * 3_600, 34_000))) == 2


@pytest.mark.parametrize("unix_s", [[0.0, 10.0, 5.0], [0.0, np.nan, 5.0]])
def test_times_that_make_no_sense_are_refused(unix_s: list[float]) -> None:
    with pytest.raises(InputError, match="Arrival times"):
        night_sections([45.0] * 3, [0.0] * 3, unix_s)


@settings(max_examples=40, deadline=None)
@given(st.floats(-89, 89), st.floats(-180, 180), st.integers(0, 4_000_000_000), st.floats(1.0, 60.0))
def test_each_step_is_dark_where_the_sun_is_low(lat: float, lon: float, start: int, pace_s: float) -> None:
    unix = start + pace_s * np.arange(2_000)
    lats = np.clip(lat + np.linspace(0, 0.5, unix.size), -90, 90)
    dark = np.zeros(unix.size, dtype=bool)
    sections = night_sections(lats, np.full(unix.size, lon), unix)
    for first, last in sections:
        assert first < last
        dark[first:last] = True
    assert all(last < first for (_, last), (first, _) in pairwise(sections))
    for i in range(0, unix.size, 97):
        height = sun_elevation_deg(lats[i], lon, datetime.fromtimestamp(unix[i], UTC))
        if abs(height - TWILIGHT_DEG) > 0.02:
            assert dark[i] == (height < TWILIGHT_DEG)


def test_an_early_start_at_lake_sonoma_is_in_the_dark_until_dawn(shared_data: Path) -> None:
    course = load_course(shared_data / "courses/trail-running-predictor/lake-sonoma-55k.gpx")
    lat, lon = course.columns[c.LATITUDE], course.columns[c.LONGITUDE]
    zone = ZoneInfo("America/Los_Angeles")
    start = datetime(2026, 4, 11, 5, 0, tzinfo=zone)
    ((first, last),) = night_sections(lat, lon, start.timestamp() + 2.0 * np.arange(lat.size))
    dawn = sun_times(lat[last], lon[last], start.date(), zone).dawn
    assert first == 0 and dawn is not None
    assert abs(start + timedelta(seconds=2.0 * last) - dawn) < timedelta(seconds=10)

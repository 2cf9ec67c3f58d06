"""Which steps are run in the dark, and how that is said, from races at places and times with a known sun."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lib.core import schema as c
from lib.plan.daylight import dark_sections, dark_steps, daylight_lines, sun_of_days
from lib.plan.moving_plan import plan_from
from lib.plan.race_plan import RacePlan
from lib.race.clock import parse_start
from lib.race.stations import Station
from lib.race.sun import sun_times
from tests.support.plans import BAND, flat_plan, make_prediction
from tests.support.races import UNHURRIED, placed, race_of


def race_at(lat: float, lon: float, start: str, zone: str = "UTC", hours: float = 5.0, *stations: Station) -> RacePlan:
    """10 km at a place, in so many hours."""
    steps = 2_000
    course = placed(np.full(steps, 50.0), np.full(steps, lat), np.linspace(lon, lon + 1e-3, steps))
    plan = plan_from(course, make_prediction(np.full(steps, hours * 3600.0 / steps)), BAND)
    return race_of(plan, replace(UNHURRIED, start=parse_start(start, zone), stations=stations))


def test_without_a_start_nothing_is_known_of_the_sun() -> None:
    race = race_of(flat_plan(500))
    assert (dark_sections(race), sun_of_days(race), daylight_lines(race)) == ([], [], ())
    assert not dark_steps(race).any()


def test_a_start_before_dawn_is_dark_until_dawn() -> None:
    race = race_at(0.0, 0.0, "2026-03-20T04:00")
    dawn = sun_times(0.0, 0.0, race.start.date(), race.start.tzinfo).dawn  # type: ignore[union-attr,arg-type]
    (first, last), *others = dark_sections(race)
    assert dawn is not None and first == 0 and not others
    assert race.arrival_s[last - 1] == pytest.approx(dawn.timestamp() - race.start.timestamp(), abs=15)  # type: ignore[union-attr]
    np.testing.assert_array_equal(dark_steps(race), np.arange(2_000) < last)
    assert daylight_lines(race) == (
        "sunrise 06:04, sunset 18:11, dark from 18:31",
        f"in the dark km 0.0 to {last * c.STEP_M / 1000:.1f}, 04:00 to 05:44",
    )


def test_stops_count_for_when_it_gets_dark() -> None:
    early = race_at(0.0, 0.0, "2026-03-20T14:00")
    late = race_at(0.0, 0.0, "2026-03-20T14:00", "UTC", 5.0, Station("Hut", 5_000.0, 7_200.0))
    assert not dark_steps(early)[:-200].any()
    assert dark_steps(late)[-980:].all() and not dark_steps(late)[:1_000].any()


def test_a_race_through_a_night_names_its_days() -> None:
    race = race_at(45.9, 6.9, "2026-08-28T18:00", "Europe/Paris", 30.0)
    lines = daylight_lines(race)
    assert [line.split()[0] for line in lines] == ["sunrise", "on", "on", "in", "in"]
    assert lines[1].startswith("on Sat sunrise 06:") and lines[2].startswith("on Sun sunrise 06:")
    # A race of 30 h ends at midnight: the second night begins where the first one did, a day later.
    first, last = dark_sections(race)[0]
    assert lines[3].startswith(f"in the dark km {first / 200:.1f} to {last / 200:.1f}, 20:5")
    assert ", 20:5" in lines[3] and " to Sat 06:1" in lines[3]
    assert ", Sat 20:4" in lines[4] and lines[4].endswith(" to Sun 00:00")


def test_of_a_race_of_many_days_the_first_four_are_said() -> None:
    race = race_at(45.9, 6.9, "2026-08-28T18:00", "Europe/Paris", 200.0)
    days = [sun.sunrise.day for sun in sun_of_days(race) if sun.sunrise]
    assert days == [28, 29, 30, 31]
    assert [line[:7] for line in daylight_lines(race)[:4]] == ["sunrise", "on Sat ", "on Sun ", "on Mon "]


# --- where the sun is odd ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("lat", [89.99, 90.0, -90.0])
def test_at_the_poles_it_is_day_or_night_for_months(lat: float) -> None:
    day, night = ("2026-06-20T10:00", "2026-12-20T10:00") if lat > 0 else ("2026-12-20T10:00", "2026-06-20T10:00")
    bright, dark = race_at(lat, 15.0, day), race_at(lat, 15.0, night)
    assert not dark_steps(bright).any() and dark_steps(dark).all()
    assert daylight_lines(bright) == ("the sun does not set, it does not get dark",)
    assert daylight_lines(dark)[0] == "dark all day"
    assert daylight_lines(dark)[1].startswith("in the dark km 0.0 to 10.0")


def test_across_the_antimeridian_the_sun_is_one() -> None:
    steps = 2_000
    lon = (np.linspace(179.95, 180.05, steps) + 180.0) % 360.0 - 180.0
    course = placed(np.full(steps, 5.0), np.full(steps, -17.0), lon)
    plan = plan_from(course, make_prediction(np.full(steps, 9.0)), BAND)
    race = race_of(plan, replace(UNHURRIED, start=parse_start("2026-06-20T04:00", "Pacific/Fiji")))
    (first, last), *others = dark_sections(race)
    assert first == 0 and not others and 5.8 < 4 + race.arrival_s[last] / 3600 < 6.5

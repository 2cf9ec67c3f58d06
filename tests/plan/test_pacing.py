"""Night, ground, strategy and assumed stops of a race."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest

from lib.athlete.pacing_law import Strategy
from lib.athlete.profile import AthleteProfile
from lib.athlete.reference import reference
from lib.plan.pacing import ground_of, night_of, pacing_of, with_default_stops
from lib.race.config import RaceConfig
from lib.race.stations import Station
from tests.support.long_race import BUNDLE, COURSE, ZONE

START = datetime(2026, 6, 20, 20, 0, tzinfo=ZONE)
AIDS = tuple(Station(f"aid {km}", km * 1000.0, stop_stated=False) for km in (15, 30, 45, 60))


def expected(moving_s: float | None = None):  # type: ignore[no-untyped-def]
    return reference(BUNDLE.athlete, BUNDLE.prior, COURSE.columns, moving_s=moving_s, median=True)


def test_without_a_start_there_is_no_night() -> None:
    assert not night_of(RaceConfig(), COURSE).dark.any()


def test_it_is_dark_some_hours_after_an_evening_start_and_not_at_it() -> None:
    night = night_of(RaceConfig(start=START), COURSE)
    assert np.interp(0.0, night.time_s, night.dark) == 0.0
    assert np.interp(4 * 3600.0, night.time_s, night.dark) == 1.0
    assert np.interp(14 * 3600.0, night.time_s, night.dark) == 0.0


def test_night_no_switches_it_off() -> None:
    assert not night_of(RaceConfig(start=START, night=False), COURSE).dark.any()


def test_stops_bring_the_night_earlier_in_moving_time() -> None:
    plain, stretched = (night_of(RaceConfig(start=START), COURSE, stretch) for stretch in (1.0, 1.1))
    assert stretched.time_s[np.argmax(stretched.dark)] < plain.time_s[np.argmax(plain.dark)]


def test_stations_state_the_ground_of_the_leg_that_ends_there() -> None:
    stations = (Station("a", 1_000.0, ground="road"), Station("b", 2_000.0), Station("c", 3_000.0, ground="technical"))
    ground = ground_of(RaceConfig(stations=stations), COURSE)
    assert ground is not None
    assert set(ground[:200]) == {"road"}
    assert set(ground[200:400]) == {""}
    assert set(ground[400:600]) == {"technical"}
    assert set(ground[600:]) == {""}


def test_the_ground_of_the_file_stays_where_no_station_states_another() -> None:
    course = replace(COURSE, ground=np.full(COURSE.steps, "track"))
    ground = ground_of(RaceConfig(stations=(Station("a", 1_000.0, ground="road"),)), course)
    assert ground is not None
    assert set(ground[:200]) == {"road"}
    assert set(ground[200:]) == {"track"}
    assert ground_of(RaceConfig(), COURSE) is None


def test_plain_is_what_says_nothing() -> None:
    assert pacing_of(RaceConfig(), COURSE).plain
    assert not pacing_of(RaceConfig(strategy=Strategy(0.5)), COURSE).plain
    assert not pacing_of(RaceConfig(start=START), COURSE).plain


def test_a_long_race_beyond_experience_gets_stops_where_none_is_stated() -> None:
    config = RaceConfig(goal_s=14 * 3600.0, stations=(*AIDS[:3], Station("stated", 60_000.0, 120.0)))
    found = with_default_stops(BUNDLE, COURSE, config, expected(14 * 3600.0))
    stops_s = [station.stop_s for station in found.config.stations]
    assert found.assumed_s == sum(stops_s[:3]) > 0
    assert stops_s[3] == 120.0
    assert all(station.stop_stated for station in found.config.stations)


@pytest.mark.parametrize(
    "config",
    [
        RaceConfig(goal_s=4 * 3600.0, stations=AIDS),
        RaceConfig(goal_s=14 * 3600.0, stations=AIDS, standing_s=600.0),
        RaceConfig(goal_s=14 * 3600.0, stations=tuple(replace(station, aid=False) for station in AIDS)),
        RaceConfig(goal_s=14 * 3600.0),
    ],
)
def test_nothing_is_assumed_of_short_races_stated_stops_or_summits(config: RaceConfig) -> None:
    found = with_default_stops(BUNDLE, COURSE, config, expected(config.goal_s))
    assert found.assumed_s == 0.0
    assert found.config == config


def test_habits_that_are_known_are_not_replaced() -> None:
    experienced = replace(BUNDLE, athlete=replace(AthleteProfile(), longest_km=COURSE.length_km))
    config = RaceConfig(goal_s=14 * 3600.0, stations=AIDS)
    assert with_default_stops(experienced, COURSE, config, expected(14 * 3600.0)).assumed_s == 0.0


def test_two_names_of_one_place_share_its_stop() -> None:
    config = RaceConfig(goal_s=14 * 3600.0, stations=(AIDS[0], replace(AIDS[0], name="again"), *AIDS[1:]))
    stops_s = [s.stop_s for s in with_default_stops(BUNDLE, COURSE, config, expected(14 * 3600.0)).config.stations]
    assert stops_s[0] > 0.0 == stops_s[1]


def test_a_zone_is_what_the_clock_is_told_in_not_where_the_sun_is() -> None:
    there = night_of(RaceConfig(start=START), COURSE)
    told = night_of(RaceConfig(start=START.astimezone(timezone(timedelta(hours=9)))), COURSE)
    assert np.array_equal(there.dark, told.dark)

"""One checked object, or what is wrong with which word, from what runners say of a race, and nonsense."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lib.core.errors import InputError
from lib.course.heat_altitude import Conditions
from lib.race.config import RaceConfig, parse_duration, race_config, stations_text
from lib.race.stations import Station
from lib.race.stations_csv import MAX_CSV_BYTES
from tests.support.plans import make_course
from tests.support.races import with_waypoints

LINE = make_course(np.full(2000, 50.0))
COURSE = with_waypoints(LINE, ("Hut", 2_000, 0), ("Hotel", 4_000, 900), ("Home", 10_000, 0))


# --- the object --------------------------------------------------------------------------------------------------
def test_nothing_said_is_the_day_as_it_comes() -> None:
    config = RaceConfig()
    assert (config.start, config.goal_s, config.standing_s, config.effort) == (None, None, None, "usual")
    assert config.conditions == Conditions()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"start": datetime(2026, 6, 20, 5, 30)}, "start: the start 2026-06-20 05:30:00 without a zone"),
        ({"goal_s": 7_200.0, "effort": "race"}, "goal: a goal time and the effort 'race'"),
        ({"goal_s": 59.0}, "goal: a goal of 59 s"),
        ({"goal_s": np.nan}, "goal: a goal of nan s"),
        ({"goal_s": 864_001.0}, "goal: a goal of 864001 s"),
        ({"standing_s": -1.0}, "other_stops: -1 s of standing"),
        ({"standing_s": 172_801.0}, "other_stops: 172801 s of standing; expected 0 to 2 days"),
        ({"standing_s": np.nan}, "other_stops: nan s of standing"),
        ({"stations": (Station("b", 9.0), Station("a", 3.0))}, "stations: stations out of order"),
    ],
)
def test_what_does_not_fit_together_is_refused(words: dict, said: str) -> None:
    with pytest.raises(InputError) as caught:
        RaceConfig(**words)
    assert str(caught.value).startswith(said)


def test_a_minute_ten_days_and_two_days_of_standing_are_not_too_much() -> None:
    for words in ({"goal_s": 60.0}, {"goal_s": 864_000.0}, {"standing_s": 172_800.0}, {"standing_s": 0.0}):
        assert RaceConfig(**words)


# --- durations ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "seconds"), [("3:45", 13_500), (" 3:45:10 ", 13_510), ("0:09:59", 599), ("120:00", 432_000)]
)
def test_a_duration_is_hours_and_minutes(text: str, seconds: float) -> None:
    assert parse_duration(text, "goal") == seconds


@pytest.mark.parametrize("text", ["", "3", "3:5", "3:60", "3:00:60", "-3:00", "3.45", "3:45:00:00", "1000:00", "3h45"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"goal: .* expected a time such as 3:45 or 3:45:00"):
        parse_duration(text, "goal")


@given(st.one_of(st.text(max_size=20), st.text("0123456789:", max_size=10)))
def test_any_duration_is_read_or_refused(text: str) -> None:
    with suppress(InputError):
        assert 0 <= parse_duration(text, "x") < 3_600_000


# --- words -------------------------------------------------------------------------------------------------------
def test_all_words_become_one_object() -> None:
    config = race_config(
        COURSE,
        start="2026-06-20T05:30",
        zone="Europe/Paris",
        stations="name,km,cutoff\nFord,3,06:30\n",
        stop_min="2.5",
        effort=" 152 ",
        standing="12",
        temperature_c="28",
        usual_temperature_c="12",
        usual_altitude_m="400",
    )
    assert config.start is not None and config.start.utcoffset() == timedelta(hours=2)
    assert config.stations == (Station("Ford", 3_000.0, 150.0, 3_600.0),)
    assert (config.effort, config.standing_s, config.goal_s) == ("152", 720.0, None)
    assert config.conditions == Conditions(28.0, 12.0, 400.0)
    assert race_config(COURSE, goal="1:05").goal_s == 3_900.0


def test_empty_words_leave_all_open() -> None:
    words = ("start", "zone", "stations", "stop_min", "effort", "goal", "standing", "temperature_c")
    assert race_config(LINE, **dict.fromkeys(words, " ")) == race_config(LINE) == RaceConfig()


def test_without_stations_the_waypoints_are_they_and_what_is_left_out_is_noted() -> None:
    config = race_config(COURSE, stop_min="2")
    assert [(s.name, s.stop_s) for s in config.stations] == [("Hut", 120.0), ("Home", 0.0)]
    assert config.notes == ("waypoint Hotel: 900 m from the course, more than 250; left out",)


@pytest.mark.parametrize("text", ["2.5", "2.5, 4", "4 2.5;", "\n2.5\n4\n"])
def test_numbers_alone_are_distances(text: str) -> None:
    assert race_config(COURSE, stations=text, stop_min="1").stations[0] == Station("km 2.5", 2_500.0, 60.0)


def test_an_error_in_the_stations_names_where_they_come_from() -> None:
    for text in ("12", "name,km\nHut,12\n"):
        with pytest.raises(InputError, match=r"aid\.csv.*: km 12"):
            race_config(COURSE, stations=text, stations_source="aid.csv")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"start": "tomorrow"}, "start: 'tomorrow'"),
        ({"start": "2026-06-20T05:30"}, "without a zone"),
        ({"zone": "Europe/Paris"}, "zone: the zone 'Europe/Paris' without a start"),
        ({"start": "2026-06-20T05:30", "zone": "Europe/Pari"}, "zone: the time zone 'Europe/Pari'"),
        ({"stop_min": "two"}, "stop_min: 'two'; expected a number from 0 to 1440 (minutes)"),
        ({"stop_min": "-1"}, "stop_min: '-1'"),
        ({"stop_min": "nan"}, "stop_min: 'nan'"),
        ({"standing": "often"}, "other_stops: 'often'; expected a number from 0 to 2880 (minutes, or habit)"),
        ({"goal": "four hours"}, "goal: 'four hours'"),
        ({"goal": "0:00"}, "goal: a goal of 0 s"),
        ({"goal": "4:00", "effort": "easy"}, "goal: a goal time and the effort 'easy'"),
        ({"temperature_c": "hot"}, "temperature_c: 'hot'; expected a number from -50 to 60 (°C)"),
        ({"usual_altitude_m": "9001"}, "usual_altitude_m: '9001'"),
    ],
)
def test_a_word_that_cannot_be_used_is_refused_by_its_name(words: dict[str, str], said: str) -> None:
    with pytest.raises(InputError) as caught:
        race_config(COURSE, **words)
    assert said in str(caught.value)


NUMBERS = st.sampled_from(["", "0", "-0", "5", "1e9", "nan", "-inf", "1_0", "0x1", "habit", "race", "150"])
WORDS = st.one_of(NUMBERS, st.text(max_size=20))


@settings(max_examples=300, deadline=None)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "start": st.one_of(WORDS, st.datetimes().map(str), st.sampled_from(["2026-06-20T05:30+02:00"])),
            "zone": st.one_of(WORDS, st.sampled_from(["Europe/Paris", "Europe", "../etc/passwd", "x" * 5000, "\x00"])),
            "stations": st.one_of(WORDS, st.text(max_size=200), st.just("name,km,cutoff\nx,5,08:00")),
            "stop_min": WORDS,
            "effort": WORDS,
            "goal": st.one_of(WORDS, st.just("2:00")),
            "standing": WORDS,
            "temperature_c": WORDS,
            "usual_temperature_c": WORDS,
            "usual_altitude_m": WORDS,
        },
    )
)
@example({"start": "0001-01-01T00:00+14:00", "zone": "Pacific/Apia"})
@example({"start": "9999-12-31T23:59-14:00", "zone": "Asia/Tokyo"})
def test_any_words_are_read_or_refused(words: dict[str, str]) -> None:
    with suppress(InputError):
        assert isinstance(race_config(COURSE, **words), RaceConfig)


# --- stations in a file ------------------------------------------------------------------------------------------
def test_stations_may_be_named_as_a_file(tmp_path: Path) -> None:
    (tmp_path / "aid.csv").write_text("\ufeffname,km\nÉtape,3\n", encoding="utf-8")
    assert stations_text(str(tmp_path / "aid.csv")) == "name,km\nÉtape,3\n"


@pytest.mark.parametrize("text", ["", "8.5, 17", "8.5\n17\n", "name,km\nHut,3\n"])
def test_what_is_no_name_of_a_file_is_what_it_says(text: str) -> None:
    assert stations_text(text) == text


@pytest.mark.parametrize("name", ["nowhere.csv", "x" * 5_000, "a\x00b", "/", "name,km"])
def test_a_file_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="No such file"):
        stations_text(name)


def test_a_file_that_is_too_large_or_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x" * (MAX_CSV_BYTES + 1))
    with pytest.raises(InputError, match="100001 bytes; expected 100000 at most"):
        stations_text(str(tmp_path / "large"))
    (tmp_path / "picture").write_bytes(b"\x89PNG\x0d\x81\x8d\xff")
    with pytest.raises(InputError, match="no text; expected a CSV in UTF-8"):
        stations_text(str(tmp_path / "picture"))


def test_the_usual_altitude_may_be_told_in_feet() -> None:
    assert race_config(COURSE, usual_altitude_m="4300 ft").conditions.usual_altitude_m == pytest.approx(1310.64)
    with pytest.raises(InputError, match="usual_altitude_m"):
        race_config(COURSE, usual_altitude_m="99000 ft")

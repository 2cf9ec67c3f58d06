"""Given cut-offs as organisers write them: each is at its race time, over midnights and changed clocks."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lib.core.errors import InputError
from lib.race.clock import MAX_ELAPSED_S, parse_start
from lib.race.stations_csv import after_seconds, cutoff_seconds

PARIS = "Europe/Paris"
HOUR_S = 3600.0


def start(text: str, zone: str | None = PARIS) -> datetime:
    return parse_start(text, zone)


def hours(text: str, begin: datetime) -> float:
    return cutoff_seconds(text, begin, "list, line 2") / HOUR_S


# --- a time alone: the first after the start ---------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("14:30", 9.0),
        (" 5:31 ", 1 / 60),
        ("23:59", 18 + 29 / 60),
        ("00:00", 18.5),
        ("04:00", 22.5),
        ("05:29", 24 - 1 / 60),
    ],
)
def test_a_time_is_the_first_after_the_start(text: str, after: float) -> None:
    assert hours(text, start("2026-06-20T05:30")) == pytest.approx(after)


def test_the_time_of_the_start_itself_is_that_of_the_next_day() -> None:
    assert hours("05:30", start("2026-06-20T05:30")) == 24.0


def test_a_start_within_a_minute_counts_its_seconds() -> None:
    assert cutoff_seconds("05:31", start("2026-06-20T05:30:40"), "x") == 20.0
    assert hours("05:30", start("2026-06-20T05:30:40")) == pytest.approx(24 - 40 / HOUR_S)


def test_a_start_told_by_its_offset_has_clocks_too() -> None:
    assert hours("14:30", start("2026-06-20T05:30-05:00", None)) == 9.0


# --- weekdays ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("text", ["Sun 04:00", "sunday 4:00", "SUN  04:00", "Sunda 04:00"])
def test_a_weekday_is_the_first_after_the_start(text: str) -> None:
    assert hours(text, start("2026-06-20T05:30")) == 22.5  # a Saturday


@pytest.mark.parametrize(
    ("text", "days"),
    [("Sat 05:31", 0), ("Mon 05:31", 2), ("Tues 05:31", 3), ("Thursday 05:31", 5), ("Fri 05:31", 6)],
)
def test_every_weekday_comes_within_a_week(text: str, days: int) -> None:
    assert hours(text, start("2026-06-20T05:30")) == pytest.approx(24 * days + 1 / 60)


@pytest.mark.parametrize("text", ["Sat 05:30", "Sat 05:00"])
def test_the_weekday_of_the_start_before_its_time_is_a_week_later(text: str) -> None:
    assert 24 * 7 - 0.5 <= hours(text, start("2026-06-20T05:30")) <= 24 * 7


@pytest.mark.parametrize("text", ["Sonntag 04:00", "Sundays 04:00", "Sunxyz 04:00", "Su 04:00", "am 04:00"])
def test_what_is_no_weekday_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="Sun 04:00"):
        hours(text, start("2026-06-20T05:30"))


# --- a date and a time -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("2026-06-21T04:00", 22.5),
        ("2026-06-21 04:00", 22.5),
        ("2026-06-21T04:00+02:00", 22.5),
        ("2026-06-21T02:00Z", 22.5),
        ("2026-06-20T21:00:30-05:00", 22.5 + 30 / HOUR_S),
        ("2026-06-20T05:30:01", 1 / HOUR_S),
    ],
)
def test_a_date_is_in_the_zone_of_the_start_unless_it_has_an_offset(text: str, after: float) -> None:
    assert hours(text, start("2026-06-20T05:30")) == pytest.approx(after)


@pytest.mark.parametrize(
    "text",
    [
        "2026-06-20T05:30",
        "2026-06-20T05:29",
        "2026-06-20T04:30+01:00",
        "2025-06-21T04:00",
        "2026-08-20T05:30",
        "0001-01-01T00:00",
        "9999-12-31T23:59",
        "0001-01-01T00:00+14:00",
        "9999-12-31T23:59-12:00",
    ],
)
def test_a_date_that_is_not_after_the_start_or_far_away_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="after the start, within 60 days"):
        hours(text, start("2026-06-20T05:30"))


@pytest.mark.parametrize(
    "text",
    ["", "soon", "24:01", "14:60", "14.30", "14:3", "14:30:00", "2026-06-21", "2026-W25-7", "2:30 pm", "-1:30", "1430"],
)  # fmt: skip
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"list, line 2: the cut-off .* expected a time such as 14:30"):
        hours(text, start("2026-06-20T05:30"))


def test_without_a_start_a_clock_says_nothing() -> None:
    with pytest.raises(InputError, match=r"without a start.*cutoff_after"):
        cutoff_seconds("14:30", None, "x")


# --- the night in which clocks go forward: at 02:00 it is 03:00 --------------------------------------------------
def test_a_night_that_lacks_an_hour_is_an_hour_shorter() -> None:
    begin = start("2026-03-28T22:00")
    assert hours("01:59", begin) == pytest.approx(3 + 59 / 60)
    assert hours("03:00", begin) == 4.0
    assert hours("Sun 08:00", begin) == hours("2026-03-29T08:00", begin) == 9.0


@pytest.mark.parametrize("text", ["02:30", "Sun 02:00", "2026-03-29T02:59"])
def test_a_time_that_clocks_skip_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="a time that clocks show"):
        hours(text, start("2026-03-28T22:00"))


def test_a_time_skipped_before_the_start_is_that_of_the_next_day() -> None:
    assert hours("02:30", start("2026-03-29T05:00")) == 21.5


# --- the night in which clocks go back: at 03:00 it is 02:00 again -----------------------------------------------
def test_a_night_that_has_an_hour_twice_is_an_hour_longer() -> None:
    begin = start("2026-10-24T22:00")
    assert hours("01:59", begin) == pytest.approx(3 + 59 / 60)
    assert hours("03:00", begin) == 6.0
    assert hours("Sun 08:00", begin) == hours("2026-10-25T08:00", begin) == 11.0
    assert hours("08:00", start("2026-10-24T08:00")) == 25.0


def test_a_time_that_clocks_show_twice_is_the_first_after_the_start() -> None:
    assert hours("02:30", start("2026-10-24T22:00")) == 4.5
    first, second = (start(f"2026-10-25T02:40{offset}") for offset in ("+02:00", "+01:00"))
    assert hours("02:30", first) == pytest.approx(50 / 60)
    assert hours("02:50", first) == hours("02:50", second) == pytest.approx(10 / 60)
    assert hours("02:30", second) == pytest.approx(24 - 10 / 60)


def test_a_date_with_a_time_that_clocks_show_twice_needs_its_offset() -> None:
    begin = start("2026-10-24T22:00")
    with pytest.raises(InputError, match="one of the two times"):
        hours("2026-10-25T02:30", begin)
    assert hours("2026-10-25T02:30+02:00", begin) == 4.5
    assert hours("2026-10-25T02:30+01:00", begin) == 5.5


# --- any text ----------------------------------------------------------------------------------------------------
ZONES = [UTC, timezone(timedelta(hours=-9, minutes=-30)), ZoneInfo(PARIS), ZoneInfo("Pacific/Apia")]
STARTS = st.datetimes(
    datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.sampled_from(ZONES), allow_imaginary=False
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=40), st.text("0123456789:-T+Z monSUN", max_size=25)), STARTS)
@example("9" * 5000 + ":30", datetime(2026, 6, 20, tzinfo=UTC))
@example("Sun \uff13:30", datetime(2026, 6, 20, tzinfo=UTC))
def test_any_text_is_a_time_after_the_start_or_refused(text: str, begin: datetime) -> None:
    try:
        seconds = cutoff_seconds(text, begin, "x")
    except InputError:
        return
    assert 0 < seconds <= MAX_ELAPSED_S


@settings(max_examples=300, deadline=None)
@given(STARTS, st.integers(0, 23), st.integers(0, 59))
def test_clocks_show_a_time_when_its_cut_off_comes(begin: datetime, hour: int, minute: int) -> None:
    try:
        seconds = cutoff_seconds(f"{hour}:{minute:02d}", begin, "x")
    except InputError as error:
        assert "a time that clocks show" in error.expected
        return
    then = datetime.fromtimestamp(begin.timestamp() + seconds, UTC).astimezone(begin.tzinfo)
    then = (then + timedelta(microseconds=500)).replace(microsecond=0)  # a float has microseconds at most
    assert (then.hour, then.minute, then.second) == (hour, minute, 0)
    assert 0 < seconds <= 49 * HOUR_S  # Apia had no 30 December 2011


# --- since the start ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "seconds"), [("3:00", 10_800), ("0:05", 300), ("26:30", 95_400), ("100:00:01", 360_001)]
)
def test_a_race_time_is_read_as_hours_and_minutes(text: str, seconds: float) -> None:
    assert after_seconds(text, "x") == seconds


@pytest.mark.parametrize(
    "text",
    ["", "3", "3:5", "3:60", "3:00:60", "-3:00", "1000:00", "3h", "3:00:00:00", "\u0663:\u0660\u0660:\u0666\u0660"],
)
def test_what_is_no_race_time_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"line 9: the cut-off .* after the start; expected h:mm or h:mm:ss"):
        after_seconds(text, "line 9")


@given(st.text("0123456789: ", max_size=12))
def test_any_race_time_is_read_or_refused(text: str) -> None:
    with suppress(InputError):
        assert 0 <= after_seconds(text, "x") < 1000 * HOUR_S

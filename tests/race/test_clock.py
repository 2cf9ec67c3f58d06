"""Given dates and zones: lib/race/clock.py tells arrivals as clocks show them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import available_timezones

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.errors import InputError
from lib.race import clock
from lib.race.clock import MAX_ELAPSED_S, arrivals, clock_text, date_text, load_zone, parse_start, unix_seconds

HOUR = 3_600.0
PARIS = "Europe/Paris"


@pytest.mark.parametrize(
    ("text", "zone", "said"),
    [
        ("2026-06-20T05:30", PARIS, "2026-06-20T05:30:00+02:00"),
        ("2026-06-20 05:30:15", PARIS, "2026-06-20T05:30:15+02:00"),
        ("2026-12-20T05:30", PARIS, "2026-12-20T05:30:00+01:00"),
        ("2026-06-20T05:30+02:00", None, "2026-06-20T05:30:00+02:00"),
        ("2026-06-20T05:30Z", None, "2026-06-20T05:30:00+00:00"),
        ("2026-06-20T05:30Z", PARIS, "2026-06-20T07:30:00+02:00"),  # an instant, told in Paris
        (" 2026-06-20T05:30 ", "Asia/Kathmandu", "2026-06-20T05:30:00+05:45"),
        ("2026-10-25T02:30+02:00", PARIS, "2026-10-25T02:30:00+02:00"),
        ("2026-10-25T02:30+01:00", PARIS, "2026-10-25T02:30:00+01:00"),
    ],
)
def test_a_start_is_read(text: str, zone: str | None, said: str) -> None:
    assert parse_start(text, zone).isoformat() == said


@pytest.mark.parametrize(
    ("text", "zone", "message"),
    [
        ("tomorrow", PARIS, "'tomorrow'"),
        ("", PARIS, "date and time"),
        ("2026-06-20", PARIS, "date and time"),  # not midnight
        ("2026-06-20T25:00", PARIS, "date and time"),
        ("2026-02-30T05:30", PARIS, "date and time"),
        ("2026-06-20T05:30\x00Z", None, "date and time"),
        ("2026-06-20T05:30" + " " * 10_000, PARIS, "date and time"),
        ("2026-06-20T05:30", None, "without a zone"),
        ("1816-06-20T05:30Z", None, "year 1816"),
        ("9999-12-31T23:59Z", None, "year 9999"),
        ("2026-06-20T05:30", "Europe/Chamonix", "'Europe/Chamonix'.*IANA"),
        ("2026-06-20T05:30", "Europe", "'Europe'.*IANA"),
        ("2026-06-20T05:30", "../../etc/passwd", "IANA"),
        ("2026-06-20T05:30", "", "IANA"),
    ],
)
def test_what_is_no_start_is_refused(text: str, zone: str | None, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        parse_start(text, zone)
    assert len(str(caught.value)) < 400


def test_a_time_that_clocks_skip_is_refused_with_those_around_it() -> None:
    with pytest.raises(InputError, match="which clocks skip") as caught:
        parse_start("2026-03-29T02:30", PARIS)
    assert "2026-03-29T01:30+01:00 or 2026-03-29T03:30+02:00" in caught.value.remedy


def test_a_time_that_clocks_show_twice_is_refused_with_both() -> None:
    with pytest.raises(InputError, match="which clocks show twice") as caught:
        parse_start("2026-10-25T02:30", PARIS)
    assert "2026-10-25T02:30+01:00 or 2026-10-25T02:30+02:00" in caught.value.remedy


def test_a_machine_without_zones_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise clock.ZoneInfoNotFoundError(name)

    monkeypatch.setattr(clock, "ZoneInfo", missing)
    monkeypatch.setattr(clock, "available_timezones", set)
    with pytest.raises(InputError, match=r"no time zones on this machine.*pip install tzdata"):
        load_zone(PARIS)


@pytest.mark.parametrize(
    ("hours", "text"),
    [
        (0.0, "05:30"),
        (12.0, "17:30"),
        (18.49, "23:59"),
        (18.5 - 20 / HOUR, "Sun 00:00"),  # 23:59:40 is told as midnight
        (18.5 - 40 / HOUR, "23:59"),
        (22.7, "Sun 04:12"),
        (6 * 24.0, "Fri 05:30"),
        (7 * 24.0, "Sat 27 Jun 05:30"),
    ],
)
def test_arrivals_name_the_day_once_it_is_another(hours: float, text: str) -> None:
    assert clock_text(parse_start("2026-06-20T05:30", PARIS), hours * HOUR) == text


def test_the_day_of_the_start_is_named_where_asked_for() -> None:
    assert clock_text(parse_start("2026-06-20T05:30", PARIS), HOUR, with_day=True) == "Sat 06:30"


def test_clocks_go_forward_and_back_on_the_way() -> None:
    spring, autumn = parse_start("2026-03-28T22:00", PARIS), parse_start("2026-10-24T22:00", PARIS)
    assert [clock_text(spring, h * HOUR) for h in (3, 4, 5)] == ["Sun 01:00", "Sun 03:00", "Sun 04:00"]
    assert [clock_text(autumn, h * HOUR) for h in (3, 4, 5, 6)] == ["Sun 01:00", "Sun 02:00", "Sun 02:00", "Sun 03:00"]


def test_a_date_is_told_with_its_zone() -> None:
    assert date_text(parse_start("2026-06-20T05:29:50", PARIS)) == "Sat 20 Jun 2026 05:30 CEST"
    assert date_text(parse_start("2026-06-20T05:30-03:00")) == "Sat 20 Jun 2026 05:30 UTC-03:00"


def test_seconds_since_1970() -> None:
    start = parse_start("1970-01-02T01:00+01:00")
    assert unix_seconds(start, [0.0, 1.5]).tolist() == [86_400.0, 86_401.5]


@pytest.mark.parametrize("elapsed_s", [-1.0, np.nan, np.inf, MAX_ELAPSED_S + 1])
def test_a_time_that_is_no_time_of_a_run_is_refused(elapsed_s: float) -> None:
    with pytest.raises(InputError, match="after the start"):
        arrivals(parse_start("2026-06-20T05:30Z"), [0.0, elapsed_s])


@given(
    st.datetimes(datetime(1975, 1, 1), datetime(2100, 1, 1)),
    st.sampled_from(sorted(available_timezones())),
    st.lists(st.integers(0, int(MAX_ELAPSED_S)), min_size=1, max_size=8),
)
def test_arrivals_are_as_far_apart_as_they_take(naive: datetime, zone: str, elapsed_s: list[int]) -> None:
    start = naive.replace(tzinfo=UTC).astimezone(load_zone(zone))
    found = arrivals(start, elapsed_s)
    assert [(x - start.astimezone(UTC)) / timedelta(seconds=1) for x in found] == pytest.approx(elapsed_s)
    assert all(x.utcoffset() == x.astimezone(UTC).astimezone(start.tzinfo).utcoffset() for x in found)

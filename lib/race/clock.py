"""Instants and times of day from the start of a race, with its time zone, and seconds since."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lib.core.errors import InputError

MAX_ELAPSED_S: Final = 60 * 86_400.0
"""Longest run that is put on a calendar (s)."""

_EXPECTED: Final = "a date and time such as 2026-06-20T05:30, with its offset (+02:00) or a zone (Europe/Paris)"
_MAX_CHARACTERS: Final = 64
_DURATION: Final = re.compile(r"(\d{1,3}):([0-5]\d)(?::([0-5]\d))?")
_YEARS: Final = (1970, 2200)
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def load_zone(name: str, source: str | None = "zone") -> ZoneInfo:
    """Load a time zone of the IANA database, e.g. ``Europe/Paris``.

    Raises
    ------
    InputError
        If there is no such zone, or no database on this machine.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        found = f"the time zone {name[:_MAX_CHARACTERS]!r}"
        if not available_timezones():
            raise InputError(
                f"{found}, and no time zones on this machine",
                "a time zone database",
                "Install it (pip install tzdata), or give the start with its offset from UTC: 2026-06-20T05:30+02:00.",
                source,
            ) from error
        raise InputError(found, "a name of the IANA database, such as Europe/Paris", "Correct it.", source) from error


def parse_start(text: str, zone: str | None = None, source: str | None = "start") -> datetime:
    """Read when a run starts.

    Parameters
    ----------
    text : str
        Date and time, ISO 8601. With an offset from UTC it is that instant; without, the time of clocks in `zone`.
    zone : str, optional
        IANA name of the zone in which arrivals are told. Without it they are told in the offset given.
    source : str, optional
        Where it comes from, for errors.

    Returns
    -------
    datetime
        With its zone.

    Raises
    ------
    InputError
        If it is no date and time, has neither offset nor zone, or is told by clocks twice or never on the day that
        they change.
    """
    shown = repr(text[:_MAX_CHARACTERS])
    where = None if zone is None else load_zone(zone)
    try:
        start = datetime.fromisoformat(text.strip()) if len(text) <= _MAX_CHARACTERS and text.isprintable() else None
    except ValueError:
        start = None
    if start is None or ":" not in text:  # a date alone would be read as midnight
        raise InputError(shown, _EXPECTED, "Write it so.", source)
    if not _YEARS[0] <= start.year <= _YEARS[1]:
        raise InputError(f"the year {start.year}", f"{_YEARS[0]} to {_YEARS[1]}", "Correct it.", source)
    if start.tzinfo is not None:
        return start if where is None else start.astimezone(where)
    if where is None:
        raise InputError(f"{shown} without a zone", _EXPECTED, "Add the one or give the other.", source)
    first, second = (start.replace(tzinfo=where, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first
    times = [x.astimezone(UTC).astimezone(where) for x in (first, second)]
    if times[0].replace(tzinfo=None) != start:
        found, expected = "which clocks skip", "a time that clocks show"
    else:
        found, expected = "which clocks show twice", "one of the two"
    either = " or ".join(sorted(x.isoformat(timespec="minutes") for x in times))
    raise InputError(f"{shown} in {zone}, {found} that day", expected, f"Give it with its offset: {either}.", source)


def read_duration(text: str) -> float | None:
    """Seconds of ``h:mm`` or ``h:mm:ss``; None if it is neither."""
    found = _DURATION.fullmatch(text.strip())
    return None if found is None else 3600.0 * int(found[1]) + 60.0 * int(found[2]) + int(found[3] or 0)


def arrivals(start: datetime, elapsed_s: ArrayLike) -> list[datetime]:
    """Give the instants some seconds after the start, of shape (N,), in its zone; clocks may change on the way.

    Raises
    ------
    InputError
        If a time is negative, not finite or longer than `MAX_ELAPSED_S`.
    """
    elapsed = np.atleast_1d(np.asarray(elapsed_s, dtype=np.float64))
    bad = ~((elapsed >= 0) & (elapsed <= MAX_ELAPSED_S))
    if bad.any():
        raise InputError(f"{elapsed[bad][0]:g} s after the start", f"0 to {MAX_ELAPSED_S:g} s", "Check the plan.")
    begin = start.astimezone(UTC)  # adding to a local time would add to what clocks show
    return [(begin + timedelta(seconds=s)).astimezone(start.tzinfo) for s in elapsed.tolist()]


def unix_seconds(start: datetime, elapsed_s: ArrayLike) -> NDArray[np.float64]:
    """Give the instants some seconds after the start, as seconds since 1970-01-01 UTC; any shape."""
    return start.timestamp() + np.asarray(elapsed_s, dtype=np.float64)


def clock_text(start: datetime, elapsed_s: float, with_day: bool = False) -> str:
    """Say what clocks show some seconds after the start, to the minute.

    Parameters
    ----------
    start : datetime
        With its zone.
    elapsed_s : float
        Seconds.
    with_day : bool
        Name the weekday on the day of the start too.

    Returns
    -------
    str
        ``"17:30"``; from the next day on ``"Sun 04:12"``; a week and more after the start ``"Sun 28 Jun 04:12"``.
    """
    begin, end = (_h_mm(x) for x in arrivals(start, [0.0, elapsed_s]))
    clock = f"{end:%H:%M}"
    days = (end.date() - begin.date()).days
    if days >= 7:
        return f"{WEEKDAYS[end.weekday()]} {end.day} {_MONTHS[end.month - 1]} {clock}"
    return f"{WEEKDAYS[end.weekday()]} {clock}" if days or with_day else clock


def date_text(when: datetime) -> str:
    """Say a date, a time and its zone: ``"Sat 20 Jun 2026 05:30 CEST"``."""
    when = _h_mm(when)
    day = f"{WEEKDAYS[when.weekday()]} {when.day} {_MONTHS[when.month - 1]} {when.year}"
    return f"{day} {when:%H:%M} {when.tzname()}"


def _h_mm(when: datetime) -> datetime:
    """Round to the nearest minute, the day after included."""
    instant = when.astimezone(UTC) + timedelta(seconds=30)
    return instant.replace(second=0, microsecond=0).astimezone(when.tzinfo)

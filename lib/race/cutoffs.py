"""Cut-offs as organizers write them, as race times."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from lib.core.errors import InputError
from lib.race.clock import MAX_ELAPSED_S, read_duration

_CLOCK: Final = re.compile(r"(?:([A-Za-z]{3,9})\s+)?(\d{1,2}):(\d{2})")
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_EXPECTED: Final = "a time such as 14:30, Sun 04:00 or 2026-06-21T04:00"
_LATER: Final = "a time after the start, within 60 days"
_FAR: Final = timedelta(days=62)


def _refused(text: str, expected: str, remedy: str, source: str) -> InputError:
    return InputError(f"the cut-off {text[:40]!r}", expected, remedy, source)


def _shown_at(clock: datetime, zone: tzinfo) -> list[float]:
    """When clocks in a zone show a date and time, as seconds since 1970-01-01 UTC: once, never, or twice."""
    both = (clock.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    # A time that clocks skip comes back as another one.
    return sorted({x.timestamp() for x in both if x.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == clock})


def cutoff_seconds(text: str, start: datetime | None, source: str) -> float:
    """Read a cut-off on the clock: race time (s) at which it is.

    Parameters
    ----------
    text : str
        ``14:30``, the first after the start; ``Sun 04:00``, the first on that weekday; or a date and time, ISO 8601,
        in the zone of the start where it has no offset.
    start : datetime, optional
        With its zone; a cut-off on the clock says nothing without it.
    source : str
        For errors.

    Raises
    ------
    InputError
        If it is none of these, not after the start, skipped by clocks, or a date with a time that they show twice.
    """
    if start is None:
        raise InputError(
            f"the cut-off {text[:40]!r} without a start",
            "a start",
            "Say when the run starts, or use cutoff_after.",
            source,
        )
    assert start.tzinfo is not None
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        return _dated(text, start, start.tzinfo, source)
    weekday, hours, minutes = (found[1] or "").lower(), int(found[2]), int(found[3])
    days = [i for i, name in enumerate(_DAYS) if name.startswith(weekday)]
    if hours > 23 or minutes > 59 or not days:
        raise _refused(text, _EXPECTED, "Write it so.", source)
    begin = start.replace(tzinfo=None, fold=0)
    for ahead in range(9):
        clock = begin.replace(hour=hours, minute=minutes, second=0, microsecond=0) + timedelta(days=ahead)
        if clock.weekday() in days:
            times = _shown_at(clock, start.tzinfo)
            if not times and clock > begin:
                raise _refused(text, f"a time that clocks show on {clock:%Y-%m-%d}", "Give another.", source)
            after = [time - start.timestamp() for time in times if time > start.timestamp()]
            if after:
                return after[0]
    raise AssertionError("every weekday comes within nine days")


def _dated(text: str, start: datetime, zone: tzinfo, source: str) -> float:
    try:
        when = datetime.fromisoformat(text.strip()) if ":" in text else None  # a date alone would be midnight
    except ValueError:
        when = None
    if when is None:
        raise _refused(text, _EXPECTED, "Write it so.", source)
    if when.tzinfo is None and abs(when - start.replace(tzinfo=None, fold=0)) > _FAR:
        raise _refused(text, _LATER, "Correct it.", source)
    times = _shown_at(when, zone) if when.tzinfo is None else [when.timestamp()]
    if len(times) != 1:
        which = "a time that clocks show" if not times else "one of the two times at which clocks show it"
        raise _refused(text, which, "Give it with its offset (+02:00).", source)
    seconds = times[0] - start.timestamp()
    if not 0 < seconds <= MAX_ELAPSED_S:
        raise _refused(text, _LATER, "Correct it.", source)
    return seconds


def after_seconds(text: str, source: str) -> float:
    """Read a cut-off after the start, ``h:mm`` or ``h:mm:ss``, as race time (s)."""
    seconds = read_duration(text)
    if seconds is None:
        raise InputError(f"the cut-off {text[:40]!r} after the start", "h:mm or h:mm:ss", "Write it so.", source)
    return seconds

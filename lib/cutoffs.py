"""In: a cut-off as race organisers tell it. Out: the race time at which it is."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from lib.clock import MAX_ELAPSED_S, WEEKDAYS
from lib.errors import InputError

_CLOCK: Final = re.compile(r"(?:([A-Za-z]{3,9})\s+)?(\d{1,2}):(\d{2})")
_AFTER: Final = re.compile(r"(\d{1,3}):(\d{2})(?::(\d{2}))?")


def cutoff_seconds(text: str, start: datetime | None, source: str) -> float:
    """Read a cut-off on the clock: race time (s) at which it is.

    Parameters
    ----------
    text : str
        ``14:30``, the first after the start; ``Sun 04:00``, the first on that weekday; or a date and time, ISO 8601.
    start : datetime, optional
        With its zone; a cut-off on the clock says nothing without it.
    source : str
        For errors.
    """
    expected = "a time such as 14:30, Sun 04:00 or 2026-06-21T04:00"
    if start is None:
        raise InputError(
            f"the cut-off {text[:40]!r} without a start",
            "a start",
            "Say when the run starts, or use cutoff_after.",
            source,
        )
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        try:
            when = datetime.fromisoformat(text.strip())
        except ValueError as error:
            raise InputError(f"the cut-off {text[:40]!r}", expected, "Write it so.", source) from error
        when = when.replace(tzinfo=start.tzinfo) if when.tzinfo is None else when
        seconds = when.timestamp() - start.timestamp()
        if not 0 <= seconds <= MAX_ELAPSED_S:
            raise InputError(f"the cut-off {text[:40]!r}", "a time after the start", "Correct it.", source)
        return seconds
    weekday, hours, minutes = found[1], int(found[2]), int(found[3])
    days = [i for i, name in enumerate(WEEKDAYS) if weekday and weekday[:3].title() == name]
    if hours > 23 or minutes > 59 or (weekday and not days):
        raise InputError(f"the cut-off {text[:40]!r}", expected, "Write it so.", source)
    for ahead in range(9):
        when = start.replace(hour=hours, minute=minutes, second=0, microsecond=0, fold=0) + timedelta(days=ahead)
        seconds = when.astimezone(UTC).timestamp() - start.timestamp()
        if seconds > 0 and (not days or when.weekday() == days[0]):
            return seconds
    raise AssertionError("every weekday comes within nine days")


def after_seconds(text: str, source: str) -> float:
    """Read a cut-off after the start, ``h:mm`` or ``h:mm:ss``, as race time (s)."""
    found = _AFTER.fullmatch(text.strip())
    if found is None or int(found[2]) > 59 or int(found[3] or 0) > 59:
        raise InputError(f"the cut-off {text[:40]!r} after the start", "h:mm or h:mm:ss", "Write it so.", source)
    return 3600.0 * int(found[1]) + 60.0 * int(found[2]) + int(found[3] or 0)

"""Durations as text, each rounded to the nearest second or minute."""

from __future__ import annotations

import math
from collections.abc import Callable


def whole(value: float) -> int:
    """Round to the nearest whole number, halves up: the one way in which times are rounded."""
    assert math.isfinite(value)
    return math.floor(value + 0.5)


def h_mm_ss(seconds: float) -> str:
    """Write a duration as a watch does: ``"1:42:07"``."""
    assert seconds >= 0
    minutes, rest = divmod(whole(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


def h_mm(seconds: float) -> str:
    """Write a duration to the minute: ``"1:42"``."""
    assert seconds >= 0
    hours, minutes = divmod(whole(seconds / 60.0), 60)
    return f"{hours}:{minutes:02d}"


def m_ss(seconds: float) -> str:
    """Write a short duration, or the pace of a kilometre: ``"5:32"``; from an hour on ``"1:05:32"``."""
    text = h_mm_ss(seconds)
    return text[2:].removeprefix("0") if text.startswith("0:") else text


def signed(seconds: float) -> str:
    """Write a difference with its sign: ``"+4:05"``, ``"-1:02:10"``, ``"0:00"``."""
    text = m_ss(abs(seconds))
    return text if text == "0:00" else f"{'-' if seconds < 0 else '+'}{text}"


def signed_h_mm(seconds: float) -> str:
    """Write a difference of hours with its sign, to the minute: ``"+4:05"``, ``"-1:02"``, ``"0:00"``."""
    text = h_mm(abs(seconds))
    return text if text == "0:00" else f"{'-' if seconds < 0 else '+'}{text}"


def difference_text(most_s: float) -> tuple[Callable[[float], str], str]:
    """How differences of up to so many seconds are written along an axis, and the name of that form."""
    return (signed_h_mm, "h:mm") if abs(most_s) >= 3600.0 else (signed, "min:s")


def in_words(seconds: float) -> str:
    """Write a duration with its units: ``"40 s"``, ``"12 min"``, ``"-1 h 35 min"``."""
    sign, size = ("-" if seconds <= -0.5 else ""), abs(seconds)
    if size < 90:
        return f"{sign}{whole(size)} s"
    minutes = whole(size / 60.0)
    return f"{sign}{minutes} min" if minutes < 90 else f"{sign}{minutes // 60} h {minutes % 60:02d} min"

"""The time zone that a place probably has, from the cities of the time zone database."""

from __future__ import annotations

import re
import zoneinfo
from datetime import datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

import numpy as np

from lib.core.geodesy import haversine_m

_TABLE: Final = "zone1970.tab"
_FAR_M: Final = 2_500_000.0
"""Farther from every city than that it is the open sea, or no guess at all."""
_NEAREST: Final = 12
_METRES_OF_AN_HOUR: Final = 500_000.0
"""So much farther may a city be for a clock an hour nearer to the sun: large countries have few cities here."""
_PLACE: Final = re.compile(r"([+-])(\d{2,3})(\d{2})(\d{2})?([+-])(\d{2,3})(\d{2})(\d{2})?")


def _text() -> str:
    for folder in zoneinfo.TZPATH:
        path = Path(folder) / _TABLE
        if path.is_file():
            return path.read_text(encoding="utf-8")
    try:
        return (resources.files("tzdata") / "zoneinfo" / _TABLE).read_text(encoding="utf-8")
    except (ModuleNotFoundError, FileNotFoundError):
        return ""


def _degrees(sign: str, whole: str, minutes: str, seconds: str | None) -> float:
    return float(f"{sign}1") * (int(whole) + int(minutes) / 60.0 + int(seconds or 0) / 3600.0)


@cache
def _cities() -> tuple[tuple[str, ...], np.ndarray]:
    """Names of zones, and latitude and longitude of the city of each."""
    names, places = [], []
    for line in _text().splitlines():
        cells = line.split("\t")
        found = None if line.startswith("#") or len(cells) < 3 else _PLACE.fullmatch(cells[1])
        if found:
            parts = found.groups()
            names.append(cells[2])
            places.append((_degrees(*parts[:4]), _degrees(*parts[4:])))  # type: ignore[arg-type]
    return tuple(names), np.array(places).reshape(-1, 2)


def zone_near(lat: float, lon: float) -> str | None:
    """Guess the IANA zone of a place (degrees, WGS 84): that of a near city whose clock is near the sun's.

    Near a border it may be the neighbour's, mostly with the same clock; None where nothing is known.
    """
    names, places = _cities()
    if not names:
        return None
    away_m = haversine_m(places[:, 0], places[:, 1], lat, lon)
    nearest = np.argsort(away_m)[:_NEAREST]
    off_h = np.array([abs(_hours(names[i]) - lon / 15.0) for i in nearest])
    best = int(nearest[np.argmin(away_m[nearest] + _METRES_OF_AN_HOUR * off_h)])
    return names[best] if away_m[best] < _FAR_M else None


@cache
def _hours(name: str) -> float:
    """Offset of a zone from UTC in winter."""
    try:
        offsets = [datetime(2026, month, 1, tzinfo=zoneinfo.ZoneInfo(name)).utcoffset() for month in (1, 7)]
    except zoneinfo.ZoneInfoNotFoundError:
        return np.inf
    return min(offset.total_seconds() for offset in offsets if offset is not None) / 3600.0

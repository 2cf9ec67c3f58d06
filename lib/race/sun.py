"""Sunrise, sunset and civil twilight of a day, and where a course is run in the dark."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np
from astral import Observer
from astral.sun import elevation
from numpy.typing import ArrayLike, NDArray

from lib.core.errors import InputError
from lib.core.numeric import runs_of_true

HORIZON_DEG: Final = -50.0 / 60.0
"""Elevation of the sun's centre at sunrise and sunset: 34' of refraction and its radius of 16' below the horizon."""
TWILIGHT_DEG: Final = -6.0
"""Elevation of the sun's centre where civil twilight begins and ends.

Both as the U.S. Naval Observatory defines them: https://aa.usno.navy.mil/faq/RST_defs
"""

_GRID_S: Final = 300.0
_DARKNESS_GRID_S: Final = 600.0
_HALF_DAY: Final = timedelta(hours=12)


@dataclass(frozen=True)
class SunTimes:
    """The sun of a day, from its lowest point before noon to its lowest after it.

    Parameters
    ----------
    dawn, sunrise, sunset, dusk : datetime or None
        Civil twilight begins, the sun rises, sets, civil twilight ends; None where that does not happen. Short of the
        polar circles in summer, dusk may be after midnight.
    note : str
        Why some are None, in words; empty where none is.
    """

    dawn: datetime | None
    sunrise: datetime | None
    sunset: datetime | None
    dusk: datetime | None
    note: str = ""


@lru_cache(20_000)
def sun_elevation_deg(lat: float, lon: float, when: datetime) -> float:
    """Elevation of the sun's centre above the horizon (degrees), without refraction, at an instant with its zone."""
    # In UTC, as astral rounds what it is given in a zone to a date there.
    return elevation(Observer(lat, lon), when.astimezone(UTC), with_refraction=False)


def sun_times(lat: float, lon: float, day: date, zone: tzinfo) -> SunTimes:
    """Give the times of the sun at a place, for a horizon at its own height; mountains are not known.

    Parameters
    ----------
    lat, lon : float
        Degrees (WGS 84).
    day : date
        The day whose noon it is.
    zone : tzinfo
        Zone of that day and of the times.

    Raises
    ------
    InputError
        If the place is not on Earth.

    Notes
    -----
    The elevation of the sun, by the library astral, is searched for the last rise before noon and the first fall
    after it. The library's own times of sunrise are not used: they raise where there is none, and near the polar
    circles.
    """
    _check_places(np.array([lat]), np.array([lon]))

    def height(when: datetime) -> float:
        return sun_elevation_deg(lat, lon, when)

    middle = datetime.combine(day, time(12), zone).astimezone(UTC)
    grid = timedelta(seconds=_GRID_S)
    hours = [middle + i * grid for i in range(int(-_HALF_DAY / grid), int(_HALF_DAY / grid))]
    noon = max(hours, key=height)
    morning = [noon - i * grid for i in range(int(_HALF_DAY / grid) + 1)]
    evening = [noon + i * grid for i in range(int(_HALF_DAY / grid) + 1)]
    found = [
        _crossing(height, part, limit)
        for limit, part in (
            (TWILIGHT_DEG, morning),
            (HORIZON_DEG, morning),
            (HORIZON_DEG, evening),
            (TWILIGHT_DEG, evening),
        )
    ]
    dawn, sunrise, sunset, dusk = (None if x is None else x.astimezone(zone) for x in found)
    return SunTimes(dawn, sunrise, sunset, dusk, _note(height(noon), *found))


def _crossing(height: Callable[[datetime], float], away: list[datetime], limit: float) -> datetime | None:
    """When the sun is first at a limit on the way from noon; None if it is below at noon, or never."""
    if height(away[0]) <= limit:
        return None
    for near, far in pairwise(away):
        if height(far) <= limit:
            for _ in range(9):  # 300 s to under 1 s
                half = near + (far - near) / 2
                near, far = (near, half) if height(half) <= limit else (half, far)
            return far
    return None


def _note(
    highest: float, dawn: datetime | None, sunrise: datetime | None, sunset: datetime | None, dusk: datetime | None
) -> str:
    if highest <= TWILIGHT_DEG:
        return "dark all day"
    notes = []
    if highest <= HORIZON_DEG:
        notes.append("the sun does not rise")
    elif sunrise is None or sunset is None:
        notes.append("the sun does not set" if sunrise is sunset else "the sun sets or rises only once")
    if dawn is None or dusk is None:
        notes.append("it does not get dark" if dawn is dusk else "it gets dark only once")
    return ", ".join(notes)


def night_sections(
    lat: ArrayLike, lon: ArrayLike, unix_s: ArrayLike, limit_deg: float = TWILIGHT_DEG
) -> list[tuple[int, int]]:
    """Find where a course is run in the dark.

    Parameters
    ----------
    lat, lon : array_like, shape (T,)
        Degrees (WGS 84), at the end of each step.
    unix_s : array_like, shape (T,)
        When each step ends, in seconds since 1970-01-01 UTC (`lib.race.clock.unix_seconds`), never falling.
    limit_deg : float
        It is dark where the sun's centre is lower than this (degrees).

    Returns
    -------
    list of (int, int)
        First step of each section, and the one after its last.

    Raises
    ------
    InputError
        If a place is not on Earth, a time is not finite, or time runs backwards.

    Notes
    -----
    The sun's elevation is taken every 5 minutes and linear between; that is off by less than 0.01 degrees, 4 s.
    """
    lat, lon, unix = (np.asarray(x, dtype=np.float64) for x in (lat, lon, unix_s))
    assert lat.shape == lon.shape == unix.shape and lat.ndim == 1
    if lat.size == 0:
        return []
    _check_places(lat, lon)
    if not np.isfinite(unix).all() or np.any(np.diff(unix) < 0):
        raise InputError("arrival times that are missing or run backwards", "times that never fall", "Check the plan.")
    ticks = np.searchsorted(unix, np.arange(unix[0], unix[-1], _GRID_S))
    # Both ends of a stop: what is between two samples is then run, not stood.
    at = np.unique(np.concatenate([[0], np.maximum(ticks - 1, 0), ticks, [unix.size - 1]]))
    heights = [
        sun_elevation_deg(a, b, datetime.fromtimestamp(t, UTC))
        for a, b, t in zip(lat[at].tolist(), lon[at].tolist(), unix[at].tolist(), strict=True)
    ]
    dark = np.interp(unix, unix[at], heights) < limit_deg
    return [(first, last) for first, last in runs_of_true(dark).tolist()]


def darkness(lat: float, lon: float, start: datetime, elapsed_s: ArrayLike) -> NDArray[np.bool_]:
    """Whether it is dark at a place some seconds after a start, shape as `elapsed_s`, (M,).

    The sun's elevation is taken every 10 minutes and linear between.
    """
    elapsed = np.asarray(elapsed_s, dtype=np.float64)
    ticks_s = np.arange(0.0, float(elapsed.max(initial=0.0)) + 2 * _DARKNESS_GRID_S, _DARKNESS_GRID_S)
    heights = [sun_elevation_deg(lat, lon, start + timedelta(seconds=s)) for s in ticks_s.tolist()]
    return np.interp(elapsed, ticks_s, heights) < TWILIGHT_DEG


def _check_places(lat: NDArray[np.float64], lon: NDArray[np.float64]) -> None:
    bad = ~((np.abs(lat) <= 90) & (np.abs(lon) <= 180))
    if bad.any():
        raise InputError(
            f"a place at latitude {lat[bad][0]:g}, longitude {lon[bad][0]:g}",
            "degrees within ±90 and ±180",
            "Correct the course.",
        )

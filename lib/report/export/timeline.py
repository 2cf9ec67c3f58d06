"""Where the runner is when, stops included: points in time for files of other programs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np

from lib.core import schema as c
from lib.core.errors import InputError
from lib.plan.race_plan import RacePlan

NO_DATE: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Start in files for watches where none is known: these look at differences only, but cannot do without dates."""
MAX_POINTS: Final = 5_000
"""Points of a file for a watch, besides those at stops and stations."""

_LEAST_STOP_S: Final = 5.0


@dataclass(frozen=True, eq=False)
class Itinerary:
    """Points in time along a race; the first is the start, at race time 0.

    A stop is two points in one place: arrival and departure.

    Parameters
    ----------
    place : ndarray of int, shape (N,)
        How many steps of the course lie before each point.
    race_s : ndarray, shape (N,)
        Race time (s), never falling.
    distance_m, lat, lon, altitude_m : ndarray, shape (N,)
        Where it is (m; degrees, WGS 84). The start itself has no row in a course: it is taken to lie a step before the
        first, straight on.
    heart_rate_bpm, cadence_rpm : ndarray, shape (N,)
        Of the step that ends there.
    speed_m_s : ndarray, shape (N,)
        Moving speed since the point before (m/s); 0 at the start and at the end of a stop.
    """

    place: np.ndarray
    race_s: np.ndarray
    distance_m: np.ndarray
    lat: np.ndarray
    lon: np.ndarray
    altitude_m: np.ndarray
    heart_rate_bpm: np.ndarray
    cadence_rpm: np.ndarray
    speed_m_s: np.ndarray


def _places(race: RacePlan) -> tuple[np.ndarray, np.ndarray]:
    """Latitude and longitude of the start and of the end of each step, shape (T + 1,)."""
    lat, lon = race.course.columns[c.LATITUDE], race.course.columns[c.LONGITUDE]
    second = min(1, lat.size - 1)
    turn = (lon[second] - lon[0] + 180.0) % 360.0 - 180.0
    first_lat = np.clip(2.0 * lat[0] - lat[second], -90.0, 90.0)
    first_lon = (lon[0] - turn + 180.0) % 360.0 - 180.0
    return np.concatenate([[first_lat], lat]), np.concatenate([[first_lon], lon])


def itinerary(race: RacePlan, every: int = 1) -> Itinerary:
    """Say where the runner is when.

    Parameters
    ----------
    race : RacePlan
        T steps.
    every : int
        A point after so many steps; stops of 5 s or more, stations, start and finish have theirs besides.
    """
    steps, columns = race.course.steps, race.plan.columns
    arrival_s = np.concatenate([[0.0], race.arrival_s])
    moving_s = np.concatenate([[0.0], columns[c.ELAPSED]])
    waits_s = np.append(np.diff(race.waited_s, prepend=0.0), 0.0)  # at each place, before the step that begins there
    stops = waits_s >= _LEAST_STOP_S
    kept = stops | (np.arange(steps + 1) % every == 0)
    kept[[0, steps, *(s.last_step(steps) + 1 for s in race.config.stations)]] = True
    at = np.flatnonzero(kept)
    place = np.repeat(at, 1 + stops[at])
    leaves = np.concatenate([[False], place[1:] == place[:-1]])
    step = np.maximum(place - 1, 0)
    lat, lon = _places(race)
    gone_m = np.diff(place, prepend=place[:1]) * c.STEP_M
    gone_s = np.diff(moving_s[place], prepend=0.0)
    return Itinerary(
        place=place,
        race_s=arrival_s[place] + np.where(leaves, waits_s[place], 0.0),
        distance_m=place * c.STEP_M,
        lat=lat[place],
        lon=lon[place],
        altitude_m=columns[c.ALTITUDE][step],
        heart_rate_bpm=columns[c.HEART_RATE][step],
        cadence_rpm=columns[c.CADENCE][step],
        speed_m_s=np.divide(gone_m, gone_s, out=np.zeros(place.size), where=gone_s > 0),
    )


def for_watch(race: RacePlan) -> Itinerary:
    """A point every 10 m, further apart from 50 km on: `MAX_POINTS`, and those at stops and stations."""
    return itinerary(race, max(2, -(-race.course.steps // MAX_POINTS)))


def known_start(race: RacePlan, what: str) -> datetime:
    """Start of the race, for a file that tells times of day.

    Raises
    ------
    InputError
        If none is known.
    """
    if race.start is None:
        raise InputError("no start", "a date and time with its offset", f"{what} tells times of day: add one.", "start")
    return race.start

"""Where a course passes its waypoints."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lib.core import schema as c
from lib.core.geodesy import haversine_m
from lib.course.course import Course, Waypoint

_PASS_REACH_M, _PASS_APART_M = 15.0, 500.0


def passes(away_m: np.ndarray) -> list[int]:
    """Find the steps at which the course passes a place; ``away_m``, shape (T,), is how far from each it is.

    The nearest step, and the nearest of every other stretch that is about as near and 500 m or more apart:
    the start of a round is its finish too, and an aid station of an out-and-back is passed twice.
    """
    near = np.flatnonzero(away_m <= away_m.min() + _PASS_REACH_M)
    breaks = np.flatnonzero(np.diff(near) * c.STEP_M >= _PASS_APART_M) + 1
    return [int(part[np.argmin(away_m[part])]) for part in np.split(near, breaks)]


def waypoint_passes(course: Course) -> Iterator[tuple[Waypoint, list[tuple[int, float]]]]:
    """Yield each waypoint of a course with its `passes`: steps, and how far it is from the course there (m)."""
    lat, lon = course.columns[c.LATITUDE], course.columns[c.LONGITUDE]
    for waypoint in course.waypoints:
        away_m = haversine_m(lat, lon, np.float64(waypoint.lat), np.float64(waypoint.lon))
        yield waypoint, [(step, float(away_m[step])) for step in passes(away_m)]

"""A course along one, a recording of a run along another, as devices err, from ways in a plane, and speeds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from lib.core import schema as c
from lib.core.geodesy import EARTH_RADIUS_M
from lib.course.course import Course, read_course
from lib.recordings.formats.activity import Activity

START = datetime(2024, 5, 1, 8, tzinfo=UTC)
SPEED_MPS = 2.5
_DEGREE_M = EARTH_RADIUS_M * np.pi / 180.0
_LAT, _LON = 46.0, 7.0

Way = Sequence[tuple[float, float]]
Leg = tuple[Way, float] | float
"""A way (m east, m north) and a speed (m/s), or a time to stand (s)."""


def degrees(plane: np.ndarray, lon: float = _LON) -> tuple[np.ndarray, np.ndarray]:
    """Latitude and longitude of places in a plane, shape (N, 2) (m)."""
    east = lon + plane[:, 0] / (_DEGREE_M * np.cos(np.radians(_LAT)))
    return _LAT + plane[:, 1] / _DEGREE_M, (east + 180.0) % 360.0 - 180.0


def every(way: Way, metres: float) -> np.ndarray:
    """Corners of a way and places so many metres apart between them, shape (N, 2)."""
    corners = np.array(way, float)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T))])
    at = np.unique(np.round(np.concatenate([along, np.arange(0.0, along[-1], metres)]), 6))
    return np.stack([np.interp(at, along, corners[:, k]) for k in (0, 1)], axis=1)


def course_along(way: Way, metres: float = 5.0, lon: float = _LON) -> Course:
    """A course along a way over rolling hills, with a point every so many metres."""
    lat, lons = degrees(every(way, metres), lon)
    height = 500.0 + 30.0 * np.sin(np.arange(lat.size) * metres / 200.0)
    points = "".join(
        f'<trkpt lat="{a!r}" lon="{b!r}"><ele>{h!r}</ele></trkpt>'
        for a, b, h in zip(lat.tolist(), lons.tolist(), height.tolist(), strict=True)
    )
    head = '<gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1">'
    return read_course(f"{head}<trk><trkseg>{points}</trkseg></trk></gpx>".encode(), "course.gpx")


def recording(
    *legs: Leg, every_s: float = 1.0, noise_m: float = 3.0, lon: float = _LON, seed: int = 0, positions: bool = True
) -> tuple[Activity, np.ndarray]:
    """A recording of legs one after the other, and when each ended (s).

    Positions err by `noise_m` in each direction, slowly (a minute's memory), as satellites do.
    """
    clock, places, times, ends = 0.0, [], [], []
    for leg in legs:
        if isinstance(leg, tuple):
            corners = np.array(leg[0], float)
            along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T))])
            times.append(clock + along / leg[1])
            places.append(corners)
        else:
            times.append(np.array([clock, clock + leg]))
            places.append(np.repeat(places[-1][-1:], 2, axis=0))
        clock = float(times[-1][-1])
        ends.append(clock)
    at = np.concatenate(times) + 1e-9 * np.arange(sum(map(len, times)))
    time = np.arange(0.0, clock + 1e-6, every_s)
    plane = np.stack([np.interp(time, at, np.concatenate(places)[:, k]) for k in (0, 1)], axis=1)
    rng, keep = np.random.default_rng(seed), np.exp(-every_s / 60.0)
    drift = np.zeros_like(plane)
    fresh = rng.normal(size=plane.shape) * noise_m * np.sqrt(1.0 - keep**2)
    for i in range(1, len(drift)):
        drift[i] = keep * drift[i - 1] + fresh[i]
    lat, lons = degrees(plane + drift, lon)
    way = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(plane, axis=0).T))])
    where = {c.LATITUDE: lat, c.LONGITUDE: lons} if positions else {c.DISTANCE: way}
    frame = pd.DataFrame({c.TIME: time, c.HEART_RATE: 150.0, c.CADENCE: 170.0} | where)
    samples = frame.reindex(columns=list(c.SAMPLE_COLUMNS)).astype(float)
    return Activity("run.gpx", "running", START, samples), np.array(ends)

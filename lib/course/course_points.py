"""Points of a course, in the order in which they are run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import gpxpy.gpx
import numpy as np

from lib.core.errors import InputError
from lib.core.geodesy import gaps_m, haversine_m
from lib.core.text import counted_noun, one_line

MAX_NAME: Final = 120
"""Characters of a name."""


@dataclass(frozen=True, eq=False)
class Points:
    """A line of points.

    Parameters
    ----------
    name : str
        As its author called it; empty if not at all, or if its parts have different names.
    lat, lon, elevation_m : ndarray, shape (P,)
        Degrees (WGS 84) and metres; an elevation is NaN where missing.
    """

    name: str
    lat: np.ndarray
    lon: np.ndarray
    elevation_m: np.ndarray

    @property
    def length_km(self) -> float:
        """Length (km)."""
        return float(gaps_m(self.lat, self.lon).sum()) / 1000.0

    def at(self, keep: np.ndarray) -> Points:
        """The points of a mask, shape (P,)."""
        return Points(self.name, self.lat[keep], self.lon[keep], self.elevation_m[keep])


def course_points(gpx: gpxpy.gpx.GPX, source: str, near_m: float, repairs: list[str]) -> Points:
    """Take the course out of a GPX file: its tracks, or its routes where it has no track.

    Segments of a track are joined. Several tracks are joined in the order of the file, unless each begins where the one
    before began, within `near_m`, rather than where that one ended: these are alternatives, and the longest is taken.

    Parameters
    ----------
    gpx : GPX
        As `lib.core.gpx.parse_gpx` gives it.
    source : str
        Its name, for errors.
    near_m : float
        Points this close may be of one place (m).
    repairs : list of str
        What was done is added in words.

    Raises
    ------
    InputError
        If it holds no track or route of two points, or a point that is not on Earth.
    """
    tracks = [(t.name, [p for s in t.segments for p in s.points]) for t in gpx.tracks]
    routes = [(r.name, list(r.points)) for r in gpx.routes]
    tracks, routes = ([x for x in lines if len(x[1]) > 1] for lines in (tracks, routes))
    if not tracks and not routes:
        found = f"{len(gpx.waypoints)} waypoints" if gpx.waypoints else "no points"
        raise InputError(
            f"{found}, but no track or route",
            "a track or route of 2 points or more",
            "Export the course itself.",
            source,
        )
    if tracks and routes:
        repairs.append(f"{counted_noun(len(routes), 'route')} beside the track left out")
    return _one(
        [_line(name, points, source) for name, points in tracks or routes],
        "tracks" if tracks else "routes",
        near_m,
        repairs,
    )


def _line(name: str | None, points: Sequence[Any], source: str) -> Points:
    values = [(p.latitude, p.longitude, np.nan if p.elevation is None else p.elevation) for p in points]
    lat, lon, elevation = np.array(values, dtype=np.float64).T
    on_earth = (np.abs(lat) <= 90) & (np.abs(lon) <= 180)
    if not on_earth.all():
        wrong = np.argmin(on_earth)
        raise InputError(
            f"a point at latitude {lat[wrong]:g}, longitude {lon[wrong]:g}",
            "degrees within ±90 and ±180",
            "Correct or remove that point.",
            source,
        )
    return Points(one_line(name, MAX_NAME), lat, lon, elevation)


def _one(lines: list[Points], noun: str, near_m: float, repairs: list[str]) -> Points:
    """Join lines, or choose between alternatives."""
    if len(lines) == 1:
        return lines[0]
    first, last = (np.array([(x.lat[i], x.lon[i]) for x in lines]).T for i in (0, -1))  # (2, N) each
    on_m = haversine_m(*last[:, :-1], *first[:, 1:])
    back_m = haversine_m(*first[:, :-1], *first[:, 1:])
    if ((back_m < on_m) & (back_m <= near_m)).all():
        longest = max(lines, key=lambda x: x.length_km)
        called = f"{longest.name}, " if longest.name else ""
        repairs.append(
            f"{len(lines)} {noun} begin at the same place and are taken for alternatives: only the longest is planned "
            f"({called}{longest.length_km:.1f} km)"
        )
        return longest
    apart = f", from one to the next up to {on_m.max() / 1000:.1f} km" if on_m.max() > near_m else ""
    repairs.append(f"{len(lines)} {noun} joined in the order of the file{apart}")
    lat, lon, elevation = (np.concatenate([getattr(x, key) for x in lines]) for key in ("lat", "lon", "elevation_m"))
    names = {x.name for x in lines}
    return Points(names.pop() if len(names) == 1 else "", lat, lon, elevation)

"""Points of a course, in the order in which they are run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from lib.core.errors import InputError
from lib.core.geodesy import gaps_m, haversine_m
from lib.core.gpx import Line, Place, Ways
from lib.core.text import counted_noun, one_line
from lib.course.surface import ground_of

MAX_NAME: Final = 120
"""Characters of a name."""
_NULL_DEG: Final = 1e-6
_NULL_FAR_DEG: Final = 0.1
"""What is so near to 0\u00b0/0\u00b0 is no position, on a course that lies so far from it."""
_MOST_STARTS: Final = 50
_FEW: Final = 3
"""Fewer parts than this are in the order of the file."""
_MOST_BETWEEN: Final = 0.5
_MUCH_SHORTER: Final = 0.5
"""Parts are out of order if more way than this share of their own lies between them, and another order needs only this
share of it."""


@dataclass(frozen=True, eq=False)
class Points:
    """A line of points.

    Parameters
    ----------
    name : str
        As its author called it; empty if not at all, or if its parts have different names.
    lat, lon, elevation_m : ndarray, shape (P,)
        Degrees (WGS 84) and metres; an elevation is NaN where missing.
    ground : ndarray of str, shape (P,)
        Ground from each point on, as `lib.course.surface.ground_of` has it.
    """

    name: str
    lat: np.ndarray
    lon: np.ndarray
    elevation_m: np.ndarray
    ground: np.ndarray

    @property
    def length_km(self) -> float:
        """Length (km)."""
        return float(gaps_m(self.lat, self.lon).sum()) / 1000.0

    def at(self, keep: np.ndarray) -> Points:
        """The points of a mask, or of numbers of points."""
        return Points(self.name, self.lat[keep], self.lon[keep], self.elevation_m[keep], self.ground[keep])


def course_points(ways: Ways, source: str, near_m: float, repairs: list[str]) -> Points:
    """Take the course out of a file: its tracks, or its routes where it has no track.

    Segments of a track are joined. Several tracks are joined in the order of the file, unless each begins where the one
    before began, within `near_m`, rather than where that one ended: these are alternatives, and the longest is taken.
    Tracks or segments out of order are ordered where each begins, within `near_m`, where another ends.

    Parameters
    ----------
    ways : Ways
        As `lib.course.course_file.read_ways` gives it.
    source : str
        Its name, for errors.
    near_m : float
        Points this close may be of one place (m).
    repairs : list of str
        What was done is added in words.

    Raises
    ------
    InputError
        If it holds no track or route of two points, a point that is not on Earth, or parts out of any order.
    """
    tracks, routes = ([x for x in lines if sum(map(len, x.parts)) > 1] for lines in (ways.tracks, ways.routes))
    if not tracks and not routes:
        found = f"{len(ways.waypoints)} waypoints" if ways.waypoints else "no points"
        raise InputError(
            f"{found}, but no track or route",
            "a track or route of 2 points or more",
            "Export the course itself.",
            source,
        )
    if tracks and routes:
        repairs.append(f"{counted_noun(len(routes), 'route')} beside the track left out")
    lines = _on_earth(tracks or routes, source, repairs)
    return _one(
        [_in_one(x, near_m, source, repairs) for x in lines], "tracks" if tracks else "routes", near_m, source, repairs
    )


def _on_earth(lines: Sequence[Line], source: str, repairs: list[str]) -> list[list[Points]]:
    """Parts of each line, without points that have no position."""
    found: list[list[Points]] = []
    placeless = null = 0
    everywhere = [abs(p.latitude or 0.0) + abs(p.longitude or 0.0) for x in lines for part in x.parts for p in part]
    far = float(np.median(everywhere)) > _NULL_FAR_DEG
    for x in lines:
        parts = []
        for part in x.parts:
            known = [p for p in part if p.latitude is not None and p.longitude is not None]
            sound = [p for p in known if not (far and abs(p.latitude) + abs(p.longitude) < _NULL_DEG)]
            placeless, null = placeless + len(part) - len(known), null + len(known) - len(sound)
            if sound:
                parts.append(_line(x.name, sound, source))
        if sum(part.lat.size for part in parts) > 1:
            found.append(parts)
    if placeless:
        repairs.append(f"{counted_noun(placeless, 'point')} without a position left out")
    if null:
        repairs.append(f"{counted_noun(null, 'point')} at 0\u00b0/0\u00b0 left out")
    if not found:
        raise InputError("points without a position", "a track or route", "Export the course itself.", source)
    shapes = sum(p.shape for x in lines for part in x.parts for p in part)
    if shapes:
        repairs.append(f"elevation of {counted_noun(shapes, 'point')} that shape the route interpolated")
    return found


def _line(name: str, points: Sequence[Place], source: str) -> Points:
    values = [(p.latitude, p.longitude, np.nan if p.elevation is None else p.elevation) for p in points]
    lat, lon, elevation = np.array(values, dtype=np.float64).T.copy()
    on_earth = (np.abs(lat) <= 90) & (np.abs(lon) <= 180)
    if not on_earth.all():
        wrong = np.argmin(on_earth)
        raise InputError(
            f"a point at latitude {lat[wrong]:g}, longitude {lon[wrong]:g}",
            "degrees within ±90 and ±180",
            "Correct or remove that point.",
            source,
        )
    shape = np.array([p.shape for p in points])
    known = ~shape & np.isfinite(elevation)
    if shape.any() and known.any():
        along_m = np.concatenate([[0.0], np.cumsum(gaps_m(lat, lon))])
        elevation[shape] = np.interp(along_m[shape], along_m[known], elevation[known])
    ground = np.array([ground_of(p.tags) if p.tags else "" for p in points])
    return Points(one_line(name, MAX_NAME), lat, lon, elevation, ground)


def _joined(lines: Sequence[Points]) -> Points:
    columns = (np.concatenate([getattr(x, key) for x in lines]) for key in ("lat", "lon", "elevation_m", "ground"))
    names = {x.name for x in lines}
    return Points(names.pop() if len(names) == 1 else "", *columns)


def _in_one(parts: Sequence[Points], near_m: float, source: str, repairs: list[str]) -> Points:
    """Join the segments of a track."""
    ordered = _ordered(parts, near_m)
    if ordered is not None:
        repairs.append(f"{len(parts)} segments ordered by where their ends meet")
    elif len(parts) > _FEW:
        _refuse_disorder(parts, "segments", source)
    return _joined(ordered or parts)


def _apart_m(lines: Sequence[Points]) -> tuple[np.ndarray, np.ndarray]:
    """Where each line begins and ends, in degrees, shape (N, 2) each."""
    first, last = (np.array([(x.lat[i], x.lon[i]) for x in lines]) for i in (0, -1))
    return first, last


def _ordered(lines: Sequence[Points], near_m: float) -> list[Points] | None:
    """Lines in the one order in which each begins where the one before ends; None if they are so, or if there is none.

    That of the file stays unless it leaps.
    """
    if len(lines) < _FEW:
        return None
    first, last = _apart_m(lines)
    if haversine_m(*last[:-1].T, *first[1:].T).max() <= near_m:
        return None
    apart_m = haversine_m(last[:, None, 0], last[:, None, 1], first[None, :, 0], first[None, :, 1])  # (N, N)
    np.fill_diagonal(apart_m, np.inf)
    follower = np.full(len(lines), -1)
    for i, j in zip(*np.unravel_index(np.argsort(apart_m, axis=None), apart_m.shape), strict=True):
        if apart_m[i, j] > near_m or (follower >= 0).sum() == len(lines) - 1:
            break
        end = j
        while follower[end] >= 0:
            end = follower[end]
        if follower[i] < 0 and j not in follower and end != i:
            follower[i] = j
    begins = [i for i in range(len(lines)) if i not in follower]
    if len(begins) != 1:
        return None
    order = begins
    while follower[order[-1]] >= 0:
        order.append(int(follower[order[-1]]))
    return [lines[i] for i in order]


def _refuse_disorder(lines: Sequence[Points], noun: str, source: str) -> None:
    """Refuse lines with much way between them in the order of the file, and little in another."""
    first, last = _apart_m(lines)
    between_m = float(haversine_m(*last[:-1].T, *first[1:].T).sum())
    along_m = 1000.0 * sum(x.length_km for x in lines)
    if between_m > _MOST_BETWEEN * along_m and _shortest_m(first, last) < _MUCH_SHORTER * between_m:
        raise InputError(
            f"{len(lines)} {noun} of {along_m / 1000.0:.1f} km in no order, {between_m / 1000.0:.1f} km between them",
            "parts that follow each other",
            "Join them in the order in which they are run, for example in a route planner.",
            source,
        )


def _shortest_m(first: np.ndarray, last: np.ndarray) -> float:
    """Way between lines that are run one after the other, always the nearest next; the best of all starts."""
    apart_m = haversine_m(last[:, None, 0], last[:, None, 1], first[None, :, 0], first[None, :, 1])  # (N, N)
    totals = []
    for at in range(min(len(first), _MOST_STARTS)):
        left = np.ones(len(first), dtype=bool)
        left[at], total = False, 0.0
        while left.any():
            following = int(np.argmin(np.where(left, apart_m[at], np.inf)))
            total += float(apart_m[at, following])
            left[following], at = False, following
        totals.append(total)
    return min(totals)


def _one(lines: list[Points], noun: str, near_m: float, source: str, repairs: list[str]) -> Points:
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
    ordered = _ordered(lines, near_m)
    if ordered is not None:
        repairs.append(f"{len(lines)} {noun} ordered by where their ends meet")
        return _joined(ordered)
    if len(lines) > _FEW:
        _refuse_disorder(lines, noun, source)
    apart = f", from one to the next up to {on_m.max() / 1000:.1f} km" if on_m.max() > near_m else ""
    repairs.append(f"{len(lines)} {noun} joined in the order of the file{apart}")
    return _joined(lines)

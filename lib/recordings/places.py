"""How far along a course the runner was at every point of the recorded way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np

from lib.core import schema as c
from lib.core.errors import InputError
from lib.core.geodesy import EARTH_RADIUS_M, wrapped_lon
from lib.core.numeric import hann_mean, runs_of_true
from lib.course.course import Course
from lib.recordings.map_matching import OFF_M, Match, match

_DEGREE_M: Final = EARTH_RADIUS_M * np.pi / 180.0
_SMOOTHING_STEPS: Final = 20
"""Length of the window over which places are smoothed: noise of a position must not become pace."""
_SKIP_STEPS: Final = 5
"""More of the course than this between two points 5 m of way apart was passed without being recorded."""
_LONGEST, _LONGER_M = 3.0, 30_000.0
_LINE_M: Final = 10.0
"""Standing this near to the start line or the finish is waiting there."""
_WORTH_SAYING_M: Final = 100.0
_NAMED: Final = 3


@dataclass(frozen=True)
class PlacesConfig:
    """When a recording is one of a course.

    Parameters
    ----------
    min_matched_m : float
        Less of the way on the course (m) than this is another course.
    line_m : float
        A recording that begins or ends this near to the start or finish (m) begins or ends there.
    late_m : float
        One that begins later than that, up to here (m), lacks the beginning; beyond it is refused.
    whole : float
        A recording without positions whose distance is within this share of the course's is one of all of it.
    """

    min_matched_m: float = 300.0
    line_m: float = 40.0
    late_m: float = 300.0
    whole: float = 0.05

    def __post_init__(self) -> None:
        for name in ("min_matched_m", "line_m", "late_m", "whole"):
            if not getattr(self, name) > 0:
                raise InputError(f"{getattr(self, name)}", "a number above 0", "Correct the configuration.", name)


@dataclass(frozen=True, eq=False)
class Places:
    """Places of M points along the recorded way, from the start line to the last place on the course.

    Parameters
    ----------
    way_m : ndarray, shape (M,)
        Way recorded before each (m), rising.
    place_m : ndarray, shape (M,)
        Distance along the course (m), never falling.
    away_m : ndarray, shape (M,)
        Distance from the course (m), NaN where unknown.
    late_m : float
        What the recording lacks of the course's beginning (m); 0 if it begins at the start.
    skips : tuple of (int, int)
        Steps of the course, from and to (exclusive), that were passed without being recorded.
    notes : tuple of str
        What was odd, in words.
    """

    way_m: np.ndarray
    place_m: np.ndarray
    away_m: np.ndarray
    late_m: float = 0.0
    skips: tuple[tuple[int, int], ...] = ()
    notes: tuple[str, ...] = ()


def places_by_distance(length_m: float, course: Course, config: PlacesConfig) -> Places:
    """Places of a recording without positions, of whose way only the length is known (m)."""
    course_m = course.steps * c.STEP_M
    way_m, said = min(length_m, course_m), "no positions, so the distance is taken"
    if abs(length_m / course_m - 1.0) <= config.whole:
        way_m, place_m = length_m, course_m
        said += f" as the whole course, times {course_m / length_m:.3f}"
    else:
        place_m = way_m
        said += " as it is" if length_m < course_m else f"; {(length_m - course_m) / 1000:.2f} km after it left out"
    return Places(np.array([0.0, way_m]), np.array([0.0, place_m]), np.full(2, np.nan), notes=(said,))


def places_by_position(points: np.ndarray, course: Course, config: PlacesConfig, source: str) -> Places:
    """Places of a recording with positions.

    Parameters
    ----------
    points : ndarray, shape (M, 2)
        Latitude and longitude (degrees) every 5 m of the recorded way.
    course : Course
        T steps.
    config : PlacesConfig
        Limits.
    source : str
        Name of the file, for messages.

    Raises
    ------
    InputError
        A recording of another course, of this one backwards, or one that begins on the way.
    """
    course_m = course.steps * c.STEP_M
    if len(points) * c.STEP_M > _LONGEST * course_m + _LONGER_M:
        km = len(points) * c.STEP_M / 1000.0
        raise _another(f"a way of {km:.0f} km, of a course of {course_m / 1000:.0f} km", source)
    plane, edges = _in_plane(points, course)
    found = match(plane, edges)
    if not _is_of(found, course.steps, config):
        if _is_of(match(plane, edges[::-1]), course.steps, config):
            raise InputError(
                "the course run backwards", "a run in its direction", "Reverse the course, or give another.", source
            )
        off = float((~found.on).mean())
        raise _another(f"{off:.0%} of the way more than {OFF_M:.0f} m from the course or in another order", source)
    first, last = found.first, found.last
    step, on = found.step[first : last + 1], found.on[first : last + 1]
    late_m = float(step[0]) * c.STEP_M
    if late_m > config.late_m:
        raise InputError(
            f"a recording that begins {late_m / 1000:.1f} km after the start", "one from the start on",
            "Give all of the run, or the course from there on.", source,
        )  # fmt: skip
    place_m, skips, notes = _along(step, on)
    if late_m <= config.line_m:
        place_m, late_m = _pulled(place_m, 0.0), 0.0
    if course_m - place_m[-1] <= config.line_m:
        place_m = -_pulled(-place_m[::-1], -course_m)[::-1]
    else:
        rest_m = (len(points) - 1 - last) * c.STEP_M
        if rest_m > _WORTH_SAYING_M:
            notes.append(f"left the course at {_km(place_m[-1])}; {rest_m / 1000:.1f} km after that left out")
    way_m = np.arange(first, last + 1) * c.STEP_M
    return Places(way_m, place_m, found.away_m[first : last + 1], late_m, skips, tuple(notes))


def without_waiting(places: Places, standing_m: np.ndarray, finish_m: float) -> Places:
    """Places of which standing within a few metres of the start line and of the finish is no part.

    Parameters
    ----------
    places : Places
        Of a recording.
    standing_m : ndarray, shape (S,)
        Way before each stop (m).
    finish_m : float
        Length of the course (m).
    """
    way_m, place_m = places.way_m, places.place_m
    begin_m, end_m = way_m[0], way_m[-1]
    if places.late_m == 0:
        begin_m = max(standing_m[(standing_m >= begin_m) & (standing_m <= begin_m + _LINE_M)], default=begin_m)
    if place_m[-1] >= finish_m:
        end_m = min(standing_m[(standing_m >= end_m - _LINE_M) & (standing_m <= end_m)], default=end_m)
    keep = (way_m > begin_m) & (way_m < end_m)
    return replace(
        places,
        way_m=np.concatenate([[begin_m], way_m[keep], [end_m]]),
        place_m=np.concatenate([place_m[:1], place_m[keep], place_m[-1:]]),
        away_m=np.concatenate([places.away_m[:1], places.away_m[keep], places.away_m[-1:]]),
    )


def _km(place_m: float) -> str:
    return f"km {place_m / 1000.0:.1f}"


def _another(found: str, source: str) -> InputError:
    return InputError(found, "a recording of this course", "Give the recording of this run, or its course.", source)


def _in_plane(points: np.ndarray, course: Course) -> tuple[np.ndarray, np.ndarray]:
    """Points (M, 2) and edges of the course's steps (T + 1, 2) in a plane around the course (m)."""
    lat, lon = (np.asarray(course.columns[name]) for name in (c.LATITUDE, c.LONGITUDE))
    middle = float(np.median(lat))

    def projected(lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
        east = wrapped_lon(lon - lon_0)  # however far round the Earth either was unwrapped
        return _DEGREE_M * np.stack([east * np.cos(np.radians(middle)), lat - middle], axis=1)

    lon_0 = float(lon[0])
    ends = projected(lat, lon)
    return projected(*points.T), np.concatenate([2 * ends[:1] - ends[1:2], ends])


def _is_of(found: Match, steps: int, config: PlacesConfig) -> bool:
    """Whether enough of the way from the start on is on the course, and half of it or more until the finish."""
    first, last = found.first, found.last
    on_m, course_m = found.on[first : last + 1].sum() * c.STEP_M, (found.step[last] - found.step[first]) * c.STEP_M
    finished = found.on[last] and found.step[last] == steps
    until = last + 1 if finished else len(found.on)
    return bool(min(on_m, course_m) >= config.min_matched_m and np.median(found.away_m[first:until]) <= OFF_M)


def _along(step: np.ndarray, on: np.ndarray) -> tuple[np.ndarray, tuple[tuple[int, int], ...], list[str]]:
    """Places (m) of the points of a run, smoothed; the steps that it skipped; and what of it is worth saying.

    Off the course the runner waits where it was left until no more way remains than course, and then comes as far along
    it as along the way.
    """
    place, detours = step * c.STEP_M, []
    skipped = np.flatnonzero((np.diff(step) > _SKIP_STEPS) & on[:-1] & on[1:])
    for a, b in runs_of_true(on).tolist():
        cuts = [a, *(int(i) + 1 for i in skipped if a <= i < b - 1), b]
        for begin, end in pairwise(cuts):
            place[begin:end] = hann_mean(place[begin:end], _SMOOTHING_STEPS // 2)
    for a, b in runs_of_true(~on).tolist():  # never at either end
        own_m, course_m = (b - a + 1) * c.STEP_M, place[b] - place[a - 1]
        done_m = np.arange(1, b - a + 1) * c.STEP_M
        there = np.maximum(done_m - max(own_m - course_m, 0.0), 0.0) / max(min(own_m, course_m), 1.0)
        place[a:b] = place[a - 1] + course_m * there
        if own_m > _WORTH_SAYING_M:
            detours.append((own_m, f"{own_m:.0f} m off the course at {_km(place[a - 1])}, for {course_m:.0f} m of it"))
    skips = tuple((int(step[i]), int(step[i + 1])) for i in skipped)
    gaps = [((b - a) * c.STEP_M, a * c.STEP_M) for a, b in skips]
    lost = [(gap_m, f"{gap_m:.0f} m of the course at {_km(at_m)} not run, or not recorded") for gap_m, at_m in gaps]
    notes = _summed(detours, "ways off the course") + _summed(lost, "pieces of the course not run, or not recorded")
    return np.maximum.accumulate(place), skips, notes


def _summed(said: list[tuple[float, str]], what: str) -> list[str]:
    """What is said of lengths (m), of many together."""
    if len(said) <= _NAMED:
        return [text for _, text in said]
    return [f"{len(said)} {what}, {sum(length_m for length_m, _ in said):.0f} m in all"]


def _pulled(place_m: np.ndarray, to_m: float) -> np.ndarray:
    """Rising places whose first is drawn back to `to_m`, and those within three times as far the less the later."""
    gap_m = place_m[0] - to_m
    return np.where(place_m < to_m + 3 * gap_m, to_m + 1.5 * (place_m - to_m - gap_m), place_m)

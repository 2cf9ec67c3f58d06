"""Climbs and descents of a course."""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lib.core import schema as c
from lib.core.errors import InputError
from lib.course.terrain_features import MAX_SLOPE
from lib.course.turning_points import extremes, turning_points

_STEEP_STEPS: Final = round(100.0 / c.STEP_M)


@dataclass(frozen=True)
class ClimbRule:
    """What counts as a climb.

    Watches score a climb by length x grade, in metres x %, which is a hundred times its gain: Garmin's ClimbPro for
    cyclists asks for 3500, so 35 m, a mean of 3% and a length of 500 m
    (https://forums.garmin.com/sports-fitness/cycling/f/edge-530/168009/understanding-climbpro-on-the-edge).
    A length is not asked for here: 60 m up at 30% are 200 m long, and on foot a climb.

    Parameters
    ----------
    min_gain_m : float
        Least gain (m). A climb also ends where the course falls this far below a ramp of `min_slope`: whatever counts
        as a descent itself, or a flat of some length, is no part of a climb, and anything less does not divide one.
    min_slope : float
        Least mean slope, rise over run, of a climb and of every part of it that begins at its foot or ends at its top.
    """

    min_gain_m: float = 35.0
    min_slope: float = 0.03

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if not np.isfinite(value) or value <= 0:
                raise InputError(f"{item.name} = {value}", "a positive, finite number", "Change the rule for climbs.")


@dataclass(frozen=True)
class Climb:
    """A climb, or with negative numbers a descent.

    Parameters
    ----------
    start_step, end_step : int
        Its first step, and the one after its last.
    length_m, gain_m : float
        Length and difference in altitude (m).
    mean_slope, max_slope : float
        Gain over length, and the steepest mean slope over 100 m of it (over all of it where it is shorter), cut at
        `lib.course.terrain_features.MAX_SLOPE`.
    """

    start_step: int
    end_step: int
    length_m: float
    gain_m: float
    mean_slope: float
    max_slope: float


def rule_for(course_climb_m: float, lines: int = 40) -> ClimbRule:
    """Return the rule by which a course whose rises sum to `course_climb_m` (m) has at most `lines` climbs.

    Climbs do not overlap and none gains more than is climbed along it, so no more than `lines` can gain a share of
    1 / `lines` of the course's climb each. A hilly course has about a quarter of that. Given the counted ascent
    (`lib.course.ascent`), which is somewhat less, it could be a few more.
    """
    return ClimbRule(min_gain_m=max(ClimbRule.min_gain_m, course_climb_m / lines))


def find_climbs(altitude_m: ArrayLike, rule: ClimbRule | None = None) -> list[Climb]:
    """Find the climbs of a course.

    Parameters
    ----------
    altitude_m : array_like, shape (T,)
        Cleaned altitude at the end of each step (m). What lies before the end of the first step is not known.
    rule : ClimbRule, optional
        What counts as one.

    Returns
    -------
    list of Climb
        In the order of the course; none overlap, and none overlaps a descent of the same rule.

    Raises
    ------
    InputError
        If an altitude is missing.

    Notes
    -----
    From the altitude a ramp of `rule.min_slope` is subtracted: what rises now is steep enough. This line is cut at
    its turning points, the extremes between which it rises or falls by `rule.min_gain_m` or more, and in each piece
    the maximal rises are taken: a rise starts below and ends above everything else in it, and is not part of a
    longer one (the maximal scoring subsequences of Ruzzo and Tompa 1999, Proc. ISMB 7:234, in linear time).
    """
    rule = rule or ClimbRule()
    altitude = np.asarray(altitude_m, dtype=np.float64)
    if not np.isfinite(altitude).all():
        raise InputError(
            f"no altitude at {int((~np.isfinite(altitude)).sum())} of {altitude.size} steps",
            "an altitude at each",
            "Clean the course first.",
        )
    if altitude.size < 2:
        return []
    line = altitude - rule.min_slope * c.STEP_M * np.arange(altitude.size)
    places = extremes(line)
    heights = line[places].tolist()
    cuts = turning_points(heights, rule.min_gain_m)
    climbs = []
    for first, last in pairwise(cuts):
        for low, high in _maximal_rises(heights[first : last + 1]):
            climb = _climb(altitude, int(places[first + low]), int(places[first + high]))
            if climb.gain_m >= rule.min_gain_m:
                climbs.append(climb)
    return climbs


def find_descents(altitude_m: ArrayLike, rule: ClimbRule | None = None) -> list[Climb]:
    """Find the descents of a course, `find_climbs` of its mirrored altitude; gains and slopes are negative."""
    return [
        Climb(x.start_step, x.end_step, x.length_m, -x.gain_m, -x.mean_slope, -x.max_slope)
        for x in find_climbs(-np.asarray(altitude_m, dtype=np.float64), rule)
    ]


def _climb(altitude: NDArray[np.float64], foot: int, top: int) -> Climb:
    """Describe the climb from the end of the step `foot` to the end of the step `top`."""
    length_m, gain_m = (top - foot) * c.STEP_M, float(altitude[top] - altitude[foot])
    reach = min(_STEEP_STEPS, top - foot)
    steepest = float((altitude[foot + reach : top + 1] - altitude[foot : top + 1 - reach]).max()) / (reach * c.STEP_M)
    return Climb(foot + 1, top + 1, length_m, gain_m, gain_m / length_m, min(steepest, MAX_SLOPE))


def _maximal_rises(heights: list[float]) -> list[tuple[int, int]]:
    """First and last index of each maximal rise of a line, in order."""
    rises: list[tuple[int, int]] = []
    lower: list[int] = []  # of each rise, the last one before it that starts below it; -1 if none does
    for i in range(1, len(heights)):
        if heights[i] <= heights[i - 1]:
            continue
        low, high = i - 1, i
        while True:
            before = len(rises) - 1
            while before >= 0 and heights[rises[before][0]] >= heights[low]:
                before = lower[before]
            if before < 0 or heights[rises[before][1]] >= heights[high]:
                break
            low = rises[before][0]  # that rise, this one and what is between are one
            del rises[before:], lower[before:]
        rises.append((low, high))
        lower.append(before)
    return rises

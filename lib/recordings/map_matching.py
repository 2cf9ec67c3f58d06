"""The place on a course of every point of a recorded way, in order.

Places never go back: the sequence of them that costs least, by dynamic programming (Viterbi), once over all of both at
a coarse scale, and again every 5 m around what that found. A metre of way costs up to 1 for being far from its place,
and `SLIP` for every metre by which the way and the course do not advance together. So an out-and-back, laps and
crossings resolve by order, a detour waits where the course was left, and noise is no reason to jump. Way before the
start and after the finish costs as little, wherever it leads; but only at the start line may a run begin like
that, and only at the finish end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from lib.core.schema import STEP_M

OFF_M: Final = 60.0
"""Further from the course than this is off it: beyond what trees, cliffs and a coarsely drawn course explain."""
SLIP: Final = 0.2
"""Cost of a metre of way without course, or of course without way, against one that is wholly off the course."""
_CELLS: Final = 24_000_000
"""States of the coarse pass: what fits in 50 MB and a second."""
_COARSE_STEPS: Final = 5
_AROUND_M: Final = 200.0


@dataclass(frozen=True, eq=False)
class Match:
    """Places of M points along a way, one every 5 m.

    Parameters
    ----------
    step : ndarray of int, shape (M,)
        Edge of the course's 5 m steps at which each is, never falling; 0 is the start.
    away_m : ndarray, shape (M,)
        Distance from the course around there (m).
    first, last : int
        Points at which the run begins and ends, both on the course if any is; what lies before and after is no part of
        it.
    """

    step: np.ndarray
    away_m: np.ndarray
    first: int
    last: int

    @property
    def on(self) -> np.ndarray:
        """Whether each is on the course, shape (M,)."""
        return self.away_m <= OFF_M


def _cheapest(
    points: np.ndarray, course: np.ndarray, base: np.ndarray, width: int, every_m: float
) -> tuple[np.ndarray, int, int]:
    """Place of each point at least cost, shape (M,), and the first and last point of the run.

    Parameters
    ----------
    points : ndarray, shape (M, 2)
        Positions (m), `every_m` of way apart.
    course : ndarray, shape (C, 2)
        Places (m), `every_m` of course apart.
    base : ndarray of int, shape (M,)
        First of the `width` places among which each point may be, never falling.
    """
    slip, far_m = SLIP * every_m, OFF_M + every_m / 2
    here, end = np.arange(width), len(course) - 1
    back = np.empty((len(points), width), np.uint16 if width < 2**16 - 1 else np.int32)
    waiting = np.iinfo(back.dtype).max  # before the start there is no place to come from
    at_start, at_finish = (np.hypot(*(points - course[i]).T) <= far_m for i in (0, -1))  # (M,)

    def off(i: int) -> np.ndarray:
        apart = course[base[i] : base[i] + width] - points[i]
        return every_m * np.minimum((apart * apart).sum(axis=1) / far_m**2, 1.0)

    cost = slip * (here + base[0]) + off(0)
    finished, finished_at = np.inf, 0
    for i in range(1, len(points)):
        if base[i - 1] + width > end and at_finish[i - 1] and cost[end - base[i - 1]] < finished:
            finished, finished_at = cost[end - base[i - 1]], i - 1
        finished += slip
        shift = int(base[i] - base[i - 1])
        # Advance by one or more: the least over all places before, of what it costs from each.
        lead = cost - slip * here
        least = np.minimum.accumulate(lead)
        first = np.maximum.accumulate(np.where(lead == least, here, 0))
        one_back = here + (shift - 1)
        source = np.clip(one_back, 0, width - 1)
        advance = np.where(one_back >= 0, least[source] + slip * one_back, np.inf)
        # Or stay where the point before was.
        same = np.minimum(here + shift, width - 1)
        stay = np.where(here + shift < width, cost[same] + slip, np.inf)
        stays = stay < advance
        back[i] = np.where(stays, same, first[source])
        cost = np.where(stays, stay, advance)
        if base[i] == 0 and at_start[i] and slip * i <= cost[0]:
            cost[0], back[i, 0] = slip * i, waiting
        cost += off(i)
    states = np.zeros(len(points), np.int64)
    last = len(points) - 1
    if finished <= cost.min():
        last = finished_at
        states[last:] = end - base[last:]
    else:
        states[last] = int(np.argmin(cost))
    begin = 0
    for i in range(last, 0, -1):
        if back[i, states[i]] == waiting:
            begin = i
            break
        states[i - 1] = back[i, states[i]]
    states[:begin] = -base[:begin]
    return states + base, begin, last


def match(points: np.ndarray, course: np.ndarray) -> Match:
    """Find the places.

    Parameters
    ----------
    points : ndarray, shape (M, 2)
        Positions in a plane (m), every 5 m of the recorded way.
    course : ndarray, shape (T + 1, 2)
        Edges of the course's 5 m steps in that plane (m), the start first.
    """
    coarse = max(_COARSE_STEPS, int(np.ceil(np.sqrt(len(points) * len(course) / _CELLS))))
    few, places = points[::coarse], course[::coarse]
    rough, _, _ = _cheapest(few, places, np.zeros(len(few), np.int64), len(places), coarse * STEP_M)
    around = int(max(_AROUND_M, 3 * coarse * STEP_M) / STEP_M)
    width = min(2 * around + 1, len(course))
    index = np.arange(len(points))
    nearest = np.minimum((index + coarse // 2) // coarse, len(few) - 1)
    base = np.clip(rough[nearest] * coarse + index - nearest * coarse - around, 0, len(course) - width)
    step, first, last = _cheapest(points, course, np.maximum.accumulate(base), width, STEP_M)
    beside = np.clip(step[:, None] + np.arange(-4, 5), 0, len(course) - 1)  # (M, 9)
    away_m = np.sqrt(((course[beside] - points[:, None]) ** 2).sum(axis=-1).min(axis=1))
    on = np.flatnonzero(away_m[first : last + 1] <= OFF_M)
    ends = (on[0], on[-1]) if on.size else (0, 0)
    return Match(step, away_m, first + int(ends[0]), first + int(ends[1]))

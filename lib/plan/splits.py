"""In: a plan. Out: its sums over stretches of the course, kilometre by kilometre, and when each waypoint is passed."""

from __future__ import annotations

from typing import Final

import numpy as np

from lib.core import schema as c
from lib.course.waypoints import waypoint_passes
from lib.plan.moving_plan import Plan

_STEPS_PER_KM: Final = round(1000 / c.STEP_M)


def descent_m(plan: Plan) -> np.ndarray:
    """Counted descent of each step (m), shape (T,); it sums to `Course.descent_m`."""
    return np.diff(plan.course.counted.descent_m, prepend=0.0)


def sums_over(values: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Sum values of steps, shape (T,), over stretches from `first` to before `last`, shape (N,) each."""
    sums = np.concatenate([[0.0], np.cumsum(values)])  # (T + 1,)
    return sums[last] - sums[first]


def stretches(plan: Plan, first: np.ndarray, last: np.ndarray) -> dict[str, np.ndarray]:
    """Sum up stretches of a course.

    Parameters
    ----------
    plan : Plan
        T steps.
    first, last : ndarray of int, shape (N,)
        First step of each stretch, and the one after its last; a stretch has a step or more.

    Returns
    -------
    dict of ndarray, shape (N,) each
        Distance (m), duration (s), elapsed at its end (s), pace (min/km), ascent and descent (m, as `lib.course.ascent` counts
        them), heart rate (bpm) and cadence (rpm), both means over time. Durations are exact: those of stretches that
        make up the course sum to `Plan.finish_s`. Ascent and descent sum to those of the course.
    """
    assert np.all(first < last)

    def over(values: np.ndarray) -> np.ndarray:
        return sums_over(values, first, last)

    steps = plan.columns
    duration_s = over(steps[c.DURATION])
    distance_m = (last - first) * c.STEP_M
    up_m, down_m = plan.course.counted.over(first, last)
    return {
        c.DISTANCE: distance_m,
        c.DURATION: duration_s,
        c.ELAPSED: steps[c.ELAPSED][last - 1],
        c.PACE: duration_s / 60.0 / (distance_m / 1000.0),
        c.CLIMB: up_m,
        c.DESCENT: down_m,
        c.HEART_RATE: over(steps[c.HEART_RATE] * steps[c.DURATION]) / duration_s,
        c.CADENCE: over(steps[c.CADENCE] * steps[c.DURATION]) / duration_s,
    }


def kilometre_splits(plan: Plan) -> dict[str, np.ndarray]:
    """Sum up each kilometre; their durations sum exactly to `Plan.finish_s`.

    Returns
    -------
    dict of ndarray, a value for each kilometre begun
        Its number, and what `stretches` gives; the last is shorter where the course ends between two.
    """
    steps = plan.course.steps
    first = np.arange(0, steps, _STEPS_PER_KM)
    last = np.minimum(first + _STEPS_PER_KM, steps)
    return {c.KILOMETRE: np.arange(1, first.size + 1)} | stretches(plan, first, last)


def waypoint_times(plan: Plan) -> dict[str, np.ndarray]:
    """When each waypoint is reached, once for every time the course passes it.

    Returns
    -------
    dict of ndarray, a value for each pass, in order
        Name, distance from the start (m), elapsed (s) and its 80% interval (s), altitude of the course there (m),
        distance of the waypoint from the course (m): one far away is on a side trip, or belongs to another course.
    """
    met = [(step, waypoint.name, away_m) for waypoint, at in waypoint_passes(plan.course) for step, away_m in at]
    met.sort(key=lambda found: found[0])  # stable: places of one step stay in the order of the file
    at = np.array([step for step, _, _ in met], dtype=int)
    # A step's values are those at its end, so the start itself has no row.
    distance_m, elapsed_s = (np.where(at == 0, 0.0, plan.columns[name][at]) for name in (c.DISTANCE, c.ELAPSED))
    low_s, high_s = plan.band.interval(elapsed_s, plan.columns[c.DISTANCE][at] / plan.columns[c.DISTANCE][-1])
    return {
        c.WAYPOINT: np.array([name for _, name, _ in met], dtype=object),
        c.DISTANCE: distance_m,
        c.ELAPSED: elapsed_s,
        c.LOW: low_s,
        c.HIGH: high_s,
        c.ALTITUDE: plan.columns[c.ALTITUDE][at],
        c.AWAY: np.array([away_m for _, _, away_m in met]),
    }

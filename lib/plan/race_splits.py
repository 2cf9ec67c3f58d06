"""In: a race plan. Out: its stretches: kilometres, miles, legs from station to station, climbs and descents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from lib.core import schema as c
from lib.course.climbs import Climb, find_climbs, find_descents, rule_for
from lib.course.grade_adjusted_pace import grade_adjusted_pace
from lib.plan.race_plan import RacePlan
from lib.plan.splits import stretches

MILE_M: Final = 1609.344
START, FINISH = "Start", "Finish"
_KM_M: Final = 1000.0


def rows(race: RacePlan, first: np.ndarray, last: np.ndarray) -> dict[str, np.ndarray]:
    """Sum up stretches of a race.

    Parameters
    ----------
    race : RacePlan
        T steps.
    first, last : ndarray of int, shape (N,)
        First step of each stretch, and the one after its last; a stretch has a step or more.

    Returns
    -------
    dict of ndarray, shape (N,) each
        What `lib.plan.splits.stretches` gives of the moving; the distance from the start at which the stretch ends (m),
        grade-adjusted pace (min/km), arrival at its end with its 80% interval (s of race time).
    """
    plan, at = race.plan, last - 1
    low_s, high_s = race.interval(at)
    slope = plan.course.columns[c.SLOPE_25M]
    return stretches(plan, first, last) | {
        c.FIRST_STEP: first,
        c.LAST_STEP: last,
        c.END: last * c.STEP_M,
        c.GRADE_PACE: grade_adjusted_pace(plan.columns[c.DURATION], slope, first, last),
        c.ARRIVAL: race.arrival_s[at],
        c.ARRIVAL_LOW: low_s,
        c.ARRIVAL_HIGH: high_s,
    }


def _even(race: RacePlan, length_m: float, name: str) -> dict[str, np.ndarray]:
    steps = race.course.steps
    # A mile ends inside of a step: it is counted to the nearest one, so that no step is divided.
    ends = np.rint(np.arange(1, int(steps * c.STEP_M / length_m) + 1) * (length_m / c.STEP_M)).astype(int)
    last = np.unique(np.append(np.minimum(ends, steps), steps))
    first = np.concatenate([[0], last[:-1]])
    return {name: np.arange(1, first.size + 1)} | rows(race, first, last)


def kilometres(race: RacePlan) -> dict[str, np.ndarray]:
    """Sum up each kilometre begun (`rows`, and its number); the last is shorter where the course ends in it."""
    return _even(race, _KM_M, c.KILOMETRE)


def miles(race: RacePlan) -> dict[str, np.ndarray]:
    """Sum up each mile begun, of 1,609.344 m to the nearest 5 m (`rows`, and its number)."""
    return _even(race, MILE_M, c.MILE)


def legs(race: RacePlan) -> dict[str, np.ndarray]:
    """Sum up the way to each station, and to the finish.

    Stations at the end of the same step are one; those at the start have no way to them.

    Returns
    -------
    dict of ndarray, shape (N,) each
        Of each leg `rows`, and of the station at its end: name, planned stop (s), departure (s of race time), cut-off
        (s of race time), slack (s) and chance of leaving in time, NaN where it has no cut-off.
    """
    steps = race.course.steps
    at: dict[int, list] = {}
    for station in race.config.stations:
        step = station.last_step(steps)
        if step >= 0:
            at.setdefault(step, []).append(station)
    at.setdefault(steps - 1, [])
    step = np.array(sorted(at))
    last = step + 1
    table = rows(race, np.concatenate([[0], last[:-1]]), last)
    names, stop_s, cutoff_s = [], np.zeros(step.size), np.full(step.size, np.nan)
    for i, place in enumerate(step.tolist()):
        names.append(" / ".join(dict.fromkeys(s.name for s in at[place])) or FINISH)
        if race.plan.done <= place < steps - 1:
            stop_s[i] = sum(s.stop_s for s in at[place])
        cutoffs = [s.cutoff_s for s in at[place] if s.cutoff_s is not None]
        cutoff_s[i] = min(cutoffs, default=np.nan)
    departure_s = table[c.ARRIVAL] + stop_s
    known = np.isfinite(cutoff_s)
    chance = np.full(step.size, np.nan)
    if known.any():
        # Whoever must have left by then must have arrived a stop earlier.
        chance[known] = race.chance(np.maximum(cutoff_s - stop_s, 0.0)[known], step[known])
    return {c.WAYPOINT: np.array(names, dtype=object)} | table | {
        c.PLANNED_STOP: stop_s,
        c.DEPARTURE: departure_s,
        c.CUTOFF: cutoff_s,
        c.SLACK: cutoff_s - departure_s,
        c.CHANCE: chance,
    }  # fmt: skip


def _of_climbs(race: RacePlan, found: Sequence[Climb]) -> dict[str, np.ndarray]:
    first = np.array([climb.start_step for climb in found], dtype=int)
    last = np.array([climb.end_step for climb in found], dtype=int)
    return {
        c.GAIN: np.array([climb.gain_m for climb in found]),
        c.MEAN_SLOPE: np.array([climb.mean_slope for climb in found]),
        c.MAX_SLOPE: np.array([climb.max_slope for climb in found]),
    } | rows(race, first, last)


def climbs(race: RacePlan) -> dict[str, np.ndarray]:
    """Sum up the climbs (`lib.course.climbs`), in order: `rows`, gain (m), mean slope and the steepest over 100 m."""
    altitude_m = race.course.columns[c.ALTITUDE]
    return _of_climbs(race, find_climbs(altitude_m, rule_for(race.course.climb_m)))


def descents(race: RacePlan) -> dict[str, np.ndarray]:
    """Sum up the descents as `climbs` does; gains and slopes are below 0."""
    altitude_m = race.course.columns[c.ALTITUDE]
    return _of_climbs(race, find_descents(altitude_m, rule_for(race.course.climb_m)))


def ups_and_downs(race: RacePlan) -> dict[str, np.ndarray]:
    """Sum up `climbs` and `descents` together, in the order of the course."""
    parts = [climbs(race), descents(race)]
    table = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.argsort(table[c.FIRST_STEP], kind="stable")
    return {name: values[order] for name, values in table.items()}

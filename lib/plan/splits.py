"""Stretches of a race plan: kilometres, miles, legs between stations, climbs and descents, and its waypoints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar
from weakref import WeakKeyDictionary

import numpy as np

from lib.core import schema as c
from lib.core.units import IMPERIAL, METRIC
from lib.course.climbs import Climb, find_climbs, find_descents, rule_for
from lib.course.grade_adjusted_pace import grade_adjusted_pace
from lib.course.waypoints import waypoint_passes
from lib.plan.race_plan import RacePlan
from lib.race.stations import Station

START, FINISH = "Start", "Finish"
Table = dict[str, np.ndarray]
Made = TypeVar("Made")


def once(make: Callable[[RacePlan], Made]) -> Callable[[RacePlan], Made]:
    """Make something of a race plan once and keep it as long as the plan: tables, notes and files ask for the same."""
    kept: WeakKeyDictionary[RacePlan, Made] = WeakKeyDictionary()

    def table(race: RacePlan) -> Made:
        if race not in kept:
            kept[race] = make(race)
        return kept[race]

    table.__doc__ = make.__doc__
    return table


def sums_over(values: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Sum values of steps, shape (T,), over stretches from `first` to before `last`, shape (N,) each."""
    sums = np.concatenate([[0.0], np.cumsum(values)])  # (T + 1,)
    return sums[last] - sums[first]


def rows(race: RacePlan, first: np.ndarray, last: np.ndarray) -> Table:
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
        Distance (m), moving time (s), moving time since the start (s), pace (min/km), ascent and descent (m, as
        `lib.course.ascent` counts them), heart rate (bpm) and cadence (rpm), both means over time, first and last step,
        distance of the end from the start (m), grade-adjusted pace (min/km), arrival at the end with its 80% interval
        (s of race time). Moving times are exact: those of stretches that make up the course sum to `Plan.finish_s`.
    """
    assert np.all(first < last)
    steps, course, at = race.plan.columns, race.course, last - 1
    duration_s = sums_over(steps[c.DURATION], first, last)
    distance_m = (last - first) * c.STEP_M
    up_m, down_m = course.counted.over(first, last)
    low_s, high_s = race.interval(at)
    return {
        c.DISTANCE: distance_m,
        c.DURATION: duration_s,
        c.ELAPSED: steps[c.ELAPSED][at],
        c.PACE: duration_s / 60.0 / (distance_m / 1000.0),
        c.CLIMB: up_m,
        c.DESCENT: down_m,
        c.HEART_RATE: sums_over(steps[c.HEART_RATE] * steps[c.DURATION], first, last) / duration_s,
        c.CADENCE: sums_over(steps[c.CADENCE] * steps[c.DURATION], first, last) / duration_s,
        c.FIRST_STEP: first,
        c.LAST_STEP: last,
        c.END: last * c.STEP_M,
        c.GRADE_PACE: grade_adjusted_pace(steps[c.DURATION], course.columns[c.SLOPE_25M], first, last),
        c.ARRIVAL: race.arrival_s[at],
        c.ARRIVAL_LOW: low_s,
        c.ARRIVAL_HIGH: high_s,
    }


def _even(race: RacePlan, length_m: float, name: str) -> Table:
    steps = race.course.steps
    # A mile ends inside of a step: it is counted to the nearest one, so that no step is divided.
    ends = np.rint(np.arange(1, int(steps * c.STEP_M / length_m) + 1) * (length_m / c.STEP_M)).astype(int)
    last = np.unique(np.append(np.minimum(ends, steps), steps))
    first = np.concatenate([[0], last[:-1]])
    return {name: np.arange(1, first.size + 1)} | rows(race, first, last)


@once
def kilometres(race: RacePlan) -> Table:
    """Sum up each kilometre begun (`rows`, and its number); the last is shorter where the course ends in it."""
    return _even(race, METRIC.long_m, c.KILOMETRE)


@once
def miles(race: RacePlan) -> Table:
    """Sum up each mile begun, of 1,609.344 m to the nearest 5 m (`rows`, and its number)."""
    return _even(race, IMPERIAL.long_m, c.MILE)


def even_splits(race: RacePlan) -> Table:
    """Sum up each kilometre, or each mile where lengths are shown in miles."""
    return miles(race) if race.config.units is IMPERIAL else kilometres(race)


@once
def legs(race: RacePlan) -> Table:
    """Sum up the way to each station, and to the finish.

    Stations at the end of the same step are one; those at the start have no way to them.

    Returns
    -------
    dict of ndarray, shape (N,) each
        Of each leg `rows`, and of the station at its end: name, planned stop (s), departure (s of race time), cut-off
        (s of race time), margin (s), chance of leaving in time, and pace needed for that (min/km of race time without
        planned stops, from the start or from where the runner was last seen); NaN where it has no cut-off, the pace
        also where it is too late, and of places behind.
    """
    steps = race.course.steps
    at: dict[int, list[Station]] = {}
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
        stop_s[i] = race.stops.get(place, 0.0)
        cutoffs = [s.cutoff_s for s in at[place] if s.cutoff_s is not None]
        cutoff_s[i] = min(cutoffs, default=np.nan)
    departure_s = table[c.ARRIVAL] + stop_s
    known = np.isfinite(cutoff_s)
    chance = np.full(step.size, np.nan)
    if known.any():
        # Whoever must have left by then must have arrived a stop earlier.
        chance[known] = race.chance(np.maximum(cutoff_s - stop_s, 0.0)[known], step[known])
        # Whoever missed one is out of the race: the chance is that of all so far.
        chance[known] = np.minimum.accumulate(chance[known])
    return {c.WAYPOINT: np.array(names, dtype=object)} | table | {
        c.PLANNED_STOP: stop_s,
        c.DEPARTURE: departure_s,
        c.CUTOFF: cutoff_s,
        c.MARGIN: cutoff_s - departure_s,
        c.CHANCE: chance,
        c.PACE_NEEDED: _pace_needed(race, step, cutoff_s - stop_s),
    }  # fmt: skip


def _pace_needed(race: RacePlan, step: np.ndarray, by_s: np.ndarray) -> np.ndarray:
    """Pace (min/km) at which steps (N,) are reached by a race time (s), NaN where they cannot be."""
    done, gone_s = race.plan.done, 0.0
    if done:
        last = race.check_ins[-1] if race.check_ins else None
        known = () if last is None else (last.arrived_s, last.left_s)
        gone_s = max((s for s in known if s is not None), default=float(race.arrival_s[done - 1]))
    planned_s = np.array([sum(s for at, s in race.stops.items() if at < place) for place in step.tolist()])
    room_min, way_km = (by_s - gone_s - planned_s) / 60.0, (step + 1 - done) * c.STEP_M / 1000.0
    possible = (room_min > 0.0) & (way_km > 0.0)
    return np.divide(room_min, way_km, out=np.full(step.size, np.nan), where=possible)


def _of_climbs(race: RacePlan, found: Sequence[Climb]) -> Table:
    first = np.array([climb.start_step for climb in found], dtype=int)
    last = np.array([climb.end_step for climb in found], dtype=int)
    return {
        c.GAIN: np.array([climb.gain_m for climb in found]),
        c.MEAN_SLOPE: np.array([climb.mean_slope for climb in found]),
        c.MAX_SLOPE: np.array([climb.max_slope for climb in found]),
    } | rows(race, first, last)


@once
def climbs(race: RacePlan) -> Table:
    """Sum up the climbs (`lib.course.climbs`), in order: `rows`, gain (m), mean slope and the steepest over 100 m."""
    altitude_m = race.course.columns[c.ALTITUDE]
    return _of_climbs(race, find_climbs(altitude_m, rule_for(race.course.climb_m)))


@once
def descents(race: RacePlan) -> Table:
    """Sum up the descents as `climbs` does; gains and slopes are below 0."""
    altitude_m = race.course.columns[c.ALTITUDE]
    return _of_climbs(race, find_descents(altitude_m, rule_for(race.course.climb_m)))


def ups_and_downs(race: RacePlan) -> Table:
    """Sum up `climbs` and `descents` together, in the order of the course."""
    parts = [climbs(race), descents(race)]
    table = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.argsort(table[c.FIRST_STEP], kind="stable")
    return {name: values[order] for name, values in table.items()}


@once
def waypoint_times(race: RacePlan) -> Table:
    """When each waypoint is reached, once for every time the course passes it.

    Returns
    -------
    dict of ndarray, a value for each pass, in order
        Name, distance from the start (m), moving time since the start (s) and its 80% interval (s), altitude of the
        course there (m), and how far from the course the waypoint is (m): one far away belongs to a side trip.
    """
    plan = race.plan
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

"""In: a model, a bundle, a course, what is intended of the race. Out: the race plan: moving, stopping and standing."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from lib.athlete.bundle import Bundle
from lib.athlete.effort import effort_for
from lib.athlete.reference import reference
from lib.athlete.stopped_time import Standing
from lib.core import schema as c
from lib.course.course import Course
from lib.course.heat_altitude import Conditions, describe, duration_factor
from lib.inference.rollout import Backend
from lib.plan.arrivals import RaceBand, standing_of
from lib.plan.forecast import forecast
from lib.plan.goal import Target, aim
from lib.plan.moving_plan import TICKS_PER_S, Plan, plan_from
from lib.race.clock import arrivals
from lib.race.config import RaceConfig
from lib.race.stations import Station

if TYPE_CHECKING:
    from lib.recordings.align import Followed

_KNOT_STEPS: Final = 20


@dataclass(frozen=True, eq=False)
class RacePlan:
    """A race as it is to be expected: the plan of the moving, and what waiting makes of it.

    Parameters
    ----------
    plan : Plan
        Time, heart rate and cadence of every step, moving.
    config : RaceConfig
        What is intended.
    band : RaceBand
        How far off arrivals may be.
    standing : Standing
        Standing to expect outside of planned stops, of the whole run (s).
    waited_s : ndarray, shape (T,)
        Planned stops before the end of each step is reached, and stops already made (s).
    share : ndarray, shape (T,)
        How much of the standing to expect comes before it.
    effort : float, optional
        Effort of the prediction (`lib.athlete.prior.Effort`); None is open.
    target : Target, optional
        If a race time is aimed at.
    adjusted : tuple of str
        What heat and altitude change, by which formulas; empty if nothing is adjusted.
    usual_heart_rate_bpm : float
        Mean heart rate that is usual for such a run (bpm).
    """

    plan: Plan
    config: RaceConfig
    band: RaceBand
    standing: Standing
    waited_s: np.ndarray = field(repr=False)
    share: np.ndarray = field(repr=False)
    effort: float | None = None
    target: Target | None = None
    adjusted: tuple[str, ...] = ()
    usual_heart_rate_bpm: float = math.nan

    @property
    def course(self) -> Course:
        """What is run."""
        return self.plan.course

    @property
    def start(self) -> datetime | None:
        """When it starts, if that is known."""
        return self.config.start

    @cached_property
    def arrival_s(self) -> np.ndarray:
        """Race time (s) at which the end of each step is reached, shape (T,)."""
        return self.plan.columns[c.ELAPSED] + self.waited_s + self.share * self.standing.expected_s

    @property
    def finish_s(self) -> float:
        """Race time of the whole course (s)."""
        return float(self.arrival_s[-1])

    @cached_property
    def finish_interval_s(self) -> tuple[float, float]:
        """Where four of five race times are (s)."""
        low_s, high_s = self.interval(np.array([self.course.steps - 1]))
        return float(low_s[0]), float(high_s[0])

    @property
    def planned_stop_s(self) -> float:
        """All stops that are still planned (s)."""
        return float(sum(station.stop_s for station in stopping(self.config, self.course, self.plan.done)))

    @property
    def mean_heart_rate_bpm(self) -> float:
        """Mean over the moving time (bpm)."""
        return float(np.average(self.plan.columns[c.HEART_RATE], weights=self.plan.columns[c.DURATION]))

    def _at(self, step: np.ndarray) -> tuple[np.ndarray, ...]:
        columns = self.plan.columns
        fraction = columns[c.DISTANCE][step] / columns[c.DISTANCE][-1]
        return columns[c.ELAPSED][step], self.waited_s[step], self.share[step], fraction

    def interval(self, step: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where four of five arrivals at the end of steps lie (s of race time); shape as `step`, (N,)."""
        return self.band.interval(*self._at(step))

    @cached_property
    def step_interval_s(self) -> tuple[np.ndarray, np.ndarray]:
        """Where four of five arrivals at the end of each step lie (s of race time), shape (T,) each.

        Worked out every 100 m; between, what is not waiting is linear in the moving time: off by less than a second.
        """
        steps, done = self.course.steps, self.plan.done
        knots = np.unique(np.r_[np.arange(0, steps, _KNOT_STEPS), max(done - 1, 0), min(done, steps - 1), steps - 1])
        moving_s = self.plan.columns[c.ELAPSED]
        low_s, high_s = (
            np.interp(moving_s, moving_s[knots], bound_s - self.waited_s[knots]) + self.waited_s
            for bound_s in self.interval(knots)
        )
        return low_s, high_s

    def chance(self, seconds: np.ndarray, step: np.ndarray) -> np.ndarray:
        """Chance of being at the end of steps within `seconds` of race time; shapes (N,)."""
        return self.band.chance(seconds, *self._at(step))

    def clock(self, race_s: float) -> datetime | None:
        """Instant of a race time, if the start is known."""
        return None if self.start is None else arrivals(self.start, [race_s])[0]


def stopping(config: RaceConfig, course: Course, done: int = 0) -> tuple[Station, ...]:
    """Stations at which something is waited for: ahead of the steps done, neither at the start nor at the finish."""
    last = course.steps - 1
    return tuple(s for s in config.stations if s.stop_s > 0 and max(done, 0) <= s.last_step(course.steps) < last)


def _with_durations(plan: Plan, factor: np.ndarray | float) -> Plan:
    """The plan, before the start, with its durations times a factor; their sum is as exact as each is."""
    assert plan.done == 0
    # Each rounded by itself, steps that take alike would be off by as much, all to the same side.
    ends_s = np.rint(np.cumsum(plan.columns[c.DURATION] * factor) * TICKS_PER_S) / TICKS_PER_S
    changed = dict(plan.columns) | {c.DURATION: np.diff(ends_s, prepend=0.0)}
    return plan_from(plan.course, changed, plan.band, plan.runs)


def plan_race(
    backend: Backend, bundle: Bundle, course: Course, config: RaceConfig | None = None, so_far: Followed | None = None
) -> RacePlan:
    """Plan a race for the bundle's athlete.

    Parameters
    ----------
    backend : callable
        Runs the network (`lib.inference.onnx_backend`).
    bundle : Bundle
        What was fitted with it, and who runs.
    course : Course
        What is to be run, T steps.
    config : RaceConfig, optional
        What is intended; by default the day as it comes, without a clock.
    so_far : Followed, optional
        What happened on the first part of it (`lib.recordings.align.follow`); the rest is predicted from there.

    Raises
    ------
    InputError
        If the effort or the target is beyond what can be asked of the athlete.
    """
    config = config or RaceConfig()
    planned = stopping(config, course, 0 if so_far is None else so_far.steps)
    planned_s = float(sum(station.stop_s for station in planned))
    altitude_m = course.columns[c.ALTITUDE]
    # On the way the day's heat and the thin air are in what has happened already.
    conditions = config.conditions if so_far is None else Conditions()
    factor = duration_factor(conditions, altitude_m)
    target = None
    if config.target_s is not None and so_far is None:
        target = aim(bundle, course, config, planned_s, factor)
        effort = target.effort
    else:
        effort = effort_for(bundle, course.columns, config.effort, config.day)
    plan = forecast(backend, bundle, course, config.day, effort, so_far)
    adjusted = describe(conditions, altitude_m)
    if adjusted:
        plan = _with_durations(plan, factor)
    if target is not None:
        # Where the altitude matters, the network's shape and the reference's differ a little: to the second, then.
        plan = _with_durations(plan, target.moving_s / plan.finish_s)

    elapsed_s, done = plan.columns[c.ELAPSED], plan.done
    waited_s = np.zeros(course.steps)
    if so_far is not None and done:
        waited_s[:done] = np.cumsum(so_far.columns[c.STOP])[:done]
        waited_s[done:] = waited_s[done - 1]
    for station in planned:
        waited_s[station.last_step(course.steps) + 1 :] += station.stop_s
    done_s = float(elapsed_s[done - 1]) if done else 0.0
    share = np.maximum(elapsed_s - done_s, 0.0) / (elapsed_s[-1] - done_s) if done < course.steps else np.zeros(done)
    left = 1.0 - done_s / plan.finish_s if config.standing_s is None else 1.0
    habit_s = standing_of(bundle, config, plan.finish_s, planned_s) * left
    low_s, expected_s, high_s = np.quantile(habit_s, (0.1, 0.5, 0.9))
    race = RacePlan(
        plan=plan,
        config=config,
        band=RaceBand(plan.band, habit_s),
        standing=Standing(float(expected_s), float(low_s), float(high_s)),
        waited_s=waited_s,
        share=share,
        effort=effort,
        target=target,
        adjusted=adjusted,
        usual_heart_rate_bpm=reference(bundle.athlete, bundle.prior, course.columns, config.day).static[
            c.HEART_RATE_LEVEL
        ],
    )
    if config.target_s is not None and so_far is not None:
        chance = float(race.chance(np.array([config.target_s]), np.array([course.steps - 1]))[0])
        race = replace(race, target=Target(config.target_s, math.nan, chance, None))
    return race

"""The plan of a race: moving time, planned stops and other stops, before the start or on the way."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from lib.athlete.bundle import Bundle
from lib.athlete.effort import RACE, effort_for, is_heart_rate
from lib.athlete.own_fading import own_fading
from lib.athlete.pacer import pacer
from lib.athlete.pacing_law import Pacing, PacingLaw, with_own_fading
from lib.athlete.reference import Reference, reference
from lib.athlete.results_level import LevelPrediction, Result
from lib.athlete.stopped_time import Standing
from lib.core import schema as c
from lib.core.errors import InputError
from lib.core.numeric import bisect
from lib.course.course import Course
from lib.course.heat_altitude import Conditions, describe, duration_factor, heart_rate_factor
from lib.inference.reference_backend import reference_backend
from lib.inference.rollout import Backend
from lib.plan.arrivals import ArrivalDistribution, GoalArrivals, LevelArrivals, LevelBand, standing_of
from lib.plan.editions import correct
from lib.plan.forecast import forecast
from lib.plan.goal import Goal, aim, moving_within
from lib.plan.law_arrivals import LawArrivals
from lib.plan.moving_plan import TICKS_PER_S, Plan, plan_from
from lib.plan.on_the_day import ArrivalsAhead, with_check_ins
from lib.plan.pacing import pacing_of, with_default_stops
from lib.plan.results_plan import level_from_results, with_archive
from lib.plan.typical_finisher import typical_finisher
from lib.race.check_ins import CHECKINS, CheckIn
from lib.race.clock import arrivals
from lib.race.config import RaceConfig
from lib.race.options import REFERENCE
from lib.race.results_text import RESULTS
from lib.race.stations import Station

if TYPE_CHECKING:
    from lib.recordings.align import Followed

SAME_START_S: Final = 43_200.0
"""A recording that starts further from the start that was given is of another day."""
_KNOT_STEPS: Final = 20
_AT_STATION_STEPS: Final = 10


@dataclass(frozen=True, eq=False)
class RacePlan:
    """A race as it is to be expected: moving time and stopped time.

    Parameters
    ----------
    plan : Plan
        Moving time, heart rate and cadence of every step.
    config : RaceConfig
        What is intended.
    band : ArrivalDistribution, GoalArrivals, LevelArrivals or ArrivalsAhead
        How far off arrivals may be.
    standing : Standing
        Other stops to expect from here on (s): stopped time besides planned stops.
    stops : mapping of int to float
        Planned stops still ahead (s), by the step at whose end they are.
    waited_s : ndarray, shape (T,)
        Planned stops before the end of each step is reached, and stops already made (s).
    share : ndarray, shape (T,)
        How much of the other stops comes before it.
    effort : float, optional
        Effort of the prediction (`lib.athlete.prior.Effort`); None as usual.
    goal : Goal, optional
        If there is a goal time.
    adjusted : tuple of str
        What heat and altitude change, by which formulas; empty if nothing is adjusted.
    usual_heart_rate_bpm : float
        Mean heart rate over time that is usual for such a run (bpm).
    recorded_start : datetime, optional
        When the recording so far crossed the start line, if it has a clock. Clocks are counted from there, unless the
        start that was given is more than `SAME_START_S` away.
    base_pace : float
        Level in terms of the pacing law: pace on flat road, fresh (min/km).
    law_weight : float
        How much the pacing law decides where the time is: 0 for short runs, 1 from 3 h on.
    law : PacingLaw
        The pacing law, with the athlete's own share of the usual fading.
    assumed_stops_s : float
        Stops at aid stations that were assumed (s), as nobody stated them.
    edition_weight : float
        How much earlier editions of the race count, from 0 to 1.
    results : tuple of Result
        Race results that are known: the athlete profile's, and those that were stated.
    level : LevelPrediction, optional
        What they let expect, where they say something of this effort; without runs and results, a typical finisher's.
    check_ins : tuple of CheckIn
        Where the runner has been seen; the rest is predicted from there.
    before : RacePlan, optional
        The plan before the start, if there are check-ins.
    runner : str
        What tells runners apart: a hash of the profile, of results, or of the goal of somebody unknown.
    """

    plan: Plan
    config: RaceConfig
    band: ArrivalDistribution | GoalArrivals | LevelArrivals | ArrivalsAhead
    standing: Standing
    stops: Mapping[int, float]
    waited_s: np.ndarray = field(repr=False)
    share: np.ndarray = field(repr=False)
    effort: float | None = None
    goal: Goal | None = None
    adjusted: tuple[str, ...] = ()
    usual_heart_rate_bpm: float = math.nan
    recorded_start: datetime | None = None
    base_pace: float = math.nan
    law_weight: float = 0.0
    law: PacingLaw = field(default_factory=PacingLaw)
    assumed_stops_s: float = 0.0
    edition_weight: float = 0.0
    results: tuple[Result, ...] = ()
    level: LevelPrediction | None = None
    check_ins: tuple[CheckIn, ...] = ()
    before: RacePlan | None = None
    runner: str = ""

    @property
    def course(self) -> Course:
        """What is run."""
        return self.plan.course

    @property
    def to_a_goal(self) -> bool:
        """Whether it is planned to a goal: the finish is the goal time, and arrivals are those of who meets it."""
        return self.goal is not None and not self.goal.on_the_way

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
        """80% interval of race times (s)."""
        low_s, high_s = self.interval(np.array([self.course.steps - 1]))
        return float(low_s[0]), float(high_s[0])

    @cached_property
    def median_s(self) -> float:
        """Race time (s) that is as often exceeded as not."""
        if isinstance(self.band, GoalArrivals):
            return self.finish_s
        last = np.array([self.course.steps - 1])
        low_s, high_s = bisect(lambda s: self.chance(np.array([s]), last)[0] < 0.5, *self.finish_interval_s)
        return (low_s + high_s) / 2.0

    @property
    def planned_stop_s(self) -> float:
        """All stops that are still planned (s)."""
        return float(sum(self.stops.values()))

    @property
    def mean_heart_rate_bpm(self) -> float:
        """Mean over the moving time (bpm)."""
        return float(np.average(self.plan.columns[c.HEART_RATE], weights=self.plan.columns[c.DURATION]))

    def _at(self, step: np.ndarray) -> tuple[np.ndarray, ...]:
        columns = self.plan.columns
        fraction = columns[c.DISTANCE][step] / columns[c.DISTANCE][-1]
        return columns[c.ELAPSED][step], self.waited_s[step], self.share[step], fraction

    def interval(self, step: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """80% interval of arrivals at the end of steps (s of race time); shape as `step`, (N,)."""
        return self.band.interval(*self._at(step))

    @cached_property
    def step_interval_s(self) -> tuple[np.ndarray, np.ndarray]:
        """80% interval of arrivals at the end of each step (s of race time), shape (T,) each.

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


def _runner(bundle: Bundle, config: RaceConfig) -> str:
    """What tells this runner from others of the race."""
    known = bundle.athlete.runs > 0 or bool(config.results)
    told = (bundle.athlete, config.results, None if known else config.goal_s)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def stopping(config: RaceConfig, course: Course) -> tuple[Station, ...]:
    """Stations with a planned stop that counts: neither at the start nor at the finish."""
    last = course.steps - 1
    return tuple(s for s in config.stations if s.stop_s > 0 and 0 <= s.last_step(course.steps) < last)


def stops_ahead(config: RaceConfig, course: Course, so_far: Followed | None = None) -> dict[int, float]:
    """Planned stops that are still ahead (s), by the step at whose end they are; none that takes no time.

    Whoever is at a station, no more than 50 m past it, is taken to stop there for what is left of the planned stop.
    """
    ahead: dict[int, float] = {}
    for station in stopping(config, course):
        step = station.last_step(course.steps)
        ahead[step] = ahead.get(step, 0.0) + station.stop_s
    if so_far is None:
        return ahead
    done, stood_s = so_far.steps, so_far.columns[c.STOP]
    left: dict[int, float] = {}
    for step, planned_s in ahead.items():
        if step >= done:
            left[step] = planned_s
        elif step >= done - _AT_STATION_STEPS:
            near_s = float(stood_s[max(step - _AT_STATION_STEPS, 0) : done].sum()) + so_far.after_s
            left[step] = max(planned_s - near_s, 0.0)
    return {step: seconds for step, seconds in left.items() if seconds > 0}


def _started(config: RaceConfig, recorded: datetime) -> RaceConfig:
    """What is intended, from the start as it was recorded: cut-offs stay where they are on the clock."""
    if config.start is None:
        return replace(config, start=recorded)
    late_s = (recorded - config.start).total_seconds()
    if abs(late_s) > SAME_START_S:
        return config
    stations = tuple(
        s if s.cutoff_s is None else replace(s, cutoff_s=max(s.cutoff_s - late_s, 0.0)) for s in config.stations
    )
    return replace(config, start=recorded, stations=stations)


def _with_durations(plan: Plan, factor: np.ndarray | float) -> Plan:
    """The plan, before the start, with its durations times a factor; their sum is as exact as each is."""
    assert plan.done == 0
    # Each rounded by itself, steps that take alike would be off by as much, all to the same side.
    ends_s = np.rint(np.cumsum(plan.columns[c.DURATION] * factor) * TICKS_PER_S) / TICKS_PER_S
    changed = dict(plan.columns) | {c.DURATION: np.diff(ends_s, prepend=0.0)}
    return plan_from(plan.course, changed, plan.band, plan.runs)


def _with_heart_rate(plan: Plan, mean_bpm: float) -> Plan:
    """The plan, before the start, at a mean heart rate over time: what was asked for is what is shown."""
    assert plan.done == 0
    off_bpm = mean_bpm - _mean_heart_rate(plan)
    return replace(plan, columns=dict(plan.columns) | {c.HEART_RATE: plan.columns[c.HEART_RATE] + off_bpm})


def _mean_heart_rate(plan: Plan) -> float:
    return float(np.average(plan.columns[c.HEART_RATE], weights=plan.columns[c.DURATION]))


def _level(backend: Backend, bundle: Bundle, course: Course, config: RaceConfig, warm: float) -> LevelPrediction | None:
    """What race results, the runner's or everybody's, let expect on a day that takes `warm` times as long; or None."""
    athlete, of_effort = bundle.athlete, bundle.prior.effort
    aimed = config.goal_s is not None or config.effort == RACE
    if athlete.runs and not aimed:
        return None  # the archive knows how the athlete runs at other efforts
    level = level_from_results(config, course, athlete.results)
    if level is None and not athlete.runs:
        level = typical_finisher(bundle.prior.pacing, course, config)
    if level is None:
        return None
    level = level.times(warm)
    if athlete.runs:
        alone = replace(bundle, athlete=replace(athlete, results=()))
        # A level has usual stops in it, not those that are stated.
        stations = tuple(replace(station, stop_s=0.0) for station in config.stations)
        asked = replace(config, stations=stations, results=(), goal_s=None, effort=RACE)
        without = _plan_race(backend, alone, course, asked, None)
        return with_archive(level, course, without.median_s, *without.finish_interval_s)
    effort = effort_for(bundle, course.columns, config.effort, config.day)
    if effort is None or of_effort.pace_per_effort >= 0:
        return level
    # A runner's results are of races; a typical finisher's day is a usual one.
    of_level = of_effort.race if level.results else 0.0
    return level.times(math.exp(of_effort.pace_per_effort * (effort - of_level)))


def plan_race(
    backend: Backend, bundle: Bundle, course: Course, config: RaceConfig | None = None, so_far: Followed | None = None
) -> RacePlan:
    """Plan a race for the bundle's athlete.

    Parameters
    ----------
    backend : callable
        Runs the network (`lib.inference.onnx_backend`).
    bundle : Bundle
        What was fitted with it, and the athlete.
    course : Course
        What is to be run, T steps.
    config : RaceConfig, optional
        What is intended; by default the usual effort, without a clock.
    so_far : Followed, optional
        What happened on the first part of it (`lib.recordings.align.follow`); the rest is predicted from there.

    Raises
    ------
    InputError
        If the effort or the goal is beyond what can be asked of the athlete.
    """
    config = config or RaceConfig()
    if config.check_ins and so_far is not None:
        raise InputError(
            "check-ins and a recording so far", "one of the two", "The recording says more: keep it.", CHECKINS
        )
    if config.model == REFERENCE:
        backend = reference_backend(bundle)
    race = _plan_race(backend, bundle, course, config, so_far)
    return with_check_ins(race, bundle, config.check_ins) if config.check_ins else race


def _plan_race(
    backend: Backend, bundle: Bundle, course: Course, config: RaceConfig, so_far: Followed | None
) -> RacePlan:
    """Plan a race without its check-ins."""
    recorded_start = None
    if so_far is not None and so_far.start_unix_s is not None:
        zone = UTC if config.start is None else config.start.tzinfo
        recorded_start = datetime.fromtimestamp(so_far.start_unix_s, zone)
        config = _started(config, recorded_start)
    athlete, prior = bundle.athlete, bundle.prior
    altitude_m = course.columns[c.ALTITUDE]
    # On the way the day's heat and the thin air are in what has happened already.
    conditions = config.conditions if so_far is None else Conditions()
    factor = duration_factor(conditions, altitude_m)
    if config.results and so_far is not None and athlete.runs:
        raise InputError(
            "results and a recording so far", "one of the two", "The recording says more: keep it.", RESULTS
        )

    def expected(pacing: Pacing, effort: float | None = None, moving_s: float | None = None) -> Reference:
        return reference(
            athlete, prior, course.columns, config.day, effort=effort, pacing=pacing, moving_s=moving_s, median=True
        )

    pacing = pacing_of(config, course)
    usual = expected(pacing)
    warm = float((usual.duration_s * factor).sum() / usual.duration_s.sum())
    # On the way recorded runs say more than results do.
    level = None if so_far is not None and athlete.runs else _level(backend, bundle, course, config, warm)
    # On the way only the chance of a goal is said.
    goal_s = config.goal_s if so_far is None else None
    level_s = None if level is None else level.median_s
    about_s = level_s if goal_s is None else goal_s
    default_stops = with_default_stops(bundle, course, config, expected(pacing, moving_s=about_s) if about_s else usual)
    config = default_stops.config
    stops = stops_ahead(config, course, so_far)
    # Other stops are what the habit exceeds all planned stops by, also those that are behind: to plan, nothing changes.
    planned_s = float(sum(station.stop_s for station in stopping(config, course)))
    if default_stops.assumed_s > 0.0:
        config = replace(config, standing_s=0.0)
    goal = None if goal_s is None else aim(bundle, course, config, planned_s, factor, usual)
    # Results set the time, not how hard it is meant.
    effort = effort_for(bundle, course.columns, config.effort, config.day) if goal is None else goal.effort
    moving_s = None if goal is None else goal.moving_s
    if level is not None and goal is None:
        # Usual stops are in the time of a race; what is planned beyond them comes on top.
        moving_s = moving_within(bundle, config, level.median_s, default_stops.assumed_s)
    moved_s = float(usual.duration_s.sum()) if moving_s is None else moving_s
    pacing = pacing_of(config, course, max(about_s or 0.0, moved_s + planned_s) / max(moved_s, 1.0))
    before = expected(pacing, effort, moving_s)
    plan = forecast(backend, bundle, course, config.day, effort, so_far, before)
    adjusted = describe(conditions, altitude_m)
    if adjusted:
        plan = _with_durations(plan, factor)
    if conditions.temperature_c is not None:
        plan = _with_heart_rate(plan, _mean_heart_rate(plan) * heart_rate_factor(conditions))
    if moving_s is not None and so_far is None:
        # Where the altitude matters, the network's shape and the reference's differ a little: to the second, then.
        plan = _with_durations(plan, moving_s / plan.finish_s)
    edition_weight = 0.0
    if config.editions and so_far is None:
        by_law = LawArrivals(pacer(athlete, prior, course.columns), pacing, stops)
        corrected, edition_weight = correct(by_law, course, config.editions, plan.columns[c.DURATION], stops)
        plan = _with_durations(plan, corrected)
    if so_far is None and is_heart_rate(config.effort):
        plan = _with_heart_rate(plan, float(config.effort))

    elapsed_s, done = plan.columns[c.ELAPSED], plan.done
    waited_s = np.zeros(course.steps)
    if so_far is not None and done:
        waited_s[:done] = np.cumsum(so_far.columns[c.STOP])[:done]
        waited_s[done:] = waited_s[done - 1] + so_far.after_s
    for step, seconds in stops.items():
        waited_s[max(step + 1, done) :] += seconds
    done_s = float(elapsed_s[done - 1]) if done else 0.0
    share = np.maximum(elapsed_s - done_s, 0.0) / (elapsed_s[-1] - done_s) if done < course.steps else np.zeros(done)
    other_s = standing_of(bundle, config, plan.finish_s, planned_s) * (1.0 - done_s / plan.finish_s)
    low_s, high_s = np.quantile(other_s, (0.1, 0.9))
    # Few stops are long, and moving times scatter more: the median of the sum has the mean of the stops.
    expected_s = other_s.mean()
    race = RacePlan(
        plan=plan,
        config=config,
        band=ArrivalDistribution(plan.band, other_s),
        standing=Standing(float(expected_s), float(low_s), float(high_s)),
        stops=stops,
        waited_s=waited_s,
        share=share,
        effort=effort,
        goal=goal,
        adjusted=adjusted,
        usual_heart_rate_bpm=usual.mean_heart_rate_bpm,
        recorded_start=recorded_start,
        base_pace=before.base_pace,
        law_weight=before.law_weight,
        law=with_own_fading(prior.pacing, own_fading(athlete.long_runs, athlete.fading_sum)),
        assumed_stops_s=default_stops.assumed_s,
        edition_weight=edition_weight,
        results=tuple(dict.fromkeys((*athlete.results, *config.results))),
        level=level,
        runner=_runner(bundle, config),
    )
    if moving_s is not None and so_far is None:
        whole_s = race.finish_s if goal is None else goal.race_s
        goal_arrivals = GoalArrivals(
            prior.goal_spread, whole_s, before.base_pace, race.standing.expected_s, edition_weight
        )
        if level is None:
            return replace(race, band=goal_arrivals)
        ends, dof = (level.low80_s / level.median_s, level.high80_s / level.median_s), round(level.dof)
        if goal is None:
            return replace(
                race, plan=replace(plan, band=LevelBand(*ends, dof)), band=LevelArrivals(goal_arrivals, *ends, dof)
            )
        usually = LevelArrivals(replace(goal_arrivals, race_s=level.median_s), *ends, dof)
        chance = float(usually.chance(goal.race_s, level.median_s, 0.0, 0.0, 1.0)[0])
        return replace(race, band=goal_arrivals, goal=replace(goal, chance=chance))
    if config.goal_s is not None and so_far is not None:
        chance = float(race.chance(np.array([config.goal_s]), np.array([course.steps - 1]))[0])
        race = replace(race, goal=Goal(config.goal_s, math.nan, chance, None))
    return race

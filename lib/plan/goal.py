"""The effort that a goal time takes, and the chance of reaching it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from lib.athlete.bundle import Bundle
from lib.athlete.pacing_law import PacingLaw, course_cost_of, segment_times
from lib.athlete.prior import Effort
from lib.athlete.reference import MAX_EFFORT, Reference, reference
from lib.athlete.time_distribution import distribution_of
from lib.core.durations import h_mm
from lib.core.errors import InputError
from lib.core.numeric import bisect
from lib.course.course import Course
from lib.plan.arrivals import ArrivalDistribution, standing_of
from lib.race.config import RaceConfig

_RECORD_HOURS: Final = (0.21, 0.44, 0.945, 2.01, 2.65, 6.09, 10.9, 24.0, 48.0, 144.0)
_RECORD_PACE: Final = (2.36, 2.42, 2.45, 2.60, 2.86, 2.95, 2.97, 2.97, 2.97, 2.97)
"""Base pace by the law (min/km on flat road, fresh) of the world's best: 5 km in 12:35, 10 km in 26:11, half marathon
in 56:42, marathon in 2:00:35, 50 km in 2:38:43; beyond, the lower of the law's pace for 100 km in 6:05:35, 100 miles in
10:51:39 and 319.6 km in 24 h, and of the fastest winners of mountain races."""
_RECORD_MARGIN: Final = 0.9
"""Courses fall, have wind, and are drawn too hilly: the bound lies this far below the records."""
_NAMED: Final = (("easy", -1.0364), ("steady", 0.0), ("race", 1.6449))
"""Efforts with names (`lib.athlete.prior.Effort`): 15%, 50% and 95% of past runs stayed below, as a standard normal."""


@dataclass(frozen=True)
class Goal:
    """What a goal time takes.

    Parameters
    ----------
    race_s, moving_s : float
        Goal time (s of race time), and what of it is left for moving (s; not a number on the way).
    chance : float
        Of being within it at the usual effort; on the way, from here.
    effort : float, optional
        Effort that it takes (`lib.athlete.prior.Effort`); None where it sets the level, and on the way.
    """

    race_s: float
    moving_s: float
    chance: float
    effort: float | None

    @property
    def on_the_way(self) -> bool:
        """Whether it was asked for on the way, where only its chance is said."""
        return math.isnan(self.moving_s)


def harder_than(effort: float, prior: Effort) -> float:
    """Share of past runs whose effort was lower; a normal distribution through the efforts that have names."""
    known = [getattr(prior, name) for name, _ in _NAMED]
    scores = [score for _, score in _NAMED]
    low = 0 if effort < known[1] else 1  # the outer lines go on beyond the names
    slope = (scores[low + 1] - scores[low]) / max(known[low + 1] - known[low], 1e-6)
    return 0.5 * (1.0 + math.erf((scores[1] + (effort - known[1]) * slope) / math.sqrt(2.0)))


def _race_s(bundle: Bundle, config: RaceConfig, moving_s: float, planned_s: float) -> float:
    """Race time (s) of a moving time, with planned stops and the usual other stops."""
    return moving_s + planned_s + float(standing_of(bundle, config, moving_s, planned_s).mean())


def moving_within(bundle: Bundle, config: RaceConfig, race_s: float, planned_s: float) -> float:
    """Moving time (s) that leaves room for planned and other stops within a race time."""
    return bisect(lambda s: _race_s(bundle, config, s, planned_s) <= race_s, 0.0, race_s)[0]


def aim(
    bundle: Bundle, course: Course, config: RaceConfig, planned_s: float, factor: np.ndarray, usual: Reference
) -> Goal:
    """Effort and chance of a goal time, before the start.

    Any goal gets a plan but those that no human could run. Whoever has no runs has no effort to change: the goal sets
    the level.

    Parameters
    ----------
    bundle : Bundle
        The model's bundle, with the athlete profile.
    course : Course
        T steps.
    config : RaceConfig
        With a goal time.
    planned_s : float
        All planned stops (s).
    factor : ndarray, shape (T,)
        What the conditions make of the time of each step.
    usual : Reference
        The athlete at the usual effort, with the median time.

    Raises
    ------
    InputError
        If the planned stops leave no time, or less than the fastest human would take.
    """
    race_s = config.goal_s
    assert race_s is not None
    moving_s = moving_within(bundle, config, race_s, planned_s)
    athlete, prior = bundle.athlete, bundle.prior
    fastest_s = fastest_moving_s(prior.pacing, course)
    if moving_s < fastest_s:
        least_s = _race_s(bundle, config, fastest_s, planned_s)
        raise InputError(
            f"a goal of {h_mm(race_s)}, of which {moving_s / 60:.0f} min are left for moving",
            f"{h_mm(60.0 * math.ceil(least_s / 60.0))} or more: no human is known to be faster",
            "Aim at another time, or plan other stops.",
            "goal",
        )
    expected_s = float((usual.duration_s * factor).sum())
    effort = None
    if athlete.runs > 0 and prior.effort.pace_per_effort < 0:
        even = reference(athlete, prior, course.columns, config.day, effort=0.0, median=True)
        # The logarithm of the time is linear in the effort; what nobody was seen to do is not asked of the heart.
        effort = math.log(moving_s / float((even.duration_s * factor).sum())) / prior.effort.pace_per_effort
        effort = min(max(effort, -MAX_EFFORT), MAX_EFFORT)
    waiting_s = standing_of(bundle, config, expected_s, planned_s)
    band = ArrivalDistribution(distribution_of(usual, bundle), waiting_s)
    return Goal(race_s, moving_s, float(band.chance(race_s, expected_s, planned_s, 1.0, 1.0)[0]), effort)


def fastest_moving_s(law: PacingLaw, course: Course) -> float:
    """Shortest moving time (s) that is taken for possible: a tenth faster than any record over that time."""
    cost = course_cost_of(law, course.columns, course.ground)

    def too_fast(moving_s: float) -> bool:
        base_pace = float(segment_times(law, cost, moving_s)[1][0])
        record = np.interp(math.log(moving_s / 3600.0), np.log(_RECORD_HOURS), _RECORD_PACE)
        return base_pace < _RECORD_MARGIN * float(record)

    return bisect(too_fast, cost.length_m / 15.0, cost.length_m, 16)[0]

"""The effort that a goal time takes, and the chance of reaching it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from lib.athlete.bundle import Bundle
from lib.athlete.prior import Effort
from lib.athlete.reference import MAX_EFFORT, Reference, reference
from lib.athlete.time_distribution import TimeDistribution
from lib.core.durations import h_mm
from lib.core.errors import InputError
from lib.core.numeric import bisect
from lib.course.course import Course
from lib.plan.arrivals import ArrivalDistribution, standing_of
from lib.race.config import RaceConfig

_NAMED: Final = (("easy", -1.0364), ("steady", 0.0), ("race", 1.6449))
"""Efforts with names (`lib.athlete.prior.Effort`): 15%, 50% and 95% of past runs stayed below, as a standard normal."""


@dataclass(frozen=True)
class Goal:
    """What a goal time takes.

    Parameters
    ----------
    race_s, moving_s : float
        Goal time (s of race time), and what of it is left for moving (s).
    chance : float
        Of being within it at the usual effort; on the way, from here.
    effort : float, optional
        Effort that it takes (`lib.athlete.prior.Effort`); None on the way, where it is not asked for.
    """

    race_s: float
    moving_s: float
    chance: float
    effort: float | None


def harder_than(effort: float, prior: Effort) -> float:
    """Share of past runs whose effort was lower; a normal distribution through the efforts that have names."""
    known = [getattr(prior, name) for name, _ in _NAMED]
    scores = [score for _, score in _NAMED]
    low = 0 if effort < known[1] else 1  # the outer lines go on beyond the names
    slope = (scores[low + 1] - scores[low]) / max(known[low + 1] - known[low], 1e-6)
    return 0.5 * (1.0 + math.erf((scores[1] + (effort - known[1]) * slope) / math.sqrt(2.0)))


def _race_s(bundle: Bundle, config: RaceConfig, moving_s: float, planned_s: float) -> float:
    """Race time (s) of a moving time, with planned stops and the usual other stops."""
    return moving_s + planned_s + float(np.median(standing_of(bundle, config, moving_s, planned_s)))


def _moving_within(bundle: Bundle, config: RaceConfig, race_s: float, planned_s: float) -> float:
    """Moving time (s) that leaves room for planned and other stops within a race time."""
    return bisect(lambda s: _race_s(bundle, config, s, planned_s) <= race_s, 0.0, race_s)[0]


def aim(
    bundle: Bundle, course: Course, config: RaceConfig, planned_s: float, factor: np.ndarray, usual: Reference
) -> Goal:
    """Effort and chance of a race time, before the start.

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
        The athlete at the usual effort.

    Raises
    ------
    InputError
        If no effort that can be asked for takes so long or so short; says which race times some effort takes.
    """
    race_s = config.goal_s
    assert race_s is not None
    moving_s = _moving_within(bundle, config, race_s, planned_s)
    athlete, prior = bundle.athlete, bundle.prior
    even = reference(athlete, prior, course.columns, config.day, effort=0.0)
    if prior.effort.pace_per_effort >= 0:
        raise InputError(
            "a model in which more effort is not faster", "one in which it is", "Leave the goal out.", "goal"
        )
    # The logarithm of the time is linear in the effort.
    at_zero_s = float((even.duration_s * factor).sum())
    effort = math.log(max(moving_s, 1e-3) / at_zero_s) / prior.effort.pace_per_effort
    if abs(effort) > MAX_EFFORT:
        shortest_s, longest_s = (
            _race_s(bundle, config, at_zero_s * math.exp(e * prior.effort.pace_per_effort), planned_s)
            for e in (MAX_EFFORT, -MAX_EFFORT)
        )
        raise InputError(
            f"a goal of {h_mm(race_s)}, of which {moving_s / 60:.0f} min are left for moving",
            f"one from {h_mm(60.0 * math.ceil(shortest_s / 60.0))} to {h_mm(60.0 * math.floor(longest_s / 60.0))}, "
            "what can be asked of the athlete",
            "Aim at another time, or plan other stops.",
            "goal",
        )
    expected_s = float((usual.duration_s * factor).sum())
    waiting_s = standing_of(bundle, config, expected_s, planned_s)
    band = ArrivalDistribution(TimeDistribution(usual.log_sd, athlete.scores, prior.calibration), waiting_s)
    return Goal(race_s, moving_s, float(band.chance(race_s, expected_s, planned_s, 1.0, 1.0)[0]), effort)

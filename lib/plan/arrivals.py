"""Intervals and chances of arrivals: uncertain moving time and uncertain stopped time together."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np
from numpy.typing import ArrayLike

from lib.athlete.bundle import Bundle
from lib.athlete.goal_spread import GoalSpread, arrival_interval_s
from lib.athlete.stopped_time import standing_quantiles
from lib.athlete.time_distribution import COVERAGE
from lib.core.numeric import SCORE_80, bisect, normal_below
from lib.race.config import RaceConfig

_HALVINGS: Final = 36
_SURE_S: Final = 1.0
_LEAST_S: Final = 1e-3
_STANDING_LEVELS: Final = (np.arange(40) + 0.5) / 40


class MovingDistribution(Protocol):
    """How far off a moving time may be: `lib.athlete.time_distribution.TimeDistribution`, or what is left of it."""

    def interval(self, elapsed_s: ArrayLike, fraction: ArrayLike = 1.0, /) -> tuple[np.ndarray, np.ndarray]:
        """80% interval of moving times (s)."""

    def chance(self, seconds: ArrayLike, expected_s: ArrayLike, fraction: ArrayLike = 1.0, /) -> np.ndarray:
        """Chance of a moving time within `seconds`."""


@dataclass(frozen=True, eq=False)
class ArrivalDistribution:
    """How far off an arrival may be: moving and stopped time, taken as independent of each other.

    Parameters
    ----------
    moving : MovingDistribution
        Of the moving time.
    standing_s : ndarray, shape (K,)
        Equally likely stopped times of the whole run (s), outside of planned stops.
    """

    moving: MovingDistribution
    standing_s: np.ndarray = field(repr=False)

    def chance(
        self, seconds: ArrayLike, moving_s: ArrayLike, waited_s: ArrayLike, share: ArrayLike, fraction: ArrayLike
    ) -> np.ndarray:
        """Chance of being at places within `seconds` of race time; all arguments broadcast, to shape (N,).

        Parameters
        ----------
        seconds : array_like
            Race time (s).
        moving_s : array_like
            Moving time predicted to the place (s), above 0.
        waited_s : array_like
            What is sure to be waited before it: planned stops, and stops already made (s).
        share : array_like
            How much of the stopped time comes before it, from 0 to 1.
        fraction : array_like
            Fraction of the course at which it is.
        """
        time, moving, waited, part, at = np.broadcast_arrays(
            *(np.atleast_1d(np.asarray(x, dtype=np.float64)) for x in (seconds, moving_s, waited_s, share, fraction))
        )
        left_s = time[:, None] - waited[:, None] - part[:, None] * self.standing_s  # (N, K)
        within = self.moving.chance(np.maximum(left_s, 0.0), moving[:, None], at[:, None])
        return np.where(left_s > 0, within, 0.0).mean(axis=1)

    def interval(
        self, moving_s: ArrayLike, waited_s: ArrayLike, share: ArrayLike, fraction: ArrayLike
    ) -> tuple[np.ndarray, np.ndarray]:
        """80% interval of arrivals (s of race time), as many before as after; arguments as for `chance`."""
        moving, waited, part, at = np.broadcast_arrays(
            *(np.atleast_1d(np.asarray(x, dtype=np.float64)) for x in (moving_s, waited_s, share, fraction))
        )
        if not np.any(part) or not np.any(self.standing_s):
            low_s, high_s = self.moving.interval(moving, at)
            return low_s + waited, high_s + waited
        # The sum's distribution has no inverse to write down, but it rises: halve until it is found.
        bounds = [self.moving.interval(moving, at)[i] + waited for i in (0, 1)]
        least = bounds[0] + part * self.standing_s.min()
        most = bounds[1] + part * self.standing_s.max()

        def quantile(level: float) -> np.ndarray:
            low_s, high_s = bisect(lambda s: self.chance(s, moving, waited, part, at) < level, least, most, _HALVINGS)
            return (low_s + high_s) / 2.0

        return quantile(0.5 - COVERAGE / 2.0), quantile(0.5 + COVERAGE / 2.0)


@dataclass(frozen=True, eq=False)
class GoalArrivals:
    """Where runners really are who meet a goal: certain at both ends, widest in between.

    Parameters
    ----------
    spread : GoalSpread
        How far arrivals scatter.
    race_s : float
        Goal (s of race time).
    base_pace : float
        Level of such a finish (min/km on flat road, fresh).
    other_s : float
        Other stops of the whole race (s).
    edition_weight : float
        How much earlier editions of the race count, from 0 to 1.
    """

    spread: GoalSpread
    race_s: float
    base_pace: float
    other_s: float
    edition_weight: float = 0.0

    def interval(
        self, moving_s: ArrayLike, waited_s: ArrayLike, share: ArrayLike, fraction: ArrayLike
    ) -> tuple[np.ndarray, np.ndarray]:
        """80% interval of arrivals (s of race time); arguments as for `ArrivalDistribution.chance`, of shape (N,)."""
        moving, waited, part = np.broadcast_arrays(
            *(np.atleast_1d(np.asarray(x, dtype=np.float64)) for x in (moving_s, waited_s, share))
        )
        arrival_s = moving + waited + part * self.other_s
        low_s, high_s = arrival_interval_s(self.spread, arrival_s, self.race_s, self.base_pace, self.edition_weight)
        return np.minimum(low_s[0], arrival_s), np.maximum(high_s[0], arrival_s)

    def chance(
        self, seconds: ArrayLike, moving_s: ArrayLike, waited_s: ArrayLike, share: ArrayLike, fraction: ArrayLike
    ) -> np.ndarray:
        """Chance of being at places within `seconds` of race time, by whoever meets the goal; shapes (N,)."""
        time, moving, waited, part = np.broadcast_arrays(
            *(np.atleast_1d(np.asarray(x, dtype=np.float64)) for x in (seconds, moving_s, waited_s, share))
        )
        low_s, high_s = self.interval(moving, waited, part, fraction)
        arrival_s = moving + waited + part * self.other_s
        half_s = np.where(time < arrival_s, arrival_s - low_s, high_s - arrival_s)
        sure = half_s < _SURE_S
        score = SCORE_80 * (time - arrival_s) / np.where(sure, 1.0, half_s)
        return np.where(sure, (time >= arrival_s - _SURE_S).astype(np.float64), normal_below(score))


@dataclass(frozen=True, eq=False)
class LevelArrivals:
    """How far off arrivals may be, where results set the level: of the finish a Student-t of its logarithm.

    On the way the scatter of runners who meet the predicted finish comes on top, taken as independent.

    Parameters
    ----------
    on_the_way : GoalArrivals
        Of who meets the predicted finish.
    low, high : float
        Ends of the 80% interval of the race time, as multiples of the predicted one.
    dof : int
        Degrees of freedom, an even number.
    """

    on_the_way: GoalArrivals
    low: float
    high: float
    dof: int

    def _arrival_and_spread(
        self, moving_s: ArrayLike, waited_s: ArrayLike, share: ArrayLike, fraction: ArrayLike
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Arrivals (s), and the logarithms that the 80% interval reaches below and above them; shapes (N,)."""
        moving, waited, part = np.broadcast_arrays(
            *(np.atleast_1d(np.asarray(x, dtype=np.float64)) for x in (moving_s, waited_s, share))
        )
        arrival_s = moving + waited + part * self.on_the_way.other_s
        ends_s = self.on_the_way.interval(moving, waited, part, fraction)
        off = (np.log(np.maximum(end_s, _SURE_S) / arrival_s) for end_s in ends_s)
        below, above = (np.hypot(np.log(level), x) for level, x in zip((self.low, self.high), off, strict=True))
        return arrival_s, below, above

    def interval(
        self, moving_s: ArrayLike, waited_s: ArrayLike, share: ArrayLike, fraction: ArrayLike
    ) -> tuple[np.ndarray, np.ndarray]:
        """80% interval of arrivals (s of race time); arguments as for `ArrivalDistribution.chance`, of shape (N,)."""
        arrival_s, below, above = self._arrival_and_spread(moving_s, waited_s, share, fraction)
        return arrival_s * np.exp(-below), arrival_s * np.exp(above)

    def chance(
        self, seconds: ArrayLike, moving_s: ArrayLike, waited_s: ArrayLike, share: ArrayLike, fraction: ArrayLike
    ) -> np.ndarray:
        """Chance of being at places within `seconds` of race time; shapes (N,)."""
        arrival_s, below, above = self._arrival_and_spread(moving_s, waited_s, share, fraction)
        time_s, arrival_s = np.broadcast_arrays(np.atleast_1d(np.asarray(seconds, dtype=np.float64)), arrival_s)
        off = np.log(np.maximum(time_s, _LEAST_S) / arrival_s)
        return student_below(
            student_quantile(0.5 + COVERAGE / 2.0, self.dof) * off / np.where(off < 0, below, above), self.dof
        )


@dataclass(frozen=True)
class LevelBand:
    """How far off moving times may be, where results set the level: everywhere by the same share.

    Parameters
    ----------
    low, high : float
        Ends of the 80% interval, as multiples.
    dof : int
        Degrees of freedom of the Student-t, an even number.
    """

    low: float
    high: float
    dof: int

    def interval(self, elapsed_s: ArrayLike, fraction: ArrayLike = 1.0) -> tuple[np.ndarray, np.ndarray]:
        """80% interval of moving times (s)."""
        elapsed = np.asarray(elapsed_s, dtype=np.float64)
        return elapsed * self.low, elapsed * self.high

    def chance(self, seconds: ArrayLike, expected_s: ArrayLike, fraction: ArrayLike = 1.0) -> np.ndarray:
        """Chance of a moving time within `seconds`."""
        off = np.log(np.maximum(seconds, _LEAST_S) / np.asarray(expected_s, dtype=np.float64))
        score = student_quantile(0.5 + COVERAGE / 2.0, self.dof) * off
        return student_below(score / np.where(off < 0, -math.log(self.low), math.log(self.high)), self.dof)


def student_below(score: ArrayLike, dof: int) -> np.ndarray:
    """Distribution function of a Student-t with an even number of degrees of freedom."""
    assert dof > 0 and dof % 2 == 0
    score = np.asarray(score, dtype=np.float64)
    sine = score / np.sqrt(dof + score**2)
    summed = term = np.ones_like(sine)
    for j in range(1, dof // 2):
        term = term * (1.0 - sine**2) * (2 * j - 1) / (2 * j)
        summed = summed + term
    return 0.5 + 0.5 * sine * summed


def student_quantile(level: float, dof: int) -> float:
    """Score that a share of such a distribution stays below."""
    low, high = bisect(lambda x: bool(student_below(x, dof) < level), -100.0, 100.0, 60)
    return (low + high) / 2.0


def standing_of(bundle: Bundle, config: RaceConfig, moving_s: float, planned_s: float) -> np.ndarray:
    """Equally likely stopped times outside of planned stops (s): of the habit only what exceeds these."""
    if config.standing_s is not None:
        return np.array([config.standing_s])
    habit_s = standing_quantiles(
        bundle.athlete.standing_at_one_hour_s, bundle.prior.standing, moving_s, _STANDING_LEVELS
    )
    return np.maximum(habit_s - planned_s, 0.0)

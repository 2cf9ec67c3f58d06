"""What check-ins say of the rest of a race: level and pacing as one Gaussian process, conditioned on clocks.

At each place the clock of a check-in says which finish it is on the way to: that of the plan with this arrival. The
logarithm of that finish, x, is the logarithm of the real one, plus how far the runner's pacing is off the law's there:

    x(u) = log T + e(u),    e(1) = 0

with u the planned share of the race time. log T has a mean and a standard deviation from before (`Belief`); e is what a
rate that wanders does to the mean pace so far, against that of the whole race. It has three parts: a random walk (who
slows down goes on slowing down), independent errors of legs (hills, ground, stops), more on hilly courses, and places
that are not quite where they are said to be. The page of a plan computes the same in `day.js`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lib.core.errors import InputError

Floats = NDArray[np.float64]

_LONG_H: Final = 10.0
_HILLY_M_PER_KM: Final = 50.0


@dataclass(frozen=True)
class DaySpread:
    """The numbers of the model, of anybody; fitted on 41 race-years of ten events, events alike.

    Parameters
    ----------
    wander : float
        Standard deviation of the random walk of the relative pace, over a whole race.
    leg : float
        That of independent errors, over a whole race of 10 h or more; its square grows in proportion to the hours.
    hills : float
        What comes on top with 50 m of ascent per km, in proportion to these.
    place : float
        Error of a place, as a share of the race time.
    caution : float
        Intervals are so much wider than the model has them, to hold 80% on left-out events.
    level_log_pace, level_sd : float
        Finishers whose level is unknown: mean and standard deviation of the logarithm of the base pace (min/km).
    goal_sd : float
        How far a goal may be off, as a standard deviation of the logarithm, of a runner without a profile (assumed).
    """

    wander: float = 0.140
    leg: float = 0.016
    hills: float = 0.044
    place: float = 0.001
    caution: float = 1.12
    level_log_pace: float = 1.595
    level_sd: float = 0.16
    goal_sd: float = 0.12

    def __post_init__(self) -> None:
        values = np.array([self.wander, self.leg, self.hills, self.place, self.caution, self.level_sd, self.goal_sd])
        if not (np.isfinite(values).all() and (values > 0).all() and (values < 10).all()):
            raise InputError(f"{self}", "finite numbers above 0", "Fit them again.")

    def independent(self, hours: float, climb_m_per_km: float) -> float:
        """Standard deviation of independent errors over a race of so many hours and so hilly."""
        return float(
            np.hypot(self.leg * min(hours / _LONG_H, 1.0) ** 0.5, self.hills * climb_m_per_km / _HILLY_M_PER_KM)
        )


@dataclass(frozen=True)
class Belief:
    """What is believed of the finish before the start: mean and standard deviation of its logarithm."""

    log_finish: float
    sd: float


def pacing_covariance(u: Floats, v: Floats, wander: float, independent: float) -> Floats:
    """Covariance (N, M) of e at shares u (N,) and v (M,) of the race time, both in (0, 1]."""
    a, b, one = u[:, None], v[None, :], np.ones((1, 1))

    def summed(x: Floats, y: Floats) -> Floats:
        """Covariance of the integrals of the rate to x and to y."""
        low, high = np.minimum(x, y), np.maximum(x, y)
        return wander**2 * (low**2 * high / 2.0 - low**3 / 6.0) + independent**2 * low

    return summed(a, b) / (a * b) - summed(a, one) / a - summed(b, one) / b + summed(one, one)


def conditioned(
    belief: Belief, u: Floats, x: Floats, ahead: Floats, spread: DaySpread, independent: float
) -> tuple[Floats, Floats]:
    """Mean and standard deviation of x at places ahead.

    Parameters
    ----------
    belief : Belief
        Of the finish, before the start.
    u, x : ndarray, shape (N,)
        Shares of the race time of check-ins, and logarithms of the finishes that they are on the way to.
    ahead : ndarray, shape (M,)
        Shares of the race time of places ahead; 1 is the finish.
    spread : DaySpread
    independent : float
        `DaySpread.independent` of the race.
    """
    level = belief.sd**2
    seen = level + pacing_covariance(u, u, spread.wander, independent) + np.diag((spread.place / u) ** 2)
    cross = level + pacing_covariance(ahead, u, spread.wander, independent)
    prior = level + np.diag(pacing_covariance(ahead, ahead, spread.wander, independent))
    gain = np.linalg.solve(seen, cross.T).T  # (M, N)
    variance = prior - np.einsum("mn,mn->m", gain, cross)
    return belief.log_finish + gain @ (x - belief.log_finish), np.sqrt(np.maximum(variance, 0.0)) * spread.caution

"""What check-ins say of the rest of a race: level and pacing as one Gaussian process, conditioned on clocks.

At each place the clock of a check-in says which finish it is on the way to: that of the plan with this arrival. The
logarithm of that finish, x, is the logarithm of the real one, plus how far the runner's pacing is off the law's there:

    x(u) = log T + e(u),    e(1) = 0

with u the planned share of the race time. log T has a mean and a standard deviation from before (`Belief`); e is what a
rate that wanders does to the mean pace so far, against that of the whole race. It has four parts: a random walk (who
slows down goes on slowing down), independent errors of legs (hills, ground, stops), more on hilly courses and more
towards the finish, a first tenth that says less than the rest (crowds, roads, eagerness), and places that are not quite
where they are said to be.
The page of a plan computes the same in `day.js`.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lib.core.errors import InputError
from lib.core.numeric import SCORE_80

Floats = NDArray[np.float64]

_LONG_H: Final = 3.0
_HILLY_M_PER_KM: Final = 50.0
_START_SHARE: Final = 0.1


@dataclass(frozen=True)
class DaySpread:
    """The numbers of the model, of anybody; fitted on 41 race-years of ten events (`lib.evaluation.day_fit`).

    Parameters
    ----------
    wander : float
        Standard deviation of the random walk of the relative pace, over a whole race of 3 h or more; in proportion to
        the hours in a shorter one, where who slows down for a while does not go on slowing down.
    leg : float
        That of independent errors, over a whole race.
    hills : float
        What comes on top with 50 m of ascent per km, in proportion to these.
    late : float
        The variance of independent errors so far grows as the share of the race time to this power: above 1, they are
        larger towards the finish.
    by_edition : float
        By how much less (share) hills are off where an earlier edition says how they are run.
    start : float
        That of the relative pace at the start; it fades over the first tenth of the race time.
    place : float
        Error of a place, as a share of the race time.
    goal_sd : float
        How far a goal may be off, as a standard deviation of the logarithm, of a runner without a profile (assumed).
    """

    wander: float = 0.161
    leg: float = 0.0184
    hills: float = 0.0391
    late: float = 1.61
    by_edition: float = 0.4
    start: float = 0.13
    place: float = 0.001
    goal_sd: float = 0.12

    def __post_init__(self) -> None:
        values = np.array(list(asdict(self).values()))
        if not (np.isfinite(values).all() and (values > 0).all() and (values < 10).all()):
            raise InputError(f"{self}", "finite numbers above 0", "Fit them again.")

    def of_race(self, hours: float, climb_m_per_km: float, edition_weight: float = 0.0) -> Unevenness:
        """What is to be expected of a race of so many hours, so hilly, and so well known by earlier editions."""
        hills = self.hills * climb_m_per_km / _HILLY_M_PER_KM * (1.0 - self.by_edition * edition_weight)
        wander = self.wander * min(hours / _LONG_H, 1.0)
        return Unevenness(wander, float(np.hypot(self.leg, hills)), self.late, self.start, self.place)


SPREAD: Final = DaySpread()


@dataclass(frozen=True)
class Unevenness:
    """How far pacing may be off the law's in one race; see `DaySpread`.

    Parameters
    ----------
    wander, independent, late, start, place : float
        `independent` is the standard deviation of independent errors over the whole race.
    """

    wander: float
    independent: float
    late: float
    start: float
    place: float


@dataclass(frozen=True)
class Belief:
    """What is believed of the finish before the start: mean and standard deviation of its logarithm."""

    log_finish: float
    sd: float

    @classmethod
    def of_interval(cls, median_s: float, low_s: float, high_s: float) -> Belief:
        """The belief whose median and 80% interval are these finishes (s)."""
        return cls(math.log(median_s), math.log(high_s / low_s) / (2.0 * SCORE_80))


def pacing_covariance(u: Floats, v: Floats, uneven: Unevenness) -> Floats:
    """Covariance (N, M) of e at shares u (N,) and v (M,) of the race time, both in (0, 1]."""
    a, b, one = u[:, None], v[None, :], np.ones((1, 1))

    def summed(x: Floats, y: Floats) -> Floats:
        """Covariance of the integrals of the rate to x and to y."""
        low, high = np.minimum(x, y), np.maximum(x, y)
        walk = uneven.wander**2 * (low**2 * high / 2.0 - low**3 / 6.0)
        return walk + uneven.independent**2 * low**uneven.late

    def start(x: Floats) -> Floats:
        """Mean of what fades from 1 at the start, up to x."""
        return _START_SHARE * (1.0 - np.exp(-x / _START_SHARE)) / x

    first = uneven.start**2 * (start(a) - start(one)) * (start(b) - start(one))
    return summed(a, b) / (a * b) - summed(a, one) / a - summed(b, one) / b + summed(one, one) + first


def conditioned(belief: Belief, u: Floats, x: Floats, ahead: Floats, uneven: Unevenness) -> tuple[Floats, Floats]:
    """Mean (..., M) and standard deviation (M,) of x at places ahead.

    Parameters
    ----------
    belief : Belief
        Of the finish, before the start.
    u : ndarray, shape (N,)
        Shares of the race time of check-ins.
    x : ndarray, shape (..., N)
        Logarithms of the finishes that they are on the way to.
    ahead : ndarray, shape (M,)
        Shares of the race time of places ahead; 1 is the finish.
    uneven : Unevenness
        Of the race.
    """
    level = belief.sd**2
    seen = level + pacing_covariance(u, u, uneven) + np.diag((uneven.place / u) ** 2)
    cross = level + pacing_covariance(ahead, u, uneven)
    prior = level + np.diag(pacing_covariance(ahead, ahead, uneven))
    gain = np.linalg.solve(seen, cross.T).T  # (M, N)
    variance = prior - np.einsum("mn,mn->m", gain, cross)
    return belief.log_finish + (x - belief.log_finish) @ gain.T, np.sqrt(np.maximum(variance, 0.0))

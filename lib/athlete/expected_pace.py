"""The level to expect of an athlete's next run, and how certain it is.

A Gaussian process (Rasmussen & Williams 2006) over past runs: those of a similar kind, and recent ones, say most.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Annotated, Any, Final

import numpy as np

from lib.athlete.pacing_law import PacingLaw, mean_fading
from lib.athlete.run_history import Kind, Runs
from lib.core.fields import Range, check_fields
from lib.core.schema import STEP_M

_DEGREES: Final = 3.0
"""Degrees of freedom of Student's t: odd days (a race with friends, a fall) weigh less than they are far off."""
_ROUNDS: Final = 3
_JITTER: Final = 1e-6
_SCATTER_RUNS, _SCATTER_HALF_LIFE = 30.0, 60.0
"""Runs that the usual scatter is worth, and after how many runs a run weighs half in the athlete's own."""
_WEEK_DAYS: Final = 7
_BORDER: Final = 1e12
_Size = Annotated[float, Range(1e-6, 1e3)]
_LONG_KM, _LARGEST_SPREAD = 5.0, 3.0


@dataclass(frozen=True)
class Kernel:
    """What makes runs alike; standard deviations are of the logarithm of the level, lengths are in units of `Kind`.

    Parameters
    ----------
    mean : float
        Level of anybody (logarithm).
    athlete_sd : float
        How athletes differ.
    drift_sd, drift_days : float
        How an athlete's level wanders.
    kind_sd, kind_distance, kind_climb : float
        How kinds of runs differ.
    recent_sd, recent_distance, recent_climb, recent_days : float
        How much the recent runs of a kind say more.
    weekday_sd : float
        How much those of them say more that were on the same day of the week: many train by the week.
    route_sd, route_distance, route_climb, route_net, route_days : float
        How courses as good as the same differ from others.
    noise_sd : float
        How one day differs from another.
    """

    mean: Annotated[float, Range(-10, 10)]
    athlete_sd: _Size = 0.1
    drift_sd: _Size = 0.055
    drift_days: Annotated[float, Range(1e-3, 1e6)] = 500.0
    kind_sd: _Size = 0.07
    kind_distance: _Size = 0.7
    kind_climb: _Size = 0.4
    recent_sd: _Size = 0.06
    recent_distance: _Size = 0.45
    recent_climb: _Size = 0.3
    recent_days: Annotated[float, Range(1e-3, 1e6)] = 80.0
    weekday_sd: _Size = 0.04
    route_sd: _Size = 0.045
    route_distance: _Size = 0.15
    route_climb: _Size = 0.23
    route_net: _Size = 0.17
    route_days: Annotated[float, Range(1e-3, 1e6)] = 600.0
    noise_sd: _Size = 0.09

    def __post_init__(self) -> None:
        check_fields(self)


def covariance(kernel: Any, one: Any, other: Any, xp: Any = np) -> Any:
    """Covariance (N, M) of the levels of runs `one` (N) and `other` (M).

    Parameters
    ----------
    kernel : Kernel
        Or anything with its fields.
    one, other : Runs
        Or anything with their fields.
    xp : module
        ``numpy``, or ``torch`` where gradients are wanted.
    """
    days = xp.abs(one.day[:, None] - other.day[None])  # (N, M)
    distance, climb, net = (
        (getattr(one, name)[:, None] - getattr(other, name)[None]) ** 2 for name in ("distance", "climb", "net")
    )
    same_weekday = (one.day % _WEEK_DAYS)[:, None] == (other.day % _WEEK_DAYS)[None]
    alike = 0.5 * (distance / kernel.kind_distance**2 + climb / kernel.kind_climb**2)
    recently = 0.5 * (distance / kernel.recent_distance**2 + climb / kernel.recent_climb**2)
    recent = xp.exp(-recently - days / kernel.recent_days)
    same = 0.5 * (distance / kernel.route_distance**2 + climb / kernel.route_climb**2 + net / kernel.route_net**2)
    return (
        kernel.athlete_sd**2
        + kernel.drift_sd**2 * xp.exp(-days / kernel.drift_days)
        + kernel.kind_sd**2 * xp.exp(-alike)
        + kernel.recent_sd**2 * recent
        + kernel.weekday_sd**2 * (recent * same_weekday)
        + kernel.route_sd**2 * xp.exp(-same - days / kernel.route_days)
    )


@lru_cache(maxsize=8)
def _earlier(runs: int) -> np.ndarray:
    """How much each run (second axis) counts before each one and before the next (first axis), shape (N + 1, N)."""
    ago = np.arange(runs + 1)[:, None] - 1 - np.arange(runs)[None]
    return np.where(ago >= 0, 0.5 ** (np.maximum(ago, 0) / _SCATTER_HALF_LIFE), 0.0)


def _divided(matrix: Any, columns: Any, xp: Any) -> tuple[Any, Any]:
    """Diagonal (N,) of the Cholesky factor of a matrix (N, N), and columns (N, M) divided by that factor."""
    if xp is not np:
        factor = xp.linalg.cholesky(matrix)
        return xp.diagonal(factor), xp.linalg.solve_triangular(factor, columns, upper=False)
    # numpy has no solver for triangles, but the rows of a factor below the matrix are just that.
    n = len(matrix)
    bordered = np.block([[matrix, columns], [columns.T, _BORDER * np.eye(columns.shape[1])]])
    factor = np.linalg.cholesky(bordered)
    return np.diagonal(factor)[:n], factor[n:, :n].T


def _ahead(kernel: Any, prior_covariance: Any, level: Any, noise: Any, xp: Any) -> tuple[Any, Any]:
    """How far each run was off what those before it say, and the variance of that, for given noise of each (N,)."""
    spread, surprise = _divided(prior_covariance + xp.diag(noise + _JITTER), (level - kernel.mean)[:, None], xp)
    return spread * surprise[:, 0], spread**2 - noise + kernel.noise_sd**2


@dataclass(frozen=True)
class Ahead:
    """What was to be expected of N runs, each from those before it.

    Parameters
    ----------
    expected, variance : array, shape (N,)
        Level expected of each, and variance of what comes about it.
    noise : array, shape (N,)
        Noise that each was found to have, for the usual scatter.
    scatter : array, shape (N + 1,)
        How many times the usual variance this athlete's has, before each run and before the next.
    """

    expected: Any
    variance: Any
    noise: Any
    scatter: Any


def one_ahead(kernel: Any, prior_covariance: Any, level: Any, xp: Any = np) -> Ahead:
    """Expect each run from those before it, all in one factorization.

    Row i of the Cholesky factor holds what runs before i say of it. Days far off their expectation get more noise, as
    Student's t would give them (Lange, Little & Taylor 1989), from what was expected of them then: so nothing of
    this looks ahead. What is far off depends on the athlete: some run each day alike, some do not.

    Parameters
    ----------
    kernel : Kernel
        Or anything with its fields.
    prior_covariance : array, shape (N, N)
        `covariance` of the runs.
    level : array, shape (N,)
        Their levels (logarithm).
    xp : module
        ``numpy`` or ``torch``, as the arrays are.
    """
    usual = kernel.noise_sd**2
    noise = usual + 0.0 * level
    earlier = xp.asarray(_earlier(len(level)))
    scatter = 1.0 + 0.0 * earlier.sum(axis=1)
    for _ in range(_ROUNDS):
        off, variance = _ahead(kernel, prior_covariance, level, noise, xp)
        # Weights and scatter are findings, not wishes: no gradient passes through them.
        off, variance = (v.detach() if hasattr(v, "detach") else v for v in (off, variance))
        square = off**2 / variance
        weight = (_DEGREES + 1.0) / (_DEGREES + square / scatter[:-1])
        scatter = (_SCATTER_RUNS + earlier @ (weight * square)) / (_SCATTER_RUNS + earlier.sum(axis=1))
        weight = (_DEGREES + 1.0) / (_DEGREES + square / scatter[:-1])
        noise = usual / xp.clip(weight, 1e-3, 1.0)
    off, variance = _ahead(kernel, prior_covariance, level, noise, xp)
    return Ahead(level - off, scatter[:-1] * variance, noise, scatter)


def expect(kernel: Kernel, runs: Runs, level: np.ndarray, day: float, kind: Kind) -> tuple[float, float]:
    """Level to expect of the next run.

    Parameters
    ----------
    kernel : Kernel
        Of this level.
    runs : Runs
        N past runs, oldest first.
    level : ndarray, shape (N,)
        Their levels (logarithm), NaN where unknown.
    day : float
        Day of the next.
    kind : Kind
        Of its course.

    Returns
    -------
    mean, sd : float
        Of the logarithm of its level.
    """
    known = np.isfinite(level)
    past = Runs(**{f.name: getattr(runs, f.name)[known] for f in fields(Runs)})
    next_run = Runs(*(np.array([v]) for v in (day, kind.distance, kind.climb, kind.net, np.nan, np.nan, np.nan)))
    own = float(covariance(kernel, next_run, next_run)[0, 0]) + kernel.noise_sd**2
    if not known.any():
        return kernel.mean, float(np.sqrt(own))
    between = covariance(kernel, past, past)
    ahead = one_ahead(kernel, between, level[known])
    to_next = covariance(kernel, past, next_run)  # (N, 1)
    off = (level[known] - kernel.mean)[:, None]
    _, divided = _divided(between + np.diag(ahead.noise + _JITTER), np.hstack([to_next, off]), np)
    told, surprise = divided.T
    variance = ahead.scatter[-1] * max(own - told @ told, kernel.noise_sd**2)
    return float(kernel.mean + told @ surprise), float(np.sqrt(variance))


def beyond_experience(law: PacingLaw, longest_km: float, kind: Kind, log_pace: float) -> float:
    """How much slower (logarithm of pace) a run is for lasting longer than the longest so far, by the pacing law.

    Parameters
    ----------
    law : PacingLaw
        How runners slow down.
    longest_km : float
        Longest run so far (km).
    kind : Kind
        Of the course.
    log_pace : float
        Logarithm of the pace on the flat (s per 5 m) that such a run would have within experience.
    """
    km = 10.0 * float(np.exp(kind.distance))
    if km <= longest_km:
        return 0.0
    # 100 m of climb take about as long as 1 km on the flat.
    hours_per_km = float(np.exp(log_pace)) * (1000.0 / STEP_M) / 3600.0 * (1.0 + kind.climb**2 / 10.0)
    known_h = longest_km * hours_per_km
    base_pace = float(np.exp(log_pace)) * (1000.0 / STEP_M) / 60.0 / law.trail
    known = mean_fading(law, known_h, base_pace)
    slower = 1.0
    for _ in range(20):
        slower = mean_fading(law, km * hours_per_km * slower, base_pace / known) / known
    return max(float(np.log(slower)), 0.0)


def spread_when_short(km: float) -> float:
    """How many times as uncertain a run is for being shorter than 5 km: warm-ups, races, walks with the dog."""
    return float(np.clip(_LONG_KM / km, 1.0, _LARGEST_SPREAD))

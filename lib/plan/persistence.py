"""How far the rest of a run is to be expected off its reference, given how far the first part was.

A deviation (of pace, heart rate, cadence) is a level that lasts all day, something that wanders with a memory of some
kilometres, and noise: a Gaussian process along the course (Rasmussen & Williams 2006). How restless a run is, its own
first part says: the last two are scaled by a factor that is inferred with the level, so that from an even run much is
carried over, and from an uneven one little. The last kilometre, a sprint or a walk to cool down, has something of its
own.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from lib.core import schema as c
from lib.core.errors import InputError

BLOCK_STEPS: Final = 100
"""Deviations are means over 500 m."""
_KM_PER_STEP: Final = c.STEP_M / 1000.0
_SHORTEST_KM: Final = 0.02
_FINISH_KM: Final = 1.0
_FACTORS: Final = np.exp(np.linspace(-1.5, 1.5, 13))


@dataclass(frozen=True)
class Persistence:
    """How a deviation from the reference lasts.

    Parameters
    ----------
    level_sd : float
        Standard deviation of what lasts all day.
    wander_sd, wander_km : float
        Of what wanders, and over how many kilometres it is forgotten.
    noise_sd : float
        Of the mean of a kilometre without either.
    restless_sd : float
        How runs differ in the last two: standard deviation of the logarithm of a common factor.
    finish_sd : float
        Of what the finish has of its own; it fades with the distance from there, a third of it after a kilometre.
    limit : float
        Deviations beyond this are cut: a rest on a bench, a lost satellite.
    """

    level_sd: float
    wander_sd: float
    wander_km: float
    noise_sd: float
    restless_sd: float
    finish_sd: float
    limit: float

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not (0 < value < np.inf or (field.name == "finish_sd" and value == 0)):
                raise InputError(f"{field.name} = {value}", "a positive, finite number", "Measure it again.")


@dataclass(frozen=True, eq=False)
class Blocks:
    """Stretches of a course, one after the other.

    Parameters
    ----------
    middle_km, length_km : ndarray, shape (N,)
        Where each is, and how long (km).
    """

    middle_km: np.ndarray
    length_km: np.ndarray


@dataclass(frozen=True, eq=False)
class Expectation:
    """Deviations to expect of A blocks to come.

    Parameters
    ----------
    mean : ndarray, shape (A,)
        Of each.
    covariance : ndarray, shape (A, A)
        Of them.
    """

    mean: np.ndarray
    covariance: np.ndarray

    def sd(self, weights: np.ndarray) -> np.ndarray:
        """Standard deviation of weighted means, shape (K,), of weights (K, A) that add up to 1."""
        return np.sqrt(np.maximum(((weights @ self.covariance) * weights).sum(axis=1), 0.0))


NOTHING: Final = Blocks(np.empty(0), np.empty(0))
"""Before the start."""


def block_edges(first: int, last: int, backwards: bool = False) -> np.ndarray:
    """Edges of blocks of steps, shape (N + 1,): whole ones from `first` on, or backwards from `last`."""
    if backwards:
        return last - block_edges(0, last - first)[::-1]
    return np.append(np.arange(first, last, BLOCK_STEPS), last)


def blocks(edges: np.ndarray, measured: np.ndarray | None = None) -> Blocks:
    """Blocks between edges (steps), shape (N + 1,); ``measured`` (N,) is how many steps of each were, if not all."""
    steps = np.diff(edges) if measured is None else measured
    return Blocks((edges[1:] + edges[:-1]) / 2 * _KM_PER_STEP, steps * _KM_PER_STEP)


def block_means(values: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, Blocks]:
    """Means of what was measured so far, in blocks backwards from here.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Of each step, NaN where nothing was measured.
    weights : ndarray, shape (n,)
        Above 0.

    Returns
    -------
    means : ndarray, shape (N,)
        Weighted, of blocks in which anything was measured.
    done : Blocks
        These.
    """
    known = np.isfinite(values)
    edges = block_edges(0, values.size, backwards=True)
    columns = (np.where(known, values * weights, 0.0), np.where(known, weights, 0.0), known.astype(np.float64))
    sums, weight, steps = (np.add.reduceat(column, edges[:-1]) for column in columns)
    some = steps > 0
    part = blocks(edges, steps)
    return sums[some] / weight[some], Blocks(part.middle_km[some], part.length_km[some])


def _wandering(p: Persistence, one: Blocks, other: Blocks) -> np.ndarray:
    """Covariance (N, M) of what wanders."""
    return p.wander_sd**2 * np.exp(-np.abs(one.middle_km[:, None] - other.middle_km) / p.wander_km)


def _uneven(p: Persistence, part: Blocks) -> np.ndarray:
    """Covariance (N, N) of all but the level."""
    return _wandering(p, part, part) + np.diag(p.noise_sd**2 / np.maximum(part.length_km, _SHORTEST_KM))


def expect_rest(p: Persistence, deviation: np.ndarray, done: Blocks, ahead: Blocks) -> Expectation:
    """What to expect of the rest.

    Parameters
    ----------
    p : Persistence
        Of this deviation.
    deviation : ndarray, shape (N,)
        Of the blocks done; none before the start.
    done, ahead : Blocks
        N done, A to come, the last of which ends at the finish.
    """
    n, y = deviation.size, np.clip(deviation, -p.limit, p.limit)
    across = _wandering(p, ahead, done)  # (A, N)
    solved = np.linalg.solve(_uneven(p, done), np.column_stack([np.ones(n), y, across.T]))  # (N, 2 + A)
    ones, values, rest = solved[:, 0], solved[:, 1], solved[:, 2:]
    # For each factor: the level that the blocks speak of, and how well the factor explains them.
    scale = _FACTORS**2
    variance = 1.0 / (1.0 / p.level_sd**2 + ones.sum() / scale)
    level = variance * values.sum() / scale
    fit = n * np.log(scale) + np.log(p.level_sd**2 / variance) + y @ values / scale - level**2 / variance
    log_weight = -0.5 * (fit + (np.log(_FACTORS) / p.restless_sd) ** 2)
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    mean = float(weight @ level)
    spread = float(weight @ (variance + (level - mean) ** 2))
    free = 1.0 - across @ ones  # (A,), share of the level in each that its neighbours do not tell already
    left = _uneven(p, ahead) - across @ rest  # (A, A)
    to_finish_km = ahead.middle_km[-1] + ahead.length_km[-1] / 2 - ahead.middle_km
    finish = p.finish_sd * np.exp(-to_finish_km / _FINISH_KM)
    covariance = float(weight @ scale) * left + spread * np.outer(free, free) + np.outer(finish, finish)
    return Expectation(mean * free + across @ values, covariance)

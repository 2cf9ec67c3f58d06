"""What earlier runs say of the way along the next: a linear regression whose sums fade from run to run.

Heart rate (`lib.athlete.heart_rate_model`) and pace (`lib.athlete.pace_shape`) are learned like this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

import numpy as np

from lib.core.errors import InputError
from lib.core.fields import Length, Range, check_fields

FEATURES: Final = 8
_PAIRS: Final = FEATURES * (FEATURES + 1) // 2
_ROWS, _COLUMNS = np.triu_indices(FEATURES)
_RIDGE: Final = 1e-3
_Sum = Annotated[float, Range(-1e7, 1e7)]


@dataclass(frozen=True)
class Response:
    """Sums of a regression on `FEATURES` features, means over the places of each run.

    Parameters
    ----------
    weight : float
        Runs in it, older ones weighing less.
    inner : tuple of float
        Products of features, the upper triangle of a matrix, row by row.
    cross : tuple of float
        Products of features and what is explained.
    """

    weight: Annotated[float, Range(0, 1_000)] = 0.0
    inner: Annotated[tuple[_Sum, ...], Length(_PAIRS, _PAIRS)] = (0.0,) * _PAIRS
    cross: Annotated[tuple[_Sum, ...], Length(FEATURES, FEATURES)] = (0.0,) * FEATURES

    def __post_init__(self) -> None:
        check_fields(self)


def _rounded(weight: float, inner: np.ndarray, cross: np.ndarray) -> Response:
    """Four digits: far beyond what a run tells, and short in a bundle."""
    short = [tuple(float(f"{x:.4g}") for x in values) for values in (inner, cross)]
    return Response(float(f"{weight:.5g}"), *short)


def learned(before: Response, table: np.ndarray, values: np.ndarray, half_life: float) -> Response:
    """The response after one more run.

    Parameters
    ----------
    before : Response
        Of the runs before.
    table : ndarray, shape (T, `FEATURES`)
        Features of each place; their mean does not count.
    values : ndarray, shape (T,)
        What was recorded, NaN where nothing was; its mean does not count.
    half_life : float
        Runs after which a run weighs half.
    """
    known = np.isfinite(values)
    x = table[known] - table[known].mean(axis=0)
    y = values[known] - values[known].mean()
    fade = 0.5 ** (1.0 / half_life)
    return _rounded(
        before.weight * fade + 1.0,
        np.array(before.inner) * fade + (x.T @ x)[_ROWS, _COLUMNS] / y.size,
        np.array(before.cross) * fade + x.T @ y / y.size,
    )


def offset(own: Response, population: Response, table: np.ndarray, population_runs: float, shrink: float) -> np.ndarray:
    """What is to be expected of each place less the run's mean, shape (T,).

    Parameters
    ----------
    own, population : Response
        The athlete's, and anybody's of weight 1 (or 0 if nothing is known).
    table : ndarray, shape (T, `FEATURES`)
        Features of each place, less their mean.
    population_runs : float
        Runs that the population's response is worth.
    shrink : float
        Ridge, as a share of each feature's own sum of squares.
    """
    inner = np.zeros((FEATURES, FEATURES))
    inner[_ROWS, _COLUMNS] = np.array(own.inner) + population_runs * np.array(population.inner)
    inner[_COLUMNS, _ROWS] = inner[_ROWS, _COLUMNS]
    cross = np.array(own.cross) + population_runs * np.array(population.cross)
    try:
        slopes = np.linalg.solve(inner + np.diag(shrink * np.diag(inner) + _RIDGE), cross)
    except np.linalg.LinAlgError as error:
        raise InputError("a response that follows from no runs", "sums over runs", "Make the profile again.") from error
    return table @ slopes


def mean_response(responses: Sequence[Response]) -> Response:
    """Mean of athletes' responses, each counted as one run; of none, the empty one."""
    known = [r for r in responses if r.weight > 0]
    if not known:
        return Response()
    inner, cross = (np.mean([np.array(getattr(r, n)) / r.weight for r in known], axis=0) for n in ("inner", "cross"))
    return _rounded(1.0, inner, cross)

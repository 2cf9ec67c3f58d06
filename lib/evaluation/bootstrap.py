"""How sure a difference between two predictors is: a paired bootstrap over athletes and their runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lib.core import schema as c

MEASURES: Final = (
    "finish_error_pct",
    "split_mae_pct",
    "arrival_mae_pct",
    "heart_rate_mae_bpm",
    "heart_rate_shape_mae_bpm",
    "cadence_mae_rpm",
)
"""Of a record (`lib.evaluation.metrics.prediction_errors`); smaller magnitudes are better."""
_DRAWS: Final = 2000
_SEED: Final = 15


@dataclass(frozen=True)
class Difference:
    """How much smaller the error of one predictor is than that of another, on the same runs.

    Parameters
    ----------
    predictor, versus, measure : str
        Which predictors, and which error of `MEASURES`; of the finish its magnitude.
    error, error_versus : float
        Mean over athletes of their means over runs.
    difference, low, high : float
        ``error - error_versus`` and its 95% interval; below 0 the first predictor is better.
    athletes, runs : int
        On which both were measured.
    """

    predictor: str
    versus: str
    measure: str
    error: float
    error_versus: float
    difference: float
    low: float
    high: float
    athletes: int
    runs: int

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def resampled_means(
    off: NDArray[np.float64], athlete: NDArray[np.int64], draws: int = _DRAWS, seed: int = _SEED
) -> NDArray[np.float64]:
    """Means over athletes of their means over runs, of resampled athletes and runs within each, shape (draws,).

    Parameters
    ----------
    off : ndarray, shape (N,)
        A value for each run.
    athlete : ndarray of int, shape (N,)
        Whose it is, from 0.
    """
    rng = np.random.default_rng(seed)
    athletes = int(athlete.max()) + 1
    drawn = rng.integers(athletes, size=(draws, athletes))
    means = np.empty(drawn.shape)
    for i in range(athletes):
        own, here = off[athlete == i], drawn == i
        means[here] = own[rng.integers(own.size, size=(int(here.sum()), own.size))].mean(axis=1)
    return means.mean(axis=1)


def differences(records: Iterable[Mapping[str, Any]], predictor: str) -> list[Difference]:
    """Compare a predictor with every other on all runs that both predicted.

    Parameters
    ----------
    records : iterable of mappings
        Of `lib.evaluation.backtest`: athlete, session, predictor, errors.
    predictor : str
        Which one.
    """
    table = pd.DataFrame(list(records))
    key = ["athlete", c.SESSION_ID]
    found = []
    for measure in (name for name in MEASURES if name in table):
        errors = table.pivot(index=key, columns="predictor", values=measure).astype(float).abs()
        for versus in (name for name in table["predictor"].unique() if name != predictor):
            both = errors[[predictor, versus]].dropna()
            if both.empty:
                continue
            athlete = np.unique(both.index.get_level_values(0), return_inverse=True)[1]
            means = both.groupby(level=0).mean().mean()
            drawn = resampled_means((both[predictor] - both[versus]).to_numpy(), athlete)
            low, high = np.quantile(drawn, [0.025, 0.975])
            found.append(
                Difference(
                    predictor,
                    versus,
                    measure,
                    float(means[predictor]),
                    float(means[versus]),
                    float(means[predictor] - means[versus]),
                    float(low),
                    float(high),
                    int(athlete.max()) + 1,
                    len(both),
                )
            )
    return found

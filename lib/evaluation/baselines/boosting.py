"""A baseline: the personal grade curve, corrected by LightGBM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import lightgbm
import numpy as np
import pandas as pd

from lib.core import schema as c
from lib.evaluation.baselines.past import PastRun
from lib.evaluation.baselines.personal_curve import LASTING, RECENT, CurveFit, curve_history, personal_curve

FEATURES: Final = ("distance", "climb", "form", "short load", "long load", "gap", "runs known")
"""What the correction is learned from, all known before the start; see `features`."""

_RETRAIN_EVERY: Final = 15
_FIRST_RUNS: Final = 5
_FEWEST_ROWS: Final = 40
_GAP_OF_NOBODY_DAYS: Final = 3.0
_SHORT_DAYS, _LONG_DAYS = 7.0, 42.0
_PARAMETERS: Final[Mapping[str, Any]] = {
    "objective": "l1",
    "learning_rate": 0.05,
    "min_data_in_leaf": 20,
    "seed": 1,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}


@dataclass(frozen=True)
class Trees:
    """What is corrected, and by how much of a forest.

    Parameters
    ----------
    fit : CurveFit
        Of the grade curve whose residual is learned.
    leaves, rounds : int
        Leaves of a tree, and number of trees.
    """

    fit: CurveFit
    leaves: int
    rounds: int


# Lowest error between 60% and 80% of the histories of five real athletes, as for the curve.
OWN_PAST: Final = Trees(RECENT, leaves=4, rounds=50)
ALL_PASTS: Final = Trees(LASTING, leaves=8, rounds=60)


def features(past: Sequence[PastRun], km: float, climb_m: float, day: int, fit: CurveFit) -> np.ndarray:
    """Values of `FEATURES` before each past run and before the next, shape (N + 1, 7).

    Logarithm of the distance over 10 km; climb (m/km); recent form of `curve_history`; exponentially weighted daily
    distance (km/d) with time constants of 7 and 42 days; log(1 + days since the run before); log(1 + runs known).

    Parameters
    ----------
    past : sequence of PastRun, N
        In order of day.
    km, climb_m : float
        Length (km) and climb (m) of the next run.
    day : int
        Day of its start.
    fit : CurveFit
        Of the curve whose form is meant.
    """
    n = len(past)
    kms, climbs_m = np.array([r.km for r in past] + [km]), np.array([r.climb_m for r in past] + [climb_m])
    days = np.array([r.day for r in past] + [day], dtype=float)
    gaps = np.concatenate([[_GAP_OF_NOBODY_DAYS], np.maximum(np.diff(days), 0.0)])
    loads = {}
    for constant_days in (_SHORT_DAYS, _LONG_DAYS):
        load = np.zeros(n + 1)
        fades = np.exp(-gaps / constant_days)
        for i in range(1, n + 1):
            load[i] = (load[i - 1] + kms[i - 1]) * fades[i]
        loads[constant_days] = load / constant_days
    return np.column_stack([
        np.log(kms / 10.0), climbs_m / kms, curve_history(past, fit).form, loads[_SHORT_DAYS], loads[_LONG_DAYS],
        np.log1p(gaps), np.log1p(np.arange(n + 1)),
    ])  # fmt: skip


@lru_cache(maxsize=16)
def _rows(past: tuple[PastRun, ...], fit: CurveFit) -> tuple[np.ndarray, np.ndarray]:
    """Features (N, 7) and log residuals (N,) of past runs; of the first ones the curve knew too little."""
    last = past[-1]
    table = features(past, last.km, last.climb_m, last.day, fit)[:-1]
    return table[_FIRST_RUNS:], curve_history(past, fit).log_residual[_FIRST_RUNS:]


class Boosting:
    """Gradient-boosted trees on the log residual of `lib.evaluation.baselines.personal_curve.personal_curve`.

    They learn from the athlete's own past, up to the last whole multiple of 15 runs, and from what they were given of
    other athletes; so a prediction depends on nothing but its arguments and on the others. Absolute error is
    minimised: odd days, of which there are many, count less. Ke et al. 2017, LightGBM: a highly efficient gradient
    boosting decision tree, NeurIPS 30; https://lightgbm.readthedocs.io/en/stable/Parameters.html

    Parameters
    ----------
    others : sequence of sequence of PastRun
        Histories of other athletes, whole or in part: never the runs to be predicted.
    trees : Trees, optional
        `OWN_PAST` or, with others, `ALL_PASTS`.
    """

    def __init__(self, others: Sequence[Sequence[PastRun]] = (), trees: Trees | None = None) -> None:
        self._trees = trees or (ALL_PASTS if others else OWN_PAST)
        self._others = tuple(tuple(history) for history in others if len(history) > _FIRST_RUNS)
        self._trained: tuple[tuple[PastRun, ...], lightgbm.Booster | None] | None = None

    def _booster(self, past: tuple[PastRun, ...]) -> lightgbm.Booster | None:
        """The trees that `past` and the others make; None where there is too little to learn from."""
        if self._trained is not None and self._trained[0] == past:
            return self._trained[1]
        parts = [_rows(history, self._trees.fit) for history in (*self._others, past) if len(history) > _FIRST_RUNS]
        booster = None
        if sum(len(target) for _, target in parts) >= _FEWEST_ROWS:
            table, target = (np.concatenate(part) for part in zip(*parts, strict=True))
            parameters = dict(_PARAMETERS) | {"num_leaves": self._trees.leaves}
            data = lightgbm.Dataset(table, target, params=parameters)
            booster = lightgbm.train(parameters, data, num_boost_round=self._trees.rounds)
        self._trained = (past, booster)
        return booster

    def __call__(self, past: Sequence[PastRun], course: pd.DataFrame, day: int) -> np.ndarray:
        """Seconds for each step, shape (T,): the personal curve times one correction for the whole run."""
        steps_s = personal_curve(past, course, day, self._trees.fit)
        booster = self._booster(tuple(past[: len(past) // _RETRAIN_EVERY * _RETRAIN_EVERY]))
        if booster is None:
            return steps_s
        km = len(course) * c.STEP_M / 1000.0
        row = features(past, km, float(course[c.CLIMB].iloc[-1]), day, self._trees.fit)[-1:]
        return steps_s * np.exp(float(booster.predict(row, num_threads=1)[0]))

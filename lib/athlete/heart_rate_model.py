"""An athlete's heart rate along a run, learned from pace, slope and time of earlier runs.

A linear regression on a few features, its sums fading from run to run: how fast heart rate rises after the start, how
it drifts, what climbs and changes of pace do to it. Watches and hearts differ more in this than in anything else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

import numpy as np

from lib.core import schema as c
from lib.core.errors import InputError
from lib.core.fields import Length, Range, check_fields

FEATURES: Final = 8
_PAIRS: Final = FEATURES * (FEATURES + 1) // 2
_ROWS, _COLUMNS = np.triu_indices(FEATURES)

_RISE_S: Final = (60.0, 240.0, 1200.0)
"""Time constants (s) of what comes after the start."""
_DRIFT_H: Final = 4.0
"""Drift slows down with this time constant: nobody's heart rate falls for twenty hours."""
_LAG_STEPS: Final = (8.0, 30.0)
"""Length constants (steps) over which a change of pace shows."""
_PACE_LIMITS: Final = (0.2, 6.0)
_LIMIT_BPM: Final = 40.0

HALF_LIFE: Final = 30.0
"""Runs after which a run weighs half."""
POPULATION_RUNS: Final = 5.0
"""Runs that the population's response is worth."""
_RIDGE: Final = 1e-3
_Sum = Annotated[float, Range(-1e7, 1e7)]


@dataclass(frozen=True)
class Response:
    """Sums of a regression of heart rate (bpm) on `FEATURES` features, means over the steps of each run.

    Parameters
    ----------
    weight : float
        Runs in it, older ones weighing less.
    inner : tuple of float
        Products of features, the upper triangle of a matrix, row by row.
    cross : tuple of float
        Products of features and heart rate.
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


def _lagged(ratio: np.ndarray, steps: float) -> np.ndarray:
    """Exponential moving mean of a ratio, 1 before the start, shape (T,)."""
    keep = float(np.exp(-1.0 / steps))
    out, state = np.empty(ratio.size), 1.0
    for i, value in enumerate(ratio.tolist()):
        state = keep * state + (1.0 - keep) * value
        out[i] = state
    return out


def features(course: c.Columns, duration_s: np.ndarray, pace: np.ndarray | None = None) -> np.ndarray:
    """What heart rate goes with, less its mean, shape (T, `FEATURES`).

    Parameters
    ----------
    course : Columns, T rows
        From `lib.course.terrain_features.course_columns`.
    duration_s : ndarray, shape (T,)
        Time of each step (s).
    pace : ndarray, shape (T,), optional
        Duration of each step over what slope and the run's own level suggest; without it, as they suggest.
    """
    time_s = np.cumsum(duration_s)
    ratio = None if pace is None else np.clip(pace, *_PACE_LIMITS)
    lags = [np.zeros(time_s.size) if ratio is None else np.log(_lagged(ratio, steps)) for steps in _LAG_STEPS]
    columns = [
        *(np.exp(-time_s / constant) for constant in _RISE_S),
        _DRIFT_H * (1.0 - np.exp(-time_s / (3600.0 * _DRIFT_H))),
        np.asarray(course[c.SLOPE_100M]),
        np.asarray(course[c.SLOPE_500M]),
        *lags,
    ]
    table = np.stack(columns, axis=1)  # (T, F)
    return table - table.mean(axis=0)


def learned(before: Response, table: np.ndarray, heart_rate_bpm: np.ndarray) -> Response:
    """The response after one more run.

    Parameters
    ----------
    before : Response
        Of the runs before.
    table : ndarray, shape (T, `FEATURES`)
        From `features`.
    heart_rate_bpm : ndarray, shape (T,)
        What was recorded, NaN where nothing was.
    """
    known = np.isfinite(heart_rate_bpm)
    x = table[known] - table[known].mean(axis=0)
    y = heart_rate_bpm[known] - heart_rate_bpm[known].mean()
    fade = 0.5 ** (1.0 / HALF_LIFE)
    return _rounded(
        before.weight * fade + 1.0,
        np.array(before.inner) * fade + (x.T @ x)[_ROWS, _COLUMNS] / y.size,
        np.array(before.cross) * fade + x.T @ y / y.size,
    )


def offset_bpm(own: Response, population: Response, table: np.ndarray) -> np.ndarray:
    """Heart rate of each step less the run's mean (bpm), shape (T,).

    Parameters
    ----------
    own, population : Response
        The athlete's, and anybody's of weight 1 (or 0 if nothing is known), which counts as `POPULATION_RUNS` runs.
    table : ndarray, shape (T, `FEATURES`)
        From `features`.
    """
    inner = np.zeros((FEATURES, FEATURES))
    inner[_ROWS, _COLUMNS] = np.array(own.inner) + POPULATION_RUNS * np.array(population.inner)
    inner[_COLUMNS, _ROWS] = inner[_ROWS, _COLUMNS]
    cross = np.array(own.cross) + POPULATION_RUNS * np.array(population.cross)
    try:
        slopes = np.linalg.solve(inner + _RIDGE * np.eye(FEATURES), cross)
    except np.linalg.LinAlgError as error:
        raise InputError(
            "a heart-rate response that follows from no runs", "sums over runs", "Make the profile again."
        ) from error
    return np.clip(table @ slopes, -_LIMIT_BPM, _LIMIT_BPM)


def mean_response(responses: list[Response]) -> Response:
    """Mean of athletes' responses, each counted as one run; of none, the empty one."""
    known = [r for r in responses if r.weight > 0]
    if not known:
        return Response()
    inner, cross = (np.mean([np.array(getattr(r, n)) / r.weight for r in known], axis=0) for n in ("inner", "cross"))
    return _rounded(1.0, inner, cross)

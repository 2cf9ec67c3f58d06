"""A baseline: the athlete's own grade curve, distance exponent and level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Final

import numpy as np
import pandas as pd
from scipy.signal import lfilter

from lib.core import schema as c
from lib.core.errors import InputError
from lib.course.grade_factors import SLOPE_KNOTS, population_curve
from lib.course.pace_rules import FLAT_S, RIEGEL_EXPONENT
from lib.evaluation.baselines.past import PastRun

_CURVE_HALF_LIFE: Final = 60.0
_CURVE_BELIEF_STEPS: Final = 300.0
_HALF_LIVES_KEPT: Final = 8.0

_REFERENCE_STEPS: Final = 2000
_FLAT: Final = int(np.argmin(np.abs(SLOPE_KNOTS)))


@dataclass(frozen=True)
class CurveFit:
    """How fast the past fades. Half-lives count runs; an infinite one forgets nothing.

    Parameters
    ----------
    level_half_life : float
        Of a run's weight in the level, a weighted median.
    exponent_half_life : float
        Of its weight in the distance exponent.
    exponent_belief : float
        What the belief in Riegel's exponent is worth, in runs whose distance is a factor e off the mean.
    form_half_life : float
        Of its weight in the form.
    """

    level_half_life: float
    exponent_half_life: float
    exponent_belief: float
    form_half_life: float

    def __post_init__(self) -> None:
        for field in fields(self):
            if not getattr(self, field.name) > 0:
                raise InputError(f"{getattr(self, field.name)}", "a number above 0", "Correct the fit.", field.name)


# Of the values tried, those with the lowest error between 60% and 80% of the histories of five real athletes; the last
# 20% were not looked at. What is scaled by hand wants a recent level; trees that see form want a level that stays.
RECENT: Final = CurveFit(level_half_life=10.0, exponent_half_life=20.0, exponent_belief=0.1, form_half_life=12.0)
LASTING: Final = CurveFit(level_half_life=np.inf, exponent_half_life=100.0, exponent_belief=2.0, form_half_life=20.0)
_FORM_SHARE: Final = 0.2


@dataclass(frozen=True, eq=False)
class CurveHistory:
    """What was believed before each of N past runs, and before the next (row N); no row knows of a later run.

    Parameters
    ----------
    curve : ndarray, shape (N + 1, K)
        Time factors at `lib.course.grade_factors.SLOPE_KNOTS`, 1 on the flat.
    exponent : ndarray, shape (N + 1,)
        Power of the distance with which pace slows.
    log_level : ndarray, shape (N + 1,)
        Logarithm of the duration of 5 m on the flat (s) in a run of 10 km.
    log_residual : ndarray, shape (N,)
        Logarithm of each run's moving time over what was expected of it.
    form : ndarray, shape (N + 1,)
        Exponential mean of the residuals so far; above 0 is slower than expected.
    """

    curve: np.ndarray
    exponent: np.ndarray
    log_level: np.ndarray
    log_residual: np.ndarray
    form: np.ndarray


def weighted_median(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Along the last axis: the smallest value with half of the weight at or below it; shapes (..., N) to (...)."""
    order = np.argsort(values, axis=-1)
    below = np.cumsum(np.take_along_axis(weights, order, -1), axis=-1)
    at = np.argmax(below >= below[..., -1:] / 2, axis=-1)
    return np.take_along_axis(values, np.take_along_axis(order, at[..., None], -1), -1)[..., 0]


def _faded(values: np.ndarray, half_life: float) -> np.ndarray:
    """Fading sums of the rows before each, shape (N, …) to (N + 1, …)."""
    sums = lfilter([1.0], [1.0, -(0.5 ** (1.0 / half_life))], values, axis=0)
    return np.concatenate([np.zeros((1, *values.shape[1:])), sums])


def _curves(slope_s: np.ndarray, slope_steps: np.ndarray) -> np.ndarray:
    """Grade curves, shape (N + 1, K), of times (s) and steps by slope, both of shape (N, K).

    A run's own level is divided out, so that the curve compares slopes within runs and not hilly days with flat ones:
    first with the population's curve, then with what that gave, each time of the runs so far.
    """
    believed = population_curve()
    curve = np.broadcast_to(believed, (len(slope_s) + 1, believed.size))
    for _ in range(2):
        level_s = slope_s.sum(1) / (slope_steps * curve[1:]).sum(1)
        flat_steps = _faded(slope_s / level_s[:, None], _CURVE_HALF_LIFE) + _CURVE_BELIEF_STEPS * believed
        curve = flat_steps / (_faded(slope_steps, _CURVE_HALF_LIFE) + _CURVE_BELIEF_STEPS)
        curve = curve / curve[:, _FLAT, None]
    return curve


def _exponents(log_distance: np.ndarray, log_pace: np.ndarray, fit: CurveFit) -> np.ndarray:
    """Slopes of log pace on log distance, shape (N + 1,), pulled towards Riegel's; inputs of shape (N,)."""
    n, x, y, xx, xy = (
        _faded(v, fit.exponent_half_life)
        for v in (np.ones_like(log_pace), log_distance, log_pace, log_distance**2, log_distance * log_pace)
    )
    n = np.maximum(n, 1e-9)
    varies = np.maximum(xx - x**2 / n, 0.0)
    return (xy - x * y / n + fit.exponent_belief * RIEGEL_EXPONENT) / (varies + fit.exponent_belief)


@lru_cache(maxsize=16)
def _history(past: tuple[PastRun, ...], fit: CurveFit) -> CurveHistory:
    n = len(past)
    if n == 0:
        start = np.array([np.log(FLAT_S)])
        return CurveHistory(population_curve()[None], np.array([RIEGEL_EXPONENT]), start, np.zeros(0), np.zeros(1))
    slope_s, slope_steps = np.stack([r.slope_s for r in past]), np.stack([r.slope_steps for r in past])
    log_time = np.log([r.moving_s for r in past])
    log_distance = np.log(np.array([r.steps for r in past]) / _REFERENCE_STEPS)
    curve = _curves(slope_s, slope_steps)
    exponent = _exponents(log_distance, log_time - np.log((slope_steps * curve[1:]).sum(1)), fit)

    # Before run i, each of the runs back from it says a level by the curve and the exponent of that moment.
    back = np.arange(1, int(min(_HALF_LIVES_KEPT * fit.level_half_life, n)) + 1)
    run = np.maximum(np.arange(n + 1)[:, None] - back, 0)
    weight = np.where(np.arange(n + 1)[:, None] >= back, 0.5 ** (back / fit.level_half_life), 0.0)
    equivalent = np.take_along_axis(curve @ slope_steps.T, run, axis=1)
    said = log_time[run] - np.log(equivalent) - exponent[:, None] * log_distance[run]
    log_level = weighted_median(said, weight)
    log_level[0] = np.log(FLAT_S)

    expected = log_level[:n] + exponent[:n] * log_distance + np.log((slope_steps * curve[:n]).sum(1))
    residual = log_time - expected
    # What the first run takes against anybody's pace is no form.
    counts = (np.arange(n) > 0).astype(float)
    form = _faded(residual * counts, fit.form_half_life) / np.maximum(_faded(counts, fit.form_half_life), 1e-9)
    return CurveHistory(curve, exponent, log_level, residual, form)


def curve_history(past: Sequence[PastRun], fit: CurveFit = RECENT) -> CurveHistory:
    """What was believed before each past run and before the next; computed once for the baselines that share it."""
    return _history(tuple(past), fit)


def personal_curve(past: Sequence[PastRun], course: pd.DataFrame, day: int, fit: CurveFit = RECENT) -> np.ndarray:
    """Seconds for each step, shape (T,): level, power of the distance and grade curve, all of the athlete's past.

    Of nobody: 6 min/km, the population's curve and Riegel's exponent. `day` has no effect.
    """
    history = curve_history(past, fit)
    log_flat_s = history.log_level[-1] + history.exponent[-1] * np.log(len(course) / _REFERENCE_STEPS)
    return np.exp(log_flat_s) * np.interp(course[c.SLOPE_25M].to_numpy(), SLOPE_KNOTS, history.curve[-1])


def personal_curve_and_form(past: Sequence[PastRun], course: pd.DataFrame, day: int) -> np.ndarray:
    """Seconds for each step, shape (T,): `personal_curve`, raised by 0.2 of how far it was off lately."""
    return personal_curve(past, course, day) * np.exp(_FORM_SHARE * curve_history(past).form[-1])

"""An athlete's heart rate along a run, learned from pace, slope and time of earlier runs.

A regression (`lib.athlete.response`): how fast heart rate rises after the start, how it drifts, what climbs and changes
of pace do to it. Watches and hearts differ more in this than in anything else. Of long runs most athletes have too few
to learn from: there heart rate falls for everybody alike.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from lib.athlete.response import Response, offset
from lib.core import schema as c

_RISE_S: Final = (60.0, 240.0, 1200.0)
"""Time constants (s) of what comes after the start."""
_DRIFT_H: Final = 4.0
"""Drift slows down with this time constant."""
FALL_FROM_H: Final = 3.0
_FALL, _FALL_H = 0.25, 8.0
"""Of what heart rate falls in the end, and the time constant (h). After 9 h it is at 87% of what it was, as in the runs
of 4 to 11 h that are known, after 18 h at 79%, as in the 70 to 90% of Kerhervé, Millet & Solomon 2015, PLoS ONE
10:e0145482, https://doi.org/10.1371/journal.pone.0145482."""
_FALL_SD: Final = 0.4
"""How athletes differ in it: after 18 h a band of 80% then reaches from 68 to 90%."""
_CLIMBING_STEPS: Final = 60
"""The last 300 m count for how fast somebody climbs: along runs of athletes left out 3% less error than by slopes alone
where it was chosen, 0.5% on the last runs of each."""
_MOST_CLIMBING: Final = 2.0
_LAG_STEPS: Final = (8.0, 30.0)
"""Length constants (steps) over which a change of pace shows."""
_PACE_LIMITS: Final = (0.2, 6.0)
_LIMIT_BPM: Final = 40.0

HALF_LIFE: Final = 30.0
"""Runs after which a run weighs half."""
POPULATION_RUNS: Final = 5.0
"""Runs that the population's response is worth."""


def fallen(time_s: np.ndarray, sds: float = 0.0) -> np.ndarray:
    """Share of its early value at which heart rate is after a moving time (s), for an athlete `sds` off the usual."""
    late_h = np.maximum(time_s / 3600.0 - FALL_FROM_H, 0.0)
    return 1.0 - _FALL * (1.0 + _FALL_SD * sds) * (1.0 - np.exp(-late_h / _FALL_H))


def _lagged(ratio: np.ndarray, steps: float) -> np.ndarray:
    """Exponential moving mean of a ratio, 1 before the start, shape (T,)."""
    keep = float(np.exp(-1.0 / steps))
    out, state = np.empty(ratio.size), 1.0
    for i, value in enumerate(ratio.tolist()):
        state = keep * state + (1.0 - keep) * value
        out[i] = state
    return out


def _climbing(slope: np.ndarray, duration_s: np.ndarray) -> np.ndarray:
    """Metres climbed per second over the last steps, below 0 downhill, shape (T,)."""
    height_m, time_s = (np.concatenate([[0.0], np.cumsum(values)]) for values in (c.STEP_M * slope, duration_s))
    end = np.arange(1, height_m.size)
    begin = np.maximum(end - _CLIMBING_STEPS, 0)
    rate = (height_m[end] - height_m[begin]) / np.maximum(time_s[end] - time_s[begin], 0.1)
    return np.clip(rate, -_MOST_CLIMBING, _MOST_CLIMBING)


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
        _climbing(np.asarray(course[c.SLOPE_25M]), duration_s),
        *lags,
    ]
    table = np.stack(columns, axis=1)  # (T, F)
    return table - table.mean(axis=0)


def offset_bpm(own: Response, population: Response, table: np.ndarray) -> np.ndarray:
    """Heart rate of each step less the run's mean (bpm), shape (T,).

    Parameters
    ----------
    own, population : Response
        The athlete's, and anybody's of weight 1 (or 0 if nothing is known), which counts as `POPULATION_RUNS` runs.
    table : ndarray, shape (T, `FEATURES`)
        From `features`.
    """
    return np.clip(offset(own, population, table, POPULATION_RUNS, 0.0), -_LIMIT_BPM, _LIMIT_BPM)

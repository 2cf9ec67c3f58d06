"""Cleaned altitude, slopes and climb of a course, known before the start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lib.core import schema as c
from lib.core.numeric import hann_mean

if TYPE_CHECKING:
    import pandas as pd

SMOOTHING_M = 100.0
"""Length of the smoothing window (m): summed climb after it agrees with a barometer's."""

SPIKE_M = 20.0
"""An altitude this far from the median of its surroundings (m) is a spike, not a place."""

_SPIKE_STEPS = 11
MAX_SLOPE = 0.6
"""Slopes beyond this (rise over run) are an error of the altitude, and are cut."""


def remove_spikes(altitude_m: np.ndarray) -> np.ndarray:
    """Altitude, shape (T,), whose points further than `SPIKE_M` from the running median of 55 m take that median.

    The running median is Tukey's (1977, Exploratory Data Analysis): up to half of a window may be wrong. To change only
    what is far from it is the decision filter named after Hampel, here with a fixed limit: noise decides nothing, and
    terrain is left as it is (Pearson et al. 2016, EURASIP J. Adv. Signal Process. 2016:87,
    doi:10.1186/s13634-016-0383-6).
    """
    altitude = np.asarray(altitude_m, dtype=np.float64)
    if altitude.size < 3:
        return altitude.copy()
    size = min(_SPIKE_STEPS, altitude.size)
    # Mirrored, not repeated: a false first fix would be its own median.
    around = np.pad(altitude, (size // 2, (size - 1) // 2), mode="reflect")  # (T + size - 1,)
    windows = np.lib.stride_tricks.sliding_window_view(around, size)  # (T, size)
    median = np.partition(windows, size // 2, axis=1)[:, size // 2]
    return np.where(np.abs(altitude - median) > SPIKE_M, median, altitude)


def smooth_altitude(altitude_m: np.ndarray, window_m: float = SMOOTHING_M) -> np.ndarray:
    """Remove spikes and sensor noise from the altitude of every 5 m; the only place where altitude is cleaned.

    After `remove_spikes` a moving average is taken, weighted by a Hann window of `window_m`. Its weights fall smoothly
    to 0 at both ends, so ripples much shorter than it go without turning into others, as they would in a plain
    average (Blackman and Tukey 1958, The Measurement of Power Spectra; Harris 1978, Proc. IEEE 66:51,
    doi:10.1109/PROC.1978.10837). The ends are mirrored about their own value so that a steady slope stays one. Done
    twice it takes away twice: give it altitude as recorded, never cleaned.

    Parameters
    ----------
    altitude_m : ndarray, shape (T,)
        Altitude at the end of each step (m).
    window_m : float
        Length of the window (m).

    Returns
    -------
    ndarray, shape (T,)
        Cleaned altitude (m), float64.
    """
    altitude = remove_spikes(altitude_m)
    if altitude.size < 3:
        return altitude
    return hann_mean(altitude, max(1, round(window_m / c.STEP_M / 2)))


def _slope(altitude_m: np.ndarray, back_m: float, ahead_m: float) -> np.ndarray:
    """Mean slope from `back_m` behind to `ahead_m` ahead of each step, over what there is of the course."""
    n = altitude_m.size
    index = np.arange(n)
    first = np.maximum(index - round(back_m / c.STEP_M), 0)
    last = np.minimum(index + round(ahead_m / c.STEP_M), n - 1)
    run_m = np.maximum(last - first, 1) * c.STEP_M
    return np.clip((altitude_m[last] - altitude_m[first]) / run_m, -MAX_SLOPE, MAX_SLOPE)


def cumulative_climb(altitude_m: np.ndarray) -> np.ndarray:
    """Sum of all rises since the start (m), shape (T,), of a cleaned altitude (m), shape (T,).

    The network's inputs have this. What people are told is counted by `lib.course.ascent`.
    """
    return np.concatenate([[0.0], np.cumsum(np.maximum(np.diff(altitude_m), 0.0))])


def course_columns(altitude_m: np.ndarray) -> dict[str, np.ndarray]:
    """Everything about a course that follows from its altitude.

    Parameters
    ----------
    altitude_m : ndarray, shape (T,)
        Altitude at the end of each 5 m step, as recorded or planned (m).

    Returns
    -------
    dict of ndarray, shape (T,) each
        Step, distance (m), cleaned altitude (m), cumulative climb (m) and `columns.KNOWN_REALS`.
    """
    altitude = smooth_altitude(altitude_m)
    climb_m = cumulative_climb(altitude)
    distance_m = (np.arange(altitude.size) + 1) * c.STEP_M
    return {
        c.STEP: np.arange(altitude.size),
        c.DISTANCE: distance_m,
        c.ALTITUDE: altitude,
        c.CLIMB: climb_m,
        # Half windows: a slope over 25 m is taken from 15 m behind the end of the step to 10 m ahead of it.
        c.SLOPE_25M: _slope(altitude, 15.0, 10.0),
        c.SLOPE_100M: _slope(altitude, 50.0, 50.0),
        c.SLOPE_500M: _slope(altitude, 500.0, 0.0),
        c.SLOPE_AHEAD: _slope(altitude, 0.0, 500.0),
        c.DISTANCE_DONE: distance_m / 1000.0,
        c.DISTANCE_LEFT: (distance_m[-1] - distance_m) / 1000.0,
        c.CLIMB_DONE: climb_m / 1000.0,
        c.CLIMB_LEFT: (climb_m[-1] - climb_m) / 1000.0,
    }


def course_table(altitude_m: np.ndarray) -> pd.DataFrame:
    """`course_columns` as a table, T rows."""
    import pandas as pd  # here: what serves a model does without

    return pd.DataFrame(course_columns(altitude_m))

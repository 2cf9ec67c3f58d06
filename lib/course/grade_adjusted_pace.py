"""Grade-adjusted pace: the pace on the flat that is the same effort."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lib.core import schema as c
from lib.course.grade_factors import SLOPE_KNOTS, population_curve


def flat_distance_m(slope: ArrayLike) -> NDArray[np.float64]:
    """Return the metres on the flat that take as long as 5 m on a slope.

    By the time factors of a large population of runners, `lib.course.grade_factors.population_curve`. The metabolic
    cost of running is not used: it halves at -20%, but nobody runs twice as fast there. The speeds that its authors
    derived from it were those of races uphill, and well above those of races downhill (Minetti et al. 2002, https://doi.org/10.1152/japplphysiol.01177.2001).

    Parameters
    ----------
    slope : array_like, shape (T,)
        Rise over run, as `columns.SLOPE_25M`; held at ±45%.

    Returns
    -------
    ndarray, shape (T,)
        Metres. They add up: the grade-adjusted pace of a stretch is its time over their sum.
    """
    return c.STEP_M * np.interp(np.asarray(slope, dtype=np.float64), SLOPE_KNOTS, population_curve())


def grade_adjusted_pace(
    duration_s: ArrayLike, slope: ArrayLike, first: ArrayLike, last: ArrayLike
) -> NDArray[np.float64]:
    """Return the grade-adjusted pace of stretches.

    Parameters
    ----------
    duration_s, slope : array_like, shape (T,)
        Moving time (s) and slope of each step.
    first, last : array_like of int, shape (N,)
        First step of each stretch, and the one after its last.

    Returns
    -------
    ndarray, shape (N,)
        min/km.
    """
    first, last = np.asarray(first, dtype=int), np.asarray(last, dtype=int)
    assert np.all(first < last)
    time_s, flat_m = (
        np.concatenate([[0.0], np.cumsum(values)])  # (T + 1,)
        for values in (np.asarray(duration_s, dtype=np.float64), flat_distance_m(slope))
    )
    return (time_s[last] - time_s[first]) / 60.0 / ((flat_m[last] - flat_m[first]) / 1000.0)

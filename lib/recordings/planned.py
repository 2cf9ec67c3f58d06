"""Tells planned courses with made-up times from recordings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lib.core.geodesy import gaps_m
from lib.core.schema import CADENCE, DISTANCE, HEART_RATE, LATITUDE, LONGITUDE, TEMPERATURE

_FEWEST: Final = 20
_SAME_S: Final = 0.01
_UNEVEN: Final = 0.5
"""Median step of the logarithm of the distance between points; samples of a runner follow each other more evenly."""
_WITHIN_S: Final = 1.0


def is_planned(time: NDArray[np.float64], columns: Mapping[str, NDArray[np.float64]]) -> bool:
    """Whether the times of points were made up: by a planner, which has no heart rate or cadence to go with them.

    Its points follow each other after the same seconds however far apart they lie, or after the time that one
    speed needs.

    Parameters
    ----------
    time : ndarray, shape (n,)
        Seconds, rising.
    columns : mapping of ndarray, shape (n,) each
        As `lib.core.schema.SAMPLE_COLUMNS`.
    """
    if time.size <= _FEWEST:
        return False
    if any(name in columns and np.isfinite(columns[name]).any() for name in (HEART_RATE, CADENCE, TEMPERATURE)):
        return False
    if DISTANCE in columns and np.isfinite(columns[DISTANCE]).any():
        return False
    known = np.isfinite(columns[LATITUDE]) & np.isfinite(columns[LONGITUDE])
    if not known.all():
        return False
    way_m, dt = gaps_m(columns[LATITUDE], columns[LONGITUDE]), np.diff(time)
    moved = way_m > 0.0
    if moved.sum() < _FEWEST or not moved.mean() > 0.9:
        return False
    unequal = float(np.median(np.abs(np.diff(np.log(way_m[moved])))))
    if np.ptp(dt) <= _SAME_S:
        return unequal > _UNEVEN
    along_s = np.concatenate([[0.0], np.cumsum(way_m)]) * (time[-1] - time[0]) / way_m.sum()
    return unequal > 0.1 and float(np.abs(along_s - (time - time[0])).max()) <= _WITHIN_S

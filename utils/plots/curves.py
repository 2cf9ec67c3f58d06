"""Curves along a course as they are shown: distance, moving means, pace, cadence of both feet."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from lib.core import schema as c
from lib.core.units import METRIC, Units

SMOOTHED_M: Final = 100.0
"""Length of the moving mean that curves are drawn with (m), for each 25 km of the course begun."""
_ROUND_ROWS: Final = 100
"""Every so many rows one is kept in any case, which saves the first rounds over all of them."""


def steps_of(data: c.Columns) -> int:
    """Number of rows of a table or of a mapping of arrays."""
    return len(data[next(iter(data))])


def distance_km(data: c.Columns) -> np.ndarray:
    """Distance at the end of each 5 m (km), shape (T,)."""
    if c.DISTANCE in data:
        return np.asarray(data[c.DISTANCE], np.float64) / 1000.0
    return (np.arange(steps_of(data)) + 1) * c.STEP_M / 1000.0


def spm(strides_rpm: ArrayLike) -> np.ndarray:
    """Cadence in steps of both feet per minute, from steps of one leg."""
    return c.STEPS_OF_A_STRIDE * np.asarray(strides_rpm, np.float64)


def window_m(steps: int) -> float:
    """Length of the moving mean (m) for a course of so many steps: longer on a long one, or nothing could be read."""
    return SMOOTHED_M * max(1, int(np.ceil(steps * c.STEP_M / 25_000.0)))


def window_text(steps: int, units: Units = METRIC) -> str:
    """Say how long the moving mean is: ``"100 m"``."""
    return f"{units.height(window_m(steps))} {units.high}"


def smoothed(values: ArrayLike) -> np.ndarray:
    """Centred moving mean over `window_m`, shape (T,); shorter at the ends, without missing values."""
    rows = np.asarray(values, np.float64)
    half = round(window_m(rows.size) / c.STEP_M) // 2
    first, last = (np.clip(np.arange(rows.size) + shift, 0, rows.size) for shift in (-half, half))
    known = np.isfinite(rows)
    total, count = (np.append(0.0, np.cumsum(x)) for x in (np.where(known, rows, 0.0), known))
    counted = count[last] - count[first]
    return np.divide(total[last] - total[first], counted, out=np.full(rows.size, np.nan), where=counted > 0)


def smoothed_pace(data: c.Columns) -> np.ndarray:
    """Pace (min/km), shape (T,): the time of the window, not the mean of its paces."""
    return smoothed(data[c.DURATION]) / 60.0 * (1000.0 / c.STEP_M)


def kept_rows(values: ArrayLike, tolerance: ArrayLike) -> np.ndarray:
    """Choose the rows between which straight lines are enough (Douglas & Peucker 1973), all columns at once.

    Parameters
    ----------
    values : array_like, shape (T, K)
        Columns of T rows, two or more, without missing values.
    tolerance : array_like, shape (K,)
        How far a line between kept rows may be from what is left out, for each column.

    Returns
    -------
    ndarray of int
        Numbers of rows, rising, the first and the last among them.
    """
    scaled = np.asarray(values, np.float64) / np.asarray(tolerance, np.float64)
    kept = np.unique(np.append(np.arange(0, len(scaled), _ROUND_ROWS), len(scaled) - 1))
    open_rows = np.arange(len(scaled))
    while True:
        after = np.clip(np.searchsorted(kept, open_rows, side="right"), 1, kept.size - 1)
        first, last = kept[after - 1], kept[after]
        share = ((open_rows - first) / (last - first))[:, None]
        off = np.abs(scaled[open_rows] - scaled[first] - share * (scaled[last] - scaled[first])).max(axis=1)
        begins = np.flatnonzero(np.diff(after, prepend=0))
        worst = np.maximum.reduceat(off, begins)
        counts = np.diff(np.append(begins, after.size))
        if worst.max() <= 1.0:
            return kept
        furthest = (off == np.repeat(worst, counts)) & (off > 1.0)
        _, which = np.unique(after[furthest], return_index=True)
        kept = np.sort(np.append(kept, open_rows[furthest][which]))
        # Stretches that are near enough stay so.
        open_rows = open_rows[np.repeat(worst, counts) > 1.0]

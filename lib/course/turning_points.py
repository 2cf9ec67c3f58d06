"""Extremes of a line, and those between which it rises or falls by some height."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def extremes(line: NDArray[np.float64]) -> NDArray[np.intp]:
    """Indices of a line's ends and of where it turns, shape (E,); of a level stretch both ends."""
    sign = np.sign(np.diff(line))
    return np.concatenate([[0], np.flatnonzero(sign[1:] != sign[:-1]) + 1, [line.size - 1]])


def turning_points(heights: list[float], least: float) -> list[int]:
    """Indices of the ends, and of the extremes between which the line rises or falls by `least` or more."""
    found: list[int] = []
    low = high = 0
    rising: bool | None = None  # not known before the first move of that size
    for i, height in enumerate(heights):
        if height > heights[high]:
            high = i
        if height < heights[low]:
            low = i
        if rising is not False and heights[high] - height >= least:
            found.append(high)
            rising, low, high = False, i, i
        elif rising is not True and height - heights[low] >= least:
            found.append(low)
            rising, low, high = True, i, i
    return sorted({0, *found, len(heights) - 1})

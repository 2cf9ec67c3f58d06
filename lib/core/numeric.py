"""Operations on arrays that several rooms need."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

X = TypeVar("X", float, np.ndarray)
SCORE_80: Final = 1.2816
"""Score within which, on either side, 80% of a normal distribution lie."""


def runs_of_true(mask: ArrayLike) -> NDArray[np.intp]:
    """Find the runs of True in a mask.

    Parameters
    ----------
    mask : array_like of bool, shape (n,)

    Returns
    -------
    ndarray of int, shape (R, 2)
        Where each run begins and, exclusive, where it ends.
    """
    padded = np.concatenate([[False], np.asarray(mask, dtype=bool), [False]])
    return np.flatnonzero(padded[1:] != padded[:-1]).reshape(-1, 2)


def hann_mean(values: NDArray[np.float64], half: int) -> NDArray[np.float64]:
    """Take a moving average, weighted by a Hann window.

    The ends are mirrored about their own value: they keep it, and a steady slope stays one.

    Parameters
    ----------
    values : ndarray, shape (n,)
    half : int
        Values on either side that count, cut to n - 1.

    Returns
    -------
    ndarray, shape (n,)
    """
    half = min(half, values.size - 1)
    if half < 1:
        return values
    kernel = np.hanning(2 * half + 3)[1:-1]
    head = 2 * values[0] - values[half:0:-1]
    tail = 2 * values[-1] - values[-2 : -half - 2 : -1]
    return np.convolve(np.concatenate([head, values, tail]), kernel / kernel.sum(), mode="valid")


def bisect(below: Callable[[X], bool | np.ndarray], low: X, high: X, halvings: int = 40) -> tuple[X, X]:
    """Close in on the point up to which `below` holds, from both sides.

    Parameters
    ----------
    below : callable
        Whether points lie below the one that is looked for; never true again once it is false.
    low, high : float, or ndarray of shape (N,)
        Between which it lies; of arrays each element is looked for by itself.
    halvings : int
        Each halves what is not known yet.
    """
    for _ in range(halvings):
        middle = (low + high) / 2.0
        is_below = below(middle)
        if isinstance(middle, np.ndarray):
            low, high = np.where(is_below, middle, low), np.where(is_below, high, middle)
        else:
            low, high = (middle, high) if is_below else (low, middle)
    return low, high


def normal_below(score: np.ndarray) -> np.ndarray:
    """Distribution function of a standard normal, of any shape."""
    values = [0.5 * math.erfc(-x / math.sqrt(2.0)) for x in score.ravel().tolist()]
    return np.array(values).reshape(score.shape)

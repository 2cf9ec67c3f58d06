"""Where a condition that holds up to a point stops holding, by halving."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np

HALVINGS = 40
X = TypeVar("X", float, np.ndarray)


def bisect(below: Callable[[X], bool | np.ndarray], low: X, high: X, halvings: int = HALVINGS) -> X:
    """Find the point up to which `below` holds.

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
    return (low + high) / 2.0

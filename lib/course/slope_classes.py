"""Classes of slope, and sums over the steps of each."""

from __future__ import annotations

from typing import Final

import numpy as np

from lib.core import schema as c
from lib.course.course import Course

GROUNDS: Final = ("down, over 15%", "down, 5 to 15%", "within 5%", "up, 5 to 15%", "up, over 15%")
LIMITS: Final = (-0.15, -0.05, 0.05, 0.15)
"""Slopes (rise over run) between them; a slope on a limit belongs to the kind above it."""


def ground(course: Course) -> np.ndarray:
    """Number of the kind of ground (`GROUNDS`) of each step by its slope over 100 m, shape (T,)."""
    return np.searchsorted(LIMITS, course.columns[c.SLOPE_100M], side="right")


def by_ground(kinds: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Sum values of steps over each kind of ground.

    Parameters
    ----------
    kinds : ndarray of int, shape (n,)
        From `ground`, of all steps or of the first n.
    values : ndarray, shape (n,)
        Of the same steps.

    Returns
    -------
    ndarray, shape (5,)
        A sum for each of `GROUNDS`; 0 where there is no such ground.
    """
    return np.bincount(kinds, weights=values, minlength=len(GROUNDS))

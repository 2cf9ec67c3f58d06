"""How slope changes the time of a step, for runners in general."""

from __future__ import annotations

import numpy as np

SLOPE_KNOTS = np.array([
    -0.45, -0.35, -0.28, -0.22, -0.17, -0.13, -0.10, -0.07, -0.04, -0.02, 0.0,
    0.02, 0.04, 0.07, 0.10, 0.13, 0.17, 0.22, 0.28, 0.35, 0.45,
])  # fmt: skip
"""Slopes (rise over run) between which the personal grade curve is linear."""

_FACTOR_SLOPES = np.array([-30, -25, -20, -15, -10, -8, -4, -2, 0, 2, 4, 6, 8, 10, 15, 20, 25, 30]) / 100.0
_FACTORS = np.array([
    1.495, 1.273, 1.081, 0.941, 0.876, 0.876, 0.918, 0.960, 1.0,
    1.055, 1.135, 1.228, 1.337, 1.459, 1.846, 2.297, 2.727, 3.158,
])  # fmt: skip
"""Time factors by slope of a large population of runners (Strava's grade-adjusted pace, 2017): where curves start."""


def population_curve() -> np.ndarray:
    """Time factors at `SLOPE_KNOTS`, flat = 1, continued beyond ±30% with the last slope of the table."""
    up = (_FACTORS[-1] - _FACTORS[-2]) / 0.05
    down = (_FACTORS[0] - _FACTORS[1]) / 0.05
    inside = np.interp(SLOPE_KNOTS, _FACTOR_SLOPES, _FACTORS)
    return inside + np.maximum(SLOPE_KNOTS - 0.30, 0) * up + np.maximum(-0.30 - SLOPE_KNOTS, 0) * down

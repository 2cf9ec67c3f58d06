"""In: what is known of runners in general. Out: the prior, what is believed of an athlete nobody has seen run."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from lib.errors import InputError

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

RIEGEL_EXPONENT = 0.06
"""Pace slows with distance to this power (Riegel 1981: T2 = T1 (D2/D1)^1.06)."""


def population_curve() -> np.ndarray:
    """Time factors at `SLOPE_KNOTS`, flat = 1, continued beyond ±30% with the last slope of the table."""
    up = (_FACTORS[-1] - _FACTORS[-2]) / 0.05
    down = (_FACTORS[0] - _FACTORS[1]) / 0.05
    inside = np.interp(SLOPE_KNOTS, _FACTOR_SLOPES, _FACTORS)
    return inside + np.maximum(SLOPE_KNOTS - 0.30, 0) * up + np.maximum(-0.30 - SLOPE_KNOTS, 0) * down


@dataclass(frozen=True)
class Prior:
    """What is believed of an athlete nobody has seen run, and how fast the past fades.

    Half-lives count sessions; ``*_weight`` is how many sessions (for the curve: seconds at a knot) the belief is worth.
    """

    flat_pace_s: float = 1.8
    """Duration of 5 m on the flat in a 10 km run (s); 1.8 s is 6 min/km."""
    heart_rate_bpm: float = 150.0
    heart_rate_spread_bpm: float = 10.0
    cadence_rpm: float = 84.0
    cadence_spread_rpm: float = 5.0
    curve: tuple[float, ...] = tuple(float(x) for x in population_curve())
    exponent: float = RIEGEL_EXPONENT
    level_weight: float = 1.0
    level_half_life: float = 40.0
    form_weight: float = 5.0
    form_half_life: float = 8.0
    curve_weight_s: float = 600.0
    curve_half_life: float = 60.0
    exponent_weight: float = 4.0
    exponent_half_life: float = 100.0
    finish_error: float = 0.10
    """Standard error of the logarithm of the finish time before anything is known of the athlete."""
    finish_error_weight: float = 5.0
    finish_error_half_life: float = 40.0

    def __post_init__(self) -> None:
        if len(self.curve) != SLOPE_KNOTS.size:
            raise InputError(f"{len(self.curve)} points of the grade curve", f"{SLOPE_KNOTS.size}", "Write it anew.")
        for field in fields(self):
            values = np.atleast_1d(getattr(self, field.name))
            if not np.all(np.isfinite(values)) or (field.name != "exponent" and np.any(values <= 0)):
                raise InputError(f"{field.name} = {values}", "a positive, finite number", "Write the prior anew.")

"""How long a course is in effort-kilometres, by the pacing law's cost of each of its slopes."""

from __future__ import annotations

from typing import Final

import numpy as np

from lib.athlete.pacing_law import SLOPES, PacingLaw, smoothed_slope
from lib.core import schema as c

_STEEPNESS: Final = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.2)
"""Climb by distance (100 m/km)."""
_USUAL_LOG_COST: Final = (0.0, -0.065, -0.098, -0.112, -0.121, -0.12, -0.112, -0.098, -0.082)
"""Logarithm of a usual course's cost over km + climb / 100 m, at each of `_STEEPNESS`: by 30 courses of races and
routes, which lie within 0.02 of it."""


def effort_km(course: c.Columns, length_km: float, climb_m: float) -> float:
    """Effort-kilometres of a course: km + climb / 100 m, times how much more or less it costs than usual.

    Parameters
    ----------
    course : Columns
        From `lib.course.terrain_features.course_columns`.
    length_km, climb_m : float
        Its length and climb.
    """
    law, altitude_m = PacingLaw(), np.asarray(course[c.ALTITUDE], np.float64)
    slope = smoothed_slope(np.concatenate([altitude_m[:1], altitude_m]), law.smoothing_m)
    cost_km = float(np.interp(slope, SLOPES, law.slope_factor).sum()) * c.STEP_M / 1000.0
    usual = np.interp(climb_m / length_km / 100.0, _STEEPNESS, _USUAL_LOG_COST)
    return cost_km * float(np.exp(-usual))

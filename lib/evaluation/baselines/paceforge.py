"""PaceForge's published pacing law, a baseline of races."""

from __future__ import annotations

from typing import Final

import numpy as np

from lib.athlete.pacing_law import Night, PacingLaw, course_cost_of, segment_times, time_at
from lib.course.course import Course

PACEFORGE: Final = PacingLaw(
    slope_factor=(1.79, 1.34, 1.01, 0.84, 0.90, 1.0, 1.15, 1.52, 2.07, 3.12, 3.89),
    road=1.0,
    track=1.06,
    trail=1.12,
    technical=1.12,
    night=1.03,
    fading=0.635,
    fading_power=0.5,
    level_fading=0.0,
    descent_fading=0.0,
    slump_log=0.0,
    smoothing_m=150.0,
)
"""Fitted on 12,464 finishers of 71 races (fneyron/paceforge): factors by slope, ground, night and moving hours."""


def paceforge_times(course: Course, goals_s: np.ndarray, at_m: np.ndarray, night: Night) -> np.ndarray:
    """Times (G, K) at places (K,) of goals (G,), stops not told apart."""
    cost = course_cost_of(PACEFORGE, course.columns, course.ground)
    edges_s, _ = segment_times(PACEFORGE, cost, goals_s, night)
    return time_at(cost, edges_s, at_m)

"""A moving time spread over a course: by the athlete's own curve and habits, and the longer the more by the law."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from lib.athlete.own_fading import own_fading
from lib.athlete.pace_shape import pace_factors
from lib.athlete.pacing_law import (
    SLOPES,
    USUAL,
    Pacing,
    PacingLaw,
    course_cost,
    segment_times,
    smoothed_slope,
    step_times,
)
from lib.athlete.prior import Prior
from lib.athlete.profile import AthleteProfile, grade_curve
from lib.core import schema as c
from lib.course.grade_factors import SLOPE_KNOTS


def law_weight(moving_s: float, to_a_goal: bool = False) -> float:
    """How much the pacing law decides where the time of a run is.

    In training, runs of 2 to 3.5 h hardly slow down: the law begins at 2 h and is alone from 5 h on. Whoever runs to a
    goal races: it begins at 1.5 h and is alone from 3 h on, as finishers of marathons pace.
    """
    low_h, high_h = (1.5, 3.0) if to_a_goal else (2.0, 5.0)
    part = min(max((moving_s / 3600.0 - low_h) / (high_h - low_h), 0.0), 1.0)
    return part * part * (3.0 - 2.0 * part)


@dataclass(frozen=True, eq=False)
class Pacer:
    """An athlete on a course of T steps; what is the same for every time is worked out once.

    Parameters
    ----------
    law : PacingLaw
        With the athlete's own share of the fading.
    altitude_m, factors : ndarray, shape (T,)
        Altitude, and how many times as long as a flat step each step takes by the own curve and habits.
    curve_ratio : ndarray, shape (`SLOPE_KNOTS`,)
        The athlete's grade curve by everybody's.
    """

    law: PacingLaw
    altitude_m: np.ndarray
    factors: np.ndarray
    curve_ratio: np.ndarray

    @cached_property
    def _slope(self) -> np.ndarray:
        line_m = np.concatenate([self.altitude_m[:1], self.altitude_m])  # (T + 1,)
        return smoothed_slope(line_m, self.law.smoothing_m)

    @cached_property
    def _by_law(self) -> np.ndarray:
        """What the law says instead of `factors`, bent by as much as the athlete's curve differs from everybody's."""
        own = np.interp(self._slope, SLOPE_KNOTS, self.curve_ratio)
        return own * np.interp(self._slope, SLOPES, self.law.slope_factor)

    def spread(self, moving_s: float, pacing: Pacing = USUAL, to_a_goal: bool = False) -> tuple[np.ndarray, float]:
        """Spread a moving time over the course.

        Parameters
        ----------
        moving_s : float
            Moving time of the whole course (s).
        pacing : Pacing
            Night, ground and strategy.
        to_a_goal : bool
            Whether the time is a goal.

        Returns
        -------
        duration_s : ndarray, shape (T,)
            Of each step (s); they sum to `moving_s`.
        base_pace : float
            Pace on flat road, fresh (min/km).
        """
        weight, factors = law_weight(moving_s, to_a_goal), self.factors
        if weight == 0.0 and pacing.plain:
            total_km = factors.sum() * self.law.trail * c.STEP_M / 1000.0
            return factors * (moving_s / factors.sum()), moving_s / 60.0 / total_km
        cost = course_cost(self.law, factors ** (1.0 - weight) * self._by_law**weight, self._slope, pacing.ground)
        strategy = replace(pacing.strategy, fading=weight * pacing.strategy.fading)
        edges_s, base_pace = segment_times(self.law, cost, moving_s, pacing.night, strategy)
        return step_times(cost, edges_s[0]), float(base_pace[0])


def pacer(profile: AthleteProfile, prior: Prior, course: c.Columns) -> Pacer:
    """Make the pacer of an athlete before the start, on a course.

    Parameters
    ----------
    profile, prior : AthleteProfile, Prior
        The athlete before the start.
    course : Columns, T rows
        From `lib.course.terrain_features.course_columns`.
    """
    curve, law = grade_curve(profile, prior), prior.pacing
    factors = np.interp(course[c.SLOPE_25M], SLOPE_KNOTS, curve)
    return Pacer(
        law=replace(law, fading=law.fading * own_fading(profile.long_runs, profile.fading_sum)),
        altitude_m=np.asarray(course[c.ALTITUDE], np.float64),
        factors=factors * pace_factors(profile.pace_response, prior.pace_response, course),
        curve_ratio=curve / np.array(prior.curve),
    )

"""Intervals around predicted times, and chances of a finish, from how far off earlier predictions were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from lib.athlete.conformal import Calibration, interval, probability_below

COVERAGE: Final = 0.8
"""Share of runs that intervals are meant to hold."""


@dataclass(frozen=True)
class TimeDistribution:
    """How far off a predicted time may be, from how far off earlier ones were (`lib.athlete.conformal`).

    Parameters
    ----------
    log_sd : float
        Standard deviation expected of the logarithm of the finish time.
    scores : tuple of float
        How far off the athlete's latest finishes were, in such standard deviations.
    calibration : Calibration
        The same of athletes in general.
    """

    log_sd: float
    scores: tuple[float, ...]
    calibration: Calibration

    def interval(self, elapsed_s: ArrayLike, fraction: ArrayLike = 1.0) -> tuple[np.ndarray, np.ndarray]:
        """80% interval of times (s), of predicted times at fractions of the course's length."""
        return interval(elapsed_s, self.log_sd, self.scores, self.calibration, COVERAGE, fraction)

    def chance(self, seconds: ArrayLike, expected_s: ArrayLike, fraction: ArrayLike = 1.0) -> np.ndarray:
        """Chance of being at a place within `seconds` when ``expected_s`` is predicted, at a fraction of the length."""
        return probability_below(seconds, expected_s, self.log_sd, self.scores, self.calibration, fraction)

"""Intervals around predicted times, and chances of a finish, from how far off earlier predictions were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike

from lib.athlete.conformal import Calibration, interval, probability_below

if TYPE_CHECKING:
    from lib.athlete.bundle import Bundle
    from lib.athlete.reference import Reference

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
    center : float
        Score at which predicted times stand; 0 for those of least expected relative error.
    """

    log_sd: float
    scores: tuple[float, ...]
    calibration: Calibration
    center: float = 0.0

    def interval(self, elapsed_s: ArrayLike, fraction: ArrayLike = 1.0) -> tuple[np.ndarray, np.ndarray]:
        """80% interval of times (s), of predicted times at fractions of the course's length."""
        return interval(elapsed_s, self.log_sd, self.scores, self.calibration, COVERAGE, fraction, self.center)

    def chance(self, seconds: ArrayLike, expected_s: ArrayLike, fraction: ArrayLike = 1.0) -> np.ndarray:
        """Chance of being at a place within `seconds` when ``expected_s`` is predicted, at a fraction of the length."""
        return probability_below(seconds, expected_s, self.log_sd, self.scores, self.calibration, fraction, self.center)


def distribution_of(ref: Reference, bundle: Bundle) -> TimeDistribution:
    """How far off the finish of a reference may be."""
    return TimeDistribution(ref.log_sd, bundle.athlete.scores, bundle.prior.calibration, ref.center)

"""Splits of an earlier edition of a race, from one runner's to a whole field's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lib.core.errors import InputError

Floats = NDArray[np.float64]

EDITION: Final = "edition"


@dataclass(frozen=True, eq=False)
class Edition:
    """Splits of finishers of an earlier year, from one to a whole field.

    Parameters
    ----------
    km : ndarray, shape (J,)
        Of its points, rising from 0 at the start to the finish.
    elapsed_s : ndarray, shape (N, J)
        Race times, NaN where not known; the start (0) and the finish are known.
    years_before : float
        How long ago; 1 is the year before.
    """

    km: Floats
    elapsed_s: Floats
    years_before: float = 1.0

    def __post_init__(self) -> None:
        if self.km[0] != 0 or np.any(np.diff(self.km) <= 0):
            raise InputError(
                "checkpoints whose km do not rise from 0", "km that rise from the start", "Sort them.", EDITION
            )
        if self.elapsed_s.shape[1] != self.km.size or not np.isfinite(self.elapsed_s[:, -1]).all():
            raise InputError(
                "a runner without a time at the finish", "one for each runner", "Leave the runner out.", EDITION
            )
        latest = np.fmax.accumulate(self.elapsed_s, axis=1)
        if np.any(self.elapsed_s[:, 1:] < latest[:, :-1]):
            who = int(np.argmax((self.elapsed_s[:, 1:] < latest[:, :-1]).any(axis=1)))
            raise InputError(
                f"times of runner {who + 1} that fall", "times that rise from start to finish", "Correct them.", EDITION
            )

    def log_finishes(self, length_km: float) -> Floats:
        """Logarithms of the finish times (s) on a course of such a length, at the paces of this one, shape (N,)."""
        return np.log(self.elapsed_s[:, -1] / self.km[-1] * length_km)

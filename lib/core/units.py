"""Units in which distances, heights and paces are shown: metric or imperial."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lib.core.errors import InputError


@dataclass(frozen=True)
class Units:
    """How lengths are shown; what is computed is in metres.

    Parameters
    ----------
    word : str
        What they are called.
    long, long_name, long_m : str, str, float
        Unit of distances, the word for one of it, and how long it is (m).
    high, high_m : str, float
        Unit of heights, and how long it is (m).
    """

    word: str
    long: str
    long_name: str
    long_m: float
    high: str
    high_m: float

    def distance(self, metres: float, decimals: int = 1) -> str:
        """A distance without its unit."""
        return f"{metres / self.long_m:.{decimals}f}"

    def height(self, metres: float) -> str:
        """A height without its unit."""
        return f"{metres / self.high_m:.0f}"

    def pace_s(self, seconds_per_km: NDArray[np.float64]) -> NDArray[np.float64]:
        """Paces (s) for the unit of distances."""
        return seconds_per_km * (self.long_m / 1000.0)

    @property
    def pace(self) -> str:
        """Unit of paces."""
        return f"min/{self.long}"


METRIC: Final = Units("metric", "km", "kilometre", 1000.0, "m", 1.0)
IMPERIAL: Final = Units("imperial", "mi", "mile", 1609.344, "ft", 0.3048)


def units_of(text: str, source: str = "units") -> Units:
    """Read a word for units; metric where nothing is said.

    Raises
    ------
    InputError
        If it is none.
    """
    known = {units.word: units for units in (METRIC, IMPERIAL)}
    word = text.strip().lower() or METRIC.word
    if word not in known:
        raise InputError(f"the units {text[:40]!r}", " or ".join(known), "Use one of these.", source)
    return known[word]

"""Energy cost of running and walking on a slope."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

SLOPE_LIMIT: Final = 0.45
"""Slopes (1) beyond which nobody has measured the cost of locomotion (Minetti et al. 2002)."""
_RUN: Final = (155.4, -30.4, -43.3, 46.3, 19.5, 3.6)
_WALK: Final = (280.5, -58.7, -76.8, 51.9, 19.6, 2.5)


def running_cost(slope: ArrayLike) -> Array:
    """Return the net cost of running (J/kg per metre) on a slope (1); Minetti et al. 2002, J Appl Physiol 93:1039."""
    return np.polyval(_RUN, np.clip(slope, -SLOPE_LIMIT, SLOPE_LIMIT))


def walking_cost(slope: ArrayLike) -> Array:
    """Return the least net cost of walking (J/kg per metre) on a slope (1), after Minetti et al. 2002."""
    return np.polyval(_WALK, np.clip(slope, -SLOPE_LIMIT, SLOPE_LIMIT))

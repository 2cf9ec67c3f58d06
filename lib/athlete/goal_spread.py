"""Where runners really are who meet a goal time: the interval of arrivals on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lib.core.fields import Range, check_fields

Floats = NDArray[np.float64]

_REFERENCE_PACE: Final = 5.0
_Positive = Annotated[float, Range(1e-6, 5)]


@dataclass(frozen=True)
class GoalSpread:
    """How far arrivals scatter about those of a goal plan; 80% lie within.

    Half of the interval, as a share of the race time, is `low` or `high` x u^rise x (1 - u)^fall times
    (base pace / 5)^level, with u the planned share of the race time: zero at both ends, widest past the middle.
    """

    low: _Positive = 0.07847
    high: _Positive = 0.07101
    rise: _Positive = 0.719
    fall: _Positive = 0.543
    level: Annotated[float, Range(0, 5)] = 1.0
    edition: _Positive = 0.9
    """Factor with an earlier edition of a hundred finishers or more."""

    def __post_init__(self) -> None:
        check_fields(self)

    def shape(self, share: ArrayLike, base_pace: ArrayLike) -> Floats:
        """Half of the interval over `low` or `high`, as a share of the race time, at planned shares of it."""
        share = np.asarray(share, dtype=np.float64)
        level = (np.asarray(base_pace, dtype=np.float64) / _REFERENCE_PACE) ** self.level
        return share**self.rise * (1.0 - share) ** self.fall * level


def arrival_interval_s(
    spread: GoalSpread, arrival_s: ArrayLike, race_s: ArrayLike, base_pace: ArrayLike, edition_weight: float = 0.0
) -> tuple[Floats, Floats]:
    """80% interval (G, K) of arrivals (G, K), given that the goal (G,) is met.

    Parameters
    ----------
    edition_weight : float
        0 without an earlier edition, towards 1 with many finishers (`lib.plan.editions`).
    """
    arrival_s = np.atleast_2d(np.asarray(arrival_s, dtype=np.float64))
    race_s, base_pace = (np.atleast_1d(np.asarray(v, dtype=np.float64))[:, None] for v in (race_s, base_pace))
    u = np.clip(arrival_s / race_s, 0.0, 1.0)
    shape = race_s * spread.shape(u, base_pace) * (1.0 + (spread.edition - 1.0) * edition_weight)
    return np.maximum(arrival_s - spread.low * shape, 0.0), np.minimum(arrival_s + spread.high * shape, race_s)

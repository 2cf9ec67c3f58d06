"""How long finishers of long races stop at aid stations that state no stop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lib.core.errors import InputError
from lib.core.fields import Range, check_fields

Floats = NDArray[np.float64]

_HOUR_S: Final = 3600.0
_REFERENCE_PACE: Final = 5.0


@dataclass(frozen=True)
class AidStops:
    """How long finishers of long races stand at aid stations, by the clocks of two races (arrivals and departures).

    Parameters
    ----------
    share : float
        Of the race time that is stood in all, at a base pace of 5 min/km.
    level_power : float
        It grows with the base pace to this power.
    most : float
        At most this share.
    from_h, full_h : float
        In races shorter than this nobody is expected to stand; from `full_h` on the whole share.
    """

    share: Annotated[float, Range(0, 0.5)] = 0.032
    level_power: Annotated[float, Range(0, 5)] = 1.5
    most: Annotated[float, Range(0, 0.5)] = 0.05
    from_h: Annotated[float, Range(0, 100)] = 5.0
    full_h: Annotated[float, Range(0, 100)] = 10.0

    def __post_init__(self) -> None:
        check_fields(self)
        if self.from_h >= self.full_h:
            raise InputError(f"hours from {self.from_h} to {self.full_h}", "hours that rise", "Fit the law again.")


def default_stops_s(stops: AidStops, race_s: ArrayLike, base_pace: ArrayLike, arrival_s: ArrayLike) -> Floats:
    """Stops (G, A) at aid stations that state none.

    Longer the more hours lie behind and since the station before; short close to the finish.

    Parameters
    ----------
    stops : AidStops
    race_s, base_pace : array_like, shape (G,)
        Race time (s) and base pace (min/km) of each goal.
    arrival_s : array_like, shape (G, A)
        About when each station is reached (s), rising; start and finish are none.
    """
    race_s, base_pace = (np.atleast_1d(np.asarray(v, dtype=np.float64))[:, None] for v in (race_s, base_pace))
    arrival_s = np.atleast_2d(np.asarray(arrival_s, dtype=np.float64))
    if arrival_s.shape[1] == 0:
        return np.zeros_like(arrival_s)
    gap_h = np.maximum(np.diff(arrival_s, axis=1, prepend=0.0) / _HOUR_S, 0.05)
    left_h = np.maximum(race_s - arrival_s, 0.0) / _HOUR_S
    weight = gap_h**0.7 * np.sqrt(arrival_s / race_s) * np.minimum(left_h / 1.5, 1.0)
    weight = weight / np.maximum(weight.sum(axis=1, keepdims=True), 1e-9)
    long_enough = np.clip((race_s / _HOUR_S - stops.from_h) / (stops.full_h - stops.from_h), 0.0, 1.0)
    share = np.minimum(stops.share * (base_pace / _REFERENCE_PACE) ** stops.level_power, stops.most)
    return weight * share * race_s * long_enough * min(1.0, arrival_s.shape[1] / 4.0)

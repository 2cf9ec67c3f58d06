"""When places are reached on the way to any finish, by the pacing law, with planned stops."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lib.athlete.pacer import Pacer
from lib.athlete.pacing_law import Pacing
from lib.core.schema import STEP_M

Floats = NDArray[np.float64]

_LEAST_MOVING: Final = 0.5
"""However long the stops, at least this share of a finish is moving."""


@dataclass(frozen=True, eq=False)
class LawArrivals:
    """Race times on a course of T steps by the pacing law, for one runner; each finish is worked out once.

    Parameters
    ----------
    runner : Pacer
        The athlete on the course.
    pacing : Pacing
        Night, ground and strategy.
    stops : mapping of int to float
        Planned stops (s), by the step at whose end they are.
    to_a_goal : bool
        Whether finishes are goals (`lib.athlete.pacer.law_weight`).
    """

    runner: Pacer
    pacing: Pacing
    stops: Mapping[int, float]
    to_a_goal: bool = True
    _known: dict[float, Floats] = field(default_factory=dict, init=False, repr=False)

    def __call__(self, finish_s: Floats, at_m: Floats) -> Floats:
        """Race times (G, K) at places (K,), metres from the start, on the way to finishes (G,) in s."""
        steps = sorted(self.stops)
        stop_at_m = (np.array(steps, dtype=np.float64) + 1.0) * STEP_M
        stopped_s = (at_m[:, None] > stop_at_m) @ np.array([self.stops[step] for step in steps])
        moving_s = [self._on_the_way_to(one_s) for one_s in finish_s.tolist()]
        return np.stack([np.interp(at_m / STEP_M, np.arange(s.size), s) for s in moving_s]) + stopped_s

    def _on_the_way_to(self, finish_s: float) -> Floats:
        """Moving time at the ends of steps (T + 1,)."""
        if finish_s not in self._known:
            moving_s = max(finish_s - sum(self.stops.values()), _LEAST_MOVING * finish_s)
            duration_s, _ = self.runner.spread(moving_s, self.pacing, self.to_a_goal)
            self._known[finish_s] = np.concatenate([[0.0], np.cumsum(duration_s)])
        return self._known[finish_s]

"""When places are reached on the way to any finish: by the pacing law, with the stops that go with such a finish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lib.athlete.aid_stops import AidStops, default_stops_s
from lib.athlete.pacer import Pacer
from lib.athlete.pacing_law import Pacing
from lib.core.schema import STEP_M

Floats = NDArray[np.float64]

_LEAST_MOVING: Final = 0.5
"""However long the stops, at least this share of a finish is moving."""


@dataclass(frozen=True, eq=False)
class LawArrivals:
    """Race times on a course of T steps by the pacing law, for one runner.

    Parameters
    ----------
    runner : Pacer
        The athlete on the course.
    pacing : Pacing
        Night, ground and strategy.
    stops : mapping of int to float
        Planned stops (s), by the step at whose end they are.
    assumed : mapping of int to float
        Those of them that nobody stated (s): who finishes later stands longer there.
    aid_stops : AidStops
        How long finishers stand.
    to_a_goal : bool
        Whether finishes are goals (`lib.athlete.pacer.law_weight`).
    """

    runner: Pacer
    pacing: Pacing
    stops: Mapping[int, float]
    assumed: Mapping[int, float]
    aid_stops: AidStops
    to_a_goal: bool = True
    _known: dict[float, tuple[Floats, Floats, float]] = field(default_factory=dict, init=False, repr=False)

    def __call__(self, finish_s: Floats, at_m: Floats) -> Floats:
        """Race times (G, K) at places (K,), metres from the start, on the way to finishes (G,) in s."""
        rows = []
        for one_s in finish_s.tolist():
            elapsed_s, stop_s, _ = self._on_the_way_to(one_s)
            moving_s = np.interp(at_m / STEP_M, np.arange(elapsed_s.size), elapsed_s)
            rows.append(moving_s + (at_m[:, None] > self._stop_at_m) @ stop_s)
        return np.stack(rows)

    def base_pace(self, finish_s: Floats) -> Floats:
        """Pace on flat road, fresh (min/km), that finishes (G,) take."""
        return np.array([self._on_the_way_to(one_s)[2] for one_s in finish_s.tolist()])

    @property
    def _steps(self) -> list[int]:
        return sorted({*self.stops, *self.assumed})

    @property
    def _stop_at_m(self) -> Floats:
        return (np.array(self._steps, dtype=np.float64) + 1.0) * STEP_M

    def _on_the_way_to(self, finish_s: float) -> tuple[Floats, Floats, float]:
        """Moving time at the ends of steps (T + 1,), stops (s), and the base pace."""
        if finish_s not in self._known:
            self._known[finish_s] = self._spread(finish_s)
        return self._known[finish_s]

    def _spread(self, finish_s: float) -> tuple[Floats, Floats, float]:
        stop_s = {step: self.stops.get(step, 0.0) for step in self._steps}
        if self.assumed:
            duration_s, base_pace = self.runner.spread(finish_s, self.pacing, self.to_a_goal)
            at = sorted(self.assumed)
            usual_s = default_stops_s(self.aid_stops, finish_s, base_pace, np.cumsum(duration_s)[at])[0]
            for step, seconds in zip(at, usual_s.tolist(), strict=True):
                stop_s[step] = max(stop_s[step] - self.assumed[step] + seconds, 0.0)
        stopped_s = np.array(list(stop_s.values()))
        moving_s = max(finish_s - stopped_s.sum(), _LEAST_MOVING * finish_s)
        duration_s, base_pace = self.runner.spread(moving_s, self.pacing, self.to_a_goal)
        return np.concatenate([[0.0], np.cumsum(duration_s)]), stopped_s, base_pace

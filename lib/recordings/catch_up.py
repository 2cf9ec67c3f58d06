"""Places that a device held and then caught up with, set where the runner was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

_HELD_MPS: Final = 0.05
"""What moves more slowly than this is held."""
_AROUND_S: Final = 30.0
"""How long before and after the speed of the surroundings is taken; longer around a long hold."""
_LONGEST_S: Final = 120.0
_COARSE_M: Final = 12.0
"""Steps of at most this may be those of a device, on a climb after a run; longer ones catch up with a lost place."""
_AT_MOST: Final = 2.0
"""A step that needs more than so many times the speed of the surroundings is no catch-up but a jump."""


@dataclass(frozen=True, eq=False)
class CatchUps:
    """Samples that are to be moved on.

    Parameters
    ----------
    at, goal : ndarray of int, shape (k,)
        The sample, and the one at which the place was caught up.
    toward : ndarray, shape (k,)
        How far it had come from the one to the other, from 0 to 1.
    end : int
        The sample from which on the last place was held to the end, but no longer than the step before it took.
    """

    at: Indices
    goal: Indices
    toward: Floats
    end: int

    def moved(self, values: Floats) -> Floats:
        """Values at every sample, shape (n,), with these moved on."""
        out = values.copy()
        out[self.at] += self.toward * (values[self.goal] - values[self.at])
        return out


def catch_ups(time: Floats, step_m: Floats, paused: NDArray[np.bool_], slowest_mps: float) -> CatchUps:
    """Find samples whose place was held while the runner went on.

    Watches hold the last position for some seconds and then step to the right one; others tell the distance in steps
    of 2 to 11 m. A step after a hold was covered at the speed of its surroundings in the last part of the hold: what
    comes before that was a stop.

    Parameters
    ----------
    time : ndarray, shape (n,)
        Of each sample (s), rising.
    step_m : ndarray, shape (n - 1,)
        Way from each sample to the next.
    paused : ndarray of bool, shape (n - 1,)
        Whether the timer was stopped in between.
    slowest_mps : float
        Speed below which nobody moves.
    """
    held = (step_m <= _HELD_MPS * np.diff(time)) & ~paused
    edge = np.diff(np.concatenate([[False], held, [False]]).astype(np.int8))
    begin, last = np.flatnonzero(edge == 1), np.flatnonzero(edge == -1)  # first and last sample of each hold
    stepped = last < step_m.size
    stepped[stepped] &= ~paused[last[stepped]]
    tail = int(begin[~stepped][-1]) if held.size and held[-1] else time.size
    begin, last = begin[stepped], last[stepped]
    goal = last + 1
    way = np.concatenate([[0.0], np.cumsum(step_m)])
    length_s = time[goal] - time[begin]
    reach_s = np.clip(3.0 * length_s, _AROUND_S, _LONGEST_S)

    def speed(since: Floats, until: Floats) -> Floats:
        since, until = np.maximum(since, time[0]), np.minimum(until, time[-1])
        metres = np.interp(until, time, way) - np.interp(since, time, way)
        return np.divide(metres, until - since, out=np.full(since.size, np.nan), where=until - since > 1.0)

    before, after = speed(time[begin] - reach_s, time[begin]), speed(time[goal], time[goal] + reach_s)
    slower, faster = (np.fmax(x, slowest_mps) for x in (np.fmin(before, after), np.fmax(before, after)))
    took_s = np.minimum(step_m[last] / np.where(step_m[last] <= _COARSE_M, slower, faster), length_s)
    fits = step_m[last] <= _AT_MOST * faster * length_s
    count = (last - begin)[fits]
    hold = np.repeat(np.flatnonzero(fits), count)
    at = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + begin[hold] + 1
    toward = 1.0 - (time[goal[hold]] - time[at]) / np.maximum(took_s[hold], 1e-9)
    on = (toward > 0.0) & (time[at] - time[at - 1] <= took_s[hold])  # in a longer interval the stop is the most
    step_s = took_s[fits & (goal == tail)].max(initial=0.0)
    end = tail if tail < time.size and time[-1] - time[tail] <= step_s else time.size
    return CatchUps(at[on], goal[hold][on], toward[on], end)

"""The rest of a run predicted from its first part: time, heart rate, cadence, and how sure.

Before the start the level of the day is the reference's (`lib.inference.features.settled`). On the way the first part
speaks of the rest as far as such deviations last (`lib.plan.persistence`); the network alone, though it sees what
happened, carries little of that over. So the time of the rest is the reference's, moved by what is carried over; where
in it the time is, the network says.

Measured on the last fifth of the runs of five athletes, 379 of 5 km or more, each known up to a quarter, a half, three
quarters of its way (`python -m utils.studies.measure_underway`, 2026-11-24; all constants are fitted on earlier runs):
mean absolute error of the finish (%) | of the time of the rest (%) | of the heart rate of the rest (bpm).

| rest | 25% done | 50% done | 75% done |
|---|---|---|---|
| as predicted before the start | 5.94, 7.88, 9.84 | 4.02, 7.95, 9.90 | 2.28, 9.03, 9.83 |
| the same, off as much as so far | 4.72, 6.26, 8.88 | 2.66, 5.32, 8.32 | 1.60, 6.46, 8.31 |
| the network sees what happened, nothing is carried | 5.97, 7.92, 9.28 | 4.03, 7.98, 8.94 | 2.26, 8.96, 8.62 |
| carried over, the network sees nothing of it | 4.54, 6.02, 8.43 | 2.68, 5.32, 7.96 | 1.62, 6.40, 7.69 |
| **carried over, the network sees what happened** | 4.54, 6.02, 8.49 | 2.68, 5.32, 7.99 | 1.62, 6.40, 7.74 |

Its 80% interval of the finish held 82, 84 and 84%, and was 14.8, 10.6 and 6.5% of it wide (before the start 24.2%). On
these runs all that the first part was off might have been carried over as well, and better on the 27 hilly ones: a
rest off as much is 6.8, 6.7 and 11.2% off, this one 9.5, 9.0 and 12.2%. On the 1,387 earlier runs (``--earlier``) that
is worse, 8.5, 8.0 and 9.6% against 7.2, 7.1 and 9.1%, and on the hilly ones among them no better (9.6, 9.5 and 12.4%
against 9.5, 9.8 and 13.2%). That the network sees what happened makes next to no difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from lib.athlete.conformal import interval, probability_below
from lib.athlete.reference import Reference
from lib.athlete.time_distribution import COVERAGE, TimeDistribution
from lib.core import schema as c
from lib.core.errors import InputError
from lib.inference.features import to_residuals
from lib.plan.persistence import (
    NOTHING,
    Blocks,
    Expectation,
    Persistence,
    block_edges,
    block_means,
    blocks,
    expect_rest,
)

_CAUTIOUS_STEPS: Final = 200
_PLACES: Final = 40
"""Places ahead for which is kept how sure they are."""


_PACE: Final = Persistence(0.0355, 0.0709, 3.08, 0.0394, restless_sd=1.0, finish_sd=0.117, limit=0.5)
_HEART_RATE: Final = Persistence(0.413, 1.11, 5.49, 0.263, restless_sd=0.282, finish_sd=0.0, limit=4.0)
_CADENCE: Final = Persistence(0.259, 0.558, 1.16, 0.389, restless_sd=0.138, finish_sd=0.0, limit=4.0)


@dataclass(frozen=True)
class Carry:
    """How much is carried over, of anybody.

    Fitted by `python -m utils.studies.fit_underway` on the earlier 80% of the runs of five athletes (1,387 of 5 km or
    more with 20 or more before them), each athlete counting the same, to the logarithmic score of the rest after 0 to
    90% of the way.

    Parameters
    ----------
    pace, heart_rate, cadence : Persistence
        Of the logarithm of time over the reference's, and of heart rate and cadence above it in its deviations.
    caution : float
        Intervals are so much wider than the model of pace has them, to hold 80% of those runs.
    """

    pace: Persistence = _PACE
    heart_rate: Persistence = _HEART_RATE
    cadence: Persistence = _CADENCE
    caution: float = 1.2

    def __post_init__(self) -> None:
        if not 0 < self.caution < np.inf:
            raise InputError(f"caution = {self.caution}", "a positive, finite number", "Measure it again.")


@dataclass(frozen=True, eq=False)
class RestDistribution:
    """How far off times may be on the way: what is done is sure.

    Parameters
    ----------
    cold : TimeDistribution
        How far off they were before the start.
    done_s : float
        Moving time of what is done (s).
    fractions : ndarray, shape (K,)
        Places ahead, as fractions of the course's length, rising to 1.
    widths : ndarray, shape (K,)
        Spread of the logarithm of the time from here to each, over that of the whole course before the start.
    """

    cold: TimeDistribution
    done_s: float
    fractions: np.ndarray = field(repr=False)
    widths: np.ndarray = field(repr=False)

    def _log_sd(self, fraction: ArrayLike) -> np.ndarray:
        return self.cold.log_sd * np.interp(np.asarray(fraction, np.float64), self.fractions, self.widths)

    def interval(self, elapsed_s: ArrayLike, fraction: ArrayLike = 1.0) -> tuple[np.ndarray, np.ndarray]:
        """80% interval of times (s), of predicted times at fractions of the course's length."""
        elapsed = np.asarray(elapsed_s, np.float64)
        rest_s, known_s = np.maximum(elapsed - self.done_s, 0.0), np.minimum(elapsed, self.done_s)
        low_s, high_s = interval(
            rest_s,
            self._log_sd(fraction),
            self.cold.scores,
            self.cold.calibration,
            COVERAGE,
            center=self.cold.center,
        )
        return known_s + low_s, known_s + high_s

    def chance(self, seconds: ArrayLike, expected_s: ArrayLike, fraction: ArrayLike = 1.0) -> np.ndarray:
        """Chance of being at a place within `seconds` when ``expected_s`` is predicted, at a fraction of the length."""
        time, expected = np.asarray(seconds, np.float64), np.asarray(expected_s, np.float64)
        rest_s = expected - self.done_s
        ahead = probability_below(
            np.maximum(time - self.done_s, 0.0), np.where(rest_s > 0, rest_s, 1.0), self._log_sd(fraction),
            self.cold.scores, self.cold.calibration, center=self.cold.center,
        )  # fmt: skip
        return np.where(rest_s > 0, ahead, (time >= expected).astype(np.float64))


def _along(expected: Expectation, ahead: Blocks, done: int, steps: int) -> np.ndarray:
    """Expected deviation of every step to come, shape (steps - done,)."""
    at_km = (np.arange(done, steps) + 0.5) * c.STEP_M / 1000.0
    return np.interp(at_km, ahead.middle_km, expected.mean)


def rest_of(
    said: Mapping[str, np.ndarray],
    so_far: c.Columns,
    ref: Reference,
    cold: TimeDistribution,
    carry: Carry | None = None,
) -> tuple[dict[str, np.ndarray], RestDistribution]:
    """Carry what happened so far over to the rest.

    Parameters
    ----------
    said : mapping of str to ndarray, shape (T,) each
        `columns.TARGETS`; the rest of it as the network has it (`lib.inference.rollout.predict_many`).
    so_far : Columns, n rows
        `columns.TARGETS` of the first n steps, n at least 1; heart rate and cadence may be NaN.
    ref : Reference
        The athlete before the start, T steps.
    cold : TimeDistribution
        How far off the finish may be, seen from there.
    carry : Carry, optional
        How much is carried over.

    Returns
    -------
    columns : dict of ndarray, shape (T,) each
        `said` with the rest moved.
    band : RestDistribution
        How far off it may be.
    """
    carry = carry or Carry()
    residuals = to_residuals(so_far, ref)  # (n, 3)
    done, steps = len(residuals), ref.duration_s.size
    done_s = float(said[c.DURATION][:done].sum())
    if done == steps:
        return dict(said), RestDistribution(cold, done_s, np.array([1.0]), np.array([1.0]))
    edges = block_edges(done, steps)
    ahead, rest_s = blocks(edges), ref.duration_s[done:]

    ratio, part = block_means(residuals[:, 0], ref.duration_s[:done])
    expected = expect_rest(carry.pace, np.log(ratio), part, ahead)
    factor = np.exp(_along(expected, ahead, done, steps))
    moved_s = said[c.DURATION][done:] * factor
    moved_s *= (rest_s * factor).sum() / moved_s.sum()
    moved = {c.DURATION: moved_s}
    spreads = (ref.heart_rate_spread_bpm, ref.cadence_spread_rpm)
    for name, persistence, values, spread in zip(
        c.TARGETS[1:], (carry.heart_rate, carry.cadence), residuals[:, 1:].T, spreads, strict=True
    ):
        means, part = block_means(values, np.ones(done))
        moved[name] = said[name][done:]
        if means.size:
            deviation = expect_rest(persistence, means, part, ahead)
            moved[name] = moved[name] + spread * _along(deviation, ahead, done, steps)
            if name == c.HEART_RATE:  # its level so far is in what is carried over: not twice
                moved[name] = moved[name] - (said[name][done:] - ref.heart_rate_bpm[done:]).mean()
    columns = {name: np.concatenate([said[name][:done], moved[name]]) for name in c.TARGETS}
    fractions, widths = _widths(carry.pace, expected, edges, ref)
    # As soon as there is something to rest on; before that the model is the band's own.
    caution = 1.0 + (carry.caution - 1.0) * min(done / _CAUTIOUS_STEPS, 1.0)
    return columns, RestDistribution(cold, done_s, fractions, caution * widths)


def _widths(p: Persistence, expected: Expectation, edges: np.ndarray, ref: Reference) -> tuple[np.ndarray, np.ndarray]:
    """Places ahead (fractions of the course), and how much less sure than the finish before the start each is."""
    steps = ref.duration_s.size
    seconds = np.add.reduceat(ref.duration_s, edges[:-1])  # (A,); the last ends with the course
    which = np.unique(np.linspace(0, seconds.size - 1, _PLACES).round().astype(int))
    reach = np.where(np.arange(seconds.size) <= which[:, None], seconds, 0.0)  # (K, A)
    sd = expected.sd(reach / reach.sum(axis=1, keepdims=True))
    whole = block_edges(0, steps)
    of_all = np.add.reduceat(ref.duration_s, whole[:-1])
    before = expect_rest(p, np.empty(0), NOTHING, blocks(whole)).sd((of_all / of_all.sum())[None])
    return edges[1:][which] / steps, sd / before

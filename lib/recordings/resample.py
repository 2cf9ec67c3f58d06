"""Time, heart rate and cadence between edges along the way.

The one definition for sessions, whose edges are 5 m of way apart, and for runs of a known course.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from lib.core.errors import InputError
from lib.core.schema import CADENCE, DURATION, HEART_RATE, STOP, TEMPERATURE, TIME
from lib.recordings.stops import Motion, MotionConfig

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class GridConfig:
    """How samples become 5 m steps.

    Parameters
    ----------
    motion : MotionConfig
        When a runner stands.
    altitude_gap_m : float
        Altitude is drawn straight across samples without any on at most this much way; more is refused.
    hold_s : float
        Heart rate and cadence are drawn straight across at most this much time without any; beyond, NaN.
    steps_per_min_from : float
        A median cadence above this counts both feet and is halved: nobody takes 120 strides with one leg.
    """

    motion: MotionConfig = field(default_factory=MotionConfig)
    altitude_gap_m: float = 300.0
    hold_s: float = 30.0
    steps_per_min_from: float = 120.0

    def __post_init__(self) -> None:
        for name in ("altitude_gap_m", "hold_s", "steps_per_min_from"):
            if not getattr(self, name) > 0:
                raise InputError(f"{getattr(self, name)}", "a number above 0", "Correct the configuration.", name)


@dataclass(frozen=True, eq=False)
class Edges:
    """Where between samples the edges of n steps were reached.

    Parameters
    ----------
    at : ndarray of int, shape (n + 1,)
        The sample before which, or at which, each lies.
    share : ndarray, shape (n + 1,)
        How far into the interval to the next sample, from 0 to 1.
    """

    at: np.ndarray
    share: np.ndarray

    def values(self, along: np.ndarray) -> np.ndarray:
        """Of a quantity at every sample, shape (N,), that runs straight between them: at the edges, shape (n + 1,)."""
        return along[self.at] + self.share * (along[self.at + 1] - along[self.at])


def reached(way: np.ndarray, places: np.ndarray) -> Edges:
    """Where places are reached first.

    Parameters
    ----------
    way : ndarray, shape (N,)
        Of every sample (m), never falling.
    places : ndarray, shape (n + 1,)
        Along the way (m), rising.
    """
    at = np.clip(np.searchsorted(way, places, side="left") - 1, 0, len(way) - 2)
    length = way[at + 1] - way[at]
    share = np.divide(places - way[at], length, out=np.zeros(len(places)), where=length > 0)
    return Edges(at, np.clip(share, 0.0, 1.0))


def _filled(values: np.ndarray, axis: np.ndarray, gap: float) -> np.ndarray:
    """Values with gaps of at most `gap` on the axis drawn straight across; NaN stays elsewhere and at both ends."""
    known = np.flatnonzero(np.isfinite(values))
    if known.size == 0:
        return values
    out = np.interp(axis, axis[known], values[known], left=np.nan, right=np.nan)
    after = np.clip(np.searchsorted(known, np.arange(len(values))), 0, known.size - 1)
    before = np.clip(np.searchsorted(known, np.arange(len(values)), side="right") - 1, 0, known.size - 1)
    out[axis[known[after]] - axis[known[before]] > gap] = np.nan
    out[known] = values[known]
    return out


def _means(values: np.ndarray, moving_s: np.ndarray, edges: Edges) -> np.ndarray:
    """Mean over the moving time of each step, of values that run straight from sample to sample."""
    at, share = edges.at, edges.share
    first, last = values[:-1], values[1:]
    weight = np.where(np.isfinite(first) & np.isfinite(last), moving_s, 0.0)
    first, last = np.nan_to_num(first), np.nan_to_num(last)
    area = np.concatenate([[0.0], np.cumsum(weight * (first + last) / 2)])
    time = np.concatenate([[0.0], np.cumsum(weight)])
    area_at = area[at] + weight[at] * (share * first[at] + share**2 / 2 * (last[at] - first[at]))
    time_at = time[at] + weight[at] * share
    seconds = np.diff(time_at)
    return np.divide(np.diff(area_at), seconds, out=np.full(len(seconds), np.nan), where=seconds > 1e-6)


def clock(seconds: np.ndarray) -> np.ndarray:
    """Time at every sample, shape (N,), of the time of each interval between them, shape (N - 1,)."""
    return np.concatenate([[0.0], np.cumsum(seconds)])


def step_columns(
    samples: pd.DataFrame, motion: Motion, edges: Edges, config: GridConfig | None = None
) -> dict[str, np.ndarray]:
    """What was measured in each step between edges.

    Heart rate, cadence and temperature are means over the moving time of the step, NaN where nothing was measured; a
    cadence of 0 while moving is a sensor without a reading and is left out; cadence that counts both feet is halved.

    Parameters
    ----------
    samples : pandas.DataFrame, N rows
        As in `lib.recordings.formats.Activity`.
    motion : Motion
        Of the same samples.
    edges : Edges
        n + 1 of them.
    config : GridConfig, optional
        Limits.

    Returns
    -------
    dict of ndarray, shape (n,) each
        Moving and stopped time (s), heart rate (bpm), cadence (rpm, one leg), and temperature (°C) where known. The
        two times add up to the time between the edges.
    """
    config = config or GridConfig()
    time = samples[TIME].to_numpy(float)
    cadence = samples[CADENCE].to_numpy(float).copy()
    cadence[cadence == 0] = np.nan
    if np.isfinite(cadence).any() and float(np.nanmedian(cadence)) > config.steps_per_min_from:
        cadence /= 2.0
    measured = {HEART_RATE: samples[HEART_RATE].to_numpy(float), CADENCE: cadence}
    if TEMPERATURE in samples and samples[TEMPERATURE].notna().any():
        measured[TEMPERATURE] = samples[TEMPERATURE].to_numpy(float)
    times = {DURATION: motion.moving_s, STOP: motion.standing_s}
    return {name: np.diff(edges.values(clock(seconds))) for name, seconds in times.items()} | {
        name: _means(_filled(values, time, config.hold_s), motion.moving_s, edges) for name, values in measured.items()
    }

"""The pacing law: how the moving time of a long run spreads over its course, fitted on the splits of finishers.

Time per metre = base pace x slope x ground x night x fading. Fading grows with the hours since the start, more for
runners whose base pace is slow, and on descents; past half way comes a slump, from which people recover before the
finish. The law spreads a given moving time over the course; it does not say how fast somebody is. Pure numpy,
deterministic.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Annotated, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lib.core.errors import InputError
from lib.core.fields import Length, Range, check_fields
from lib.core.schema import ALTITUDE, STEP_M, Columns

Floats = NDArray[np.float64]

SLOPES: Final = (-0.35, -0.25, -0.15, -0.08, -0.03, 0.0, 0.03, 0.08, 0.15, 0.25, 0.35)
"""Slopes (rise over run) at which the law has a factor."""
SEGMENT_STEPS: Final = 40
"""Steps that share one fading (200 m): the law changes little within minutes."""
GROUNDS: Final = ("", "road", "track", "trail", "technical")
"""Words for the ground; "" is unknown and counts as trail."""

_Factor = Annotated[float, Range(1e-2, 1e2)]
_ROUNDS: Final = 30
_CLOSE_S: Final = 0.01
_HOUR_S: Final = 3600.0
_SLUMP_S: Final = 20.0 * _HOUR_S
_SLUMP_AT: Final = (0.45, 0.65, 0.85)
_MIDDLES: Final = (np.arange(200) + 0.5) / 200
_REFERENCE_PACE: Final = 5.0
"""Base pace (min/km) at which the level changes nothing."""


@dataclass(frozen=True)
class PacingLaw:
    """The numbers of the law; what is believed of anybody.

    Factors of slope, ground and night are PaceForge's published ones (fneyron/paceforge); fading and its power, level,
    descents and slump were fitted on 29 race-years of nine events with a course (`lib.evaluation.law_fit`).

    Parameters
    ----------
    slope_factor : tuple of float
        Time factor at each of `SLOPES`; linear between, held beyond. Flat is 1.
    road, track, trail, technical : float
        Time factor of each ground; unknown ground is trail.
    night : float
        Time factor of the dark.
    fading : float
        What 10 moving hours add to the time per metre, at a base pace of 5 min/km.
    fading_power : float
        Fading grows with the moving hours to this power.
    level_fading : float
        What the finish adds to the fading where the base pace is e times 5 min/km; it grows in proportion to the
        time, in races of 3 h and more, and is negative for the fast. Fading never falls below 0.
    descent_fading : float
        How much more (share) of the fading falls on descents of 15% and steeper; linear from the flat.
    slump_log : float
        Logarithm of the factor at 65% of the way in runs of 20 moving hours and more, and in proportion less in shorter
        ones; it goes linearly to 0 at 45% and 85%.
    smoothing_m : float
        Length over which slopes are taken (m): elevation models differ below it.
    """

    slope_factor: Annotated[tuple[_Factor, ...], Length(len(SLOPES), len(SLOPES))] = (
        *(1.79, 1.34, 1.01, 0.84, 0.90, 1.0, 1.15, 1.52, 2.07, 3.12, 3.89),
    )
    road: _Factor = 1.0
    track: _Factor = 1.06
    trail: _Factor = 1.12
    technical: _Factor = 1.12
    night: _Factor = 1.03
    fading: Annotated[float, Range(0, 100)] = 0.5802
    fading_power: Annotated[float, Range(1e-2, 10)] = 0.4213
    level_fading: Annotated[float, Range(-10, 100)] = 0.5106
    descent_fading: Annotated[float, Range(-1, 100)] = 0.1508
    slump_log: Annotated[float, Range(-1, 10)] = 0.1382
    smoothing_m: Annotated[float, Range(1, 1_000)] = 150.0

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, eq=False)
class CourseCost:
    """What a course costs before any fading, in metres of flat road.

    Parameters
    ----------
    step_m : ndarray, shape (T,)
        Of each step of 5 m.
    edge : ndarray of int, shape (S + 1,)
        Step at which each segment of about 200 m begins, and T.
    segment_m, descent_m : ndarray, shape (S,)
        Sum over each segment; `descent_m` weighted by how steeply it falls (0 flat, 1 from -15%).
    """

    step_m: Floats
    edge: NDArray[np.int64]
    segment_m: Floats
    descent_m: Floats

    @property
    def length_m(self) -> float:
        """Length of the course (m)."""
        return STEP_M * self.step_m.size


@dataclass(frozen=True, eq=False)
class Night:
    """When it is dark, as seconds since the start; `NO_NIGHT` is none at all.

    Parameters
    ----------
    time_s, dark : ndarray, shape (M,)
        Rising times, and 1 where it is dark, else 0; linear between, held beyond.
    """

    time_s: Floats
    dark: Floats


@dataclass(frozen=True)
class Strategy:
    """How a runner means to spread the effort.

    Parameters
    ----------
    fading : float
        Share of the usual fading: 1 is the law, 0 even effort.
    first_third : float
        What is added to the speed of the first third of the course, as a share: -0.03 starts 3% slower.
    """

    fading: float = 1.0
    first_third: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.fading <= 3.0:
            raise InputError(
                f"PACING={self.fading:g}", "usual, even, or a share of the usual fading from 0 to 3", "Correct it."
            )
        if not -0.3 <= self.first_third <= 0.3:
            raise InputError(f"FIRST={self.first_third:+.0%}", "-30% to +30%", "Correct it.")


@dataclass(frozen=True, eq=False)
class Pacing:
    """What the law needs to know of a race besides its course.

    Parameters
    ----------
    night : Night
        When it is dark.
    ground : ndarray of str, shape (T,), optional
        `GROUNDS` of each step; unknown without it.
    strategy : Strategy
        How the runner means to spread the effort.
    """

    night: Night
    ground: NDArray[np.str_] | None = None
    strategy: Strategy = field(default_factory=Strategy)

    @property
    def plain(self) -> bool:
        """Whether nothing is known that a run on any ground by day would not have."""
        return not self.night.dark.any() and self.ground is None and self.strategy == Strategy()


NO_NIGHT: Final = Night(np.zeros(1), np.zeros(1))
USUAL_PACING: Final = Strategy()
USUAL: Final = Pacing(NO_NIGHT)


def smoothed_slope(altitude_m: ArrayLike, smoothing_m: float) -> Floats:
    """Slope of each step (T,) over `smoothing_m` around it, from the altitudes (T + 1,) at the ends of the steps."""
    altitude = np.asarray(altitude_m, dtype=np.float64)
    last = altitude.size - 1
    half = max(1, int(smoothing_m // (2 * STEP_M)))
    step = np.arange(last)
    low, high = np.maximum(step - half + 1, 0), np.minimum(step + half, last)
    return (altitude[high] - altitude[low]) / (STEP_M * (high - low))


def course_cost(law: PacingLaw, factor: ArrayLike, slope: ArrayLike, ground: ArrayLike | None = None) -> CourseCost:
    """What each step costs before any fading.

    Parameters
    ----------
    law : PacingLaw
        For its ground.
    factor, slope : array_like, shape (T,)
        Time factor of each step for its slope, and the slope itself (`smoothed_slope`).
    ground : array_like of str, shape (T,), optional
        `GROUNDS`; unknown where left out.

    Raises
    ------
    InputError
        If a ground is no known word.
    """
    step_m = STEP_M * np.asarray(factor, dtype=np.float64)
    by_word = dict(zip(GROUNDS, (law.trail, law.road, law.track, law.trail, law.technical), strict=True))
    if ground is None:
        step_m = step_m * law.trail
    else:
        words, code = np.unique(np.asarray(ground, dtype=str), return_inverse=True)
        unknown = [word for word in words.tolist() if word not in by_word]
        if unknown:
            raise InputError(f"the ground {unknown[0]!r}", ", ".join(GROUNDS[1:]), "Use one of these words.")
        step_m = step_m * np.array([by_word[word] for word in words.tolist()])[code]
    edge = np.append(np.arange(0, max(1, step_m.size // SEGMENT_STEPS)) * SEGMENT_STEPS, step_m.size)
    falling = step_m * np.clip(-np.asarray(slope) / 0.15, 0.0, 1.0)
    return CourseCost(step_m, edge, np.add.reduceat(step_m, edge[:-1]), np.add.reduceat(falling, edge[:-1]))


def course_cost_of(law: PacingLaw, course: Columns, ground: ArrayLike | None = None) -> CourseCost:
    """Cost of a course of T rows for anybody, by the law's slopes and its ground (T,), where that is known."""
    altitude_m = np.asarray(course[ALTITUDE], dtype=np.float64)
    slope = smoothed_slope(np.concatenate([altitude_m[:1], altitude_m]), law.smoothing_m)
    return course_cost(law, np.interp(slope, SLOPES, law.slope_factor), slope, ground)


def segment_times(
    law: PacingLaw, cost: CourseCost, moving_s: ArrayLike, night: Night = NO_NIGHT, strategy: Strategy = USUAL_PACING
) -> tuple[Floats, Floats]:
    """Spread moving times over a course.

    Parameters
    ----------
    law : PacingLaw
    cost : CourseCost
        S segments.
    moving_s : array_like, shape (G,)
        Moving times of the whole course (s).
    night : Night
        When it is dark.
    strategy : Strategy

    Returns
    -------
    time_s : ndarray, shape (G, S + 1)
        Moving time at the edges of the segments (s); 0 first, the whole last.
    base_pace : ndarray, shape (G,)
        Pace of the same runner on flat road, fresh and by day (min/km): the level of such a finish.
    """
    total_s = np.atleast_1d(np.asarray(moving_s, dtype=np.float64))[:, None]
    if not np.all(np.isfinite(total_s) & (total_s > 0)):
        raise InputError("a moving time that is not above 0", "a time above 0", "Plan shorter stops, or a later goal.")
    middle = (np.arange(cost.segment_m.size) + 0.5) / cost.segment_m.size
    shaped = np.exp(strategy.fading * _slump_log(law, total_s, middle))  # (G, S)
    shaped = shaped * np.where(middle < 1.0 / 3.0, 1.0 / (1.0 + strategy.first_third), 1.0)
    tired_m = cost.segment_m + law.descent_fading * cost.descent_m
    dark_factor = 1.0 + (law.night - 1.0) * night.dark
    long_enough = np.clip(total_s / (3.0 * _HOUR_S), 0.0, 1.0)
    done = np.cumsum(cost.segment_m) - 0.5 * cost.segment_m
    time_s = total_s * done / cost.segment_m.sum()
    level = np.zeros_like(total_s)
    for _ in range(_ROUNDS):
        hours = law.fading * (time_s / (10.0 * _HOUR_S)) ** law.fading_power
        by_level = law.level_fading * level * long_enough * time_s / total_s
        fading = strategy.fading * np.maximum(hours + by_level, 0.0)
        effort = (cost.segment_m + fading * tired_m) * np.interp(time_s, night.time_s, dark_factor) * shaped
        summed = np.cumsum(effort, axis=1)
        whole = summed[:, -1:]
        base_pace = total_s / 60.0 / (whole / 1000.0)
        level = np.log(base_pace / _REFERENCE_PACE)
        before_s, time_s = time_s, total_s * (summed - 0.5 * effort) / whole
        if np.abs(time_s - before_s).max() < _CLOSE_S:
            break
    edges_s = np.concatenate([np.zeros_like(total_s), total_s * summed / whole], axis=1)
    return edges_s, base_pace[:, 0]


def time_at(cost: CourseCost, edges_s: Floats, at_m: ArrayLike) -> Floats:
    """Moving time (G, K) at places (K,), metres from the start, from the times (G, S + 1) of `segment_times`."""
    step = np.asarray(at_m, dtype=np.float64) / STEP_M
    along_m = np.concatenate([[0.0], np.cumsum(cost.step_m)])
    at_cost = np.interp(step, np.arange(along_m.size), along_m)
    return np.stack([np.interp(at_cost, along_m[cost.edge], row) for row in np.atleast_2d(edges_s)])


def step_times(cost: CourseCost, edges_s: Floats) -> Floats:
    """Moving time of each step (T,) from the times (S + 1,) of one goal; they sum to the goal."""
    along_m = np.concatenate([[0.0], np.cumsum(cost.step_m)])
    return np.diff(np.interp(along_m, along_m[cost.edge], edges_s))


def fading_curve(law: PacingLaw, hours: ArrayLike, finish_h: float, base_pace: float) -> Floats:
    """What the same effort costs as hours pass, the slump included: the factor on the time per metre, flat, by day."""
    hours = np.asarray(hours, dtype=np.float64)
    by_level = law.level_fading * np.log(base_pace / _REFERENCE_PACE) * min(1.0, finish_h / 3.0) * hours / finish_h
    fading = 1.0 + np.maximum(law.fading * (hours / 10.0) ** law.fading_power + by_level, 0.0)
    return fading * np.exp(_slump_log(law, finish_h * _HOUR_S, hours / finish_h))


def with_own_fading(law: PacingLaw, share: float) -> PacingLaw:
    """The law of an athlete who fades `share` times as much as is usual."""
    return replace(law, fading=law.fading * share)


def mean_fading(law: PacingLaw, hours: float, base_pace: float) -> float:
    """Mean factor of the fading over an even run of some moving hours: what lasting so long costs."""
    return float(fading_curve(law, _MIDDLES * hours, hours, base_pace).mean())


def _slump_log(law: PacingLaw, moving_s: ArrayLike, share: ArrayLike) -> Floats:
    """Logarithm of the slump's factor in runs of some moving time, where a share of the way is done."""
    whole = law.slump_log * np.clip(np.asarray(moving_s) / _SLUMP_S, 0.0, 1.0)
    return whole * np.interp(share, _SLUMP_AT, (0.0, 1.0, 0.0))

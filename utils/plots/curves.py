"""Numbers behind curves, for pages and notebooks alike: moving means, pace, chances, which variants share a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from lib.core import schema as c
from lib.core.units import METRIC, Units
from lib.plan.compare import Variant, together
from lib.plan.race_plan import RacePlan
from lib.plan.review import Review

SMOOTHED_M: Final = 100.0
"""Length of the moving mean that curves are drawn with (m), for each 25 km of the course begun."""
CHANCE_POINTS: Final = 200
"""Of a curve of chances."""
_ROUND_ROWS: Final = 100
"""Every so many rows one is kept in any case, which saves the first rounds over all of them."""


def steps_of(data: c.Columns) -> int:
    """Number of rows of a table or of a mapping of arrays."""
    return len(data[next(iter(data))])


def distance_km(data: c.Columns) -> np.ndarray:
    """Distance at the end of each 5 m (km), shape (T,)."""
    if c.DISTANCE in data:
        return np.asarray(data[c.DISTANCE], np.float64) / 1000.0
    return (np.arange(steps_of(data)) + 1) * c.STEP_M / 1000.0


def spm(strides_rpm: ArrayLike) -> np.ndarray:
    """Cadence in steps of both feet per minute, from steps of one leg."""
    return c.STEPS_OF_A_STRIDE * np.asarray(strides_rpm, np.float64)


def window_m(steps: int) -> float:
    """Length of the moving mean (m) for a course of so many steps: longer on a long one, or nothing could be read."""
    return SMOOTHED_M * max(1, int(np.ceil(steps * c.STEP_M / 25_000.0)))


def window_text(steps: int, units: Units = METRIC) -> str:
    """Say how long the moving mean is: ``"100 m"``."""
    return f"{units.height(window_m(steps))} {units.high}"


def smoothed(values: ArrayLike) -> np.ndarray:
    """Centred moving mean over `window_m`, shape (T,); shorter at the ends, without missing values."""
    rows = np.asarray(values, np.float64)
    half = round(window_m(rows.size) / c.STEP_M) // 2
    first, last = (np.clip(np.arange(rows.size) + shift, 0, rows.size) for shift in (-half, half))
    known = np.isfinite(rows)
    total, count = (np.append(0.0, np.cumsum(x)) for x in (np.where(known, rows, 0.0), known))
    counted = count[last] - count[first]
    return np.divide(total[last] - total[first], counted, out=np.full(rows.size, np.nan), where=counted > 0)


def smoothed_pace(data: c.Columns) -> np.ndarray:
    """Pace (min/km), shape (T,): the time of the window, not the mean of its paces."""
    return smoothed(data[c.DURATION]) / 60.0 * (1000.0 / c.STEP_M)


def chance_curves(races: Sequence[RacePlan]) -> tuple[np.ndarray, list[np.ndarray]]:
    """Race times (s), shape (`CHANCE_POINTS`,), around all 80% intervals, and each race's chance of a finish by then.

    A plan to a goal has no such chance, as its finish is the goal: leave it out.
    """
    assert not any(race.to_a_goal for race in races)
    low_s, high_s = np.array([race.finish_interval_s for race in races]).T
    margin_s = max(0.4 * float((high_s - low_s).mean()), 60.0)
    times_s = np.linspace(max(low_s.min() - margin_s, 1.0), high_s.max() + margin_s, CHANCE_POINTS)
    return times_s, [race.chance(times_s, np.full(times_s.size, race.course.steps - 1)) for race in races]


class Line(NamedTuple):
    """A line of a comparison: the variants that lie over one another.

    Parameters
    ----------
    label : str
        Names of all of them.
    place : int
        Of the first of them among all variants.
    variant : Variant
        The first of them.
    """

    label: str
    place: int
    variant: Variant


def lines_of(found: Sequence[Variant]) -> list[Line]:
    """Lines of a comparison, in the order of the variants."""
    places = {id(variant): place for place, variant in enumerate(found)}
    return [
        Line(" = ".join(variant.label for variant in group), places[id(group[0])], group[0])
        for group in together(found)
    ]


def lost_bounds_s(review: Review) -> tuple[float, float]:
    """Time lost (s) between which a chart of it lies.

    All that was lost is between them; the 80% interval may be far wider than what happened: then it is cut off.
    """
    curves = np.concatenate([[0.0], review.race_gap_s, review.gap_s])
    least, most = float(curves.min()), float(curves.max())
    room = 1.5 * max(most - least, 60.0)
    low, high = review.band_s
    bottom, top = min(0.0, float(low.min(initial=0.0))), max(0.0, float(high.max(initial=0.0)))
    return float(np.clip(bottom, least - room, least)), float(np.clip(top, most, most + room))


def lost_to_even_s(review: Review) -> np.ndarray:
    """Time lost against an even pace until each place (s), shape (n + 1,)."""
    return np.append(0.0, np.cumsum(review.actual_s - review.actual_s.mean()))


def kept_rows(values: ArrayLike, tolerance: ArrayLike) -> np.ndarray:
    """Choose the rows between which straight lines are enough (Douglas & Peucker 1973), all columns at once.

    Parameters
    ----------
    values : array_like, shape (T, K)
        Columns of T rows, two or more, without missing values.
    tolerance : array_like, shape (K,)
        How far a line between kept rows may be from what is left out, for each column.

    Returns
    -------
    ndarray of int
        Numbers of rows, rising, the first and the last among them.
    """
    scaled = np.asarray(values, np.float64) / np.asarray(tolerance, np.float64)
    kept = np.unique(np.append(np.arange(0, len(scaled), _ROUND_ROWS), len(scaled) - 1))
    open_rows = np.arange(len(scaled))
    while True:
        after = np.clip(np.searchsorted(kept, open_rows, side="right"), 1, kept.size - 1)
        first, last = kept[after - 1], kept[after]
        share = ((open_rows - first) / (last - first))[:, None]
        off = np.abs(scaled[open_rows] - scaled[first] - share * (scaled[last] - scaled[first])).max(axis=1)
        begins = np.flatnonzero(np.diff(after, prepend=0))
        worst = np.maximum.reduceat(off, begins)
        counts = np.diff(np.append(begins, after.size))
        if worst.max() <= 1.0:
            return kept
        furthest = (off == np.repeat(worst, counts)) & (off > 1.0)
        _, which = np.unique(after[furthest], return_index=True)
        kept = np.sort(np.append(kept, open_rows[furthest][which]))
        # Stretches that are near enough stay so.
        open_rows = open_rows[np.repeat(worst, counts) > 1.0]

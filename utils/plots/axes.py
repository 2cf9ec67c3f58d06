"""In: tables of 5 m steps and axes. Out: what all plots share: colours, smoothing, axes of distance and pace."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MultipleLocator

from lib.core import schema as c
from lib.course.slope_classes import GROUNDS, LIMITS

# Okabe & Ito 2008, told apart by the colour blind; they also differ in lightness, for print.
BLUE, VERMILLION, GREEN, GREY, INK = "#0072B2", "#D55E00", "#009E73", "#6b6f73", "#2b2b2b"
COLOURS: Final = {c.DURATION: BLUE, c.HEART_RATE: VERMILLION, c.CADENCE: GREEN}

SMOOTHED_M: Final = 100.0
"""Length of the moving mean that curves are drawn with (m), for each 25 km of the course begun."""

MOST_POINTS: Final = 3_600
"""Points of a curve: more than there are pixels across a page, and few enough for a file that opens at once."""

# Diverging and safe for the colour blind (after ColorBrewer's RdBu, Brewer 2003): blue goes down, red goes up.
_SLOPE_COLOURS: Final = ("#4583bf", "#a9cfe6", "#e6e4de", "#f3b091", "#c2483a")
SLOPES: Final = tuple(zip((-np.inf, *LIMITS), (*LIMITS, np.inf), _SLOPE_COLOURS, GROUNDS, strict=True))
"""Least slope (rise over run), the one that is no more in it, colour and name of each kind of ground."""


def new_axes(ax: Axes | None, height_in: float = 3.0) -> Axes:
    """Dress `ax` in the house style; a new figure without it."""
    if ax is None:
        _, ax = plt.subplots(figsize=(9.0, height_in), dpi=150, layout="constrained")
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(color="#d9dbdc", linewidth=0.6)
    ax.set_axisbelow(True)
    return ax


def minutes(value: float, _: object = None) -> str:
    """Write minutes as ``m:ss``."""
    seconds = round(abs(value) * 60)
    return f"{'-' if value < 0 and seconds else ''}{seconds // 60}:{seconds % 60:02d}"


def distance_km(data: pd.DataFrame) -> np.ndarray:
    """Distance at the end of each 5 m (km), shape (T,)."""
    if c.DISTANCE in data:
        return data[c.DISTANCE].to_numpy(np.float64) / 1000.0
    return (np.arange(len(data)) + 1) * c.STEP_M / 1000.0


def window_m(steps: int) -> float:
    """Length of the moving mean (m) for a course of so many steps: longer on a long one, or nothing could be read."""
    return SMOOTHED_M * max(1, int(np.ceil(steps * c.STEP_M / 25_000.0)))


def smoothed(values: pd.Series) -> np.ndarray:
    """Centred moving mean over `window_m`, shape (T,); shorter at the ends, without missing values."""
    size = round(window_m(len(values)) / c.STEP_M)
    return values.astype(float).rolling(size, center=True, min_periods=1).mean().to_numpy()


def smoothed_pace(data: pd.DataFrame) -> np.ndarray:
    """Pace (min/km), shape (T,): the time of the window, not the mean of its paces."""
    return smoothed(data[c.DURATION]) / 60.0 * (1000.0 / c.STEP_M)


def drawn_steps(steps: int) -> np.ndarray:
    """Numbers of the steps at which curves are drawn: all, or `MOST_POINTS` of a long course and its last."""
    return np.unique(np.append(np.arange(0, steps, max(1, -(-steps // MOST_POINTS))), steps - 1))


def mark_places(axes: Iterable[Axes], metres: np.ndarray) -> None:
    """Dashed lines through axes of distance, at places so many metres from the start."""
    for ax in axes:
        for place in metres.tolist():
            ax.axvline(place / 1000.0, color=INK, linewidth=0.6, linestyle=(0, (3, 2)), alpha=0.6)


def bars_by_slope(ax: Axes, left_km: np.ndarray, heights: np.ndarray, width_km: np.ndarray, slope: np.ndarray) -> None:
    """Bars as wide as their distance, coloured by the class of their slope; all of shape (N,)."""
    for low, high, colour, label in SLOPES:
        inside = slope_class(slope, low, high)
        if inside.any():
            ax.bar(left_km[inside], heights[inside], width_km[inside], align="edge", color=colour, edgecolor=INK,
                   linewidth=0.5, label=label)  # fmt: skip


def slope_class(slope: np.ndarray, low: float, high: float) -> np.ndarray:
    """Say where a slope (rise over run) lies in a class of `SLOPES`."""
    return (slope >= low) & (slope < high)


def set_distance_axis(ax: Axes, km: np.ndarray) -> None:
    """From the start to the end of the course."""
    ax.set_xlim(0.0, km[-1])
    ax.set_xlabel("distance (km)")


def set_pace_axis(ax: Axes, paces: np.ndarray) -> None:
    """Faster is up; ticks at round numbers of seconds; a few extreme steps may lie outside."""
    slowest, fastest = np.nanquantile(paces, [0.998, 0.002])
    margin = max(0.06 * (slowest - fastest), 0.1)
    ax.set_ylim(slowest + margin, max(fastest - margin, 0.0))
    span = slowest - fastest + 2 * margin
    step_s = next((s for s in (5, 10, 15, 30, 60, 120, 300, 600, 1200) if span * 60 / s <= 6), 3600)
    ax.yaxis.set_major_locator(MultipleLocator(step_s / 60))
    ax.yaxis.set_major_formatter(FuncFormatter(minutes))
    ax.set_ylabel("pace (min/km)\nfaster is up")


def key_above(ax: Axes, title: str | None = None, columns: int = 7) -> None:
    """Legend above the axes, in one row or in columns: left under a title, else right."""
    x, place = (0.0, "lower left") if title else (1.0, "lower right")
    legend = ax.legend(
        title=title, title_fontsize=8, fontsize=8, ncols=columns, loc=place, bbox_to_anchor=(x, 1.0), frameon=False,
        borderaxespad=0.1, handlelength=1.6, columnspacing=1.2,
    )  # fmt: skip
    legend.set_alignment("left")

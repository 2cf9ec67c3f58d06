"""What all plots share: colours, smoothing, axes of distance, pace and gaps, keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator

from lib.core import schema as c
from lib.core.durations import difference_text, m_ss
from lib.core.units import METRIC, Units
from lib.course.slope_classes import GROUNDS, LIMITS

# Okabe & Ito 2008, told apart by the colour blind; they also differ in lightness, for print.
BLUE, VERMILLION, GREEN, GREY, INK = "#0072B2", "#D55E00", "#009E73", "#6b6f73", "#2b2b2b"
COLOURS: Final = {c.DURATION: BLUE, c.HEART_RATE: VERMILLION, c.CADENCE: GREEN}

MOST_POINTS: Final = 3_600
"""Points of a curve: more than there are pixels across a page, and few enough for a file that opens at once."""

# Diverging and safe for the colour blind (after ColorBrewer's RdBu, Brewer 2003): blue goes down, red goes up.
_SLOPE_COLOURS: Final = ("#4583bf", "#a9cfe6", "#e6e4de", "#f3b091", "#c2483a")
SLOPES: Final = tuple(zip((-np.inf, *LIMITS), (*LIMITS, np.inf), _SLOPE_COLOURS, GROUNDS, strict=True))
"""Least slope (rise over run), the one that is no more in it, colour and name of each kind of ground."""


_LETTERS_PER_IN, _KEY_LETTERS = 13.3, 5
"""Letters of a legend that fit across an inch, and what the line beside a label takes."""


def new_axes(ax: Axes | None, height_in: float = 3.0) -> Axes:
    """Dress `ax` in the house style; a new figure without it."""
    if ax is None:
        _, ax = plt.subplots(figsize=(9.0, height_in), dpi=150, layout="constrained")
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(color="#d9dbdc", linewidth=0.6)
    ax.set_axisbelow(True)
    return ax


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


def gap_ticks_s(span_s: float) -> float:
    """Distance of ticks (s) for a span of gaps: a round time, seven of them at most."""
    steps = (5, 10, 15, 30, 60, 120, 180, 300, 600, 900, 1200, 1800, 3600, 7200)
    return float(next((s for s in steps if span_s / s <= 6), 14_400))


def set_gap_axis(ax: Axes, low_s: float, high_s: float, name: str, room: float = 0.06) -> None:
    """Axis of time differences (s) that holds `low_s` to `high_s`, and as much of that more on both sides."""
    margin = max(room * (high_s - low_s), 2.0)
    write, unit = difference_text(max(margin - low_s, high_s + margin))
    ax.set_ylabel(f"{name}\n({unit})", parse_math=False)
    ax.set_ylim(low_s - margin, high_s + margin)
    ax.yaxis.set_major_locator(MultipleLocator(gap_ticks_s(high_s - low_s + 2 * margin)))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda seconds, _: write(seconds)))


class _RoundIn(MaxNLocator):
    """Ticks that are round in a unit of such a size."""

    def __init__(self, size: float, most: int) -> None:
        super().__init__(most)
        self.size = size

    def tick_values(self, vmin: float, vmax: float) -> np.ndarray:
        return np.asarray(super().tick_values(vmin / self.size, vmax / self.size)) * self.size


def set_unit(axis: Axis, size: float, most: int) -> None:
    """Ticks that are round and told in a unit of such a size, so many at most."""
    axis.set_major_locator(_RoundIn(size, most))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{round(value / size, 6):g}"))


def set_distance_axis(ax: Axes, km: np.ndarray, units: Units = METRIC) -> None:
    """From the start to the end of the course."""
    ax.set_xlim(0.0, km[-1])
    if units is not METRIC:
        set_unit(ax.xaxis, units.long_m / 1000.0, 9)
    ax.set_xlabel(f"distance ({units.long})")


def set_pace_axis(ax: Axes, paces: np.ndarray, units: Units = METRIC) -> None:
    """Of paces (min for the unit of distances): faster is up; ticks at round numbers of seconds.

    A few extreme steps may lie outside.
    """
    slowest, fastest = np.nanquantile(paces, [0.998, 0.002])
    margin = max(0.06 * (slowest - fastest), 0.1)
    ax.set_ylim(slowest + margin, max(fastest - margin, 0.0))
    span = slowest - fastest + 2 * margin
    step_s = next((s for s in (5, 10, 15, 30, 60, 120, 300, 600, 1200) if span * 60 / s <= 6), 3600)
    ax.yaxis.set_major_locator(MultipleLocator(step_s / 60))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda minutes, _: m_ss(60.0 * minutes)))
    ax.set_ylabel(f"pace ({units.pace})\nfaster is up")


def key_above(ax: Axes, title: str | None = None) -> None:
    """Draw a legend above the axes, in one row if it fits, else in columns: left under a title, else right."""
    lengths = [len(str(label)) + _KEY_LETTERS for label in ax.get_legend_handles_labels()[1]]
    room = _LETTERS_PER_IN * ax.figure.get_size_inches()[0]
    columns = len(lengths) if sum(lengths) <= room else max(int(room // max(lengths)), 1)
    x, place = (0.0, "lower left") if title else (1.0, "lower right")
    legend = ax.legend(
        title=title, title_fontsize=8, fontsize=8, ncols=columns, loc=place, bbox_to_anchor=(x, 1.0), frameon=False,
        borderaxespad=0.1, handlelength=1.6, columnspacing=1.2,
    )  # fmt: skip
    legend.set_alignment("left")
    for text in legend.get_texts():
        text.set_parse_math(False)


def stacked(heights: Sequence[float], size_in: tuple[float, float]) -> tuple[Figure, list[Axes]]:
    """Axes above one another along one distance axis, of these relative heights."""
    figure, axes = plt.subplots(
        len(heights), 1, sharex=True, figsize=size_in, dpi=150, layout="constrained", height_ratios=heights
    )
    return figure, list(axes)


def finish_stack(figure: Figure, axes: Sequence[Axes], marks_m: np.ndarray) -> None:
    """Finish axes made by `stacked`: the distance is named once, places are marked below the profile."""
    for ax in axes[:-1]:
        ax.set_xlabel("")
    mark_places(axes[1:], marks_m)
    figure.align_ylabels()

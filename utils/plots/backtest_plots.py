"""Plots of errors and predictions of a backtest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, NullLocator

from lib.core.durations import h_mm
from lib.evaluation.backtest import OURS
from utils.plots.axes import BLUE, GREEN, GREY, INK, VERMILLION, new_axes

if TYPE_CHECKING:
    import pandas as pd

POINTS: Final = ((VERMILLION, "o"), (GREEN, "s"), ("#CC79A7", "D"), ("#E69F00", "^"), ("#56B4E9", "v"))
"""An athlete each; of Okabe & Ito 2008, as in `utils.plots.axes`, and another shape."""
_HOURS: Final = (0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8, 12, 24, 48)


def plot_errors_by_predictor(
    data: pd.DataFrame, error: str = "mape", *, label: str = "mean error of the finish (%)", ax: Axes | None = None
) -> Axes:
    """Draw the error of each predictor: a point for each athlete, a bar at their mean, which is written beside it.

    Parameters
    ----------
    data : DataFrame
        A row for each ``athlete`` and ``predictor``, as in the rows of `lib.evaluation.backtest`; those without an
        error are left out.
    error : str
        Column of the error.
    label : str
        What it is, with its unit.
    ax : Axes, optional
        Where to draw; a new figure without it.
    """
    known = data[data[error].notna()]
    means = known.groupby("predictor", sort=False)[error].mean().sort_values(kind="stable")
    ax = new_axes(ax, 0.9 + 0.34 * len(means))
    place = {name: number for number, name in enumerate(means.index)}
    athletes = list(dict.fromkeys(known["athlete"]))
    few = len(athletes) <= len(POINTS)
    for number, (name, mean) in enumerate(means.items()):
        ours = str(name).startswith(OURS)
        ax.plot([mean, mean], [number - 0.36, number + 0.36], color=BLUE if ours else INK, linewidth=3.2 if ours else 2)
        ax.annotate(f"{mean:.1f}", (1.0, number), (4, 0), xycoords=("axes fraction", "data"),
                    textcoords="offset points", va="center", fontsize=8.5, color=BLUE if ours else INK)  # fmt: skip
    for number, athlete in enumerate(athletes):
        own = known[known["athlete"] == athlete]
        colour, marker = POINTS[number] if few else (GREY, "o")
        ax.scatter(own[error], own["predictor"].map(place), s=26, color=colour, marker=marker, alpha=0.85, linewidth=0,
                   label=athlete if few else "athletes" if number == 0 else None, zorder=3)  # fmt: skip
    ax.plot([], [], color=INK, linewidth=2, label="mean over athletes")
    ax.set_yticks(range(len(means)), list(means.index))
    ax.set_ylim(len(means) - 0.4, -0.6)
    ax.set_xlim(0.0, 1.08 * float(known[error].max()))
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(label)
    ax.legend(fontsize=8, frameon=False, ncols=7, loc="lower right", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.1)
    return ax


def plot_finishes(data: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw actual over predicted finish times with the intervals in which they were expected, on logarithmic axes.

    Parameters
    ----------
    data : DataFrame
        Predictions of one predictor, from `lib.evaluation.backtest_tables.predictions_table`.
    ax : Axes, optional
        Where to draw; a new figure without it.
    """
    ax = new_axes(ax, 5.4)
    said, was, low, high = (data[name].to_numpy() / 3600.0 for name in ("predicted_s", "moving_s", "low_s", "high_s"))
    held = data["held"].to_numpy(bool)
    size, faint, width = (24, 0.75, 1.6) if len(data) <= 60 else (10, 0.3, 0.8)
    ax.vlines(said, low, high, color=GREY, linewidth=width, alpha=faint,
              label="80% interval, known before")  # fmt: skip
    for inside, colour, marker, word in ((held, BLUE, "o", "inside"), (~held, VERMILLION, "X", "outside")):
        share = f"{inside.sum()} of {len(data)} ({100 * inside.mean():.0f}%)"
        ax.scatter(said[inside], was[inside], s=size, color=colour, marker=marker, linewidth=0, alpha=0.9, zorder=3,
                   label=f"actual, {word}: {share}")  # fmt: skip
    ends = np.array([min(said.min(), low.min(), was.min()) / 1.06, max(said.max(), high.max(), was.max()) * 1.06])
    ax.plot(ends, ends, color=INK, linewidth=0.9, linestyle="--", label="as predicted")
    ax.set(xscale="log", yscale="log", xlim=ends, ylim=ends)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(FixedLocator([h for h in _HOURS if ends[0] <= h <= ends[1]]))
        axis.set_major_formatter(FuncFormatter(lambda hours, _: h_mm(3600.0 * hours)))
        axis.set_minor_locator(NullLocator())
        axis.set_minor_formatter(NullFormatter())
    ax.set_xlabel("predicted finish (h:mm of moving time)")
    ax.set_ylabel("actual finish (h:mm of moving time)")
    ax.legend(fontsize=8, frameon=False, loc="upper left")
    return ax

"""Plots of how fields of long races slow down, and of how far off plans are."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import TwoSlopeNorm
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from lib.athlete.pacing_law import SLOPES, PacingLaw
from lib.course.cost import running_cost
from lib.evaluation.races import EDITION, EVEN, MINETTI, OURS, PACEFORGE_LAW, THREE
from utils.plots.axes import BLUE, GREEN, GREY, INK, VERMILLION, key_above, new_axes

if TYPE_CHECKING:
    import pandas as pd

FINISH_H: Final = (0.0, 6.0, 12.0, 20.0, 30.0, np.inf)
"""Limits of the groups of finish times (h)."""
BAR_COLOURS: Final = {
    OURS: BLUE, EDITION: GREEN, THREE: "#56B4E9", PACEFORGE_LAW: VERMILLION, MINETTI: "#CC79A7", EVEN: GREY,
}  # fmt: skip
_TICKS_H: Final = (1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24, 30, 36, 48, 72)
_LEAST_SHARE: Final = 0.01
"""Hours with less of a group's running than this are not drawn."""
_MARKERS: Final = ("o", "s", "D", "^", "v")
_SHARES: Final = np.linspace(0.0, 1.0, 11)


def finish_label(low_h: float, high_h: float) -> str:
    """What a group of finish times is called."""
    if low_h == 0.0:
        return f"under {high_h:g} h"
    return f"{low_h:g} h and more" if np.isinf(high_h) else f"{low_h:g} to {high_h:g} h"


def plot_fading(data: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw how much slower than fresh finishers run as hours pass: points as seen, lines by the law.

    Parameters
    ----------
    data : DataFrame
        From `lib.evaluation.pacing_tables.legs_table`.
    ax : Axes, optional
        Where to draw; a new figure without it.
    """
    ax = new_axes(ax, 4.2)
    groups = list(pairwise(FINISH_H))
    colours = plt.get_cmap("viridis")(np.linspace(0.0, 0.85, len(groups)))
    for (low_h, high_h), colour, marker in zip(groups, colours, _MARKERS, strict=True):
        own = data[(data["finish_h"] >= low_h) & (data["finish_h"] < high_h)]
        if own.empty:
            continue
        width_h = 0.5 if high_h <= 6 else 1.0 if high_h <= 20 else 2.0
        binned = np.floor(own["moving_h"] / width_h)
        weighted = own[["moving_h", "seen", "law"]].mul(own["fresh_s"], axis=0).groupby(binned).sum()
        weight = own["fresh_s"].groupby(binned).sum()
        mean = weighted.div(weight, axis=0)[weight >= _LEAST_SHARE * weight.sum()]
        ax.plot(mean["moving_h"], mean["law"], color=colour, linewidth=1.6)
        ax.scatter(mean["moving_h"], mean["seen"], color=[colour], marker=marker, s=22, linewidth=0, zorder=3,
                   label=finish_label(low_h, high_h))  # fmt: skip
    ax.plot([], [], color=INK, linewidth=1.6, label="by the law")
    ax.set_xlim(left=0.0)
    ax.set_xlabel("moving time so far (h)")
    ax.set_ylabel("time per metre\n(1 is fresh, on the same slope)")
    key_above(ax)
    return ax


def plot_slope_factors(law: PacingLaw, hours: float = 10.0, *, ax: Axes | None = None) -> Axes:
    """Draw what slope does to the time per metre: by the law, fresh and after hours, and by the cost of running.

    Parameters
    ----------
    law : PacingLaw
    hours : float
        Moving hours after which it is drawn once more, at a base pace of 5 min/km.
    ax : Axes, optional
        Where to draw; a new figure without it.
    """
    ax = new_axes(ax, 3.4)
    slope = np.linspace(SLOPES[0], SLOPES[-1], 141)
    fresh = np.interp(slope, SLOPES, law.slope_factor)
    faded = law.fading * (hours / 10.0) ** law.fading_power * (1.0 + law.descent_fading * np.clip(-slope / 0.15, 0, 1))
    cost = running_cost(slope) / running_cost(np.zeros(1))[0]
    ax.plot(100 * slope, fresh, color=BLUE, linewidth=1.8, label="law, fresh")
    ax.plot(100 * slope, fresh * (1.0 + faded), color=VERMILLION, linewidth=1.8, label=f"law, after {hours:g} h")
    ax.plot(100 * slope, cost, color=GREY, linewidth=1.2, linestyle="--", label="energy cost (Minetti)")
    ax.set_xlabel("slope (%)")
    ax.set_ylabel("time per metre\n(1 is flat and fresh)")
    ax.set_ylim(bottom=0.0)
    key_above(ax)
    return ax


def plot_gaps(data: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the mean gap at checkpoints of each event as horizontal bars, one for each predictor, and their mean.

    Parameters
    ----------
    data : DataFrame
        Rows of `lib.evaluation.races.RaceRow` of one scheme; years of an event are averaged.
    ax : Axes, optional
        Where to draw; a new figure without it.
    """
    known = [name for name in BAR_COLOURS if (data["predictor"] == name).any()]
    gap = data.groupby(["event", "predictor"])["gap_min"].mean().unstack()[known]
    gap = gap.sort_values(OURS if OURS in known else known[0])
    everywhere = [name for name in known if gap[name].notna().all()]
    gap.loc["mean of events"] = gap[everywhere].mean()
    ax = new_axes(ax, 1.0 + len(gap) * (0.16 + 0.11 * len(known)))
    height = 0.84 / len(known)
    for number, name in enumerate(known):
        there = np.flatnonzero(gap[name].notna())
        at = there - 0.42 + height * (number + 0.5)
        bars = ax.barh(at, gap[name].iloc[there], height, color=BAR_COLOURS[name], label=name)
        ax.bar_label(bars, fmt="%.1f", fontsize=6.5, padding=2, color=INK)
    ax.set_yticks(range(len(gap)), list(gap.index))
    ax.set_ylim(len(gap) - 0.5, -0.5)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("mean gap at checkpoints (min)")
    key_above(ax)
    return ax


def plot_lateness(data: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw where plans are late: share of the course by finish time, mean gap as colour.

    Parameters
    ----------
    data : DataFrame
        From `lib.evaluation.pacing_tables.arrivals_table`; races count alike in each cell.
    ax : Axes, optional
        Where to draw; a new figure without it.
    """
    ax = new_axes(ax, 4.0)
    edges_h = np.geomspace(0.99 * data["finish_h"].min(), 1.01 * data["finish_h"].max(), 11)
    row = np.searchsorted(edges_h, data["finish_h"], side="right") - 1
    column = np.minimum(np.searchsorted(_SHARES, data["share"], side="right") - 1, _SHARES.size - 2)
    late = np.full((edges_h.size - 1, _SHARES.size - 1), np.nan)
    by_race = data["late_pct"].groupby([row, column, data["race"]]).mean()
    for (i, j), value in by_race.groupby(level=[0, 1]).mean().items():
        late[i, j] = value
    most = max(float(np.nanmax(np.abs(late))), 0.5)
    mesh = ax.pcolormesh(100 * _SHARES, edges_h, late, cmap="RdBu_r", norm=TwoSlopeNorm(0.0, -most, most))
    ax.grid(visible=False)
    ax.set_yscale("log")
    ax.yaxis.set_major_locator(FixedLocator([h for h in _TICKS_H if edges_h[0] <= h <= edges_h[-1]]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda hours, _: f"{hours:g}"))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.set_xlabel("share of the course (%)")
    ax.set_ylabel("finish (h)")
    bar = ax.figure.colorbar(mesh, ax=ax, pad=0.01)
    bar.set_label("plan later than finishers\n(% of the finish)")
    return ax


def plot_coverage(data: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw how many arrivals lie in their 80% interval, by share of the course: each event, and the mean of events.

    Parameters
    ----------
    data : DataFrame
        From `lib.evaluation.pacing_tables.arrivals_table`.
    ax : Axes, optional
        Where to draw; a new figure without it.
    """
    ax = new_axes(ax, 3.4)
    column = np.minimum(np.searchsorted(_SHARES, data["share"], side="right") - 1, _SHARES.size - 2)
    counted = (data["held_pct"] * data["n"]).groupby([data["event"], column]).sum()
    held = (counted / data["n"].groupby([data["event"], column]).sum()).unstack(level=0)
    middle = 50.0 * (_SHARES[held.index] + _SHARES[held.index + 1])
    for number, event in enumerate(held.columns):
        ax.plot(middle, held[event], color=GREY, linewidth=0.8, marker=".", alpha=0.7,
                label="events" if number == 0 else None)  # fmt: skip
    ax.plot(middle, held.mean(axis=1), color=BLUE, linewidth=2.2, label="mean of events")
    ax.axhline(80.0, color=INK, linewidth=0.9, linestyle="--", label="80%")
    ax.set(xlim=(0.0, 100.0), ylim=(0.0, 100.0))
    ax.set_xlabel("share of the course (%)")
    ax.set_ylabel("arrivals within the\n80% interval (%)")
    key_above(ax)
    return ax

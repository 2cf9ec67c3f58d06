"""Plots of what race results tell of the next race, and of which races are harder than they look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from lib.athlete.race_ratings import RaceRating
from lib.core.numeric import SCORE_80
from lib.evaluation.results import EFFECTS, EFFORT_KM, OURS, RIEGEL, UNKNOWN
from utils.plots.axes import BLUE, GREEN, GREY, INK, VERMILLION, key_above, new_axes

if TYPE_CHECKING:
    import pandas as pd

COLOURS: Final = {OURS: BLUE, UNKNOWN: "#56B4E9", EFFECTS: VERMILLION, EFFORT_KM: GREEN, RIEGEL: GREY}
_NAME: Final = 34


def plot_errors(rows: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the mean absolute error of each predictor, a group of bars for each file and kind of races.

    Parameters
    ----------
    rows : DataFrame
        Rows of `lib.evaluation.results.ResultRow`, of one scheme.
    ax : Axes, optional
        Where to draw; a new figure without it.
    """
    groups = list(dict.fromkeys(zip(rows["file"], rows["races"], strict=True)))
    ax = new_axes(ax, 1.0 + 1.1 * len(groups))
    names = [name for name in COLOURS if name in set(rows["predictor"])]
    height = 0.8 / len(names)
    for i, name in enumerate(names):
        own = rows[rows["predictor"] == name].set_index(["file", "races"])["mape"]
        values = [own.get(group, np.nan) for group in groups]
        places = np.arange(len(groups)) + (i - (len(names) - 1) / 2) * height
        ax.barh(places, values, height * 0.9, color=COLOURS[name], label=name)
        for place, value in zip(places, values, strict=True):
            ax.text(value + 0.15, place, f"{value:.1f}", va="center", fontsize=8, color=INK)
    ax.set_yticks(np.arange(len(groups)), [f"{file},\n{races} races" for file, races in groups])
    ax.invert_yaxis()
    ax.grid(axis="y", visible=False)
    ax.set_xlabel("mean absolute error of the race time (%)")
    key_above(ax)
    return ax


def plot_worth(groups: pd.DataFrame, by: str, label: str, *, ax: Axes | None = None) -> Axes:
    """Draw how large errors are, and how wide intervals, by what is known of a runner.

    Parameters
    ----------
    groups : DataFrame
        From `lib.evaluation.results_groups.groups_of`.
    by : str
        Which groups.
    label : str
        What they are called below the axis.
    ax : Axes, optional
        Where to draw; a new figure without it.
    """
    ax = new_axes(ax, 3.4)
    own = groups[groups["by"] == by]
    places = np.arange(len(own))
    ax.bar(places, own["half_width_pct"], 0.62, color="#dfe3e6", label="half of the 80% interval")
    ax.plot(places, own["mape"], "o-", color=BLUE, linewidth=1.6, label="mean absolute error")
    for place, value in zip(places, own["mape"], strict=True):
        ax.annotate(f"{value:.1f}", (place, value), (0, 6), textcoords="offset points", ha="center", fontsize=8)
    ax.set_xticks(places, [f"{group}\n({n:,})" for group, n in zip(own["group"], own["n"], strict=True)])
    ax.set_ylim(bottom=0.0)
    ax.set_xlabel(f"{label} (number of results predicted)")
    ax.set_ylabel("% of the race time")
    ax.grid(axis="x", visible=False)
    key_above(ax)
    return ax


def plot_ratings(ratings: Sequence[RaceRating], *, ax: Axes | None = None) -> Axes:
    """Draw how much longer races take than km and climb tell, with 80% intervals.

    Parameters
    ----------
    ratings : sequence of RaceRating
        In the order in which they are drawn, from above.
    ax : Axes, optional
        Where to draw; a new figure without it.
    """
    ax = new_axes(ax, 0.8 + 0.22 * len(ratings))
    places = np.arange(len(ratings))
    effect = np.array([rating.effect for rating in ratings])
    half = SCORE_80 * np.array([rating.sd for rating in ratings])
    centre = np.expm1(effect)
    reach = np.abs([np.expm1(effect - half) - centre, np.expm1(effect + half) - centre])
    colours = [VERMILLION if value > 0 else BLUE for value in effect]
    ax.errorbar(centre, places, xerr=reach, fmt="none", ecolor=GREY, elinewidth=1.2)
    ax.scatter(centre, places, c=colours, s=26, zorder=3)
    ax.axvline(0.0, color=INK, linewidth=0.8)
    ax.set_yticks(places, [f"{rating.name[:_NAME]}, {rating.km:.0f} km" for rating in ratings], fontsize=8)
    ax.invert_yaxis()
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.set_xlabel("longer than km and climb tell, with its 80% interval")
    return ax


def plot_found_again(races: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the effects of races that were fitted over the true ones.

    Parameters
    ----------
    races : DataFrame
        Columns ``effect`` (true), ``fitted`` and ``sd``.
    ax : Axes, optional
        Where to draw; a new figure without it.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(5.0, 5.0), dpi=150, layout="constrained")
    ax = new_axes(ax)
    true, fitted = races["effect"], races["fitted"]
    ends = [min(true.min(), fitted.min()) - 0.02, max(true.max(), fitted.max()) + 0.02]
    ax.plot(ends, ends, color=GREY, linewidth=1.0, label="found again exactly")
    ax.errorbar(
        true, fitted, yerr=SCORE_80 * races["sd"], fmt="o", color=BLUE, ecolor="#9cc3df", markersize=4,
        label="a race, with its 80% interval",
    )  # fmt: skip
    ax.set_aspect("equal")
    ax.set_xlabel("true effect (logarithm of the time)")
    ax.set_ylabel("fitted on the results")
    key_above(ax)
    return ax

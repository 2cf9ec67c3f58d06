"""Plots of the six defects of the original pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from lib.core import schema as c
from lib.evaluation.original.recipe import RELATIVE_TIME
from utils.plots.axes import BLUE, GREEN, GREY, INK, VERMILLION, key_above, new_axes, set_distance_axis
from utils.plots.curves import distance_km, smoothed, window_m

if TYPE_CHECKING:
    import pandas as pd

PURPLE: Final = "#CC79A7"
CYCLE: Final = (VERMILLION, BLUE, GREEN, PURPLE)
"""The first is the defect; all of Okabe & Ito 2008, as in `utils.plots.axes`."""
SHORT: Final = {
    c.DURATION: ("duration", "s per 5 m"),
    c.HEART_RATE: ("heart rate", "bpm"),
    c.CADENCE: ("cadence", "rpm"),
}


def _label(target: str, of: str = "") -> str:
    name, unit = SHORT[target]
    return f"{of}{name} ({unit})"


def plot_predictions(
    data: Mapping[str, pd.DataFrame],
    target: str = c.DURATION,
    *,
    expected: pd.DataFrame | None = None,
    until_km: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw predictions of one course above one another, smoothed.

    Parameters
    ----------
    data : mapping of DataFrame, T rows each
        Name of each prediction, the defect first; its targets and distance (m).
    target : str
        One of `columns.TARGETS`.
    expected : DataFrame, T rows, optional
        The best possible prediction, drawn behind.
    until_km : float, optional
        Show the course up to here (km).
    ax : Axes, optional
        Where to draw; a new figure without it.
    """
    ax = new_axes(ax)
    km = distance_km(next(iter(data.values())))
    shown = km <= (km[-1] if until_km is None else until_km)
    if expected is not None:
        ax.plot(km[shown], smoothed(expected[target])[shown], color=INK, linewidth=2.6, alpha=0.3,
                label="noise-free expectation")  # fmt: skip
    for (name, table), colour in zip(data.items(), CYCLE, strict=False):
        ax.plot(km[shown], smoothed(table[target])[shown], color=colour, linewidth=1.4, label=name)
    ax.yaxis.set_major_locator(MaxNLocator(6))
    ax.set_ylabel(f"{_label(target)}\n{window_m(len(km)):.0f} m mean")
    set_distance_axis(ax, km[shown])
    key_above(ax)
    return ax


def plot_differences(
    data: Mapping[str, pd.DataFrame], reference: pd.DataFrame, target: str = c.DURATION, *, ax: Axes | None = None
) -> Axes:
    """Draw how far predictions of a course are from a reference prediction, smoothed; the key says how far at most.

    Parameters
    ----------
    data : mapping of DataFrame, T rows each
        Name of each prediction.
    reference : DataFrame, T rows
        What they should equal.
    target : str
        One of `columns.TARGETS`.
    ax : Axes, optional
        Where to draw; a new figure without it.
    """
    ax = new_axes(ax)
    km = distance_km(reference)
    for (name, table), colour in zip(data.items(), CYCLE, strict=False):
        missed = (table[target] - reference[target]).abs().to_numpy()
        equal = not missed.any()
        most = "0 everywhere" if equal else f"up to {missed.max():.2f} {SHORT[target][1].split()[0]}"
        ax.plot(km, smoothed(missed), color=INK if equal else colour, linewidth=2.4 if equal else 1.3,
                label=f"{name}: {most}", zorder=4 if equal else 2)  # fmt: skip
    ax.set_ylim(bottom=-0.03 * ax.get_ylim()[1])
    ax.set_ylabel(f"difference from v1\n{_label(target)}\n{window_m(len(km)):.0f} m mean")
    set_distance_axis(ax, km)
    key_above(ax)
    return ax


def plot_relative_time(
    data: Mapping[str, pd.DataFrame], in_training: float, *, until_km: float = 6.0, ax: Axes | None = None
) -> Axes:
    """Draw the relative time that the network is told at each step of a course, on a logarithmic axis.

    Parameters
    ----------
    data : mapping of DataFrame, T rows each
        Name of each rollout, the defect first; from `lib.evaluation.original.rollout.rollout`.
    in_training : float
        Largest relative time that training saw (1).
    until_km : float
        Show the course up to here (km).
    ax : Axes, optional
        Where to draw; a new figure without it.
    """
    ax = new_axes(ax)
    km = distance_km(next(iter(data.values())))
    shown = km <= until_km
    ax.axhspan(-0.5, in_training, color=GREY, alpha=0.2, linewidth=0, label="seen in training")
    for (name, table), colour in zip(data.items(), CYCLE, strict=False):
        ax.plot(km[shown], table[RELATIVE_TIME].to_numpy()[shown], color=colour, linewidth=1.6, label=name)
    ax.set_yscale("symlog", linthresh=1.0)
    ax.set_ylim(-0.05, 400.0)
    ax.set_yticks([0.0, 0.5, 1.0, 10.0, 100.0], ["0", "0.5", "1", "10", "100"])
    ax.set_ylabel("relative time the network\nis told (1; linear below 1)")
    set_distance_axis(ax, km[shown])
    key_above(ax)
    return ax


def plot_elapsed(data: Mapping[str, pd.DataFrame], *, ax: Axes | None = None) -> Axes:
    """Draw elapsed time as the network is told it (min), dashed where it is not the time that it has itself predicted.

    Parameters
    ----------
    data : mapping of DataFrame, T rows each
        Name of each rollout, the defect first; from `lib.evaluation.original.rollout.rollout`.
    ax : Axes, optional
        Where to draw; a new figure without it.
    """
    ax = new_axes(ax)
    km = distance_km(next(iter(data.values())))
    for (name, table), colour in zip(data.items(), CYCLE, strict=False):
        told, own = table[c.ELAPSED].to_numpy() / 60.0, table[c.DURATION].cumsum().to_numpy() / 60.0
        honest = bool(np.abs(told - own).max() < 1.0)
        ax.plot(km, told, color=colour, linewidth=1.6, linestyle="-" if honest else "--", label=f"told, {name}")
        if not honest:
            ax.plot(km, own, color=colour, linewidth=6.5, alpha=0.35, label=f"predicted, {name}",
                    zorder=1.5)  # fmt: skip
            ax.annotate(f"{told[-1] - own[-1]:+.0f} min", (km[-1], (told[-1] + own[-1]) / 2), (-6, 0),
                        textcoords="offset points", ha="right", va="center", color=colour)  # fmt: skip
    ax.set_ylim(bottom=0.0)
    ax.set_ylabel("elapsed time (min)")
    set_distance_axis(ax, km)
    key_above(ax)
    return ax


def plot_told_and_own(data: Mapping[str, pd.DataFrame], *, ax: Axes | None = None) -> Axes:
    """Draw what the network is told of each session's pace before it starts, against what that pace then was.

    Parameters
    ----------
    data : mapping of DataFrame, a row for each session
        Name of each recipe, the defect first; ``told_s`` and ``own_s``, mean duration of a step (s).
    ax : Axes, optional
        Where to draw; a new figure without it.
    """
    ax = new_axes(ax, 3.6)
    for (name, table), colour, marker in zip(data.items(), CYCLE, "osD^", strict=False):
        fit = float(np.corrcoef(table["told_s"], table["own_s"])[0, 1])
        ax.scatter(table["own_s"], table["told_s"], s=24, color=colour, marker=marker, alpha=0.85, linewidth=0,
                   label=f"{name}: r = {fit:.2f}", zorder=3)  # fmt: skip
    values = np.concatenate([table[["told_s", "own_s"]].to_numpy().ravel() for table in data.values()])
    ends = [values.min() - 0.05, values.max() + 0.05]
    ax.plot(ends, ends, color=GREY, linewidth=1.0, linestyle="--")
    ax.set(xlim=ends, ylim=ends, aspect="equal")
    ax.set_xlabel("the session's own mean (s per 5 m)")
    ax.set_ylabel("told before it starts (s per 5 m)")
    ax.legend(fontsize=8, frameon=False, loc="upper left")
    return ax


def plot_errors(data: Mapping[str, pd.DataFrame], *, ax: Axes | None = None) -> Axes:
    """Draw errors of each target, mean over sessions, relative to the first; the errors themselves stand on the bars.

    Parameters
    ----------
    data : mapping of DataFrame, a row for each session
        Name of each way, the one that inference has first; from `lib.evaluation.original.rollout.teacher_errors`.
    ax : Axes, optional
        Where to draw; a new figure without it.
    """
    ax = new_axes(ax, 3.6)
    width, first = 0.8 / len(data), next(iter(data.values())).mean()
    for number, ((name, table), colour) in enumerate(zip(data.items(), (BLUE, VERMILLION, *CYCLE[2:]), strict=False)):
        means = table.mean()
        places = np.arange(len(c.TARGETS)) + (number - (len(data) - 1) / 2) * width
        heights = [means[target] / first[target] for target in c.TARGETS]
        bars = ax.bar(places, heights, width, color=colour, label=name)
        ax.bar_label(bars, [f"{means[t]:.2f} {SHORT[t][1].split()[0]}" for t in c.TARGETS], padding=2, fontsize=8)
    ax.set_xticks(range(len(c.TARGETS)), [SHORT[target][0] for target in c.TARGETS])
    ax.yaxis.set_major_formatter(PercentFormatter(1.0))
    ax.grid(visible=False, axis="x")
    ax.set_ylim(top=1.15 * ax.get_ylim()[1])
    ax.set_ylabel(f"mean absolute error\n(% of “{next(iter(data))}”)")
    key_above(ax)
    return ax


def plot_instructions(data: Mapping[str, Mapping[str, int]], *, ax: Axes | None = None) -> Axes:
    """Draw how many instructions of each kind files give to whoever reads them.

    Parameters
    ----------
    data : mapping of mapping
        For each file the number of ``imports``, ``calls`` and so on; from
        `lib.evaluation.original.rollout.pickle_instructions`.
    ax : Axes, optional
        Where to draw; a new figure without it.
    """
    ax = new_axes(ax, 2.2)
    kinds = list(dict.fromkeys(kind for counts in data.values() for kind in counts))
    height = 0.8 / len(kinds)
    for number, (kind, colour) in enumerate(zip(kinds, (VERMILLION, PURPLE, GREY), strict=False)):
        places = np.arange(len(data)) + (number - (len(kinds) - 1) / 2) * height
        counts = [data[name].get(kind, 0) for name in data]
        ax.bar_label(ax.barh(places, counts, height, color=colour, label=kind), padding=3, fontsize=8)
    ax.set_yticks(range(len(data)), list(data))
    ax.invert_yaxis()
    ax.set_xlim(right=1.12 * max(max(counts.values()) for counts in data.values()))
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("instructions to the reader (number)")
    key_above(ax)
    return ax

"""Plots of what the parts of a prediction are worth, what the network looks at, and what known runs bring."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from utils.plots.axes import BLUE, GREEN, INK, VERMILLION, new_axes


def plot_learning_curve(data: pd.DataFrame) -> Figure:
    """Draw the error of the finish, and the coverage of its interval, by known runs.

    Parameters
    ----------
    data : DataFrame
        From `lib.evaluation.ablation.learning_curve`.
    """
    figure, axes = plt.subplots(1, 2, figsize=(9.0, 3.2), dpi=150, layout="constrained")
    groups = np.arange(len(data))
    for ax, values, label, colour in (
        (axes[0], data["mape"], "mean error of the finish (%)", BLUE),
        (axes[1], 100.0 * data["coverage80"], "held by the 80% interval (%)", VERMILLION),
    ):
        new_axes(ax)
        ax.plot(groups, values, color=colour, marker="o", linewidth=1.6)
        ax.set_xticks(groups, [f"{first}+\n{n} runs" for first, n in zip(data.index, data["runs"], strict=True)])
        ax.set_xlabel("known runs of the athlete")
        ax.set_ylabel(label)
    axes[0].set_ylim(0.0, 1.08 * data["mape"].max())
    axes[1].axhline(80.0, color=INK, linewidth=0.8, linestyle="--")
    axes[1].set_ylim(0.0, 103.0)
    return figure


def plot_calibration(coverage: Mapping[int, float], *, ax: Axes | None = None) -> Axes:
    """Draw the share (%) that intervals held over the share that they are meant to hold."""
    ax = new_axes(ax, 3.4)
    meant = list(coverage)
    ax.plot([0, 100], [0, 100], color=INK, linewidth=0.8, linestyle="--", label="as meant")
    ax.plot(meant, [coverage[level] for level in meant], color=BLUE, marker="o", linewidth=1.6, label="measured")
    ax.set(xlim=(0, 100), ylim=(0, 100), xlabel="meant to hold (%)", ylabel="held (%)")
    ax.legend(fontsize=8, frameon=False)
    return ax


def plot_weights(weights: Mapping[str, pd.Series]) -> Figure:
    """Draw the mean selection weight of each variable, a panel for each part of the network."""
    figure, axes = plt.subplots(1, len(weights), figsize=(9.0, 4.2), dpi=150, layout="constrained")
    for ax, (part, series), colour in zip(np.atleast_1d(axes), weights.items(), (INK, BLUE, GREEN), strict=False):
        new_axes(ax)
        values = series.sort_values()
        ax.barh(np.arange(len(values)), 100.0 * values, color=colour)
        ax.set_yticks(np.arange(len(values)), list(values.index), fontsize=7)
        ax.grid(visible=False, axis="y")
        ax.set_title(part, fontsize=9, loc="left")
        ax.set_xlabel("weight (%)")
    return figure


def plot_attention(attention: pd.Series, row_m: float, *, ax: Axes | None = None) -> Axes:
    """Draw how much attention is paid to what lies some way back.

    Parameters
    ----------
    attention : Series
        From `lib.training.interpretation.interpretation`, by rows back.
    row_m : float
        Length of a row (m).
    """
    ax = new_axes(ax, 2.8)
    ax.plot(attention.index.to_numpy() * row_m / 1000.0, 100.0 * attention.to_numpy(), color=BLUE, linewidth=1.6)
    ax.set(xlabel="behind the runner (km)", ylabel="attention (%)", ylim=(0.0, None))
    return ax

"""Plots of what an athlete profile has learned: slopes, form, heart rate, past predictions."""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MultipleLocator

from lib.core.durations import m_ss
from lib.report.profile_card import ProfileCard
from utils.plots.axes import BLUE, GREY, VERMILLION, key_above, new_axes, set_pace_axis

_MONTH_DAYS: Final = 365.25 / 12.0


def plot_slope_paces(data: ProfileCard, *, ax: Axes | None = None) -> Axes:
    """Draw pace by slope, the athlete's and that of others who are as fast on the flat.

    Parameters
    ----------
    data : ProfileCard
        From `lib.report.profile_card.profile_card`.
    ax : Axes, optional
        Where to draw; a new figure without it.
    """
    ax = new_axes(ax)
    percent = 100.0 * data.slope
    ax.plot(percent, data.everybody_pace, color=GREY, linestyle="--", label="others of this pace on the flat")
    ax.plot(percent, data.slope_pace, color=BLUE, marker="o", markersize=3.5, label="this athlete")
    set_pace_axis(ax, np.concatenate([data.slope_pace, data.everybody_pace]))
    ax.set_xlabel("slope (%)")
    key_above(ax)
    return ax


def plot_form(data: ProfileCard, *, ax: Axes | None = None) -> Axes:
    """Draw how form moved: each remembered run's pace on the flat, and what 10 km on the flat would have taken.

    Parameters as for `plot_slope_paces`.
    """
    ax = new_axes(ax)
    ago = (data.day - data.day[-1]) / _MONTH_DAYS if data.day.size else data.day
    ax.plot(ago, data.flat_pace, ".", color=GREY, markersize=5, label="a run, at its worth on the flat")
    last = data.day[-1] if data.day.size else 0.0
    ax.plot((data.form_day - last) / _MONTH_DAYS, data.form_pace, color=BLUE, label="expected of 10 km on the flat")
    set_pace_axis(ax, np.concatenate([data.flat_pace, data.form_pace]))
    ax.set_xlabel("months before the last run")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda months, _: f"{abs(months):.0f}"))
    key_above(ax)
    return ax


def plot_heart_rate_by_pace(data: ProfileCard, *, ax: Axes | None = None) -> Axes:
    """Draw mean heart rate of each remembered run by its pace on the flat, recent runs darker.

    Parameters as for `plot_slope_paces`.
    """
    ax = new_axes(ax)
    known = np.isfinite(data.heart_rate_bpm)
    age = np.linspace(0.25, 1.0, int(known.sum()))
    colours = np.tile((0.835, 0.369, 0.0, 1.0), (age.size, 1))  # vermillion
    colours[:, 3] = age
    ax.scatter(data.flat_pace[known], data.heart_rate_bpm[known], s=16, c=colours)
    ax.invert_xaxis()
    ax.xaxis.set_major_formatter(FuncFormatter(lambda minutes, _: m_ss(60.0 * minutes)))
    ax.set_xlabel("pace, at its worth on the flat (min/km); faster is right")
    ax.set_ylabel("heart rate (bpm)")
    return ax


def plot_past_predictions(data: ProfileCard, *, ax: Axes | None = None) -> Axes:
    """Draw by how much each remembered run missed what the runs before it suggested; above 0 it took longer.

    Parameters as for `plot_slope_paces`.
    """
    ax = new_axes(ax)
    ago = (data.day - data.day[-1]) / _MONTH_DAYS if data.day.size else data.day
    percent = 100.0 * data.expected_error
    ax.axhline(0.0, color=GREY, linewidth=0.8)
    ax.vlines(ago, 0.0, percent, color=VERMILLION, linewidth=0.8, alpha=0.6)
    ax.plot(ago, percent, ".", color=VERMILLION, markersize=5)
    ax.set_xlabel("months before the last run")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda months, _: f"{abs(months):.0f}"))
    ax.set_ylabel("actual against expected (%)")
    if np.isfinite(percent).any():
        limit = max(1.2 * float(np.nanquantile(np.abs(percent), 0.99)), 5.0)
        ax.set_ylim(-limit, limit)
        ax.yaxis.set_major_locator(MultipleLocator(5.0 if limit < 20 else 10.0 if limit < 50 else 25.0))
    return ax

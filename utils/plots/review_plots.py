"""Plots of a plan beside the run: time lost along the course and in each kilometre, pace and heart rate of both."""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib.core import schema as c
from lib.core.durations import signed
from lib.plan.review import Review, mean_of, stretch_review
from lib.plan.splits import even_splits
from utils.plots.axes import (
    BLUE,
    GREY,
    INK,
    VERMILLION,
    bars_by_slope,
    drawn_steps,
    finish_stack,
    key_above,
    new_axes,
    set_distance_axis,
    set_gap_axis,
    stacked,
)
from utils.plots.course_plots import plot_prediction_against, plot_profile
from utils.plots.curves import lost_bounds_s, lost_to_even_s
from utils.plots.race_plots import station_marks

_BAND: Final = "#e6eef5"
_LABELS: Final = ("planned", "run")
_MOST_NAMED: Final = 35


def _places(review: Review) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of drawn places, 0 being the start, and distance of all of them (km), shape (n + 1,)."""
    km = np.arange(review.steps + 1) * c.STEP_M / 1000.0
    return np.append(0, drawn_steps(review.steps) + 1), km


def plot_lost(data: Review, *, ax: Axes | None = None) -> Axes:
    """Draw the time lost against the plan along the course, over the 80% interval of arrivals; up is lost.

    Parameters
    ----------
    data : Review
        Plan and run.
    ax : Axes, optional
        Where to draw; a new figure without it.
    """
    ax = new_axes(ax)
    at, km = _places(data)
    race, moving, low, high = (np.append(0.0, x) for x in (data.race_gap_s, data.gap_s, *data.band_s))
    ax.fill_between(km[at], low[at], high[at], color=_BAND, linewidth=0, label="80% interval of arrivals")
    ax.axhline(0.0, color=GREY, linewidth=1.0, linestyle="--", label="plan")
    ax.plot(km[at], race[at], color=INK, linewidth=1.6, label="race time")
    ax.plot(km[at], moving[at], color=BLUE, linewidth=1.2, linestyle=(0, (4, 1.5)), label="moving time alone")
    set_gap_axis(ax, *lost_bounds_s(data), "lost against the plan")
    set_distance_axis(ax, km, data.race.config.units)
    key_above(ax, "against the plan")
    return ax


def plot_shape(data: Review, *, ax: Axes | None = None) -> Axes:
    """Draw the time lost along the course once the plan is scaled to the run's own level; it begins and ends at 0.

    Parameters
    ----------
    data : Review
        Plan and run.
    ax : Axes, optional
        Where to draw; a new figure without it.
    """
    ax = new_axes(ax)
    at, km = _places(data)
    shape = np.append(0.0, np.cumsum(data.shape_s))
    even = lost_to_even_s(data)
    ax.axhline(0.0, color=GREY, linewidth=1.0, linestyle="--", label="plan at the level of the day")
    ax.plot(km[at], even[at], color=GREY, linewidth=1.0, linestyle=":", label="against an even pace")
    ax.fill_between(km[at], 0.0, shape[at], where=shape[at] > 0, color=VERMILLION, alpha=0.35, linewidth=0)
    ax.fill_between(km[at], 0.0, shape[at], where=shape[at] < 0, color=BLUE, alpha=0.35, linewidth=0)
    ax.plot(km[at], shape[at], color=INK, linewidth=1.4, label="run")
    both = np.concatenate([shape, even])
    set_gap_axis(ax, both.min(), both.max(), "behind it")
    set_distance_axis(ax, km, data.race.config.units)
    key_above(ax, "moving, at the level of the day")
    return ax


def plot_splits_lost(data: Review, *, ax: Axes | None = None) -> Axes:
    """Draw the time lost in each kilometre or mile as a bar, coloured by its net slope, and the level of the day.

    Parameters
    ----------
    data : Review
        Plan and run.
    ax : Axes, optional
        Where to draw; a new figure without it.
    """
    ax, units = new_axes(ax), data.race.config.units
    table = stretch_review(data, even_splits(data.race))
    width = table[c.DISTANCE] / 1000.0
    left, lost = np.cumsum(width) - width, table[c.LOST]
    net = (table[c.CLIMB] - table[c.DESCENT]) / table[c.DISTANCE]
    bars_by_slope(ax, left, lost, width, net)
    level = lost - table[c.LOST_AT_LEVEL]
    edges = np.append(0.0, np.cumsum(width))
    ax.axhline(0.0, color=INK, linewidth=0.8)
    if width.size:
        ax.stairs(level, edges, color=VERMILLION, linewidth=1.4, baseline=None, label="if only the level differed")
        key_above(ax, f"net slope of the {units.long_name}")
    bounds = np.concatenate([lost, level, [0.0]])
    # There is room for the numbers at the bars.
    set_gap_axis(ax, bounds.min(), bounds.max(), f"lost in the {units.long_name}, moving", 0.12)
    if width.size <= _MOST_NAMED:
        for x, wide, y in zip(left, width, lost, strict=True):
            if wide >= 0.35:
                ax.annotate(signed(y), (x + wide / 2, y), (0, 2 if y >= 0 else -2), textcoords="offset points",
                            ha="center", va="bottom" if y >= 0 else "top", fontsize=7,
                            rotation=90 if width.size > 2.2 * ax.figure.get_size_inches()[0] else 0,
                            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.75})  # fmt: skip
    ax.grid(visible=False, axis="x")
    set_distance_axis(ax, np.array([data.steps * c.STEP_M / 1000.0]), units)
    return ax


def both_steps(review: Review) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Return planned and actual values of the steps that were reached, n each."""
    names = (c.DISTANCE, c.DURATION, c.HEART_RATE, c.CADENCE)
    planned = {name: review.race.plan.columns[name][: review.steps] for name in names}
    measured = {name: review.actual.columns[name] for name in (c.DURATION, c.HEART_RATE, c.CADENCE)}
    return planned, {c.DISTANCE: planned[c.DISTANCE]} | measured


def review_figure(data: Review, width_in: float = 9.0, height_in: float | None = None) -> Figure:
    """Draw profile, time lost, shape, and both paces, heart rates and cadences above one another.

    Heart rate and cadence are drawn where they were measured for half of the time or more.

    Parameters
    ----------
    data : Review
        Plan and run.
    width_in : float
        Width (inches); from about 4.5, as on a phone.
    height_in : float, optional
        Height (inches); by default as much as the curves need.
    """
    measured = [name for name in (c.HEART_RATE, c.CADENCE) if mean_of(data, name) is not None]
    heights = (1.4, 1.5, 1.2, 1.5, *(1.1 for _ in measured))
    figure, axes = stacked(heights, (width_in, 1.85 * sum(heights) if height_in is None else height_in))
    marks = station_marks(data.race)
    reached = marks[c.DISTANCE] <= data.steps * c.STEP_M
    marks = {name: values[reached] for name, values in marks.items()}
    course = {name: data.race.course.columns[name][: data.steps] for name in (c.DISTANCE, c.ALTITUDE)}
    units = data.race.config.units
    plot_profile(course, waypoints=marks, units=units, ax=axes[0])
    plot_lost(data, ax=axes[1])
    plot_shape(data, ax=axes[2])
    planned, run = both_steps(data)
    for ax, name in zip(axes[3:], (c.DURATION, *measured), strict=True):
        plot_prediction_against(planned, run, name, labels=_LABELS, units=units, ax=ax)
    finish_stack(figure, axes, marks[c.DISTANCE])
    return figure

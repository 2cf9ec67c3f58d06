"""Plots of variants of a race over one another: pace, gap, chance of a finish, clock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import matplotlib.dates as mdates
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib.core import schema as c
from lib.core.durations import h_mm_ss
from lib.core.numeric import runs_of_true
from lib.plan.compare import Variant, gap_s
from lib.plan.race_plan import RacePlan
from lib.plan.splits import legs
from lib.race.sun import TWILIGHT_DEG, sun_elevation_deg
from utils.plots.axes import (
    BLUE,
    GREEN,
    GREY,
    INK,
    VERMILLION,
    drawn_steps,
    finish_stack,
    key_above,
    new_axes,
    set_distance_axis,
    set_gap_axis,
    set_pace_axis,
    set_unit,
    stacked,
)
from utils.plots.course_plots import plot_profile
from utils.plots.curves import chance_curves, distance_km, lines_of, smoothed_pace, window_text
from utils.plots.race_plots import set_chance_axes, station_marks

# Okabe & Ito 2008 again; the dashes tell them apart on a printer without colours.
LINES: Final = (
    (BLUE, "-"),
    (VERMILLION, (0, (6, 1.5))),
    (GREEN, (0, (3, 1.2))),
    ("#CC79A7", (0, (7, 1.5, 1.5, 1.5))),
    ("#E69F00", (0, (1.5, 1.2))),
    ("#56B4E9", (0, (9, 3))),
)
"""Colour and dashes of each variant, in their order."""
_NIGHT: Final = "#dfe3ea"
_LONGEST: Final = 24
"""Characters of a name beside an axis."""
_MOMENTS: Final = 400
"""Across the axes, at which it is asked whether it is dark."""


def _named(label: str) -> str:
    """A label that legends do not leave out, as they do where one begins with an underscore."""
    return f" {label}" if label.startswith("_") else label


def _lines(data: Sequence[Variant]) -> list[tuple[str, Variant, tuple[str, object]]]:
    """Label, variant, and colour and dashes of each line."""
    return [(_named(label), variant, LINES[place]) for label, place, variant in lines_of(data)]


def plot_paces(data: Sequence[Variant], *, ax: Axes | None = None) -> Axes:
    """Draw the pace of each variant along the course, moving; faster is up.

    Parameters
    ----------
    data : sequence of Variant
        From `lib.plan.compare.variants`.
    ax : Axes, optional
        Where to draw; a new figure without it.
    """
    ax, units = new_axes(ax), data[0].race.config.units
    km = distance_km(data[0].race.plan.columns)
    at = drawn_steps(len(km))
    paces = []
    for label, variant, (colour, dashes) in _lines(data):
        paces.append(units.pace_s(smoothed_pace(variant.race.plan.columns)))
        ax.plot(km[at], paces[-1][at], color=colour, linestyle=dashes, linewidth=1.2, label=label)
    set_pace_axis(ax, np.concatenate(paces), units)
    set_distance_axis(ax, km, units)
    key_above(ax, f"pace, {window_text(len(km), units)} means")
    return ax


def plot_gap(data: Sequence[Variant], *, ax: Axes | None = None) -> Axes:
    """Draw how much later each variant is than the first one, along the course; later is up.

    Race time, so that a gap leaps where only one of the two stops.

    Parameters
    ----------
    data : sequence of Variant
        From `lib.plan.compare.variants`.
    ax : Axes, optional
        Where to draw; a new figure without it.
    """
    ax = new_axes(ax)
    km = np.append(0.0, distance_km(data[0].race.plan.columns))
    at = np.append(0, drawn_steps(len(km) - 1) + 1)
    gaps = []
    for label, variant, (colour, dashes) in _lines(data):
        gaps.append(np.append(0.0, gap_s(variant, data[0])))
        ax.plot(km[at], gaps[-1][at], color=colour, linestyle=dashes, linewidth=1.5, label=label)
    low, high = min(g.min() for g in gaps), max(g.max() for g in gaps)
    first = data[0].label
    short = first if len(first) <= _LONGEST else f"{first[: _LONGEST - 1]}…"
    set_gap_axis(ax, low, high, f"later than {short}", 0.08)
    set_distance_axis(ax, km, data[0].race.config.units)
    key_above(ax, "gap in race time")
    return ax


def plot_chances(data: Sequence[Variant], *, goal_s: float | None = None, ax: Axes | None = None) -> Axes:
    """Draw each variant's chance of finishing within a race time; that of a goal is none, its finish is the goal.

    Parameters
    ----------
    data : sequence of Variant
        From `lib.plan.compare.variants`, one of them without a goal or more.
    goal_s : float, optional
        Race time to mark (s).
    ax : Axes, optional
        Where to draw; a new figure without it.
    """
    ax = new_axes(ax)
    lines = [line for line in _lines(data) if not line[1].race.to_a_goal]
    times, chances = chance_curves([variant.race for _, variant, _ in lines])
    for (label, _, (colour, dashes)), curve in zip(lines, chances, strict=True):
        ax.plot(times / 60, curve, color=colour, linestyle=dashes, linewidth=1.7, label=label)
    if goal_s is not None:
        ax.axvline(goal_s / 60, color=GREY, linewidth=1.0, linestyle=":", label=h_mm_ss(goal_s).removesuffix(":00"))
    set_chance_axes(ax, times)
    ax.set_ylabel("chance of finishing by then")
    key_above(ax, "chance of a finish")
    return ax


def plot_clocks(data: Sequence[Variant], *, ax: Axes | None = None) -> Axes:
    """Draw when each variant is where, on the clock; the dark is shaded and stations are marked.

    Parameters
    ----------
    data : sequence of Variant
        From `lib.plan.compare.variants`, with starts.
    ax : Axes, optional
        Where to draw; a new figure without it.
    """
    ax = new_axes(ax, 3.6)
    races = [variant.race for variant in data]
    begins = [race.start for race in races if race.start is not None]
    assert len(begins) == len(races)
    zone = begins[0].tzinfo
    km = np.append(0.0, distance_km(races[0].plan.columns))
    at = np.append(0, drawn_steps(len(km) - 1) + 1)
    ends = []
    for variant, begin, (colour, dashes) in zip(data, begins, LINES, strict=False):
        elapsed = np.append(0.0, variant.race.arrival_s)[at]
        clock = mdates.date2num(begin) + elapsed / 86_400.0
        ax.plot(clock, km[at], color=colour, linestyle=dashes, linewidth=1.6, label=_named(variant.label))
        ends.append(clock[-1])
    first, last = mdates.date2num(min(begins)), max(ends)
    margin = 0.03 * (last - first)
    ax.set_xlim(first - margin, last + margin)
    _shade_nights(ax, races[0])
    ax.xaxis.axis_date(tz=zone)
    locator = mdates.AutoDateLocator(tz=zone, minticks=4, maxticks=9)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(mdates.DateFormatter("%H:%M" if last - first < 0.9 else "%a %H:%M", tz=zone))
    ax.set_ylim(0.0, km[-1])
    units = races[0].config.units
    set_unit(ax.yaxis, units.long_m / 1000.0, 9)
    ax.set_ylabel(f"distance ({units.long})")
    ax.set_xlabel(f"clock ({begins[0].tzname()}, {begins[0]:%Y-%m-%d})")
    table = legs(races[0])
    for name, metres in zip(table[c.WAYPOINT][:-1], table[c.END][:-1].tolist(), strict=True):
        ax.axhline(metres / 1000.0, color=INK, linewidth=0.6, linestyle=(0, (3, 2)), alpha=0.6)
        ax.annotate(str(name), (1.0, metres / 1000.0), (-2, 2), xycoords=("axes fraction", "data"), fontsize=7.5,
                    textcoords="offset points", ha="right", va="bottom", parse_math=False)  # fmt: skip
    key_above(ax, "when and where")
    return ax


def _shade_nights(ax: Axes, race: RacePlan) -> None:
    """Shade the axes where it is dark (beyond civil twilight) at the start's place."""
    lat, lon = (float(race.course.columns[name][0]) for name in (c.LATITUDE, c.LONGITUDE))
    edges = np.linspace(*ax.get_xlim(), _MOMENTS + 1)
    middles = mdates.num2date((edges[1:] + edges[:-1]) / 2)
    dark = np.array([sun_elevation_deg(lat, lon, moment) < TWILIGHT_DEG for moment in middles])
    for i, (first, last) in enumerate(runs_of_true(dark)):
        ax.axvspan(edges[first], edges[last], color=_NIGHT, zorder=0, linewidth=0, label="_" if i else "dark")


def compare_figure(data: Sequence[Variant], width_in: float = 9.0, height_in: float = 8.4) -> Figure:
    """Draw the profile, the paces of all variants and their gaps above one another, along one distance axis.

    Parameters
    ----------
    data : sequence of Variant
        From `lib.plan.compare.variants`.
    width_in, height_in : float
        Size (inches); from about 4.5 wide, as on a phone.
    """
    marks = station_marks(data[0].race)
    figure, axes = stacked((1.4, 1.5, 1.5), (width_in, height_in))
    units = data[0].race.config.units
    plot_profile(data[0].race.course.columns, waypoints=marks, units=units, ax=axes[0])
    plot_paces(data, ax=axes[1])
    plot_gap(data, ax=axes[2])
    finish_stack(figure, axes, marks[c.DISTANCE])
    return figure

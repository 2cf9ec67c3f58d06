"""Plots of a race plan: curves along the course, a map without tiles, chances of a finish."""

from __future__ import annotations

from typing import Final

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from lib.core import schema as c
from lib.core.durations import h_mm
from lib.core.geodesy import plane_m
from lib.core.units import Units
from lib.plan.race_plan import RacePlan
from lib.plan.splits import legs
from lib.report.chances import finish_chances, round_times_s
from lib.report.notes import percent
from utils.plots.axes import (
    BLUE,
    GREY,
    INK,
    MOST_POINTS,
    SLOPES,
    VERMILLION,
    drawn_steps,
    finish_stack,
    new_axes,
    slope_class,
    stacked,
)
from utils.plots.course_plots import plot_cadence, plot_heart_rate, plot_pace, plot_profile
from utils.plots.curves import chance_curves

_ROUND_M: Final = (50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)
_ROUND_FAR: Final = (1, 2, 5, 10, 20, 50, 100)
_ARROWS: Final = 7
_MAP_IN: Final = 5.0
_LETTER_WIDTH, _NAME_HEIGHT = 0.014, 0.05
"""Of names, as shares of the map."""


def plot_map(data: RacePlan, *, ax: Axes | None = None) -> Axes:
    """Draw the shape of a course, north up: coloured by slope, with its direction, kilometres and aid stations.

    Parameters
    ----------
    data : RacePlan
        What to draw.
    ax : Axes, optional
        Where to draw; a new figure without it.
    """
    columns = data.course.columns
    places = plane_m(columns[c.LATITUDE], columns[c.LONGITUDE])
    if ax is None:
        wide, tall = np.maximum(np.ptp(places, axis=0), 1.0)
        height_in = _MAP_IN * np.clip(1.05 * tall / wide, 0.5, 1.0)
        _, ax = plt.subplots(figsize=(_MAP_IN, height_in), dpi=150, layout="constrained")
    at = drawn_steps(len(places))
    ax.plot(*places[at].T, color=INK, linewidth=4.2, solid_capstyle="round", zorder=1)
    slope = columns[c.SLOPE_500M if len(places) > MOST_POINTS else c.SLOPE_100M][at]
    for low, high, colour, label in SLOPES:
        inside = slope_class(slope, low, high)
        inside[1:] |= inside[:-1]  # up to the next point: no gaps between classes
        parts = np.split(at, np.flatnonzero(np.diff(inside)) + 1)
        lines = [places[part] for part in parts[0 if inside[0] else 1 :: 2] if part.size > 1]
        ax.add_collection(LineCollection(lines, colors=colour, linewidths=2.6, capstyle="round", label=label, zorder=2))
    _directions(ax, places)
    named = _places(ax, data, places)
    _far_marks(ax, places, named, data.config.units)
    ax.set_aspect("equal")
    ax.margins(0.08)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_visible(False)
    _make_room(ax)
    _scale(ax, places, data.config.units)
    return ax


def _make_room(ax: Axes) -> None:
    """Widen the limits until the names lie within them."""
    for text in ax.texts:
        text.set_in_layout(False)
    for _ in range(3):  # on a wider map names are wider too
        ax.figure.draw_without_rendering()
        corners = np.concatenate([text.get_window_extent().get_points() for text in ax.texts])
        inside = ax.transData.inverted().transform(corners)
        for limits, set_limits, at in ((ax.get_xlim(), ax.set_xlim, 0), (ax.get_ylim(), ax.set_ylim, 1)):
            set_limits(min(limits[0], inside[:, at].min()), max(limits[1], inside[:, at].max()))


def _directions(ax: Axes, places: np.ndarray) -> None:
    """Arrows along the way."""
    for step in np.linspace(0, len(places) - 1, _ARROWS + 2).astype(int)[1:-1]:
        ahead = min(step + 10, len(places) - 1)
        if np.any(places[ahead] != places[step]):
            ax.annotate("", places[ahead], places[step], zorder=4,
                        arrowprops={"arrowstyle": "-|>", "color": INK, "lw": 0, "mutation_scale": 13})  # fmt: skip


def _far_marks(ax: Axes, places: np.ndarray, named: list[np.ndarray], units: Units) -> None:
    """Every so many kilometres or miles a mark with its number, a dozen at most, and none where a name stands."""
    span = _span_m(places)
    far = len(places) * c.STEP_M / units.long_m
    every = next((x for x in _ROUND_FAR if far / x <= 12), 200)
    for mark in range(every, int(far) + 1, every):
        x, y = places[min(round(mark * units.long_m / c.STEP_M), len(places)) - 1]
        if any(np.hypot(x - other[0], y - other[1]) < 0.05 * span for other in named):
            continue
        ax.plot(x, y, "o", color="white", markeredgecolor=INK, markersize=4.0, markeredgewidth=0.9, zorder=5)
        ax.annotate(str(mark), (x, y), (4, 4), textcoords="offset points", fontsize=6.5, color=INK, zorder=5,
                    path_effects=[withStroke(linewidth=2.0, foreground="white")])  # fmt: skip


def _span_m(places: np.ndarray) -> float:
    return float(np.ptp(places, axis=0).max()) or 1.0


def _places(ax: Axes, race: RacePlan, places: np.ndarray) -> list[np.ndarray]:
    """Draw start, finish and aid stations by name; return where all of them are."""
    span = _span_m(places)
    loop = np.hypot(*(places[-1] - places[0])) < max(100.0, 0.05 * span)
    named = {len(places) - 1: "" if loop else "finish", 0: "start, finish" if loop else "start"}
    for station in race.config.stations:
        step = max(station.last_step(race.course.steps), 0)
        if 20 <= step < len(places) - 20:
            named.setdefault(step, station.name if len(station.name) <= 18 else f"{station.name[:17]}…")
    middle = (places.min(axis=0) + places.max(axis=0)) / 2
    drawn: list[np.ndarray] = []
    for step, name in sorted(named.items()):
        end = step in (0, len(places) - 1)
        place = places[step]
        ax.plot(*place, "s" if end else "D", color=VERMILLION if end else BLUE, markersize=6 if end else 5,
                markeredgecolor="white", zorder=6)  # fmt: skip
        room = span * np.array([max(_NAME_HEIGHT, _LETTER_WIDTH * len(name)), _NAME_HEIGHT])
        if name and all((np.abs(place - other) > room).any() for other in drawn):
            right = place[0] >= middle[0]
            ax.annotate(name, place, (7 if right else -7, 3), textcoords="offset points", fontsize=8,
                        ha="left" if right else "right", zorder=7, parse_math=False,
                        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.75})  # fmt: skip
            drawn.append(place)
    return [places[step] for step in named]


def _scale(ax: Axes, places: np.ndarray, units: Units) -> None:
    """A bar of round length, and north."""
    room = 0.3 * _span_m(places)
    text, length = max(
        ((f"{x / 1000:g} {units.long}", x * units.long_m / 1000) for x in _ROUND_M if x * units.long_m / 1000 <= room),
        key=lambda bar: bar[1], default=("", 0.0),
    )  # fmt: skip
    if length < units.long_m:
        high = max((x for x in _ROUND_M if x * units.high_m <= room), default=_ROUND_M[0])
        text, length = f"{high} {units.high}", high * units.high_m
    low, high = np.array([ax.get_xlim(), ax.get_ylim()]).T
    x, y = low + 0.02 * (high - low)
    ax.plot([x, x + length], [y, y], color=INK, linewidth=2.0, solid_capstyle="butt", zorder=3)
    ax.annotate(text, (x + length / 2, y), (0, 3),
                textcoords="offset points", ha="center", fontsize=7.5)  # fmt: skip
    ax.annotate("N", xy=(0.02, 0.99), xytext=(0.02, 0.90), xycoords="axes fraction", ha="center", va="center",
                fontsize=8, arrowprops={"arrowstyle": "-|>", "color": INK, "lw": 1.0})  # fmt: skip


def set_chance_axes(ax: Axes, times: np.ndarray) -> None:
    """From the first to the last race time (s), in hours and minutes; chances from none to sure."""
    ax.set_xlim(times[0] / 60, times[-1] / 60)
    ax.set_ylim(0.0, 1.0)
    ax.set_xticks([s / 60 for s in round_times_s(times[0], times[-1], 8)])
    ax.xaxis.set_major_formatter(FuncFormatter(lambda minutes, _: h_mm(minutes * 60)))
    ax.yaxis.set_major_formatter(PercentFormatter(1.0))
    ax.yaxis.set_major_locator(MaxNLocator(5))
    ax.set_xlabel("race time (h:mm)")


def plot_chance(data: RacePlan, *, ax: Axes | None = None) -> Axes:
    """Draw the chance of finishing within a race time, with the 80% interval shaded and round times named.

    Parameters
    ----------
    data : RacePlan
        What to draw.
    ax : Axes, optional
        Where to draw; a new figure without it.
    """
    ax = new_axes(ax, 2.6)
    low_s, high_s = data.finish_interval_s
    times, (chances,) = chance_curves([data])
    ax.axvspan(low_s / 60, high_s / 60, color="#e6eef5", zorder=0, label="80% interval")
    ax.plot(times / 60, chances, color=BLUE, linewidth=1.8, label="chance of finishing by then")
    ax.axvline(data.finish_s / 60, color=GREY, linewidth=1.0, linestyle="--", label="this plan")
    for seconds, chance in finish_chances(data, 5):
        if 0.02 < chance < 0.98:
            ax.plot(seconds / 60, chance, "o", color=BLUE, markersize=4)
            low = chance < 0.12  # there is room above the curve, not under it
            ax.annotate(f"under {h_mm(seconds)}: {percent(chance)}", (seconds / 60, chance),
                        (0, 5) if low else (6, -3), textcoords="offset points", fontsize=8,
                        ha="center" if low else "left", va="bottom" if low else "top")  # fmt: skip
    if data.goal is not None:
        ax.axvline(data.goal.race_s / 60, color=VERMILLION, linewidth=1.2, label="goal time")
    set_chance_axes(ax, times)
    ax.set_ylabel("chance")
    ax.legend(fontsize=8, frameon=False, loc="upper left")
    return ax


def station_marks(race: RacePlan) -> dict[str, np.ndarray]:
    """Return name and distance (m) of the aid stations between start and finish, as `plot_profile` marks them."""
    table = legs(race)
    inside = table[c.END] < race.course.steps * c.STEP_M
    return {c.WAYPOINT: table[c.WAYPOINT][inside], c.DISTANCE: table[c.END][inside]}


def race_figure(race: RacePlan, width_in: float = 9.0, height_in: float = 9.6) -> Figure:
    """Draw profile, pace, heart rate and cadence above one another, along one distance axis, with the aid stations.

    Parameters
    ----------
    race : RacePlan
        What to draw.
    width_in, height_in : float
        Size (inches); from about 4.5 wide, as on a phone.
    """
    marks = station_marks(race)
    figure, axes = stacked((1.7, 1.4, 1.0, 1.0), (width_in, height_in))
    units = race.config.units
    plot_profile(race.course.columns, waypoints=marks, units=units, ax=axes[0])
    for plot, ax in zip((plot_pace, plot_heart_rate, plot_cadence), axes[1:], strict=True):
        plot(race.plan.as_measured, units=units, ax=ax)
    finish_stack(figure, axes, marks[c.DISTANCE])
    if race.plan.done:
        for ax in axes:
            ax.axvspan(0.0, race.plan.done * c.STEP_M / 1000.0, color=INK, alpha=0.07, linewidth=0)
    return figure

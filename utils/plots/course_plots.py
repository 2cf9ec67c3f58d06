"""Plots along a course: profile, pace, heart rate, cadence, splits; and the losses of a training run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from lib.core import schema as c
from lib.core.durations import m_ss
from lib.core.units import METRIC, Units
from utils.plots.axes import (
    BLUE,
    COLOURS,
    GREY,
    INK,
    SLOPES,
    VERMILLION,
    bars_by_slope,
    drawn_steps,
    key_above,
    new_axes,
    set_distance_axis,
    set_pace_axis,
    set_unit,
    slope_class,
)
from utils.plots.curves import distance_km, smoothed, smoothed_pace, spm, window_m, window_text

_MAX_LABELLED_SPLITS: Final = 35
LABELS: Final = {c.HEART_RATE: "heart rate (bpm)", c.CADENCE: "cadence (spm)"}


def plot_profile(
    data: c.Columns, *, waypoints: c.Columns | None = None, units: Units = METRIC, ax: Axes | None = None
) -> Axes:
    """Draw the altitude along a course, shaded by its slope over twice the length of the moving means.

    Parameters
    ----------
    data : Columns, T rows
        From `lib.course.terrain_features.course_table`: distance (m), altitude (m).
    waypoints : Columns, optional
        Name and distance (m) of places to mark.
    units : Units
        How lengths are shown.
    ax : Axes, optional
        Where to draw; a new figure without it.
    """
    ax = new_axes(ax)
    km, altitude = distance_km(data), np.asarray(data[c.ALTITUDE], np.float64)
    half = round(window_m(km.size) / c.STEP_M)
    index = np.arange(km.size)
    before, after = np.maximum(index - half, 0), np.minimum(index + half, index[-1])
    slope = (altitude[after] - altitude[before]) / (np.maximum(after - before, 1) * c.STEP_M)
    at = drawn_steps(km.size)
    km, altitude, slope = km[at], altitude[at], slope[at]
    span = max(float(np.ptp(altitude)), 40.0)
    bottom = altitude.min() - 0.08 * span
    for low, high, colour, label in SLOPES:
        inside = slope_class(slope, low, high)
        inside[:-1] |= inside[1:]  # up to the next step: no gaps between classes
        if inside.any():
            ax.fill_between(km, bottom, altitude, where=inside, color=colour, linewidth=0, label=label)
    ax.plot(km, altitude, color=INK, linewidth=1.1)
    marked = waypoints is not None and len(waypoints[c.WAYPOINT]) > 0
    top = altitude.min() + span * (1.2 if marked else 1.08)
    if marked:
        _mark(ax, waypoints, float(km[-1]), bottom, altitude.min() + span * 1.09)
    ax.set_ylim(bottom, top)
    set_unit(ax.yaxis, units.high_m, 5)
    ax.set_ylabel(f"altitude ({units.high})")
    set_distance_axis(ax, km, units)
    key_above(ax, f"slope over {units.height(2 * half * c.STEP_M)} {units.high}")
    return ax


def _mark(ax: Axes, waypoints: c.Columns, length_km: float, bottom: float, top: float) -> None:
    """Waypoints as dashed lines, with their names where there is room."""
    last_km = end_km = -np.inf
    letter_km = 4.9 * length_km / (72.0 * ax.get_window_extent().width / ax.figure.dpi)
    for name, metres in zip(waypoints[c.WAYPOINT], waypoints[c.DISTANCE], strict=True):
        km = float(metres) / 1000.0
        ax.plot([km, km], [bottom, top], color=INK, linewidth=0.7, linestyle=(0, (3, 2)))
        short = name if len(name) <= 16 else f"{name[:15]}…"
        wide_km = (len(short) + 2) * letter_km
        side = "left" if km < wide_km / 2 else "right" if km > length_km - wide_km / 2 else "center"
        begin_km = km - wide_km * {"left": 0.0, "center": 0.5, "right": 1.0}[side]
        if km - last_km >= 0.045 * length_km and begin_km >= end_km:
            short = {"left": f" {short}", "right": f"{short} "}.get(side, short)
            ax.text(km, top, short, fontsize=8, ha=side, va="bottom", parse_math=False)
            last_km, end_km = km, begin_km + wide_km


def plot_pace(data: c.Columns, *, units: Units = METRIC, ax: Axes | None = None) -> Axes:
    """Draw the pace along a course, faster is up.

    Parameters
    ----------
    data : Columns, T rows
        Duration of each 5 m (s); distance (m) where known.
    units : Units
        How lengths are shown.
    ax : Axes, optional
        Where to draw; a new figure without it.
    """
    ax = new_axes(ax)
    km, pace = distance_km(data), units.pace_s(smoothed_pace(data))
    mean = float(np.mean(data[c.DURATION])) / 60.0 * (units.long_m / c.STEP_M)
    at = drawn_steps(km.size)
    ax.plot(km[at], pace[at], color=BLUE, linewidth=1.3, label=f"{window_text(km.size, units)} mean")
    ax.axhline(mean, color=GREY, linewidth=1.0, linestyle="--", label=f"whole course {m_ss(60.0 * mean)}")
    set_pace_axis(ax, pace, units)
    set_distance_axis(ax, km, units)
    key_above(ax)
    return ax


def shown(data: c.Columns, name: str) -> np.ndarray:
    """Heart rate (bpm) or cadence as it is drawn: in steps of both feet per minute."""
    return spm(data[name]) if name == c.CADENCE else np.asarray(data[name], np.float64)


def _plot_level(data: c.Columns, name: str, least: float, units: Units, ax: Axes | None) -> Axes:
    ax = new_axes(ax)
    km, each = distance_km(data), shown(data, name)
    values, known = smoothed(each), np.isfinite(each)
    ax.set_ylabel(LABELS[name])
    set_distance_axis(ax, km, units)
    if not known.any():
        ax.annotate("not measured", (0.5, 0.5), xycoords="axes fraction", ha="center", va="center", color=GREY)
        return ax
    mean = float(np.average(each[known], weights=np.asarray(data[c.DURATION])[known]))
    at = drawn_steps(km.size)
    ax.plot(km[at], values[at], color=COLOURS[name], linewidth=1.3, label=f"{window_text(km.size, units)} mean")
    of = "whole course" if known.all() else "mean where known"
    ax.axhline(mean, color=GREY, linewidth=1.0, linestyle="--", label=f"{of} {mean:.0f}")
    middle, half = (np.nanmax(values) + np.nanmin(values)) / 2, max(float(np.ptp(values[known])), least) / 2 * 1.1
    ax.set_ylim(middle - half, middle + half)
    ax.yaxis.set_major_locator(MaxNLocator(5))
    key_above(ax)
    return ax


def plot_heart_rate(data: c.Columns, *, units: Units = METRIC, ax: Axes | None = None) -> Axes:
    """Draw the heart rate along a course (bpm); `data` as for `plot_pace`. The axis spans 10 bpm or more."""
    return _plot_level(data, c.HEART_RATE, 10.0, units, ax)


def plot_cadence(data: c.Columns, *, units: Units = METRIC, ax: Axes | None = None) -> Axes:
    """Draw the cadence along a course (spm, steps of both feet per minute); `data` as for `plot_pace`."""
    return _plot_level(data, c.CADENCE, 12.0, units, ax)


def plot_splits(data: c.Columns, *, units: Units = METRIC, ax: Axes | None = None) -> Axes:
    """Draw the pace of each kilometre or mile as a bar; a bar is as wide as its distance, so its area is its time.

    Parameters
    ----------
    data : Columns
        From `lib.plan.splits.even_splits`.
    units : Units
        How lengths are shown.
    ax : Axes, optional
        Where to draw; a new figure without it.
    """
    ax = new_axes(ax)
    width = data[c.DISTANCE] / 1000.0
    left, pace = np.cumsum(width) - width, units.pace_s(data[c.PACE])
    net = (data[c.CLIMB] - data[c.DESCENT]) / data[c.DISTANCE]
    bars_by_slope(ax, left, pace, width, net)
    mean = float((pace * width).sum() / width.sum())
    ax.axhline(mean, color=GREY, linewidth=1.0, linestyle="--", label=f"whole course {m_ss(60.0 * mean)}")
    if width.size <= _MAX_LABELLED_SPLITS:
        upright = width.size > 20
        for x, wide, y in zip(left, width, pace, strict=True):
            if wide >= 0.35:
                ax.annotate(m_ss(60.0 * y), (x + wide / 2, y), (0, 2), textcoords="offset points", ha="center",
                            va="bottom", fontsize=7.5, rotation=90 if upright else 0,
                            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85})  # fmt: skip
    ax.set_ylim(0.0, pace.max() * (1.22 if 20 < width.size <= _MAX_LABELLED_SPLITS else 1.12))
    ax.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda minutes, _: m_ss(60.0 * minutes)))
    ax.set_ylabel(f"pace ({units.pace})")
    ax.grid(visible=False, axis="x")
    set_distance_axis(ax, np.cumsum(width), units)
    key_above(ax, f"net slope of the {units.long_name}")
    return ax


def plot_prediction_against(
    predicted: c.Columns,
    expected: c.Columns,
    target: str = c.DURATION,
    *,
    labels: tuple[str, str] = ("prediction", "noise-free expectation"),
    units: Units = METRIC,
    ax: Axes | None = None,
) -> Axes:
    """Draw a prediction over what is to be expected, both smoothed.

    Parameters
    ----------
    predicted, expected : Columns, T rows each
        `target` of each 5 m.
    target : str
        One of `columns.TARGETS`; duration is drawn as pace.
    labels : pair of str
        Names of the two.
    units : Units
        How lengths are shown.
    ax : Axes, optional
        Where to draw; a new figure without it.
    """
    ax = new_axes(ax)
    pace = target == c.DURATION
    ours, theirs = (
        units.pace_s(smoothed_pace(data)) if pace else smoothed(shown(data, target)) for data in (predicted, expected)
    )
    km = distance_km(predicted)
    ax.plot(km, theirs, color=INK, linewidth=2.2, alpha=0.45, label=labels[1])
    ax.plot(km, ours, color=COLOURS[target], linewidth=1.2, label=f"{labels[0]} ({window_text(km.size, units)} means)")
    if pace:
        set_pace_axis(ax, np.concatenate([ours, theirs]), units)
    else:
        ax.set_ylabel(LABELS[target])
    set_distance_axis(ax, km, units)
    key_above(ax)
    return ax


def plot_losses(data: Sequence[Mapping[str, float]], *, ax: Axes | None = None) -> Axes:
    """Draw losses: rows of ``epoch``, ``step``, ``val_loss``, ``train_loss…``, as in the manifest of a training."""
    ax = new_axes(ax)
    steps = [row["step"] for row in data]
    names = {"train_loss_epoch": "training, mean of the epoch", "val_loss": "held-back sessions, cold start"}
    for name in dict.fromkeys(name for row in data for name in row if name.startswith("train_loss")):
        faint = name != "train_loss_epoch"
        label, values = names.get(name, "training, latest batch"), [row.get(name, np.nan) for row in data]
        ax.plot(steps, values, color=GREY if faint else BLUE, linewidth=0.9 if faint else 1.5,
                linestyle=":" if faint else "-", marker="" if faint else "o", markersize=3, label=label)  # fmt: skip
    held_back = np.array([row.get("val_loss", np.nan) for row in data], dtype=np.float64)
    if np.isfinite(held_back).any():
        ax.plot(steps, held_back, color=VERMILLION, marker="s", markersize=3, label=names["val_loss"])
        best = int(np.nanargmin(held_back))
        ax.plot([steps[best]], [held_back[best]], marker="*", markersize=12, color=VERMILLION, linestyle="",
                label=f"best: {held_back[best]:.3f} after epoch {int(data[best]['epoch']) + 1}")  # fmt: skip
    if len(data) <= 12:
        ax.xaxis.set_major_locator(FixedLocator(steps))
    ax.set_xlabel("training steps (batches)")
    ax.set_ylabel("loss (1)")
    ax.legend(fontsize=8, frameon=False)
    return ax

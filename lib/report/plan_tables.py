"""In: a plan. Out: what a reader sees of it: durations and paces as watches show them, lines and tables."""

from __future__ import annotations

import numpy as np

from lib.core import schema as c
from lib.plan.moving_plan import Plan
from lib.plan.splits import descent_m, kilometre_splits, waypoint_times

Text = list[str]
"""A column for reading."""


def format_duration(seconds: float) -> str:
    """Write a duration as a watch does: ``"1:42:07"``."""
    assert np.isfinite(seconds) and seconds >= 0
    minutes, rest = divmod(int(np.floor(seconds + 0.5)), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


def format_pace(min_per_km: float) -> str:
    """Write a pace as runners do, in minutes and seconds: ``"6:31"``."""
    minutes, seconds = divmod(int(np.floor(min_per_km * 60.0 + 0.5)), 60)
    return f"{minutes}:{seconds:02d}"


def summary(plan: Plan) -> dict[str, str]:
    """Say the plan in a few lines, for the head of a report."""
    steps, finish_s = plan.columns, plan.finish_s
    km = plan.course.length_km
    mean = {name: float(np.average(steps[name], weights=steps[c.DURATION])) for name in (c.HEART_RATE, c.CADENCE)}
    return {
        "Course": plan.course.name,
        "Length": f"{km:.2f} km",
        "Climb and descent": f"{plan.course.climb_m:.0f} m up, {descent_m(plan).sum():.0f} m down",
        "Finish, moving time": format_duration(finish_s),
        "80% interval": " to ".join(format_duration(s) for s in plan.finish_interval_s),
        "Mean pace": f"{format_pace(finish_s / 60.0 / km)} min/km",
        "Mean heart rate": f"{mean[c.HEART_RATE]:.0f} bpm",
        "Mean cadence": f"{mean[c.CADENCE]:.0f} strides of one leg a minute",
        "For whom": trust(plan),
    }


def trust(plan: Plan) -> str:
    """Say for whom the plan is, and how far to trust it."""
    if plan.runs == 0:
        return (
            "nobody in particular, a typical runner of the training data. Trust where the time goes more than how much "
            "it is: your own level is unknown. The interval comes from how far these runners' runs were off; you may "
            "differ from all of them"
        )
    known = f"an athlete with {plan.runs} known run{'' if plan.runs == 1 else 's'}. "
    if plan.runs < 10:
        return known + "These are few: level and interval still lean on runners in general"
    return known + "Level, form and interval come from these, the latest weighing most"


def _whole(values: np.ndarray) -> Text:
    return [f"{value:.0f}" for value in values]


def splits_table(plan: Plan) -> dict[str, Text]:
    """`kilometre_splits` for reading; times are rounded so that the rows add up to the finish as it is shown."""
    splits = kilometre_splits(plan)
    elapsed_s = np.floor(splits[c.ELAPSED] + 0.5)
    end_km = np.cumsum(splits[c.DISTANCE]) / 1000.0
    return {
        "to km": [f"{km:.3f}".rstrip("0").rstrip(".") for km in end_km],
        "time": [format_duration(s) for s in np.diff(elapsed_s, prepend=0.0)],
        "elapsed": [format_duration(s) for s in elapsed_s],
        "pace (min/km)": [format_pace(p) for p in splits[c.PACE]],
        "climb (m)": _whole(splits[c.CLIMB]),
        "descent (m)": _whole(splits[c.DESCENT]),
        "heart rate (bpm)": _whole(splits[c.HEART_RATE]),
        "cadence (rpm)": _whole(splits[c.CADENCE]),
    }


def waypoint_table(plan: Plan) -> dict[str, Text]:
    """`waypoint_times` for reading."""
    times = waypoint_times(plan)
    return {
        "waypoint": [str(name) for name in times[c.WAYPOINT]],
        "km": [f"{m / 1000.0:.2f}" for m in times[c.DISTANCE]],
        "elapsed": [format_duration(s) for s in times[c.ELAPSED]],
        "80% interval": [
            f"{format_duration(low)} to {format_duration(high)}"
            for low, high in zip(times[c.LOW], times[c.HIGH], strict=True)
        ],
        "altitude (m)": _whole(times[c.ALTITUDE]),
        "off the course (m)": _whole(times[c.AWAY]),
    }

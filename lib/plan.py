"""In: a course and its per-step prediction. Out: the plan, with kilometre splits, waypoint times and a CSV."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lib import columns as c
from lib.athlete import reference
from lib.course import Course
from lib.errors import InputError
from lib.files import write_atomically
from lib.geodesy import haversine_m

if TYPE_CHECKING:
    from pytorch_forecasting import TemporalFusionTransformer

    from lib.normalizers import Bundle

_NORMAL_QUANTILE: Final = 1.2816
"""90% quantile of the standard normal distribution: ± this holds 80% of it."""
_TICKS_PER_S: Final = 1024
"""Durations are rounded to a binary millisecond: sums are then exact in whatever order they are made."""

_STEPS_PER_KM: Final = round(1000 / c.STEP_M)
_PASS_REACH_M, _PASS_APART_M = 15.0, 500.0

PLAN_COLUMNS: Final = (c.DISTANCE, c.ALTITUDE, c.DURATION, c.ELAPSED, c.HEART_RATE, c.CADENCE, c.PACE)
_CSV_DECIMALS: Final = (0, 1, 4, 3, 1, 1, 3)


@dataclass(frozen=True)
class Plan:
    """A course with the time, heart rate and cadence that are expected along it.

    All times are moving time: standing still, at aid stations or elsewhere, is not included and comes on top.

    Parameters
    ----------
    course : Course
        What is to be run.
    steps : DataFrame, T rows
        `PLAN_COLUMNS`: distance (m), altitude (m), duration (s), elapsed moving time (s), heart rate (bpm), cadence
        (rpm, strides of one leg), pace (min/km).
    finish_s : float
        Moving time of the whole course (s), the exact sum of the durations.
    finish_low_s, finish_high_s : float
        80% interval of it (s). A normal approximation, on the logarithm, of how far the *reference* was off in the
        athlete's own past runs (`lib.athlete.Reference.finish_error`): finish time times ``exp(±1.2816 sd)``. Of an
        athlete without runs it is the prior's assumption. To be replaced by intervals calibrated on the model's errors.
    runs : int
        How many of the athlete's runs are known.
    """

    course: Course
    steps: pd.DataFrame
    finish_s: float
    finish_low_s: float
    finish_high_s: float
    runs: int = 0


def plan_from(course: Course, prediction: pd.DataFrame, finish_error: float, runs: int = 0) -> Plan:
    """Make the plan that follows from a prediction.

    Parameters
    ----------
    course : Course
        T steps.
    prediction : DataFrame, T rows
        Duration (s), heart rate (bpm), cadence (rpm) of each step.
    finish_error : float
        Standard error of the logarithm of the finish time.
    runs : int
        How many of the athlete's runs are known.

    Raises
    ------
    InputError
        If a step lacks a value, or takes no time.
    """
    assert len(prediction) == len(course.table)
    values = prediction[list(c.TARGETS)].to_numpy(np.float64)  # (T, 3)
    bad = ~np.isfinite(values).all(axis=1) | (values[:, 0] <= 0)
    if bad.any():
        raise InputError(
            f"no usable prediction at {int(bad.sum())} of {bad.size} steps, first at {np.argmax(bad) * c.STEP_M:.0f} m",
            "time, heart rate and cadence at each",
            "The model is damaged or was not trained: use another.",
            course.name,
        )
    duration_s = np.maximum(np.rint(values[:, 0] * _TICKS_PER_S), 1.0) / _TICKS_PER_S
    elapsed_s = np.cumsum(duration_s)
    steps = course.table[[c.DISTANCE, c.ALTITUDE]].astype(np.float64)
    steps[c.DURATION], steps[c.ELAPSED] = duration_s, elapsed_s
    steps[c.HEART_RATE], steps[c.CADENCE] = values[:, 1], values[:, 2]
    steps[c.PACE] = duration_s / 60.0 * (1000.0 / c.STEP_M)
    finish_s = float(elapsed_s[-1])
    factor = float(np.exp(_NORMAL_QUANTILE * finish_error))
    return Plan(course, steps[list(PLAN_COLUMNS)], finish_s, finish_s / factor, finish_s * factor, runs)


def predict_plan(model: TemporalFusionTransformer, bundle: Bundle, course: Course, day: int | None = None) -> Plan:
    """Predict a course from a cold start.

    Parameters
    ----------
    model : TemporalFusionTransformer
        Trained network.
    bundle : Bundle
        Its bundle, which says who runs.
    course : Course
        What is to be run.
    day : int, optional
        Day of the start, counted as in the athlete's sessions; by default the usual gap after the last run.
    """
    from lib.model import evaluate_full_session_sequential  # here: all else in this module does without the network

    prediction = evaluate_full_session_sequential(model, course.recorded, bundle.normalizers_data, day=day)
    before = reference(bundle.athlete, bundle.prior, course.table, day)
    return plan_from(course, prediction, before.finish_error, bundle.athlete.runs)


def _descent(steps: pd.DataFrame) -> np.ndarray:
    """Descent of each step (m), shape (T,), counted as `lib.profile.cumulative_climb` counts climb."""
    return np.maximum(-np.diff(steps[c.ALTITUDE].to_numpy(), prepend=steps[c.ALTITUDE].iloc[0]), 0.0)


def kilometre_splits(plan: Plan) -> pd.DataFrame:
    """Sum up each kilometre; their durations sum exactly to `Plan.finish_s`.

    Returns
    -------
    DataFrame, a row for each kilometre begun
        Number, distance (m; less than 1000 in the last where the course ends between two), duration (s), elapsed (s),
        pace (min/km), climb (m), descent (m), heart rate (bpm) and cadence (rpm), both means over time.
    """
    steps = plan.steps
    duration_s = steps[c.DURATION].to_numpy()
    sums = pd.DataFrame(
        {
            c.KILOMETRE: np.arange(len(steps)) // _STEPS_PER_KM + 1,
            c.DISTANCE: c.STEP_M,
            c.DURATION: duration_s,
            c.CLIMB: np.diff(plan.course.table[c.CLIMB].to_numpy(), prepend=0.0),
            c.DESCENT: _descent(steps),
            c.HEART_RATE: steps[c.HEART_RATE] * duration_s,
            c.CADENCE: steps[c.CADENCE] * duration_s,
        }
    )
    splits = sums.groupby(c.KILOMETRE, as_index=False).sum()
    for name in (c.HEART_RATE, c.CADENCE):
        splits[name] /= splits[c.DURATION]
    splits.insert(3, c.ELAPSED, splits[c.DURATION].cumsum())
    splits.insert(4, c.PACE, splits[c.DURATION] / 60.0 / (splits[c.DISTANCE] / 1000.0))
    return splits


def _passes(away_m: np.ndarray) -> list[int]:
    """Find the steps at which the course passes a place; ``away_m``, shape (T,), is how far from each it is.

    The nearest step, and the nearest of every other stretch that is about as near and 500 m or more apart:
    the start of a round is its finish too, and an aid station of an out-and-back is passed twice.
    """
    near = np.flatnonzero(away_m <= away_m.min() + _PASS_REACH_M)
    breaks = np.flatnonzero(np.diff(near) * c.STEP_M >= _PASS_APART_M) + 1
    return [int(part[np.argmin(away_m[part])]) for part in np.split(near, breaks)]


def waypoint_times(plan: Plan) -> pd.DataFrame:
    """When each waypoint is reached, once for every time the course passes it.

    Returns
    -------
    DataFrame, a row for each pass, in order
        Name, distance from the start (m), elapsed (s), altitude of the course there (m), distance of the waypoint from
        the course (m): one far away is on a side trip, or belongs to another course.
    """
    table, steps = plan.course.table, plan.steps
    lat, lon = table[c.LATITUDE].to_numpy(), table[c.LONGITUDE].to_numpy()
    rows = []
    for waypoint in plan.course.waypoints.to_dict("records"):
        away_m = haversine_m(lat, lon, np.float64(waypoint[c.LATITUDE]), np.float64(waypoint[c.LONGITUDE]))
        for step in _passes(away_m):
            # The table has the end of each step, so the start itself has no row.
            at_start = step == 0
            rows.append(
                {
                    c.WAYPOINT: waypoint[c.WAYPOINT],
                    c.DISTANCE: 0.0 if at_start else float(steps[c.DISTANCE].iloc[step]),
                    c.ELAPSED: 0.0 if at_start else float(steps[c.ELAPSED].iloc[step]),
                    c.ALTITUDE: float(steps[c.ALTITUDE].iloc[step]),
                    c.AWAY: float(away_m[step]),
                }
            )
    names = [c.WAYPOINT, c.DISTANCE, c.ELAPSED, c.ALTITUDE, c.AWAY]
    return pd.DataFrame(rows, columns=names).sort_values(c.DISTANCE, ignore_index=True, kind="stable")


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
    steps, finish_s = plan.steps, plan.finish_s
    km = plan.course.length_km
    mean = {name: float(np.average(steps[name], weights=steps[c.DURATION])) for name in (c.HEART_RATE, c.CADENCE)}
    return {
        "Course": plan.course.name,
        "Length": f"{km:.2f} km",
        "Climb and descent": f"{plan.course.climb_m:.0f} m up, {_descent(steps).sum():.0f} m down",
        "Finish, moving time": format_duration(finish_s),
        "80% interval": f"{format_duration(plan.finish_low_s)} to {format_duration(plan.finish_high_s)}",
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
            "it is: your own level is unknown, and the interval is an assumption, not a measurement"
        )
    known = f"an athlete with {plan.runs} known run{'' if plan.runs == 1 else 's'}. "
    if plan.runs < 10:
        return known + "These are few: level and interval still lean on runners in general"
    return known + "Level, form and interval come from these, the latest weighing most"


def splits_table(plan: Plan) -> pd.DataFrame:
    """`kilometre_splits` for reading; times are rounded so that the rows add up to the finish as it is shown."""
    splits = kilometre_splits(plan)
    elapsed_s = np.floor(splits[c.ELAPSED].to_numpy() + 0.5)
    whole_s = np.diff(elapsed_s, prepend=0.0)
    end_km = splits[c.DISTANCE].cumsum() / 1000.0
    return pd.DataFrame(
        {
            "to km": [f"{km:.3f}".rstrip("0").rstrip(".") for km in end_km],
            "time": [format_duration(s) for s in whole_s],
            "elapsed": [format_duration(s) for s in elapsed_s],
            "pace (min/km)": [format_pace(p) for p in splits[c.PACE]],
            "climb (m)": splits[c.CLIMB].round().astype(int),
            "descent (m)": splits[c.DESCENT].round().astype(int),
            "heart rate (bpm)": splits[c.HEART_RATE].round().astype(int),
            "cadence (rpm)": splits[c.CADENCE].round().astype(int),
        }
    )


def waypoint_table(plan: Plan) -> pd.DataFrame:
    """`waypoint_times` for reading."""
    times = waypoint_times(plan)
    return pd.DataFrame(
        {
            "waypoint": times[c.WAYPOINT],
            "km": [f"{m / 1000.0:.2f}" for m in times[c.DISTANCE]],
            "elapsed": [format_duration(s) for s in times[c.ELAPSED]],
            "altitude (m)": times[c.ALTITUDE].round().astype(int),
            "off the course (m)": times[c.AWAY].round().astype(int),
        }
    )


def write_csv(plan: Plan, path: Path) -> None:
    """Write every step of the plan, whole or not at all; units are in the columns' names.

    Raises
    ------
    InputError
        If the file cannot be written there.
    """
    columns = [
        [f"{value:.{decimals}f}" for value in plan.steps[name]]
        for name, decimals in zip(PLAN_COLUMNS, _CSV_DECIMALS, strict=True)
    ]
    lines = [",".join(PLAN_COLUMNS), *(",".join(row) for row in zip(*columns, strict=True))]
    try:
        write_atomically(path, ("\n".join(lines) + "\n").encode("ascii"))
    except OSError as error:
        said = error.strerror or type(error).__name__
        raise InputError(f"a place not to be written ({said})", "a file", "Choose another folder.", path) from error

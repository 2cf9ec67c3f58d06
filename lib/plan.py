"""In: a course and its per-step prediction. Out: the plan, with intervals, kilometre splits, waypoint times, a CSV."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lib import columns as c
from lib.course import Course
from lib.errors import InputError
from lib.files import write_atomically
from lib.geodesy import haversine_m
from lib.intervals import Calibration, interval, probability_below
from lib.profile import course_table
from lib.reference import reference

if TYPE_CHECKING:
    from pytorch_forecasting import TemporalFusionTransformer

    from lib.bundle import Bundle

COVERAGE: Final = 0.8
"""Share of runs that intervals are meant to hold."""
_TICKS_PER_S: Final = 1024
"""Durations are rounded to a binary millisecond: sums are then exact in whatever order they are made."""

_STEPS_PER_KM: Final = round(1000 / c.STEP_M)
_PASS_REACH_M, _PASS_APART_M = 15.0, 500.0

PLAN_COLUMNS: Final = (c.DISTANCE, c.ALTITUDE, c.DURATION, c.ELAPSED, c.HEART_RATE, c.CADENCE, c.PACE)
_CSV_DECIMALS: Final = (0, 1, 4, 3, 1, 1, 3)


@dataclass(frozen=True)
class Band:
    """How far off a predicted time may be, from how far off earlier ones were (`lib.intervals`).

    Parameters
    ----------
    log_sd : float
        Standard deviation expected of the logarithm of the finish time.
    scores : tuple of float
        How far off the athlete's latest finishes were, in such standard deviations.
    calibration : Calibration
        The same of athletes in general.
    """

    log_sd: float
    scores: tuple[float, ...]
    calibration: Calibration

    def interval(self, elapsed_s: ArrayLike, fraction: ArrayLike = 1.0) -> tuple[np.ndarray, np.ndarray]:
        """Where four of five times lie (s), of predicted times at fractions of the course's length."""
        return interval(elapsed_s, self.log_sd, self.scores, self.calibration, COVERAGE, fraction)

    def chance(self, seconds: ArrayLike, finish_s: float) -> np.ndarray:
        """Chance of finishing within `seconds` when ``finish_s`` is predicted."""
        return probability_below(seconds, finish_s, self.log_sd, self.scores, self.calibration)


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
    band : Band
        How far off it may be.
    runs : int
        How many of the athlete's runs are known.
    """

    course: Course
    steps: pd.DataFrame
    finish_s: float
    band: Band
    runs: int = 0

    @property
    def finish_interval_s(self) -> tuple[float, float]:
        """Where four of five finishes are (s of moving time)."""
        low_s, high_s = self.band.interval(self.finish_s)
        return float(low_s), float(high_s)


def plan_from(course: Course, prediction: pd.DataFrame, band: Band, runs: int = 0) -> Plan:
    """Make the plan that follows from a prediction.

    Parameters
    ----------
    course : Course
        T steps.
    prediction : DataFrame, T rows
        Duration (s), heart rate (bpm), cadence (rpm) of each step.
    band : Band
        How far off it may be.
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
    return Plan(course, steps[list(PLAN_COLUMNS)], float(elapsed_s[-1]), band, runs)


def predict_plan(
    model: TemporalFusionTransformer,
    bundle: Bundle,
    course: Course,
    day: int | None = None,
    effort: float | None = None,
) -> Plan:
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
    effort : float, optional
        Intended effort (`lib.prior.Effort`); left open, the day is as it comes.
    """
    from lib.model import evaluate_full_session_sequential  # here: all else in this module does without the network

    prediction = evaluate_full_session_sequential(
        model, course.recorded, bundle.normalizers_data, day=day, effort=effort
    )
    # As recorded: the reference of a course smoothed twice would be another than the prediction's.
    raw = course_table(course.recorded[c.ALTITUDE].to_numpy())
    before = reference(bundle.athlete, bundle.prior, raw, day, effort=effort)
    band = Band(before.log_sd, bundle.athlete.scores, bundle.prior.calibration)
    return plan_from(course, prediction, band, bundle.athlete.runs)


def descent_m(steps: pd.DataFrame) -> np.ndarray:
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
            c.DESCENT: descent_m(steps),
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
        Name, distance from the start (m), elapsed (s) and its 80% interval (s), altitude of the course there (m),
        distance of the waypoint from the course (m): one far away is on a side trip, or belongs to another course.
    """
    table, steps = plan.course.table, plan.steps
    lat, lon = table[c.LATITUDE].to_numpy(), table[c.LONGITUDE].to_numpy()
    rows = []
    for waypoint in plan.course.waypoints.to_dict("records"):
        away_m = haversine_m(lat, lon, np.float64(waypoint[c.LATITUDE]), np.float64(waypoint[c.LONGITUDE]))
        for step in _passes(away_m):
            # The table has the end of each step, so the start itself has no row.
            at_start = step == 0
            elapsed_s = 0.0 if at_start else float(steps[c.ELAPSED].iloc[step])
            low_s, high_s = plan.band.interval(
                elapsed_s, float(steps[c.DISTANCE].iloc[step] / steps[c.DISTANCE].iloc[-1])
            )
            rows.append(
                {
                    c.WAYPOINT: waypoint[c.WAYPOINT],
                    c.DISTANCE: 0.0 if at_start else float(steps[c.DISTANCE].iloc[step]),
                    c.ELAPSED: elapsed_s,
                    c.LOW: float(low_s),
                    c.HIGH: float(high_s),
                    c.ALTITUDE: float(steps[c.ALTITUDE].iloc[step]),
                    c.AWAY: float(away_m[step]),
                }
            )
    names = [c.WAYPOINT, c.DISTANCE, c.ELAPSED, c.LOW, c.HIGH, c.ALTITUDE, c.AWAY]
    return pd.DataFrame(rows, columns=names).sort_values(c.DISTANCE, ignore_index=True, kind="stable")


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

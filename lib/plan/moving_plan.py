"""The moving plan of a course: time, heart rate and cadence along it, with intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from lib.core import schema as c
from lib.core.errors import InputError
from lib.course.course import Course

if TYPE_CHECKING:
    import pandas as pd

    from lib.plan.arrivals import MovingDistribution

TICKS_PER_S: Final = 1024
"""Durations are rounded to a binary millisecond: sums are then exact in whatever order they are made."""

PLAN_COLUMNS: Final = (c.DISTANCE, c.ALTITUDE, c.DURATION, c.ELAPSED, c.HEART_RATE, c.CADENCE, c.PACE)


@dataclass(frozen=True, eq=False)
class Plan:
    """A course with the time, heart rate and cadence that are expected along it.

    All times are moving time: standing still, at aid stations or elsewhere, is not included and comes on top.

    Parameters
    ----------
    course : Course
        What is to be run.
    columns : dict of ndarray, shape (T,) each
        `PLAN_COLUMNS`: distance (m), altitude (m), duration (s), elapsed moving time (s), heart rate (bpm), cadence
        (rpm, steps of one leg), pace (min/km).
    finish_s : float
        Moving time of the whole course (s), the exact sum of the durations.
    band : MovingDistribution
        How far off it may be; on the way `lib.plan.underway.RestDistribution`, for which what is done is sure.
    runs : int
        How many of the athlete's runs are known.
    done : int
        How many steps have been run already: theirs are what happened, the rest is predicted.
    measured : mapping of str to ndarray of bool, shape (done,) each
        At which of these heart rate and cadence were measured.
    """

    course: Course
    columns: Mapping[str, np.ndarray]
    finish_s: float
    band: MovingDistribution
    runs: int = 0
    done: int = 0
    measured: Mapping[str, np.ndarray] = field(default_factory=dict)

    @cached_property
    def as_measured(self) -> dict[str, np.ndarray]:
        """`columns` for drawing: NaN at the steps done where nothing was measured, which are predicted in `columns`."""
        shown = dict(self.columns)
        for name, known in self.measured.items():
            shown[name] = np.where(np.append(known, np.full(self.course.steps - self.done, True)), shown[name], np.nan)
        return shown

    @cached_property
    def steps(self) -> pd.DataFrame:
        """`columns` as a table, T rows."""
        import pandas as pd  # here: what serves a model does without

        return pd.DataFrame(dict(self.columns))

    @property
    def finish_interval_s(self) -> tuple[float, float]:
        """80% interval of finishes (s of moving time)."""
        low_s, high_s = self.band.interval(self.finish_s)
        return float(low_s), float(high_s)


def plan_from(course: Course, prediction: c.Columns, band: MovingDistribution, runs: int = 0) -> Plan:
    """Make the plan that follows from a prediction.

    Parameters
    ----------
    course : Course
        T steps.
    prediction : Columns, T rows
        Duration (s), heart rate (bpm), cadence (rpm) of each step.
    band : TimeDistribution
        How far off it may be.
    runs : int
        How many of the athlete's runs are known.

    Raises
    ------
    InputError
        If a step lacks a value, or takes no time.
    """
    values = np.stack([np.asarray(prediction[name], np.float64) for name in c.TARGETS], axis=1)  # (T, 3)
    assert len(values) == course.steps
    bad = ~np.isfinite(values).all(axis=1) | (values[:, 0] <= 0)
    if bad.any():
        raise InputError(
            f"no usable prediction at {int(bad.sum())} of {bad.size} steps, first at {np.argmax(bad) * c.STEP_M:.0f} m",
            "time, heart rate and cadence at each",
            "The model is damaged or was not trained: use another.",
            course.name,
        )
    duration_s = np.maximum(np.rint(values[:, 0] * TICKS_PER_S), 1.0) / TICKS_PER_S
    elapsed_s = np.cumsum(duration_s)
    columns = {
        c.DISTANCE: course.columns[c.DISTANCE],
        c.ALTITUDE: course.columns[c.ALTITUDE],
        c.DURATION: duration_s,
        c.ELAPSED: elapsed_s,
        c.HEART_RATE: values[:, 1],
        c.CADENCE: values[:, 2],
        c.PACE: duration_s / 60.0 * (1000.0 / c.STEP_M),
    }
    return Plan(course, columns, float(elapsed_s[-1]), band, runs)

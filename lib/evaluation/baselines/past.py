"""What the baselines remember of a past run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from lib.core import schema as c
from lib.core.errors import InputError
from lib.course.grade_factors import SLOPE_KNOTS
from lib.course.pace_rules import FORMULAS

RUNS_FOR_BODY = 20
"""The heart rate and cadence of a baseline are the mean of the last so many runs that have them."""

HEART_RATE_OF_NOBODY_BPM, CADENCE_OF_NOBODY_RPM = 150.0, 84.0
"""What is said of an athlete whose past has none."""


@dataclass(frozen=True, eq=False)
class PastRun:
    """What the baselines need of one past run.

    Parameters
    ----------
    day : int
        Days since the athlete's first session.
    steps : int
        Its length (steps of 5 m).
    moving_s : float
        Its moving time (s).
    climb_m : float
        Its summed climb (m).
    formula_s : dict
        What each of `lib.course.pace_rules.FORMULAS` says of its course, unscaled (s).
    slope_s, slope_steps : ndarray, shape (K,)
        Its time (s) and its steps at `lib.course.grade_factors.SLOPE_KNOTS`; a step between two knots is split between
        them.
    heart_rate_bpm, cadence_rpm : float
        Means over its steps; NaN where less than half of them are known.
    """

    day: int
    steps: int
    moving_s: float
    climb_m: float
    formula_s: dict[str, float]
    slope_s: np.ndarray = field(repr=False)
    slope_steps: np.ndarray = field(repr=False)
    heart_rate_bpm: float
    cadence_rpm: float

    @property
    def km(self) -> float:
        """Length (km)."""
        return self.steps * c.STEP_M / 1000.0


def by_knot(slope: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """Split an amount per step, shape (T,), between the two knots around its slope, shape (T,); returns shape (K,).

    A curve that is linear between the knots has then the same sum over the knots as over the steps.
    """
    slope = np.clip(slope, SLOPE_KNOTS[0], SLOPE_KNOTS[-1])
    left = np.clip(np.searchsorted(SLOPE_KNOTS, slope, side="right") - 1, 0, SLOPE_KNOTS.size - 2)
    share = (slope - SLOPE_KNOTS[left]) / (SLOPE_KNOTS[left + 1] - SLOPE_KNOTS[left])
    n = SLOPE_KNOTS.size
    return np.bincount(left, amount * (1 - share), n) + np.bincount(left + 1, amount * share, n)


def _mean_of_half(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size and known.size >= 0.5 * values.size else float("nan")


def summarise(session: pd.DataFrame, course: pd.DataFrame) -> PastRun:
    """Keep of a session what the baselines need of it.

    Parameters
    ----------
    session : DataFrame, T rows
        One session of the session contract.
    course : DataFrame, T rows
        `lib.course.terrain_features.course_table` of its altitude.

    Raises
    ------
    InputError
        The course has another length, or the session takes no time.
    """
    if len(session) != len(course) or not len(session):
        raise InputError(f"{len(session)} and {len(course)} steps", "one course, of a step or more", "Give its own.")
    duration_s = session[c.DURATION].to_numpy(np.float64)
    moving_s = float(duration_s.sum())
    if not (np.isfinite(moving_s) and moving_s > 0):
        raise InputError(f"a moving time of {moving_s:g} s", "more than 0 s", "Leave this session out.", c.DURATION)
    slope = course[c.SLOPE_25M].to_numpy()
    return PastRun(
        day=int(session[c.DAY].iloc[0]),
        steps=len(session),
        moving_s=moving_s,
        climb_m=float(course[c.CLIMB].iloc[-1]),
        formula_s={name: float(formula(course).sum()) for name, formula in FORMULAS.items()},
        slope_s=by_knot(slope, duration_s),
        slope_steps=by_knot(slope, np.ones(len(session))),
        heart_rate_bpm=_mean_of_half(session[c.HEART_RATE].to_numpy(np.float64)),
        cadence_rpm=_mean_of_half(session[c.CADENCE].to_numpy(np.float64)),
    )


def usual_heart_rate_bpm(past: Sequence[PastRun]) -> float:
    """Mean heart rate of the last `RUNS_FOR_BODY` runs that have one; 150 bpm where none has."""
    known = [run.heart_rate_bpm for run in past if np.isfinite(run.heart_rate_bpm)][-RUNS_FOR_BODY:]
    return float(np.mean(known)) if known else HEART_RATE_OF_NOBODY_BPM


def usual_cadence_rpm(past: Sequence[PastRun]) -> float:
    """Mean cadence of the last `RUNS_FOR_BODY` runs that have one; 84 rpm where none has."""
    known = [run.cadence_rpm for run in past if np.isfinite(run.cadence_rpm)][-RUNS_FOR_BODY:]
    return float(np.mean(known)) if known else CADENCE_OF_NOBODY_RPM

"""Steady runs of the session contract, whose numbers are known by hand, for several test files."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.core import schema as c
from lib.course.terrain_features import course_table


def session(
    steps: int,
    pace_s: float | np.ndarray,
    *,
    number: int = 0,
    day: int = 0,
    slope: float = 0.0,
    heart_rate: float = 140.0,
    stop_s: float = 0.0,
) -> pd.DataFrame:
    """A steady run that stands `stop_s` as long as it would if it were of one hour."""
    duration_s = np.full(steps, pace_s) if np.isscalar(pace_s) else np.asarray(pace_s)
    stop = np.zeros(steps)
    stop[steps // 2] = stop_s * (duration_s.sum() / 3600.0) ** 1.2
    return pd.DataFrame(
        {
            c.SESSION_ID: number,
            c.DAY: day,
            c.STEP: np.arange(steps),
            c.ALTITUDE: slope * c.STEP_M * np.arange(steps),
            c.DURATION: duration_s,
            c.STOP: stop,
            c.HEART_RATE: heart_rate,
            c.CADENCE: 82.0,
        }
    )


def many(n: int, *, first: int = 0, every_days: int = 2, steps: int = 2000, **kwargs: float) -> pd.DataFrame:
    """Such runs one after the other."""
    runs = [session(steps, number=i, day=every_days * i, **kwargs) for i in range(first, first + n)]
    return pd.concat(runs, ignore_index=True)


def flat(steps: int) -> pd.DataFrame:
    """A course without any slope."""
    return course_table(np.zeros(steps))

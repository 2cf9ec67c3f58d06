"""Steady runs for the tests of the baselines."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.core import schema as c
from lib.course.terrain_features import course_table
from lib.evaluation.baselines.past import PastRun, summarise


def session(
    steps: int, pace_s: float | np.ndarray, *, day: int = 0, slope: float | np.ndarray = 0.0, heart_rate: float = 140.0
) -> pd.DataFrame:
    """One run in the session contract; `slope` is of each step."""
    rise_m = np.broadcast_to(slope, steps) * c.STEP_M
    return pd.DataFrame(
        {
            c.SESSION_ID: 0,
            c.DAY: day,
            c.STEP: np.arange(steps),
            c.ALTITUDE: np.cumsum(rise_m) - rise_m[0],
            c.DURATION: np.broadcast_to(pace_s, steps),
            c.STOP: 0.0,
            c.HEART_RATE: heart_rate,
            c.CADENCE: 82.0,
        }
    )


def past_run(
    steps: int, pace_s: float | np.ndarray, *, day: int = 0, slope: float | np.ndarray = 0.0, heart_rate: float = 140.0
) -> PastRun:
    """What is kept of one such run."""
    table = session(steps, pace_s, day=day, slope=slope, heart_rate=heart_rate)
    return summarise(table, course_table(table[c.ALTITUDE].to_numpy()))


def flat(steps: int) -> pd.DataFrame:
    """A flat course."""
    return course_table(np.zeros(steps))


def noisy_past(n: int, seed: int = 3) -> list[PastRun]:
    """Hilly and flat runs of 2.5 to 15 km with a day's luck."""
    rng = np.random.default_rng(seed)
    runs = []
    for i in range(n):
        steps = int(rng.integers(500, 3000))
        slope = 0.08 * rng.random() * np.sin(np.arange(steps) / 60)
        pace = 1.7 * np.exp(3 * slope + rng.normal(0, 0.05)) * (steps / 2000) ** 0.08
        runs.append(past_run(steps, pace, day=2 * i, slope=slope))
    return runs

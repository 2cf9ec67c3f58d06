"""The baselines of the leaderboard, each a function of past runs and a course."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import pandas as pd

from lib.core import schema as c
from lib.course.pace_rules import FORMULAS
from lib.evaluation.baselines.boosting import Boosting
from lib.evaluation.baselines.past import PastRun, usual_cadence_rpm, usual_heart_rate_bpm
from lib.evaluation.baselines.personal_curve import personal_curve, personal_curve_and_form, weighted_median

_LONG_STEPS: Final = 1000

_HALF_LIVES: Final = {
    "median pace": 20.0,
    "km + climb": 8.0,
    "Naismith-Langmuir": 8.0,
    "Tobler": 12.0,
    "Minetti": 20.0,
    "grade factors": 12.0,
}
"""How many runs halve a past run's weight in the athlete's scale.

Of 2, 3, 5, 8, 12, 20, 40, 80 and never, of mean or median of the logarithms, and of all runs or those of 5 km or more:
the choice with the lowest error between 60% and 80% of the histories of five real athletes. The last 20% were not
looked at. The median of runs of 5 km or more won for each formula.
"""


@dataclass(frozen=True)
class Baseline:
    """A predictor that only needs an athlete's past.

    Parameters
    ----------
    name : str
        On the leaderboard.
    predict : callable
        Of past runs in order of day, a course of T rows (`lib.course.terrain_features.course_table`) and the day of the
        start: the moving time of each step (s), shape (T,). The same arguments give the same answer.
    """

    name: str
    predict: Callable[[Sequence[PastRun], pd.DataFrame, int], np.ndarray]


def athlete_scale(past: Sequence[PastRun], formula: str) -> float:
    """How many times as long as the formula says the athlete takes; 1 for nobody, which is 6 min/km on the flat.

    The weighted median over past runs of 5 km or more, or over all where there is none.
    """
    runs = [run for run in past if run.steps >= _LONG_STEPS] or list(past)
    if not runs:
        return 1.0
    logs = np.log([run.moving_s / run.formula_s[formula] for run in runs])
    age = np.arange(len(runs))[::-1]
    return float(np.exp(weighted_median(logs, 0.5 ** (age / _HALF_LIVES[formula]))))


def scaled_formula(past: Sequence[PastRun], course: pd.DataFrame, day: int, *, formula: str) -> np.ndarray:
    """Seconds for each step, shape (T,): a formula of `FORMULAS` times `athlete_scale`; `day` has no effect."""
    return FORMULAS[formula](course) * athlete_scale(past, formula)


BASELINES: Final[tuple[Baseline, ...]] = (
    *(Baseline(name, partial(scaled_formula, formula=name)) for name in FORMULAS),
    Baseline("personal grade curve", personal_curve),
    Baseline("grade curve, recent form", personal_curve_and_form),
)
"""Baselines that know of the athlete alone and learn by closed formulas."""


def baselines_of(others: Sequence[Sequence[PastRun]] = ()) -> tuple[Baseline, ...]:
    """All baselines for one athlete: `BASELINES`, LightGBM of the own past, and of all pasts where there are others.

    Parameters
    ----------
    others : sequence of sequence of PastRun
        What is known of other athletes: never a run that is to be predicted.
    """
    boosted = [Baseline("LightGBM, own past", Boosting())]
    if others:
        boosted.append(Baseline("LightGBM, all pasts", Boosting(others)))
    return (*BASELINES, *boosted)


def baseline_prediction(baseline: Baseline, past: Sequence[PastRun], course: pd.DataFrame, day: int) -> pd.DataFrame:
    """Give a baseline's answer as a prediction, T rows of `schema.TARGETS`.

    No baseline predicts heart rate and cadence: for all of them these are the constant mean of the athlete's last 20
    runs that have them.
    """
    return pd.DataFrame(
        {
            c.DURATION: baseline.predict(past, course, day),
            c.HEART_RATE: usual_heart_rate_bpm(past),
            c.CADENCE: usual_cadence_rpm(past),
        }
    )

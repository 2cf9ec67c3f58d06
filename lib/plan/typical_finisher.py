"""The race time of a typical finisher: what to expect of somebody of whom nothing is known."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from lib.athlete.pacing_law import PacingLaw, course_cost_of, segment_times
from lib.athlete.results_level import LevelPrediction
from lib.core.numeric import SCORE_80
from lib.course.course import Course
from lib.plan.pacing import ground_of
from lib.race.config import RaceConfig

_BASE_PACE: Final = 4.95
"""Base pace of the race time of a typical finisher (min/km): the median of fields, of 187 races and of ten events."""
_LOW, _HIGH = 0.72, 1.34
"""A tenth of the finishers are faster than this share of the typical time, a tenth slower; 187 races alike."""
_FIELD_SD: Final = 0.14
"""How far the mean of a field is off what length and slopes let expect (logarithm); 187 races with 30 finishers."""
_YEAR_SD: Final = 0.08
"""How far it is off that of the year before; 56 pairs of years of the same course."""
_DOF: Final = 6.0
_FINISHES: Final = 33
_PACES: Final = (2.0, 120.0)
"""Mean paces (min/km of the course) between which the typical time is looked for."""


def typical_finisher(law: PacingLaw, course: Course, config: RaceConfig) -> LevelPrediction:
    """Predict the race time of a typical finisher, as a level that rests on no result.

    The finishers of earlier editions say more of those to come than the course does.

    Parameters
    ----------
    law : PacingLaw
        What the course costs, and how finishers slow down.
    course : Course
        What is to be run, T steps.
    config : RaceConfig
        With the ground of legs, and editions.
    """
    cost = course_cost_of(law, course.columns, ground_of(config, course))
    finish_s = np.exp(np.linspace(*np.log(_PACES), _FINISHES)) * 60.0 * course.length_km
    _, base_pace = segment_times(law, cost, finish_s)
    mean = float(np.interp(math.log(_BASE_PACE), np.log(base_pace), np.log(finish_s)))
    var = (math.log(_HIGH / _LOW) / (2.0 * SCORE_80)) ** 2
    narrower = 1.0
    if config.editions:
        seen = np.concatenate([edition.log_finishes(course.length_km) for edition in config.editions])
        trust = _FIELD_SD**2 / (_FIELD_SD**2 + _YEAR_SD**2 + var / seen.size)
        mean += trust * (float(seen.mean()) - mean)
        narrower = math.sqrt(1.0 - trust * _FIELD_SD**2 / var)
    scale = narrower * math.sqrt(var)
    return LevelPrediction(
        mean_log_s=mean,
        scale_log=scale,
        dof=_DOF,
        low80_s=math.exp(mean + narrower * math.log(_LOW)),
        high80_s=math.exp(mean + narrower * math.log(_HIGH)),
        least_error_s=math.exp(mean - scale**2),
        weights=(),
        race_known=False,
        results_known=0,
        level_log=0.0,
    )

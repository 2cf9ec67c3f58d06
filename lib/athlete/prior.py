"""The prior: what is believed of an athlete of whom no run is known."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

import numpy as np

from lib.athlete.aid_stops import AidStops
from lib.athlete.conformal import Calibration
from lib.athlete.expected_pace import Kernel
from lib.athlete.goal_spread import GoalSpread
from lib.athlete.pacing_law import PacingLaw
from lib.athlete.response import Response
from lib.athlete.stopped_time import StandingHabit
from lib.core.fields import Length, Range, check_fields
from lib.course.grade_factors import SLOPE_KNOTS, population_curve


@dataclass(frozen=True)
class Effort:
    """How the effort of a day shows: in mean heart rate, and with it in pace.

    An effort of 0 is as usual for such a run; 1 is a heart rate one usual deviation above that.

    Parameters
    ----------
    heart_rate_sd : float
        What an effort of 1 adds to the logarithm of mean heart rate.
    pace_per_effort : float
        What it adds to the logarithm of pace: below 0, as pace is time.
    pace_sd_left : float
        Share of the uncertainty of pace that is left once effort is known.
    effort_per_pace : float
        Effort to expect of a run whose logarithm of pace is 1 above what was expected.
    easy, steady, race : float
        Efforts that go by these names: the 15%, 50% and 95% quantiles over past runs.
    """

    heart_rate_sd: Annotated[float, Range(1e-9, 1)] = 0.06
    pace_per_effort: Annotated[float, Range(-1, 1)] = -0.05
    pace_sd_left: Annotated[float, Range(1e-3, 1)] = 0.87
    effort_per_pace: Annotated[float, Range(-1e3, 1e3)] = -5.0
    easy: Annotated[float, Range(-10, 10)] = -1.0
    steady: Annotated[float, Range(-10, 10)] = 0.0
    race: Annotated[float, Range(-10, 10)] = 1.6

    def __post_init__(self) -> None:
        check_fields(self)


_NORMAL_POINTS = (-2.2, -1.6, -1.28, -1.04, -0.84, -0.67, -0.52, -0.39, -0.25, -0.13, 0.0)
_NORMAL_POINTS = tuple(x / 0.8 for x in (*_NORMAL_POINTS, *(-x for x in _NORMAL_POINTS[-2::-1])))
"""Quantiles of a standard normal, over its mean absolute size of 0.8: what scores are until they are measured."""


_Runs = Annotated[float, Range(0.1, 1e4)]
_Spread = Annotated[float, Range(1e-3, 1e3)]


@dataclass(frozen=True)
class Prior:
    """What is believed of an athlete nobody has seen run, and how fast the past fades.

    Half-lives count sessions; ``*_weight`` is how many seconds at a knot the belief in the curve is worth. Kernels say
    how the level of a run follows from earlier ones: of pace on the flat (s per 5 m), heart rate (bpm), cadence (rpm).
    """

    curve: Annotated[tuple[Annotated[float, Range(1e-2, 1e2)], ...], Length(SLOPE_KNOTS.size, SLOPE_KNOTS.size)] = (
        tuple(float(f"{x:.6g}") for x in population_curve())
    )
    curve_weight_s: Annotated[float, Range(1, 1e6)] = 600.0
    curve_half_life: _Runs = 60.0
    heart_rate_spread_bpm: _Spread = 10.0
    cadence_spread_rpm: _Spread = 5.0
    spread_half_life: _Runs = 8.0
    pace: Kernel = field(default_factory=lambda: Kernel(mean=float(np.log(1.8))))
    heart_rate: Kernel = field(default_factory=lambda: Kernel(mean=float(np.log(150.0))))
    cadence: Kernel = field(default_factory=lambda: Kernel(mean=float(np.log(84.0))))
    effort: Effort = field(default_factory=Effort)
    response: Response = field(default_factory=Response)
    pace_response: Response = field(default_factory=Response)
    standing: StandingHabit = field(default_factory=StandingHabit)
    calibration: Calibration = field(default_factory=lambda: Calibration(_NORMAL_POINTS, 0.8))
    pacing: PacingLaw = field(default_factory=PacingLaw)
    aid_stops: AidStops = field(default_factory=AidStops)
    goal_spread: GoalSpread = field(default_factory=GoalSpread)

    def __post_init__(self) -> None:
        check_fields(self)

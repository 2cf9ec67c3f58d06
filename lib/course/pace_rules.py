"""Published rules of thumb for pace by slope."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from lib.core import schema as c
from lib.course.cost import running_cost
from lib.course.grade_factors import SLOPE_KNOTS, population_curve

FLAT_S: Final = 1.8
"""Seconds for 5 m on the flat of a runner nobody has seen: 6 min/km."""

RIEGEL_EXPONENT: Final = 0.06
"""Pace slows with distance to this power (Riegel 1981: T2 = T1 (D2/D1)^1.06)."""

_METRES_FOR_A_KM: Final = 100.0
_LANGMUIR_FROM, _LANGMUIR_TO = np.tan(np.deg2rad([5.0, 12.0]))


def constant_pace(course: c.Columns) -> np.ndarray:
    """Seconds for each step, shape (T,), all the same."""
    return np.full(np.shape(course[c.SLOPE_25M]), FLAT_S)


def km_and_climb(course: c.Columns) -> np.ndarray:
    """Seconds for each step, shape (T,), where 100 m of climb are as long as a kilometre.

    The mountain runner's "kilomètre-effort" without its descent, e.g. the effort points of the
    International Trail Running Association: https://itra.run/FAQ/ItraScore (kilometres + climb in m / 100).
    """
    climb_m = np.diff(np.asarray(course[c.CLIMB]), prepend=0.0)
    return FLAT_S * (c.STEP_M + climb_m * 1000.0 / _METRES_FOR_A_KM) / c.STEP_M


def naismith_langmuir(course: c.Columns) -> np.ndarray:
    """Seconds for each step, shape (T,), by Naismith's rule with Langmuir's corrections, scaled from 5 km/h.

    1 h for 5 km and 1 h for 600 m up; on the way down 10 min less for each 300 m at 5 to 12 degrees, 10 min more for
    each 300 m where it is steeper. Naismith 1892, Scottish Mountaineering Club Journal 2:136; Langmuir 1984,
    Mountaincraft and Leadership; https://en.wikipedia.org/wiki/Naismith%27s_rule
    """
    slope = np.asarray(course[c.SLOPE_25M])
    up_m, down_m = np.maximum(slope, 0) * c.STEP_M, np.maximum(-slope, 0) * c.STEP_M
    by_descent = np.select([-slope > _LANGMUIR_TO, -slope >= _LANGMUIR_FROM], [2.0, -2.0], 0.0)  # s per m down
    walking_s = 3600.0 / 5000.0 * c.STEP_M
    return FLAT_S * (walking_s + 6.0 * up_m + by_descent * down_m) / walking_s


def tobler(course: c.Columns) -> np.ndarray:
    """Seconds for each step, shape (T,), by Tobler's hiking function, 6 exp(-3.5 |slope + 0.05|) km/h, scaled.

    Tobler 1993, Three presentations on geographical analysis and modeling, NCGIA Technical Report 93-1,
    https://escholarship.org/uc/item/05r820mz
    """
    return FLAT_S * np.exp(3.5 * (np.abs(np.asarray(course[c.SLOPE_25M]) + 0.05) - 0.05))


def minetti(course: c.Columns) -> np.ndarray:
    """Seconds for each step, shape (T,), at an even metabolic power, by Minetti's cost of running.

    155.4 i⁵ - 30.4 i⁴ - 43.3 i³ + 46.3 i² + 19.5 i + 3.6 J/kg/m, measured up to slopes i of ±0.45 and held beyond.
    Minetti et al. 2002, J. Appl. Physiol. 93:1039, https://doi.org/10.1152/japplphysiol.01177.2001
    """
    return FLAT_S * running_cost(np.asarray(course[c.SLOPE_25M])) / running_cost(0.0)


def grade_factors(course: c.Columns) -> np.ndarray:
    """Seconds for each step, shape (T,), by the time factors of a large population of runners.

    Strava's grade-adjusted pace of 2017, see `lib.course.grade_factors.population_curve`; Robb 2017,
    https://medium.com/strava-engineering/an-improved-gap-model-8b07ae8886c3
    """
    return FLAT_S * np.interp(np.asarray(course[c.SLOPE_25M]), SLOPE_KNOTS, population_curve())


Formula = Callable[[c.Columns], np.ndarray]

FORMULAS: Final[dict[str, Formula]] = {
    "median pace": constant_pace,
    "km + climb": km_and_climb,
    "Naismith-Langmuir": naismith_langmuir,
    "Tobler": tobler,
    "Minetti": minetti,
    "grade factors": grade_factors,
}

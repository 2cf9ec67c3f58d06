"""Published rules of thumb say what can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.core import schema as c
from lib.course.pace_rules import FORMULAS


def sloped(*slopes: float) -> pd.DataFrame:
    """A course of given slopes, 5 m each; `course_table` would smooth them."""
    climb_m = np.cumsum(np.maximum(slopes, 0.0)) * c.STEP_M
    return pd.DataFrame({c.SLOPE_25M: slopes, c.CLIMB: climb_m})


@pytest.mark.parametrize("name", list(FORMULAS))
def test_the_flat_is_run_at_6_min_per_km(name: str) -> None:
    assert FORMULAS[name](sloped(0.0, 0.0, 0.0)) == pytest.approx([1.8, 1.8, 1.8])


def test_a_constant_pace_knows_no_slope() -> None:
    assert FORMULAS["median pace"](sloped(0.3, -0.3)).tolist() == [1.8, 1.8]


def test_100_m_of_climb_are_a_kilometre_and_descent_is_nothing() -> None:
    # 5 m at 10% are 0.5 m of climb, as long as 5 m more
    assert FORMULAS["km + climb"](sloped(0.1, -0.1, 0.2)) == pytest.approx([3.6, 1.8, 5.4])


def test_naismiths_hour_and_langmuirs_corrections() -> None:
    # Walking: 3.6 s for 5 m. Up 10%: + 6 s/m x 0.5 m. Down 5% (2.9 degrees): nothing; 10% (5.7 degrees): - 2 s/m x 0.5;
    # 20% (11.3 degrees): - 2 s/m x 1 m; 30% (16.7 degrees): + 2 s/m x 1.5 m. A runner takes half of a walker's time.
    walked = [3.6 + 3.0, 3.6, 3.6 - 1.0, 3.6 - 2.0, 3.6 + 3.0]
    said = FORMULAS["Naismith-Langmuir"](sloped(0.1, -0.05, -0.1, -0.2, -0.3))
    assert said == pytest.approx([0.5 * s for s in walked])


def test_langmuirs_limits_are_5_and_12_degrees() -> None:
    rule = FORMULAS["Naismith-Langmuir"]
    just_before, just_after = rule(sloped(-0.0874, -0.0876))  # tan 5 degrees = 0.08749
    assert just_before == pytest.approx(1.8)
    assert just_after < 1.4
    easy, steep = rule(sloped(-0.2125, -0.2127))  # tan 12 degrees = 0.21256
    assert easy < 0.8
    assert steep > 2.8


def test_tobler_is_fastest_at_5_percent_down() -> None:
    # 6 km/h at -5%, 6 exp(-0.175) = 5.0367 km/h on the flat, 6 exp(-0.7) = 2.9795 km/h at 15%
    said = FORMULAS["Tobler"](sloped(-0.05, 0.15, -0.25))
    assert said == pytest.approx([1.8 * 5.0367 / 6, 1.8 * 5.0367 / 2.9795, 1.8 * 5.0367 / 2.9795], rel=1e-4)


def test_minettis_cost_by_hand() -> None:
    # at 10%: 0.001554 - 0.00304 - 0.0433 + 0.463 + 1.95 + 3.6; at -20%: -0.049728 - 0.04864 + 0.3464 + 1.852 - 0.3
    said = FORMULAS["Minetti"](sloped(0.1, -0.2))
    assert said == pytest.approx([1.8 * 5.968214 / 3.6, 1.8 * 1.800032 / 3.6])


def test_minettis_cost_is_held_where_nobody_measured() -> None:
    said = FORMULAS["Minetti"](sloped(0.45, 0.6, -0.45, -0.6))
    assert said[0] == said[1]
    assert said[2] == said[3]


def test_grade_factors_are_the_published_ones() -> None:
    assert FORMULAS["grade factors"](sloped(0.1, -0.1)) == pytest.approx([1.8 * 1.459, 1.8 * 0.876])

"""Grade-adjusted pace is the pace of the same effort on the flat."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import ArrayLike

from lib.core import schema as c
from lib.course.grade_adjusted_pace import flat_distance_m, grade_adjusted_pace
from lib.course.pace_rules import FORMULAS


def each_step(duration_s: ArrayLike, slope: ArrayLike) -> np.ndarray:
    """Grade-adjusted pace of each step (min/km)."""
    steps = np.arange(np.size(slope))
    return grade_adjusted_pace(duration_s, slope, steps, steps + 1)


def test_on_the_flat_it_is_the_pace() -> None:
    assert each_step([1.8, 1.5], [0.0, 0.0]) == pytest.approx([6.0, 5.0])


def test_published_factors_by_hand() -> None:
    # 10% up takes 1.459 times as long as the flat, 10% down 0.876 times
    assert flat_distance_m([0.1, -0.1]) == pytest.approx([5 * 1.459, 5 * 0.876])
    assert each_step([1.8 * 1.459, 1.8 * 0.876], [0.1, -0.1]) == pytest.approx([6.0, 6.0])


def test_it_is_the_rule_of_thumb_turned_round() -> None:
    slope = np.linspace(-0.6, 0.6, 241)
    duration_s = FORMULAS["grade factors"](pd.DataFrame({c.SLOPE_25M: slope}))  # at 6 min/km
    assert each_step(duration_s, slope) == pytest.approx(np.full(241, 6.0))


def test_a_stretch_by_hand() -> None:
    slope, duration_s = [0.0, 0.1, 0.1, -0.1], [1.0, 4.0, 2.0, 1.5]
    found = grade_adjusted_pace(duration_s, slope, [0, 1], [4, 2])
    whole = 8.5 / 60 / ((5 + 2 * 5 * 1.459 + 5 * 0.876) / 1000)
    assert found == pytest.approx([whole, 4.0 / 60 / (5 * 1.459 / 1000)])


@given(
    arrays(np.float64, 50, elements=st.floats(0.5, 30.0)),
    arrays(np.float64, 50, elements=st.floats(-1.0, 1.0)),
    st.integers(0, 48),
    st.integers(1, 49),
)
def test_a_stretch_is_between_its_fastest_and_slowest_step(
    duration_s: np.ndarray, slope: np.ndarray, first: int, steps: int
) -> None:
    last = min(first + steps, 50)
    each = each_step(duration_s, slope)[first:last]
    (found,) = grade_adjusted_pace(duration_s, slope, [first], [last])
    assert each.min() * (1 - 1e-9) <= found <= each.max() * (1 + 1e-9)


def test_a_stretch_has_a_step() -> None:
    with pytest.raises(AssertionError):
        grade_adjusted_pace([1.0, 1.0], [0.0, 0.0], [1], [1])

"""Each step has the class of its slope, and sums lose nothing."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lib.core import schema as c
from lib.course.slope_classes import GROUNDS, by_ground, ground
from tests.support.plans import make_course


def test_a_slope_has_its_kind() -> None:
    # 2 km each: 20% up, 10% up, level, 10% down, 20% down.
    slopes = np.repeat([0.2, 0.1, 0.0, -0.1, -0.2], 400)
    course = make_course(1000.0 + np.cumsum(slopes * c.STEP_M))
    middles = np.arange(200, 2000, 400)
    assert [GROUNDS[k] for k in ground(course)[middles]] == list(reversed(GROUNDS))


def test_sums_are_over_the_kinds_and_zero_where_there_is_no_such_ground() -> None:
    assert by_ground(np.array([2, 2, 4]), np.array([1.5, -4.0, 10.0])).tolist() == [0.0, 0.0, -2.5, 0.0, 10.0]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(-1000, 1000)), min_size=1, max_size=50))
def test_the_parts_add_up(steps: list[tuple[int, int]]) -> None:
    kinds, values = (np.array(x) for x in zip(*steps, strict=True))
    assert by_ground(kinds, values).sum() == values.sum()

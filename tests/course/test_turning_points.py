"""Lines turn where they should."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.course.turning_points import extremes, turning_points


@pytest.mark.parametrize(
    ("line", "found"),
    [([1.0], [0, 0]), ([1.0, 2.0], [0, 1]), ([1.0, 3.0, 2.0, 2.0, 5.0], [0, 1, 2, 3, 4]), ([4.0] * 3, [0, 2])],
)
def test_extremes_by_hand(line: list[float], found: list[int]) -> None:
    assert extremes(np.array(line)).tolist() == found


def test_turning_points_by_hand() -> None:
    heights = [0.0, 10.0, 8.0, 12.0, 2.0, 4.0, 3.0, 9.0, 8.0]
    assert turning_points(heights, 5.0) == [0, 3, 4, 8]  # the dip of 2 m and the ripple of 1 m divide nothing
    assert turning_points(heights, 2.0) == [0, 1, 2, 3, 4, 8]
    assert turning_points(heights, 1.0) == list(range(9))
    assert turning_points(heights, 50.0) == [0, 8]


def test_what_comes_before_the_first_large_move_is_one_piece() -> None:
    assert turning_points([5.0, 6.0, 4.0, 6.0, 4.0, 20.0], 5.0) == [0, 2, 5]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=60), st.integers(1, 20))
def test_between_turning_points_the_line_moves_by_that_much_and_back_by_less(heights: list[int], least: int) -> None:
    found = turning_points([float(x) for x in heights], float(least))
    assert found == sorted(set(found)) and found[0] == 0 and found[-1] == len(heights) - 1
    inner = found[1:-1]
    signs = []
    for first, last in pairwise(inner):
        assert abs(heights[last] - heights[first]) >= least
        signs.append(heights[last] > heights[first])
        piece = np.array(heights[first : last + 1]) * (1 if signs[-1] else -1)
        assert (np.maximum.accumulate(piece) - piece).max() < least
    assert all(a != b for a, b in pairwise(signs))

"""Operations on arrays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.numeric import hann_mean, runs_of_true


@pytest.mark.parametrize(
    ("mask", "expected"),
    [([], []), ([0, 0], []), ([1, 1, 1], [[0, 3]]), ([1, 0, 1, 1], [[0, 1], [2, 4]]), ([0, 1, 0], [[1, 2]])],
)
def test_runs_by_hand(mask: list[int], expected: list[list[int]]) -> None:
    assert runs_of_true(np.array(mask, dtype=bool)).tolist() == expected


@given(st.lists(st.booleans(), max_size=60))
def test_runs_hold_what_is_true_and_nothing_else(mask: list[bool]) -> None:
    again = np.zeros(len(mask), dtype=bool)
    before = -1
    for first, end in runs_of_true(mask).tolist():
        assert before < first < end
        again[first:end], before = True, end
    assert again.tolist() == mask


@given(st.integers(1, 40), st.integers(0, 60), st.floats(-5.0, 5.0))
def test_a_mean_leaves_a_steady_slope_as_it_is(size: int, half: int, slope: float) -> None:
    line = 100.0 + slope * np.arange(size)
    assert hann_mean(line, half) == pytest.approx(line)


def test_a_mean_keeps_the_ends_and_smooths_what_is_between() -> None:
    zigzag = np.tile([0.0, 1.0], 50)
    found = hann_mean(zigzag, 10)
    assert (found[0], found[-1]) == pytest.approx((0.0, 1.0))
    assert found[20:80] == pytest.approx(np.full(60, 0.5), abs=0.01)

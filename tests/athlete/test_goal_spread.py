"""Arrivals of whoever meets a goal: certain at both ends, widest in between."""

from __future__ import annotations

import numpy as np
import pytest

from lib.athlete.goal_spread import GoalSpread, arrival_interval_s
from lib.core.errors import InputError


def test_both_ends_are_certain_and_the_middle_is_widest() -> None:
    at = np.linspace(0.0, 36_000.0, 11)
    low_s, high_s = arrival_interval_s(GoalSpread(), at, 36_000.0, 5.0)
    width = (high_s - low_s)[0]
    assert width[0] == width[-1] == 0.0
    assert 4 <= np.argmax(width) <= 8
    assert np.all((low_s[0] <= at) & (at <= high_s[0]))


def test_slow_runners_scatter_more_and_an_edition_narrows() -> None:
    def width(base_pace: float, weight: float = 0.0) -> float:
        low_s, high_s = arrival_interval_s(GoalSpread(), [18_000.0], 36_000.0, base_pace, weight)
        return float(high_s[0, 0] - low_s[0, 0])

    assert width(4.0) < width(7.0)
    assert width(5.0, 1.0) == pytest.approx(0.9 * width(5.0))


def test_no_arrival_is_before_the_start_or_after_the_goal() -> None:
    low_s, high_s = arrival_interval_s(GoalSpread(low=5.0, high=5.0), [100.0, 35_900.0], 36_000.0, 9.0)
    assert low_s.min() >= 0.0
    assert high_s.max() <= 36_000.0


@pytest.mark.parametrize("change", [{"low": 0.0}, {"fall": float("nan")}, {"level": -1.0}])
def test_a_spread_that_makes_no_sense_is_refused(change: dict[str, float]) -> None:
    with pytest.raises(InputError):
        GoalSpread(**change)

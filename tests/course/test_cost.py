"""The costs of running and walking follow their source."""

from __future__ import annotations

import pytest

from lib.course.cost import running_cost, walking_cost


def test_costs_are_those_of_the_published_polynomials() -> None:
    # Worked out by hand: 155.4 i^5 - 30.4 i^4 - 43.3 i^3 + 46.3 i^2 + 19.5 i + 3.6 at i = 0, 0.1, -0.2.
    assert running_cost([0.0, 0.1, -0.2]) == pytest.approx([3.6, 5.968214, 1.800032], abs=1e-6)
    # 280.5 i^5 - 58.7 i^4 - 76.8 i^3 + 51.9 i^2 + 19.6 i + 2.5 at i = 0, 0.1.
    assert walking_cost([0.0, 0.1]) == pytest.approx([2.5, 4.899135], abs=1e-6)


def test_slopes_beyond_the_measured_ones_cost_as_the_last_measured() -> None:
    assert running_cost([0.9, -0.9]).tolist() == running_cost([0.45, -0.45]).tolist()

"""Known places have their known distances."""

from __future__ import annotations

import numpy as np
import pytest

from lib.core.geodesy import EARTH_RADIUS_M, gaps_m, haversine_m


def test_a_degree_of_the_meridian() -> None:
    assert haversine_m(0, 0, 1, 0) == pytest.approx(np.pi / 180 * EARTH_RADIUS_M)


def test_paris_to_london() -> None:
    assert haversine_m(48.8566, 2.3522, 51.5074, -0.1278) == pytest.approx(343_560, rel=0.002)


def test_the_gaps_of_a_line_are_one_fewer_than_its_points() -> None:
    assert gaps_m([0, 1, 1], [0, 0, 0]) == pytest.approx([111_195.08, 0.0], abs=0.01)

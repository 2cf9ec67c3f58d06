"""Metres, degrees and altitudes of the terrain."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.cbook import get_sample_data

from lib.core.geodesy import EARTH_RADIUS_M, gaps_m
from lib.demo.terrain import Terrain, along_m, load_terrain, resample


def plane(east: float, north: float, base: float = 0.0) -> Terrain:
    """Give a terrain of 40 x 50 posts, 100 m apart, that rises evenly."""
    rows, columns = np.mgrid[0:40, 0:50]
    return Terrain(base + 100 * (east * columns + north * rows), 100.0, 100.0, 36.0, -84.0, 0.001, 0.002)


def test_a_degree_of_latitude_is_a_360th_of_the_circumference() -> None:
    metres = gaps_m([36.0, 37.0], [-84.0, -84.0])
    assert metres == pytest.approx([2 * np.pi * EARTH_RADIUS_M / 360])


def test_a_degree_of_longitude_shrinks_with_the_cosine_of_latitude() -> None:
    ratio = gaps_m([60.0, 60.0], [5.0, 5.01]) / gaps_m([0.0, 0.0], [5.0, 5.01])
    assert ratio == pytest.approx([0.5], rel=1e-6)


def test_resampled_points_lie_on_the_path_at_equal_distances() -> None:
    corner = np.array([[0.0, 0.0], [7.0, 0.0], [7.0, 9.0]])
    assert resample(corner, 4.0).tolist() == [[0, 0], [4, 0], [7, 1], [7, 5], [7, 9]]
    assert along_m(corner).tolist() == [0, 7, 16]


def test_altitude_between_posts_follows_the_grid() -> None:
    xy = np.random.default_rng(1).uniform(1_000, 2_500, (200, 2))
    rise = plane(0.1, -0.2, 500.0).altitude_m(xy) - plane(0, 0).altitude_m(xy)
    assert rise == pytest.approx(500 + 0.1 * xy[:, 0] - 0.2 * xy[:, 1], abs=1e-4)


def test_relief_is_small_and_does_not_change() -> None:
    xy = np.random.default_rng(2).uniform(0, 3_000, (4_000, 2))
    relief = plane(0, 0).altitude_m(xy)
    assert 0.5 < relief.std() < 2
    assert np.array_equal(relief, plane(0, 0).altitude_m(xy))


def test_positions_become_degrees() -> None:
    lat, lon = plane(0, 0).degrees(np.array([[0.0, 0.0], [100.0, 0.0], [0.0, 300.0]]))
    assert lat == pytest.approx([36.0, 36.0, 36.003])
    assert lon == pytest.approx([-84.0, -83.998, -84.0])


def test_the_shipped_terrain_is_the_jacksboro_fault_with_south_below() -> None:
    terrain = load_terrain()
    assert (terrain.elevation_m.min(), terrain.elevation_m.max()) == (236, 1076)
    with get_sample_data("jacksboro_fault_dem.npz") as sample:
        assert np.array_equal(terrain.elevation_m[0], sample["elevation"][-1])
    assert terrain.size_m == pytest.approx((29_900, 31_780), rel=0.005)
    lat, lon = terrain.degrees(np.array([terrain.size_m]))
    assert (lat[0], lon[0]) == pytest.approx((36.7325, -84.0783), abs=0.001)


def test_metres_of_the_flat_frame_agree_with_the_sphere() -> None:
    terrain = load_terrain()
    rng = np.random.default_rng(3)
    start = rng.uniform(1_000, 28_000, (300, 2))
    for here, there in zip(start, start + rng.uniform(-300, 300, (300, 2)), strict=True):
        lat, lon = terrain.degrees(np.array([here, there]))
        assert gaps_m(lat, lon)[0] == pytest.approx(np.hypot(*(there - here)), rel=0.003)

"""Trails connect, close, bend and climb as trails do."""

from __future__ import annotations

import numpy as np
import pytest

from lib.core.schema import STEP_M
from lib.demo.terrain import along_m
from lib.demo.trails import JUNCTION_GAP_M, TrailNetwork, trail_network


@pytest.fixture(scope="module")
def network() -> TrailNetwork:
    return trail_network()


def test_every_junction_is_reached_from_every_other(network: TrailNetwork) -> None:
    assert np.isfinite(network.length_m).all()
    apart = network.length_m[:, ~np.eye(len(network.junctions), dtype=bool)]
    assert apart.min() > JUNCTION_GAP_M


def test_trails_begin_and_end_at_their_junctions(network: TrailNetwork) -> None:
    for (a, b), path in network.trails.items():
        assert np.hypot(*(path[0] - network.junctions[a])) < 1
        assert np.hypot(*(path[-1] - network.junctions[b])) <= STEP_M
        assert np.array_equal(network.trail(b, a), path[::-1])


def test_trails_stay_on_the_terrain(network: TrailNetwork) -> None:
    every = np.concatenate(list(network.trails.values()))
    assert (every > 0).all() and (every < network.terrain.size_m).all()


def test_the_trail_out_climbs_what_the_trail_home_descends(network: TrailNetwork) -> None:
    (a, b), path = next(iter(network.trails.items()))
    ground = network.terrain.altitude_m(path[[0, -1]])
    plain = 1  # the taste that counts length alone
    assert network.climb_m[plain, a, b] - network.climb_m[plain, b, a] == pytest.approx(ground[1] - ground[0], abs=5)


@pytest.mark.parametrize("wanted_m", [12_000, 17_800, 30_000])
def test_a_loop_closes_with_about_the_wanted_length(network: TrailNetwork, wanted_m: float) -> None:
    path = network.loop(np.random.default_rng(4), 70, wanted_m, 30.0)
    assert np.hypot(*(path[0] - path[-1])) < 3 * STEP_M
    assert along_m(path)[-1] == pytest.approx(wanted_m, rel=0.12)
    assert np.hypot(*np.diff(path, axis=0).T).max() <= STEP_M + 1e-9


def test_an_out_and_back_returns_on_its_own_trail(network: TrailNetwork) -> None:
    path = network.out_and_back(np.random.default_rng(5), 70, 12_000, 20.0)
    assert np.array_equal(path, path[::-1])
    assert len(path) == 2 * 1_200 + 1


def test_hilly_is_hillier_than_flat(network: TrailNetwork) -> None:
    def climb(wanted: float) -> float:
        rng, total = np.random.default_rng(6), 0.0
        for start in (60, 65, 70):
            rise = np.diff(network.terrain.altitude_m(network.loop(rng, start, 20_000, wanted)))
            total += rise[rise > 0].sum()
        return total

    assert climb(50.0) > 1.3 * climb(5.0)


def test_steep_ground_gets_switchbacks(network: TrailNetwork) -> None:
    slopes, bends = [], []
    for path in network.trails.values():
        slopes.append(np.diff(network.terrain.altitude_m(path)) / STEP_M)
        bends.append(len(path) * STEP_M / np.hypot(*(path[-1] - path[0])))
    slope = np.abs(np.concatenate(slopes))
    assert 0.05 < slope.mean() < 0.15
    assert 0.005 < (slope > 0.3).mean() < 0.12
    steep = np.array([np.abs(s).mean() for s in slopes]) > np.median([np.abs(s).mean() for s in slopes])
    assert np.mean(np.array(bends)[steep]) > np.mean(np.array(bends)[~steep]) > 1

"""Places are found in order, in a plane."""

from __future__ import annotations

import numpy as np
import pytest

from lib.recordings.map_matching import OFF_M, match
from tests.support.recorded import Way, every


def grid(way: Way) -> np.ndarray:
    """Places every 5 m, corners on the grid."""
    return every(way, 5.0)


STRAIGHT: Way = [(0, 0), (1000, 0)]
BACK: Way = [(0, 0), (1000, 0), (0, 0)]


def test_the_course_itself_is_matched_step_by_step() -> None:
    for way in (STRAIGHT, BACK):
        found = match(grid(way), grid(way))
        assert found.step.tolist() == list(range(len(grid(way))))
        assert (found.first, found.last) == (0, len(grid(way)) - 1)
        assert found.away_m.max() == 0 and found.on.all()


def test_a_course_beside_the_way_is_as_far_as_it_is() -> None:
    found = match(grid(STRAIGHT) + np.array([0.0, 30.0]), grid(STRAIGHT))
    assert found.away_m == pytest.approx(30.0)
    assert not match(grid(STRAIGHT) + np.array([0.0, OFF_M + 1]), grid(STRAIGHT)).on.any()


def test_the_way_back_is_not_taken_for_the_way_there() -> None:
    found = match(grid([(0, 0), (1000, 0), (600, 0)]), grid(BACK))
    assert found.step[-1] == 280
    assert match(grid([(0, 0), (600, 0)]), grid(BACK)).step[-1] == 120


def test_places_never_go_back() -> None:
    rng = np.random.default_rng(0)
    walk = np.cumsum(rng.normal(size=(400, 2)) * 8, axis=0)
    assert (np.diff(match(walk, grid(BACK)).step) >= 0).all()


def test_what_comes_before_the_start_and_after_the_finish_is_apart() -> None:
    found = match(grid([(-300, 0), (0, 0), (1000, 0), (1000, 400)]), grid(STRAIGHT))
    assert abs(found.first - 60) <= 1 and abs(found.last - 260) <= 1
    assert (found.step[: found.first] == 0).all() and (found.step[found.last :] == 200).all()


def test_a_warm_up_along_the_course_is_before_the_start() -> None:
    found = match(grid([(0, 0), (200, 0), (0, 0), (1000, 0)]), grid(STRAIGHT))
    assert abs(found.first - 80) <= 1 and found.last == 280


def test_the_finish_ends_a_run_and_nothing_else_does() -> None:
    left = match(grid([(0, 0), (500, 0), (500, 900)]), grid(STRAIGHT))
    assert abs(left.step[left.last] - 100) <= 12 and left.last <= 112
    turned = match(grid([(0, 0), (1000, 0), (0, 0)]), grid(STRAIGHT))
    assert turned.last == 200


def test_a_long_way_in_coarse_steps_is_matched_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lib.recordings.map_matching._CELLS", 600)  # every 80 m
    found = match(grid(BACK), grid(BACK))
    assert np.abs(found.step - np.arange(401)).max() <= 1

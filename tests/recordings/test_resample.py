"""Samples are laid between edges as worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.core import schema as c
from lib.core.errors import InputError
from lib.recordings.resample import Edges, GridConfig, clock, reached, step_columns
from lib.recordings.stops import motion_of


def test_a_place_is_reached_first_before_the_runner_stands_there() -> None:
    edges = reached(np.array([0.0, 4.0, 10.0, 10.0, 16.0]), np.array([0.0, 7.0, 10.0, 13.0]))
    assert edges.at.tolist() == [0, 1, 1, 3]
    assert edges.share.tolist() == [0.0, 0.5, 1.0, 0.5]
    assert edges.values(np.array([0.0, 1.0, 2.0, 60.0, 61.0])).tolist() == [0.0, 1.5, 2.0, 60.5]


def test_a_clock_adds_up() -> None:
    assert clock(np.array([1.0, 2.0, 4.0])).tolist() == [0.0, 1.0, 3.0, 7.0]


def test_edges_may_be_uneven_and_nothing_between_them_is_lost() -> None:
    time = np.array([*np.arange(0, 101.0), *np.arange(161, 262.0)])
    way = 3.0 * np.array([*np.arange(0, 101.0), *np.arange(100, 201.0)])
    heart = np.where(time > 130, 160.0, 140.0)
    frame = pd.DataFrame({c.TIME: time, c.DISTANCE: way, c.HEART_RATE: heart, c.CADENCE: 180.0})
    samples = frame.reindex(columns=list(c.SAMPLE_COLUMNS)).astype(float)
    motion = motion_of(samples)
    columns = step_columns(samples, motion, reached(motion.distance_m, np.array([30.0, 150.0, 297.0, 303.0, 600.0])))
    assert columns[c.DURATION] == pytest.approx([40, 49, 2, 99])
    assert columns[c.STOP] == pytest.approx([0, 0, 61, 0])
    assert columns[c.HEART_RATE][[0, 1, 3]] == pytest.approx([140, 140, 160])
    assert columns[c.CADENCE] == pytest.approx(90.0)


def test_limits_that_make_no_sense_are_refused() -> None:
    with pytest.raises(InputError, match="hold_s"):
        GridConfig(hold_s=0.0)


def test_edges_keep_what_they_are_given() -> None:
    assert Edges(np.array([0]), np.array([0.25])).values(np.array([4.0, 8.0])).tolist() == [5.0]

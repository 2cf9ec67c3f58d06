"""Stops at aid stations that state none: none in short races, more for the slow and later in the race."""

from __future__ import annotations

import numpy as np
import pytest

from lib.athlete.aid_stops import AidStops, default_stops_s
from lib.core.errors import InputError

STOPS = AidStops()
H = 3600.0


def test_short_races_have_none() -> None:
    assert default_stops_s(STOPS, 4.5 * H, 5.0, [1 * H, 2 * H, 3 * H]).sum() == 0.0


def test_long_races_stand_a_share_of_their_time() -> None:
    at = np.arange(2, 30, 3) * H
    share = default_stops_s(STOPS, 30 * H, 5.0, at).sum() / (30 * H)
    assert share == pytest.approx(STOPS.share)


def test_the_slow_stand_longer_but_not_without_end() -> None:
    at = np.arange(2, 30, 3) * H
    sums = default_stops_s(STOPS, [30 * H] * 3, [4.0, 6.0, 20.0], np.tile(at, (3, 1))).sum(axis=1)
    assert sums[0] < sums[1] < sums[2] <= STOPS.most * 30 * H + 1e-6


def test_stops_grow_with_the_hours_and_shrink_at_the_end() -> None:
    stops = default_stops_s(STOPS, 30 * H, 5.0, [5 * H, 10 * H, 15 * H, 20 * H, 25 * H, 29.9 * H])[0]
    assert stops[0] < stops[2] < stops[4]
    assert stops[-1] < stops[0]


def test_no_station_no_stop() -> None:
    assert default_stops_s(STOPS, 30 * H, 5.0, np.empty((1, 0))).shape == (1, 0)


@pytest.mark.parametrize("change", [{"share": -0.1}, {"most": 0.9}, {"from_h": 12.0}, {"level_power": float("nan")}])
def test_habits_that_make_no_sense_are_refused(change: dict[str, float]) -> None:
    with pytest.raises(InputError):
        AidStops(**change)

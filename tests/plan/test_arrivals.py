"""Given a band of moving times, standing times by hand: intervals and chances are those of their sum."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.athlete.conformal import Calibration
from lib.athlete.stopped_time import standing_quantiles
from lib.athlete.time_distribution import TimeDistribution
from lib.plan.arrivals import ArrivalDistribution, standing_of
from lib.race.config import RaceConfig
from tests.support.plans import BAND
from tests.support.races import HABITS_S, known_bundle, shipped

WIDER_ON_THE_WAY = TimeDistribution(
    0.1,
    (0.3, -0.5, 1.2),
    Calibration((-2.0, -1.0, 0.0, 1.0, 2.0), 1.0, (2.0, 1.6, 1.4, 1.3, 1.2, 1.1, 1.1, 1.0, 1.0, 1.0)),
)
STANDING_S = np.array([0.0, 0.0, 30.0, 60.0, 100.0, 200.0, 400.0, 1_500.0])
BOTH = ArrivalDistribution(WIDER_ON_THE_WAY, STANDING_S)
MOVING = st.floats(60.0, 200_000.0)
STANDING = st.lists(st.floats(0.0, 20_000.0), min_size=1, max_size=40).map(np.array)
SHARE = st.floats(0.0, 1.0)


# --- without standing it is the moving band ----------------------------------------------------------------------
@pytest.mark.parametrize(("standing_s", "share"), [(np.zeros(40), 1.0), (STANDING_S, 0.0)])
def test_without_standing_it_is_the_moving_band_after_what_is_waited(standing_s: np.ndarray, share: float) -> None:
    band = ArrivalDistribution(WIDER_ON_THE_WAY, standing_s)
    fraction = np.array([0.15, 0.5, 1.0])
    moving_s = 7_200.0 * fraction
    low_s, high_s = WIDER_ON_THE_WAY.interval(moving_s, fraction)
    found = band.interval(moving_s, 300.0, share, fraction)
    np.testing.assert_array_equal(found, (low_s + 300.0, high_s + 300.0))
    seconds = moving_s * 1.1 + 300.0
    expected = WIDER_ON_THE_WAY.chance(seconds - 300.0, moving_s, fraction)
    np.testing.assert_allclose(band.chance(seconds, moving_s, 300.0, share, fraction), expected)


def test_standing_that_is_sure_moves_everything() -> None:
    band = ArrivalDistribution(WIDER_ON_THE_WAY, np.array([600.0]))
    low_s, high_s = WIDER_ON_THE_WAY.interval(7_200.0, 1.0)
    np.testing.assert_allclose(band.interval(7_200.0, 60.0, 1.0, 1.0), ([low_s + 660.0], [high_s + 660.0]), atol=1e-3)
    half = band.chance(WIDER_ON_THE_WAY.interval(3_600.0, 0.5)[0] + 60.0 + 300.0, 3_600.0, 60.0, 0.5, 0.5)
    assert half == pytest.approx([0.1])


def test_chances_of_two_standing_times_are_their_mean() -> None:
    two = ArrivalDistribution(BAND, np.array([0.0, 1_000.0]))
    each = [float(BAND.chance(seconds, 3_600.0)) for seconds in (4_200.0, 3_200.0)]
    assert two.chance(4_200.0, 3_600.0, 0.0, 1.0, 1.0) == pytest.approx([np.mean(each)])


# --- intervals and chances are of one distribution ---------------------------------------------------------------
@settings(max_examples=60, deadline=None)
@given(MOVING, STANDING, SHARE, st.floats(0.0, 90_000.0), st.floats(0.0, 1.0))
def test_one_in_ten_arrivals_lies_beyond_each_end(
    moving_s: float, standing_s: np.ndarray, share: float, waited_s: float, fraction: float
) -> None:
    band = ArrivalDistribution(WIDER_ON_THE_WAY, standing_s)
    low_s, high_s = band.interval(moving_s, waited_s, share, fraction)
    assert waited_s < low_s[0] < high_s[0]
    assert band.chance(low_s, moving_s, waited_s, share, fraction) == pytest.approx([0.1], abs=1e-4)
    assert band.chance(high_s, moving_s, waited_s, share, fraction) == pytest.approx([0.9], abs=1e-4)


def test_it_is_the_distribution_of_a_sum_that_is_drawn() -> None:
    rng = np.random.default_rng(5)
    times_s = np.geomspace(1_000.0, 40_000.0, 4_000)
    moving_s = np.interp(rng.random(100_000), WIDER_ON_THE_WAY.chance(times_s, 7_200.0, 0.6), times_s)
    drawn_s = moving_s + 240.0 + 0.7 * rng.choice(STANDING_S, moving_s.size)
    for seconds in (6_500.0, 7_500.0, 8_500.0, 9_500.0):
        found = BOTH.chance(seconds, 7_200.0, 240.0, 0.7, 0.6)[0]
        assert found == pytest.approx(np.mean(drawn_s <= seconds), abs=0.006)
    low_s, high_s = BOTH.interval(7_200.0, 240.0, 0.7, 0.6)
    assert [low_s[0], high_s[0]] == pytest.approx(np.quantile(drawn_s, (0.1, 0.9)), rel=0.005)


@settings(max_examples=60, deadline=None)
@given(MOVING, STANDING, SHARE, st.floats(0.0, 9_000.0))
def test_chances_never_fall_with_time(moving_s: float, standing_s: np.ndarray, share: float, waited_s: float) -> None:
    seconds = np.linspace(0.0, waited_s + 3 * moving_s + standing_s.max(), 200)
    found = ArrivalDistribution(WIDER_ON_THE_WAY, standing_s).chance(seconds, moving_s, waited_s, share, 0.8)
    assert np.all(np.diff(found) >= 0)
    assert found[0] == 0 and found[-1] > 0.9 and np.all(found <= 1)
    assert np.all(found[seconds <= waited_s] == 0)


def test_many_places_at_once_are_as_one_by_one() -> None:
    moving_s, waited_s = np.array([600.0, 3_600.0, 7_200.0]), np.array([0.0, 60.0, 60.0])
    share, fraction = np.array([0.1, 0.5, 1.0]), np.array([0.1, 0.5, 1.0])
    together = BOTH.interval(moving_s, waited_s, share, fraction)
    chances = BOTH.chance(5_000.0, moving_s, waited_s, share, fraction)
    for i in range(3):
        alone = BOTH.interval(moving_s[i], waited_s[i], share[i], fraction[i])
        np.testing.assert_allclose([end[i] for end in together], [end[0] for end in alone], rtol=1e-6)
        assert chances[i] == BOTH.chance(5_000.0, moving_s[i], waited_s[i], share[i], fraction[i])[0]


def test_of_no_places_there_is_nothing_to_say() -> None:
    none = np.zeros(0)
    assert [end.size for end in BOTH.interval(none, none, none, none)] == [0, 0]
    assert BOTH.chance(none, none, none, none, none).size == 0


# --- standing to expect ------------------------------------------------------------------------------------------
def test_standing_is_what_is_said_whatever_is_planned() -> None:
    assert standing_of(known_bundle(), RaceConfig(standing_s=90.0), 7_200.0, 600.0).tolist() == [90.0]


def test_habits_are_spread_as_on_past_runs() -> None:
    found = standing_of(known_bundle(), RaceConfig(), 3_600.0, 0.0)
    assert found.size == 40 and np.all(np.diff(found) >= 0)
    levels = np.linspace(0.0125, 0.9875, 40)
    np.testing.assert_allclose(found, standing_quantiles(HABITS_S, shipped()[1].prior.standing, 3_600.0, levels))
    # 15 runs of the athlete's own and the two that habits of others count as.
    assert np.median(found) == pytest.approx(np.median(HABITS_S), abs=20.0)
    assert found[0] < 5.0 and 900.0 < found[-1] <= 1_500.0


def test_of_habits_only_what_exceeds_planned_stops_is_added() -> None:
    bundle = known_bundle()
    free, planned = (standing_of(bundle, RaceConfig(), 7_200.0, stop_s) for stop_s in (0.0, 200.0))
    np.testing.assert_allclose(planned, np.maximum(free - 200.0, 0.0))
    assert standing_of(bundle, RaceConfig(), 7_200.0, 90_000.0).max() == 0.0

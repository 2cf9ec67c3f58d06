"""Altitude is cleaned, and slopes and climb follow from it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lib.core import schema as c
from lib.course.terrain_features import (
    MAX_SLOPE,
    SPIKE_M,
    course_table,
    cumulative_climb,
    remove_spikes,
    smooth_altitude,
)

ALTITUDES = arrays(np.float64, st.integers(1, 400), elements=st.floats(-400.0, 9_000.0))


def test_a_flat_noisy_track_has_nearly_no_climb() -> None:
    noisy = 300.0 + np.random.default_rng(1).normal(0.0, 0.5, 2_000)  # 10 km
    raw_m, cleaned_m = cumulative_climb(noisy)[-1], course_table(noisy)[c.CLIMB].iloc[-1]
    assert raw_m > 500.0
    assert cleaned_m < 0.06 * raw_m


@pytest.mark.parametrize("slope", [-0.3, -0.01, 0.0, 0.05, 0.4])
@pytest.mark.parametrize("steps", [3, 4, 7, 11, 12, 21, 22, 300])
def test_a_steady_slope_stays_one_up_to_both_ends(slope: float, steps: int) -> None:
    altitude = 500.0 + slope * c.STEP_M * np.arange(steps)
    np.testing.assert_allclose(smooth_altitude(altitude), altitude, atol=1e-9)


@pytest.mark.parametrize("place", [0, 1, 50, 98, 99])
@pytest.mark.parametrize("height", [-131.0, 21.0, 131.0, 4_000.0])
def test_a_spike_is_removed_wherever_it_is(place: int, height: float) -> None:
    altitude = np.full(100, 250.0)
    altitude[place] += height
    np.testing.assert_allclose(smooth_altitude(altitude), 250.0, atol=1e-9)


def test_a_spike_of_five_steps_goes_and_a_terrace_of_six_stays() -> None:
    altitude = np.full(100, 250.0)
    altitude[40:45] += 100.0
    assert remove_spikes(altitude).max() == 250.0
    altitude[40:46] += 100.0
    assert remove_spikes(altitude).max() > 300.0


def test_what_is_within_the_limit_is_no_spike() -> None:
    altitude = np.full(100, 250.0)
    altitude[50] += SPIKE_M
    np.testing.assert_array_equal(remove_spikes(altitude), altitude)


def test_spikes_are_removed_from_a_copy() -> None:
    for size in (2, 50):
        altitude = np.full(size, 250.0)
        altitude[1] = 900.0
        before = altitude.copy()
        smooth_altitude(altitude)
        np.testing.assert_array_equal(altitude, before)


def test_smoothing_spreads_one_step_over_the_window_and_keeps_its_sum() -> None:
    altitude = np.zeros(101)
    altitude[50] = 10.0  # below the spike limit
    smooth = smooth_altitude(altitude)
    weights = np.hanning(23)[1:-1]  # 100 m and the step itself
    np.testing.assert_allclose(smooth[40:61], 10.0 * weights / weights.sum(), atol=1e-12)
    assert smooth[:40] == pytest.approx(0.0) and smooth[61:] == pytest.approx(0.0)
    assert smooth.sum() == pytest.approx(10.0)


@pytest.mark.parametrize("length_m", [25.0, 50.0, 80.0, 200.0, 1_000.0])
def test_of_a_ripple_is_left_what_the_window_leaves(length_m: float) -> None:
    # Of a wave of length W / k a Hann window of length W leaves sin(πk) / (πk (1 - k²)). W is 110 m: its ends, where
    # it is 0, are one step beyond the 21 that weigh.
    k = 110.0 / length_m
    left = np.sin(np.pi * k) / (np.pi * k * (1 - k**2))
    wave = 5.0 * np.cos(np.arange(2_000) * c.STEP_M * 2 * np.pi / length_m)
    np.testing.assert_allclose(smooth_altitude(wave)[100:-100], left * wave[100:-100], atol=0.05)
    assert abs(left) < 0.03 or length_m > 75.0


def test_half_of_a_window_may_be_wrong() -> None:
    altitude = np.full(100, 250.0)
    altitude[40:45] += [500.0, -300.0, 8_000.0, 90.0, -21.0]
    np.testing.assert_array_equal(remove_spikes(altitude), 250.0)


def test_smoothing_twice_takes_away_twice() -> None:
    hills = 10.0 * np.sin(np.arange(2_000) * c.STEP_M * 2 * np.pi / 200.0)
    once = smooth_altitude(hills)
    assert np.ptp(smooth_altitude(once)) < 0.95 * np.ptp(once)


def test_slopes_by_hand() -> None:
    # 10% up for 1 km, then flat for 1 km; far from the bend smoothing changes nothing.
    altitude = np.minimum(np.arange(1, 401) * 0.5, 100.0)
    table = course_table(altitude)
    for name in (c.SLOPE_25M, c.SLOPE_100M):
        assert table[name].iloc[100] == pytest.approx(0.1)
        assert table[name].iloc[300] == pytest.approx(0.0)
    last_500, next_500 = table[c.SLOPE_500M], table[c.SLOPE_AHEAD]
    assert last_500.iloc[150] == pytest.approx(0.1)
    assert last_500.iloc[249] == pytest.approx(0.05)  # step 249 ends at 1250 m: half of its last 500 m rose
    assert last_500.iloc[350] == pytest.approx(0.0)
    assert next_500.iloc[50] == pytest.approx(0.1)
    assert next_500.iloc[149] == pytest.approx(0.05)  # ends at 750 m: half of the next 500 m rises
    assert next_500.iloc[399] == 0.0  # nothing ahead
    assert last_500.iloc[0] == 0.0  # nothing behind


def test_distances_and_what_is_left_by_hand() -> None:
    table = course_table(np.arange(1, 201) * 0.5)  # 1 km, 10% up
    assert table[c.STEP].tolist() == list(range(200))
    assert table[c.DISTANCE].iloc[[0, -1]].tolist() == [5.0, 1000.0]
    assert table[c.DISTANCE_DONE].iloc[-1] == 1.0
    assert table[c.DISTANCE_LEFT].iloc[[0, -1]].tolist() == [0.995, 0.0]
    assert table[c.CLIMB].iloc[0] == 0.0
    assert table[c.CLIMB].iloc[-1] == pytest.approx(99.5)
    assert table[c.CLIMB_LEFT].iloc[0] == pytest.approx(0.0995)


def test_a_cliff_is_cut_to_the_steepest_slope() -> None:
    altitude = np.concatenate([np.zeros(100), np.full(100, 500.0)])
    table = course_table(altitude)
    assert table[c.SLOPE_25M].max() == MAX_SLOPE
    assert course_table(altitude[::-1])[c.SLOPE_25M].min() == -MAX_SLOPE


@pytest.mark.parametrize("steps", range(1, 60))
def test_a_course_of_any_length_works(steps: int) -> None:
    table = course_table(400.0 + np.random.default_rng(steps).normal(0.0, 30.0, steps))
    assert len(table) == steps
    assert np.isfinite(table.to_numpy()).all()
    assert set(c.KNOWN_REALS) - {c.GIVEN_PACE} <= set(table.columns)


@settings(max_examples=60, deadline=None)
@given(ALTITUDES)
def test_climb_is_at_least_the_net_gain_and_everything_is_finite(altitude: np.ndarray) -> None:
    table = course_table(altitude)
    cleaned, climb = table[c.ALTITUDE].to_numpy(), table[c.CLIMB].to_numpy()
    assert np.isfinite(table.to_numpy()).all()
    assert climb[-1] >= cleaned[-1] - cleaned[0] - 1e-6
    assert (np.diff(climb) >= 0).all()
    assert climb[-1] - (cleaned[-1] - cleaned[0]) == pytest.approx(cumulative_climb(-cleaned)[-1], abs=1e-6)
    for name in (c.SLOPE_25M, c.SLOPE_100M, c.SLOPE_500M, c.SLOPE_AHEAD):
        assert table[name].abs().max() <= MAX_SLOPE


@settings(max_examples=40, deadline=None)
@given(ALTITUDES, st.floats(-1_000.0, 1_000.0))
def test_the_level_of_the_sea_does_not_matter(altitude: np.ndarray, shift_m: float) -> None:
    # Altitudes on a grid of 1/8 m, so that no rounding decides what is a spike.
    altitude, shift_m = np.rint(altitude * 8) / 8, round(shift_m * 8) / 8
    np.testing.assert_allclose(smooth_altitude(altitude + shift_m), smooth_altitude(altitude) + shift_m, atol=1e-6)

"""Costs, speeds, heart rates and cadence follow their sources."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.errors import InputError
from lib.course.cost import walking_cost
from lib.demo.physiology import (
    Athlete,
    cadence_rpm,
    follow_heart,
    run_profile,
    step_slope,
    walking_speed,
)

ME = Athlete()


def ramp(slope: float, steps: int = 600) -> np.ndarray:
    return 300 + 5.0 * slope * np.arange(1, steps + 1)


def test_walking_costs_as_much_as_running_at_2_2_metres_a_second() -> None:
    speed = 1.3 * (1 + np.sqrt(3.6 / 2.5 - 1))
    assert speed == pytest.approx(2.16, abs=0.01)
    assert walking_speed(0.0, 3.6 * speed) == pytest.approx(speed)


@given(st.floats(-0.1, 0.45), st.floats(3, 20))
def test_walking_speed_takes_the_power_it_was_solved_for(slope: float, power: float) -> None:
    speed = float(walking_speed(slope, power))
    excess = max(speed / 1.3 - 1, 0)
    assert float(walking_cost(slope)) * speed * (1 + excess**2) == pytest.approx(power, rel=1e-6)


def test_the_slope_of_a_ramp_is_the_ramps() -> None:
    assert step_slope(ramp(0.12)) == pytest.approx(np.full(600, 0.12))
    assert step_slope([7.0]).tolist() == [0.0]


def test_the_heart_goes_63_percent_of_the_way_in_its_time_constant() -> None:
    still = replace(ME, drift=0.0)
    rate = follow_heart(np.full(450, 0.6), np.ones(450), np.zeros(450), still)
    goal, start = 48 + 0.6 * 138, 48 + 0.3 * 138
    assert rate[44] == pytest.approx(start + (goal - start) * (1 - np.exp(-1)))
    assert rate[-1] == pytest.approx(goal, abs=0.01)


def test_the_heart_falls_in_a_stop_and_drifts_up_over_hours() -> None:
    stop = np.zeros(7_200)
    stop[3_600] = 120
    rate = follow_heart(np.full(7_200, 0.6), np.ones(7_200), stop, ME)
    assert rate[3_600] < rate[3_599] - 20
    assert rate[-1] > rate[900] + 3


def test_steep_climbs_are_walked_and_the_rest_run() -> None:
    assert run_profile(ramp(0.25), ME).walking.mean() > 0.95
    for slope in (0.0, 0.04, -0.1, -0.3):
        assert run_profile(ramp(slope), ME).walking.mean() < 0.05


def test_braking_makes_steep_descents_slower_than_gentle_ones() -> None:
    times = [run_profile(ramp(slope), ME).duration_s.mean() for slope in (-0.35, -0.08, 0.0, 0.08, 0.3)]
    assert np.argmin(times) == 1
    assert times[0] > times[2] and times[4] > times[3] > times[2]


def test_fatigue_slows_a_long_flat_run_and_nothing_else_does() -> None:
    flat = np.full(8_000, 300.0)
    pace = run_profile(flat, ME).duration_s
    assert pace[-1] > 1.05 * pace[1_000]
    assert np.all(np.diff(pace[1_500:]) > -1e-6)
    tireless = run_profile(flat, replace(ME, fatigue_per_h=0.0)).duration_s
    assert tireless[-1] == pytest.approx(tireless[3_000], rel=1e-3)


def test_form_makes_faster_at_the_same_heart_rate_and_effort_at_a_higher_one() -> None:
    usual, fit, hard = run_profile(ramp(0.0), ME), run_profile(ramp(0.0), ME, 1.1), run_profile(ramp(0.0), ME, 1, 1.1)
    assert fit.duration_s.sum() < 0.95 * usual.duration_s.sum()
    # The drift of the shorter run is younger: hence not equal to the last digit.
    assert fit.heart_rate_bpm[-1] == pytest.approx(usual.heart_rate_bpm[-1], abs=1.5)
    assert hard.heart_rate_bpm[-1] > usual.heart_rate_bpm[-1] + 5


def test_cadence_is_of_one_leg_and_drops_in_walking() -> None:
    run = cadence_rpm(np.array([2.5]), np.array([0.0]), np.array([0.0]), ME)[0]
    walk = cadence_rpm(np.array([1.0]), np.array([0.25]), np.array([1.0]), ME)[0]
    assert (run, walk) == pytest.approx((79.0, 34 + 14 + 5))


@pytest.mark.parametrize(
    ("field", "value"),
    [("power_w_kg", -1.0), ("heart_tau_s", 0.0), ("drift", float("nan")), ("max_bpm", 40.0), ("push", "much")],
)
def test_an_impossible_athlete_is_refused(field: str, value: object) -> None:
    with pytest.raises(InputError):
        Athlete(**{field: value})  # type: ignore[arg-type]

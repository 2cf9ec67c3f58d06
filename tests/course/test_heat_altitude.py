"""Heat and thin air cost the time that their sources give."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.errors import InputError
from lib.course.heat_altitude import (
    HIGHEST_M,
    STUDIED_C,
    Conditions,
    describe,
    duration_factor,
    heart_rate_factor,
    oxygen_fraction,
    temperature_factor,
)

ALTITUDE = np.linspace(200.0, 2_800.0, 50)


def test_nothing_is_adjusted_unless_asked_for() -> None:
    assert duration_factor(Conditions(), ALTITUDE).tolist() == [1.0] * 50
    assert describe(Conditions(), ALTITUDE) == ()


def test_heat_by_hand() -> None:
    # 7.5 °C above 17.5 °C, 5 °C below 10 °C, at 0.35% each
    assert temperature_factor([25.0, 5.0, 10.0, 14.0, 17.5]) == pytest.approx([1.02625, 1.0175, 1.0, 1.0, 1.0])


def test_the_slope_is_that_of_the_fastest_men_in_marathons() -> None:
    # Ely et al. 2007: 1.7% behind the course record at 5-10 °C wet-bulb globe, 4.5% at 20-25 °C: 2.8% more
    assert temperature_factor(25.0) - temperature_factor(10.0) == pytest.approx(0.028, abs=0.005)


def test_beyond_the_races_studied_the_loss_is_held() -> None:
    assert temperature_factor([-40.0, 55.0]).tolist() == temperature_factor(STUDIED_C).tolist()


def test_who_is_used_to_heat_in_training_loses_only_the_difference() -> None:
    hot = duration_factor(Conditions(30.0, usual_temperature_c=25.0), ALTITUDE)
    assert hot == pytest.approx(np.full(50, 1.04375 / 1.02625))
    assert duration_factor(Conditions(30.0, usual_temperature_c=30.0), ALTITUDE) == pytest.approx(np.ones(50))


def test_thin_air_by_hand() -> None:
    # 2,000 m: 1 - 0.0468 - 0.00802; 4,000 m: 1 - 0.1872 - 0.01604
    assert oxygen_fraction([-100.0, 0.0, 2_000.0, 4_000.0]) == pytest.approx([1.0, 1.0, 0.94518, 0.79676])
    assert oxygen_fraction(8_000.0) == oxygen_fraction(HIGHEST_M)


def test_altitude_counts_against_that_of_the_usual_runs() -> None:
    factor = duration_factor(Conditions(usual_altitude_m=2_000.0), [0.0, 2_000.0, 4_000.0])
    assert factor == pytest.approx([0.94518, 1.0, 0.94518 / 0.79676])


def test_heat_and_altitude_multiply() -> None:
    both = duration_factor(Conditions(30.0, usual_altitude_m=500.0), ALTITUDE)
    heat, height = (duration_factor(x, ALTITUDE) for x in (Conditions(30.0), Conditions(usual_altitude_m=500.0)))
    assert both == pytest.approx(heat * height)
    assert both.shape == ALTITUDE.shape


def test_the_report_names_size_and_source() -> None:
    heat, height = describe(Conditions(25.0, usual_altitude_m=200.0), [200.0, 2_000.0])
    assert "+2.6% time" in heat and "10.1249/MSS.0000000000002769" in heat
    assert "+0.0% to +5.7% time" in height and "10.1152/japplphysiol.01177.2001" in height
    assert "held" not in (heat + height).lower()


def test_the_report_says_where_a_formula_ends() -> None:
    heat, height = describe(Conditions(45.0, usual_altitude_m=200.0), [200.0, 5_500.0])
    assert "beyond, and held" in heat
    assert "Held above 5000 m" in height


@pytest.mark.parametrize(
    "values",
    [
        {"temperature_c": 80.0},
        {"temperature_c": np.nan},
        {"usual_temperature_c": -80.0},
        {"usual_altitude_m": 12_000.0},
        {"usual_altitude_m": np.inf},
    ],
)
def test_conditions_that_are_not_of_this_earth_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(InputError, match=next(iter(values))):
        Conditions(**values)


@given(st.floats(-50, 60), st.floats(-50, 60), st.floats(-450, 9_000), st.floats(-450, 9_000))
def test_factors_stay_within_reason(temperature_c: float, usual_c: float, usual_m: float, altitude_m: float) -> None:
    (factor,) = duration_factor(Conditions(temperature_c, usual_c, usual_m), [altitude_m])
    assert 0.6 < factor < 1.6


@given(st.floats(0, 4_900), st.floats(1, 100), st.floats(17.5, 35), st.floats(0.01, 0.5))
def test_higher_and_hotter_are_slower(altitude_m: float, up_m: float, temperature_c: float, more_c: float) -> None:
    assert oxygen_fraction(altitude_m + up_m) < oxygen_fraction(altitude_m)
    assert temperature_factor(temperature_c + more_c) > temperature_factor(temperature_c)


def test_heart_rate_rises_with_the_heat_by_a_tenth_at_most() -> None:
    assert heart_rate_factor(Conditions()) == 1.0
    assert heart_rate_factor(Conditions(15.0, 10.0)) == 1.0
    assert heart_rate_factor(Conditions(26.5, 15.0)) == pytest.approx(1.05)
    assert heart_rate_factor(Conditions(50.0, 15.0)) == pytest.approx(1.10)
    assert heart_rate_factor(Conditions(15.0, 26.5)) == pytest.approx(1.0 / 1.05)

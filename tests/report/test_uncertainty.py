"""Where a plan is least sure, and nothing said without cause, from runners of whom little or much is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lib.athlete.bundle import Bundle
from lib.core import schema as c
from lib.course.grade_factors import SLOPE_KNOTS
from lib.course.heat_altitude import Conditions
from lib.plan.moving_plan import plan_from
from lib.plan.race_plan import RacePlan
from lib.race.clock import parse_start
from lib.report.uncertainty import Doubt, doubts, own_share
from tests.support.plans import BAND, flat_plan, make_course, make_prediction
from tests.support.races import UNHURRIED, known_bundle, placed, race_of, shipped

EVERYWHERE = (9_000.0,) * SLOPE_KNOTS.size


def expert(**more: object) -> Bundle:
    """Somebody who has run 60 km, and on all slopes."""
    return known_bundle(**{"longest_km": 60.0, "curve_flat_s": EVERYWHERE, "curve_actual_s": EVERYWHERE} | more)


def race_over(altitude_m: np.ndarray, **config: object) -> RacePlan:
    plan = plan_from(make_course(altitude_m), make_prediction(np.full(altitude_m.size, 2.0)), BAND)
    return race_of(plan, replace(UNHURRIED, **config))  # type: ignore[arg-type]


def hill(slope: float) -> np.ndarray:
    """2 km on the flat, 1 km up a slope, 1 km down it, 2 km on the flat."""
    metres = np.arange(1, 1_201) * 5.0
    return np.interp(metres, [0, 2_000, 3_000, 4_000, 6_000], [100, 100, 100 + 1_000 * slope, 100, 100])


# --- how much is the athlete's own -------------------------------------------------------------------------------
def test_what_is_known_weighs_against_the_belief_in_runners_in_general() -> None:
    weight_s = shipped()[1].prior.curve_weight_s
    known_s = np.zeros(SLOPE_KNOTS.size)
    known_s[10:12] = weight_s, 3 * weight_s  # on the flat, and at 2% up
    found = own_share(known_bundle(curve_flat_s=tuple(known_s)), np.array([-0.3, 0.0, 0.01, 0.02, 0.04, 2.0]))
    assert found == pytest.approx([0.0, 0.5, 0.625, 0.75, 0.0, 0.0])


# --- reasons -----------------------------------------------------------------------------------------------------
def test_of_somebody_who_has_run_everything_there_is_no_doubt() -> None:
    assert doubts(race_over(hill(0.2)), expert()) == ()


def test_of_nobody_all_is_in_doubt_and_no_slope_is_named() -> None:
    race = race_over(hill(0.2))
    (only,) = doubts(race, shipped()[1])
    assert only.where == () and only.places == "everywhere" and only.moving_s == race.plan.finish_s
    assert only.code == "nobody_known"


def test_steep_ground_that_is_not_known_is_named_up_and_down() -> None:
    found = doubts(race_over(hill(0.2)), known_bundle(longest_km=60.0))
    assert [doubt.code for doubt in found] == ["steep_climbs_unknown", "steep_descents_unknown"]
    for doubt, (first_m, last_m) in zip(found, ((2_000, 3_000), (3_000, 4_000)), strict=True):
        assert doubt.where[0] == pytest.approx((first_m, last_m), abs=40.0)
        assert doubt.moving_s == pytest.approx((doubt.where[0][1] - doubt.where[0][0]) / 5.0 * 2.0)


def test_gentle_ground_is_not() -> None:
    assert doubts(race_over(hill(0.08)), known_bundle(longest_km=60.0)) == ()


def test_beyond_the_longest_run_it_is_a_guess() -> None:
    (only,) = doubts(race_of(flat_plan(2_400)), expert(longest_km=10.5))
    assert only.where == ((10_500.0, 12_000.0),) and only.places == "km 10.5 to 12.0"
    assert only.moving_s == 600.0 and only.code == "beyond_longest_run"
    assert doubts(race_of(flat_plan(2_100)), expert(longest_km=10.5)) == ()


def test_a_wall_is_a_scramble_or_an_error() -> None:
    (only,) = doubts(race_over(hill(0.55)), expert())
    assert only.code == "beyond_steepest" and len(only.where) == 1


def test_thin_air_is_in_doubt_unless_it_is_adjusted_for() -> None:
    altitude_m = np.full(1_000, 2_400.0)
    (only,) = doubts(race_over(altitude_m), expert())
    assert only.code == "thin_air"
    assert doubts(race_over(altitude_m, conditions=Conditions(usual_altitude_m=300.0)), expert()) == ()


def test_the_dark_is_in_doubt() -> None:
    course = placed(np.full(1_000, 50.0), np.zeros(1_000), np.linspace(0.0, 0.05, 1_000))
    plan = plan_from(course, make_prediction(np.full(1_000, 3.0)), BAND)
    night, noon = (
        race_of(plan, replace(UNHURRIED, start=parse_start(f"2026-03-20T{hour}:00Z"))) for hour in ("01", "11")
    )
    (only,) = doubts(night, expert())
    assert only.code == "dark" and only.where == ((0.0, 5_000.0),)
    assert doubts(noon, expert()) == ()


def test_what_was_repaired_comes_last() -> None:
    race = race_of(flat_plan(2_400))
    course = replace(race.course, repairs=("3 gaps bridged", "elevation filled in"))
    found = doubts(replace(race, plan=replace(race.plan, course=course)), expert(longest_km=11.0))
    assert [doubt.code for doubt in found] == ["beyond_longest_run", "repaired"]
    assert found[1].why == "the file was repaired: 3 gaps bridged; elevation filled in"


def test_the_most_time_comes_first_and_what_has_been_run_is_in_no_doubt() -> None:
    altitude_m = np.concatenate([hill(0.2), np.full(1_200, 100.0)])
    race = race_over(altitude_m)
    bundle = known_bundle(longest_km=10.0)
    times = [doubt.moving_s for doubt in doubts(race, bundle)]
    assert len(times) == 3 and times == sorted(times, reverse=True)
    for done, reasons in ((0, 3), (600, 2), (1_100, 1), (2_400, 0)):
        later = replace(race, plan=replace(race.plan, done=done))
        assert len(doubts(later, bundle)) == reasons


# --- where, in words ---------------------------------------------------------------------------------------------
def test_near_stretches_are_one_and_tiny_ones_none() -> None:
    """Steep for 200 m, gentle for 100, steep for 200; far away 50 m of steep."""
    slope = np.zeros(2_000)
    slope[400:440] = slope[460:500] = slope[1_500:1_510] = 0.4
    race = race_over(100.0 + np.cumsum(slope * 5.0))
    steep = np.abs(race.course.columns[c.SLOPE_25M]) > 0.1
    (only,) = doubts(race, known_bundle(longest_km=60.0))
    assert len(only.where) == 1 and only.where[0] == pytest.approx((2_000.0, 2_500.0), abs=100.0)
    assert steep[1_500:1_510].all()


def test_of_many_places_the_longest_are_named() -> None:
    where = tuple((1_000.0 * i, 1_000.0 * i + 100.0 * (i % 7 + 2)) for i in range(12))
    assert (
        Doubt(where, 60.0, "why", "code").places == "km 4.0 to 4.6, 5.0 to 5.7, 6.0 to 6.8, 11.0 to 11.6 and 8 shorter"
    )
    assert Doubt(where[:1], 60.0, "why", "code").places == "km 0.0 to 0.2"

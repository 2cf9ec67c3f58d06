"""Given plans and runs made by hand: time is lost where it was, and that the interval is asked what it said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core import schema as c
from lib.core.errors import InputError
from lib.plan.moving_plan import plan_from
from lib.plan.race_plan import plan_race
from lib.plan.review import (
    Review,
    ground_review,
    intended,
    mean_of,
    moving_verdict,
    race_verdict,
    stops,
    stretch_review,
    with_heart_rate,
)
from lib.plan.splits import kilometres, legs
from lib.race.config import RaceConfig
from lib.race.stations import Station
from tests.support.plans import BAND, make_course, make_prediction
from tests.support.races import UNHURRIED, course_of, race_of, shipped
from tests.support.reviewed import ran, review_of, stops_at

EVEN = np.full(600, 2.0)


def test_time_is_lost_where_the_run_was_slower() -> None:
    actual = EVEN.copy()
    actual[200:400] = 3.0
    review = review_of(EVEN, ran(actual))
    np.testing.assert_allclose(review.gap_s[[199, 299, 399, 599]], [0.0, 100.0, 200.0, 200.0])
    assert review.level == pytest.approx(1400 / 1200)


def test_standing_and_stops_are_in_race_time_alone() -> None:
    config = replace(UNHURRIED, stations=(Station("Aid", 1500.0, 60.0),))
    review = review_of(EVEN, ran(EVEN, stop_s=stops_at(600, at_100=90.0)), config)
    assert set(review.gap_s) == {0.0}
    np.testing.assert_allclose(review.race_gap_s[[99, 100, 299, 300, 599]], [0.0, 90.0, 90.0, 30.0, 30.0])


@given(st.lists(st.floats(0.5, 30.0), min_size=20, max_size=60), st.floats(0.5, 2.0))
def test_what_is_lost_at_the_level_adds_up_to_nothing_and_a_scaled_plan_has_no_shape(
    seconds: list[float], factor: float
) -> None:
    planned = np.linspace(1.0, 3.0, len(seconds))
    assert review_of(planned, ran(np.array(seconds))).shape_s.sum() == pytest.approx(0.0, abs=1e-9)
    predicted = review_of(planned, ran(planned)).predicted_s
    np.testing.assert_allclose(review_of(planned, ran(factor * predicted)).shape_s, 0.0, atol=1e-9)


def test_the_interval_says_how_a_run_fell() -> None:
    usual = moving_verdict(review_of(EVEN, ran(EVEN)))
    assert (usual.predicted_s, usual.actual_s, usual.within) == (1200.0, 1200.0, True)
    assert usual.faster == pytest.approx(0.5, abs=0.02)
    slow = moving_verdict(review_of(EVEN, ran(2.0 * EVEN)))
    assert not slow.within and slow.faster > 0.9
    fast = moving_verdict(review_of(EVEN, ran(0.5 * EVEN)))
    assert not fast.within and fast.faster < 0.1


def test_standing_can_put_a_race_time_outside_of_its_interval() -> None:
    review = review_of(EVEN, ran(EVEN, stop_s=stops_at(600, at_10=2000.0)))
    assert moving_verdict(review).within
    assert not race_verdict(review).within
    assert race_verdict(review).actual_s == 3200.0


def test_the_interval_of_an_arrival_bounds_the_same_as_the_verdict() -> None:
    review = review_of(EVEN, ran(1.1 * EVEN))
    low_s, high_s = review.band_s
    verdict = race_verdict(review)
    assert (low_s[-1], high_s[-1]) == pytest.approx(
        (verdict.low_s - verdict.predicted_s, verdict.high_s - verdict.predicted_s)
    )


def test_stretches_have_what_was_run_beside_what_was_planned() -> None:
    actual = EVEN.copy()
    actual[:200] = 3.0
    heart_rate = np.repeat([160.0, np.nan, 150.0], 200)
    review = review_of(EVEN, ran(actual, stop_s=stops_at(600, at_250=30.0), heart_rate=heart_rate))
    table = stretch_review(review, kilometres(review.race))
    assert table[c.DURATION].tolist() == [400.0, 400.0, 400.0]
    assert table[c.ACTUAL].tolist() == [600.0, 400.0, 400.0]
    assert table[c.LOST].tolist() == [200.0, 0.0, 0.0]
    assert table[c.GAP].tolist() == [200.0, 200.0, 200.0]
    assert table[c.STOP].tolist() == [0.0, 30.0, 0.0]
    assert table[c.RACE_GAP].tolist() == [200.0, 230.0, 230.0]
    assert table[c.ACTUAL_ARRIVAL].tolist() == [600.0, 1030.0, 1430.0]
    np.testing.assert_allclose(table[c.LOST_AT_LEVEL], np.array([600.0, 400.0, 400.0]) - 400.0 * 1400 / 1200)
    np.testing.assert_array_equal(table[c.ACTUAL_HEART_RATE], [160.0, np.nan, 150.0])


def test_a_mean_heart_rate_counts_time_not_way() -> None:
    actual = np.repeat([1.0, 3.0], 100)
    review = review_of(EVEN[:200], ran(actual, heart_rate=np.repeat([100.0, 200.0], 100)))
    assert mean_of(review, c.HEART_RATE) == (175.0, 140.0)
    assert stretch_review(review, kilometres(review.race))[c.ACTUAL_HEART_RATE].tolist() == [175.0]


def test_a_mean_of_little_is_none() -> None:
    some = np.where(np.arange(200) < 90, 150.0, np.nan)
    assert mean_of(review_of(EVEN[:200], ran(EVEN[:200], heart_rate=some)), c.HEART_RATE) is None
    most = np.where(np.arange(200) < 110, 150.0, np.nan)
    assert mean_of(review_of(EVEN[:200], ran(EVEN[:200], heart_rate=most)), c.HEART_RATE) == (150.0, 140.0)


def test_a_run_that_ends_on_the_way_is_judged_there() -> None:
    review = review_of(EVEN, ran(np.full(450, 2.2), of=600))
    assert review.steps == 450
    assert len(stretch_review(review, kilometres(review.race))[c.ACTUAL]) == 2  # the third kilometre was not finished
    assert len(stretch_review(review, legs(review.race))[c.ACTUAL]) == 0
    verdict = moving_verdict(review)
    assert (verdict.predicted_s, verdict.actual_s) == (900.0, pytest.approx(990.0))
    assert 900.0 < verdict.actual_s < verdict.high_s < 1.35 * 900.0


def test_ground_is_summed_up_by_slope() -> None:
    up = np.repeat([0.0, 0.2], 300)
    steep = make_course(100.0 + np.cumsum(up * c.STEP_M)).columns[c.SLOPE_100M] > 0.15
    altitude = 100.0 + np.cumsum(up * c.STEP_M)
    review = review_of(EVEN, ran(np.where(steep, 3.0, 2.0)), altitude_m=altitude)
    table = ground_review(review)
    at = list(table[c.GROUND]).index("up, over 15%")
    assert table[c.LOST][at] == steep.sum()
    assert table[c.LOST].sum() == pytest.approx(review.gap_s[-1])
    assert table[c.LOST_AT_LEVEL].sum() == pytest.approx(0.0, abs=1e-9)
    assert "down, over 15%" not in table[c.GROUND]


def test_stops_near_each_other_are_one_and_know_their_station() -> None:
    config = replace(UNHURRIED, stations=(Station("Aid", 1500.0, 120.0), Station("Hut", 2500.0)))
    stood = stops_at(600, at_100=20.0, at_105=10.0, at_200=14.0, at_310=50.0)
    table = stops(review_of(EVEN, ran(EVEN, stop_s=stood), config))
    assert table[c.STOP].tolist() == [30.0, 50.0]  # 14 s are too short to tell
    assert table[c.DISTANCE].tolist() == pytest.approx([(101 * 20 + 106 * 10) / 30 * 5, 311 * 5])
    assert table[c.WAYPOINT].tolist() == ["", "Aid"]
    assert table[c.PLANNED_STOP].tolist() == [0.0, 120.0]


def test_whoever_never_stood_has_no_stops() -> None:
    assert stops(review_of(EVEN, ran(EVEN)))[c.STOP].shape == (0,)


def test_another_course_and_a_plan_that_knows_the_run_are_refused() -> None:
    with pytest.raises(InputError, match="both of one course"):
        review_of(EVEN, ran(EVEN[:300]))
    known = replace(plan_from(make_course(np.full(600, 100.0)), make_prediction(EVEN), BAND), done=10)
    race = review_of(EVEN, ran(EVEN)).race
    with pytest.raises(InputError, match="before the start"):
        Review(replace(race, plan=known), ran(EVEN))


def test_with_the_heart_rate_known_the_plan_moves_towards_a_harder_run() -> None:
    backend, bundle = shipped()
    course = course_of("powell_valley_5km")
    race = plan_race(backend, bundle, course, RaceConfig())
    moving_s = race.plan.columns[c.DURATION]
    hard = Review(race, ran(0.9 * moving_s, heart_rate=race.mean_heart_rate_bpm + 12.0))
    told = with_heart_rate(backend, bundle, hard)
    assert told is not None
    assert hard.actual_s.sum() < told.plan.finish_s < race.plan.finish_s


def test_without_a_heart_rate_or_with_an_absurd_one_nothing_is_told() -> None:
    backend, bundle = shipped()
    race = plan_race(backend, bundle, course_of("powell_valley_5km"), RaceConfig())
    moving_s = race.plan.columns[c.DURATION]
    for heart_rate in (np.nan, 30.0):
        assert with_heart_rate(backend, bundle, Review(race, ran(moving_s, heart_rate=heart_rate))) is None


def test_what_was_intended_is_said() -> None:
    race = review_of(EVEN, ran(EVEN)).race
    assert intended(race) == "usual effort"
    assert intended(replace(race, config=replace(race.config, effort="race"))) == "the effort race"
    plan = plan_from(make_course(np.full(600, 100.0)), make_prediction(EVEN), BAND)
    assert intended(race_of(plan, replace(UNHURRIED, goal_s=1100.0))) == "a goal time"

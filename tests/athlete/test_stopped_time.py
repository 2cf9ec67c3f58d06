"""Given hand-made habits: standing time follows from the athlete's own past, or else from others'."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.athlete.stopped_time import (
    HOURS_POWER,
    KEPT_RUNS,
    StandingHabit,
    fit_habit,
    standing,
    standing_quantiles,
    with_run,
)
from lib.core.errors import InputError

HABIT = StandingHabit((0.0, 60.0, 120.0, 300.0, 900.0))
HOUR_S = 3600.0


def after(stops_s: list[float], moving_s: float = HOUR_S) -> tuple[int, ...]:
    kept: tuple[int, ...] = ()
    for stop_s in stops_s:
        kept = with_run(kept, moving_s, stop_s)
    return kept


def test_nobody_stands_as_anybody() -> None:
    """With nothing of their own, quantiles come from the five of the habit, each in the middle of its fifth."""
    nobody = standing((), HABIT, HOUR_S)
    assert (nobody.low_s, nobody.expected_s, nobody.high_s) == pytest.approx((0.0, 120.0, 900.0))


def test_a_run_of_an_hour_is_kept_as_it_was() -> None:
    assert after([0.0, 61.4, 7200.0]) == (0, 61, 7200)


def test_longer_runs_are_kept_as_if_they_had_been_of_an_hour() -> None:
    assert with_run((), 4 * HOUR_S, 1000.0) == (round(1000 / 4**HOURS_POWER),)


def test_a_habit_is_expected_of_the_next_run_and_grows_with_its_length() -> None:
    kept = after([100.0] * KEPT_RUNS)
    hour, day = standing(kept, HABIT, HOUR_S), standing(kept, HABIT, 10 * HOUR_S)
    assert hour.expected_s == pytest.approx(100.0)
    assert day.expected_s == pytest.approx(100.0 * 10**HOURS_POWER)
    assert day.high_s / day.expected_s == pytest.approx(hour.high_s / hour.expected_s)


def test_one_long_lunch_changes_little() -> None:
    usual, once = after([100.0] * 14 + [110.0]), after([100.0] * 14 + [9000.0])
    assert standing(once, HABIT, HOUR_S).expected_s == pytest.approx(standing(usual, HABIT, HOUR_S).expected_s)


def test_a_new_habit_is_learned_within_the_runs_that_are_kept() -> None:
    kept = after([600.0] * 50 + [0.0] * KEPT_RUNS)
    assert kept == (0,) * KEPT_RUNS
    assert standing(kept, HABIT, HOUR_S).expected_s == 0.0


def test_whoever_stands_as_it_comes_has_a_wide_range() -> None:
    steady, odd = after([300.0] * 15), after([0.0, 600.0, 300.0] * 5)
    one, other = standing(steady, HABIT, HOUR_S), standing(odd, HABIT, HOUR_S)
    assert other.high_s - other.low_s > one.high_s - one.low_s


def test_the_habit_counts_as_two_runs() -> None:
    """Two own runs at 1000 s: half the weight lies below 900 s, so the median is where the two halves meet."""
    middle = standing((1000, 1000), HABIT, HOUR_S).expected_s
    assert 900.0 < middle < 1000.0
    assert standing((1000,) * 15, HABIT, HOUR_S).expected_s == pytest.approx(1000.0)


def test_very_short_runs_say_nothing() -> None:
    assert with_run((5,), 300.0, 60.0) == (5,)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 50_000), st.floats(0, 100_000)), max_size=40), st.floats(0, 200_000))
def test_any_past_gives_a_finite_range_in_order(runs: list[tuple[float, float]], moving_s: float) -> None:
    kept: tuple[int, ...] = ()
    for moved_s, stood_s in runs:
        kept = with_run(kept, moved_s, stood_s)
    found = standing(kept, HABIT, moving_s)
    assert len(kept) <= KEPT_RUNS
    assert 0 <= found.low_s <= found.expected_s <= found.high_s < np.inf


def test_one_in_ten_runs_lies_beyond_each_bound() -> None:
    rng = np.random.default_rng(0)
    stops = rng.gamma(0.7, 300.0, 3000)
    ranges = [standing(tuple(int(x) for x in stops[i - 15 : i]), HABIT, HOUR_S) for i in range(15, 3000)]
    above = np.mean([s > r.high_s for s, r in zip(stops[15:], ranges, strict=True)])
    below = np.mean([s < r.low_s for s, r in zip(stops[15:], ranges, strict=True)])
    assert above == pytest.approx(0.1, abs=0.04)
    assert below == pytest.approx(0.1, abs=0.04)


def test_what_is_fitted_are_the_mean_quantiles_of_athletes_who_count_alike() -> None:
    hour = np.full(11, HOUR_S)
    stops = np.arange(11) * 10.0
    one = {"a": (hour, stops)}
    assert fit_habit(one, HABIT).at_one_hour_s == (10.0, 30.0, 50.0, 70.0, 90.0)
    many = one | {"b": (np.full(500, HOUR_S), np.full(500, 100.0))}
    assert fit_habit(many, HABIT).at_one_hour_s == (55.0, 65.0, 75.0, 85.0, 95.0)


def test_without_a_run_long_enough_the_habit_stays() -> None:
    assert fit_habit({"a": (np.array([300.0]), np.array([50.0]))}, HABIT) == HABIT
    assert fit_habit({}, HABIT) == HABIT


def test_the_habit_is_small_in_a_bundle() -> None:
    content = json.loads(text := json.dumps(asdict(StandingHabit()), separators=(",", ":")))
    assert len(text) < 150
    assert StandingHabit(tuple(content["at_one_hour_s"]), content["worth_runs"]) == StandingHabit()


@pytest.mark.parametrize(
    "times_s",
    [
        (1, 2),
        (1, 2, 3, 2, 5),
        (-1, 2, 3, 4, 5),
        (1, 2, np.nan, 4, 5),
        (1, 2, 3, 4, np.nan),
        (1, 2, 3, 4, np.inf),
        ("1", 2, 3, 4, 5),
    ],
)
def test_quantiles_without_sense_are_refused(times_s: tuple[float, ...]) -> None:
    with pytest.raises(InputError, match=r"rising order|at_one_hour_s"):
        StandingHabit(times_s)


@pytest.mark.parametrize("worth_runs", [0.0, -1.0, np.nan, np.inf])
def test_a_habit_worth_nothing_is_refused(worth_runs: float) -> None:
    with pytest.raises(InputError, match="worth_runs"):
        StandingHabit(worth_runs=worth_runs)


@pytest.mark.parametrize("moving_s", [-1.0, np.nan, np.inf])
def test_a_moving_time_that_is_none_is_refused(moving_s: float) -> None:
    with pytest.raises(InputError, match="moving time"):
        standing((), HABIT, moving_s)


# --- quantiles ---------------------------------------------------------------------------------------------------
def test_each_run_stands_in_the_middle_of_its_share_of_the_past() -> None:
    """One run of 200 s and five of the habit of 0.4 each: 3 in all, the run's share is from 1.2 to 2.2 of it."""
    found = standing_quantiles((200,), HABIT, HOUR_S, [0.2 / 3, 0.6 / 3, 1.0 / 3, 1.7 / 3, 2.4 / 3, 2.8 / 3])
    assert found == pytest.approx([0.0, 60.0, 120.0, 200.0, 300.0, 900.0])
    assert standing_quantiles((200,), HABIT, HOUR_S, 1.35 / 3) == pytest.approx(160.0)


def test_beyond_the_outermost_runs_nothing_is_known() -> None:
    assert standing_quantiles((200,), HABIT, HOUR_S, (0.0, 1.0)) == pytest.approx([0.0, 900.0])


def test_what_is_expected_is_made_of_these_quantiles() -> None:
    kept = (30, 0, 700, 120, 60)
    found = standing(kept, HABIT, 2.5 * HOUR_S)
    assert standing_quantiles(kept, HABIT, 2.5 * HOUR_S, (0.1, 0.5, 0.9)) == pytest.approx(
        [found.low_s, found.expected_s, found.high_s]
    )


@given(st.lists(st.integers(0, 9_000), max_size=15), st.floats(0, 100_000))
def test_quantiles_rise_with_their_level_and_with_the_hours(kept: list[int], moving_s: float) -> None:
    found = standing_quantiles(kept, HABIT, moving_s, np.linspace(0, 1, 41))
    assert np.all(np.diff(found) >= 0) and found[0] >= 0
    assert np.all(standing_quantiles(kept, HABIT, moving_s + 60, np.linspace(0, 1, 41)) >= found)


@pytest.mark.parametrize("moving_s", [-1.0, np.nan, np.inf])
def test_quantiles_of_no_moving_time_are_refused(moving_s: float) -> None:
    with pytest.raises(InputError, match="moving time"):
        standing_quantiles((), HABIT, moving_s, 0.5)

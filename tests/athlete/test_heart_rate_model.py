"""Given heart rates made by a known law: the law is found again, forgotten slowly, and never blown up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.athlete.heart_rate_model import HALF_LIFE, POPULATION_RUNS, fallen, features, offset_bpm
from lib.athlete.response import FEATURES, Response, learned, mean_response
from lib.core.errors import InputError
from lib.course.terrain_features import course_table

NOBODY = Response()


def rolling(steps: int = 1200, seed: int = 0) -> tuple[object, np.ndarray, np.ndarray]:
    """Course, duration of each step (s) and pace against what the slope suggests."""
    rng = np.random.default_rng(seed)
    altitude = np.cumsum(rng.normal(0, 0.4, steps)) + 30 * np.sin(np.arange(steps) / (60 + 5 * seed))
    pace = np.exp(0.2 * np.sin(np.arange(steps) / (90.0 + 7 * seed)))
    return course_table(altitude), 1.8 * pace, pace


def taught(coefficients: np.ndarray, runs: int, before: Response = NOBODY) -> Response:
    response = before
    for seed in range(runs):
        table = features(*rolling(seed=seed))
        response = learned(response, table, 150.0 + table @ coefficients, HALF_LIFE)
    return response


LAW = np.array([-8.0, -10.0, -4.0, 5.0, 30.0, 20.0, -15.0, -25.0])


def test_features_have_no_mean_and_start_where_nothing_has_happened() -> None:
    course, duration_s, pace = rolling()
    table = features(course, duration_s, pace)
    assert table.shape == (1200, FEATURES)
    assert np.abs(table.mean(axis=0)).max() < 1e-12


def test_the_rise_after_the_start_by_hand() -> None:
    course = course_table(np.zeros(3))
    table = features(course, np.full(3, 60.0))
    rise = np.exp(-np.array([1.0, 2.0, 3.0]))
    assert table[:, 0] == pytest.approx(rise - rise.mean())
    assert table[:, 6:] == pytest.approx(np.zeros((3, 2)))


def test_a_change_of_pace_shows_with_a_lag() -> None:
    course = course_table(np.zeros(60))
    pace = np.where(np.arange(60) < 30, 1.0, 1.5)
    raw = features(course, 1.8 * pace, pace)[:, 6]
    lagged = raw - raw[0]
    assert lagged[29] == pytest.approx(0.0)
    assert lagged[30] == pytest.approx(np.log(1 + 0.5 * (1 - np.exp(-1 / 8))))
    assert lagged[59] == pytest.approx(np.log(1.5), abs=0.02)


def test_heart_rate_follows_how_fast_one_climbs() -> None:
    course = course_table(np.linspace(0.0, 60.0, 200))
    slow, fast = (features(course, np.full(200, step_s))[:, 5] for step_s in (6.0, 3.0))
    assert np.ptp(fast) == pytest.approx(2 * np.ptp(slow), rel=0.05)


def test_heart_rate_of_a_day_and_a_night_falls_to_what_was_measured() -> None:
    hours = np.array([0.5, 3.0, 9.0, 18.0, 40.0])
    share = fallen(3600.0 * hours)
    assert np.array_equal(share[:2], [1.0, 1.0])
    assert share[2] == pytest.approx(0.87, abs=0.01)
    assert 0.7 <= share[3] <= 0.9
    assert share[4] > 0.74
    low, high = fallen(3600.0 * hours, 1.28), fallen(3600.0 * hours, -1.28)
    assert low[3] == pytest.approx(0.68, abs=0.01) and high[3] == pytest.approx(0.90, abs=0.01)


def test_a_law_that_runs_follow_is_found() -> None:
    table = features(*rolling(seed=99))
    said = offset_bpm(taught(LAW, 12), NOBODY, table)
    assert said == pytest.approx(table @ LAW, abs=0.3)


def test_without_runs_the_population_speaks_and_of_nobody_nothing_is_said() -> None:
    table = features(*rolling(seed=5))
    population = mean_response([taught(LAW, 10), taught(LAW, 20)])
    assert offset_bpm(NOBODY, population, table) == pytest.approx(table @ LAW, abs=0.3)
    assert np.abs(offset_bpm(NOBODY, NOBODY, table)).max() == 0.0


def test_own_runs_outweigh_the_population_as_they_come() -> None:
    table = features(*rolling(seed=7))
    population = mean_response([taught(np.zeros(FEATURES), 10)])
    few, many = (offset_bpm(taught(LAW, n), population, table).std() for n in (1, 25))
    assert 0 < few < many < (table @ LAW).std()


def test_old_habits_fade_by_half_in_as_many_runs() -> None:
    after = taught(np.zeros(FEATURES), int(HALF_LIFE), taught(LAW, 1))
    flat = taught(np.zeros(FEATURES), int(HALF_LIFE))
    ratio = (np.array(after.cross) - np.array(flat.cross)) / np.array(taught(LAW, 1).cross)
    assert ratio == pytest.approx(0.5, abs=0.01)


def test_steps_without_heart_rate_are_left_out() -> None:
    table = features(*rolling())
    heart_rate = 150.0 + table @ LAW
    holes = np.where(np.arange(1200) % 3 == 0, np.nan, heart_rate)
    said = offset_bpm(learned(NOBODY, table, holes, HALF_LIFE), NOBODY, table)
    assert said == pytest.approx(offset_bpm(learned(NOBODY, table, heart_rate, HALF_LIFE), NOBODY, table), abs=0.6)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0.05, 60.0), min_size=1, max_size=40), st.floats(-80, 80))
def test_whatever_was_run_the_offset_is_finite_and_bounded(durations: list[float], jump: float) -> None:
    duration_s = np.array(durations)
    course = course_table(np.linspace(0, jump, duration_s.size))
    table = features(course, duration_s, duration_s / duration_s.mean())
    response = learned(NOBODY, table, np.linspace(40, 220, duration_s.size), HALF_LIFE)
    said = offset_bpm(response, mean_response([response]), table)
    assert np.isfinite(said).all()
    assert np.abs(said).max() <= 40.0


def test_the_population_counts_each_athlete_once() -> None:
    one, other = taught(LAW, 3), taught(-LAW, 30)
    table = features(*rolling(seed=3))
    said = offset_bpm(NOBODY, mean_response([one, other, NOBODY]), table)
    assert said.std() < 0.35 * (table @ LAW).std()
    assert mean_response([]) == NOBODY
    assert POPULATION_RUNS > 0


@pytest.mark.parametrize(
    "broken", [{"inner": (1.0,)}, {"cross": (float("nan"),) * FEATURES}, {"weight": -1.0}, {"weight": float("inf")}]
)
def test_sums_without_sense_are_refused(broken: dict[str, object]) -> None:
    with pytest.raises(InputError, match=f"(?i){next(iter(broken))}"):
        Response(**broken)

"""Simulated sessions keep the contract, repeat, and scatter around their expectation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.core.errors import InputError
from lib.core.schema import CADENCE, DAY, DURATION, HEART_RATE, SESSION_COLUMNS, SESSION_ID, STEP, STOP
from lib.demo import simulate
from lib.demo.season import session_days, session_trails
from lib.demo.simulate import (
    EXPECTED_COLUMNS,
    SimulationConfig,
    demo_sessions,
    expected_run,
    expected_sessions,
    simulate_athlete,
    simulate_run,
)
from lib.demo.trails import trail_network

SMALL = SimulationConfig(n_sessions=5, mean_km=10.0, min_km=6.0, max_km=16.0)


@pytest.fixture(scope="module")
def sessions() -> pd.DataFrame:
    return simulate_athlete(SMALL)


@pytest.fixture(scope="module")
def altitude() -> np.ndarray:
    path = trail_network().loop(np.random.default_rng(7), 70, 9_000, 30.0)
    return trail_network().terrain.altitude_m(path)[1:]


def test_sessions_keep_the_contract(sessions: pd.DataFrame) -> None:
    assert tuple(sessions.columns) == SESSION_COLUMNS
    assert [str(kind) for kind in sessions.dtypes] == ["int32"] * 3 + ["float32"] * 5
    assert np.isfinite(sessions.to_numpy()).all()
    assert sessions[SESSION_ID].is_monotonic_increasing and sessions[SESSION_ID].nunique() == 5
    for number, run in sessions.groupby(SESSION_ID):
        assert run[STEP].tolist() == list(range(len(run)))
        assert run[DAY].unique().tolist() == [session_days(SMALL)[number]]
    assert (sessions[DURATION] > 0).all() and (sessions[STOP] >= 0).all()


def test_there_is_a_row_for_each_step_of_the_trail(sessions: pd.DataFrame) -> None:
    steps = [len(path) - 1 for path in session_trails(SMALL)]
    assert sessions.groupby(SESSION_ID).size().tolist() == steps


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(sessions: pd.DataFrame) -> None:
    again = simulate_athlete(SMALL)
    assert all(again[name].to_numpy().tobytes() == sessions[name].to_numpy().tobytes() for name in SESSION_COLUMNS)
    other = simulate_athlete(SimulationConfig(seed=1, n_sessions=1, mean_km=10.0, max_km=16.0))
    assert other[DURATION].head(500).tolist() != sessions[DURATION].head(500).tolist()


def test_values_are_those_of_a_trail_runner(sessions: pd.DataFrame) -> None:
    assert 1.2 < sessions[DURATION].median() < 2.6
    assert 110 < sessions[HEART_RATE].mean() < 160
    assert sessions[HEART_RATE].between(60, 190).all()
    assert 68 < sessions[CADENCE].mean() < 86
    assert sessions[CADENCE].between(35, 100).all()
    assert 0 < (sessions[STOP] > 0).mean() < 0.01


def test_an_expectation_has_no_noise(altitude: np.ndarray) -> None:
    first, second = expected_run(altitude, SMALL), expected_run(altitude, SMALL)
    pd.testing.assert_frame_equal(first, second)
    assert tuple(first.columns) == EXPECTED_COLUMNS
    flat = expected_run(np.full(2_000, 400.0), SMALL).iloc[600:]
    assert np.abs(np.diff(flat[DURATION], n=2)).max() < 1e-5
    assert np.abs(np.diff(flat[HEART_RATE])).max() < 0.05


def test_an_expectation_is_near_the_mean_of_many_runs(altitude: np.ndarray) -> None:
    expected = expected_run(altitude, SMALL, day=0)
    form = float(simulate.form_on(SMALL, 0))
    runs = [simulate_run(np.random.Generator(np.random.PCG64(seed)), altitude, SMALL, form, 1.0) for seed in range(40)]
    mean = {name: np.mean([run[name] for run in runs], axis=0) for name in (DURATION, HEART_RATE, CADENCE)}
    assert mean[DURATION].sum() == pytest.approx(expected[DURATION].sum(), rel=0.01)
    # What is left is the rounding of corners by a watch and the spread of a mean of 40.
    ratio = np.log(mean[DURATION] / expected[DURATION])
    assert ratio.std() < 0.05 < np.log(runs[0][DURATION] / expected[DURATION]).std()
    assert np.abs(mean[HEART_RATE] - expected[HEART_RATE]).mean() < 3
    assert np.abs(mean[CADENCE] - expected[CADENCE]).mean() < 1.5


def test_form_of_the_day_is_in_the_expectation(altitude: np.ndarray) -> None:
    config = SimulationConfig()
    days = np.arange(0, session_days(config)[-1], 10)
    form = simulate.form_on(config, days)
    best, worst = (expected_run(altitude, config, float(days[pick(form)])) for pick in (np.argmax, np.argmin))
    assert best[DURATION].sum() < 0.95 * worst[DURATION].sum()
    after = expected_run(altitude, config, float(session_days(config)[-1]) + 1)
    pd.testing.assert_frame_equal(expected_run(altitude, config), after)


def test_expected_sessions_stand_beside_the_sessions(sessions: pd.DataFrame) -> None:
    expected = expected_sessions(SMALL)
    keys = [SESSION_ID, STEP]
    pd.testing.assert_frame_equal(expected[keys], sessions[keys])
    totals = sessions.groupby(SESSION_ID)[DURATION].sum() / expected.groupby(SESSION_ID)[DURATION].sum()
    assert totals.between(0.8, 1.25).all()
    assert totals.std() > 0.005  # the day's effort is not in the expectation
    shape = np.corrcoef(np.log(sessions[DURATION]), np.log(expected[DURATION]))[0, 1]
    assert shape > 0.8


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-400, 5_000), min_size=2, max_size=60))
def test_any_profile_gets_a_finite_expectation(profile: list[float]) -> None:
    expected = expected_run(profile, SMALL)
    assert len(expected) == len(profile)
    assert np.isfinite(expected.to_numpy()).all()
    assert (expected[DURATION] > 0).all()


@pytest.mark.parametrize("profile", [[], [1.0], [1.0, np.nan], [[1.0, 2.0]]])
def test_a_profile_with_gaps_or_of_another_shape_is_refused(profile: list[float]) -> None:
    with pytest.raises(InputError, match="altitude"):
        expected_run(profile, SMALL)


def test_a_day_before_the_first_session_is_refused(altitude: np.ndarray) -> None:
    with pytest.raises(InputError, match="day"):
        expected_run(altitude, SMALL, day=-1)


def test_demo_sessions_are_made_once(tmp_path: Path, sessions: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    pd.testing.assert_frame_equal(demo_sessions(tmp_path / "new", SMALL), sessions)

    def never(config: SimulationConfig) -> pd.DataFrame:
        raise AssertionError("made again")

    monkeypatch.setattr(simulate, "simulate_athlete", never)
    pd.testing.assert_frame_equal(demo_sessions(tmp_path / "new", SMALL), sessions)
    assert [file.name for file in (tmp_path / "new").iterdir()] == [f"demo_{SMALL.key}.parquet"]


def test_a_broken_making_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(config: SimulationConfig) -> pd.DataFrame:
        raise OSError("disk full")

    monkeypatch.setattr(simulate, "simulate_athlete", fail)
    with pytest.raises(InputError, match="disk full"):
        demo_sessions(tmp_path, SMALL)
    assert list(tmp_path.iterdir()) == []

"""In: a course and a made-up prediction of it. Out: that lib/plan.py adds, rounds and writes as it says."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lib.model
from lib import columns as c
from lib.athlete import AthleteProfile
from lib.course import Course, load_course
from lib.errors import InputError
from lib.geodesy import EARTH_RADIUS_M
from lib.plan import (
    PLAN_COLUMNS,
    Plan,
    format_duration,
    format_pace,
    kilometre_splits,
    plan_from,
    predict_plan,
    splits_table,
    summary,
    trust,
    waypoint_table,
    waypoint_times,
    write_csv,
)
from lib.prior import Prior
from lib.profile import course_table

ROOT = Path(__file__).resolve().parents[1]
DEGREE_M = EARTH_RADIUS_M * math.pi / 180.0


def make_course(altitude_m: np.ndarray, lon_m: np.ndarray | None = None, **waypoints_m: float) -> Course:
    """Course along the equator; `lon_m` is where each step ends, waypoints are places along it."""
    table = course_table(altitude_m)
    place_m = table[c.DISTANCE].to_numpy() if lon_m is None else lon_m
    table[c.LATITUDE], table[c.LONGITUDE] = 0.0, place_m / DEGREE_M
    recorded = table[[c.STEP, c.DISTANCE]].assign(**{c.ALTITUDE: altitude_m})
    rows = [(name, 0.0, metres / DEGREE_M, 0.0, 0.0) for name, metres in waypoints_m.items()]
    names = [c.WAYPOINT, c.LATITUDE, c.LONGITUDE, c.DISTANCE, c.AWAY]
    return Course("Made up", table, recorded, pd.DataFrame(rows, columns=names))


def make_prediction(duration_s: np.ndarray, heart_rate: object = 140.0, cadence: object = 80.0) -> pd.DataFrame:
    return pd.DataFrame({c.DURATION: duration_s, c.HEART_RATE: heart_rate, c.CADENCE: cadence})


def flat_plan(steps: int, duration_s: float = 2.0, **waypoints_m: float) -> Plan:
    course = make_course(np.full(steps, 100.0), **waypoints_m)
    return plan_from(course, make_prediction(np.full(steps, duration_s)), 0.1)


# --- the plan ----------------------------------------------------------------------------------------------------
def test_a_flat_plan_by_hand() -> None:
    plan = flat_plan(500, 1.5)  # 2.5 km at 5:00 min/km
    assert tuple(plan.steps.columns) == PLAN_COLUMNS
    assert plan.finish_s == 750.0
    assert plan.steps[c.ELAPSED].iloc[[0, 1, -1]].tolist() == [1.5, 3.0, 750.0]
    assert plan.steps[c.PACE].unique().tolist() == [5.0]
    assert plan.steps[c.DISTANCE].iloc[-1] == 2500.0


def test_the_interval_is_80_percent_of_a_normal_distribution_of_the_logarithm() -> None:
    plan = flat_plan(500)
    assert math.log(plan.finish_high_s / plan.finish_s) == pytest.approx(0.12816)
    assert math.log(plan.finish_s / plan.finish_low_s) == pytest.approx(0.12816)
    inside = (np.abs(np.random.default_rng(0).normal(0, 0.1, 100_000)) < 0.12816).mean()
    assert inside == pytest.approx(0.80, abs=0.01)


def test_a_plan_stays_within_a_millisecond_of_its_prediction() -> None:
    duration_s = np.random.default_rng(3).uniform(1.5, 9.0, 700)
    plan = plan_from(make_course(np.full(700, 5.0)), make_prediction(duration_s), 0.1)
    assert np.abs(plan.steps[c.DURATION] - duration_s).max() <= 0.0005


@pytest.mark.parametrize(("column", "value"), [(0, np.nan), (0, 0.0), (0, -1.0), (1, np.nan), (2, np.inf)])
def test_a_prediction_that_is_none_is_refused(column: int, value: float) -> None:
    prediction = make_prediction(np.full(300, 2.0))
    prediction.iloc[40, column] = value
    with pytest.raises(InputError, match="at 1 of 300 steps, first at 200 m"):
        plan_from(make_course(np.full(300, 5.0)), prediction, 0.1)


def test_predicting_starts_from_the_recorded_altitude_and_the_athletes_own_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: dict[str, object] = {}

    def evaluate(model: object, data: pd.DataFrame, normalizers: object, *, day: int | None) -> pd.DataFrame:
        seen.update(model=model, altitude=data[c.ALTITUDE].tolist(), normalizers=normalizers, day=day)
        return make_prediction(np.full(len(data), 2.0))

    monkeypatch.setattr(lib.model, "evaluate_full_session_sequential", evaluate)
    prior = Prior()
    athlete = AthleteProfile(runs=7, finish_error_sum=15 * 0.05**2, finish_error_weight=15.0)
    bundle = SimpleNamespace(normalizers_data={"a": 1}, prior=prior, athlete=athlete)
    altitude = 300.0 + 10 * np.sin(np.arange(400) / 3.0)
    plan = predict_plan("model", bundle, make_course(altitude), day=12)  # type: ignore[arg-type]
    assert seen == {"model": "model", "altitude": altitude.tolist(), "normalizers": {"a": 1}, "day": 12}
    weight = prior.finish_error_weight
    sd = math.sqrt((15 * 0.05**2 + weight * prior.finish_error**2) / (15 + weight))
    assert math.log(plan.finish_high_s / plan.finish_s) == pytest.approx(1.2816 * sd)
    assert (plan.runs, plan.finish_s) == (7, 800.0)


# --- splits ------------------------------------------------------------------------------------------------------
def test_splits_by_hand() -> None:
    # 1 km of 10% up at 8:20, 1 km down at 4:10, 500 m flat at 5:00.
    altitude = np.concatenate([np.arange(1, 201) * 0.5, 100 - np.arange(1, 201) * 0.5, np.zeros(100)])
    duration_s = np.repeat([2.5, 1.25, 1.5], [200, 200, 100])
    heart = np.concatenate([np.full(100, 150.0), np.full(100, 160.0), np.full(300, 130.0)])
    duration_s[:100] = 1.5
    duration_s[100:200] = 3.5
    plan = plan_from(make_course(altitude), make_prediction(duration_s, heart), 0.1)
    splits = kilometre_splits(plan)
    assert splits[c.KILOMETRE].tolist() == [1, 2, 3]
    assert splits[c.DISTANCE].tolist() == [1000.0, 1000.0, 500.0]
    assert splits[c.DURATION].tolist() == [500.0, 250.0, 150.0]
    assert splits[c.ELAPSED].tolist() == [500.0, 750.0, 900.0]
    np.testing.assert_allclose(splits[c.PACE], [500 / 60, 250 / 60, 5.0])
    assert splits[c.HEART_RATE].tolist() == [157.0, 130.0, 130.0]  # over time: 150 s at 150, 350 s at 160
    assert splits[c.CLIMB].tolist() == pytest.approx([97.5, 0.0, 0.0], abs=4.0)
    assert splits[c.DESCENT].tolist() == pytest.approx([0.0, 97.5, 2.0], abs=4.0)
    assert splits[c.CLIMB].sum() == pytest.approx(plan.course.climb_m)


@settings(max_examples=40, deadline=None)
@given(st.integers(100, 1_300), st.integers(0, 2**32 - 1))
def test_splits_sum_exactly_to_the_finish(steps: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    altitude = 500 + np.cumsum(rng.normal(0, 1, steps))
    plan = plan_from(make_course(altitude), make_prediction(rng.uniform(0.7, 15.0, steps)), 0.1)
    splits, shown = kilometre_splits(plan), splits_table(plan)
    assert splits[c.DURATION].sum() == plan.finish_s == splits[c.ELAPSED].iloc[-1]
    assert sum(reversed(splits[c.DURATION].tolist())) == plan.finish_s
    assert splits[c.DISTANCE].sum() == steps * c.STEP_M
    assert len(splits) == math.ceil(steps / 200)
    cleaned = plan.steps[c.ALTITUDE]
    assert splits[c.CLIMB].sum() - splits[c.DESCENT].sum() == pytest.approx(cleaned.iloc[-1] - cleaned.iloc[0])
    seconds = [sum(int(x) * 60**i for i, x in enumerate(reversed(time.split(":")))) for time in shown["time"]]
    assert format_duration(sum(seconds)) == shown["elapsed"].iloc[-1] == format_duration(plan.finish_s)


def test_a_whole_number_of_kilometres_has_no_partial_split() -> None:
    assert kilometre_splits(flat_plan(400))[c.DISTANCE].tolist() == [1000.0, 1000.0]
    assert splits_table(flat_plan(401))["to km"].tolist() == ["1", "2", "2.005"]


# --- waypoints ---------------------------------------------------------------------------------------------------
def test_waypoints_have_their_times_in_order() -> None:
    times = waypoint_times(flat_plan(500, Late=2000.0, Early=1000.0, Start=0.0, Finish=2500.0))
    assert times[c.WAYPOINT].tolist() == ["Start", "Early", "Late", "Finish"]
    assert times[c.DISTANCE].tolist() == [0.0, 1000.0, 2000.0, 2500.0]
    assert times[c.ELAPSED].tolist() == [0.0, 400.0, 800.0, 1000.0]


def test_a_place_passed_twice_has_two_times() -> None:
    there = np.arange(1, 301) * c.STEP_M
    lon_m = np.concatenate([there, there[-2::-1], [0.0]])  # 1.5 km out, and back
    course = make_course(np.full(600, 100.0), lon_m, Aid=500.0, Turn=1500.0, Base=0.0)
    times = waypoint_times(plan_from(course, make_prediction(np.full(600, 2.0)), 0.1))
    assert times[c.WAYPOINT].tolist() == ["Base", "Aid", "Turn", "Aid", "Base"]
    assert times[c.DISTANCE].tolist() == [0.0, 500.0, 1500.0, 2500.0, 3000.0]
    assert times[c.ELAPSED].tolist() == [0.0, 200.0, 600.0, 1000.0, 1200.0]


def test_a_waypoint_beside_the_course_keeps_its_distance_from_it() -> None:
    plan = flat_plan(400, Far=2600.0)
    assert waypoint_times(plan)[c.AWAY].tolist() == pytest.approx([600.0])
    assert waypoint_table(plan)["off the course (m)"].tolist() == [600]


def test_a_course_without_waypoints_has_an_empty_table() -> None:
    assert waypoint_times(flat_plan(200)).empty
    assert waypoint_table(flat_plan(200)).empty


# --- words -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0:00:00"),
        (6127, "1:42:07"),
        (59.5, "0:01:00"),
        (3599.4, "0:59:59"),
        (3599.5, "1:00:00"),
        (90_000, "25:00:00"),
    ],
)
def test_durations_as_a_watch_shows_them(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@pytest.mark.parametrize(("pace", "text"), [(5.0, "5:00"), (6.51, "6:31"), (5.9999, "6:00"), (61.5, "61:30")])
def test_paces_as_runners_say_them(pace: float, text: str) -> None:
    assert format_pace(pace) == text


def test_the_summary_says_what_matters() -> None:
    said = summary(flat_plan(500, 1.5))
    assert said["Course"] == "Made up"
    assert said["Finish, moving time"] == "0:12:30"
    assert said["80% interval"] == "0:11:00 to 0:14:13"
    assert said["Mean pace"] == "5:00 min/km"
    assert said["Mean heart rate"] == "140 bpm"


@pytest.mark.parametrize(
    ("runs", "word"), [(0, "nobody in particular"), (1, "1 known run."), (9, "few"), (10, "Level")]
)
def test_trust_depends_on_how_many_runs_are_known(runs: int, word: str) -> None:
    course = make_course(np.full(200, 0.0))
    assert word in trust(plan_from(course, make_prediction(np.full(200, 2.0)), 0.1, runs))


# --- the file ----------------------------------------------------------------------------------------------------
def test_the_csv_has_a_row_for_every_step_and_units_in_its_head(tmp_path: Path) -> None:
    course = load_course(ROOT / "data" / "courses" / "jacksboro_17_8km.gpx")
    duration_s = np.random.default_rng(0).uniform(1.5, 6, len(course.table))
    plan = plan_from(course, make_prediction(duration_s, 141.23), 0.1)
    path = tmp_path / "new" / "plan.csv"
    write_csv(plan, path)
    read = pd.read_csv(path)
    assert tuple(read.columns) == PLAN_COLUMNS
    assert all(name.endswith(("_m", "_s", "_bpm", "_rpm", "_min_per_km")) for name in read.columns)
    assert len(read) == 3560
    np.testing.assert_allclose(read, plan.steps, atol=0.0501)
    assert read[c.ELAPSED].iloc[-1] == pytest.approx(plan.finish_s, abs=0.0005)
    assert read[c.DURATION].sum() == pytest.approx(plan.finish_s, abs=0.01)
    assert [p.name for p in path.parent.iterdir()] == ["plan.csv"]


def test_a_failed_write_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "plan.csv"
    path.write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lib.files.os.replace", full)
    with pytest.raises(InputError, match="No space left"):
        write_csv(flat_plan(200), path)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["plan.csv"]


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError):
        write_csv(flat_plan(200), tmp_path / "file" / "plan.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError):
        write_csv(flat_plan(200), tmp_path / "folder.csv")

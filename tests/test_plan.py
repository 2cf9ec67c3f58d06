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
from lib.course import load_course
from lib.errors import InputError
from lib.intervals import Calibration, interval
from lib.plan import (
    PLAN_COLUMNS,
    Band,
    kilometre_splits,
    plan_from,
    predict_plan,
    waypoint_times,
    write_csv,
)
from lib.plan_tables import format_duration, splits_table, waypoint_table
from lib.prior import Prior
from lib.profile import course_table
from lib.reference import reference
from tests.plans import BAND, flat_plan, make_course, make_prediction

ROOT = Path(__file__).resolve().parents[1]


# --- the plan ----------------------------------------------------------------------------------------------------
def test_a_flat_plan_by_hand() -> None:
    plan = flat_plan(500, 1.5)  # 2.5 km at 5:00 min/km
    assert tuple(plan.steps.columns) == PLAN_COLUMNS
    assert plan.finish_s == 750.0
    assert plan.steps[c.ELAPSED].iloc[[0, 1, -1]].tolist() == [1.5, 3.0, 750.0]
    assert plan.steps[c.PACE].unique().tolist() == [5.0]
    assert plan.steps[c.DISTANCE].iloc[-1] == 2500.0


def test_the_interval_is_the_calibrated_one() -> None:
    plan = flat_plan(500)
    low_s, high_s = plan.finish_interval_s
    assert (low_s, high_s) == tuple(float(x) for x in interval(plan.finish_s, 0.1, (), BAND.calibration))
    assert low_s < plan.finish_s < high_s
    chances = plan.band.chance([low_s, high_s], plan.finish_s)
    assert chances.tolist() == pytest.approx([0.1, 0.9])


def test_the_interval_of_a_waypoint_is_that_of_its_fraction() -> None:
    calibration = Calibration((-2.0, -1.0, 0.0, 1.0, 2.0), 1.0, (2.0,) * 9 + (1.0,))
    course = make_course(np.full(400, 100.0), Half=1000.0)
    plan = plan_from(course, make_prediction(np.full(400, 2.0)), Band(0.1, (), calibration))
    times = waypoint_times(plan).iloc[0]
    half = np.log(times[c.HIGH] / times[c.ELAPSED])
    assert half == pytest.approx(2.0 * np.log(plan.finish_interval_s[1] / plan.finish_s))


def test_a_plan_stays_within_a_millisecond_of_its_prediction() -> None:
    duration_s = np.random.default_rng(3).uniform(1.5, 9.0, 700)
    plan = plan_from(make_course(np.full(700, 5.0)), make_prediction(duration_s), BAND)
    assert np.abs(plan.steps[c.DURATION] - duration_s).max() <= 0.0005


@pytest.mark.parametrize(("column", "value"), [(0, np.nan), (0, 0.0), (0, -1.0), (1, np.nan), (2, np.inf)])
def test_a_prediction_that_is_none_is_refused(column: int, value: float) -> None:
    prediction = make_prediction(np.full(300, 2.0))
    prediction.iloc[40, column] = value
    with pytest.raises(InputError, match="at 1 of 300 steps, first at 200 m"):
        plan_from(make_course(np.full(300, 5.0)), prediction, BAND)


def test_predicting_starts_from_the_recorded_altitude_and_the_athletes_own_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: dict[str, object] = {}

    def evaluate(
        model: object, data: pd.DataFrame, normalizers: object, *, day: int | None, effort: float | None
    ) -> pd.DataFrame:
        seen.update(model=model, altitude=data[c.ALTITUDE].tolist(), normalizers=normalizers, day=day, effort=effort)
        return make_prediction(np.full(len(data), 2.0))

    monkeypatch.setattr(lib.model, "evaluate_full_session_sequential", evaluate)
    prior = Prior()
    athlete = AthleteProfile(runs=7, scores=(-0.5, 0.1, 0.4))
    bundle = SimpleNamespace(normalizers_data={"a": 1}, prior=prior, athlete=athlete)
    altitude = 300.0 + 10 * np.sin(np.arange(400) / 3.0)
    plan = predict_plan("model", bundle, make_course(altitude), day=12, effort=1.0)  # type: ignore[arg-type]
    assert seen == {"model": "model", "altitude": altitude.tolist(), "normalizers": {"a": 1}, "day": 12, "effort": 1.0}
    before = reference(athlete, prior, course_table(altitude), 12, effort=1.0)
    assert plan.band == Band(before.log_sd, athlete.scores, prior.calibration)
    assert (plan.runs, plan.finish_s) == (7, 800.0)


# --- splits ------------------------------------------------------------------------------------------------------
def test_splits_by_hand() -> None:
    # 1 km of 10% up at 8:20, 1 km down at 4:10, 500 m flat at 5:00.
    altitude = np.concatenate([np.arange(1, 201) * 0.5, 100 - np.arange(1, 201) * 0.5, np.zeros(100)])
    duration_s = np.repeat([2.5, 1.25, 1.5], [200, 200, 100])
    heart = np.concatenate([np.full(100, 150.0), np.full(100, 160.0), np.full(300, 130.0)])
    duration_s[:100] = 1.5
    duration_s[100:200] = 3.5
    plan = plan_from(make_course(altitude), make_prediction(duration_s, heart), BAND)
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
    plan = plan_from(make_course(altitude), make_prediction(rng.uniform(0.7, 15.0, steps)), BAND)
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
    times = waypoint_times(plan_from(course, make_prediction(np.full(600, 2.0)), BAND))
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


# --- the file ----------------------------------------------------------------------------------------------------
def test_the_csv_has_a_row_for_every_step_and_units_in_its_head(tmp_path: Path) -> None:
    course = load_course(ROOT / "data" / "courses" / "jacksboro_17_8km.gpx")
    duration_s = np.random.default_rng(0).uniform(1.5, 6, len(course.table))
    plan = plan_from(course, make_prediction(duration_s, 141.23), BAND)
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

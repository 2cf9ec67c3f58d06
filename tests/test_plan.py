"""In: a course and a made-up prediction of it. Out: that lib/plan.py adds, rounds and writes as it says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib import columns as c
from lib.course import load_course
from lib.errors import InputError
from lib.intervals import interval
from lib.plan import PLAN_COLUMNS, plan_from, write_csv
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

"""In: plans. Out: that the files of lib/exports.py are read back by others as they were meant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import gpxpy
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import columns as c
from lib.course import load_course, read_course
from lib.errors import InputError
from lib.exports import csv_bytes, gpx_bytes, write_export
from lib.plan import PLAN_COLUMNS, plan_from
from tests.plans import BAND, flat_plan, make_prediction

ROOT = Path(__file__).resolve().parents[1]
START = datetime(2026, 6, 20, 5, 30, tzinfo=UTC)


# --- the file ----------------------------------------------------------------------------------------------------
def test_the_csv_has_a_row_for_every_step_and_units_in_its_head(tmp_path: Path) -> None:
    course = load_course(ROOT / "data" / "courses" / "jacksboro_17_8km.gpx")
    duration_s = np.random.default_rng(0).uniform(1.5, 6, len(course.table))
    plan = plan_from(course, make_prediction(duration_s, 141.23), BAND)
    path = tmp_path / "new" / "plan.csv"
    write_export(path, csv_bytes(plan))
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
        write_export(path, csv_bytes(flat_plan(200)))
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["plan.csv"]


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError):
        write_export(tmp_path / "file" / "plan.csv", b"x")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError):
        write_export(tmp_path / "folder.csv", b"x")


# --- GPX ---------------------------------------------------------------------------------------------------------
def test_the_gpx_has_the_time_of_every_point() -> None:
    plan = flat_plan(200, 2.0, Hut=500.0)
    read = gpxpy.parse(gpx_bytes(plan, START).decode())
    points = read.tracks[0].segments[0].points
    assert len(points) == 200
    assert points[0].time == START + timedelta(seconds=2) and points[-1].time == START + timedelta(seconds=400)
    assert [point.longitude for point in points] == pytest.approx(plan.course.columns[c.LONGITUDE].tolist(), abs=1e-7)
    assert [w.name for w in read.waypoints] == ["Hut"]
    texts = [element.text for element in points[0].extensions[0]]
    assert texts == ["140", "80"]


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=40))
def test_any_name_makes_a_gpx_that_is_read_again(name: str) -> None:
    plan = flat_plan(200, 2.0, **{name or "x": 500.0})
    course = read_course(gpx_bytes(plan, START))
    assert course.length_km == pytest.approx(0.995, abs=0.006)
    assert len(course.waypoints) == 1

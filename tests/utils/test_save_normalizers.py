"""The script writes the files of the original pipeline, and reports mistakes in one line."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from lib.course.terrain_features import course_table
from lib.evaluation.equivalence import (
    JSON,
    ORIGINAL,
    V1,
    V2,
    largest_differences,
    load_routes,
    predict_by_route,
    prediction_ranges,
)
from lib.model import ORIGINAL_FIELDS
from lib.recordings.sessions import write_sessions
from tests.support.command import command
from tests.support.small import small_folder, small_model, small_sessions

pytestmark = pytest.mark.slow

main = command("normalizers")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_folder(tmp_path_factory.mktemp("model"))


def test_the_pickle_has_the_fields_of_the_original(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--model-dir", str(folder)]) == 0
    content = pickle.loads((folder / "normalizers.pkl").read_bytes())
    assert set(ORIGINAL_FIELDS) <= set(content)
    assert "normalizers.pkl" in capsys.readouterr().out


def test_all_routes_are_equal_but_the_originals(folder: Path, tmp_path: Path) -> None:
    write_sessions(small_sessions(), tmp_path / "small.parquet")
    assert main(["--model-dir", str(folder), "--sessions", str(tmp_path / "small.parquet"), "--v1", "yes"]) == 0
    routes = load_routes(folder)
    assert routes[V1].size_bytes > 20 * routes[JSON].size_bytes
    course = course_table(small_sessions(1, steps=100)["altitude_m"].to_numpy())
    predictions = predict_by_route(small_model()[0], course, routes)
    differences = largest_differences(predictions)
    assert (differences.loc[[V2, JSON]] == 0).all(axis=None)
    assert (differences.loc[ORIGINAL] > 0).all()
    ranges = prediction_ranges(predictions[JSON])
    assert ranges.loc["duration_s", "min"] == predictions[JSON]["duration_s"].min()


def test_v1_needs_the_sessions(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--model-dir", str(folder), "--v1", "yes"]) == 2
    assert "Add sessions" in capsys.readouterr().err


def test_other_sessions_than_those_of_the_training_change_nothing(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_sessions(small_sessions(seed=9), tmp_path / "small.parquet")
    before = (folder / "normalizers.json").read_bytes()
    assert main(["--model-dir", str(folder), "--sessions", str(tmp_path / "small.parquet")]) == 2
    assert "trained on sessions" in capsys.readouterr().err
    assert (folder / "normalizers.json").read_bytes() == before


def test_a_folder_without_a_model_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--model-dir", str(tmp_path / "none")]) == 2
    assert f"No such file: {tmp_path / 'none'}" in capsys.readouterr().err

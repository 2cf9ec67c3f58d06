"""Errors on the way are measured against what happened."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.core import schema as c
from lib.inference.onnx_backend import ONNX, onnx_backend
from lib.recordings.sessions import write_sessions
from lib.training.onnx_export import export_network
from tests.support.exported import loaded, shaken_folder
from tests.support.small import small_sessions
from utils.studies.measure_underway import FRACTIONS, OURS, SCALED, WAYS, main, measure_underway, summary

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = shaken_folder(tmp_path_factory.mktemp("model"))
    export_network(made)
    return made


@pytest.fixture(scope="module")
def records(folder: Path) -> pd.DataFrame:
    _, bundle = loaded(folder)
    return measure_underway({"a": small_sessions(10, 1010)}, onnx_backend(folder / ONNX, bundle), bundle)


def test_the_last_runs_are_predicted_at_every_part_of_their_way(records: pd.DataFrame) -> None:
    assert set(records[c.SESSION_ID]) == {8, 9}
    assert len(records) == 2 * len(FRACTIONS) * len(WAYS)
    assert np.isfinite(records.drop(columns=["athlete", "way"]).to_numpy(np.float64)).all()


def test_finish_and_rest_are_off_by_the_same_time(records: pd.DataFrame) -> None:
    # These runs are even: what the rest is off by is as much less of the whole as the rest is less than it.
    ratio = records["finish_error_pct"] / records["rest_error_pct"]
    assert ratio.to_numpy() == pytest.approx(1.0 - records["fraction"].to_numpy(), abs=0.1)


def test_an_even_run_of_an_unusual_day_is_better_known_the_longer_it_goes(folder: Path) -> None:
    _, bundle = loaded(folder)
    sessions = small_sessions(10, 1010)
    sessions.loc[sessions[c.SESSION_ID] >= 8, [c.DURATION]] *= 1.3
    sessions.loc[sessions[c.SESSION_ID] >= 8, [c.HEART_RATE]] += 12
    table = summary(measure_underway({"a": sessions}, onnx_backend(folder / ONNX, bundle), bundle))
    ours, cold = (table.xs(way, level="way") for way in (OURS, WAYS[0]))
    for name in ("finish_error_pct", "rest_error_pct", "heart_rate_mae_bpm"):
        assert (ours[name] < cold[name]).all()
        assert (table.xs(SCALED, level="way")[name] < cold[name]).all()
    assert (np.diff(ours["finish_error_pct"]) < 0).all()
    assert (np.diff(ours["width_pct"]) < 0).all()


def test_the_command_says_the_table_and_writes_every_prediction(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "sessions").mkdir()
    write_sessions(small_sessions(6, 1010), tmp_path / "sessions" / "a.parquet")
    out = tmp_path / "way.csv"
    assert main([str(tmp_path / "sessions"), "--model-dir", str(folder), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("1 runs of 5 km or more") and all(way in said for way in WAYS)
    assert len(pd.read_csv(out)) == len(FRACTIONS) * len(WAYS)


@pytest.mark.parametrize(("runs", "earlier"), [(small_sessions(6, 320), False), (small_sessions(6, 1010), True)])
def test_nothing_to_predict_is_said(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], runs: pd.DataFrame, earlier: bool
) -> None:
    write_sessions(runs, tmp_path / "a.parquet")
    assert main([str(tmp_path), "--model-dir", str(folder), *["--earlier"] * earlier]) == 2
    assert "No session to predict" in capsys.readouterr().err

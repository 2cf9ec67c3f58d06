"""Given a session table: the athlete's bundle speaks of that athlete, and mistakes are said in a line."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.athlete.bundle import load_bundle
from lib.recordings.sessions import write_sessions
from lib.training.checkpoint import WEIGHTS
from tests.support.command import command
from tests.support.small import small_folder, small_sessions

pytestmark = pytest.mark.slow

main = command("athlete")


def test_sessions_become_a_bundle_of_the_same_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = small_folder(tmp_path / "model")
    write_sessions(small_sessions(3), tmp_path / "me.parquet")
    assert main([str(tmp_path / "me.parquet"), str(tmp_path / "me.json"), "--model-dir", str(folder)]) == 0
    bundle = load_bundle(tmp_path / "me.json", folder / WEIGHTS)
    assert bundle.athlete.runs == 3
    assert "from 3 runs" in capsys.readouterr().out


def test_data_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = small_folder(tmp_path / "model")
    assert main([str(tmp_path / "no.parquet"), str(tmp_path / "me.json"), "--model-dir", str(folder)]) == 2
    assert "no.parquet" in capsys.readouterr().err
    assert not (tmp_path / "me.json").exists()

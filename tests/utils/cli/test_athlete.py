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


RESULTS = "50 km, 2300 m, 6:41, 2026-06-14, Alp; 20 km, 900 m, 2:12, 2025"


def test_results_alone_become_a_profile(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--results", RESULTS, "--out", str(tmp_path / "me.json")]) == 0
    athlete = load_bundle(tmp_path / "me.json").athlete
    assert athlete.runs == 0 and [result.km for result in athlete.results] == [20.0, 50.0]
    results, last = capsys.readouterr().out.splitlines()
    first, second = results.removeprefix("Race results: ").split("; ")
    assert first.startswith("2:12 for 20 km") and second == "6:41 for 50 km and 2,300 m at Alp, June 2026"
    assert "KB, from 2 race results; me.html" in last and (tmp_path / "me.html").is_file()


def test_sessions_and_results_become_one_profile(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = small_folder(tmp_path / "model")
    write_sessions(small_sessions(3), tmp_path / "me.parquet")
    (tmp_path / "results.csv").write_text("date,km,climb,time\n2026-06-14,50,2300,6:41\n")
    words = ["--data", tmp_path / "me.parquet", "--results", tmp_path / "results.csv", "--out", tmp_path / "me.json"]
    assert main([*map(str, words), "--model-dir", str(folder)]) == 0
    athlete = load_bundle(tmp_path / "me.json", folder / WEIGHTS).athlete
    assert athlete.runs == 3 and len(athlete.results) == 1
    assert "from 3 runs and 1 race result" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "no --data or --results"),
        (["--results", "2300 km, 50 m, 6:41, 2026"], "They look swapped"),
        (["--results", "50 km, 2300 m, 6:41, 2126-01-01"], "A result is of the past"),
        (["--results", "none.csv"], "No such file: none.csv"),
    ],
)
def test_results_that_cannot_be_are_refused(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--out", str(tmp_path / "me.json")]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "me.json").exists()

"""Race times and intervals are counted as by hand."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from lib.athlete.bundle import load_bundle
from lib.core import schema as c
from lib.evaluation.cases import walk
from lib.recordings.sessions import write_sessions
from tests.support.small import small_folder, small_sessions
from utils.studies.measure_arrivals import main, race_times, summary

pytestmark = pytest.mark.slow


def test_a_run_twice_as_long_standing_is_later_by_that(tmp_path: Path) -> None:
    bundle = load_bundle(small_folder(tmp_path) / "normalizers.json")
    sessions = small_sessions()
    stood = sessions.copy()
    stood[c.STOP] = (stood[c.STEP] == 10).astype("float32") * 600
    plain, late = (race_times(walk("a", table, bundle.prior, 3), bundle) for table in (sessions, stood))
    assert len(plain) == len(late) == 3
    assert (late[c.FINISH] - plain[c.FINISH]).tolist() == pytest.approx([600.0] * 3)
    assert (late[c.CHANCE] > plain[c.CHANCE]).all()
    assert (plain[c.ARRIVAL_LOW] < plain[c.ARRIVAL]).all() and (plain[c.ARRIVAL] < plain[c.ARRIVAL_HIGH]).all()


def test_shares_widths_and_errors_by_hand() -> None:
    times = pd.DataFrame(
        {
            c.ATHLETE: ["a", "a", "b"],
            c.FINISH: [100.0, 200.0, 100.0],
            c.ARRIVAL: [100.0, 100.0, 110.0],
            c.ARRIVAL_LOW: [90.0, 90.0, 99.0],
            c.ARRIVAL_HIGH: [110.0, 110.0, 121.0],
            c.CHANCE: [0.5, 1.0, 0.2],
        }
    )
    table = summary(times)
    assert table.loc["a"].tolist() == [2, 50.0, 20.0, 25.0]
    assert table.loc["b"].tolist() == [1, 100.0, 20.0, 10.0]
    assert table.loc["all runs"].tolist() == [3, 66.7, 20.0, 20.0]


def test_the_command_says_a_line_for_each_athlete(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, data = small_folder(tmp_path / "model"), tmp_path / "sessions"
    data.mkdir()
    write_sessions(small_sessions(10, 1_100), data / "x.parquet")
    assert main([str(data), "--model-dir", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "x " in said and "all runs" in said
    assert main([str(tmp_path / "none"), "--model-dir", str(folder)]) == 2
    assert "No such file" in capsys.readouterr().err

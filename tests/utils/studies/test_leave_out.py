"""Who is left out of the fit is predicted with what the others say, and the table says how well."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from lib.athlete.prior import Prior
from lib.core import schema as c
from lib.evaluation.backtest import OURS
from lib.recordings.sessions import write_sessions
from tests.support.small import small_folder, small_sessions
from utils.studies import leave_out as study
from utils.studies.leave_out import by_athlete, main

pytestmark = pytest.mark.slow


def sessions_of(factor: float) -> pd.DataFrame:
    """Ten runs of 5.5 km, slower by a factor."""
    table = small_sessions(10, 1_100)
    return table.assign(**{c.DURATION: (factor * table[c.DURATION]).astype("float32")})


def test_nothing_of_who_is_predicted_is_in_the_fit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    model, data, fitted = small_folder(tmp_path / "model"), tmp_path / "sessions", []
    data.mkdir()
    for name, factor in (("x", 1.0), ("y", 1.1), ("z", 1.2)):
        write_sessions(sessions_of(factor), data / f"{name}.parquet")

    def fit(athletes: dict[str, pd.DataFrame]) -> Prior:
        fitted.append({name: table[c.SESSION_ID].nunique() for name, table in athletes.items()})
        return Prior()

    monkeypatch.setattr(study, "fit_prior", fit)
    assert main([str(data), "--model-dir", str(model), "--out", str(tmp_path / "rows.json")]) == 0
    assert fitted == [{"y": 8, "z": 8}, {"x": 8, "z": 8}, {"x": 8, "y": 8}]
    said = capsys.readouterr().out
    assert OURS in said and "mape_hilly" in said
    rows = json.loads((tmp_path / "rows.json").read_text())
    assert {row["athlete"] for row in rows if row["predictor"] == OURS} == {"x", "y", "z"}


def row(athlete: str, predictor: str, mape: float) -> dict[str, Any]:
    return {"athlete": athlete, "predictor": predictor, "n": 3} | dict.fromkeys(study.SHOWN, 1.0) | {"mape": mape}


def test_beside_ours_stands_the_baseline_that_is_best_on_the_mean() -> None:
    rows = [row(a, p, m) for a, p, m in (("x", OURS, 1), ("y", OURS, 1), ("x", "one", 2), ("y", "one", 2),
                                         ("x", "other", 1), ("y", "other", 4))]  # fmt: skip
    assert list(by_athlete(rows).index) == [("x", OURS), ("y", OURS), ("x", "one"), ("y", "one")]


def test_one_athlete_alone_cannot_be_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_sessions(sessions_of(1.0), tmp_path / "x.parquet")
    assert main([str(tmp_path), "--model-dir", str(small_folder(tmp_path / "model"))]) == 2
    assert "two or more" in capsys.readouterr().err

"""Given tables of real splits: a row for each race, year and predictor; tables that make no sense are refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lib.athlete.pacing_law import PacingLaw
from lib.evaluation.races import EDITION, EVEN, OURS, PREDICTORS, THREE
from lib.evaluation.results import PREDICTORS as RESULT_PREDICTORS
from lib.evaluation.underway import AT, UNDERWAY_PREDICTORS
from tests.support.command import command
from tests.support.fields import TRUTH, small_field
from tests.support.results_field import small_results

main = command("races")

FIELDS = [
    "part", "race", "year", "event", "predictor", "n", "gap_min", "gap_pct", "bias_pct", "coverage80", "course",
    "scheme",
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plain race alone, 2023 in ``before`` and 2024 in ``now``; ``two`` has both races of 2024."""
    root = tmp_path_factory.mktemp("races")
    for name, races, year in (("before", ["plain"], 2023), ("now", ["plain"], 2024), ("two", ["hills", "plain"], 2024)):
        place = Path(shutil.copytree(small_field(), root / name))
        for table in ("races.csv", "checkpoints.csv", "splits.parquet"):
            rows = read(place / table)
            write(place / table, rows[rows.race.isin(races) & (rows.year == year)])
    return root


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)


def write(path: Path, table: pd.DataFrame) -> None:
    table.to_csv(path, index=False) if path.suffix == ".csv" else table.to_parquet(path)


def result(*words: object) -> dict[str, Any]:
    *_, out = words
    assert main([str(word) for word in words]) == 0
    return dict(json.loads(Path(str(out)).read_text(encoding="utf-8")))


def of_part(found: dict[str, Any], part: str) -> list[dict[str, Any]]:
    return [row for row in found["rows"] if row["part"] == part]


@pytest.mark.slow
def test_forecasts_on_the_day_are_rows_of_their_own(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = of_part(result("--data", folder / "now", "--out", folder / "day.json"), "underway")
    alone = [p for p in UNDERWAY_PREDICTORS if p != EDITION]
    assert [(row["at"], row["predictor"]) for row in rows] == [(at, p) for at in AT for p in alone]
    assert list(rows[0]) == [
        "part", "race", "year", "event", "predictor", "at", "n", "mape", "bias_pct", "next_gap_min", "coverage80",
        "next_coverage80", "course", "scheme",
    ]  # fmt: skip
    ours = [row for row in rows if row["predictor"] == OURS]
    assert ours[0]["mape"] > ours[1]["mape"] > ours[2]["mape"] > 0.0
    for row in rows:
        assert row["n"] == 24 and abs(row["bias_pct"]) <= row["mape"]
        assert (row["coverage80"] is None) == (row["predictor"] != OURS)
        assert (row["next_coverage80"] is None) == (row["predictor"] != OURS or row["next_gap_min"] is None)
        assert row["next_gap_min"] is None or row["next_gap_min"] > 0.0
    assert "Error of the finish (%) from the clocks at 25, 50 and 75% of the way, shipped:" in capsys.readouterr().out


@pytest.mark.slow
def test_a_row_has_the_fields_that_others_read(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = result("--data", folder / "now", "--out", folder / "alone.json")
    assert list(found) == ["rows", "notes"]
    rows = of_part(found, "splits")
    assert [row["predictor"] for row in rows] == [p for p in PREDICTORS if p not in (EDITION, THREE)]
    for row in rows:
        assert list(row) == FIELDS
        told = [row[name] for name in ("part", "race", "year", "event", "n", "course", "scheme")]
        assert told == ["splits", "plain", 2024, "plain", 24, "track", "shipped"]
        assert 0.0 < row["gap_pct"] < 20.0
        assert abs(row["bias_pct"]) <= row["gap_pct"]
        assert row["gap_min"] > 0.0
        assert (row["coverage80"] is None) == (row["predictor"] != OURS)
    said = capsys.readouterr().out
    assert "Mean gap at checkpoints (min), shipped, races with a track:" in said
    assert said.rstrip().endswith("alone.json")


@pytest.mark.slow
def test_an_earlier_year_in_another_folder_corrects(folder: Path) -> None:
    found = result("--earlier", folder / "before", folder / "now", folder / "pair.json")
    gap = {row["predictor"]: row["gap_min"] for row in of_part(found, "splits")}
    assert tuple(gap) == PREDICTORS
    assert {row["year"] for row in found["rows"]} == {2024}
    assert gap[EDITION] < gap[OURS] < gap[EVEN]
    mape = {(row["predictor"], row["at"]): row["mape"] for row in of_part(found, "underway")}
    assert all(mape[EDITION, at] < mape[OURS, at] for at in AT)


@pytest.mark.slow
def test_fitting_adds_the_law_and_rows_of_events_left_out(folder: Path) -> None:
    found = result("--fit", "yes", folder / "two", folder / "fitted.json")
    assert [(row["scheme"], row["race"]) for row in of_part(found, "splits") if row["predictor"] == OURS] == [
        (scheme, race) for scheme in ("shipped", "left out") for race in ("hills", "plain")
    ]
    assert {row["predictor"] for row in found["rows"] if row["scheme"] == "left out"} == {OURS}
    on_the_day = [row for row in of_part(found, "underway") if row["predictor"] == OURS]
    told = [(row["scheme"], row["race"], row["at"]) for row in on_the_day]
    assert told == [
        (scheme, race, at) for scheme in ("shipped", "left out") for race in ("hills", "plain") for at in AT
    ]
    assert 0.0 < found["day"]["wander"] < 1.0
    law = PacingLaw(**{name: tuple(v) if isinstance(v, list) else v for name, v in found["law"].items()})
    assert law.fading == pytest.approx(TRUTH.fading, abs=0.15)
    assert found["spread"]["low"] > 0.0


def test_a_mistake_in_a_table_is_one_sentence_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place, out = Path(shutil.copytree(small_field(), tmp_path / "field")), tmp_path / "out.json"
    table = read(place / "splits.parquet")
    table.loc[5, "elapsed_s"] = 1.0
    write(place / "splits.parquet", table)
    assert main([str(place), str(out)]) == 2
    said = capsys.readouterr().err
    assert "hills 2023: runner 0 at checkpoint 5 before an earlier one" in said
    assert said.count("\n") == 1
    assert not out.exists()


@pytest.mark.parametrize("table", ["races.csv", "checkpoints.csv", "splits.parquet"])
def test_a_missing_table_is_named(tmp_path: Path, table: str, capsys: pytest.CaptureFixture[str]) -> None:
    place = Path(shutil.copytree(small_field(), tmp_path / "field"))
    (place / table).unlink()
    assert main([str(place), str(tmp_path / "out.json")]) == 2
    assert table in capsys.readouterr().err


def test_an_earlier_folder_is_checked_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    words = ["--data", small_field(), "--earlier", tmp_path / "empty", "--out", tmp_path / "out.json"]
    assert main([str(word) for word in words]) == 2
    assert "races.csv" in capsys.readouterr().err


def test_races_without_a_finisher_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = Path(shutil.copytree(small_field(), tmp_path / "field"))
    table = read(place / "splits.parquet")
    last = table.groupby(["race", "year"]).checkpoint.transform("max")
    table.loc[table.checkpoint == last, "elapsed_s"] = np.nan
    write(place / "splits.parquet", table)
    assert main([str(place), str(tmp_path / "out.json")]) == 2
    assert "No race with finishers" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [(["--out", "out.json"], "--data"), (["--data", "."], "--out"), ([".", "out.csv"], ".json")],
)
def test_what_is_needed_is_asked_for(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert said in capsys.readouterr().err


def test_results_are_scored_without_any_splits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = result("--data", small_results(), "--out", tmp_path / "out.json")
    assert {row["part"] for row in found["rows"]} == {"results"}
    assert list(found["rows"][0]) == [
        "part", "file", "year", "predictor", "races", "n", "mape", "bias_pct", "coverage80", "width80_pct", "scheme",
    ]  # fmt: skip
    assert [row["predictor"] for row in found["rows"]] == list(RESULT_PREDICTORS)
    assert found["notes"] == [
        "No splits.parquet: plans at checkpoints were not scored.",
        "No finishes.parquet: its results were not scored.",
    ]
    said = capsys.readouterr().out
    assert "results of 2024, shipped, all races" in said and "No finishes.parquet" in said


@pytest.mark.slow
def test_splits_and_results_of_one_folder_are_both_scored(folder: Path, tmp_path: Path) -> None:
    place = Path(shutil.copytree(folder / "now", tmp_path / "both"))
    shutil.copy(small_results() / "results.parquet", place / "finishes.parquet")
    found = result("--data", place, "--out", tmp_path / "out.json")
    parts = {("splits", None), ("underway", None), ("results", "finishes")}
    assert {(row["part"], row.get("file")) for row in found["rows"]} == parts
    assert found["notes"] == ["No results.parquet: its results were not scored."]


def test_a_folder_without_any_table_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), str(tmp_path / "out.json")]) == 2
    assert "none of the race tables; expected splits.parquet" in capsys.readouterr().err


def test_a_rating_is_found_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--find", "Saintélyon 2025"]) == 0
    head, first, *others, foot = capsys.readouterr().out.splitlines()
    assert head.split() == ["race", "km", "climb", "m", "effect", "±", "80%", "results", "years"]
    assert first.startswith("saintelyon  ")
    assert len(others) > 3 and all("saintelyon" in line for line in others)
    assert foot.startswith("effect: how much longer")


def test_a_name_of_no_race_and_of_too_many(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--find", "zzz"]) == 2
    assert "no rated race called 'zzz'" in capsys.readouterr().err
    assert main(["--find", "trail"]) == 0
    *shown, more, _ = capsys.readouterr().out.splitlines()
    assert len(shown) == 41 and more.endswith("more: write more of the name.")

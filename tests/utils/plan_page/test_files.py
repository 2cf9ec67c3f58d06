"""The files of a plan: all of them, or none."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pandas as pd
import pytest

from tests.support.command import command
from tests.support.plans import flat_plan
from tests.support.races import COURSES, race_of, shipped
from utils.notebooks.render import loaded_resources
from utils.plan_page.files import write_plan

main = command("plan")

SHORT = COURSES / "powell_valley_5km.gpx"
TABLE = "name,km,stop_min,cutoff_after\nHut,2,4,0:05\n"


def test_a_plan_with_a_start_has_every_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "aid.csv").write_text(TABLE)
    words = ["--start", "2026-06-20T07:00-04:00", "--stations", str(tmp_path / "aid.csv"), "--name", "My <race>"]
    assert main([str(SHORT), *words, "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert "Finish:" in said and "note: Hut: cut-off 0:05:00" in said
    endings = {path.name.removeprefix("powell_valley_5km") for path in (tmp_path / "out").iterdir()}
    assert endings == {
        ".html", ".csv", "_legs.csv", ".json", ".fit", ".gpx", ".tcx", ".ics", ".svg", "_map.svg", "_card.html",
    }  # fmt: skip
    page = (tmp_path / "out" / "powell_valley_5km.html").read_text(encoding="utf-8")
    assert "My &lt;race&gt;" in page and loaded_resources(page) == []
    assert "powell_valley_5km.fit" in page
    told = json.loads((tmp_path / "out" / "powell_valley_5km.json").read_text(encoding="utf-8"))
    assert told["course"]["name"] == "My <race>" and told["legs"][0]["planned_stop_s"] == 240.0
    assert len(pd.read_csv(tmp_path / "out" / "powell_valley_5km.csv")) == 1_000


def test_without_a_start_there_is_nothing_that_tells_times_of_day(tmp_path: Path) -> None:
    files = write_plan(race_of(flat_plan(400)), shipped()[1], tmp_path, "x")
    assert files[0] == tmp_path / "x.html"
    assert sorted(path.name for path in files) == sorted(path.name for path in tmp_path.iterdir())
    assert {path.suffix for path in files} == {".html", ".csv", ".json", ".fit", ".svg"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--target", "0:05"], "--goal: a goal of 0:05"),
        (["--stations", "none.csv"], "No such file: none.csv"),
        (["--stations", "9"], "--stations: km 9"),
        (["--athlete", "none.json"], "No such file: none.json"),
        (["--so-far", "none.fit"], "No such file: none.fit"),
        (["--start", "tomorrow"], "--start: 'tomorrow'"),
        (["--effort", "race", "--target", "0:30"], "--goal: a goal time and the effort 'race'"),
    ],
)
def test_a_mistake_is_one_sentence_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main([str(SHORT), *words, "--out", str(tmp_path / "out")]) == 2
    captured = capsys.readouterr()
    assert said in captured.err and captured.err.count("\n") == 1 and captured.out == ""
    assert not (tmp_path / "out").exists()


def test_a_plan_that_stops_while_its_files_are_replaced_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def there() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    write_plan(race_of(flat_plan(400)), shipped()[1], tmp_path, "x")
    before, real = there(), os.replace

    def stopping(source: Path, target: Path) -> None:
        real(source, target)
        if target.suffix == ".fit":
            raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("os.replace", stopping)
        write_plan(race_of(flat_plan(500)), shipped()[1], tmp_path, "x")
    assert there() == before
    write_plan(race_of(flat_plan(500)), shipped()[1], tmp_path, "x")
    assert there().keys() == before.keys() and there()["x.fit"] != before["x.fit"]

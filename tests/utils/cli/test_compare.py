"""In: words of the command. Out: that they reach notebook 07 as its parameters, and that bad ones are said."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from utils.cli.compare import NOTEBOOK, arguments_for, joined, listed, main, parser
from utils.notebooks.parameters import checked, declared, from_text
from utils.notebooks.run import given_values

COURSE = Path(__file__).resolve().parents[3] / "data" / "courses" / "powell_valley_5km.gpx"


def values(*words: str) -> dict[str, object]:
    made = arguments_for(parser().parse_args([str(COURSE), *words]))
    pairs = [(made[i + 1], made[i + 2]) for i, word in enumerate(made) if word == "-p"]
    return given_values(nbformat.read(NOTEBOOK, as_version=4), "07", None, pairs)[0]


def test_lists_are_divided_by_commas() -> None:
    assert listed(" easy, race,,3:30 ") == ["easy", "race", "3:30"]
    assert listed("") == []


def test_words_become_parameters_of_the_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.json").touch()
    (tmp_path / "aid.csv").touch()
    monkeypatch.chdir(tmp_path)
    said = values(
        *("--efforts", "easy,150", "--athletes", "a.json", "--temperatures", "10,25.5", "--stations", "aid.csv"),
        *("--starts", "2026-06-20T05:30", "--zone", "Europe/Paris", "--target", "1:00"),
    )
    assert said["gpx"] == str(COURSE)
    assert said["efforts"] == ["easy", "150"]
    assert said["athletes"] == [str(tmp_path / "a.json")]
    assert said["temperatures_c"] == [10.0, 25.5]
    assert said["stations"] == str(tmp_path / "aid.csv")
    assert (said["starts"], said["zone"], said["target"]) == (["2026-06-20T05:30"], "Europe/Paris", "1:00")


def test_what_is_left_out_is_not_compared() -> None:
    alone = values()
    assert "efforts" not in alone  # the notebook's own three
    assert alone["starts"] == alone["athletes"] == alone["temperatures_c"] == []
    assert values("--temperatures", "10,20")["efforts"] == ["usual"]
    assert values("--stations", "1,2")["stations"] == "1,2"


def test_temperatures_may_be_below_zero() -> None:
    assert joined(["a.gpx", "--temperatures", "-5,10", "--zone", "x"]) == [
        "a.gpx",
        "--temperatures=-5,10",
        "--zone",
        "x",
    ]
    assert values(*joined(["--temperatures", "-5,10"]))["temperatures_c"] == [-5.0, 10.0]


def test_names_of_files_may_hold_quotes() -> None:
    known = declared(nbformat.read(NOTEBOOK, as_version=4))
    text = json.dumps(['a"b.json'])
    assert checked({"athletes": from_text(text, known["athletes"])}, known, "07")["athletes"] == ['a"b.json']


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["none.gpx"], "none.gpx: found no such file"),
        ([str(COURSE), "--athletes", "none.json"], "none.json: found no such file"),
        ([str(COURSE), "--temperatures", "10,warm"], "temperatures: found '10,warm'"),
    ],
)
def test_bad_words_are_said_before_anything_runs(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert said in capsys.readouterr().err

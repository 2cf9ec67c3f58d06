"""Tests of what a comparison is told: lists, single values, and the notebook's parameters."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from lib.core.errors import InputError
from lib.race.words import Words, read_words
from utils.cli import compare, notebook
from utils.cli.compare import lists_of
from utils.notebooks.parameters import checked, declared, from_text

ROOT = Path(__file__).resolve().parents[3]
COURSE = ROOT / "data" / "courses" / "powell_valley_5km.gpx"


def words(**said: str) -> Words:
    return read_words("compare", {"gpx": str(COURSE), **said}.items())


def test_lists_are_divided_by_commas() -> None:
    assert lists_of(words(efforts=" easy, race,,3:30 "))["efforts"] == ["easy", "race", "3:30"]
    assert lists_of(words(temperatures="-5,10.5"))["temperatures_c"] == [-5.0, 10.5]


def test_a_single_value_is_a_list_of_one(tmp_path: Path) -> None:
    (tmp_path / "a.json").touch()
    lists = lists_of(words(athlete=str(tmp_path / "a.json"), start="2026-06-20T05:30", temperature="25"))
    assert lists["athletes"] == [tmp_path / "a.json"]
    assert (lists["starts"], lists["temperatures_c"]) == (["2026-06-20T05:30"], [25.0])
    with pytest.raises(InputError, match="starts and start"):
        lists_of(words(start="2026-06-20T05:30", starts="2026-06-20T05:30,2026-06-20T06:30"))


def test_three_efforts_are_compared_unless_something_else_is() -> None:
    assert lists_of(words())["efforts"] == ["easy", "steady", "race"]
    assert lists_of(words(temperatures="10,20"))["efforts"] == ["usual"]
    assert lists_of(words(effort="race", temperatures="10,20"))["efforts"] == ["race"]


def test_a_temperature_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="'warm'"):
        lists_of(words(temperatures="10,warm"))


def test_words_become_parameters_that_the_notebook_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / 'a"b.json').touch()
    (tmp_path / "aid.csv").touch()
    monkeypatch.chdir(tmp_path)
    told: list[str] = []
    monkeypatch.setattr("utils.notebooks.run.main", lambda given: told.extend(given) or 0)
    said = words(notebook="yes", athlete='a"b.json', efforts="easy,150", stations="aid.csv", goal="1:00", zone="UTC")
    assert compare.run(said) == 0
    known = declared(nbformat.read(ROOT / "notebooks" / "07_compare_plans.ipynb", as_version=4))
    pairs = {told[i + 1]: told[i + 2] for i, word in enumerate(told) if word == "-p"}
    values = checked({name: from_text(text, known[name]) for name, text in pairs.items()}, known, "07")
    assert values["athletes"] == [str(tmp_path / 'a"b.json')]
    assert values["stations"] == str(tmp_path / "aid.csv")
    assert (values["efforts"], values["goal"], values["zone"]) == (["easy", "150"], "1:00", "UTC")
    assert json.loads(pairs["starts"]) == []


def test_without_notebooks_it_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(notebook, "ROOT", tmp_path)
    with pytest.raises(InputError, match="no notebooks here"):
        notebook.run_notebook("07_compare_plans", words(), "x", "_compared")

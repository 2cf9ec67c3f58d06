"""A notebook that raises a user's mistake ends with its sentence alone."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tests.support.project import ROOT
from utils.notebooks.run import MISTAKE, MISTAKES, main

RAISES = """from lib.core.errors import InputError
class {0}(InputError): pass
raise {0}("a route", "a recording", "Export the run.", "x.gpx")"""


def test_every_kind_of_mistake_is_known_by_name() -> None:
    kinds = {"InputError"}
    for path in (ROOT / "lib").rglob("*.py"):
        kinds |= set(
            re.findall(r"^class ([A-Z]\w+)\(InputError\)", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        )
    assert set(MISTAKES) == kinds


def test_a_mistake_of_a_special_kind_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cells = [
        new_markdown_cell("# Title\n\nDoes it run?"),
        new_code_cell("x: int = 1  # x", metadata={"tags": ["parameters"]}),
        new_code_cell(RAISES.format("NoRecordingError")),
    ]
    nbformat.write(new_notebook(cells=cells), tmp_path / "x.ipynb")
    assert main([str(tmp_path / "x.ipynb"), "--executed", str(tmp_path / "done.ipynb")]) == MISTAKE
    assert capsys.readouterr().err.strip() == "x.gpx: a route; expected a recording. Export the run."
    assert [path.name for path in tmp_path.iterdir()] == ["x.ipynb"]

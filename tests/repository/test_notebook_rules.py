"""Given notebooks/*.ipynb and their values for full runs: each keeps the rules of CONTRIBUTING.md."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from lib.core.errors import InputError
from tests.support.pictures import FOLDER as PICTURES
from tests.support.pictures import MOST_BYTES
from utils.notebooks.outputs import CHECKED, METADATA
from utils.notebooks.parameters import checked, declared, fits, parameters_cells, source
from utils.notebooks.provenance import title_and_question
from utils.notebooks.render import OPENING

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
VALUES = sorted((FOLDER / "params").rglob("*.y*ml"))
NEEDED = {
    "01_train",
    "02_extract_normalizers",
    "03_diagnose_flat_predictions",
    "04_equivalence_17_8km",
    "05_backtest",
    "06_plan_course",
    "07_compare_plans",
    "08_predicted_against_actual",
    "09_explore_plan",
    "10_races",
    "11_results",
    "12_ablation",
}
MAX_LINES = 25

Notebook = dict[str, Any]


def code_problems(text: str, most: int = MAX_LINES) -> list[str]:
    """What a code cell may not hold."""
    found = [f"holds {word}" for word in ("%pip", "!pip", "sys.path") if word in text]
    if len(text.splitlines()) > most:
        found.append(f"has {len(text.splitlines())} lines")
    plain = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(("%", "!")))
    for node in ast.walk(ast.parse(plain)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.append(f"defines {node.name}")
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.Lambda):
            found.append("names a lambda")
    return found


def output_problems(cell: dict[str, Any]) -> list[str]:
    """Outputs belong only to cells that tests compare, as text, with their count: without both nothing is compared."""
    outputs = cell["outputs"]
    if CHECKED not in cell["metadata"].get("tags", []):
        return ["keeps outputs"] if outputs or cell["execution_count"] is not None else []
    found = []
    if not outputs:
        found.append("has no output to compare")
    if cell["execution_count"] is None:
        found.append("has no execution_count")
    for output in outputs:
        kinds = set(output.get("data", {"text/plain": ""}))
        if output["output_type"] not in {"stream", "execute_result", "display_data"} or kinds != {"text/plain"}:
            found.append(f"keeps more than text: {sorted(kinds)}")
        if output.get("name") == "stderr":
            found.append("keeps messages (stderr)")
    return found


def parameter_problems(notebook: Notebook) -> list[str]:
    """Exactly one cell, every line of it `name: type = default  # comment`."""
    try:
        known = declared(notebook)
    except InputError as error:
        return [str(error)]
    found = [f"{p.name} has no type" for p in known.values() if not p.annotation]
    found += [f"{p.name} has no comment" for p in known.values() if not p.comment]
    found += [f"{p.name} is not of its type" for p in known.values() if not fits(p.default, p.annotation)]
    lines = [line for line in source(parameters_cells(notebook)[0]).splitlines() if line.strip()]
    return found + (["the parameters cell holds other lines"] if len(lines) != len(known) else [])


def problems(notebook: Notebook) -> list[str]:
    """Everything that breaks a rule; empty for a good notebook."""
    found = parameter_problems(notebook)
    if not all(title_and_question(notebook)):
        found.append("no `# title` followed by a question")
    if notebook["metadata"] != METADATA:
        found.append("metadata is more than the kernel's name: make tidy")
    for number, cell in enumerate(notebook["cells"], start=1):
        text = source(cell)
        if cell["cell_type"] == "code":
            # The parameters are one line for each option of the command, however many these are.
            is_parameters = "parameters" in cell["metadata"].get("tags", [])
            here = code_problems(text, 100 if is_parameters else MAX_LINES) + output_problems(cell)
        else:
            maths = re.search(r"\$\$|\\\(|\\\[|(?<![\\\w$])\$[^\s$][^$\n]*[^\s$]\$(?!\w)", text)
            here = ["sets TeX maths, which reports do not"] if maths else []
        found += [f"cell {number} {problem}" for problem in here]
    return found


def read(path: Path) -> Notebook:
    return dict(json.loads(path.read_text(encoding="utf-8")))


def test_the_notebooks_are_all_there() -> None:
    assert {path.stem for path in NOTEBOOKS} >= NEEDED


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_keeps_the_rules(path: Path) -> None:
    assert problems(read(path)) == []


@pytest.mark.parametrize("path", VALUES, ids=lambda path: path.stem)
def test_values_for_full_runs_are_known_and_of_the_right_type(path: Path) -> None:
    notebook = FOLDER / f"{path.stem}.ipynb"
    assert notebook.is_file(), f"{path.name} belongs to no notebook"
    checked(yaml.safe_load(path.read_text(encoding="utf-8")) or {}, declared(read(notebook)), path.name)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_full_run_keeps_out_of_the_quick_runs_folder(path: Path) -> None:
    values = FOLDER / "params" / f"{path.stem}.yaml"
    given = (yaml.safe_load(values.read_text(encoding="utf-8")) or {}) if values.is_file() else {}
    used = {**{p.name: p.default for p in declared(read(path)).values()}, **given}
    assert [name for name, value in used.items() if "build/quick" in str(value)] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_opens_with_a_picture_of_what_it_shows(path: Path) -> None:
    opening = OPENING.search(source(read(path)["cells"][0]))
    assert opening and len(opening[1]) > 30, "a picture and what it shows: see tests/support/pictures.py"
    picture = FOLDER / opening[2]
    assert picture == PICTURES / f"{path.stem}.png"
    assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n" and picture.stat().st_size <= MOST_BYTES


def test_there_are_no_pictures_besides() -> None:
    assert {path.stem for path in PICTURES.iterdir()} == {path.stem for path in NOTEBOOKS}


# --- that the rules can fail -------------------------------------------------------------------------------------
def good() -> Notebook:
    code = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    return {
        "metadata": METADATA,
        "cells": [
            {"cell_type": "markdown", "metadata": {}, "source": "# Title\n\nIs it so?"},
            {**code, "metadata": {"tags": ["parameters"]}, "source": "steps: int = 3  # of training"},
            {
                **code,
                "metadata": {"tags": [CHECKED]},
                "source": "print(1)",
                "execution_count": 1,
                "outputs": [{"output_type": "stream", "name": "stdout", "text": "1\n"}],
            },
        ],
    }


def test_a_good_notebook_has_no_problems() -> None:
    assert problems(good()) == []


@pytest.mark.parametrize(
    ("cell", "change", "said"),
    [
        (0, {"source": "# Title\n\nIt is so."}, "question"),
        (0, {"source": "# Title\n\nIs $a^2$ so?"}, "TeX"),
        (1, {"source": "steps = 3  # of training"}, "no type"),
        (1, {"source": "steps: int = 3"}, "no comment"),
        (1, {"source": "steps: int = 3.5  # of training"}, "not of its type"),
        (1, {"source": "# how long\nsteps: int = 3  # of training"}, "other lines"),
        (1, {"source": "import os\nsteps: int = 3  # of training"}, "plain value"),
        (1, {"source": "steps: int = 3 * two  # of training"}, "plain value"),
        (1, {"metadata": {}}, "0 cells tagged"),
        (2, {"execution_count": None}, "execution_count"),
        (2, {"outputs": []}, "no output to compare"),
        (2, {"metadata": {}}, "keeps outputs"),
        (
            2,
            {"outputs": [{"output_type": "display_data", "data": {"image/png": "", "text/plain": ""}}]},
            "more than text",
        ),
        (2, {"outputs": [{"output_type": "stream", "name": "stderr", "text": "w"}]}, "stderr"),
        (2, {"source": "def f():\n    pass"}, "defines f"),
        (2, {"source": "class A:\n    pass"}, "defines A"),
        (2, {"source": "f = lambda: 1"}, "lambda"),
        (2, {"source": "%pip install x"}, "%pip"),
        (2, {"source": "import sys\nsys.path.append('..')"}, "sys.path"),
        (2, {"source": "1\n" * 26}, "26 lines"),
    ],
)
def test_each_broken_rule_is_found(cell: int, change: dict[str, Any], said: str) -> None:
    notebook = good()
    notebook["cells"][cell] |= change
    assert any(said in problem for problem in problems(notebook)), problems(notebook)


def test_a_second_parameters_cell_is_found() -> None:
    notebook = good()
    notebook["cells"].append(notebook["cells"][1])
    assert any("2 cells tagged" in problem for problem in problems(notebook))

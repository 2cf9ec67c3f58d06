"""Exactly what a notebook uses is found."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from utils.notebooks import dependencies

SCRIPT = Path(dependencies.__file__)


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def notebook(*cells: str) -> str:
    return json.dumps({"cells": [{"cell_type": "code", "metadata": {}, "source": [cell]} for cell in cells]})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(
        tmp_path,
        {
            "lib/__init__.py": "",
            "lib/alpha.py": "from lib import beta\n",
            "lib/beta.py": "from .deep import inner\n",
            "lib/deep/__init__.py": "",
            "lib/deep/inner.py": "from ..gamma import X\nfrom . import side\n",
            "lib/deep/side.py": "",
            "lib/gamma.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from lib import unused\nX = 1\n",
            "lib/unused.py": "",
            "lib/lazy.py": "def f():\n    import lib.unused\n",
            "utils/__init__.py": "",
            "utils/plots/course_plots.py": "import numpy\n",
            "data/courses/a.gpx": "",
            "data/courses/b.gpx": "",
            "checkpoints_v2/w.bin": "",
        },
    )
    return tmp_path


def found(root: Path, name: str, *cells: str) -> set[str]:
    path = root / "notebooks" / f"{name}.ipynb"
    write(root, {f"notebooks/{name}.ipynb": notebook(*cells)})
    files = {file.relative_to(root).as_posix() for file in dependencies.dependencies(path, root)}
    assert f"notebooks/{name}.ipynb" in files
    return files - {f"notebooks/{name}.ipynb", "lib/__init__.py", "utils/__init__.py"}


def test_imports_are_followed_through_modules_and_packages(root: Path) -> None:
    expected = {"lib/alpha.py", "lib/beta.py", "lib/gamma.py"} | {
        f"lib/deep/{name}.py" for name in ("__init__", "inner", "side")
    }
    assert found(root, "01_train", "%matplotlib inline\nfrom lib.alpha import f") == expected


def test_modules_that_are_not_imported_are_left_out(root: Path) -> None:
    assert found(root, "01_train", "import utils.plots.course_plots as p\nimport pandas") == {
        "utils/plots/course_plots.py"
    }


def test_an_import_inside_a_function_counts(root: Path) -> None:
    assert found(root, "01_train", "from lib import lazy") == {"lib/lazy.py", "lib/unused.py"}


def test_a_named_course_counts_alone_and_a_named_folder_with_all(root: Path) -> None:
    assert found(root, "01_train", 'x = "../data/courses/a.gpx"') == {"data/courses/a.gpx"}
    assert found(root, "01_train", 'x = Path("data") / "courses"') == {"data/courses/a.gpx", "data/courses/b.gpx"}


@pytest.mark.parametrize(
    "name",
    ["06_plan_course", "07_compare_plans", "08_predicted_against_actual", "09_explore_plan", "10_races", "11_results"],
)
def test_what_plans_depends_on_the_shipped_model(root: Path, name: str) -> None:
    assert found(root, name, "1") == {"checkpoints_v2/w.bin"}


def test_later_notebooks_depend_on_the_trained_model_and_full_runs_on_their_values(root: Path) -> None:
    write(
        root,
        {
            f"notebooks/{name}.ipynb": notebook("1")
            for name in ("01_train", "04_equivalence_17_8km", "05_backtest", "06_plan_course")
        },
    )
    write(root, {"notebooks/params/01_train.yaml": "course: ../data/courses/b.gpx\n"})
    first, *later, last = dependencies.rules(root).split("\n\n")[1:]
    full = first.partition("ifeq ($(PROFILE),full)")[2]
    assert "notebooks/params/01_train.yaml" in full
    assert "data/courses/b.gpx" in full
    assert "data/courses/b.gpx" not in first.partition("ifeq")[0]
    assert len(later) == 2
    assert all("build/$(PROFILE)/notebooks/01_train.ipynb" in rule for rule in later)
    assert "01_train" not in last


def test_the_rules_are_written_only_when_they_change(root: Path) -> None:
    write(root, {"notebooks/01_train.ipynb": notebook("import lib.gamma")})
    # isolated and without site packages: it must run before anything is installed
    command = [sys.executable, "-I", "-S", str(SCRIPT), "--root", str(root)]
    subprocess.run(command, check=True)
    out = root / "build" / "notebooks.mk"
    before = out.stat().st_mtime_ns
    write(root, {"lib/gamma.py": "X = 2\n"})
    subprocess.run(command, check=True)
    assert out.stat().st_mtime_ns == before
    write(root, {"lib/gamma.py": "import lib.unused\n"})
    subprocess.run(command, check=True)
    assert "lib/unused.py" in out.read_text(encoding="utf-8")


def test_a_module_that_is_no_python_is_named_and_holds_up_nothing(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(root, {"lib/gamma.py": "def (:\n"})
    assert found(root, "01_train", "import lib.gamma") == {"lib/gamma.py"}
    assert "lib/gamma.py is no valid Python" in capsys.readouterr().err


def test_a_file_that_is_no_notebook_is_named_and_holds_up_nothing(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(root, {"notebooks/01_train.ipynb": "{", "notebooks/05_backtest.ipynb": notebook("1")})
    assert "notebooks/01_train.ipynb" in dependencies.rules(root)
    assert "01_train.ipynb is no notebook" in capsys.readouterr().err

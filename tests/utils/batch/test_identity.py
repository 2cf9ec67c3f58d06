"""What a process predicts with is told by its code and its libraries."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from utils.batch.identity import differences, identity

ROOT = Path(__file__).resolve().parents[3]
SAY = "import json; from utils.batch.identity import identity; print(json.dumps(identity()))"


def said_in(folder: Path) -> dict[str, str]:
    import json

    done = subprocess.run(
        [sys.executable, "-c", SAY], cwd=folder, env={"PYTHONPATH": str(folder)}, capture_output=True, check=True
    )
    return json.loads(done.stdout)


def test_other_code_is_told_from_this_and_what_predicts_nothing_does_not_count(tmp_path: Path) -> None:
    for name in ("lib", "utils"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    assert said_in(tmp_path) == identity()
    (tmp_path / "lib" / "evaluation" / "metrics.py").write_text("")
    (tmp_path / "utils" / "plots" / "axes.py").write_text("")
    assert said_in(tmp_path) == identity()
    numeric = tmp_path / "lib" / "core" / "numeric.py"
    numeric.write_text(numeric.read_text() + "\n")
    other = said_in(tmp_path)
    assert differences(identity(), other) == f"code {other['code']} where {identity()['code']} is here"


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"code": "a", "numpy": "2"}, ""),
        ({"code": "b", "numpy": "1"}, "code b where a is here, numpy 1 where 2 is here"),
        ({"code": "a"}, "numpy none where 2 is here"),
    ],
)
def test_differences_are_said_by_name(other: dict[str, str], said: str) -> None:
    assert differences({"code": "a", "numpy": "2"}, other) == said

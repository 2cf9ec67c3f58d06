"""A small project around them, for tests of the pipeline, from this Makefile and these scripts."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).resolve().parents[2]
PYTHON = f"PY={sys.executable}"
TOUCHED = re.compile(r"utils\.notebooks\.run notebooks/(\w+)\.ipynb")


def parameters(text: str) -> nbformat.NotebookNode:
    return new_code_cell(text, metadata={"tags": ["parameters"]})


CELLS = {
    "01_train": (
        parameters("steps: int = 3  # steps"),
        new_code_cell("from pathlib import Path\n\nfrom lib.alpha import A"),
        new_code_cell("Path('../build/quick').mkdir(parents=True, exist_ok=True)\nprint(A * steps)"),
    ),
    "02_extract_normalizers": (parameters("x: int = 1  # x"), new_code_cell("from lib import gamma")),
    "03_diagnose_flat_predictions": (parameters("x: int = 1  # x"), new_code_cell("# why\nbroken = 1 / 0")),
    "06_plan_course": (
        parameters(
            'gpx: str = "../data/courses/a.gpx"  # course\n'
            "athlete: str | None = None  # profile\n"
            'effort: str = "usual"  # how hard\n'
            'out: str = "../build/quick/plans"  # folder'
        ),
        new_code_cell("from pathlib import Path\n\nfrom lib.core.errors import InputError\nfrom utils import shapes"),
        new_code_cell(
            'text = Path(gpx).read_text()\nif text == "flat":\n'
            '    raise InputError("no elevation", "an <ele> at every point", "Export it again.", Path(gpx).name)\n'
            "number = float(text)"
        ),
        new_code_cell('Path(out).mkdir(exist_ok=True)\nPath(out, "splits.csv").write_text(str(athlete))'),
    ),
}


@dataclass(frozen=True)
class Project:
    root: Path

    def make(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        outer = ("MAKE", "MFLAGS", "TRAILCAST_", "PROFILE", "PYTHON", "GPX", "ATHLETE", "OUT", "DATA", "EFFORT")
        outer += ("LAST", "HISTORY", "TEST")
        clean = {key: value for key, value in os.environ.items() if not key.startswith(outer)}
        command = ["make", "-C", str(self.root), *words]
        return subprocess.run(command, env=clean | environment, capture_output=True, text=True, timeout=300)

    def would_run(self, *words: str) -> list[str]:
        dry = self.make("-n", "reports", PYTHON, *words)
        assert dry.returncode == 0, dry.stderr
        return TOUCHED.findall(dry.stdout)

    def path(self, name: str) -> Path:
        return self.root / name

    def pretend_all_done(self, profile: str = "quick") -> None:
        """Lay down results that are newer than all sources, as a whole run would."""
        now = time.time()
        for path in self.root.rglob("*"):
            if path.is_file():
                os.utime(path, (now - 1000, now - 1000))
        for age, name in enumerate(sorted(CELLS)):
            for folder, suffix in ((f"build/{profile}/notebooks", "ipynb"), (f"reports/{profile}", "html")):
                path = self.path(f"{folder}/{name}.{suffix}")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
                os.utime(path, (now - 500 + age, now - 500 + age + (suffix == "html") * 100))


def lay(root: Path) -> Project:
    shutil.copy(ROOT / "Makefile", root)
    shutil.copytree(ROOT / "utils", root / "utils", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "lib", root / "lib", ignore=shutil.ignore_patterns("__pycache__"))
    files = {
        "lib/alpha.py": "from lib.beta import B\n\nA = B\n",
        "lib/beta.py": "B = 14\n",
        "lib/gamma.py": "",
        "lib/unused.py": "",
        "utils/shapes.py": "",
        "data/courses/a.gpx": "1.5",
        "data/courses/b.gpx": "2.5",
        "checkpoints_v2/weights.safetensors": "",
        "notebooks/params/01_train.yaml": "steps: 300\n",
        "requirements.txt": "torch==2.13.0\npandas==3.0\n",
        "pyproject.toml": "",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    for name, cells in CELLS.items():
        notebook = new_notebook(cells=[new_markdown_cell(f"# Title of {name}\n\nDoes it run?"), *cells])
        nbformat.write(notebook, root / "notebooks" / f"{name}.ipynb")
    return Project(root)

"""Pages are made in the light installation: what they import is small."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.races import ROOT

pytestmark = pytest.mark.slow

HEAVY = {
    "torch",
    "pandas",
    "matplotlib",
    "scipy",
    "nbconvert",
    "nbformat",
    "IPython",
    "lightning",
    "pytorch_forecasting",
}

WRITE = """
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from lib.athlete.bundle import load_bundle
from lib.course.course import load_course
from lib.inference.onnx_backend import ONNX, onnx_backend
from lib.plan.race_plan import plan_race
from utils.plan_page.files import write_plan
bundle = load_bundle(Path("checkpoints_v2/normalizers.json"))
course = load_course(Path("data/courses/powell_valley_5km.gpx"))
race = plan_race(onnx_backend(Path("checkpoints_v2") / ONNX, bundle), bundle, course)
with TemporaryDirectory() as folder:
    write_plan(race, bundle, Path(folder), "x")
print(*({"pandas", "matplotlib"} & set(sys.modules)))
"""


@pytest.mark.parametrize("module", ["files", "review_page", "compare_page"])
def test_importing_a_page_loads_nothing_heavy(module: str) -> None:
    code = f"import sys, utils.plan_page.{module}; print(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert HEAVY & set(loaded.stdout.split()) == set()


def test_writing_a_plan_loads_neither_pandas_nor_matplotlib() -> None:
    run = subprocess.run([sys.executable, "-c", WRITE], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""

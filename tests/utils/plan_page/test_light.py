"""Pages are made in the light installation: what they import is small."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.races import ROOT

HEAVY = {"torch", "pandas", "scipy", "nbconvert", "nbformat", "IPython", "lightning", "pytorch_forecasting"}


@pytest.mark.parametrize("module", ["files", "review_page", "compare_page"])
def test_importing_a_page_loads_neither_torch_nor_pandas_nor_jupyter(module: str) -> None:
    code = f"import sys, utils.plan_page.{module}; print(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert HEAVY & set(loaded.stdout.split()) == set()

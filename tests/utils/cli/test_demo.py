"""The demo: a plan of a simulated athlete, made by the same way as anybody's."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.athlete.bundle import load_profile
from tests.support.command import command
from tests.support.served import ROOT
from utils.cli.demo import RUNS

pytestmark = pytest.mark.slow


def test_it_makes_a_profile_and_a_plan_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("demo")([str(tmp_path)]) == 0
    bundle = load_profile(tmp_path / "demo.json", ROOT / "checkpoints_v2" / "normalizers.json")
    assert bundle.athlete.runs == RUNS
    page = tmp_path / "jacksboro_17_8km_demo.html"
    said = capsys.readouterr().out
    assert f"→ {page}" in said and "17.80 km" in said and "07:00 EDT" in said
    assert page.is_file() and page.with_suffix(".fit").is_file()

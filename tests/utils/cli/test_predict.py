"""Given a model folder and a course: utils/cli/predict.py says the prediction as text, and imports little."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from lib.athlete.bundle import save_bundle
from lib.athlete.profile import AthleteProfile
from lib.core.durations import h_mm_ss
from lib.course.course import load_course
from lib.plan.race_plan import plan_race
from lib.training.checkpoint import BUNDLE
from lib.training.onnx_export import export_network
from lib.training.torch_backend import torch_backend
from tests.support.browser import metric_lengths
from tests.support.command import command
from tests.support.exported import loaded, shaken_folder
from tests.support.gpx_files import gpx, north, track
from utils.cli import predict

pytestmark = pytest.mark.slow

main = command("predict")

ROOT = Path(__file__).parents[3]
COURSE = ROOT / "data" / "courses" / "powell_valley_5km.gpx"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = shaken_folder(tmp_path_factory.mktemp("model"))
    export_network(made)
    return made


def said(folder: Path, *more: str | Path) -> list[str]:
    done = predict.predicted(COURSE, None, folder, *more)
    return done.splitlines()


def test_it_says_finish_interval_heart_rate_cadence_and_every_kilometre(folder: Path) -> None:
    model, bundle = loaded(folder)
    race = plan_race(torch_backend(model), bundle, load_course(COURSE))
    lines = said(folder)
    head = {name: value.strip() for name, _, value in (line.partition(":") for line in lines[: lines.index("")])}
    low, high = (h_mm_ss(seconds) for seconds in race.finish_interval_s)
    assert head["Finish"] == h_mm_ss(race.finish_s)
    assert head["Moving"].startswith(h_mm_ss(race.plan.finish_s))
    assert head["80% interval"] == f"{low} to {high}"
    assert head["Effort"].endswith(" bpm")
    splits = [line.split() for line in lines[lines.index("") + 2 :]]
    assert [split[0] for split in splits] == ["1", "2", "3", "4", "5"]
    assert head["Finish"] in splits[-1]


def test_an_effort_changes_it(folder: Path) -> None:
    assert said(folder, "race") != said(folder, "easy")


def test_an_athletes_bundle_changes_it(folder: Path, tmp_path: Path) -> None:
    _, bundle = loaded(folder)
    save_bundle(bundle.for_athlete(AthleteProfile()), tmp_path / "nobody.json")
    assert predict.predicted(COURSE, tmp_path / "nobody.json", folder).splitlines() != said(folder)


def test_the_command_prints_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(COURSE), "--model-dir", str(folder), "--effort", "race"]) == 0
    assert capsys.readouterr().out.splitlines() == said(folder, "race")


def test_imperial_units_are_in_all_that_is_printed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(COURSE), "--model-dir", str(folder), "--units", "imperial"]) == 0
    lines = capsys.readouterr().out.splitlines()
    said, (head, *splits) = "\n".join(lines), lines[lines.index("") + 1 :]
    assert head.split()[:2] == ["to", "mile"] and [split.split()[0] for split in splits] == ["1", "2", "3", "finish"]
    assert "min/mi" in said and " ft up" in said and metric_lengths(said.replace("5 km", "")) == []
    assert main([str(COURSE), "--model-dir", str(folder), "--units", "furlongs"]) == 2
    assert "metric or imperial" in capsys.readouterr().err


def test_a_bundle_of_another_model_is_refused_with_a_sentence(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, bundle = loaded(folder)
    save_bundle(replace(bundle, checkpoint_sha256="1" * 64, onnx_sha256="1" * 64), tmp_path / "other.json")
    assert main([str(COURSE), str(tmp_path / "other.json"), "--model-dir", str(folder)]) == 2
    assert "an athlete profile of another model" in capsys.readouterr().err


def test_a_model_that_was_not_exported_is_refused_with_what_to_do(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / BUNDLE).write_bytes((folder / BUNDLE).read_bytes())
    assert main([str(COURSE), "--model-dir", str(tmp_path)]) == 2
    assert "python -m utils.studies.export_model" in capsys.readouterr().err


def test_a_fresh_process_needs_neither_torch_nor_tables(folder: Path) -> None:
    heavy = ("torch", "pytorch_forecasting", "lightning", "pandas", "scipy", "sklearn", "matplotlib", "onnx")
    code = (
        "import sys; from utils.cli.main import main; "
        f"status = main(['predict', {str(COURSE)!r}, '--model-dir', {str(folder)!r}]); "
        f"sys.stderr.write(repr([n for n in {heavy!r} if n in sys.modules])); sys.exit(status)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == "[]"
    assert done.stdout.splitlines() == said(folder)


def test_what_was_repaired_is_said_in_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    points = [north(m, -32_768.0 if m == 400 else 100.0) for m in range(0, 1_001, 20)]
    (tmp_path / "void.gpx").write_bytes(gpx(track(points)))
    assert main([str(tmp_path / "void.gpx")]) == 0
    assert "Repaired:         1 elevation that cannot be left out\n" in capsys.readouterr().out

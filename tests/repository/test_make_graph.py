"""Make runs again what depends on a change, and reports what failed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from lib.race.options import COMMANDS, options_of
from tests.support.project import CELLS, PYTHON, ROOT, Project, lay
from utils.notebooks.render import loaded_resources, read_facts

pytestmark = pytest.mark.slow

NOTEBOOK = "NOTEBOOK=yes"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return lay(tmp_path)


# --- the graph ---------------------------------------------------------------------------------------------------
def test_in_a_fresh_clone_every_notebook_runs_in_order(project: Project) -> None:
    assert project.would_run() == sorted(CELLS)


def test_when_nothing_changed_nothing_runs(project: Project) -> None:
    project.pretend_all_done()
    assert project.would_run() == []


@pytest.mark.parametrize(
    ("edited", "runs"),
    [
        ("notebooks/02_extract_normalizers.ipynb", ["02_extract_normalizers"]),
        ("notebooks/01_train.ipynb", ["01_train", "02_extract_normalizers", "03_diagnose_flat_predictions"]),
        ("lib/beta.py", ["01_train", "02_extract_normalizers", "03_diagnose_flat_predictions"]),
        ("lib/gamma.py", ["02_extract_normalizers"]),
        ("utils/shapes.py", ["06_plan_course"]),
        ("checkpoints_v2/weights.safetensors", ["06_plan_course"]),
        ("data/courses/a.gpx", ["06_plan_course"]),
        ("data/courses/b.gpx", []),
        ("lib/unused.py", []),
        ("notebooks/params/01_train.yaml", []),
        ("utils/notebooks/run.py", []),
        ("utils/plan_page/templates/page.css", []),
    ],
)
def test_an_edit_runs_what_depends_on_it_and_nothing_else(project: Project, edited: str, runs: list[str]) -> None:
    project.pretend_all_done()
    project.path(edited).touch()
    assert project.would_run() == runs


def test_values_for_full_runs_concern_full_runs_only(project: Project) -> None:
    project.pretend_all_done("full")
    project.path("notebooks/params/01_train.yaml").touch()
    assert project.would_run("PROFILE=full")[0] == "01_train"
    assert "--params notebooks/params/01_train.yaml" in project.make("-n", "reports", PYTHON, "PROFILE=full").stdout


def test_the_original_size_is_for_the_notebooks_of_the_network(project: Project) -> None:
    values = project.path("notebooks/params/original/01_train.yaml")
    values.parent.mkdir(parents=True)
    values.write_text("hidden_size: 80\n")
    said = project.make("-n", "reports", PYTHON, "PROFILE=original").stdout
    assert "--params notebooks/params/original/01_train.yaml" in said
    assert "--params notebooks/params/01_train.yaml" not in said
    assert "reports/original/06_" not in said


def test_a_new_import_and_a_deleted_module_are_noticed(project: Project) -> None:
    project.pretend_all_done()
    assert project.would_run() == []
    project.path("lib/gamma.py").write_text("import lib.unused\n")
    assert project.would_run() == ["02_extract_normalizers"]
    project.pretend_all_done()
    project.path("lib/unused.py").unlink()
    assert project.would_run() == []


def test_a_changed_page_style_renders_again_without_running(project: Project) -> None:
    project.pretend_all_done()
    project.path("utils/plan_page/templates/page.css").touch()
    assert project.make("-n", "reports", PYTHON).stdout.count("utils.notebooks.render") == len(CELLS)


def test_another_profile_is_refused(project: Project) -> None:
    refused = project.make("reports", PYTHON, "PROFILE=fast")
    assert refused.returncode != 0
    assert "PROFILE=fast: expected quick, full or original" in refused.stderr


# --- setting up --------------------------------------------------------------------------------------------------
def test_torch_is_installed_first_and_alone(project: Project) -> None:
    lines = [line for line in project.make("-n", "setup").stdout.splitlines() if "pip install" in line]
    assert [line.split()[-1] for line in lines] == [
        'requirements.txt)"',
        "setuptools",
        "'.[train,dem,lab,cluster,dev]'",
    ]


def test_a_second_run_sets_nothing_up_until_the_pins_change(project: Project) -> None:
    stamp = re.search(r"touch (\S+)", project.make("-n", "setup").stdout)
    assert stamp is not None
    project.path(".venv").mkdir()
    project.path(stamp[1]).touch()
    project.path("requirements.txt").touch()
    assert "pip" not in project.make("-n", "setup").stdout
    project.path("requirements.txt").write_text("torch==2.13.0\npandas==3.0.1\n")
    assert "pip" in project.make("-n", "setup").stdout


def test_an_old_python_is_refused_in_a_sentence(project: Project) -> None:
    old = project.path("python-old")
    old.write_text('#!/bin/sh\n[ "$1" = -V ] && echo "Python 3.9.2"\nexit 1\n')
    old.chmod(0o755)
    refused = project.make("setup", f"PYTHON={old}")
    assert refused.returncode != 0
    assert "Python 3.9.2: trailcast needs Python 3.11 or newer" in refused.stderr
    missing = project.make("setup", "PYTHON=python-none")
    assert "python-none is not there: install Python 3.11 or newer" in missing.stderr


def test_help_says_a_line_about_each_target(project: Project) -> None:
    listed = project.make().stdout
    targets = ("setup", "reports", "test", "test-fast", "lint", "lab", "clean", *(command.name for command in COMMANDS))
    for target in targets:
        assert re.search(rf"^  {target} +\S", listed, flags=re.MULTILINE), target
    for command in COMMANDS:
        words = " ".join(option.word for option in options_of(command.name))
        assert words in " ".join(listed.split()), command.name


# --- real runs ---------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, subprocess.CompletedProcess[str]]:
    """A whole run in which 03 fails, over an earlier good report of 03."""
    project = lay(tmp_path_factory.mktemp("run"))
    project.path("reports/quick").mkdir(parents=True)
    project.path("reports/quick/03_diagnose_flat_predictions.html").write_text("earlier")
    return project, project.make("reports", PYTHON)


Ran = tuple[Project, subprocess.CompletedProcess[str]]


def test_a_failing_notebook_fails_the_run_and_is_named_with_its_cell(ran: Ran) -> None:
    _, run = ran
    assert run.returncode != 0
    said = "03_diagnose_flat_predictions.ipynb failed in cell 3 (`broken = 1 / 0`): ZeroDivisionError: division by zero"
    assert said in run.stderr


def test_the_other_reports_and_the_failed_notebook_are_there(ran: Ran) -> None:
    project, run = ran
    for name in ("01_train", "02_extract_normalizers", "06_plan_course"):
        page = project.path(f"reports/quick/{name}.html").read_text(encoding="utf-8")
        assert loaded_resources(page) == []
        assert re.search(rf"^{name}: \d+ s", run.stdout, flags=re.MULTILINE)
    failed = nbformat.read(project.path("build/quick/failed/03_diagnose_flat_predictions.ipynb"), as_version=4)
    assert [cell.source for cell in failed.cells][-1] == "# why\nbroken = 1 / 0"
    shown = project.path("reports/quick/03_diagnose_flat_predictions.failed.html").read_text(encoding="utf-8")
    assert "ZeroDivisionError" in shown
    assert project.path("reports/quick/03_diagnose_flat_predictions.html").read_text() == "earlier"
    assert not list(project.root.rglob("*.part*"))
    index = project.path("reports/index.html").read_text(encoding="utf-8")
    assert index.count(">done<") == 3
    assert index.count(">failed<") == 1


def test_after_a_failure_only_what_failed_runs_again_and_once_mended_its_traces_go(ran: Ran) -> None:
    project, _ = ran
    assert project.would_run() == ["03_diagnose_flat_predictions"]
    path = project.path("notebooks/03_diagnose_flat_predictions.ipynb")
    path.write_text(path.read_text().replace("1 / 0", "1 / 1"))
    assert project.make("reports", PYTHON).returncode == 0
    assert project.would_run() == []
    assert not project.path("reports/quick/03_diagnose_flat_predictions.failed.html").exists()
    assert not project.path("build/quick/failed/03_diagnose_flat_predictions.ipynb").exists()


def test_a_plan_takes_a_course_and_an_athlete_from_anywhere(ran: Ran) -> None:
    project, _ = ran
    project.path("my race's $x.gpx").write_text("2.5")
    project.path("me.json").touch()
    run = project.make("plan", PYTHON, NOTEBOOK, "GPX=my race's $x.gpx", "ATHLETE=me.json", "OUT=my plans")
    assert run.returncode == 0, run.stderr
    facts = read_facts(project.path("my plans/my race's $x_notebook.html").read_text(encoding="utf-8"))
    assert facts is not None
    assert facts["parameters"]["gpx"] == str(project.path("my race's $x.gpx"))
    assert facts["files"] == ["me.json", "my race's $x.gpx"]
    assert project.path("my plans/splits.csv").read_text() == str(project.path("me.json"))


def test_a_users_mistake_is_one_sentence_and_leaves_nothing(ran: Ran) -> None:
    project, _ = ran
    project.path("flat.gpx").write_text("flat")
    run = project.make("plan", PYTHON, NOTEBOOK, "GPX=flat.gpx")
    assert run.returncode == 2
    said = [line for line in run.stderr.splitlines() if not line.startswith("make: ***")]
    assert said == ["flat.gpx: no elevation; expected an <ele> at every point. Export it again."]
    assert not list(project.root.glob("**/flat*.html")) + list(project.root.glob("**/*flat.*ipynb"))


def test_another_failure_of_a_plan_names_cell_and_notebook(ran: Ran) -> None:
    project, _ = ran
    project.path("odd.gpx").write_text("odd")
    run = project.make("plan", PYTHON, NOTEBOOK, "GPX=odd.gpx")
    assert run.returncode != 0
    assert "06_plan_course.ipynb failed in cell 4 (`text = Path(gpx).read_text()`): ValueError" in run.stderr
    assert "build/plans/odd.failed.ipynb" in run.stderr
    assert not project.path("reports/plans/odd_notebook.html").exists()


def test_an_effort_is_taken_as_it_is(ran: Ran) -> None:
    project, _ = ran
    run = project.make("plan", PYTHON, NOTEBOOK, "GPX=data/courses/a.gpx", "EFFORT=race, `id` $out", "OUT=efforts")
    assert run.returncode == 0, run.stderr
    facts = read_facts(project.path("efforts/a_notebook.html").read_text(encoding="utf-8"))
    assert facts is not None
    assert facts["parameters"]["effort"] == "race, `id` $out"


# --- commands behind make ----------------------------------------------------------------------------------------
ECHO = """import json


def run(words):
    print(json.dumps(dict(words.given)))
    return 0
"""


def echoing(project: Project, command: str, *files: str) -> None:
    """Put a script in a command's place that prints what was said, and lay the files that it names."""
    project.path(f"utils/cli/{command}.py").write_text(ECHO)
    for file in files:
        project.path(file).parent.mkdir(parents=True, exist_ok=True)
        project.path(file).touch()


def told(run: subprocess.CompletedProcess[str]) -> dict[str, str]:
    assert run.returncode == 0, run.stderr
    return json.loads(next(line for line in run.stdout.splitlines() if line.startswith("{")))


def test_values_reach_a_command_as_they_are(project: Project) -> None:
    names = ("-a $x.gpx", 'm"e.json', "$(shell touch gone).fit")
    echoing(project, "plan", *names)
    odd = 'it\'s "quoted"; $x $(shell touch gone) `touch gone` \\ #no\nsecond line '
    words = [f"GPX={names[0]}", f"ATHLETE={names[1]}", f"SO_FAR={names[2]}", f"NAME={odd}", "STATIONS=8,5; 17"]
    assert told(project.make("plan", PYTHON, *words)) == {
        "gpx": names[0], "athlete": names[1], "so_far": names[2], "name": odd, "stations": "8,5; 17",
    }  # fmt: skip
    assert not project.path("gone").exists()


def test_make_and_the_command_are_told_the_same(project: Project) -> None:
    echoing(project, "compare", "a.gpx", "$x.json", "b.json")
    said = told(project.make("compare", PYTHON, "GPX=a.gpx", "ATHLETES=$x.json,b.json", "TEMPERATURES=-5,25", "STOP=3"))
    command = [sys.executable, "-m", "utils.cli", "compare", "a.gpx", "--athletes", "$x.json,b.json"]
    command += ["--temperatures", "-5,25", "--stop=3"]
    assert told(subprocess.run(command, cwd=project.root, capture_output=True, text=True)) == said


def test_nothing_comes_from_the_environment(project: Project) -> None:
    echoing(project, "predict", "a.gpx")
    echoing(project, "serve")
    noise = {"HOST": "build-machine", "EFFORT": "nonsense", "ATHLETE": "x", "TRAILCAST_WORDS": "EFFORT"}
    assert told(project.make("predict", PYTHON, "GPX=a.gpx", **noise)) == {"gpx": "a.gpx"}
    assert told(project.make("serve", PYTHON, "PORT=81", **noise, TRAILCAST_WORD_EFFORT="x")) == {"port": "81"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("plan", "GPX=a.gpx", "ATHLET=x"), "ATHLET is unknown; did you mean ATHLETE?"),
        (("plan", "GPX=a.gpx", "PYTHO=x"), "PYTHO is unknown; did you mean PYTHON?"),
        (("reports", "PROFLE=full"), "PROFLE is unknown; did you mean PROFILE?"),
        (("plan", "GPX=a.gpx", "GOAL=3:30", "TARGET=3:40"), "GOAL"),
        (("plan", "GPX=a.gpx", "DEM=none"), "No such file: none"),
        (("plan",), "make plan GPX=course.gpx"),
        (("compare",), "make compare GPX=course.gpx EFFORTS=easy,race"),
        (("review", "GPX=a.gpx"), "make review PLAN=plan.json RECORDING=run.fit"),
        (("split", "DATA=data"), "make split DATA=sessions/ OUT=parts/"),
        (("backtest", "HISTORY=data", "TEST=data"), "OUT=result.json"),
        (("athlete", "DATA=a.gpx", "OUT=a.gpx"), "a name that ends in .json"),
    ],
)
def test_a_mistake_is_said_before_anything_is_installed(project: Project, words: tuple[str, ...], said: str) -> None:
    project.path("a.gpx").touch()
    run = project.make(*words)
    assert run.returncode == 2
    assert said in run.stderr
    assert not project.path(".venv").exists()
    assert not project.path("build/notebooks.mk").exists()


def test_the_makefile_names_the_commands_of_the_table() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    for name, light in (("LIGHT", True), ("HEAVY", False)):
        line = re.search(rf"^{name} := (.+)$", text, flags=re.MULTILINE)
        assert line is not None
        assert set(line[1].split()) == {command.name for command in COMMANDS if command.light == light}


def test_planning_is_installed_without_torch_and_notebooks(project: Project) -> None:
    project.path("a.gpx").touch()
    lines = [line for line in project.make("-n", "plan", "GPX=a.gpx").stdout.splitlines() if "pip install" in line]
    assert [line.split()[-1] for line in lines] == ["setuptools", "."]
    assert all("-c requirements.txt" in line for line in lines)


def test_an_environment_with_everything_is_enough_for_planning(project: Project) -> None:
    stamp = re.search(r"touch (\S+)", project.make("-n", "setup").stdout)
    assert stamp is not None
    project.path(".venv").mkdir()
    project.path(stamp[1]).touch()
    project.path("a.gpx").touch()
    assert "pip" not in project.make("-n", "plan", "GPX=a.gpx").stdout


def test_unknown_parameters_and_wrong_types_are_refused_before_anything_runs(project: Project) -> None:
    command = [sys.executable, "-m", "utils.notebooks.run", "notebooks/01_train.ipynb", "--executed", "out.ipynb", "-p"]
    for words, said in ((["stepz", "3"], "expected one of steps"), (["steps", "many"], "a value of type int")):
        run = subprocess.run([*command, *words], cwd=project.root, capture_output=True, text=True)
        assert run.returncode == 2
        assert said in run.stderr
        assert "Traceback" not in run.stderr
    assert not project.path("out.ipynb").exists()


# --- facts that tests compare ------------------------------------------------------------------------------------
def test_an_altered_fact_fails_but_a_cleared_one_would_pass_unseen_so_the_rules_ask_for_it(tmp_path: Path) -> None:
    for name, text, count in (
        ("right", "4\n", 1),
        ("altered", "5\n", 1),
        ("uncounted", "4\n", None),
        ("cleared", "", None),
    ):
        cell = new_code_cell("print(2 + 2)", metadata={"tags": ["nbval-check-output"]}, execution_count=count)
        cell.outputs = [new_output("stream", name="stdout", text=text)] if text else []
        nbformat.write(new_notebook(cells=[cell]), tmp_path / f"{name}.ipynb")
    options = re.search(r"^NBVAL := (.+)$", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    assert options is not None
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rA", *options[1].split(), str(tmp_path)]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert set(re.findall(r"^(PASSED|FAILED) (\w+)\.ipynb", run.stdout, flags=re.MULTILINE)) == {
        ("PASSED", "right"),
        ("FAILED", "altered"),
        ("FAILED", "uncounted"),
        ("PASSED", "cleared"),
    }

"""Tests of the command as a terminal sees it: help, words, statuses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lib.core.errors import InputError
from lib.race.options import COMMANDS, Surface
from lib.race.words import command_named
from utils.cli.main import in_words_of, main, words_of

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("command", [command.name for command in COMMANDS])
def test_every_command_has_help_with_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    said = capsys.readouterr().out
    assert f"Example: trailcast {command}" in said and f"make {command}" in said


def test_values_may_come_without_their_words_and_begin_with_a_sign() -> None:
    plan = command_named("compare")
    assert words_of(plan, ["a.gpx", "--temperatures", "-5,10", "--zone=x=y"]) == [
        ("GPX", "a.gpx"), ("--temperatures", "-5,10"), ("--zone", "x=y"),
    ]  # fmt: skip
    assert words_of(plan, ["--", "--a.gpx"]) == [("GPX", "--a.gpx")]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["plna"], "plna is unknown; did you mean plan?"),
        (["plan", "a.gpx", "b.gpx"], "'b.gpx' without its word"),
        (["plan", "GPX=a.gpx", "GOAL=6:30"], "--gpx a.gpx"),
        (["plan", "a.gpx", "GOAL=6:30"], "--goal 6:30"),
        (["plan", "--effort"], "--effort: no value"),
        (["plan", "--effort", "--goal", "3:30"], "--effort: no value"),
        (["plan", "--efort"], "--efort is unknown; did you mean --effort?"),
        (["athlete", "x", "-q", "y"], "--q is unknown"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert said in captured.err and captured.err.count("\n") == 1 and captured.out == ""


def test_sources_of_errors_are_named_as_the_user_names_them() -> None:
    error = InputError("'x'", "a number", "Correct it.", "stop_min")
    assert in_words_of(error, "plan", Surface.MAKE).source == "STOP"
    assert in_words_of(error, "plan", Surface.COMMAND).source == "--stop"
    assert in_words_of(InputError("x", "y", "z", "target"), "plan", Surface.MAKE).source == "GOAL"


def test_one_place_catches_a_users_mistake_for_every_command() -> None:
    catching = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "utils").rglob("*.py")
        if "except InputError" in path.read_text(encoding="utf-8") and "def main(" in path.read_text(encoding="utf-8")
    ]
    assert catching == ["utils/cli/main.py"]  # to name the source, not to end


def test_the_module_is_the_command() -> None:
    command = [sys.executable, "-m", "utils.cli"]
    assert "trailcast COMMAND" in subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout

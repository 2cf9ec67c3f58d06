"""Tests that one table of options holds wherever options are said."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from lib.race.options import COMMANDS, MAKE_OPTIONS, OPTIONS, Kind, Surface, options_markdown, options_of
from utils.cli.help import command_help, general_help
from utils.notebooks.parameters import declared

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = {"06_plan_course": "plan", "07_compare_plans": "compare", "08_predicted_against_actual": "review"}
OF_THE_COMMAND = {"notebook", "plan"}
LISTED = {"athlete", "effort", "start", "temperature_c"}
"""What notebook 07 takes as lists."""
DEMO = {"demo_sessions", "demo_power"}


@pytest.mark.parametrize("command", [*(command.name for command in COMMANDS), "api"])
def test_a_name_is_one_option_of_a_command(command: str) -> None:
    names = [name for option in options_of(command) for name in option.names]
    assert len(names) == len(set(names)), command
    assert names


def test_an_option_is_of_known_commands_and_says_what_it_is() -> None:
    known = {command.name for command in COMMANDS} | {"api"}
    for option in OPTIONS:
        assert set(option.commands) <= known and option.help and option.example, option.word
        assert option.word not in MAKE_OPTIONS


@pytest.mark.parametrize(("notebook", "command"), NOTEBOOKS.items())
def test_notebooks_take_what_their_command_takes(notebook: str, command: str) -> None:
    path = ROOT / "notebooks" / f"{notebook}.ipynb"
    told = declared(nbformat.read(path, as_version=4))
    options = {option.name: option for option in options_of(command)}
    left_out = OF_THE_COMMAND | {"compare": LISTED | {"out"}, "plan": {"athletes"}}.get(command, set())
    assert set(told) - DEMO == set(options) - left_out
    for name, parameter in told.items():
        if name not in DEMO:
            assert parameter.annotation.startswith("list") == (options[name].kind in (Kind.LIST, Kind.FILES)), name
        if name in options and options[name].race and name != "start":
            assert parameter.default == options[name].default, name


def test_help_and_docs_list_the_same_options() -> None:
    docs = options_markdown()
    for command in COMMANDS:
        for option in options_of(command.name):
            assert f"| `{option.shown(Surface.COMMAND)}` | `{option.word}` |" in docs
            assert option.help[:40] in " ".join(command_help(command, Surface.COMMAND).split())
            assert option.shown(Surface.COMMAND) in general_help(Surface.COMMAND)
            assert option.word in general_help(Surface.MAKE)
        assert "Example: trailcast " in command_help(command, Surface.COMMAND)

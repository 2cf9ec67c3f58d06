"""Tests that requirements.txt, environment.yml and pyproject.toml say the same, and that it is what runs."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from utils.bench.footprint import requirements_of

ROOT = Path(__file__).resolve().parents[2]
CONDA_NAMES = {"pytorch": "torch"}
"""Names that differ between conda-forge and pip, in pip's words."""
CONDA_ONLY = {"python", "pip", "make", "git"}


def pins() -> dict[str, str]:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    wanted = [line for line in lines if line.strip() and not line.startswith("#")]
    found = [re.fullmatch(r"([A-Za-z0-9._-]+)==([0-9][A-Za-z0-9.]*)", line) for line in wanted]
    assert all(found), [line for line, match in zip(wanted, found, strict=True) if match is None]
    return {canonicalize_name(match[1]): match[2] for match in found if match}


def conda_pins() -> dict[str, str]:
    content = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    pinned: dict[str, str] = {}
    for line in content["dependencies"]:
        if isinstance(line, dict):
            pinned |= dict(item.split("==") for item in line["pip"] if item != "-e .")
        else:
            name, _, number = line.partition("=")
            if name not in CONDA_ONLY:
                pinned[CONDA_NAMES.get(name, name)] = number
    return {canonicalize_name(name): number for name, number in pinned.items()}


def ranges() -> dict[str, Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = sum(project["optional-dependencies"].values(), project["dependencies"])
    return {canonicalize_name(Requirement(line).name): Requirement(line) for line in lines}


def test_conda_and_pip_pin_the_same_versions() -> None:
    assert conda_pins() == pins()


def test_the_project_names_what_is_pinned_and_admits_it() -> None:
    assert set(ranges()) == set(pins())
    outside = [name for name, wanted in ranges().items() if not wanted.specifier.contains(pins()[name])]
    assert outside == []


def test_a_package_is_asked_for_in_one_way_wherever_it_is() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = sum(project["optional-dependencies"].values(), project["dependencies"])
    by_name: dict[str, set[str]] = {}
    for line in lines:
        by_name.setdefault(canonicalize_name(Requirement(line).name), set()).add(line)
    assert [name for name, asked in by_name.items() if len(asked) > 1] == []


def test_planning_needs_neither_torch_nor_jupyter() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    light = {canonicalize_name(Requirement(line).name) for line in project["dependencies"]}
    assert not light & {"torch", "lightning", "pytorch-forecasting", "scipy", "scikit-learn", "pyarrow", "papermill"}
    assert set(requirements_of(ROOT / "requirements-serve.txt")) <= light


def test_torch_is_pinned_first_so_that_it_can_be_installed_alone() -> None:
    assert next(iter(pins())) == "torch"


@pytest.mark.parametrize("name", list(pins()))
def test_the_pinned_version_is_what_runs(name: str) -> None:
    assert Version(version(name)).public == Version(pins()[name]).public


def test_no_file_of_the_environment_names_a_host() -> None:
    for name in ("requirements.txt", "environment.yml", "pyproject.toml", "Makefile"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"https?://|--index-url|--extra-index|--find-links", text), name


def test_the_library_is_never_ignored_by_git() -> None:
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert not {"lib", "lib/", "/lib", "/lib/", "lib*"} & {line.strip() for line in lines}

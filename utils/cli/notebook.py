"""A command's words as parameters of its notebook, run by papermill: the way with NOTEBOOK=yes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from lib.core.errors import InputError
from lib.race.words import Words

ROOT: Final = Path(__file__).resolve().parents[2]
_NOT_PARAMETERS: Final = ("notebook", "plan", "out")


def parameters_of(words: Words, more: Mapping[str, Any]) -> dict[str, str]:
    """What a notebook is told: everything that was given, paths made absolute, lists as JSON."""
    values = {name: words[name] for name in words.given if name not in _NOT_PARAMETERS} | dict(more)
    told: dict[str, str] = {}
    for name, value in values.items():
        if name in ("stations", "edition", "results") and "\n" not in value:
            value = ";".join(_absolute(part) for part in value.split(";"))
        if isinstance(value, Path):
            told[name] = str(value.expanduser().resolve())
        elif isinstance(value, tuple | list):
            told[name] = json.dumps([str(x.resolve()) if isinstance(x, Path) else x for x in value])
        else:
            told[name] = str(value)
    return told


def _absolute(text: str) -> str:
    """The path of a file or folder that is named, made absolute; any other text as it is."""
    try:
        path = Path(text.strip()).expanduser()
        return str(path.resolve()) if text.strip() and path.exists() else text
    except (OSError, ValueError, RuntimeError):
        return text


def run_notebook(notebook: str, words: Words, stem: str, ending: str, **more: Any) -> int:
    """Run a notebook with a command's words; returns the exit status.

    Parameters
    ----------
    notebook : str
        Its name, without folder and suffix.
    words : Words
        What was said.
    stem, ending : str
        What its report is called: ``{stem}{ending}.html`` in the folder OUT.
    **more
        Parameters besides, or instead.
    """
    path = ROOT / "notebooks" / f"{notebook}.ipynb"
    if not path.is_file():
        raise InputError("no notebooks here", "a clone of the project", "Leave NOTEBOOK out.", "notebook")
    from utils.notebooks import run  # Jupyter: only where it is asked for

    build = ROOT / "build" / "plans"
    name = f"{stem}{ending.removesuffix('_notebook')}"
    told = parameters_of(words, more)
    return run.main(
        [
            str(path),
            *("--executed", str(build / f"{name}.ipynb")),
            *("--failed", str(build / f"{name}.failed.ipynb")),
            *("--report", str(words["out"] / f"{stem}{ending}.html")),
            *(word for name, value in told.items() for word in ("-p", name, value)),
        ]
    )

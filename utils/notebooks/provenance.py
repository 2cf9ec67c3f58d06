"""Provenance of a report: commit, data, parameters, versions."""

from __future__ import annotations

import hashlib
import platform
import re
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from utils.notebooks.parameters import source

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGES: Final = ("torch", "pytorch-forecasting", "pandas", "trailcast")
CODE: Final = ("lib", "utils", "notebooks", "data", "checkpoints_v2", "pyproject.toml", "requirements.txt")
"""What makes a result: only changes to these make a commit "dirty"; reports that a run writes do not."""
MADE: Final = ("build", "reports")
"""Folders that runs write: nothing in them counts as input."""


def title_and_question(notebook: Mapping[str, Any]) -> tuple[str, str]:
    """Title and question of a notebook's first cell with a title: ``("", "")`` and ``(title, "")`` where they lack.

    The question is the first sentence after the title that ends in a question mark.
    """
    for cell in notebook["cells"]:
        text = source(cell)
        if cell["cell_type"] == "markdown" and text.startswith("# "):
            title, _, rest = text[2:].partition("\n")
            question = re.search(r"[^.?!\n]*(?:[.!](?!\s)[^.?!\n]*|\n(?!\n)[^.?!\n]*)*\?", rest)
            return title.strip(), " ".join(question.group().split()) if question else ""
    return "", ""


def commit(root: Path = ROOT) -> str:
    """Short hash of the checked-out commit, with ``-dirty`` where code or input differs; ``unknown`` outside git."""

    def git(*arguments: str) -> str:
        run = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True)
        return run.stdout.strip()

    try:
        there = [name for name in CODE if (root / name).exists()]
        changed = git("status", "--porcelain", "--", *there)
        return git("rev-parse", "--short=12", "HEAD") + ("-dirty" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def input_files(values: Mapping[str, object], folder: Path, root: Path = ROOT) -> list[Path]:
    """Files that text parameters point to, in order of name; a folder stands for every file in it.

    Parameters
    ----------
    values : mapping
        Parameter values by name; names that begin with ``out`` are results and left out.
    folder : Path
        Where the notebook runs, against which relative paths count.
    root : Path
        The checkout: what lies in its ``build`` and ``reports`` is made by runs and left out.
    """
    found: set[Path] = set()
    for name, value in values.items():
        for item in value if isinstance(value, (list, tuple)) else [value]:
            if not isinstance(item, str) or not item or name.startswith("out") or len(item) > 4096 or "\0" in item:
                continue
            path = (folder / item).resolve()
            if any(path.is_relative_to(root / made) for made in MADE) or root.is_relative_to(path):
                continue
            if path.is_file():
                found.add(path)
            elif path.is_dir():
                found.update(part for part in path.rglob("*") if part.is_file())
    return sorted(found)


def data_hash(files: list[Path]) -> str:
    """SHA-256 over the contents of files, in order; ``demo athlete`` where there are none."""
    if not files:
        return "demo athlete"
    whole = hashlib.sha256()
    for path in files:
        with path.open("rb") as stream:
            whole.update(hashlib.file_digest(stream, "sha256").digest())
    return whole.hexdigest()


def versions() -> dict[str, str]:
    """Versions of Python and of what results depend on most."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def facts(
    notebook: Mapping[str, Any],
    name: str,
    values: Mapping[str, Any],
    defaults: Mapping[str, Any],
    folder: Path,
    profile: str = "",
) -> dict[str, Any]:
    """Gather, before a run, what its report says before anything else.

    Parameters
    ----------
    notebook : mapping
        The notebook.
    name : str
        Its file name without suffix.
    values, defaults : mapping
        Given parameter values, and the notebook's own of all parameters.
    folder : Path
        Where it runs.
    profile : str
        ``quick``, ``full`` or ``""``.
    """
    title, question = title_and_question(notebook)
    used = {**defaults, **values}
    files = input_files(used, folder)
    return {
        "notebook": name,
        "title": title or name,
        "question": question,
        "started": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "seconds": None,
        "commit": commit(),
        "profile": profile,
        "parameters": used,
        "given": sorted(values),
        "data": data_hash(files),
        "files": [path.name for path in files][:20],
        "versions": versions(),
        "failure": None,
    }

"""Outputs of notebooks for git: only those stay that tests compare.

``--facts FOLDER`` takes the compared outputs from executed notebooks, for results that changed on purpose.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any, Final

import nbformat

ROOT: Final = Path(__file__).resolve().parents[2]
CHECKED: Final = "nbval-check-output"
METADATA: Final[dict[str, Any]] = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
KEPT: Final = ("tags", "alt")
"""Metadata of a cell that means something here."""


def tidied(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Notebook with minimal metadata and without outputs, but for cells that tests compare.

    Parameters
    ----------
    notebook : NotebookNode
        Changed in place and returned.
    """
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({key: cell.metadata[key] for key in KEPT if cell.metadata.get(key)})
        if cell.cell_type == "code":
            checked = CHECKED in cell.metadata.get("tags", [])
            cell.outputs = [_plain(output) for output in cell.outputs] if checked else []
            cell.execution_count = cell.execution_count if checked else None
    return notebook


def _plain(output: nbformat.NotebookNode) -> nbformat.NotebookNode:
    if "metadata" in output:
        output.metadata = nbformat.from_dict({})
    return output


def with_facts(notebook: nbformat.NotebookNode, executed: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Notebook with compared outputs as another run of the same cells has them; cells are matched by id and text.

    Parameters
    ----------
    notebook : NotebookNode
        Changed in place and returned.
    executed : NotebookNode
        The run.
    """
    by_id = {cell.get("id"): cell for cell in executed.cells}
    for cell in notebook.cells:
        if CHECKED in cell.metadata.get("tags", []):
            run = by_id.get(cell.get("id"))
            if run is not None and run.source == cell.source:
                cell.outputs, cell.execution_count = run.outputs, run.execution_count
    return notebook


def rewrite(path: Path, facts: Path | None = None) -> bool:
    """Tidy a file; returns whether it changed. Its time stays, since what it runs has not changed."""
    before = path.read_text(encoding="utf-8")
    notebook = nbformat.reads(before, as_version=4)
    if facts is not None and (facts / path.name).is_file():
        notebook = with_facts(notebook, nbformat.read(facts / path.name, as_version=4))
    text = nbformat.writes(tidied(notebook)).rstrip("\n") + "\n"
    if text == before:
        return False
    stat = path.stat()
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, encoding="utf-8")
    os.utime(part, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    os.replace(part, path)
    return True


def main(arguments: list[str] | None = None) -> int:
    """Command line; see ``--help``. Exit status 1 says that something was rewritten, as commit hooks expect."""
    parser = argparse.ArgumentParser(prog="python -m utils.notebooks.outputs", description="Tidy notebooks for git.")
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all of notebooks/")
    parser.add_argument("--facts", type=Path, help="folder of executed notebooks to take compared outputs from")
    options = parser.parse_args(arguments)
    paths = options.notebooks or sorted((ROOT / "notebooks").glob("*.ipynb"))
    changed = [path for path in paths if rewrite(path, options.facts)]
    for path in changed:
        print(f"{path.name}: tidied")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())

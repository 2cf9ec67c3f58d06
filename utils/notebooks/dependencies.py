"""Make rules: which files each executed notebook depends on.

Only the standard library, and nothing of this project, is imported: it runs before anything is installed.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("lib", "utils")
AFTER = {
    "02_extract_normalizers": ("01_train",),
    "03_diagnose_flat_predictions": ("01_train",),
    "04_equivalence_17_8km": ("01_train",),
    "05_backtest": ("01_train",),
    "12_ablation": ("01_train",),
}
"""Notebooks that use what another notebook of the same profile has made."""
READS = {
    "06_plan_course": ("checkpoints_v2",),
    "07_compare_plans": ("checkpoints_v2",),
    "08_predicted_against_actual": ("checkpoints_v2",),
    "09_explore_plan": ("checkpoints_v2",),
    "10_races": ("checkpoints_v2",),
    "11_results": ("checkpoints_v2",),
}
"""Folders whose files a notebook reads; courses are found by themselves."""
COURSES = "data/courses"
VALUES = {"full": "notebooks/params", "original": "notebooks/params/original"}
"""Where each profile has the notebooks' values."""


def notebook_code(path: Path) -> str:
    """Python text of a notebook's code cells; lines with magics are left out. None of a file that is no notebook."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (ValueError, KeyError, TypeError) as error:
        print(f"{path.name} is no notebook: {error}", file=sys.stderr)
        return ""
    texts = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    lines = (line for text in texts for line in text.splitlines())
    return "\n".join(line for line in lines if not line.lstrip().startswith(("%", "!")))


def parsed(code: str, name: str) -> ast.Module:
    """Syntax tree; an empty one, and a line to the user, where it is no Python: running it will say the rest."""
    try:
        return ast.parse(code, name)
    except (SyntaxError, ValueError) as error:
        print(f"{name} is no valid Python: {error}", file=sys.stderr)
        return ast.Module([], [])


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """Statements right below a node: imports stand nowhere else."""
    for field in ("body", "handlers", "orelse", "finalbody", "cases"):
        yield from getattr(node, field, ())


def imported_names(tree: ast.AST, package: str = "") -> set[str]:
    """Dotted names that a piece of code may import; what stands under ``if TYPE_CHECKING`` is never run.

    Parameters
    ----------
    tree : ast.AST
        Parsed code: a module or a statement.
    package : str
        Dotted name of the package it stands in, against which relative imports are resolved.
    """
    names: set[str] = set()
    if isinstance(tree, ast.If) and "TYPE_CHECKING" in ast.dump(tree.test):
        return names.union(*(imported_names(node, package) for node in tree.orelse))
    if isinstance(tree, ast.Import):
        names.update(alias.name for alias in tree.names)
    elif isinstance(tree, ast.ImportFrom):
        parents = package.split(".")[: len(package.split(".")) - tree.level + 1] if tree.level else []
        base = ".".join([*parents, *([tree.module] if tree.module else [])])
        names.add(base)
        names.update(f"{base}.{alias.name}" for alias in tree.names)
    return names.union(*(imported_names(node, package) for node in statements(tree)))


def module_files(name: str, root: Path) -> list[Path]:
    """Files of this project that importing a dotted name runs: its packages' and its own; none for other packages."""
    parts = name.split(".")
    if parts[0] not in PACKAGES:
        return []
    files = []
    for length in range(1, len(parts) + 1):
        stem = root.joinpath(*parts[:length])
        files += [path for path in (stem / "__init__.py", stem.with_suffix(".py")) if path.is_file()]
    return files


def files_of(tree: ast.AST, package: str, root: Path) -> set[Path]:
    """Modules of this project that a piece of code imports itself."""
    return {path for name in imported_names(tree, package) for path in module_files(name, root)}


@cache
def files_of_module(path: Path, root: Path) -> set[Path]:
    """Modules of this project that one of them imports itself; each is parsed once for all notebooks."""
    place = path.relative_to(root)
    tree = parsed(path.read_text(encoding="utf-8"), place.as_posix())
    return files_of(tree, ".".join(place.parent.parts), root)


def imported_files(code: str, name: str, root: Path) -> set[Path]:
    """Modules of this project that a piece of code imports, directly or through others."""
    found = files_of(parsed(code, name), "", root)
    waiting = list(found)
    while waiting:
        new = files_of_module(waiting.pop(), root) - found
        found |= new
        waiting += new
    return found


def plain_files(folder: Path) -> set[Path]:
    """Files below a folder, hidden ones left out."""
    return {path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")}


def course_files(text: str, root: Path) -> set[Path]:
    """Courses that a text names; all of them where it names only their folder."""
    if not re.search(r"data\W{1,6}courses", text):
        return set()
    there = plain_files(root / COURSES)
    return {path for path in there if path.name in text} or there


def dependencies(notebook: Path, root: Path) -> set[Path]:
    """Every file on which the quick run of a notebook depends, itself included, but for other notebooks' results."""
    code = notebook_code(notebook)
    files = {notebook} | imported_files(code, notebook.name, root) | course_files(code, root)
    return files.union(*(plain_files(root / folder) for folder in READS.get(notebook.stem, ())))


def rule(target: str, files: set[Path], root: Path, others: tuple[str, ...] = ()) -> str:
    """One make rule without a recipe."""
    names = [path.relative_to(root).as_posix().replace(" ", "\\ ") for path in sorted(files)]
    return f"{target}: \\\n  " + " \\\n  ".join([*names, *others])


def rules(root: Path) -> str:
    """Text of the make file: the rules of every notebook, in terms of ``PROFILE``."""
    notebooks = sorted((root / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    there = {path.stem for path in notebooks}
    lines = ["# Written by utils/notebooks/dependencies.py", f"NOTEBOOKS := {' '.join(sorted(there))}"]
    for path in notebooks:
        target = f"build/$(PROFILE)/notebooks/{path.stem}.ipynb"
        before = [name for name in AFTER.get(path.stem, ()) if name in there]
        results = tuple(f"build/$(PROFILE)/notebooks/{name}.ipynb" for name in before)
        lines += ["", rule(target, dependencies(path, root), root, results)]
        for profile, folder in VALUES.items():
            values = root / folder / f"{path.stem}.yaml"
            if values.is_file():
                files = {values} | course_files(values.read_text(encoding="utf-8"), root)
                lines += [f"ifeq ($(PROFILE),{profile})", rule(target, files, root), "endif"]
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Write the rules where they have changed, so that make reads them again only then."""
    parser = argparse.ArgumentParser(description="Which files each notebook depends on, as make rules.")
    parser.add_argument("--root", type=Path, default=ROOT)
    parser.add_argument("--out", type=Path, default=None, help="default: build/notebooks.mk under the root")
    options = parser.parse_args(arguments)
    out = options.out or options.root / "build" / "notebooks.mk"
    text = rules(options.root.resolve())
    if out.is_file() and out.read_text(encoding="utf-8") == text:
        return 0
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())

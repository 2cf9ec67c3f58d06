"""Headless runs of a notebook, kept with their reports or with their failure."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat
import yaml

from lib.core.errors import InputError, NoSuchFileError
from utils.cli.mistakes import says_mistakes
from utils.notebooks import parameters, provenance

ROOT = Path(__file__).resolve().parents[2]
SUCCESS, FAILURE, MISTAKE = 0, 1, 2
MISTAKES = (
    InputError.__name__,
    NoSuchFileError.__name__,
    "NoRecordingError",
    "UnknownWordError",
    "AmbiguousRaceError",
)
"""Errors that say in one sentence what a user can put right; a kernel gives no more of them than the name."""


class NotebookFailure(RuntimeError):
    """A cell that raised, or a kernel that died.

    Parameters
    ----------
    ename, evalue : str
        Kind of the error and what it says.
    cell : str
        Which cell, in words.
    """

    def __init__(self, ename: str, evalue: str, cell: str) -> None:
        self.ename, self.evalue, self.cell = ename, evalue, cell
        super().__init__(f"{cell}: {ename}: {evalue}")


def cell_in_words(executed: nbformat.NotebookNode, index: int, original: nbformat.NotebookNode) -> str:
    """Name of a cell as a reader of the original notebook counts it: ``cell 4 (`x = 1/0`)``."""
    cell = executed.cells[index]
    places = [place for place, other in enumerate(original.cells, start=1) if other.get("id") == cell.get("id")]
    lines = [line for line in cell.source.splitlines() if line.strip() and not line.strip().startswith("#")]
    first = f" (`{lines[0].strip()[:80]}`)" if lines else ""
    return f"cell {places[0]}{first}" if places else f"the injected parameters{first}"


def execute(notebook: Path, out: Path, values: dict[str, Any], verbose: bool = False) -> nbformat.NotebookNode:
    """Run a notebook in its own folder and a fresh kernel of this interpreter; ``out`` is written as it runs.

    Parameters
    ----------
    notebook : Path
        The notebook, which stays as it is.
    out : Path
        Where papermill writes.
    values : dict
        Checked parameter values.
    verbose : bool
        Show progress wherever output goes, and what cells write to stderr; else a bar of cells, on a terminal only.

    Raises
    ------
    NotebookFailure
        If a cell raises or the kernel dies.
    """
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"  # this interpreter's kernel, not one of the same name elsewhere
    import papermill
    from papermill.exceptions import PapermillExecutionError
    from traitlets.config import Config

    original = nbformat.read(notebook, as_version=4)
    try:
        return papermill.execute_notebook(
            str(notebook),
            str(out),
            parameters=values,
            kernel_name="python3",
            language="python",
            cwd=str(notebook.parent),
            progress_bar={"desc": notebook.stem, "leave": verbose, "disable": False if verbose else None},
            stderr_file=sys.stderr if verbose else None,  # progress bars inside a cell
            extra_arguments=["--IPKernelApp.log_level=50"],  # its notes on being stopped are not for users
            config=Config({"KernelManager": {"transport": "ipc"}}),  # no port that others on the machine could reach
        )
    except PapermillExecutionError as error:
        done = _without_banners(nbformat.read(out, as_version=4))
        nbformat.write(done, out)
        index = next(i for i, c in enumerate(done.cells) if _raised(c))
        raise NotebookFailure(error.ename, error.evalue, cell_in_words(done, index, original)) from error
    except (RuntimeError, OSError) as error:  # the kernel died or did not start
        done = nbformat.read(out, as_version=4) if out.is_file() else original
        states = [cell.metadata.get("papermill", {}).get("status") for cell in done.cells]
        where = "no cell yet"
        if "running" in states:
            where = cell_in_words(done, states.index("running"), original)
        said = f"{error} (too little memory is a frequent cause)"
        raise NotebookFailure(type(error).__name__, said, where) from error


def _raised(cell: nbformat.NotebookNode) -> bool:
    return any(output.output_type == "error" for output in cell.get("outputs", []))


def _without_banners(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Notebook without the cells that papermill adds to mark an error: the report says it in its own way."""
    notebook.cells = [c for c in notebook.cells if "papermill-error-cell-tag" not in c.metadata.get("tags", [])]
    return notebook


def given_values(
    notebook: nbformat.NotebookNode, name: str, file: Path | None, words: Sequence[Sequence[str]]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values for a run and the notebook's defaults; words win over the file.

    Raises
    ------
    InputError
        If a name is unknown, a value of another type, or the file no YAML mapping.
    """
    known = parameters.declared(notebook, name)
    values: dict[str, Any] = {}
    if file is not None:
        try:
            read = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        except (OSError, ValueError, yaml.YAMLError) as error:
            said = " ".join(str(error).split())
            raise InputError(said, "a readable YAML file", "Correct the file.", file) from error
        if not isinstance(read, dict):
            raise InputError(type(read).__name__, "lines of `name: value`", "Correct the file.", file)
        values |= parameters.checked(read, known, str(file))
    chosen: dict[str, object] = {
        key: parameters.from_text(text, known[key]) if key in known else text for key, text in words
    }
    values |= parameters.checked(chosen, known, name)
    return values, {key: parameter.default for key, parameter in known.items()}


def run(options: argparse.Namespace) -> int:
    """Execute, keep what there is to keep, say in one line how it went; returns the exit status."""
    from utils.notebooks.render import write_report

    notebook: Path = options.notebook.resolve()
    executed: Path = options.executed.resolve()
    part = executed.with_name(f".{executed.stem}.part.ipynb")
    words = [*options.parameter, *([name, str(Path(path).expanduser().resolve())] for name, path in options.path)]
    original = nbformat.read(notebook, as_version=4)
    values, defaults = given_values(original, notebook.stem, options.params, words)
    facts = provenance.facts(original, notebook.stem, values, defaults, notebook.parent, options.profile)
    executed.parent.mkdir(parents=True, exist_ok=True)
    started, clock = time.time(), time.perf_counter()
    failure: NotebookFailure | None = None
    try:
        # sockets of the kernel: a short path, as sockets need, in a place where one may write
        with tempfile.TemporaryDirectory(prefix="trailcast-", dir="/tmp", ignore_cleanup_errors=True) as sockets:
            os.environ["JUPYTER_RUNTIME_DIR"] = sockets
            execute(notebook, part, values, bool(options.profile))
    except NotebookFailure as error:
        failure = error
        facts["failure"] = {"cell": error.cell, "ename": error.ename, "evalue": error.evalue}
    except BaseException:  # interrupted: nothing half-written stays
        part.unlink(missing_ok=True)
        raise
    facts["seconds"] = round(time.perf_counter() - clock, 1)
    done = nbformat.read(part if part.is_file() else notebook, as_version=4)
    done.metadata["trailcast"] = facts
    nbformat.write(done, part)
    if failure is not None:
        return _fail(failure, part, done, options)
    # as old as the start of the run, so that make sees what was edited while it ran
    os.utime(part, (started, started))
    os.replace(part, executed)
    for stale in (options.failed, options.failed_report):
        if stale is not None:
            stale.unlink(missing_ok=True)
    if options.report is not None:
        write_report(done, options.report)
    result = f" → {options.report}" if options.report else ""
    print(f"{notebook.stem}: {facts['seconds']:.0f} s{result}", flush=True)
    return SUCCESS


def _fail(failure: NotebookFailure, part: Path, done: nbformat.NotebookNode, options: argparse.Namespace) -> int:
    """Keep the failed notebook and its report; say what happened: one sentence for a user's own mistake."""
    from utils.notebooks.render import write_report

    mistake = failure.ename in MISTAKES
    if mistake and not options.profile:
        part.unlink()
        print(failure.evalue, file=sys.stderr, flush=True)
        return MISTAKE
    kept: Path = (options.failed or part.with_name(f"{options.executed.stem}.failed.ipynb")).resolve()
    kept.parent.mkdir(parents=True, exist_ok=True)
    os.replace(part, kept)
    said = failure.evalue.strip().splitlines()[0][:500] if failure.evalue.strip() else ""
    print(f"{options.notebook.name} failed in {failure.cell}: {failure.ename}: {said}", file=sys.stderr)
    shown = kept
    if options.failed_report is not None:
        write_report(done, options.failed_report)
        shown = options.failed_report
    print(f"The failed notebook is {_short(kept)}, to read: {_short(shown)}", file=sys.stderr, flush=True)
    return MISTAKE if mistake else FAILURE


def _short(path: Path) -> str:
    with suppress(ValueError):
        return str(path.resolve().relative_to(Path.cwd()))
    return str(path)


@says_mistakes
def main(arguments: list[str] | None = None) -> int:
    """Command line; see ``--help``. Exit status: 0 done, 1 a cell failed, 2 a user's mistake."""
    warnings.filterwarnings("ignore", module="papermill")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # being ended leaves nothing half-written either
    parser = argparse.ArgumentParser(prog="python -m utils.notebooks.run", description="Run a notebook headlessly.")
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--executed", type=Path, required=True, help="where the executed notebook goes")
    parser.add_argument("--report", type=Path, help="where its HTML goes; none without")
    parser.add_argument("--failed", type=Path, help="where a failed notebook goes")
    parser.add_argument("--failed-report", type=Path, help="where its HTML goes; none without")
    parser.add_argument("--params", type=Path, help="YAML file of parameter values")
    parser.add_argument("-p", "--parameter", nargs=2, action="append", default=[], metavar=("NAME", "VALUE"))
    parser.add_argument("--path", nargs=2, action="append", default=[], metavar=("NAME", "PATH"), help="absolute")
    parser.add_argument("--profile", default="", help="named in the report; with it all progress is shown")
    options = parser.parse_args(arguments)
    if not options.notebook.is_file():
        raise NoSuchFileError(options.notebook)
    return run(options)


if __name__ == "__main__":
    sys.exit(main())

"""In: a course, and lists of what is to be compared, as words of a command. Out: the report of notebook 07.

Commas divide a list; files are found from where the command is given.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from lib.core.errors import InputError
from utils.notebooks import run as run_notebook

ROOT: Final = Path(__file__).resolve().parents[2]
NOTEBOOK: Final = ROOT / "notebooks" / "07_compare_plans.ipynb"
_MAY_BE_BELOW_ZERO: Final = "--temperatures"
_SAME_FOR_ALL: Final = ("zone", "target", "stop_min", "standing", "usual_temperature_c")


def listed(text: str) -> list[str]:
    """Parts of a list with commas, without the blanks around them; none of an empty text."""
    return [part.strip() for part in text.split(",") if part.strip()]


def _temperatures(text: str) -> list[float]:
    try:
        return [float(part) for part in listed(text)]
    except ValueError as error:
        raise InputError(
            f"{text[:40]!r}", "temperatures in °C such as 10,25", "Correct them.", "temperatures"
        ) from error


def _file(name: str, what: str) -> str:
    path = Path(name).expanduser()
    if not path.is_file():
        raise InputError("no such file", what, "Check the path.", path)
    return str(path.resolve())


def arguments_for(options: argparse.Namespace) -> list[str]:
    """Words for `utils.notebooks.run` that make this comparison.

    Raises
    ------
    InputError
        If a file is not there, or a temperature is no number.
    """
    lists: dict[str, list[str] | list[float]] = {
        "starts": listed(options.starts),
        "athletes": [_file(name, "an athlete's bundle (make athlete)") for name in listed(options.athletes)],
        "temperatures_c": _temperatures(options.temperatures),
    }
    if options.efforts:
        lists["efforts"] = listed(options.efforts)
    elif sum(len(values) > 1 for values in lists.values()):
        lists["efforts"] = ["usual"]  # something else is compared: the day as it comes
    stem = options.gpx.stem
    words = ["-p", "gpx", _file(str(options.gpx), "a course (.gpx)")]
    for name, values in lists.items():
        words += ["-p", name, json.dumps(values)]
    for name in _SAME_FOR_ALL:
        if getattr(options, name):
            words += ["-p", name, getattr(options, name)]
    if options.stations:
        here = Path(options.stations).expanduser()
        words += ["-p", "stations", str(here.resolve()) if here.is_file() else options.stations]
    build = ROOT / "build" / "plans"
    return [
        str(NOTEBOOK),
        *("--executed", str(build / f"{stem}_compared.ipynb")),
        *("--failed", str(build / f"{stem}_compared.failed.ipynb")),
        *("--report", str(options.out / f"{stem}_compared.html")),
        *words,
    ]


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(prog="python -m utils.cli.compare", description="Compare variants of a race.")
    made.add_argument("gpx", type=Path, help="the course, a GPX route or track")
    made.add_argument("--efforts", default="", help="such as easy,race,150,3:30 (heart rate, race time aimed at)")
    made.add_argument("--athletes", default="", help="bundles such as me.json,you.json")
    made.add_argument("--starts", default="", help="such as 2026-06-20T05:30,2026-06-20T08:00")
    made.add_argument("--temperatures", default="", help="air temperatures (°C) such as 10,25")
    made.add_argument("--zone", default="", help="zone of the clocks, such as Europe/Paris")
    made.add_argument("--stations", default="", help="a CSV, or distances in km")
    made.add_argument("--target", default="", help="race time whose chance is compared, h:mm")
    made.add_argument("--stop-min", default="", help="planned stop at every station that states none (minutes)")
    made.add_argument("--standing", default="", help="standing outside of planned stops: habit, or minutes")
    made.add_argument("--usual-temperature-c", default="", help="that of the athletes' usual runs (°C)")
    made.add_argument("--out", type=Path, default=Path("reports/plans"), help="folder for the report")
    return made


def joined(words: Sequence[str]) -> list[str]:
    """Words with temperatures tied to their option: ``-5,10`` by itself would be taken for another option."""
    out: list[str] = []
    for word in words:
        if out and out[-1] == _MAY_BE_BELOW_ZERO:
            out[-1] = f"{_MAY_BE_BELOW_ZERO}={word}"
        else:
            out.append(word)
    return out


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    try:
        words = arguments_for(parser().parse_args(joined(sys.argv[1:] if arguments is None else arguments)))
    except InputError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return run_notebook.main(words)


if __name__ == "__main__":
    sys.exit(main())

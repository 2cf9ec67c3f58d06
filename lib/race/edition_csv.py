"""Splits of an earlier edition of a race, as people copy them off a results page."""

from __future__ import annotations

import csv
import io
import re
from typing import Final

import numpy as np

from lib.core.errors import InputError
from lib.race.edition import EDITION, Edition

MAX_EDITION_BYTES: Final = 2_000_000
MAX_RUNNERS: Final = 5_000
_MAX_CHECKPOINTS: Final = 200
_KM: Final = re.compile(r"(\d{1,4}(?:[.,]\d+)?)\s*(?:km|k)?\s*\)?\s*$", re.IGNORECASE)
_CHECKPOINTS: Final = "checkpoints"
_PLACE_COLUMNS: Final = (("name", "checkpoint"), ("km", "distance_km"))
_EXPECTED: Final = (
    "a CSV with a row for each finisher and a column for each checkpoint, its km at the end of the head: Champex 123.5"
)


def with_km(text: str, places: str, source: str = EDITION) -> str:
    """Write the km of checkpoints, from a second CSV, behind their heads in a CSV of splits.

    Parameters
    ----------
    text : str
        Splits as `edition_from_csv` reads them, whose heads are names or numbers of checkpoints.
    places : str
        A CSV with a column of names (``checkpoint`` or ``name``) and one of distances (``km`` or ``distance_km``).

    Raises
    ------
    InputError
        If the second file lacks a column, has a distance that is no number, or none of the checkpoints.
    """
    known = _places(places)
    rows = _rows(text, source)
    heads = [f"{name.strip()} {known[name.strip().casefold()]}" if name.strip().casefold() in known else name.strip()
             for name in rows[0]]  # fmt: skip
    if heads == [name.strip() for name in rows[0]]:
        raise InputError(
            f"heads {', '.join(rows[0])[:60]!r}", f"some of {', '.join(known)[:60]!r}", "Use the same names.", source
        )
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([heads, *rows[1:]])
    return written.getvalue()


def _places(text: str) -> dict[str, str]:
    """Distance (km) of each checkpoint, by its name."""
    rows = _rows(text, _CHECKPOINTS)
    heads = [name.strip().casefold() for name in rows[0]]
    columns = [next((heads.index(word) for word in words if word in heads), None) for words in _PLACE_COLUMNS]
    if None in columns:
        raise InputError(
            f"columns {', '.join(rows[0])[:60]!r}", "checkpoint (or name) and km (or distance_km)", "Add them.",
            _CHECKPOINTS,
        )  # fmt: skip
    found = {}
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        name, km = (row[i].strip() if i < len(row) else "" for i in columns)
        if not re.fullmatch(r"\d{1,4}(?:[.,]\d{1,6})?", km):
            raise InputError(f"{km[:40]!r}", "a distance in km", "Correct it.", f"{_CHECKPOINTS}, line {number}")
        found[name.casefold()] = km
    return found


def _rows(text: str, source: str) -> list[list[str]]:
    """Rows of a CSV, divided by semicolons, tabs or commas; at least one."""
    lines = text.removeprefix("\ufeff").strip()
    head = lines.split("\n", 1)[0]
    divider = next((mark for mark in ";\t" if mark in head), ",")  # decimal commas may stand beside the others
    try:
        rows = list(csv.reader(io.StringIO(lines), delimiter=divider, strict=True))
    except csv.Error as error:
        raise InputError(f"no CSV ({error})", _EXPECTED, "Correct it.", source) from error
    return rows or [[]]


def edition_from_csv(text: str, source: str = EDITION) -> Edition:
    """Read splits of an earlier edition.

    Parameters
    ----------
    text : str
        A line of heads, each ending with the checkpoint's km (``"La Fouly 109.6"``, ``km 21``); columns whose head has
        none are left out. Then a line for each finisher with race times, ``h:mm`` or ``h:mm:ss``, empty where not
        known; the last checkpoint is the finish. Commas, semicolons or tabs divide.
    source : str
        For errors.

    Raises
    ------
    InputError
        With the line: no CSV, no km in the heads, no finish time, a time that falls or is none.
    """
    rows = _rows(text, source)
    found = [(i, _KM.search(name.strip())) for i, name in enumerate(rows[0])]
    columns = [(i, float(match[1].replace(",", "."))) for i, match in found if match]
    columns = sorted(((i, km) for i, km in columns if km > 0), key=lambda column: column[1])
    if not columns or len(columns) > _MAX_CHECKPOINTS:
        raise InputError(f"{len(columns)} columns with a km", _EXPECTED, "Write the km into the first line.", source)
    if not 2 <= len(rows) <= MAX_RUNNERS + 1:
        raise InputError(f"{len(rows) - 1} finishers", f"1 to {MAX_RUNNERS}", "Leave some out.", source)
    km = np.array([0.0, *(km for _, km in columns)])
    times, finish_column = [], columns[-1][0]
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        where = f"{source}, line {number}"
        if finish_column >= len(row) or not row[finish_column].strip():
            raise InputError("no time at the finish", f"one below km {km[-1]:g}", "Leave the runner out.", where)
        cells = [row[i] if i < len(row) else "" for i, _ in columns]
        times.append([0.0, *(_seconds(cell, where) for cell in cells)])
        known = np.array([s for s in times[-1] if np.isfinite(s)])
        if np.any(np.diff(known) <= 0):
            raise InputError("times that fall", "times that rise from start to finish", "Correct them.", where)
    return Edition(km, np.array(times))


def _seconds(cell: str, where: str) -> float:
    """Race time (s) in a cell; NaN where there is none."""
    text = cell.strip()
    if text in ("", "-", "\N{EN DASH}"):
        return float("nan")
    parts = re.fullmatch(r"(\d{1,3})[:h](\d{2})(?:[:m'](\d{2}))?s?", text.replace(" ", ""), re.IGNORECASE)
    if parts is None or int(parts[2]) > 59 or int(parts[3] or 0) > 59:
        raise InputError(f"{text[:40]!r}", "a race time such as 9:41 or 9:41:30", "Correct it.", where)
    return 3600.0 * int(parts[1]) + 60.0 * int(parts[2]) + float(parts[3] or 0)

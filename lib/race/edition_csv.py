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
_EXPECTED: Final = (
    "a CSV with a row for each finisher and a column for each checkpoint, its km at the end of the head: Champex 123.5"
)


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
    lines = text.removeprefix("\ufeff").strip()
    head = lines.split("\n", 1)[0]
    divider = next((mark for mark in ";\t" if mark in head), ",")  # decimal commas may stand beside the others
    try:
        rows = list(csv.reader(io.StringIO(lines), delimiter=divider, strict=True))
    except csv.Error as error:
        raise InputError(f"no CSV ({error})", _EXPECTED, "Correct it.", source) from error
    found = [(i, _KM.search(name.strip())) for i, name in enumerate(rows[0] if rows else [])]
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

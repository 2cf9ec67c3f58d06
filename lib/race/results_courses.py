"""Course files that a table of race results names: what they cost takes the place of km and climb."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Final

from lib.athlete.course_size import effort_km
from lib.core.errors import InputError
from lib.course.course import load_course

COURSE: Final = "course"
EFFORT_KM: Final = "effort_km"
_ENDINGS: Final = (".gpx", ".tcx", ".fit", ".gz")


def with_courses(text: str, folder: Path) -> str:
    """The table with effort-kilometres in place of the course files that it names.

    Parameters
    ----------
    text : str
        A CSV of results; without a column ``course`` it stays as it is.
    folder : Path
        Where the CSV lies: course files are read from there or below, from nowhere else.

    Raises
    ------
    InputError
        If a file is not there, lies elsewhere, is no course, or effort-kilometres are stated too.
    """
    head = text.removeprefix("\ufeff").split("\n", 1)[0]
    divider = next((mark for mark in ";\t" if mark in head), ",")
    names = [name.strip().strip('"').lower() for name in head.split(divider)]
    if COURSE not in names:
        return text
    if EFFORT_KM in names or names.count(COURSE) > 1:
        raise InputError("course files twice, or beside effort_km", "one column course", "Leave one out.", "results")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=divider))
    at = names.index(COURSE)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=divider, lineterminator="\n")
    for number, row in enumerate(rows):
        if number == 0:
            row[at] = EFFORT_KM
        elif len(row) > at and row[at].strip():
            row[at] = f"{_effort_km(row[at].strip(), folder, number + 1):.2f}"
        writer.writerow(row)
    return out.getvalue()


def _effort_km(name: str, folder: Path, line: int) -> float:
    where = f"results, line {line}"
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()) or path.suffix.lower() not in _ENDINGS:
        raise InputError(
            f"the course {name[:60]!r}", "a course file beside the table or in a folder below", "Put it there.", where
        )
    course = load_course(path)
    return effort_km(course.columns, course.length_km, course.climb_m)

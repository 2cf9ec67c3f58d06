"""The files of a race plan, written as one set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from lib.athlete.bundle import Bundle
from lib.core.files import write_together
from lib.plan.race_plan import RacePlan
from lib.report.export.csv import legs_csv, steps_csv
from lib.report.export.fit import fit_bytes
from lib.report.export.gpx import gpx_bytes
from lib.report.export.ics import calendar_bytes
from lib.report.export.json import json_bytes
from lib.report.export.tcx import tcx_bytes
from utils.plan_page.figures import draw
from utils.plan_page.page import plan_page

_ALWAYS: Final[dict[str, Callable[[RacePlan], bytes]]] = {".csv": steps_csv, "_legs.csv": legs_csv, ".fit": fit_bytes}
_WITH_A_START: Final[dict[str, Callable[[RacePlan], bytes]]] = {
    ".gpx": gpx_bytes,
    ".tcx": tcx_bytes,
    ".ics": calendar_bytes,
}


def write_plan(
    race: RacePlan, bundle: Bundle, folder: Path, stem: str, options: Mapping[str, str] | None = None
) -> list[Path]:
    """Write a plan for people and for programs.

    Parameters
    ----------
    race : RacePlan
        What is written.
    bundle : Bundle
        Athlete profile that the plan was made for.
    folder : Path
        Where to; made if missing.
    stem : str
        What the files' names begin with.
    options : mapping of str to str, optional
        What was asked for, for the JSON, and the SHA-256 of files; that of the course is on the page too.

    Returns
    -------
    list of Path
        The page first. Files that tell times of day are only made where the start is known.

    Raises
    ------
    InputError
        If a file cannot be written there.
    """
    makers = _ALWAYS | (_WITH_A_START if race.start is not None else {})
    drawn = draw(race)
    contents = {f"{stem}{ending}": make(race) for ending, make in makers.items()}
    contents[f"{stem}.json"] = json_bytes(race, bundle, options)
    contents |= {f"{stem}.svg": drawn.along, f"{stem}_map.svg": drawn.map}
    course_sha256 = (options or {}).get("gpx_sha256", "")
    page = plan_page(race, bundle, course_sha256=course_sha256, files=sorted(contents), drawn=drawn)
    files = {folder / name: content for name, content in contents.items()}
    page_path = folder / f"{stem}.html"
    write_together(files | {page_path: page.encode()})
    return [page_path, *files]

"""The files of a race plan, written as one set."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lib.athlete.bundle import Bundle
from lib.core.files import write_together
from lib.plan.race_plan import RacePlan
from lib.report.export.formats import FORMATS
from utils.plan_page.card import card_page
from utils.plan_page.images import map_svg, profile_svg
from utils.plan_page.page import plan_page


def write_plan(
    race: RacePlan,
    bundle: Bundle,
    folder: Path,
    stem: str,
    options: Mapping[str, str] | None = None,
    athlete: str = "",
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
    athlete : str
        Whose plan it is, for the title of its page.

    Returns
    -------
    list of Path
        The page first. Files that tell times of day are only made where the start is known.

    Raises
    ------
    InputError
        If a file cannot be written there.
    """
    formats = [one for one in FORMATS.values() if race.start is not None or not one.clocked]
    contents = {f"{stem}{one.ending}": one.make(race, bundle, options) for one in formats}
    contents |= {f"{stem}.svg": profile_svg(race), f"{stem}_map.svg": map_svg(race)}
    contents[f"{stem}_card.html"] = card_page(race).encode()
    course_sha256 = (options or {}).get("gpx_sha256", "")
    page = plan_page(race, bundle, course_sha256=course_sha256, files=sorted(contents), athlete=athlete)
    files = {folder / name: content for name, content in contents.items()}
    page_path = folder / f"{stem}.html"
    write_together(files | {page_path: page.encode()})
    return [page_path, *files]

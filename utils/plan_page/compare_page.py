"""The page that lays variants of a race over one another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lib.athlete.bundle import Bundle
from lib.core.files import write_atomically
from lib.plan.compare import Variant, middle_s
from lib.report.compare_tables import ground_table, reading, side_by_side, variants_table
from lib.report.tables import course_text
from utils.plan_page.base import render, source
from utils.plan_page.compare_charts import along_charts, chances_chart, clocks_chart


def compare_page(
    variants: Sequence[Variant], bundle: Bundle, goal_s: float | None = None, *, course_sha256: str = ""
) -> str:
    """Return the page that compares variants of a race.

    Parameters
    ----------
    variants : sequence of Variant
        From `lib.plan.compare.variants`; differences are to the first.
    bundle : Bundle
        Athlete profile of the first, for the hash of the model.
    goal_s : float, optional
        Race time (s) whose chance is compared; by default one between the fastest and the slowest.
    course_sha256 : str
        Hash of the course's file.
    """
    goal_s = middle_s(variants) if goal_s is None else goal_s
    course, units = variants[0].race.course, variants[0].race.config.units
    chances, clocks = chances_chart(variants, goal_s), clocks_chart(variants)
    return render(
        "compare.html.j2",
        name=course.name,
        course=course_text(course, units),
        units=units,
        variants=variants_table(variants, goal_s),
        reading=reading(variants),
        first=variants[0].label,
        ground=ground_table(variants),
        stations=side_by_side(variants),
        along=[chart.html() for chart in along_charts(variants)],
        chances="" if chances is None else chances.html(),
        clocks="" if clocks is None else clocks.html(),
        **source(bundle, course_sha256),
    )


def write_compare(
    variants: Sequence[Variant],
    bundle: Bundle,
    folder: Path,
    stem: str,
    goal_s: float | None = None,
    *,
    course_sha256: str = "",
) -> list[Path]:
    """Write the page of a comparison as ``STEM_compared.html``, whole or not at all; see `compare_page`.

    Parameters
    ----------
    variants : sequence of Variant
        From `lib.plan.compare.variants`.
    bundle : Bundle
        Athlete profile of the first, for the hash of the model.
    folder : Path
        Where to; made if missing.
    stem : str
        What the file's name begins with.
    goal_s : float, optional
        Race time (s) whose chance is compared.
    course_sha256 : str
        Hash of the course's file.

    Returns
    -------
    list of Path
        The page.

    Raises
    ------
    InputError
        If it cannot be written there.
    """
    path = folder / f"{stem}_compared.html"
    write_atomically(path, compare_page(variants, bundle, goal_s, course_sha256=course_sha256).encode())
    return [path]

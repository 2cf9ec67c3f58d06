"""The page that lays variants of a race over one another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from lib.athlete.bundle import Bundle
from lib.core.files import write_atomically
from lib.plan.compare import Variant, middle_s
from lib.report.compare_tables import ground_table, reading, side_by_side, variants_table
from utils.plan_page.base import render, source
from utils.plan_page.figures import NARROW_IN, drawing, svg_bytes
from utils.plots.compare_plots import compare_figure, plot_chances, plot_clocks

ALT: Final = "Above one another along the distance: profile, pace of each variant, and its gap to the first"


def _narrow(height_in: float) -> Axes:
    return plt.subplots(figsize=(NARROW_IN, height_in), layout="constrained")[1]


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
    course = variants[0].race.course
    clocked = all(variant.race.start is not None for variant in variants)
    with drawing():
        pictures = {
            "along": svg_bytes(compare_figure(variants)),
            "narrow": svg_bytes(compare_figure(variants, NARROW_IN)),
            "chance_wide": svg_bytes(plot_chances(variants, goal_s=goal_s).figure),
            "chance_narrow": svg_bytes(plot_chances(variants, goal_s=goal_s, ax=_narrow(3.0)).figure),
            "clock_wide": svg_bytes(plot_clocks(variants).figure) if clocked else b"",
            "clock_narrow": svg_bytes(plot_clocks(variants, ax=_narrow(4.0)).figure) if clocked else b"",
        }
    return render(
        "compare.html.j2",
        name=course.name,
        course=f"{course.length_km:.2f} km, {course.climb_m:.0f} m up, {course.descent_m:.0f} m down",
        variants=variants_table(variants, goal_s),
        reading=reading(variants),
        first=variants[0].label,
        alt=ALT,
        ground=ground_table(variants),
        stations=side_by_side(variants),
        **pictures,
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

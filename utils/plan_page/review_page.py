"""The page that lays a plan beside the run."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from lib.athlete.bundle import Bundle
from lib.core.durations import h_mm_ss, signed
from lib.core.files import write_atomically
from lib.plan.race_plan import RacePlan
from lib.plan.review import Review, Verdict, moving_verdict, race_verdict
from lib.report.review_tables import (
    climb_review_table,
    even_review_table,
    ground_review_table,
    leg_review_table,
    reading,
    review_lines,
    stops_table,
)
from utils.plan_page.base import render, source
from utils.plan_page.review_charts import along_charts, splits_chart

_IN_THE_HEAD: Final = ("Course", "Moving", "Race time")
"""Lines of the title that the page shows larger."""


def _times(verdict: Verdict) -> dict[str, str]:
    off_s = verdict.actual_s - verdict.predicted_s
    return {
        "actual": h_mm_ss(verdict.actual_s),
        "planned": h_mm_ss(verdict.predicted_s),
        "difference": f"{signed(off_s)} ({off_s / verdict.predicted_s:+.1%})",
        "low": h_mm_ss(verdict.low_s),
        "high": h_mm_ss(verdict.high_s),
        "within": "inside" if verdict.within else "outside",
    }


def review_page(review: Review, bundle: Bundle, told: RacePlan | None = None, *, course_sha256: str = "") -> str:
    """Return the page that lays a plan beside the run.

    Parameters
    ----------
    review : Review
        Plan and run.
    bundle : Bundle
        Athlete profile that the plan was made for.
    told : RacePlan, optional
        The plan as if the mean heart rate had been known (`lib.plan.review.with_heart_rate`).
    course_sha256 : str
        Hash of the course's file.
    """
    lines = review_lines(review)
    return render(
        "review.html.j2",
        name=review.race.course.name,
        course=lines["Course"],
        race=_times(race_verdict(review)),
        moving=_times(moving_verdict(review)),
        lines={key: text for key, text in lines.items() if key not in _IN_THE_HEAD},
        reading=reading(review, told),
        notes=review.actual.notes,
        splits=even_review_table(review),
        units=review.race.config.units,
        legs=leg_review_table(review),
        climbs=climb_review_table(review),
        ground=ground_review_table(review),
        stops=stops_table(review),
        along=[chart.html() for chart in along_charts(review)],
        splits_lost=splits_chart(review).html(),
        **source(bundle, course_sha256),
    )


def write_review(
    review: Review,
    bundle: Bundle,
    folder: Path,
    stem: str,
    told: RacePlan | None = None,
    *,
    course_sha256: str = "",
) -> list[Path]:
    """Write the page of a review as ``STEM_review.html``, whole or not at all; see `review_page`.

    Parameters
    ----------
    review : Review
        Plan and run.
    bundle : Bundle
        Athlete profile that the plan was made for.
    folder : Path
        Where to; made if missing.
    stem : str
        What the file's name begins with.
    told : RacePlan, optional
        The plan as if the mean heart rate had been known.
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
    path = folder / f"{stem}_review.html"
    write_atomically(path, review_page(review, bundle, told, course_sha256=course_sha256).encode())
    return [path]

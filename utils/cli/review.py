"""``trailcast review``: a plan against what happened."""

from __future__ import annotations

import sys

from lib.core.errors import InputError
from lib.plan.review import review_of, with_heart_rate
from lib.race.words import Words, read_words
from lib.recordings.activities import load_activity
from lib.recordings.align import follow
from lib.report.review_tables import reading
from utils.cli.notebook import run_notebook
from utils.cli.plan import asked_for
from utils.cli.plan_options import options_of_plan


def complete(words: Words) -> Words:
    """The words of a review, those of the plan that it names included.

    Raises
    ------
    InputError
        If neither a course nor a plan is given, or the plan's files are not there.
    """
    if words["plan"] is not None:
        return read_words("review", options_of_plan(words["plan"], words.given).items())
    if words["gpx"] is None:
        expected = "PLAN=plan.json, or GPX=course.gpx and the options of the plan"
        raise InputError("neither a plan nor a course", expected, "Add one of them.")
    return words


def run(words: Words) -> int:
    """Compare the plan with what happened, write the page, and say in some lines what it says."""
    words = complete(words)
    if words["notebook"]:
        return run_notebook("08_predicted_against_actual", words, words["gpx"].stem, "_review")
    asked = asked_for(words)
    recorded = None if words["recording"] is None else follow(load_activity(words["recording"]), asked.course)
    review = review_of(asked.backend, asked.bundle, asked.course, asked.config, recorded)
    told = with_heart_rate(asked.backend, asked.bundle, review)

    from utils.plan_page.review_page import write_review  # draws: not before the words are known to be good

    course_sha256 = asked.options["gpx_sha256"]
    page, *_ = write_review(review, asked.bundle, words["out"], words["gpx"].stem, told, course_sha256=course_sha256)
    lines = [*reading(review, told), *(f"note: of what happened: {note}" for note in review.actual.notes)]
    sys.stdout.write("\n".join([*lines, f"→ {page}"]) + "\n")
    return 0

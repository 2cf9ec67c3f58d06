"""``trailcast review``: a plan against what happened."""

from __future__ import annotations

from lib.core.errors import InputError
from lib.race.words import Words, read_words
from utils.cli.notebook import run_notebook
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
        raise InputError(
            "no course", "GPX=course.gpx and the options of the plan, or PLAN=plan.json", "Add one of them."
        )
    return words


def run(words: Words) -> int:
    """Compare the plan with the recording, and write the page."""
    words = complete(words)
    return run_notebook("08_predicted_against_actual", words, words["gpx"].stem, "_review")

"""``trailcast bench``: what a prediction costs in every way."""

from __future__ import annotations

from lib.race.options import SHIPPED_MODEL
from lib.race.words import Words
from utils.bench.bench import measure


def run(words: Words) -> int:
    """Measure, print the table and write it."""
    model_dir = words["model_dir"] or SHIPPED_MODEL
    return measure(model_dir, words["work"], words["out"], words["processes"], words["repeats"])

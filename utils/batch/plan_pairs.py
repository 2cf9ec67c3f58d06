"""Prediction of pairs with a page and a course for watches of each; apart, as what a page says changes no result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final

from lib.core.errors import InputError
from lib.report.export.fit import fit_bytes
from utils.batch.predict_pairs import Network, Outcome, Pair, outcome_of, races
from utils.plan_page.page import plan_page

ENDINGS: Final = (".html", ".fit")
"""Files of each plan; the page first."""


def plan_pairs(network: Network, pairs: Sequence[Pair], said: Mapping[str, str]) -> list[Outcome]:
    """Predict pairs as `utils.batch.predict_pairs.predict_pairs`, with the files of `ENDINGS`."""
    outcomes = []
    for pair, race, bundle in races(network, pairs, said):
        outcome = outcome_of(pair, race)
        if not isinstance(race, InputError) and not isinstance(bundle, InputError):
            name = PurePosixPath(pair.course.label).name
            page = plan_page(
                race, bundle, course_sha256=pair.course.sha256, files=[f"{name}.fit"], athlete=pair.athlete.label
            )
            outcome = replace(outcome, files={".html": page.encode(), ".fit": fit_bytes(race)})
        outcomes.append(outcome)
    return outcomes

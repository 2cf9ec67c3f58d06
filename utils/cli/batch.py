"""``trailcast batch``: every athlete on every course."""

from __future__ import annotations

import sys

from lib.athlete.effort import parse_effort
from lib.core import schema as c
from lib.core.errors import InputError
from lib.core.units import METRIC, units_of
from lib.race.clock import parse_start
from lib.race.config import RaceConfig
from lib.race.options import NETWORK, SHIPPED_MODEL, race_options
from lib.race.words import Words
from utils.batch.files import SUMMARY, files_in
from utils.batch.predict_pairs import load_network
from utils.batch.run import report, run_batch
from utils.cli.predict import BUNDLE


def _said(words: Words) -> dict[str, str]:
    """What is the same for all; a word that means nothing is refused before anything is computed."""
    said = {option.name: words.given[option.name] for option in race_options() if option.name in words.given}
    if parse_effort(words["effort"]) is None:
        said.pop("effort", None)  # by whatever word, it is the usual one
    RaceConfig(model=said.get("model", NETWORK))
    if units_of(words["units"]) is METRIC:
        said.pop("units", None)
    if "start" in said:
        parse_start(said["start"], said.get("zone"))
    return said


def run(words: Words) -> int:
    """Predict every pair; returns 1 if one failed."""
    if words["workers"] == 0:
        raise InputError("0 workers", "1 or more", "Change the number.", "workers")
    try:
        rows, predicted = run_batch(
            files_in(words["courses"], ".gpx", deep=True),
            files_in(words["athletes"], ".json", ".parquet"),
            words["out"],
            load_network(words["model_dir"] or SHIPPED_MODEL, BUNDLE),
            _said(words),
            words["scheduler"] or None,
            words["workers"],
            words["plans"],
        )
    except KeyboardInterrupt:
        sys.stderr.write("stopped; the same command goes on where it stopped\n")
        return 130
    failed = sum(row[c.ERROR] is not None for row in rows)
    sys.stderr.write("".join(f"{line}\n" for line in report(rows)))
    there = len(rows) - predicted - failed
    sys.stdout.write(f"{words['out'] / SUMMARY}: {predicted} predicted, {there} already there, {failed} failed\n")
    return 1 if failed else 0

"""How well athletes are predicted whom nothing was fitted on: each left out in turn, all others fitting everything."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from lib.athlete.bundle import Bundle, load_bundle
from lib.core.errors import InputError
from lib.core.files import write_atomically
from lib.evaluation.backtest import OURS, REFERENCE, backtest, predictor
from lib.evaluation.metrics import leaderboard
from lib.inference.reference_backend import reference_backend
from lib.recordings.sessions import read_athletes, split_by_date
from lib.training.checkpoint import BUNDLE
from lib.training.population import fit_prior
from utils.studies.command import run_study, study_options

LAST_SHARE: Final = 0.2
SHOWN: Final = ("mape", "bias", "mape_hilly", "split_mae_pct", "arrival_mae_pct", "heart_rate_mae_bpm", "coverage80",
                "width80_pct")  # fmt: skip

logger = logging.getLogger(__name__)


def leave_out(athletes: Mapping[str, pd.DataFrame], bundle: Bundle) -> list[dict[str, Any]]:
    """Predict the last sessions of each athlete with what the earlier sessions of the others say of anybody.

    There is no network: it learned from these athletes, and leaves the finish as the reference has it.

    Parameters
    ----------
    athletes : mapping of str to DataFrame
        All sessions of two athletes or more.
    bundle : Bundle
        Of the model; what it believes of anybody is not used.

    Returns
    -------
    list of dict
        `lib.evaluation.metrics.leaderboard_rows` of the model without its network, and of every baseline.
    """
    if len(athletes) < 2:
        raise InputError(f"{len(athletes)} athlete", "two or more", "Add session tables of others.")
    parts = {name: split_by_date(sessions, LAST_SHARE) for name, sessions in athletes.items()}
    earlier = {name: before for name, (before, _) in parts.items()}
    rows = []
    for name, (_, later) in parts.items():
        prior = fit_prior({other: sessions for other, sessions in earlier.items() if other != name})
        others_only = replace(bundle, prior=prior)
        predict = predictor(reference_backend(others_only), others_only)
        rows += backtest(earlier, {name: later}, prior, predict)["rows"]
        logger.info("%s left out", name)
    assert not any(row["predictor"] == REFERENCE for row in rows)
    return rows


def by_athlete(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Ours for each athlete, beside the baseline that is best on the mean over all of them."""
    best = next(name for name in leaderboard(rows).index if name != OURS)
    table = pd.DataFrame([row for row in rows if row["predictor"] in (OURS, best)])
    return table.set_index(["athlete", "predictor"])[["n", *SHOWN]]


def _measure(options: argparse.Namespace) -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    rows = leave_out(read_athletes(options.sessions), load_bundle(options.model_dir / BUNDLE))
    if options.out is not None:
        write_atomically(options.out, (json.dumps(rows, indent=1) + "\n").encode())
    means = leaderboard(rows)[list(SHOWN)]
    for table in (by_athlete(rows), means):
        sys.stdout.write(f"{table.astype(float).round(3).to_string()}\n\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = study_options("Each athlete left out in turn, and predicted with what the others say of anybody.")
    parser.add_argument("--out", type=Path, help="JSON file of all rows")
    return run_study(_measure, parser, arguments)


if __name__ == "__main__":
    sys.exit(main())

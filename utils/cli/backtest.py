"""``trailcast backtest``: later sessions predicted from earlier ones, with trailcast and the baselines."""

from __future__ import annotations

import json
import logging
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from lib.athlete.bundle import load_bundle
from lib.core.files import write_atomically
from lib.evaluation.backtest import REFERENCE, backtest, predictor
from lib.evaluation.metrics import leaderboard
from lib.evaluation.original.recipe import OriginalConfig
from lib.race.options import SHIPPED_MODEL
from lib.race.words import Words
from lib.recordings.sessions import read_athletes
from lib.training.checkpoint import BUNDLE, WEIGHTS, load_model
from lib.training.torch_backend import torch_backend

SHOWN = (
    "mape", "bias", "mape_hilly", "mape_effort_known", "split_mae_pct", "arrival_mae_pct", "heart_rate_mae_bpm",
    "heart_rate_shape_mae_bpm", "cadence_mae_rpm", "coverage50", "coverage80", "coverage95", "width80_pct",
)  # fmt: skip


def _without_nan(value: Any) -> Any:
    """JSON has no NaN: None, where nothing was there to measure."""
    if isinstance(value, dict):
        return {k: _without_nan(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_without_nan(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def run_backtest(
    history: Mapping[str, pd.DataFrame],
    test: Mapping[str, pd.DataFrame],
    model_dir: Path,
    out: Path,
    original_config: OriginalConfig | None = None,
) -> dict[str, Any]:
    """Predict the sessions in `test` and write what came of it to `out`, whole or not at all.

    Parameters
    ----------
    history, test : mapping of str to DataFrame
        Session tables by athlete; those of `test` follow those of `history`.
    model_dir : Path
        Folder of the model and its bundle.
    out : Path
        JSON file.
    original_config : OriginalConfig, optional
        Train the original pipeline too.

    Returns
    -------
    dict
        What was written: `lib.evaluation.backtest.backtest`'s, with None for what was not there to measure.
    """
    bundle = load_bundle(model_dir / BUNDLE, model_dir / WEIGHTS)
    predict = predictor(torch_backend(load_model(model_dir)), bundle)
    result = _without_nan(backtest(history, test, bundle.prior, predict, original_config=original_config))
    write_atomically(out, (json.dumps(result, indent=1, allow_nan=False) + "\n").encode())
    return result


def differences_text(result: Mapping[str, Any]) -> str:
    """What the network adds to the reference, and the finish against the best baseline, with 95% intervals."""
    found = [row for row in result["differences"] if row["versus"] == REFERENCE]
    finish = [row for row in result["differences"] if row["measure"] == "finish_error_pct" and row not in found]
    found += sorted(finish, key=lambda row: row["error_versus"])[:1]
    return "\n".join(
        f"{row['measure']:26s} {row['error']:8.3f}, {row['versus']} {row['error_versus']:.3f}: "
        f"{row['difference']:+.3f} ({row['low']:+.3f} to {row['high']:+.3f})"
        for row in found
    )


def run(words: Words) -> int:
    """Predict, write the result, print the leaderboard."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    history, test = read_athletes(words["history"]), read_athletes(words["test"])
    # Twice as wide as the diagnosis needs it, and twice the windows: a baseline is not to be starved.
    steps: int = words["original_steps"]
    original = OriginalConfig(hidden_size=16, steps=steps, batch_size=24) if steps else None
    result = run_backtest(history, test, words["model_dir"] or SHIPPED_MODEL, words["out"], original)
    table = leaderboard(result["rows"])
    columns = [name for name in SHOWN if name in table]
    sys.stdout.write(f"{table[columns].round(3).to_string()}\n\n{differences_text(result)}\n{words['out']}\n")
    return 0

"""``trailcast races``: how far off plans and predictions of races are, on tables of real splits and results."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from tqdm import tqdm

from lib.athlete.bundle import Bundle, load_bundle
from lib.athlete.race_ratings import RaceRating, shipped_ratings
from lib.athlete.results_level import shipped_params
from lib.core.errors import InputError
from lib.core.files import write_atomically
from lib.core.numeric import SCORE_80
from lib.evaluation.day_fit import fit_day_spread
from lib.evaluation.law_fit import fit_law
from lib.evaluation.race_effects import ratings_csv, ratings_of
from lib.evaluation.race_tables import RaceYear, has_splits, read_races
from lib.evaluation.races import PREDICTORS, RaceRow, by_event, mean_of_events, score_races, with_earlier
from lib.evaluation.result_tables import has_results, read_results
from lib.evaluation.results import FOLDS, ResultRow, fit_results, results_summary, score_left_out, score_results
from lib.evaluation.underway import UnderwayRow, score_all_underway, underway_summary
from lib.inference.onnx_backend import ONNX, onnx_backend
from lib.inference.rollout import Backend
from lib.plan.day_state import DaySpread
from lib.race.options import SHIPPED_MODEL
from lib.race.words import Words
from utils.cli.predict import BUNDLE

_MOST_FOUND: Final = 40


def run_races(data: Path, earlier: Path | None, model_dir: Path, fit: bool) -> dict[str, Any]:
    """Score the races and results of a folder; what it lacks is not scored.

    Parameters
    ----------
    data, earlier : Path
        Folders of race tables; `earlier` has more years of these races.
    model_dir : Path
        Folder of the model and its bundle.
    fit : bool
        Also fit on the folder, and score left out.

    Returns
    -------
    dict
        ``rows``, ``notes`` of what was left out, and with `fit` what was fitted.
    """
    rows: list[RaceRow | ResultRow | UnderwayRow] = []
    result: dict[str, Any] = {"notes": []}
    if not has_splits(data) and not has_results(data):
        expected = "splits.parquet with races.csv and checkpoints.csv, results.parquet or finishes.parquet"
        raise InputError("none of the race tables", expected, "Check the folder.", data)
    if has_splits(data):
        rows += _score_splits(data, earlier, model_dir, fit, result)
    else:
        result["notes"].append("No splits.parquet: plans at checkpoints were not scored.")
    if has_results(data):
        rows += _score_results(data, fit, result)
    else:
        result["notes"].append("No results.parquet and no finishes.parquet: results were not scored.")
    return {"rows": [row.to_dict() for row in rows], **result}


def _score_splits(
    data: Path, earlier: Path | None, model_dir: Path, fit: bool, result: dict[str, Any]
) -> list[RaceRow | UnderwayRow]:
    """Rows of plans at checkpoints, and of forecasts on the day."""
    bundle = load_bundle(model_dir / BUNDLE)
    backend = onnx_backend(model_dir / ONNX, bundle)
    folder = read_races(data)
    others = read_races(earlier).races if earlier else ()
    result["notes"] += folder.notes
    with tqdm(total=len(folder.races) * (4 if fit else 2), unit="race", disable=not sys.stderr.isatty()) as bar:

        def progress(name: str) -> None:
            bar.set_postfix_str(name)
            bar.update()

        rows: list[RaceRow | UnderwayRow] = []
        rows += score_races(backend, bundle, folder.races, others, progress=progress)
        shipped = (bundle, DaySpread())
        rows += score_all_underway(backend, folder.races, lambda _: shipped, others, progress=progress)
        if fit:
            fitted, spread = _fitted(bundle, folder.races)
            result |= {"law": asdict(fitted.prior.pacing), "spread": asdict(fitted.prior.goal_spread)}
            result |= {"day": asdict(spread)}
            rows += _left_out(backend, bundle, folder.races, others, progress)
    return rows


def _fitted(bundle: Bundle, races: Sequence[RaceYear]) -> tuple[Bundle, DaySpread]:
    """The model with a law that was fitted on these races, and the spreads of forecasts on the day."""
    prior = fit_law(races, bundle.prior)
    return replace(bundle, prior=prior), fit_day_spread(races, prior)


def _left_out(
    backend: Backend, bundle: Bundle, races: Sequence[RaceYear], others: Sequence[RaceYear], progress: Any
) -> list[RaceRow | UnderwayRow]:
    """Rows of races by what was fitted on the other events."""

    @cache
    def without(event: str) -> tuple[Bundle, DaySpread]:
        return _fitted(bundle, [other for other in races if other.event != event])

    rows: list[RaceRow | UnderwayRow] = []
    rows += score_races(backend, lambda race: without(race.event)[0], races, others, "left out", progress)
    rows += score_all_underway(backend, races, lambda race: without(race.event), others, "left out", progress)
    return rows


def _score_results(data: Path, fit: bool, result: dict[str, Any]) -> list[ResultRow]:
    """Rows of results from earlier years."""
    table = read_results(data)
    result["notes"] += table.notes
    rows = score_results(table, shipped_params(), shipped_ratings())
    if not rows:
        result["notes"].append("No runner has results of two years: results were not scored.")
    elif fit:
        with tqdm(total=FOLDS + 1, unit="fit", disable=not sys.stderr.isatty()) as bar:
            rows += score_left_out(table, lambda _: bar.update())
            params, effects = fit_results(table)
            result |= {"level": asdict(params), "ratings": ratings_csv(ratings_of(table, effects))}
            bar.update()
    return rows


def summary(rows: list[RaceRow]) -> str:
    """Mean gap at checkpoints (min) by event and predictor, as text."""
    lines = []
    for scheme in dict.fromkeys(row.scheme for row in rows):
        chosen = [row for row in rows if row.scheme == scheme and row.course == "track"]
        parts = ((f"{scheme}, races with a track", chosen), ("with an earlier edition", with_earlier(chosen)))
        for title, part in parts:
            if part:
                lines.append(f"Mean gap at checkpoints (min), {title}:")
                means = mean_of_events(part)
                for predictor in (p for p in PREDICTORS if p in means):
                    events = " ".join(f"{event} {gap:.1f}" for event, gap in by_event(part, predictor).items())
                    lines.append(f"  {predictor:27s} {means[predictor]:6.1f}   {events}")
    return "\n".join(lines)


def find(name: str) -> str:
    """Ratings of the races that a name may mean, as text.

    Raises
    ------
    InputError
        If there is none.
    """
    found = shipped_ratings().find(name)
    if not found:
        expected = "part of the name of a rated race"
        raise InputError(f"no rated race called {name[:80]!r}", expected, "Write less of the name.", "find")
    shown = found[:_MOST_FOUND]
    width = max(len(rating.name) for rating in shown)
    lines = [f"{'race':{width}s}     km  climb m    effect   ± 80%  results  years", *(_line(r, width) for r in shown)]
    if len(found) > len(shown):
        lines.append(f"and {len(found) - len(shown)} more: write more of the name.")
    lines.append("effect: how much longer it takes than its km and climb tell.")
    return "\n".join(lines)


def _line(rating: RaceRating, width: int) -> str:
    """A rating in a row: effect and its uncertainty as shares of the time."""
    effect, off = (100.0 * math.expm1(x) for x in (rating.effect, SCORE_80 * rating.sd))
    told = f"{rating.km:6.1f} {rating.climb_m:8,.0f} {effect:+8.1f}% {off:6.1f}% {rating.n:8d}"
    return f"{rating.name:{width}s} {told}  {' '.join(map(str, rating.editions))}".rstrip()


def run(words: Words) -> int:
    """Print ratings; or score, write the result, print a summary."""
    if words["find"]:
        sys.stdout.write(f"{find(words['find'])}\n")
        return 0
    result = run_races(words["data"], words["earlier"], words["model_dir"] or SHIPPED_MODEL, words["fit"])
    write_atomically(words["out"], (json.dumps(result, indent=1, allow_nan=False) + "\n").encode())
    said = [
        summary([RaceRow(**row) for row in result["rows"] if row["part"] == "splits"]),
        underway_summary([UnderwayRow(**row) for row in result["rows"] if row["part"] == "underway"]),
        results_summary([ResultRow(**row) for row in result["rows"] if row["part"] == "results"]),
        *result["notes"],
        str(words["out"]),
    ]
    sys.stdout.write("\n".join(part for part in said if part) + "\n")
    return 0

"""``trailcast races``: how far off plans of races are, on tables of real splits."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from lib.athlete.bundle import Bundle, load_bundle
from lib.core.files import write_atomically
from lib.evaluation.law_fit import fit_law
from lib.evaluation.race_tables import RaceYear, read_races
from lib.evaluation.races import EDITION, PREDICTORS, RaceRow, by_event, mean_of_events, score_races
from lib.inference.onnx_backend import ONNX, onnx_backend
from lib.race.options import SHIPPED_MODEL
from lib.race.words import Words
from utils.cli.predict import BUNDLE


def run_races(data: Path, earlier: Path | None, model_dir: Path, fit: bool) -> dict[str, Any]:
    """Score the races of a folder.

    Parameters
    ----------
    data, earlier : Path
        Folders of race tables; `earlier` has more years of these races.
    model_dir : Path
        Folder of the model and its bundle.
    fit : bool
        Also fit the law on the folder, and score it by event left out.

    Returns
    -------
    dict
        ``rows``, ``notes`` of what was left out, and with `fit` the fitted ``law`` and ``spread``.
    """
    bundle = load_bundle(model_dir / BUNDLE)
    backend = onnx_backend(model_dir / ONNX, bundle)
    folder = read_races(data)
    others = read_races(earlier).races if earlier else ()
    with tqdm(total=len(folder.races) * (2 if fit else 1), unit="race", disable=not sys.stderr.isatty()) as bar:

        def progress(name: str) -> None:
            bar.set_postfix_str(name)
            bar.update()

        rows = score_races(backend, bundle, folder.races, others, progress=progress)
        result: dict[str, Any] = {"notes": list(folder.notes)}
        if fit:
            fitted = fit_law(folder.races, bundle.prior)
            result |= {"law": asdict(fitted.pacing), "spread": asdict(fitted.goal_spread)}
            rows += _left_out(backend, bundle, folder.races, others, progress)
    return {"rows": [row.to_dict() for row in rows], **result}


def _left_out(backend: Any, bundle: Bundle, races: Any, others: Any, progress: Any) -> list[RaceRow]:
    """Rows of races by a law that was fitted on the other events."""
    fitted: dict[str, Bundle] = {}

    def without(race: RaceYear) -> Bundle:
        if race.event not in fitted:
            kept = [other for other in races if other.event != race.event]
            fitted[race.event] = replace(bundle, prior=fit_law(kept, bundle.prior))
        return fitted[race.event]

    return score_races(backend, without, races, others, "left out", progress)


def summary(rows: list[RaceRow]) -> str:
    """Mean gap at checkpoints (min) by event and predictor, as text."""
    lines = []
    for scheme in dict.fromkeys(row.scheme for row in rows):
        chosen = [row for row in rows if row.scheme == scheme and row.course == "track"]
        with_earlier = {(row.race, row.year) for row in chosen if row.predictor == EDITION}
        paired = [row for row in chosen if (row.race, row.year) in with_earlier]
        for title, part in ((f"{scheme}, races with a track", chosen), ("with an earlier edition", paired)):
            if part:
                lines.append(f"Mean gap at checkpoints (min), {title}:")
                means = mean_of_events(part)
                for predictor in (p for p in PREDICTORS if p in means):
                    events = " ".join(f"{event} {gap:.1f}" for event, gap in by_event(part, predictor).items())
                    lines.append(f"  {predictor:27s} {means[predictor]:6.1f}   {events}")
    return "\n".join(lines)


def run(words: Words) -> int:
    """Score, write the result, print a summary."""
    result = run_races(words["data"], words["earlier"], words["model_dir"] or SHIPPED_MODEL, words["fit"])
    write_atomically(words["out"], (json.dumps(result, indent=1, allow_nan=False) + "\n").encode())
    sys.stdout.write(f"{summary([RaceRow(**row) for row in result['rows']])}\n{words['out']}\n")
    return 0

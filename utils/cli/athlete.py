"""``trailcast athlete``: an athlete's recorded runs and race results as a profile of a few KB; nothing is trained."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lib.athlete.bundle import load_bundle, save_bundle
from lib.athlete.profile import KEPT_RESULTS, AthleteProfile, profile_after, with_results
from lib.athlete.results_level import Result
from lib.core import schema as c
from lib.core.text import counted_noun
from lib.race.config import results_given
from lib.race.options import SHIPPED_MODEL
from lib.race.results_text import result_text, results_from_text
from lib.race.words import Words
from lib.recordings.sessions import read_sessions
from utils.cli.sessions import imported

if TYPE_CHECKING:
    import pandas as pd

BUNDLE: Final = "normalizers.json"


def make_athlete(sessions: pd.DataFrame | None, model_dir: Path, out: Path, results: Sequence[Result] = ()) -> int:
    """Write the profile of the athlete who ran `sessions` and reached `results`; returns its size in bytes."""
    bundle = load_bundle(model_dir / BUNDLE)
    profile = AthleteProfile() if sessions is None else profile_after(sessions, bundle.prior)
    return save_bundle(bundle.for_athlete(with_results(profile, results)), out)


def run(words: Words) -> int:
    """Make the profile, and say in a few lines what it is of."""
    data: Path | None = words["data"]
    sessions, made_of = None, []
    if data is not None:
        if data.suffix.lower() == ".parquet":
            sessions = read_sessions(data)
        else:
            sessions, line = imported(data, words["out"])
            sys.stderr.write(f"{line}\n")
        made_of.append(counted_noun(sessions[c.SESSION_ID].nunique(), "run"))
    results = results_from_text(results_given(words["results"])) if words["results"].strip() else ()
    if results:
        made_of.append(counted_noun(len(results), "race result"))
    size = make_athlete(sessions, words["model_dir"] or SHIPPED_MODEL, words["out"], results)
    sys.stdout.write("".join(f"{result_text(result)}\n" for result in results))
    if len(results) > KEPT_RESULTS:
        sys.stdout.write(f"The latest {KEPT_RESULTS} of them are kept.\n")
    sys.stdout.write(f"{words['out']}: {size / 1024:.2f} KB, from {' and '.join(made_of)}\n")
    return 0

"""``trailcast athlete``: an athlete's recorded runs and race results as a profile of a few KB; nothing is trained."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lib.athlete.bundle import Bundle, load_bundle, save_bundle
from lib.athlete.profile import KEPT_RESULTS, AthleteProfile, profile_after, with_results
from lib.athlete.results_level import Result
from lib.core import schema as c
from lib.core.files import check_place
from lib.core.text import counted_noun
from lib.core.units import units_of
from lib.race.config import results_given
from lib.race.options import SHIPPED_MODEL
from lib.race.results_text import results_from_text
from lib.race.words import Words
from lib.recordings.sessions import read_sessions
from lib.report.profile_card import card_lines, profile_card
from utils.cli.sessions import imported
from utils.plan_page.profile_page import write_profile_page

if TYPE_CHECKING:
    import pandas as pd

BUNDLE: Final = "normalizers.json"


def make_athlete(
    sessions: pd.DataFrame | None, model_dir: Path, out: Path, results: Sequence[Result] = ()
) -> tuple[Bundle, int]:
    """Write the profile of the athlete who ran `sessions` and reached `results`; returns it and its size in bytes."""
    bundle = load_bundle(model_dir / BUNDLE)
    profile = AthleteProfile() if sessions is None else profile_after(sessions, bundle.prior)
    made = bundle.for_athlete(with_results(profile, results))
    return made, save_bundle(made, out)


def run(words: Words) -> int:
    """Make the profile, and say in a few lines what it is of."""
    data: Path | None = words["data"]
    units = units_of(words["units"])
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
    out: Path = words["out"]
    page = out.with_suffix(".html")
    check_place(page)
    bundle, size = make_athlete(sessions, words["model_dir"] or SHIPPED_MODEL, out, results)
    card = profile_card(bundle)
    write_profile_page(card, bundle, page, out.stem, units)
    lines = card_lines(card, units)
    width = max(map(len, lines), default=0) + 2
    sys.stdout.write("".join(f"{key + ':':<{width}}{value}\n" for key, value in lines.items()))
    if len(results) > KEPT_RESULTS:
        sys.stdout.write(f"The latest {KEPT_RESULTS} of them are kept.\n")
    sys.stdout.write(
        f"{out}: {size / 1024:.2f} KB, from {' and '.join(made_of)}; {page.name} tells what it has learned\n"
    )
    return 0

"""``trailcast athlete``: an athlete's recorded runs as a profile of a few KB; nothing is trained."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lib.athlete.bundle import load_bundle, save_bundle
from lib.athlete.profile import profile_after
from lib.core import schema as c
from lib.race.options import SHIPPED_MODEL
from lib.race.words import Words
from lib.recordings.sessions import read_sessions
from utils.cli.sessions import imported

if TYPE_CHECKING:
    import pandas as pd

BUNDLE: Final = "normalizers.json"


def make_athlete(sessions: pd.DataFrame, model_dir: Path, out: Path) -> int:
    """Write the profile of the athlete who ran `sessions`; returns its size in bytes."""
    bundle = load_bundle(model_dir / BUNDLE)
    return save_bundle(bundle.for_athlete(profile_after(sessions, bundle.prior)), out)


def run(words: Words) -> int:
    """Make the profile, and say in one line what it is of."""
    data: Path = words["data"]
    if data.suffix.lower() == ".parquet":
        sessions = read_sessions(data)
    else:
        sessions, line = imported(data, words["out"])
        sys.stderr.write(f"{line}\n")
    size = make_athlete(sessions, words["model_dir"] or SHIPPED_MODEL, words["out"])
    runs = sessions[c.SESSION_ID].nunique()
    sys.stdout.write(f"{words['out']}: {size / 1024:.2f} KB, from {runs} {'run' if runs == 1 else 'runs'}\n")
    return 0

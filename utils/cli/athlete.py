"""In: sessions or recorded activities of an athlete, and a model's bundle. Out: the athlete's own bundle."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from lib.athlete.bundle import load_bundle, save_bundle
from lib.athlete.profile import profile_after
from lib.core.errors import InputError
from lib.recordings.importer import sessions_from_path
from lib.recordings.sessions import read_sessions
from lib.training.checkpoint import WEIGHTS
from lib.training.inputs import BUNDLE

ROOT = Path(__file__).resolve().parents[2]


def make_athlete(sessions: pd.DataFrame, model_dir: Path, out: Path) -> int:
    """Write the bundle of the athlete who ran `sessions`; returns its size in bytes. Nothing is trained."""
    bundle = load_bundle(model_dir / BUNDLE, model_dir / WEIGHTS)
    return save_bundle(bundle.for_athlete(profile_after(sessions, bundle.prior)), out)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(description="Make an athlete's bundle of recorded runs.")
    parser.add_argument("data", type=Path, help="session table (.parquet), or activities: a file, a folder, an archive")
    parser.add_argument("out", type=Path, help="where to write the bundle (.json)")
    parser.add_argument("--model-dir", type=Path, default=ROOT / "checkpoints_v2", help="folder of the model")
    options = parser.parse_args(arguments)
    try:
        if options.data.suffix == ".parquet":
            sessions = read_sessions(options.data)
        else:
            sessions, summary = sessions_from_path(options.data)
            sys.stderr.write(f"{summary.line()}\n")
        size = make_athlete(sessions, options.model_dir, options.out)
    except InputError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    runs = sessions["session_id"].nunique()
    sys.stdout.write(f"{options.out}: {size / 1024:.2f} KB, from {runs} runs\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

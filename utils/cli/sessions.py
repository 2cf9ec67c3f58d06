"""In: recordings (a file, folder or archive) and a name. Out: one athlete's sessions as parquet, and one line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

if __package__ in (None, ""):  # run as a script: the library lies beside this folder
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from lib.core.errors import InputError
from lib.recordings.importer import ImportConfig, sessions_from_path
from lib.recordings.sessions import write_sessions


def main(arguments: Sequence[str] | None = None) -> int:
    """Import recordings; 0 if a parquet was written, 2 if not (with one line on stderr)."""
    parser = argparse.ArgumentParser(description="Make an athlete's session table of recorded activities.")
    parser.add_argument("path", type=Path, help="FIT, GPX, TCX or Polar Flow JSON; a folder; or a zip archive")
    parser.add_argument("out", type=Path, help="parquet to write, e.g. data/athletes/me.parquet")
    parser.add_argument("--min-distance", type=float, default=ImportConfig.min_distance_m, help="in m (%(default)g)")
    parser.add_argument("--quiet", action="store_true", help="no progress bar, no list of problems")
    options = parser.parse_args(arguments)
    try:
        config = ImportConfig(min_distance_m=options.min_distance)
        sessions, summary = sessions_from_path(options.path, progress=not options.quiet, config=config)
        write_sessions(sessions, options.out)
    except InputError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return 2
    if not options.quiet:
        for outcome in summary.problems():
            for text in [outcome.reason] if outcome.status == "unreadable" else outcome.warnings:
                print(f"  {text if text.startswith(outcome.file) else f'{outcome.file}: {text}'}", file=sys.stderr)
    print(summary.line())
    return 0


if __name__ == "__main__":
    sys.exit(main())

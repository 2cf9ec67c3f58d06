"""``trailcast sessions``: an athlete's recorded activities as one session table."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from lib.race.words import Words
from lib.recordings.importer import ImportConfig, sessions_from_path
from lib.recordings.sessions import write_sessions

if TYPE_CHECKING:
    import pandas as pd


def imported(
    data: Path, out: Path, quiet: bool = False, config: ImportConfig | None = None
) -> tuple[pd.DataFrame, str]:
    """Read an archive: its sessions, and one line on what became of its files.

    A CSV beside `out` says it of each file; problems go to stderr.
    """
    sessions, summary = sessions_from_path(data, progress=not quiet, config=config, report=out)
    if not quiet:
        for outcome in summary.problems():
            for text in [outcome.reason] if outcome.status == "unreadable" else outcome.warnings:
                sys.stderr.write(f"  {text if text.startswith(outcome.file) else f'{outcome.file}: {text}'}\n")
    return sessions, f"{summary.line()} ({out.with_suffix('.files.csv').name} says why)"


def run(words: Words) -> int:
    """Import recordings, and say in one line what came of them."""
    config = ImportConfig(min_distance_m=words["min_distance_m"])
    sessions, line = imported(words["data"], words["out"], words["quiet"], config)
    write_sessions(sessions, words["out"])
    sys.stdout.write(f"{line}\n")
    return 0

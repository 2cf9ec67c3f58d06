"""``trailcast sessions``: an athlete's recorded activities as one session table."""

from __future__ import annotations

import sys

from lib.race.words import Words
from lib.recordings.importer import ImportConfig, sessions_from_path
from lib.recordings.sessions import write_sessions


def run(words: Words) -> int:
    """Import recordings, and say in one line what came of them; problems go to stderr."""
    config = ImportConfig(min_distance_m=words["min_distance_m"])
    sessions, summary = sessions_from_path(words["data"], progress=not words["quiet"], config=config)
    write_sessions(sessions, words["out"])
    if not words["quiet"]:
        for outcome in summary.problems():
            for text in [outcome.reason] if outcome.status == "unreadable" else outcome.warnings:
                sys.stderr.write(f"  {text if text.startswith(outcome.file) else f'{outcome.file}: {text}'}\n")
    sys.stdout.write(f"{summary.line()}\n")
    return 0

"""Command line of a study: its options, and a user's mistake as one line."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from lib.race.options import SHIPPED_MODEL
from utils.cli.mistakes import says_mistakes


def study_options(description: str, sessions: bool = True) -> argparse.ArgumentParser:
    """Options that studies share: a folder of sessions, if it needs one, and the folder of the model."""
    parser = argparse.ArgumentParser(description=description)
    if sessions:
        parser.add_argument("sessions", type=Path, help="folder of session tables, one parquet per athlete")
    parser.add_argument("--model-dir", type=Path, default=SHIPPED_MODEL, help="folder of the model")
    return parser


def run_study(
    study: Callable[[argparse.Namespace], None], parser: argparse.ArgumentParser, arguments: Sequence[str] | None
) -> int:
    """Run a study; returns the exit status: 0 done, 2 a user's mistake."""

    @says_mistakes
    def main(given: Sequence[str] | None) -> int:
        study(parser.parse_args(given))
        return 0

    return main(arguments)

"""Command line of a study: its options, and a user's mistake as one line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from lib.core.errors import InputError
from lib.race.options import SHIPPED_MODEL


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
    try:
        study(parser.parse_args(arguments))
    except InputError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0

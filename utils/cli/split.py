"""In: a folder of session tables. Out: two folders, the earlier and the later part of each athlete's sessions."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from lib.core.errors import InputError
from lib.recordings.sessions import read_athletes, write_sessions
from lib.training.dataset import split_by_date


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(description="Divide session tables by date, to backtest on the later part.")
    parser.add_argument("sessions", type=Path, help="folder of session tables, one parquet per athlete")
    parser.add_argument("out", type=Path, help="folder that gets history/ and test/")
    parser.add_argument("--last-share", type=float, default=0.2, help="share of the sessions, the last ones, for test/")
    options = parser.parse_args(arguments)
    try:
        if not 0 < options.last_share < 1:
            found = f"a share of {options.last_share:g} for test/"
            raise InputError(found, "a number above 0 and below 1", "Give another share.")
        for name, sessions in read_athletes(options.sessions).items():
            for part, table in zip(("history", "test"), split_by_date(sessions, options.last_share), strict=True):
                path = options.out / part / f"{name}.parquet"
                path.parent.mkdir(parents=True, exist_ok=True)
                write_sessions(table, path)
    except InputError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

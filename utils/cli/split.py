"""``trailcast split``: session tables divided by date, to backtest on the later part."""

from __future__ import annotations

from lib.core.errors import InputError
from lib.race.words import Words
from lib.recordings.sessions import read_athletes, split_by_date, write_sessions


def run(words: Words) -> int:
    """Write the earlier part of each athlete's sessions into history/, the later into test/."""
    share: float = words["last_share"]
    if not 0 < share < 1:
        found = f"a share of {share:g} for test/"
        raise InputError(found, "a number above 0 and below 1", "Give another share.", "last_share")
    for name, sessions in read_athletes(words["data"]).items():
        for part, table in zip(("history", "test"), split_by_date(sessions, share), strict=True):
            path = words["out"] / part / f"{name}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_sessions(table, path)
    return 0

"""Splits of one race and year out of a folder of race tables, as the CSV that a plan takes."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np

from lib.core.durations import h_mm_ss
from lib.core.errors import InputError, NoSuchFileError
from lib.race.edition_csv import MAX_RUNNERS

_TABLES = {
    "checkpoints.csv": ["race", "year", "checkpoint", "distance_km"],
    "splits.parquet": ["race", "year", "runner", "finished", "checkpoint", "elapsed_s"],
}


def splits_of_tables(folder: Path, race: str, year: str) -> str:
    """Write the splits of finishers as a CSV with a row for each, for `lib.race.edition_csv.edition_from_csv`.

    Parameters
    ----------
    folder : Path
        With ``checkpoints.csv`` and ``splits.parquet``, as `lib.evaluation.race_tables` reads them.
    race, year : str
        Which of its races. Of more than 5,000 finishers every so many is taken.

    Raises
    ------
    InputError
        If a table or column is missing, or nobody finished such a race; it lists the races that there are.
    """
    import pandas as pd  # here: plans without race tables do without

    read = []
    for name, columns in _TABLES.items():
        path = folder / name
        if not path.is_file():
            raise NoSuchFileError(path)
        try:
            read.append((pd.read_csv if path.suffix == ".csv" else pd.read_parquet)(path)[columns])
        except (KeyError, ValueError, OSError) as error:
            raise InputError("a table that cannot be used", ", ".join(columns), "Correct it.", path) from error
    points, splits = (table[(table.race == race) & (table.year.astype(str) == year)] for table in read)
    if points.empty or splits.empty:
        there = sorted({f"{name} {number}" for name, number in zip(read[1].race, read[1].year, strict=True)})
        raise InputError(f"no {race[:40]} {year[:8]}", ", ".join(there)[:400], "Name one of these.", "edition")
    last = points.checkpoint.max()
    wide = splits.pivot_table(index="runner", columns="checkpoint", values="elapsed_s", aggfunc="first")
    finished = splits.groupby("runner").finished.any()
    wide = wide[wide[last].notna() & (finished | ~finished.any())] if last in wide else wide[:0]
    if wide.empty:
        raise InputError(
            f"nobody with a time at the finish of {race} {year}", "finishers", "Take another year.", folder
        )
    wide = wide.sort_values(last)
    wide = wide.iloc[np.unique(np.linspace(0, len(wide) - 1, min(len(wide), MAX_RUNNERS)).astype(int))]
    km = {row.checkpoint: row.distance_km for row in points.itertuples() if row.distance_km > 0}
    wide = wide[[checkpoint for checkpoint in wide.columns if checkpoint in km]]
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow([f"km {km[checkpoint]:g}" for checkpoint in wide.columns])
    writer.writerows([h_mm_ss(s) if s >= 0 else "" for s in row] for row in wide.to_numpy(float).tolist())  # NaN: empty
    return written.getvalue()

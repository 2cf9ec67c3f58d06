"""Files of a batch: inputs by name, one parquet per pair, and a summary."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lib.core import schema as c
from lib.core.errors import InputError
from lib.core.files import replacing, write_atomically
from lib.core.text import no_formula
from lib.plan.race_plan import RacePlan
from lib.report.summary import NUMBERS, totals

STEP_COLUMNS: Final = (c.DISTANCE, c.ALTITUDE, c.DURATION, c.ELAPSED, c.HEART_RATE, c.CADENCE)
"""What a pair's file has of every step."""

SUMMARY: Final = "summary.parquet"
_TEXTS: Final = (c.REPAIRS, c.FILE, c.PAGE, c.ERROR)
SUMMARY_SCHEMA: Final = pa.schema(
    [
        *(pa.field(name, pa.string(), nullable=False) for name in (c.ATHLETE, c.COURSE)),
        *(pa.field(name, pa.float64()) for name in NUMBERS),
        *(pa.field(name, pa.string()) for name in _TEXTS),
    ]
)

_KEY: Final = "trailcast_batch"
_LONGEST_TEXT: Final = 500
_LONGEST_NAME: Final = 200
"""Bytes: file systems take 255, and a suffix and a temporary name come on top."""


@dataclass(frozen=True)
class Source:
    """A file as it was read.

    Parameters
    ----------
    label : str
        Its name in its folder, without suffix; names the output too.
    content : bytes
        What is in it.
    error : str, optional
        Why it could not be read; there is no content then.
    stations : str
        Of a course, the CSV that lies beside it.
    """

    label: str
    content: bytes = b""
    error: str | None = None
    stations: str = ""

    @cached_property
    def sha256(self) -> str:
        """Hash of the content, in hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


def one_line(text: str) -> str:
    """Text for a terminal or a table: what is not printable (a file may have put it there) is escaped."""
    return "".join(x if x.isprintable() else ascii(x)[1:-1] for x in text[:_LONGEST_TEXT])


def files_in(folder: Path, *suffixes: str, deep: bool = False) -> dict[str, Path]:
    """Find the files of some kinds, by labels that can name other files.

    Parameters
    ----------
    folder : Path
        Where to look; what is hidden (a name that begins with a dot) is left out.
    suffixes : str
        As ``".gpx"``, in upper or lower case; of files that are called the same the first kind is taken.
    deep : bool
        Look into subfolders too; a label is then ``folder/name``.

    Returns
    -------
    dict
        Label (path in the folder without suffix) → file, in order of label.

    Raises
    ------
    InputError
        If there is no such folder or no such file, a name could not be a file's elsewhere, or two of a kind differ in
        upper and lower case alone, so that one output would replace the other's.
    """
    kinds = " or ".join(f"*{suffix}" for suffix in suffixes)
    if not folder.is_dir():
        raise InputError("no such folder", f"a folder with {kinds}", "Correct the path.", folder)
    found = [path.relative_to(folder) for path in folder.glob("**/*" if deep else "*") if path.is_file()]
    found = [path for path in found if not any(part.startswith(".") for part in path.parts)]
    taken: dict[str, Path] = {}
    for suffix in suffixes:
        own: dict[str, Path] = {}
        for path in sorted(path for path in found if path.suffix.lower() == suffix):
            label = path.with_suffix("").as_posix()
            _check_name(label, path, folder)
            other = own.setdefault(unicodedata.normalize("NFC", label).casefold(), path)
            if other is not path:
                raise InputError(f"{other} and {path}", "names that differ by more", "Rename one of them.", folder)
        taken = own | taken
    if not taken:
        raise InputError(f"no file {kinds}", "one or more", "Choose the folder that holds them.", folder)
    return {path.with_suffix("").as_posix(): folder / path for path in sorted(taken.values())}


def _check_name(label: str, path: Path, folder: Path) -> None:
    longest = max(len(part.encode("utf-8", "replace")) for part in path.parts)
    if not label.isprintable() or "\\" in label or longest > _LONGEST_NAME:
        raise InputError(
            f"the name {ascii(path.name)[:300]}",
            f"printable characters, no backslash, {_LONGEST_NAME} bytes at most",
            "Rename the file.",
            folder,
        )


def read_source(path: Path, label: str, max_bytes: int) -> Source:
    """The file at `path`; one that is too large or cannot be read says so in its `error`."""
    try:
        size = path.stat().st_size
        if size > max_bytes:
            raise InputError(f"{size} bytes", f"{max_bytes} at most", "Take a smaller file.", path.name)
        return Source(label, path.read_bytes())
    except OSError as error:
        return Source(label, error=f"{path.name}: cannot be read ({error.strerror or type(error).__name__})")
    except InputError as error:
        return Source(label, error=str(error))


def _seal(record: Mapping[str, Any], columns: Sequence[np.ndarray]) -> str:
    """Hash of everything that a pair's file says."""
    digest = hashlib.sha256(json.dumps(record, sort_keys=True).encode())
    for column in columns:
        digest.update(np.ascontiguousarray(column, "<f8").tobytes())
    return digest.hexdigest()


def encoded(race: RacePlan, inputs: str) -> bytes:
    """A pair's file: parquet with `STEP_COLUMNS`, a row for every step; the same plan gives the same bytes.

    Parameters
    ----------
    race : RacePlan
        What is predicted.
    inputs : str
        Hash of what it was predicted from; stands in the metadata, with the totals and a seal over everything.
    """
    columns = {name: np.asarray(race.plan.columns[name], np.float64) for name in STEP_COLUMNS}
    record = {"inputs": inputs, "totals": totals(race)}
    table, content = pa.table(columns), io.BytesIO()
    with pq.ParquetWriter(content, table.schema, compression="zstd", store_schema=False) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({_KEY: json.dumps(record | {"seal": _seal(record, list(columns.values()))})})
    return content.getvalue()


def stored(path: Path, inputs: str) -> dict[str, Any] | None:
    """Totals of the pair in a file, if it is whole and was made of the same inputs; else None."""
    try:
        with pq.ParquetFile(path) as file:
            table, content = file.read(), json.loads(file.metadata.metadata[_KEY.encode()])
        record = {"inputs": content["inputs"], "totals": content["totals"]}
        columns = [table.column(name).to_numpy() for name in STEP_COLUMNS]
        whole = content["seal"] == _seal(record, columns) and tuple(table.column_names) == STEP_COLUMNS
    except Exception:  # there is none, or it is damaged: pyarrow and json raise many kinds
        return None
    return record["totals"] if whole and record["inputs"] == inputs else None


def write_summary(rows: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Write the table of all pairs, as parquet and beside it as CSV, in order of athlete and course.

    What a row lacks is null, or an empty cell.
    """
    ordered = sorted(rows, key=lambda row: (row[c.ATHLETE], row[c.COURSE]))
    table = pa.Table.from_pylist([dict(row) for row in ordered], schema=SUMMARY_SCHEMA)
    with replacing(path) as temporary:
        pq.write_table(table, temporary)
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(SUMMARY_SCHEMA.names)
    for row in table.to_pylist():
        lines.writerow([_cell(name, value) for name, value in row.items()])
    write_atomically(path.with_suffix(".csv"), text.getvalue().encode())


def _cell(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4f}" if name == c.CHANCE else f"{value:.1f}"
    return no_formula(str(value))

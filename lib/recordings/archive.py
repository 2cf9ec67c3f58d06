"""Recordings in a file, a folder or a zip archive, one after the other, within limits."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import BinaryIO, Final, cast

from lib.core.errors import InputError
from lib.core.files import read_limited
from lib.recordings.activities import is_recording

_SMALL_BYTES: Final = 10_000_000
"""So much may be packed however well."""


@dataclass(frozen=True)
class ArchiveLimits:
    """How much is unpacked at most; sizes are counted while reading, whatever the headers say.

    Parameters
    ----------
    file_bytes : int
        One recording.
    archive_bytes : int
        One archive inside another (Garmin's export packs its recordings so).
    packed_times : int
        How many times as large as a zip archive is what may be unpacked of it, and an archive inside it.
    total_bytes : int
        Everything together.
    entries : int
        Files in one archive or folder.
    depth : int
        Archives inside each other; 1 is an archive with files only.
    """

    file_bytes: int = 100_000_000
    archive_bytes: int = 4_000_000_000
    packed_times: int = 50
    total_bytes: int = 50_000_000_000
    entries: int = 500_000
    depth: int = 3

    def __post_init__(self) -> None:
        for name in (item.name for item in fields(self)):
            if getattr(self, name) < 1:
                raise InputError(f"{getattr(self, name)}", "1 or more", "Correct the configuration.", name)


@dataclass(frozen=True)
class Entry:
    """A file found: its name inside what was given, and its content, or why there is none.

    `content` is None and `problem` None for a file whose name is not that of a recording: it is not read.
    """

    name: str
    content: bytes | None = field(repr=False, default=None)
    problem: InputError | None = None


@dataclass
class _Budget:
    """What may still be unpacked in all, and of the archive that is being read."""

    left: int
    limits: ArchiveLimits
    zip_bytes: int = 0


class _TotalError(InputError):
    """The limit of everything together is reached: nothing further is read."""


def _hidden(name: str) -> bool:
    parts = Path(name).parts
    return "__MACOSX" in parts or any(part.startswith(".") and part not in (".", "..") for part in parts)


def _read(stream: BinaryIO, name: str, budget: _Budget) -> bytes:
    if budget.left <= 0:
        raise _TotalError(
            f"more than {budget.limits.total_bytes / 1e9:g} GB in all", "less", "Import it in parts.", name
        )
    content = read_limited(stream, min(budget.limits.file_bytes, budget.left), name)
    budget.left -= len(content)
    budget.zip_bytes -= len(content)
    return content


def _unpack(archive: BinaryIO, prefix: str, budget: _Budget, depth: int) -> Iterator[Entry]:
    """Entries of a zip archive in order of name; nothing is written under any name that it holds."""
    limits = budget.limits
    try:
        opened = zipfile.ZipFile(archive)
    except Exception as error:  # BadZipFile, but also struct, unicode and value errors on damaged bytes
        raise InputError(f"a damaged zip archive ({error})", "a whole zip", "Download it again.", prefix) from error
    with opened:
        files = [info for info in opened.infolist() if not info.is_dir() and not _hidden(info.filename)]
        if len(files) > limits.entries:
            raise InputError(f"{len(files)} files", f"at most {limits.entries}", "Import it in parts.", prefix)
        for info in sorted(files, key=lambda i: i.filename):
            name = f"{prefix}/{info.filename}" if prefix else info.filename
            nested = info.filename.lower().endswith(".zip")
            if not nested and not is_recording(info.filename):
                yield Entry(name)
                continue
            try:
                if nested and depth >= limits.depth:
                    raise InputError(
                        f"archives inside each other deeper than {limits.depth}", "fewer", "Unpack it first.", name
                    )
                try:
                    stream = cast(BinaryIO, opened.open(info))
                except Exception as error:  # encrypted, unknown compression, damaged header
                    raise InputError(
                        f"an entry that cannot be opened ({error})", "a plain zip entry", "Pack it again.", name
                    ) from error
                with stream:
                    if not nested:
                        if budget.zip_bytes <= 0:
                            raise InputError(
                                f"an archive that unpacks to more than {limits.packed_times} times its size",
                                "less", "Unpack it first.", name,
                            )  # fmt: skip
                        yield Entry(name, _read(stream, name, budget))
                        continue
                    # held in memory while small, else in a nameless file
                    with tempfile.SpooledTemporaryFile(max_size=64_000_000) as inner:
                        _copy(stream, cast(BinaryIO, inner), name, budget)
                        inner.seek(0)
                        yield from _unpack(cast(BinaryIO, inner), name, budget, depth + 1)
            except _TotalError:
                raise
            except InputError as error:
                yield Entry(name, problem=error)


def _copy(stream: BinaryIO, into: BinaryIO, name: str, budget: _Budget) -> None:
    limit_bytes = min(budget.limits.archive_bytes, budget.zip_bytes)
    room = min(limit_bytes, budget.left)
    try:
        while piece := stream.read(1 << 20):
            budget.left -= len(piece)
            room -= len(piece)
            if room < 0:
                raise InputError(
                    "an inner archive above the limit", f"{limit_bytes / 1e6:g} MB unpacked", "Unpack it.", name
                )
            into.write(piece)
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"packed data that is damaged ({error})", "a whole zip", "Get it again.", name) from error


def _walk(folder: Path, budget: _Budget) -> Iterator[Entry]:
    files = sorted(p for p in folder.rglob("*") if not _hidden(str(p.relative_to(folder))) and p.is_file())
    if len(files) > budget.limits.entries:
        raise InputError(f"{len(files)} files", f"at most {budget.limits.entries}", "Import it in parts.", folder)
    for path in files:
        yield from _file(path, path.relative_to(folder).as_posix(), budget)


def _file(path: Path, name: str, budget: _Budget, always: bool = False) -> Iterator[Entry]:
    zipped = path.suffix.lower() == ".zip"
    if not zipped and not always and not is_recording(name):
        yield Entry(name)
        return
    try:
        with path.open("rb") as stream:
            if zipped:
                budget.zip_bytes = budget.limits.packed_times * path.stat().st_size + _SMALL_BYTES
                yield from _unpack(stream, name, budget, 1)
            else:
                yield Entry(name, _read(stream, name, budget))
    except _TotalError:
        raise
    except InputError as error:
        yield Entry(name, problem=error)
    except OSError as error:
        problem = InputError(f"that it cannot be read ({error.strerror})", "one that can", "Check its rights.", name)
        yield Entry(name, problem=problem)


def entries_of(path: str | Path, limits: ArchiveLimits | None = None) -> Iterator[Entry]:
    """Find the files of a path, in order of name; recordings come with their content.

    Parameters
    ----------
    path : str or Path
        A recording, a folder (searched to the bottom) or a zip archive; archives inside are opened too.
    limits : ArchiveLimits, optional
        What is unpacked at most. If everything together is too much, the last entry says so and nothing follows.

    Yields
    ------
    Entry

    Raises
    ------
    InputError
        Nothing is there.
    """
    path = Path(path)
    limits = limits or ArchiveLimits()
    budget = _Budget(limits.total_bytes, limits)
    try:
        if path.is_dir():
            yield from _walk(path, budget)
        elif path.is_file():
            yield from _file(path, path.name, budget, always=True)
        else:
            raise InputError("nothing there", "a recording, a folder or a zip archive", "Correct the path.", path)
    except _TotalError as error:
        yield Entry(error.source or path.name, problem=error)

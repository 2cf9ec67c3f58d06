"""Recordings as samples in time: FIT, GPX, TCX and Polar Flow files, also gzipped."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path

from lib.core.errors import InputError, NoSuchFileError
from lib.core.files import kind_of_file, unpacked
from lib.recordings.formats.activity import Activity
from lib.recordings.formats.fit import read_fit
from lib.recordings.formats.gpx import read_gpx
from lib.recordings.formats.polar import read_polar
from lib.recordings.formats.tcx import read_tcx

__all__ = ["MAX_FILE_BYTES", "SUFFIXES", "Activity", "is_recording", "load_activity", "read_activity"]

MAX_FILE_BYTES = 100_000_000
"""Largest recording read, after unpacking (bytes); a day at 1 Hz is 40 MB of TCX."""

SUFFIXES = (".fit", ".gpx", ".tcx", ".json")
_READERS: dict[str, Callable[[bytes, str], list[Activity]]] = {
    ".fit": read_fit,
    ".gpx": read_gpx,
    ".tcx": read_tcx,
    ".json": read_polar,
}


def is_recording(name: str) -> bool:
    """Whether a name ends like a recording, e.g. ``1.FIT`` or ``2.gpx.gz``."""
    return name.lower().removesuffix(".gz").endswith(SUFFIXES)


def _format_of(content: bytes, name: str) -> str:
    """Suffix of the format by content, or by name where the content does not tell."""
    if content[8:12] == b".FIT":
        return ".fit"
    head = content[:4096].decode("latin-1").replace("\x00", "").lstrip("\ufeffï»¿þÿ \t\r\n")
    if head.startswith("<"):
        lower = head.lower()
        for mark, suffix in (("<gpx", ".gpx"), (":gpx", ".gpx"), ("trainingcenterdatabase", ".tcx")):
            if mark in lower:
                return suffix
    if head.startswith("{"):
        return ".json"
    suffix = "." + name.lower().rpartition(".")[2]
    return suffix if suffix in _READERS else ""


def read_activity(name: str, content: bytes, max_bytes: int = MAX_FILE_BYTES) -> list[Activity]:
    """Read a recording; a FIT multisport file, or a GPX or TCX with several tracks, holds several activities.

    The format is told by content and, where that does not tell, by name. Gzip is unwrapped, once.

    Parameters
    ----------
    name : str
        The file's name, for messages and as `Activity.source`.
    content : bytes
        The file.
    max_bytes : int
        Largest size accepted after unpacking.

    Returns
    -------
    list of Activity
        At least one.

    Raises
    ------
    InputError
        Anything that makes it unreadable, with the name of the file; no other exception.

    Examples
    --------
    >>> activity, *others = read_activity(path.name, path.read_bytes())  # doctest: +SKIP
    """
    content = unpacked(content, max_bytes, name)
    if len(content) > max_bytes:
        raise InputError(f"{len(content) / 1e6:.0f} MB", f"at most {max_bytes / 1e6:g} MB", "Split the file.", name)
    if not content:
        raise InputError("an empty file", "a recording", "Export it again.", name)
    kind = kind_of_file(content)
    if kind == "an athlete profile":
        raise InputError(kind, "a recording", "Give the recording of the run.", name)
    suffix = _format_of(content, name.lower().removesuffix(".gz"))
    if not suffix:
        raise InputError(kind, "FIT, GPX, TCX or Polar Flow JSON", "Export it in one of these.", name)
    try:
        return _READERS[suffix](content, name)
    except (MemoryError, RecursionError, zlib.error) as error:
        raise InputError(f"a file too deep or too large ({error})", "a recording", "Leave it out.", name) from error


def load_activity(path: Path) -> Activity:
    """Read the recording in a file; of several activities in it the longest in samples.

    Raises
    ------
    InputError
        There is no such file, it is too large, or `read_activity` refuses it.
    """
    try:
        found = path.is_file()
    except OSError:  # a name that no file can have
        found = False
    if not found:
        raise NoSuchFileError(path)
    if path.stat().st_size > MAX_FILE_BYTES:
        found = f"{path.stat().st_size / 1e6:.0f} MB"
        raise InputError(found, f"at most {MAX_FILE_BYTES / 1e6:g} MB", "Split the file.", path)
    return max(read_activity(path.name, path.read_bytes()), key=lambda activity: len(activity.samples))

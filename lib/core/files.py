"""Files are written whole or not at all, and told by their first bytes."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, Final, cast

from lib.core.errors import InputError

_CHUNK: Final = 1 << 20


@contextmanager
def _saying(path: Path) -> Iterator[None]:
    """Say in a sentence what stands in the way of writing: a full disk, say."""
    try:
        yield
    except OSError as error:
        raise InputError(
            f"cannot be written ({error.strerror or error})",
            "a folder with room in which you may write",
            "Make room there, or choose another.",
            path,
        ) from error


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Lend a temporary file in the path's folder, which is made if missing."""
    check_place(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def check_place(path: Path) -> None:
    """Refuse a folder in the place of a file that is going to be written, and a file in the place of its folder."""
    if path.is_dir():
        raise InputError("a folder", "a place for a file of that name", "Rename or move the folder.", path)
    nearest = next(parent for parent in path.parents if parent.exists())
    if not nearest.is_dir():
        raise InputError("a file", "a folder, or no such thing", "Rename the file, or choose another folder.", nearest)


def _put(temporary: Path, path: Path) -> None:
    temporary.chmod(0o644)  # a temporary file is its owner's alone, and some libraries keep it so
    os.replace(temporary, path)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Lend a temporary file in the same folder; it takes the path's place if the block ends well, else it goes.

    Parameters
    ----------
    path : Path
        File to write; its folder is made if missing.

    Raises
    ------
    InputError
        If it cannot be written there.
    """
    with _saying(path), _beside(path) as temporary:
        yield temporary
        _put(temporary, path)


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; raises as `replacing`."""
    write_together({path: content})


def write_together(contents: Mapping[Path, bytes]) -> None:
    """Write files as one set: all of them take their places, or all that was there stays.

    Until every file is whole under a temporary name nothing is replaced; what is replaced has a copy until the last is.

    Parameters
    ----------
    contents : mapping of Path to bytes
        Files and what is in them, in the order in which they take their places.

    Raises
    ------
    InputError
        If one cannot be written there.
    """
    new: dict[Path, Path] = {}
    old: dict[Path, Path] = {}
    with ExitStack() as stack:
        for path, content in contents.items():
            with _saying(path):
                new[path] = stack.enter_context(_beside(path))
                new[path].write_bytes(content)
                if len(contents) > 1 and path.exists():
                    old[path] = stack.enter_context(_beside(path))
                    shutil.copyfile(path, old[path])
        placed: list[Path] = []
        try:
            for path in contents:
                placed.append(path)
                with _saying(path):
                    _put(new[path], path)
        except BaseException:
            for path in placed:
                if path in old:
                    _put(old[path], path)
                elif not new[path].exists():
                    path.unlink(missing_ok=True)
            raise


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_limited(stream: BinaryIO, limit_bytes: int, source: str) -> bytes:
    """Read a stream to its end, but never more than a limit, whatever a header said of its size.

    Raises
    ------
    InputError
        More than `limit_bytes`, or packed data that is damaged.
    """
    pieces: list[bytes] = []
    total = 0
    try:
        while piece := stream.read(min(_CHUNK, limit_bytes - total + 1)):
            total += len(piece)
            if total > limit_bytes:
                raise InputError(
                    f"more than {limit_bytes / 1e6:g} MB after unpacking", f"at most {limit_bytes / 1e6:g} MB",
                    "Leave this file out or raise the limit.", source,
                )  # fmt: skip
            pieces.append(piece)
    except InputError:
        raise
    except Exception as error:  # zipfile, gzip, zlib and lzma each raise kinds of their own on damaged data
        raise InputError(
            f"packed data that is damaged ({error})", "a whole file", "Download or export it again.", source
        ) from error
    return b"".join(pieces)


def unpacked(content: bytes, limit_bytes: int, source: str) -> bytes:
    """Unwrap gzip, once; what is not gzipped stays as it is.

    Raises
    ------
    InputError
        As `read_limited`.
    """
    if content[:2] != b"\x1f\x8b":
        return content
    return read_limited(cast(BinaryIO, gzip.GzipFile(fileobj=io.BytesIO(content))), limit_bytes, source)


_MAGIC: Final = (
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x89PNG", "a PNG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive (.gz)"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"PAR1", "a parquet table"),
)
_INSIDE: Final = (
    ("<gpx", "a GPX file"),
    (":gpx", "a GPX file"),
    ("<trainingcenterdatabase", "a TCX recording"),
    ("<html", "a web page"),
    ("<kml", "a KML file"),
)


def kind_of_file(content: bytes) -> str:
    """Say what a file is, from its first bytes: ``"a JPEG picture"``; of no known kind ``"a file of unknown kind"``."""
    if not content.strip():
        return "an empty file"
    for magic, kind in _MAGIC:
        if content.startswith(magic):
            return kind
    if content[8:12] == b".FIT":
        return "a FIT recording"
    head = (
        content[:4096]
        .decode("latin-1")
        .replace("\x00", "")
        .lstrip("\ufeff\u00ef\u00bb\u00bf\u00fe\u00ff \t\r\n")
        .lower()
    )
    if head.startswith("<"):
        return next((kind for mark, kind in _INSIDE if mark in head), "an XML file")
    if head.startswith("{"):
        return "an athlete profile" if '"schema_version"' in head or '"checkpoint_sha256"' in head else "a JSON file"
    return "a file of unknown kind"

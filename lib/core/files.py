"""Files are written whole or not at all, and told by their first bytes."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, cast

from lib.core.errors import InputError

_CHUNK: Final = 1 << 20


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Lend a temporary file in the same folder; it takes the path's place if the block ends well, else it goes.

    Parameters
    ----------
    path : Path
        File to write; its folder is made if missing.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)  # a temporary file is its owner's alone, and some libraries keep it so
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


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

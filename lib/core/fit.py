"""FIT files of devices that crashed, made readable."""

from __future__ import annotations

import struct
from typing import Final

DEGREES: Final = 180.0 / 2**31
"""Degrees of a semicircle, the unit of positions (FIT profile, field units)."""
_HEADERS: Final = (12, 14)


def with_size(content: bytes) -> bytes:
    """Fill in the size of the data where the header says 0, as a device does that crashed before it ended the file."""
    if len(content) < 16 or content[8:12] != b".FIT" or content[0] not in _HEADERS or content[4:8] != bytes(4):
        return content
    head = bytearray(content[: content[0]])
    # The checksum at the end was not written either; if it was, it is two bytes that no message needs.
    head[4:8] = struct.pack("<I", max(len(content) - content[0] - 2, 0))
    if content[0] == 14:
        head[12:14] = b"\0\0"  # 0: the header's own checksum is not there
    return bytes(head) + content[content[0] :]

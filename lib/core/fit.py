"""FIT files of devices that crashed, made readable."""

from __future__ import annotations

import struct
from typing import Final

DEGREES: Final = 180.0 / 2**31
"""Degrees of a semicircle, the unit of positions (FIT profile, field units)."""
_HEADERS: Final = (12, 14)


def with_size(content: bytes) -> bytes:
    """Fill in the size of the data where the header says 0, as a device does that crashed before it ended the file.

    The data end with the last message that is whole; the checksum behind them, if there is none, is 0.
    """
    if len(content) < 16 or content[8:12] != b".FIT" or content[0] not in _HEADERS or content[4:8] != bytes(4):
        return content
    size = content[0]
    end = _end_of_messages(content, size)
    head = bytearray(content[:size])
    head[4:8] = struct.pack("<I", end - size)
    if size == 14:
        head[12:14] = b"\0\0"  # 0: the header has no checksum of its own
    return bytes(head) + content[size:end] + content[end : end + 2].ljust(2, b"\0")


def _end_of_messages(content: bytes, begin: int) -> int:
    """Where the last whole message ends (FIT protocol, record format)."""
    sizes: dict[int, int] = {}
    at = begin
    while at < len(content):
        head = content[at]
        if head & 0xC0 == 0x40:  # a definition: five bytes, then three for each field, then those of developers
            length, size = 6, 1
            for more in range(2 if head & 0x20 else 1):
                if at + length > len(content):
                    return at
                fields = content[at + length - 1]
                first = at + length
                length += 3 * fields + (1 if more == 0 and head & 0x20 else 0)
                size += sum(content[first + 1 : first + 3 * fields : 3])
            if at + length > len(content):
                return at
            sizes[head & 0x0F] = size
        else:
            local = head >> 5 & 0x03 if head & 0x80 else head & 0x0F
            length = sizes.get(local, 0)
            if length == 0 or at + length > len(content):
                return at
        at += length
    return at

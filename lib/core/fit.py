"""FIT files of devices that crashed, made readable, and how much any of them holds before it is read."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from lib.core.errors import InputError

DEGREES: Final = 180.0 / 2**31
"""Degrees of a semicircle, the unit of positions (FIT profile, field units)."""
MAX_MESSAGES: Final = 500_000
"""More than five days at 1 Hz."""
VALUES_EACH: Final = 10
"""Of a message, on average; watches write about as many."""
_HEADERS: Final = (12, 14)
_BASE_BYTES: Final = (1, 1, 1, 2, 2, 4, 4, 1, 4, 8, 1, 2, 4, 1, 8, 8, 8)
"""Bytes of a value by the number of its base type (FIT protocol, base types)."""


def readable(content: bytes, source: str, max_messages: int = MAX_MESSAGES) -> bytes:
    """The file with its size filled in, if a reader will be done with it soon.

    A reader takes about 10 µs for a message and as long for each of its values. Both can be as short as a byte, so
    they are counted before anything is made of them.

    Parameters
    ----------
    content : bytes
        The file; several may be chained in one.
    source : str
        Its name, for messages.
    max_messages : int
        How many it may have, and `VALUES_EACH` times as many values.

    Raises
    ------
    InputError
        If it has more.
    """
    messages = values = 0

    def count(n: int) -> None:
        nonlocal messages, values
        messages += 1
        values += n
        if messages > max_messages or values > VALUES_EACH * max_messages:
            raise InputError(
                f"more than {max_messages} messages, or {VALUES_EACH * max_messages} values in them",
                "a recording of a few days at most", "Split the file.", source,
            )  # fmt: skip

    def walk(first: int, until: int) -> int:
        """Where the last whole message ends that begins before `until`."""
        count(0)  # a header costs as much
        end = first
        for end, n in _messages(content, first) if first < until else ():
            count(n)
            if end >= until:
                break
        return end

    if content[4:12] == bytes(4) + b".FIT" and content[0] in _HEADERS:
        return _with_size(content, walk(content[0], len(content)))
    at = 0
    while at < len(content) and content[at] >= _HEADERS[0] and content[at + 8 : at + 12] == b".FIT":
        first = at + content[at]
        until = first + struct.unpack_from("<I", content, at + 4)[0]
        at = max(until, walk(first, until)) + 2  # behind the data stands their checksum
    return content


def _with_size(content: bytes, end: int) -> bytes:
    """Fill in the size of the data, which a device leaves at 0 that crashed before it ended the file.

    The data end with the last message that is whole; the checksum behind them, if there is none, is 0.
    """
    size = content[0]
    head = bytearray(content[:size])
    head[4:8] = struct.pack("<I", end - size)
    if size == 14:
        head[12:14] = b"\0\0"  # 0: the header has no checksum of its own
    return bytes(head) + content[size:end] + content[end : end + 2].ljust(2, b"\0")


def _messages(content: bytes, begin: int) -> Iterator[tuple[int, int]]:
    """Where each whole message ends, and how many values or definitions it has (FIT protocol, record format)."""
    kinds: dict[int, tuple[int, int]] = {}
    at, end = begin, len(content)
    while at < end:
        head = content[at]
        if head & 0xC0 == 0x40:  # a definition: five bytes, then three for each field, then those of developers
            length, size, values = 6, 1, 0
            for of_developers in (False, True) if head & 0x20 else (False,):
                if at + length > end:
                    return
                fields = content[at + length - 1]
                first = at + length
                length += 3 * fields + (1 if head & 0x20 and not of_developers else 0)
                if at + length > end:
                    return
                sizes = content[first + 1 : first + 3 * fields : 3]
                bases = content[first + 2 : first + 3 * fields : 3]
                size += sum(sizes)
                values += sum(max(1, n // _bytes_of(base, of_developers)) for n, base in zip(sizes, bases, strict=True))
            kinds[head & 0x0F] = (size, values)
            at += length
            yield at, length // 3  # a field takes three bytes to define
        else:
            length, values = kinds.get(head >> 5 & 0x03 if head & 0x80 else head & 0x0F, (0, 0))
            if length == 0 or at + length > end:
                return
            at += length
            yield at, values


def _bytes_of(base: int, of_developers: bool) -> int:
    number = base & 0x1F
    return 1 if of_developers or number >= len(_BASE_BYTES) else _BASE_BYTES[number]

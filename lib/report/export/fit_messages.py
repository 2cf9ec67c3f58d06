"""Messages of the FIT protocol as bytes.

A FIT file is a header, definition messages each followed by the data messages that it describes, and a checksum
(https://developer.garmin.com/fit/protocol/). All messages of one kind are written at once, as one array of records.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

_BASE_TYPES: Final = {
    "enum": (0x00, "u1"),
    "uint8": (0x02, "u1"),
    "string": (0x07, "S"),
    "uint16": (0x84, "<u2"),
    "sint32": (0x85, "<i4"),
    "uint32": (0x86, "<u4"),
    "uint32z": (0x8C, "<u4"),
}
"""Number of each base type in a definition, and how numpy stores it."""
_PROTOCOL: Final = 0x10
"""Version 1.0: nothing written here is newer, and old watches refuse files of a newer one."""
_PROFILE: Final = 2100
_HEADER: Final = struct.Struct("<BBHI4s")
_LEAST_TEXT: Final = 16


@dataclass(frozen=True)
class Field:
    """A field of a message.

    Parameters
    ----------
    number : int
        As the FIT profile numbers it.
    base_type : str
        As the profile names it, e.g. ``"uint16"``.
    values : array_like, shape (n,) or ()
        Of each message, or of all; whole numbers, scaled as the profile says, or texts.
    """

    number: int
    base_type: str
    values: ArrayLike

    def stored(self) -> np.ndarray:
        """The values as the file holds them; texts end in a zero byte."""
        kind = _BASE_TYPES[self.base_type][1]
        if kind != "S":
            numbers = np.rint(self.values).astype(np.int64)
            limits = np.iinfo(kind)
            assert (numbers >= limits.min).all() and (numbers <= limits.max).all(), f"field {self.number}"
            return numbers.astype(kind)
        encoded = [str(text).encode() for text in np.atleast_1d(np.asarray(self.values, dtype=object))]
        return np.array(encoded, dtype=f"S{max(_LEAST_TEXT, *(len(text) + 1 for text in encoded))}")


def messages(number: int, fields: Sequence[Field]) -> bytes:
    """Write messages of one kind: their definition, then all of them.

    Parameters
    ----------
    number : int
        As the FIT profile numbers the kind, e.g. 20 of a record.
    fields : sequence of Field
        Of n messages each, or one value for all.
    """
    columns = [field.stored() for field in fields]
    table = np.zeros(max(column.size for column in columns), [("header", "u1")] + [
        (str(field.number), column.dtype) for field, column in zip(fields, columns, strict=True)
    ])  # fmt: skip
    for field, column in zip(fields, columns, strict=True):
        table[str(field.number)] = column
    sizes = [(f.number, x.dtype.itemsize, _BASE_TYPES[f.base_type][0]) for f, x in zip(fields, columns, strict=True)]
    # Local message type 0, defined anew for each kind; little-endian.
    definition = struct.pack("<BBBHB", 0x40, 0, 0, number, len(fields)) + b"".join(bytes(size) for size in sizes)
    return definition + table.tobytes()


def _crc_table() -> list[int]:
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ (0xA001 if byte & 1 else 0)
        table.append(byte)
    return table


_CRC: Final = _crc_table()


def crc16(content: bytes) -> int:
    """Return the checksum of a FIT file: CRC-16 of the polynomial 0x8005, reflected, from 0."""
    crc = 0
    for byte in content:
        crc = (crc >> 8) ^ _CRC[(crc ^ byte) & 0xFF]
    return crc


def whole_file(body: bytes) -> bytes:
    """Put a header before messages and a checksum after them."""
    header = _HEADER.pack(_HEADER.size + 2, _PROTOCOL, _PROFILE, len(body), b".FIT")
    content = header + crc16(header).to_bytes(2, "little") + body
    return content + crc16(content).to_bytes(2, "little")

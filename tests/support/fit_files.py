"""FIT recordings made byte by byte after the protocol, with the faults that devices put into them."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final

# Base types: size in bytes, number in the protocol, code of struct, value that says nothing.
_ENUM: Final = (1, 0x00, "B", 0xFF)
_BYTE: Final = (1, 0x02, "B", 0xFF)
_UINT16: Final = (2, 0x84, "H", 0xFFFF)
_SINT32: Final = (4, 0x85, "i", 0x7FFFFFFF)
_UINT32: Final = (4, 0x86, "I", 0xFFFFFFFF)
_FILE_ID: Final = (0, {"type": (0, _ENUM), "manufacturer": (1, _UINT16), "time_created": (4, _UINT32)})
_SESSION: Final = (
    18,
    {"timestamp": (253, _UINT32), "start_time": (2, _UINT32), "sport": (5, _ENUM), "total_distance": (9, _UINT32)},
)
_RECORD: Final = (
    20,
    {
        "timestamp": (253, _UINT32),
        "position_lat": (0, _SINT32),
        "position_long": (1, _SINT32),
        "altitude": (2, _UINT16),
        "heart_rate": (3, _BYTE),
        "cadence": (4, _BYTE),
        "distance": (5, _UINT32),
    },
)
_EVENT: Final = (21, {"timestamp": (253, _UINT32), "event": (0, _ENUM), "event_type": (1, _ENUM)})
_BEAT: Final = (132, {"timestamp": (253, _UINT32), "event_timestamp": (9, _UINT32), "filtered_bpm": (6, _BYTE)})
_COURSE_POINT: Final = (
    32,
    {"timestamp": (1, _UINT32), "position_lat": (2, _SINT32), "position_long": (3, _SINT32), "type": (5, _ENUM)},
)
SPORTS: Final = {"running": 1, "cycling": 2, "transition": 3, "swimming": 5}
EPOCH: Final = 631_065_600
"""Where times in FIT begin, 1989-12-31, in seconds since 1970."""
CLOCK: Final = 1_100_000_000
"""A time in such seconds: November 2024."""
_NIBBLES: Final = (
    *(0x0000, 0xCC01, 0xD801, 0x1400, 0xF001, 0x3C00, 0x2800, 0xE401),
    *(0xA001, 0x6C00, 0x7800, 0xB401, 0x5000, 0x9C01, 0x8801, 0x4400),
)


def crc(content: bytes) -> int:
    """Checksum of the protocol."""
    value = 0
    for byte in content:
        for nibble in (byte & 0xF, byte >> 4):
            value = (value >> 4) ^ _NIBBLES[value & 0xF] ^ _NIBBLES[nibble]
    return value


def _message(local: int, kind: tuple[int, dict], rows: Sequence[dict[str, int]], odd: bool = False) -> bytes:
    number, fields = kind
    definition = struct.pack("<BBBHB", 0x40 | local, 0, 0, number, len(fields) + odd)
    definition += b"".join(struct.pack("<BBB", field, base[0], base[1]) for field, base in fields.values())
    definition += struct.pack("<BBB", 39, 3, 0x84) if odd else b""  # a field of uint16 in three bytes
    layout = "<B" + "".join(base[2] for _, base in fields.values())
    data = (
        struct.pack(layout, local, *(row.get(name, base[3]) for name, (_, base) in fields.items())) + odd * b"\0\0\0"
        for row in rows
    )
    return definition + b"".join(data)


def records(seconds: int, start: int = CLOCK, from_m: float = 0.0, speed_mps: float = 3.0) -> list[dict[str, int]]:
    """An even run due east along 46° N, a record each second."""
    return [
        {
            "timestamp": start + i,
            "position_lat": round(46.0 * 2**31 / 180),
            "position_long": round((7.0 + (from_m + speed_mps * i) / 77_300) * 2**31 / 180),
            "altitude": ((500 + 500) * 5),
            "heart_rate": 140,
            "cadence": 85,
            "distance": round((from_m + speed_mps * i) * 100),
        }
        for i in range(seconds + 1)
    ]


def fit(
    *legs: tuple[str, list[dict[str, int]]],
    stated_m: float | None = None,
    odd: bool = False,
    kind: int = 4,
    timer: Sequence[tuple[int, bool]] = (),
    beats: Sequence[tuple[int, int]] = (),
    marks: Sequence[dict[str, int]] = (),
) -> bytes:
    """A FIT file of sessions: sport and records of each; `stated_m` is the distance that the sessions state.

    `timer` says when it was started (True) and stopped; `beats` are times and heart rates of messages of their own;
    `marks` are course points.
    """
    body = _message(0, _FILE_ID, [{"type": kind, "manufacturer": 1, "time_created": CLOCK}])
    sessions = []
    for sport, rows in legs:
        distance = (
            rows[-1].get("distance", 0) - rows[0].get("distance", 0) if stated_m is None else round(stated_m * 100)
        )
        sessions.append(
            {
                "timestamp": rows[-1]["timestamp"],
                "start_time": rows[0]["timestamp"],
                "sport": SPORTS[sport],
                "total_distance": distance,
            }
        )
    if stated_m is not None:  # some devices write it first
        body += _message(1, _SESSION, sessions)
    for _, rows in legs:
        body += _message(2, _RECORD, rows, odd)
    if timer:
        rows = [{"timestamp": at, "event": 0, "event_type": 0 if starts else 4} for at, starts in timer]
        body += _message(3, _EVENT, rows)
    if beats:
        first = beats[0][0]
        rows = [{"timestamp": at, "event_timestamp": (at - first) * 1024, "filtered_bpm": bpm} for at, bpm in beats]
        body += _message(4, _BEAT, rows)
    if marks:
        body += _message(5, _COURSE_POINT, marks)
    if stated_m is None and legs:
        body += _message(1, _SESSION, sessions)
    head = struct.pack("<BBHI4s", 14, 0x10, 2132, len(body), b".FIT")
    head += struct.pack("<H", crc(head))
    return head + body + struct.pack("<H", crc(head + body))

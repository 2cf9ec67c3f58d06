"""How many recordings are read in a second: FIT and GPX of an hour at 1 Hz."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Final

import numpy as np

from lib.core.gpx import XML_HEAD, instants, track_points
from lib.recordings.activities import read_activity
from lib.report.export.fit_messages import Field, messages, whole_file

_START: Final = datetime(2024, 11, 9, 7, tzinfo=UTC)
_FIT_EPOCH: Final = datetime(1989, 12, 31, tzinfo=UTC)
_SEMICIRCLE: Final = 2**31 / 180.0
_HEAD: Final = (
    '<gpx version="1.1" creator="bench" xmlns="http://www.topografix.com/GPX/1/1"'
    ' xmlns:gpxtpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v1">\n<trk><type>running</type><trkseg>\n'
)


def hour(seconds: int = 3_600) -> dict[str, bytes]:
    """Recordings of an even run over rolling ground, a sample each second, by format."""
    at = np.arange(seconds + 1.0)
    way = 2.8 * at
    lat, lon = 46.0 + 0.7 * way / 111_195.0, 7.0 + 0.7 * way / 77_243.0
    height, bpm, rpm = 800.0 + 60.0 * np.sin(way / 400.0), 145.0 + 10.0 * np.sin(at / 90.0), np.full(at.size, 85.0)
    points = track_points(lat, lon, height, instants(_START, at), bpm, rpm)
    stamp = (_START - _FIT_EPOCH).total_seconds() + at
    fields = (
        *(Field(253, "uint32", stamp), Field(0, "sint32", lat * _SEMICIRCLE), Field(1, "sint32", lon * _SEMICIRCLE)),
        *(Field(2, "uint16", 5.0 * (height + 500.0)), Field(3, "uint8", bpm), Field(4, "uint8", rpm)),
        Field(5, "uint32", 100.0 * way),
    )  # fmt: skip
    kind = messages(0, [Field(0, "enum", 4), Field(1, "uint16", 1), Field(4, "uint32", stamp[0])])
    session = messages(18, [Field(253, "uint32", stamp[-1]), Field(2, "uint32", stamp[0]), Field(5, "enum", 1)])
    return {
        "FIT": whole_file(kind + messages(20, fields) + session),
        "GPX": "".join([XML_HEAD, _HEAD, *points, "</trkseg></trk>\n</gpx>\n"]).encode(),
    }


def files_per_second(repeats: int, seconds: int = 3_600) -> dict[str, float]:
    """Files read in a second by one process, by format; the best of some repeats."""
    found = {}
    for name, content in hour(seconds).items():
        took = []
        for _ in range(repeats):
            begin = time.perf_counter()
            (activity,) = read_activity(f"hour.{name.lower()}", content)
            took.append(time.perf_counter() - begin)
            assert len(activity.samples) == seconds + 1 and not activity.warnings
        found[name] = 1.0 / min(took)
    return found


def reading_line(repeats: int) -> str:
    """What `files_per_second` measured, as a line of the table in Markdown."""
    rates = ", ".join(f"{name} {rate:.1f}" for name, rate in files_per_second(repeats).items())
    return f"- Recordings of an hour at 1 Hz read, files a second: {rates}.\n"

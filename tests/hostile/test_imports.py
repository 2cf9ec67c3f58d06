"""Hostile files of an import are left out within bounds, and said; the others are read."""

from __future__ import annotations

import io
import os
import struct
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import pandas as pd
import pytest

from lib.course.course import CourseConfig, read_course
from lib.recordings import importer
from lib.recordings.activities import read_activity
from lib.recordings.importer import ImportConfig, sessions_from_path
from tests.support.bounded import bounded
from tests.support.faulty import as_fit, as_gpx, run
from tests.support.fit_files import crc

_POLAR: Final = (
    '{"exercises": [{"startTime": "2026-01-01T10:00:00", "samples": {"heartRate": '
    '[{"dateTime": "2026-01-01T10:00:00", "value": %s}]}}]}'
)


def _fit(body: bytes) -> bytes:
    head = struct.pack("<BBHI4s", 14, 0x10, 2132, len(body), b".FIT")
    return head + struct.pack("<H", crc(head)) + body + bytes(2)


def _definition(fields: int, size: int = 1, message: int = 20) -> bytes:
    return struct.pack("<BBBHB", 0x40, 0, 0, message, fields) + bytes((3, size, 2)) * fields


_ONE_FILE: Final = struct.pack("<BBHI4sH", 14, 0x10, 2132, 6, b".FIT", 0) + _definition(0) + bytes(2)
_CRASHED: Final = struct.pack("<BBHI4sH", 14, 0x10, 2132, 0, b".FIT", 0) + _definition(0)
_ODD_SIZE: Final = struct.pack("<BBHI4sH", 14, 0x10, 2132, 1, b".FIT", 0) + _definition(0) + bytes(2)
FILES: Final[dict[str, Callable[[], bytes]]] = {
    "messages without fields": lambda: _fit(_definition(0) + bytes(8_000_000)),
    "messages of a byte": lambda: _fit(_definition(1, message=0xFF00) + b"\0\5" * 4_000_000),
    "messages of many fields": lambda: _fit(_definition(255, message=0xFF00) + bytes(256) * 30_000),
    "long lists": lambda: _fit(_definition(1, size=255) + bytes(256) * 30_000),
    "definitions": lambda: _fit(_definition(0) * 1_300_000),
    "long definitions": lambda: _fit(_definition(255) * 26_000),
    "headers": lambda: _ONE_FILE * 360_000,
    "headers of another size": lambda: _ODD_SIZE * 360_000,
    "headers without data": lambda: struct.pack("<BBHI4s", 12, 0x10, 2132, 0, b".FIT") * 600_000,
    "a device that crashed": lambda: (
        struct.pack("<BBHI4sH", 14, 0x10, 2132, 0, b".FIT", 0) + _definition(0) + bytes(10**7)
    ),
}


def _activity(content: bytes) -> None:
    read_activity("a.fit", content)


def _course(content: bytes) -> None:
    read_course(content, "a.fit", CourseConfig(max_points=150_000))


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("read", [_activity, _course])
def test_a_hostile_fit_is_refused_within_bounds(read: Callable[[bytes], None], name: str) -> None:
    outcome = bounded(read, FILES[name](), memory_mb=300, cpu_s=8)
    assert outcome.refused and outcome.said.startswith("a.fit: "), outcome


@pytest.mark.parametrize("number", ["9" * 400, "9" * 5_000, "-" + "9" * 4_000_000, "NaN", "1e999", "[" * 100_000])
def test_a_huge_number_in_one_polar_file_costs_that_file(tmp_path: Path, number: str) -> None:
    (tmp_path / "training-session-1.json").write_text(_POLAR % number)
    (tmp_path / "b.gpx").write_bytes(as_gpx(run()))
    _, summary = sessions_from_path(tmp_path, progress=False)
    found = summary.by_file()
    assert found["b.gpx"].status == "session"
    assert found["training-session-1.json"].status == "unreadable"


def _zip(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize("depth", [1, 2])
def test_an_inner_archive_that_unpacks_to_much_costs_itself_alone(tmp_path: Path, depth: int) -> None:
    bomb = bytes(200_000_000)
    for _ in range(depth):
        bomb = _zip({"bomb.zip": bomb})
    path = tmp_path / "x.zip"
    path.write_bytes(_zip({"a/bomb.zip": bomb, "b.gpx": as_gpx(run())}))
    began = time.monotonic()
    _, summary = sessions_from_path(path, progress=False)
    found = summary.by_file()
    assert found["x.zip/b.gpx"].status == "session"
    (said,) = (outcome for name, outcome in found.items() if "bomb" in name)
    assert said.status == "unreadable"
    assert ("an inner archive above the limit" if depth == 1 else "archives inside each other deeper") in said.reason
    assert time.monotonic() - began < 30.0


def _some(folder: Path, n: int) -> None:
    for i in range(n):
        days = [replace(x, time_s=x.time_s + 86_400.0 * i) for x in run()]
        (folder / f"{i:02d}{('.gpx', '.fit')[i % 2]}").write_bytes((as_gpx, as_fit)[i % 2](days))


def test_all_cores_give_what_one_gives(tmp_path: Path) -> None:
    _some(tmp_path, 12)
    (tmp_path / "05b.fit").write_bytes(b"\x0e\x10........FIT")
    one, said = sessions_from_path(tmp_path, progress=False)
    many, also = sessions_from_path(tmp_path, progress=False, config=ImportConfig(alone_bytes=0))
    pd.testing.assert_frame_equal(one, many)
    assert said == also and said.n_sessions == 12


def test_a_file_that_ends_or_holds_its_process_costs_that_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _some(tmp_path, 6)
    (tmp_path / "03-dies.gpx").write_bytes(b"<gpx>dies</gpx>")
    (tmp_path / "04-hangs.gpx").write_bytes(b"<gpx>hangs</gpx>")
    monkeypatch.setattr(importer, "_read", _read_or_not)
    table, summary = sessions_from_path(tmp_path, progress=False, config=ImportConfig(alone_bytes=0, file_s=10.0))
    found = summary.by_file()
    assert summary.n_sessions == 6 and table["session_id"].nunique() == 6
    assert "its process ended (status 9)" in found["03-dies.gpx"].reason
    assert "it took longer than 10 s" in found["04-hangs.gpx"].reason


def _read_or_not(numbered: tuple[int, importer.Entry], config: ImportConfig) -> object:
    content = numbered[1].content or b""
    if b"dies" in content:
        os._exit(9)
    if b"hangs" in content:
        time.sleep(600)
    return _READ(numbered, config)


_READ: Final = importer._read

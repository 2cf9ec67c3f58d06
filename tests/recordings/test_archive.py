"""Folders and archives, also hostile ones, are searched within limits."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from lib.core.errors import InputError
from lib.recordings.archive import ArchiveLimits, Entry, entries_of


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def found(path: Path, **limits: int) -> dict[str, Entry]:
    return {entry.name: entry for entry in entries_of(path, ArchiveLimits(**limits))}


def test_a_folder_is_searched_to_the_bottom_in_order(tmp_path: Path) -> None:
    for name in ("b.gpx", "a/c.FIT", "a/photo.jpg", ".hidden/d.gpx", "__MACOSX/e.gpx"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    entries = found(tmp_path)
    assert list(entries) == ["a/c.FIT", "a/photo.jpg", "b.gpx"]
    assert entries["a/c.FIT"].content == b"a/c.FIT"
    assert entries["a/photo.jpg"] == Entry("a/photo.jpg")


def test_an_archive_in_an_archive_is_opened(tmp_path: Path) -> None:
    inner = zipped({"1.fit": b"1", "2.txt": b"2"})
    (tmp_path / "x.zip").write_bytes(zipped({"DI_CONNECT/part1.zip": inner, "activities/3.fit.gz": b"3"}))
    entries = found(tmp_path / "x.zip")
    assert entries["x.zip/DI_CONNECT/part1.zip/1.fit"].content == b"1"
    assert entries["x.zip/activities/3.fit.gz"].content == b"3"
    assert entries["x.zip/DI_CONNECT/part1.zip/2.txt"].content is None


def test_archives_nested_too_deep_are_refused(tmp_path: Path) -> None:
    content = zipped({"1.fit": b"1"})
    for _ in range(3):
        content = zipped({"n.zip": content})
    (tmp_path / "x.zip").write_bytes(content)
    (entry,) = found(tmp_path / "x.zip", depth=3).values()
    assert entry.problem is not None and "deeper than 3" in str(entry.problem)
    (entry,) = found(tmp_path / "x.zip", depth=4).values()
    assert entry.content == b"1"


def test_a_bomb_is_refused_and_its_neighbours_are_read(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(zipped({"a.gpx": bytes(5_000_000), "b.gpx": b"good"}))
    entries = found(tmp_path / "x.zip", file_bytes=1_000_000)
    assert "more than 1 MB" in str(entries["x.zip/a.gpx"].problem)
    assert entries["x.zip/b.gpx"].content == b"good"


def test_an_inner_archive_that_is_too_large_is_refused(tmp_path: Path) -> None:
    inner = zipfile.ZipInfo("n.zip")
    (tmp_path / "x.zip").write_bytes(zipped({inner.filename: bytes(3_000_000), "z.gpx": b"good"}))
    entries = found(tmp_path / "x.zip", archive_bytes=1_000_000)
    assert "above the limit" in str(entries["x.zip/n.zip"].problem)
    assert entries["x.zip/z.gpx"].content == b"good"


def test_a_size_that_the_header_understates_is_counted_while_reading(tmp_path: Path) -> None:
    content = bytearray(zipped({"a.gpx": bytes(5_000_000)}))
    true, false = (5_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little")
    (tmp_path / "x.zip").write_bytes(bytes(content).replace(true, false))
    (entry,) = found(tmp_path / "x.zip", file_bytes=1_000_000).values()
    assert entry.content is None or len(entry.content) <= 1_000_000


def test_the_total_ends_the_reading_and_says_so(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.gpx").write_bytes(bytes(600))
    entries = list(entries_of(tmp_path, ArchiveLimits(total_bytes=1_000)))
    assert entries[0].content == bytes(600)
    assert entries[-1].problem is not None
    assert sum(len(entry.content or b"") for entry in entries) <= 1_000


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(zipped({f"{i}.gpx": b"" for i in range(5)}))
    (entry,) = found(tmp_path / "x.zip", entries=4).values()
    assert "5 files" in str(entry.problem)


def test_names_that_climb_out_are_only_names(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(zipped({"a/../../../evil.gpx": b"1", "/etc/evil.gpx": b"2"}))
    before = sorted(tmp_path.parent.iterdir())
    assert {entry.content for entry in found(tmp_path / "x.zip").values()} == {b"1", b"2"}
    assert sorted(tmp_path.parent.iterdir()) == before


def test_a_damaged_archive_is_refused_with_its_reason(tmp_path: Path) -> None:
    good = zipped({"a.gpx": b"1" * 1000})
    (tmp_path / "x.zip").write_bytes(good[:-30])
    (entry,) = found(tmp_path / "x.zip").values()
    assert "damaged zip" in str(entry.problem)
    flipped = bytearray(good)
    flipped[40] ^= 0xFF
    (tmp_path / "y.zip").write_bytes(bytes(flipped))
    (entry,) = found(tmp_path / "y.zip").values()
    assert entry.problem is not None


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing there"):
        list(entries_of(tmp_path / "none"))


def test_limits_that_make_no_sense_are_refused() -> None:
    with pytest.raises(InputError, match="depth"):
        ArchiveLimits(depth=0)

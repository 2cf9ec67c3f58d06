"""A file is there whole, or what was there stays."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lib.core.errors import InputError
from lib.core.files import kind_of_file, replacing, sha256, write_atomically, write_together


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"good")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(InputError, match=r"file: cannot be written \(No space left on device"):
        write_atomically(path, b"better")
    assert path.read_bytes() == b"good"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, OSError(28, "No space left on device")])
@pytest.mark.parametrize("at", range(3))
@pytest.mark.parametrize("after", [False, True])
def test_a_set_that_stops_at_any_file_leaves_the_old_set_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: BaseException, at: int, after: bool
) -> None:
    old = {tmp_path / "a": b"old a", tmp_path / "c": b"old c"}
    write_together(old)
    real, count = os.replace, 0

    def stopping(source: Path, target: Path) -> None:
        nonlocal count
        count += 1
        if after or count != at + 1:
            real(source, target)
        if count == at + 1:
            raise stop

    monkeypatch.setattr("os.replace", stopping)
    with pytest.raises((KeyboardInterrupt, InputError)):
        write_together({tmp_path / name: b"new" for name in "abc"})
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == old


def test_a_set_for_which_there_is_no_room_replaces_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = {tmp_path / name: b"old" for name in "ab"}
    write_together(old)
    real = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if path.name.startswith(".b."):
            raise OSError(28, "No space left on device")
        return real(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(InputError, match="b: cannot be written"):
        write_together(dict.fromkeys(old, b"new"))
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == old


def test_a_set_is_replaced_and_leaves_nothing_beside(tmp_path: Path) -> None:
    for content in (b"old", b"new"):
        write_together({tmp_path / "in" / name: content for name in "ab"})
        assert {path.name: path.read_bytes() for path in (tmp_path / "in").iterdir()} == {"a": content, "b": content}


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="file: a file; expected a folder"):
        write_atomically(tmp_path / "file" / "in" / "plan.csv", b"x")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError, match=r"folder\.csv: a folder"):
        write_atomically(tmp_path / "folder.csv", b"x")


def test_a_block_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), replacing(tmp_path / "new" / "file") as temporary:
        temporary.write_bytes(b"half")
        raise RuntimeError
    assert list((tmp_path / "new").iterdir()) == []


def test_a_file_is_for_everyone_to_read(tmp_path: Path) -> None:
    write_atomically(tmp_path / "file", b"x")
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o644


def test_the_hash_of_three_letters_is_the_published_one(tmp_path: Path) -> None:
    write_atomically(tmp_path / "abc", b"abc")
    assert sha256(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "an empty file"),
        (b" \n", "an empty file"),
        (b"\xff\xd8\xff\xe0 JFIF", "a JPEG picture"),
        (b"\x1f\x8b\x08", "a gzip archive (.gz)"),
        (b"PK\x03\x04", "a ZIP archive"),
        (b"\x0e\x10\x00\x00\x00\x00\x00\x00.FIT", "a FIT recording"),
        (b'<?xml version="1.0"?>\n<gpx>', "a GPX file"),
        (b"\xef\xbb\xbf<TrainingCenterDatabase>", "a TCX recording"),
        (b"<!doctype html><html>", "a web page"),
        (b"<a/>", "an XML file"),
        (b'{"checkpoint_sha256": 1}', "an athlete profile"),
        (b"{}", "a JSON file"),
        (b"ele", "a file of unknown kind"),
    ],
)
def test_a_file_is_told_by_its_first_bytes(content: bytes, kind: str) -> None:
    assert kind_of_file(content) == kind

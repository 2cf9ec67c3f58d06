"""A file is there whole, or what was there stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.core.files import kind_of_file, replacing, sha256, write_atomically


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"good")

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, b"better")
    assert path.read_bytes() == b"good"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


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

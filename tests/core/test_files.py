"""A file is there whole, or what was there stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.core.files import replacing, sha256, write_atomically


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

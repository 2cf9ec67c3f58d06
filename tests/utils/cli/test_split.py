"""Given folders of session tables: later sessions go to test/, earlier ones to history/, none to both."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.core import schema as c
from lib.recordings.sessions import read_athletes, write_sessions
from tests.support.command import command
from tests.support.small import small_sessions

pytestmark = pytest.mark.slow

main = command("split")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "all").mkdir()
    for name, n in (("a", 5), ("b", 2)):
        write_sessions(small_sessions(n), tmp_path / "all" / f"{name}.parquet")
    return tmp_path


def test_each_athletes_last_sessions_are_for_the_test(folder: Path) -> None:
    assert main([str(folder / "all"), str(folder / "parts"), "--last-share", "0.4"]) == 0
    numbers = {
        (part, name): table[c.SESSION_ID].unique().tolist()
        for part in ("history", "test")
        for name, table in read_athletes(folder / "parts" / part).items()
    }
    assert numbers == {
        ("history", "a"): [0, 1, 2], ("test", "a"): [3, 4], ("history", "b"): [0], ("test", "b"): [1],
    }  # fmt: skip


@pytest.mark.parametrize("share", ["0", "1", "5", "-1", "nan"])
def test_a_share_that_is_none_is_refused(folder: Path, share: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folder / "all"), str(folder / "parts"), "--last-share", share]) == 2
    assert "--last: " in capsys.readouterr().err
    assert not (folder / "parts").exists()


def test_a_folder_without_tables_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), str(tmp_path / "parts")]) == 2
    assert "no parquet" in capsys.readouterr().err

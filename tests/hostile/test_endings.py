"""However a command ends, it says so in a sentence and with its exit status: a full disk, Ctrl-C, a closed pipe."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lib.recordings.sessions import write_sessions
from tests.support.served import COURSES, ROOT, SHORT
from tests.support.small import small_sessions

pytestmark = pytest.mark.slow

FULL = 4_096
"""Bytes that a file may have: what is longer cannot be written, as on a full disk."""


def _as_a_terminal() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # whoever runs the tests in the background ignores it


def _no_room() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (FULL, FULL))


def started(*words: str, full: bool = False, out: int = subprocess.PIPE) -> subprocess.Popen[str]:
    """The command in a process group of its own, as a terminal starts it."""
    return subprocess.Popen(
        [sys.executable, "-m", "utils.cli", *words],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=out,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=_no_room if full else _as_a_terminal,
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with sessions, and one with a profile."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "athletes").mkdir()
    shutil.copy(ROOT / "checkpoints_v2" / "normalizers.json", folder / "athletes" / "me.json")
    write_sessions(small_sessions(), folder / "me.parquet")
    return folder


def words_of(command: str, made: Path, out: Path) -> list[str]:
    return {
        "plan": ["plan", str(SHORT), "--start", "2026-06-20T07:00-04:00", "--out", str(out)],
        "compare": ["compare", str(SHORT), "--out", str(out)],
        "athlete": ["athlete", str(made / "me.parquet"), str(out / "me.json")],
        "batch": ["batch", str(COURSES), str(made / "athletes"), str(out), "--workers", "1"],
    }[command]


@pytest.mark.parametrize("command", ["plan", "compare", "athlete", "batch"])
def test_a_full_disk_is_said_in_a_sentence_and_leaves_nothing(command: str, made: Path, tmp_path: Path) -> None:
    process = started(*words_of(command, made, tmp_path), full=True)
    _, said = process.communicate(timeout=300)
    assert process.returncode == 2, said
    assert "cannot be written (File too large)" in said.splitlines()[-1] and "Traceback" not in said
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in left if path.name.startswith(".") or path.stat().st_size == FULL]


@pytest.mark.parametrize("words", [["help"], ["plan", "--help"], ["predict", str(SHORT)]])
def test_an_output_that_takes_no_more_is_said(words: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        process = started(*words, out=full.fileno())
        _, said = process.communicate(timeout=120)
    assert process.returncode == 1
    assert said == "No space left on device. Make room, or correct the path.\n"


def test_who_listens_to_the_first_line_alone_is_left_in_peace() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = started("help", out=writing)
    os.close(writing)
    _, said = process.communicate(timeout=120)
    assert said == ""
    assert process.returncode == 1


@pytest.mark.parametrize(
    ("command", "after_s"),
    [("plan", 0.0), ("plan", 0.3), ("plan", 0.6), ("batch", 0.0), ("batch", 1.5), ("batch", 3.0)],
)
def test_an_interrupt_is_said_in_a_sentence_at_any_time(
    command: str, after_s: float, made: Path, tmp_path: Path
) -> None:
    process = started(*words_of(command, made, tmp_path))
    # Python itself says what comes before the first line of ours.
    modules = Path(f"/proc/{process.pid}/maps")
    while "_multiarray_umath" not in modules.read_text() and process.poll() is None:
        time.sleep(0.01)
    time.sleep(after_s)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert "Traceback" not in said
    # Python ends itself by the signal where it met it in code that a library runs: for a shell both are 130.
    if process.returncode in (130, -signal.SIGINT):
        assert said.splitlines()[-1] in (
            "interrupted; nothing half-written is left",
            "stopped; the same command goes on where it stopped",
        )
    else:
        assert process.returncode == 0, said  # it had done its work
    assert not [path for path in tmp_path.rglob(".*") if path.is_file()]


def test_a_server_that_is_interrupted_ends_well() -> None:
    process = started("serve", "--port", "0")
    assert process.stderr is not None
    heard = ""
    while "Uvicorn running" not in heard:
        heard = process.stderr.readline()
        assert heard, "it ended before it began"
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Traceback" not in said

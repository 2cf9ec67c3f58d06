"""What all tests share: one thread each, real recordings where there are any, and who runs what in parallel."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

# Before numpy and torch are imported: workers share the cores, so each takes one.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"
_SLOW_FILE = re.compile(r"^pytestmark = \[?pytest\.mark\.slow\b", re.MULTILINE)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real recordings beside the checkout; tests that need it skip where it is missing."""
    if not SHARED.is_dir():
        pytest.skip("needs ../shared/data, which is not there")
    return SHARED


def group_of(nodeid: str) -> str:
    """What one worker runs, in order: a file, or a notebook with those that use what it trains."""
    from utils.notebooks.dependencies import AFTER

    file = nodeid.split("::", 1)[0]
    folder, _, name = file.rpartition("/")
    needed = AFTER.get(name.removesuffix(".ipynb"), ()) if name.endswith(".ipynb") else ()
    return f"{folder}/{needed[0]}.ipynb" if needed else file


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out files that are slow as a whole before they are imported: torch alone takes seconds."""
    if config.option.markexpr == "not slow" and collection_path.suffix == ".py":
        return bool(_SLOW_FILE.search(collection_path.read_text(encoding="utf-8"))) or None
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow and what needs real recordings; put long groups first, so that no worker ends late."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if item.nodeid.split("::", 1)[0].endswith(".ipynb") or "browser" in fixtures:
            item.add_marker(pytest.mark.slow)
        if "shared_data" in fixtures:
            item.add_marker(pytest.mark.shared_data)
    slow = {name: 0 for name in map(group_of, (item.nodeid for item in items))}
    for item in items:
        slow[group_of(item.nodeid)] -= item.get_closest_marker("slow") is not None
    items.sort(key=lambda item: (not item.nodeid.split("::", 1)[0].endswith(".ipynb"), slow[group_of(item.nodeid)]))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give each worker whole groups, in the order of collection."""
    from xdist.scheduler import LoadFileScheduling

    class Groups(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid)

    config.option.loadscopereorder = False
    return Groups(config, log)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how many tests needed real recordings, and what a fast run left out."""
    reports = {
        outcome: [r for r in terminalreporter.stats.get(outcome, []) if "shared_data" in getattr(r, "keywords", ())]
        for outcome in ("passed", "failed", "error", "skipped")
    }
    counts = {outcome: len({report.nodeid for report in found}) for outcome, found in reports.items()}
    if total := sum(counts.values()):
        skipped = counts["skipped"]
        terminalreporter.write_line(f"{total} tests need ../shared/data: {total - skipped} ran, {skipped} skipped")
    if terminalreporter.config.option.markexpr == "not slow":
        terminalreporter.write_line("Left out: tests marked slow, and the notebooks (make test runs them)")

"""Which tests one worker runs together, what is marked, and what the summary says."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.conftest import (
    group_of,
    pytest_collection_modifyitems,
    pytest_ignore_collect,
    pytest_terminal_summary,
)


@pytest.mark.parametrize(
    ("nodeid", "group"),
    [
        ("tests/plan/test_goal.py::test_a[1]", "tests/plan/test_goal.py"),
        ("notebooks/01_train.ipynb::Cell 3", "notebooks/01_train.ipynb"),
        ("notebooks/04_equivalence_17_8km.ipynb::Cell 0", "notebooks/01_train.ipynb"),
        ("notebooks/06_plan_course.ipynb::Cell 0", "notebooks/06_plan_course.ipynb"),
    ],
)
def test_a_notebook_runs_on_the_worker_that_trained_its_model(nodeid: str, group: str) -> None:
    assert group_of(nodeid) == group


class Item:
    def __init__(self, nodeid: str, *names: str, slow: bool = False) -> None:
        self.nodeid, self.fixturenames, self.marks = nodeid, names, ["slow"] if slow else []

    def add_marker(self, mark: pytest.MarkDecorator) -> None:
        self.marks.append(mark.name)

    def get_closest_marker(self, name: str) -> str | None:
        return name if name in self.marks else None


def test_notebooks_and_browsers_are_slow_real_recordings_are_marked_and_long_files_come_first() -> None:
    items = [
        Item("tests/a.py::x", "shared_data"),
        Item("tests/b.py::x", "browser"),
        Item("tests/b.py::y", slow=True),
        Item("notebooks/06_plan_course.ipynb::Cell 0"),
    ]
    pytest_collection_modifyitems(items)  # type: ignore[arg-type]
    assert [(item.nodeid, item.marks) for item in items] == [
        ("notebooks/06_plan_course.ipynb::Cell 0", ["slow"]),
        ("tests/b.py::x", ["slow"]),
        ("tests/b.py::y", ["slow"]),
        ("tests/a.py::x", ["shared_data"]),
    ]


def test_the_summary_counts_what_needs_real_recordings_and_says_what_was_left_out() -> None:
    def report(nodeid: str, *keywords: str) -> SimpleNamespace:
        return SimpleNamespace(nodeid=nodeid, keywords=dict.fromkeys(keywords, 1))

    lines: list[str] = []
    terminal = SimpleNamespace(
        stats={
            "passed": [report("a", "shared_data"), report("b")],
            "skipped": [report("c", "shared_data"), report("d", "shared_data")],
        },
        write_line=lines.append,
        config=SimpleNamespace(option=SimpleNamespace(markexpr="not slow")),
    )
    pytest_terminal_summary(terminal)
    assert lines[0] == "3 tests need ../shared/data: 1 ran, 2 skipped"
    assert lines[1].startswith("Left out: ")


@pytest.mark.parametrize(
    ("text", "chosen", "left_out"),
    [
        ("pytestmark = pytest.mark.slow\n", "not slow", True),
        ("pytestmark = [pytest.mark.slow, needs_browser]\n", "not slow", True),
        ("@pytest.mark.slow\ndef test_a() -> None: ...\n", "not slow", None),
        ("pytestmark = pytest.mark.slow\n", "", None),
    ],
)
def test_a_fast_run_does_not_even_import_what_is_slow(tmp_path: Path, text: str, chosen: str, left_out: object) -> None:
    path = tmp_path / "test_a.py"
    path.write_text(text)
    config = SimpleNamespace(option=SimpleNamespace(markexpr=chosen))
    assert pytest_ignore_collect(path, config) is left_out  # type: ignore[arg-type]

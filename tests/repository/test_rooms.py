"""The rooms of the house: which may import which, and what keeps a module small and light."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
_PLANNING: Final = {"core", "course", "recordings", "athlete", "inference", "race", "plan"}
ALLOWED: Final[dict[str, set[str]]] = {
    "core": set(),
    "course": {"core"},
    "recordings": {"core", "course"},
    "athlete": {"core", "course"},
    "inference": {"core", "athlete"},
    "race": {"core", "course", "athlete"},
    "plan": {"core", "course", "recordings", "athlete", "inference", "race"},
    "report": _PLANNING - {"inference"},
    "demo": {"core", "course", "athlete"},
    "training": {"core", "course", "recordings", "athlete", "inference", "demo"},
    "evaluation": _PLANNING | {"report", "training", "demo"},
    "model": {"core", "course", "athlete", "inference", "training"},
}
"""What each room of `lib` may import, besides itself; `model` is the facade `lib/model.py`."""
SERVING: Final = ("core", "course", "recordings", "athlete", "inference", "race", "plan", "report")
HEAVY: Final = {"torch", "pandas", "scipy", "lightning", "pytorch_forecasting", "matplotlib", "sklearn", "pyarrow"}
MAX_LINES: Final = 500
MODULES: Final = sorted(path for folder in ("lib", "utils", "api") for path in (ROOT / folder).rglob("*.py"))


def room_of(module: str) -> str:
    """Room of a dotted name that begins with ``lib``."""
    return module.split(".")[1]


def imported(tree: ast.AST) -> set[str]:
    """Dotted names that a module imports anywhere, for types only as well."""
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative import: write the room"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def at_start(tree: ast.Module) -> set[str]:
    """Top-level packages that importing a module itself imports."""
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            found |= {name.split(".")[0] for name in imported(ast.Module([node], []))}
    return found


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def wrong_arrows(path: Path, root: Path) -> set[str]:
    """Imports of a module of ``lib`` that the table of rooms does not allow."""
    relative = path.relative_to(root / "lib").with_suffix("").parts
    if relative == ("__init__",):
        return set()
    room = relative[0]
    names = imported(parsed(path))
    wrong = {name for name in names if name.split(".")[0] in ("utils", "api", "tests", "notebooks")}
    rooms = {name for name in names if name.startswith("lib.")}
    return wrong | {name for name in rooms if room_of(name) not in ALLOWED[room] | {room}}


@pytest.mark.parametrize(
    "path", [p for p in MODULES if p.is_relative_to(ROOT / "lib")], ids=lambda p: str(p.relative_to(ROOT))
)
def test_a_room_imports_only_the_rooms_that_it_may(path: Path) -> None:
    assert wrong_arrows(path, ROOT) == set()


def test_an_arrow_that_is_not_allowed_is_found(tmp_path: Path) -> None:
    module = tmp_path / "lib" / "core" / "gamma.py"
    module.parent.mkdir(parents=True)
    module.write_text(
        "if True:\n    from lib.plan.race_plan import plan_race\nfrom lib.core import errors\nimport utils.cli\n"
    )
    assert wrong_arrows(module, tmp_path) == {"lib.plan.race_plan.plan_race", "utils.cli"}


def test_the_table_of_arrows_has_no_cycle() -> None:
    done: set[str] = set()
    while len(done) < len(ALLOWED):
        ready = {room for room, below in ALLOWED.items() if room not in done and below <= done}
        assert ready, f"a cycle among {set(ALLOWED) - done}"
        done |= ready


def test_only_model_lies_loose_in_lib() -> None:
    assert {path.name for path in (ROOT / "lib").glob("*.py")} == {"__init__.py", "model.py"}
    rooms = {path.name for path in (ROOT / "lib").iterdir() if path.is_dir() and any(path.rglob("*.py"))}
    assert rooms == set(ALLOWED) - {"model"}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_has_one_sentence_at_its_head_and_few_lines(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MAX_LINES
    head = (ast.get_docstring(parsed(path)) or "").splitlines()
    assert head and head[0].endswith("."), "the first line is one sentence"
    if path.name == "__init__.py":
        assert len(parsed(path).body) == 1, "a docstring only"


@pytest.mark.parametrize(
    "path",
    [
        p
        for p in MODULES
        if (p.relative_to(ROOT).parts[0] == "lib" and p.parent.name in SERVING) or p.parents[1].name in SERVING
    ],
    ids=lambda p: str(p.relative_to(ROOT)),
)
def test_what_serves_imports_nothing_heavy_at_its_start(path: Path) -> None:
    assert at_start(parsed(path)) & HEAVY == set()

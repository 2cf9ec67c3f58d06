"""What is written for people: links lead somewhere, tables are those of the code, the README stays short."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

from lib.course.course import load_course
from tests.support.documented import PAGES, ROOT, written

SEVEN = {"race-day", "your-data", "serving", "method", "formats", "glossary", "results"}
WRITTEN = sorted(path for folder in (".", "docs", "data", "checkpoints_v2") for path in (ROOT / folder).glob("*.md"))
MAX_README_LINES = 120
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


@cache
def anchors(path: Path) -> set[str]:
    """Anchors of a page's headings, as GitHub makes them."""
    text = _FENCE.sub("", path.read_text(encoding="utf-8"))
    heads = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def broken_links(path: Path) -> list[str]:
    """Relative links of a page that lead nowhere."""
    found = []
    for link in _LINK.findall(_FENCE.sub("", path.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            found.append(link)
    return found


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    assert broken_links(path) == []


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    (tmp_path / "b.md").write_text("# A heading: so\n")
    page = tmp_path / "a.md"
    page.write_text("[a](b.md) [b](b.md#a-heading-so) [c](c.md) [d](b.md#other) [e](https://example.org/)")
    assert broken_links(page) == ["c.md", "b.md#other"]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_tables_are_those_of_the_code(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text == written(text), "python -m tests.support.documented writes them again"


def test_there_are_seven_pages_and_the_readme_names_each() -> None:
    assert {path.stem for path in PAGES} == SEVEN
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\(docs/([\w-]+)\.md\)", readme)) == SEVEN


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= MAX_README_LINES


def test_the_readme_needs_the_python_that_the_project_needs() -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["requires-python"]
    assert f"Python {wanted.removeprefix('>=')} or newer" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_courses_are_as_long_and_as_high_as_their_table_says() -> None:
    said = re.findall(
        r"^\| `(\w+\.gpx)` \| ([\d.]+) km \| ([\d,]+) m", (ROOT / "data" / "README.md").read_text("utf-8"), re.M
    )
    courses = {path.name: load_course(path) for path in (ROOT / "data" / "courses").glob("*.gpx")}
    real = {name: (f"{course.length_km:.1f}", f"{course.climb_m:,.0f}") for name, course in courses.items()}
    assert {name: (length, climb) for name, length, climb in said} == real

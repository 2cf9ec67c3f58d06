"""One word for each thing: text that users and developers read has none of those that we used before."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
PATTERNS: Final = (
    "*.md",
    "docs/*.md",
    "data/*.md",
    "checkpoints_v2/*.md",
    "notebooks/*.ipynb",
    "Makefile",
    "Dockerfile",
)
ENDINGS: Final = {".py", ".html", ".j2", ".js", ".css"}
FORBIDDEN: Final = {
    r"four of five|\bhome by\b": "80% interval, chance of finishing under 6:00",
    r"even chance": "median",
    r"standing besides|standing time|plan of the moving": "stopped time, other stops, moving plan",
    r"from station to station": "leg",
    r"\bslack\b": "margin",
    r"as the day comes|day (is |is left )?as it comes|day comes as it": "as usual",
    r"the other way round": "goal time",
    r"\bwho runs\b": "athlete profile",
    r"\brivals?\b|simple rules": "baseline, rule of thumb",
    r"\bthe seed\b(?! of)|\bseed system|\bseed's": "the original pipeline",
    r"strides of one leg": "cadence in spm, or steps of one leg",
    r"found no such": "No such file: …",
    r"\"\"\"In: |\. Out: ": "one plain sentence",
}
"""What is not written, and what is written instead."""


def readable() -> list[Path]:
    """Files with text that people read."""
    found = [path for pattern in PATTERNS for path in ROOT.glob(pattern)]
    for folder in ("lib", "utils", "api"):
        found += [path for path in (ROOT / folder).rglob("*") if path.suffix in ENDINGS]
    return sorted(found)


def text_of(path: Path) -> str:
    """Text of a file; of a notebook its cells, without outputs."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return text
    return "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])


def found_in(text: str) -> list[str]:
    """Lines with words that are not written, and what to write."""
    text = re.sub(r"\s+", " ", text)
    return [
        f"…{text[max(0, match.start() - 40) : match.end() + 20]}…: write {instead}"
        for words, instead in FORBIDDEN.items()
        for match in re.finditer(words, text, flags=re.IGNORECASE)
    ]


@pytest.mark.parametrize("path", readable(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_thing_has_one_word(path: Path) -> None:
    assert found_in(text_of(path)) == []


def test_an_old_word_is_found_even_over_the_end_of_a_line() -> None:
    assert len(found_in("True in four of\nfive cases, by the Seed's way.")) == 2
    assert found_in("the seed of the random numbers, slack_s") == []

"""Odd texts become one printable line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.text import counted_noun, one_line, without_accents


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (None, ""),
        (" \t\n", ""),
        ("Rast\r\n  Hü", "Rast Hü"),
        ("a\x00b\u202ec", "a b c"),
        ("12345678", "12345678"),
        ("123456789", "1234567…"),
        ("1234 6789 ", "1234 67…"),
        ("123456 890", "123456…"),
    ],
)
def test_lines_by_hand(text: str | None, line: str) -> None:
    assert one_line(text, 8) == line


@given(st.text(), st.integers(1, 30))
def test_any_text_becomes_a_printable_line_of_its_length(text: str, most: int) -> None:
    line = one_line(text, most)
    assert line.isprintable() and len(line) <= most and line == line.strip() and "  " not in line
    assert one_line(line, most) == line


def test_one_is_no_plural() -> None:
    assert [counted_noun(n, "gap") for n in (0, 1, 2)] == ["0 gaps", "1 gap", "2 gaps"]


@pytest.mark.parametrize(
    ("text", "bare"),
    [("Éàüñç", "Eaunc"), ("Østmarka Łódź", "Ostmarka Lodz"), ("\u0131\u015f\u0131k", "isik"), ("œuvre", "oeuvre"),
     ("\uff21\uff22", "AB"), ("山道 がけ", "山道 がけ")],
)  # fmt: skip
def test_letters_lose_accents_and_strokes_and_other_scripts_nothing(text: str, bare: str) -> None:
    assert without_accents(text) == bare

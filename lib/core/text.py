"""Text of unknown origin, made printable and short."""

from __future__ import annotations

import unicodedata
from typing import Final

_FORMULA: Final = frozenset("=+-@\t\r\n")


def one_line(text: str | None, most: int) -> str:
    """Text with blanks for whatever cannot be printed or breaks the line, cut to `most` characters with an ellipsis."""
    words = "".join(x if x.isprintable() else " " for x in text or "").split()
    line = " ".join(words)
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def counted_noun(number: int, noun: str) -> str:
    """Write a number with its noun: ``"1 gap"``, ``"3 gaps"``."""
    return f"{int(number)} {noun}{'' if number == 1 else 's'}"


def no_formula(text: str) -> str:
    """Quote text for a cell of a CSV if a spreadsheet would take it for a formula, full-width signs included.

    See https://owasp.org/www-community/attacks/CSV_Injection.
    """
    return f"'{text}" if unicodedata.normalize("NFKC", text[:1])[:1] in _FORMULA else text

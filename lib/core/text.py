"""Text of unknown origin, made printable and short."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_STROKES: Final = str.maketrans("øØłŁı", "oOlLi") | str.maketrans({"œ": "oe", "Œ": "OE"})
"""Letters with a stroke, which no normal form takes apart."""
_FORMULA: Final = frozenset("=+-@\t\r\n")


def one_line(text: str | None, most: int) -> str:
    """Text with blanks for whatever cannot be printed or breaks the line, cut to `most` characters with an ellipsis."""
    words = "".join(x if x.isprintable() else " " for x in text or "").split()
    line = " ".join(words)
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def without_accents(text: str) -> str:
    """Text in which letters have lost their accents and strokes; what belongs to letters of other scripts stays."""
    bare = "".join(x for x in unicodedata.normalize("NFKD", text) if not "\u0300" <= x <= "\u036f")
    return unicodedata.normalize("NFC", bare).translate(_STROKES)


def counted_noun(number: int, noun: str) -> str:
    """Write a number with its noun: ``"1 gap"``, ``"3 gaps"``."""
    return f"{int(number)} {noun}{'' if number == 1 else 's'}"


def no_formula(text: str) -> str:
    """Quote text for a cell of a CSV if a spreadsheet would take it for a formula, full-width signs included.

    See https://owasp.org/www-community/attacks/CSV_Injection.
    """
    return f"'{text}" if unicodedata.normalize("NFKC", text[:1])[:1] in _FORMULA else text


def file_stem(text: str, most: int = 100) -> str:
    """Words of anybody as part of a file's name: letters, digits, ``-`` and ``_``, in any alphabet; maybe none."""
    return re.sub(r"[^\w-]+", "_", unicodedata.normalize("NFC", one_line(text, most))).strip("_-")

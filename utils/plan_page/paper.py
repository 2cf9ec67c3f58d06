"""In: how much a race plan has to say. Out: what of it goes on two sheets of A4, and how large.

On a screen all is there. On paper the first sheet holds the title, the curves and the stations, the second all the
rest: curves become lower where there are many stations, a wide table has smaller letters and fewer columns, the
smallest climbs are left out where there are too many, and the kilometres are there if they fit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_SHEET_MM: Final = 274.0
"""A4 within its margins, less a little for fonts that are larger than those measured."""
_LETTERS: Final = {"wide": 105, "half": 52}
"""Letters of a line across a sheet, and across half of one."""
_ROW_MM, _HEAD_MM, _LINE_MM = 3.6, 13.0, 3.9
"""A row of a table; a heading with the names of columns; a line of text."""
_TITLE_MM: Final = 71.0
"""The title, and the headings of the curves and the stations."""
_CURVES_MM: Final = (80.0, 138.0)
"""Least and most height of the four curves."""
_MAP_MM, _CHANCES_MM = 82.0, 90.0
"""A map, the curve of chances: with their headings."""
MOST_NOTES: Final = 6

_WIDTH_PT: Final = 515.0
"""Width of a sheet within its margins, less a little."""
_POINTS: Final = (6.6, 7.4)
"""Least and usual size of a table's letters (pt)."""
_LETTER_EM, _PADDING_PT = 0.57, 4.6
"""Mean width of a letter, and what is left free in each column (0.8 mm on both sides)."""
_NAME_LETTERS: Final = 20
"""A longer name is cut, on paper alone."""
_DISPENSABLE: Final = ("GAP", "rpm", "bpm", "leg", "pace", "arrival", "up / down (m)")
"""Columns that a table which is too wide does without, one after the other."""


@dataclass(frozen=True)
class Fitted:
    """How a table fits across a sheet.

    Parameters
    ----------
    points : float
        Size of its letters (pt).
    left_out : frozenset of str
        Columns that are not on paper.
    """

    points: float
    left_out: frozenset[str]


def fitted(columns: Mapping[str, Sequence[str]]) -> Fitted:
    """Say how a table fits across a sheet; the names in its first column may be cut."""
    letters = {
        name: max(map(len, [*cells, *name.replace(" / ", "_/_").split()]), default=0) for name, cells in columns.items()
    }
    first = next(iter(letters))
    letters[first] = min(letters[first], _NAME_LETTERS)
    for number in range(len(_DISPENSABLE) + 1):
        left_out = frozenset(_DISPENSABLE[:number]) & set(columns)
        kept = [count for name, count in letters.items() if name not in left_out]
        points = (_WIDTH_PT - _PADDING_PT * len(kept)) / (_LETTER_EM * max(sum(kept), 1))
        if points >= _POINTS[0]:
            break
    return Fitted(min(points, _POINTS[1]), left_out)


@dataclass(frozen=True)
class Paper:
    """What goes on paper.

    Parameters
    ----------
    curves_mm : float
        Height of the curves along the course.
    climbs : tuple of bool
        Whether each climb and descent is there.
    kilometres : bool
        Whether the kilometres are.
    """

    curves_mm: float
    climbs: tuple[bool, ...]
    kilometres: bool


def _lines(texts: Sequence[str], letters: int) -> int:
    return sum(1 + len(text) // letters for text in texts)


def paper(
    legs: int,
    gains_m: Sequence[float],
    kilometres: int,
    *,
    notes: Sequence[str] = (),
    rules: int = 0,
    doubts: Sequence[str] = (),
    rests: str = "",
) -> Paper:
    """Say what of a plan goes on two sheets.

    Parameters
    ----------
    legs, kilometres, rules : int
        Rows of these tables.
    gains_m : sequence of float
        What each climb gains (m), descents below 0.
    notes : sequence of str
        What the first sheet has besides, each on lines of its own.
    doubts : sequence of str
        Texts, one below the other, across half of a sheet.
    rests : str
        Text at the end of the second sheet.
    """
    first_mm = _TITLE_MM + _HEAD_MM + _ROW_MM * legs + _LINE_MM * (2 + _lines(notes, _LETTERS["wide"]))
    curves_mm = min(max(_SHEET_MM - first_mm, _CURVES_MM[0]), _CURVES_MM[1])
    beside_mm = max(
        _MAP_MM + _HEAD_MM + _ROW_MM * rules,
        _CHANCES_MM + _LINE_MM * _lines(doubts, _LETTERS["half"]),
    )
    left_mm = _SHEET_MM - beside_mm - _LINE_MM * (4 + _lines([rests], _LETTERS["wide"]))
    left_mm -= max(first_mm + curves_mm - _SHEET_MM, 0.0)
    room = max(int((left_mm - _HEAD_MM) / _ROW_MM), 0)
    least_m = sorted((abs(gain) for gain in gains_m), reverse=True)[room - 1 : room]
    shown = tuple(len(gains_m) <= room or (room > 0 and abs(gain) >= least_m[0]) for gain in gains_m)
    left_mm -= _HEAD_MM + _ROW_MM * sum(shown) if gains_m else 0.0
    return Paper(curves_mm, shown, left_mm >= _HEAD_MM + _ROW_MM * kilometres)

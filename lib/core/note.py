"""A remark on a plan: a code to tell it by, a sentence to read, the numbers in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Note:
    """A remark for the reader of a plan.

    Parameters
    ----------
    code : str
        What it is about, for programs and tests: ``"cutoff_missed"``.
    text : str
        The sentence to read, on one line.
    values : mapping of str to float
        The numbers in it, with units in their names.
    """

    code: str
    text: str
    values: Mapping[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text

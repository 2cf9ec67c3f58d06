"""The one exception that users see, without a traceback."""

from __future__ import annotations

from pathlib import Path


class InputError(ValueError):
    """A user's mistake or a bad file, said in one sentence.

    Parameters
    ----------
    found : str
        What is there, e.g. ``"no elevation at any of its 412 points"``.
    expected : str
        What should be there, e.g. ``"an <ele> at 75% of the points or more"``.
    remedy : str
        What to do, e.g. ``"export the route again with elevation"``.
    source : str or Path, optional
        The file, column or parameter in which it was found.
    """

    def __init__(self, found: str, expected: str, remedy: str, source: str | Path | None = None) -> None:
        self.found = found
        self.expected = expected
        self.remedy = remedy
        self.source = None if source is None else str(source)
        super().__init__(found, expected, remedy, source)

    def __str__(self) -> str:
        where = f"{self.source}: " if self.source else ""
        return f"{where}found {self.found}; expected {self.expected}. {self.remedy}"

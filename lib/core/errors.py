"""What users are told of a mistake or a bad file, without a traceback."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

_NAME: Final = re.compile(r"\w+ = |\w*[_.(]\w*")


class InputError(ValueError):
    """A user's mistake or a bad file, said in one sentence.

    It reads ``"hill.gpx: no elevation at any of its 412 points; expected an <ele> at 75% of the points or more.
    Export the route again with elevation."``

    Parameters
    ----------
    found : str
        What is there, e.g. ``"no elevation at any of its 412 points"``.
    expected : str
        What should be there, e.g. ``"an <ele> at 75% of the points or more"``.
    remedy : str
        What to do, e.g. ``"Export the route again with elevation."``.
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
        said = f"{self.found}; expected {self.expected}. {self.remedy}"
        if self.source:
            return f"{self.source}: {said}"
        # A name that something was given to is no word to begin a sentence with.
        return said if _NAME.match(said) else said[:1].upper() + said[1:]


class NoSuchFileError(InputError):
    """There is no file or folder of that name.

    Parameters
    ----------
    path : str or Path
        As the user wrote it.
    remedy : str
        What to do.
    """

    def __init__(self, path: str | Path, remedy: str = "Check the path.") -> None:
        super().__init__("no such file", "one that exists", remedy, path)
        self.args = (path, remedy)

    def __str__(self) -> str:
        return f"No such file: {self.source}. {self.remedy}"

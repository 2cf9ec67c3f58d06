"""Content on its way to a client: its kind, the name of the file that it may become, and gzip."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote

from lib.core.text import file_stem

FRAMED: Final = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'self'; "
    "sandbox allow-scripts allow-modals allow-downloads allow-popups allow-popups-to-escape-sandbox"
)
"""Policy around the page of a plan, which itself names the one script that may run: it reaches nothing of this site."""
_LEAST_BYTES: Final = 1_000
"""Smaller content is not worth packing."""
_PACKED_ALREADY: Final = ("application/vnd.ant.fit", "application/zip")
_LEVEL: Final = 5


@dataclass(frozen=True)
class Answer:
    """What a request is answered with.

    Parameters
    ----------
    content : bytes
        The body.
    media_type : str
        Its kind.
    name : str
        What it is called if it is saved; empty, it is not meant to be.
    policy : str
        Its content security policy, where it has one of its own; a browser then shows it rather than saving it.
    gzipped : bool
        Whether the content is.
    """

    content: bytes
    media_type: str
    name: str = ""
    policy: str = ""
    gzipped: bool = False

    def as_wanted(self, packed: bool) -> Answer:
        """The same, gzipped if that is wanted and worth it."""
        if not packed or self.media_type in _PACKED_ALREADY or len(self.content) < _LEAST_BYTES:
            return self
        return replace(self, content=gzip.compress(self.content, _LEVEL, mtime=0), gzipped=True)

    @property
    def headers(self) -> dict[str, str]:
        """Its headers, but for its kind."""
        found = {"Vary": "Accept-Encoding"}
        if self.policy:
            found["Content-Security-Policy"] = self.policy
        if self.gzipped:
            found["Content-Encoding"] = "gzip"
        if self.name:
            plain = self.name.encode("ascii", "replace").decode().replace("?", "_")
            way = "inline" if self.policy else "attachment"
            found["Content-Disposition"] = f"{way}; filename=\"{plain}\"; filename*=UTF-8''{quote(self.name, safe='')}"
        return found


def file_name(stem: str, ending: str) -> str:
    """A file's name from words of anybody; never hidden, never empty."""
    return f"{file_stem(stem) or 'plan'}{ending}"


def takes_gzip(accepted: str) -> bool:
    """Whether a header ``Accept-Encoding`` allows gzip."""
    for item in accepted.lower().split(","):
        name, *more = (part.strip() for part in item.split(";"))
        if name in ("gzip", "*"):
            return not any(re.fullmatch(r"q=0(\.0*)?", part) for part in more)
    return False

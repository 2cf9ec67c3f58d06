"""XML of unknown origin, read as a tree whose names have no prefixes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.parsers import expat

from lib.core.errors import InputError

MAX_DEPTH = 64
"""Elements within elements; formats of recordings need a dozen, and readers may recurse."""

_CUT = frozenset(
    expat.errors.codes[text]
    for text in (
        *(expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_UNCLOSED_TOKEN),
        *(expat.errors.XML_ERROR_PARTIAL_CHAR, expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION),
    )
)
"""Errors of a file that is sound as far as it goes."""
_BARE = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9A-Fa-f]+);)")


class _Reader:
    """One attempt to read a file into a tree."""

    def __init__(self, encoding: str | None, source: str) -> None:
        self.source = source
        self.builder = ElementTree.TreeBuilder()
        self.open: list[ElementTree.Element] = []
        self.names: dict[str, str] = {}
        self.parser = expat.ParserCreate(encoding)
        self.parser.buffer_text = True
        self.parser.StartElementHandler, self.parser.EndElementHandler = self.enter, self.leave
        self.parser.CharacterDataHandler = self.builder.data
        self.parser.StartDoctypeDeclHandler = self.parser.EntityDeclHandler = self.refuse

    def refuse(self, *_: object) -> None:
        raise InputError(
            "a document type (DOCTYPE or ENTITY)", "plain XML without one", "Export the activity again.", self.source
        )

    def enter(self, name: str, attributes: dict[str, str]) -> None:
        local = self.names.get(name)
        if local is None:
            local = self.names[name] = name.rpartition(":")[2]
        self.open.append(self.builder.start(local, attributes))
        if len(self.open) > MAX_DEPTH:
            raise InputError(
                f"elements nested more than {MAX_DEPTH} deep", "a flat file", "Export it again.", self.source
            )

    def leave(self, name: str) -> None:
        self.open.pop()
        self.builder.end(self.names[name])

    def root(self, pieces: frozenset[str]) -> ElementTree.Element:
        """The tree; a piece in which the file breaks off is left out."""
        while self.open:
            last = self.open.pop()
            self.builder.end(last.tag)
            if last.tag in pieces and self.open:
                self.open[-1].remove(last)
        return self.builder.close()


def _attempts(content: bytes) -> Iterator[tuple[bytes, str | None]]:
    """The file as it is, then with what exporters forget put right: a bare ``&``, and an encoding that is not so."""
    yield content, None
    if b"\x00" in content[:4]:
        return
    escaped = _BARE.sub(b"&amp;", content)
    if escaped != content:
        yield escaped, None
    try:
        content.decode("utf-8")
        yield escaped, "utf-8"
    except UnicodeDecodeError:
        yield escaped, "iso-8859-1"


def read_xml(
    content: bytes, source: str, cut_within: frozenset[str] | None = None
) -> tuple[ElementTree.Element, tuple[str, ...]]:
    """Read an XML file without a document type, whatever its encoding.

    A document type (DOCTYPE, ENTITY) could expand to gigabytes or name other files, and no recording needs one. Names
    stand without their prefix, declared or not, and without their namespace: exporters forget both. A bare ``&`` is
    taken as written.

    Parameters
    ----------
    content : bytes
        The file.
    source : str
        Its name, for messages.
    cut_within : frozenset of str, optional
        If given, a file that is cut off is read as far as it goes; an element of these names in which it breaks off is
        left out.

    Returns
    -------
    Element, tuple of str
        The root, and what was put right, in words.

    Raises
    ------
    InputError
        Not well-formed, a document type, nested too deep, or an encoding that cannot be read.
    """
    content = content.lstrip() if content[:1].isspace() else content  # some exports begin with blanks
    if b"\x00" not in content[:4]:
        content = content.rstrip(b"\x00")  # a device that crashed leaves a block of them
    first: Exception | None = None
    for tried, encoding in _attempts(content):
        reader = _Reader(encoding, source)
        try:
            reader.parser.Parse(tried, True)
            return reader.root(frozenset()), ()
        except InputError:
            raise
        except (expat.ExpatError, ValueError, LookupError, UnicodeError) as error:
            first = first or error
            is_cut = isinstance(error, expat.ExpatError) and error.code in _CUT
            if is_cut and cut_within is not None and reader.open:
                return reader.root(cut_within), ("the file is cut off; what stands before was read",)
    raise InputError(
        f"XML that is not well-formed ({first})", "a whole, well-formed file",
        "It was cut off or damaged; export it again.", source,
    ) from first  # fmt: skip

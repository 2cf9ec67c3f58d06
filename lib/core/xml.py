"""XML of unknown origin, read as a tree whose names have no prefixes."""

from __future__ import annotations

import codecs
import re
from typing import Final
from xml.etree import ElementTree
from xml.parsers import expat

from lib.core.errors import InputError

MAX_ELEMENTS: Final = 4_000_000
"""In a file; four days of TCX at 1 Hz."""
MAX_DEPTH: Final = 64
"""Elements within elements; formats of recordings need a dozen, and readers may recurse."""
MAX_ATTRIBUTES: Final = 64
"""Of one element; points have two, and the first element some namespaces."""
MAX_NAMES: Final = 5_000
"""Of elements and attributes, each once; formats of recordings have some hundred."""

_CUT = frozenset(
    expat.errors.codes[text]
    for text in (
        *(expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_UNCLOSED_TOKEN),
        *(expat.errors.XML_ERROR_PARTIAL_CHAR, expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION),
    )
)
"""Errors of a file that is sound as far as it goes."""
_BARE = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9A-Fa-f]+);)")
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?\bencoding\s*=\s*["']([^"'>]{0,100})["']""")
_SINGLE_BYTE = re.compile(r"(?:iso-?8859-?\d{1,2}|latin-?\d|windows-?125\d|cp125\d)")
_EXPECTED = "UTF-8, UTF-16, ISO-8859 or Windows-125x"
_AGAIN = "Export it again."
_PIECE: Final = 1 << 20


class _Reader:
    """One attempt to read a file into a tree."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.builder = ElementTree.TreeBuilder()
        self.open: list[ElementTree.Element] = []
        self.names: dict[str, str] = {}
        self.interned: dict[str, str] = {}  # every name of an element or an attribute, once
        self.parser = expat.ParserCreate("utf-8", None, self.interned)  # whatever the file says that it is in
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
            raise InputError(f"elements nested more than {MAX_DEPTH} deep", "a flat file", _AGAIN, self.source)
        if len(self.interned) > MAX_NAMES:
            raise InputError(f"more than {MAX_NAMES} names", "those of a recording", _AGAIN, self.source)
        if len(attributes) > MAX_ATTRIBUTES:
            raise InputError(
                f"{len(attributes)} attributes of one element", f"{MAX_ATTRIBUTES} at most", _AGAIN, self.source
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


def _is_utf8(content: bytes) -> bool:
    """Whether bytes are UTF-8, which may break off within a character; takes little memory."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for first in range(0, len(content), _PIECE):
            decoder.decode(content[first : first + _PIECE])
    except UnicodeDecodeError:
        return False
    return True


def as_utf8(content: bytes, source: str) -> bytes:
    """Decode an XML file, once: what is checked and parsed is this text.

    Exporters state an encoding that is not so: UTF-8 where the bytes are, and ISO-8859-1 where they are nothing else.

    Raises
    ------
    InputError
        An encoding other than UTF-8, UTF-16, ISO-8859 or Windows-125x.
    """
    for mark, wide in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if content.startswith((mark, "<".encode(wide))):
            return content.removeprefix(mark).decode(wide, "replace").rstrip("\x00").encode("utf-8")
    content = content.lstrip().removeprefix(codecs.BOM_UTF8).lstrip()  # some exports begin with blanks
    content = content.rstrip(b"\x00")  # a device that crashed leaves a block of them
    found = _DECLARED.match(content)
    name = found[1].decode("latin-1").strip().lower().replace("_", "-") if found else "utf-8"
    if _SINGLE_BYTE.fullmatch(name):
        try:
            return content.decode(name).encode("utf-8")
        except (UnicodeDecodeError, LookupError):
            pass
    elif name not in ("utf-8", "utf8", "utf-16", "us-ascii", "ascii"):
        raise InputError(f"the encoding {name[:40]!r}", _EXPECTED, _AGAIN, source)
    return content if _is_utf8(content) else content.decode("iso-8859-1").encode("utf-8")


def _refuse_much(text: bytes, source: str, max_elements: int) -> None:
    """Count what takes time and memory before any of it is read: at least as much as there is of each."""
    counts = {
        "elements": text.count(b"<") - text.count(b"</"),
        "attributes": text.count(b"="),
        "character references": text.count(b"&"),
    }
    for what, number in counts.items():
        if number > max_elements:
            raise InputError(f"about {number} {what}", f"{max_elements} at most", "Thin out its points.", source)


def read_xml(
    content: bytes, source: str, cut_within: frozenset[str] | None = None, max_elements: int = MAX_ELEMENTS
) -> tuple[ElementTree.Element, tuple[str, ...]]:
    """Read an XML file without a document type.

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
    max_elements : int
        How many it may have about; counted before anything is made of them.

    Returns
    -------
    Element, tuple of str
        The root, and what was put right, in words.

    Raises
    ------
    InputError
        Not well-formed, a document type, too much of anything, or an encoding that is not taken.
    """
    text = as_utf8(content, source)
    _refuse_much(text, source, max_elements)
    first: expat.ExpatError | None = None
    for with_bare in (True, False):
        if not with_bare:
            escaped = _BARE.sub(b"&amp;", text)
            if escaped == text:
                break
            text = escaped
        reader = _Reader(source)
        try:
            reader.parser.Parse(text, True)
            return reader.root(frozenset()), ()
        except expat.ExpatError as error:
            first = first or error
            if error.code in _CUT and cut_within is not None and reader.open:
                return reader.root(cut_within), ("the file is cut off; what stands before was read",)
    raise InputError(
        f"XML that is not well-formed ({first})", "a whole, well-formed file",
        "It was cut off or damaged; export it again.", source,
    ) from first  # fmt: skip

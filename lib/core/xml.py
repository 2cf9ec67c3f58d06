"""XML of unknown origin is checked before a format's own reader sees it."""

from __future__ import annotations

import re
from xml.parsers import expat

from lib.core.errors import InputError

MAX_DEPTH = 64
"""Elements within elements; formats of recordings need a dozen, and readers may recurse."""


def checked_xml(content: bytes, source: str) -> str:
    """Text of a well-formed XML file without a document type.

    Read through once by expat, whatever the encoding, before a format's own reader sees it: a document type
    (DOCTYPE, ENTITY) could expand to gigabytes or name other files, and no recording needs one.

    Returns
    -------
    str
        The document without byte order mark and XML declaration.

    Raises
    ------
    InputError
        Not well-formed, a document type, nested too deep, or an encoding that cannot be read.
    """
    content = content.lstrip() if content[:1].isspace() else content  # some exports begin with blanks
    encoding: list[str] = []

    def refuse(*_: object) -> None:
        raise InputError(
            "a document type (DOCTYPE or ENTITY)", "plain XML without one", "Export the activity again.", source
        )

    depth = 0

    def enter(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise InputError(f"elements nested more than {MAX_DEPTH} deep", "a flat file", "Export it again.", source)

    def leave(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = enter, leave
    parser.XmlDeclHandler = lambda version, name, standalone: encoding.append(name or "")
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(content, True)
    except InputError:
        raise
    except (expat.ExpatError, ValueError, LookupError, UnicodeError) as error:
        raise InputError(
            f"XML that is not well-formed ({error})", "a whole, well-formed file",
            "It was cut off or damaged; export it again.", source,
        ) from error  # fmt: skip
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        name = "utf-16"
    elif encoding and encoding[0] and encoding[0].lower() not in ("utf-8", "utf8"):
        name = encoding[0]
    else:
        name = "utf-8-sig"
    try:
        text = content.decode(name)
    except (LookupError, UnicodeError) as error:
        raise InputError(f"text that is not {name}", "UTF-8", "Export the activity again.", source) from error
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text.lstrip("\ufeff"), count=1).lstrip()

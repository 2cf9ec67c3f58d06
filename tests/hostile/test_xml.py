"""A hostile GPX or TCX is refused in little time and memory, whatever of XML it uses."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

import pytest

from api.settings import Settings
from lib.core.errors import InputError
from lib.core.xml import MAX_ATTRIBUTES, as_utf8, read_xml
from lib.course.course import read_course
from lib.recordings.activities import read_activity
from tests.support.bounded import bounded
from tests.support.faulty import as_gpx, as_tcx, run
from tests.support.gpx_files import gpx, line, track

_MB: Final = 1_000_000
_DTD: Final = '<!DOCTYPE gpx [<!ENTITY a "' + "x" * 1_000 + '">]>'


def _inside(body: bytes, head: bytes = b"") -> bytes:
    return head + b"<gpx " + body + b"</trkseg></trk></gpx>"


def _entities(encoding: str) -> bytes:
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    return (head + _DTD.replace("<", "\\x3c") + "<gpx><name>" + 500_000 * "&a;" + "</name></gpx>").encode()


def _doctype(encoding: str) -> bytes:
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    return (head + _DTD + "<gpx><name>" + 1_000 * "&a;" + "</name></gpx>").encode(encoding)


_TRACK: Final = b"<trk><trkseg>"
_SPACES: Final = " ".join(f'xmlns:p{i}="u{i}"' for i in range(20_000)).encode()
ATTACKS: Final[dict[str, Callable[[], bytes]]] = {
    "unicode_escape": lambda: _entities("unicode_escape"),
    "raw_unicode_escape": lambda: _entities("raw_unicode_escape"),
    "utf-7": lambda: _entities("utf-7"),
    "a document type": lambda: _doctype("utf-8"),
    "a document type in UTF-16": lambda: _doctype("utf-16"),
    "a document type in Latin-1": lambda: _doctype("iso-8859-1"),
    "prefixes declared at once": lambda: _inside(_SPACES + b">" + _TRACK + 30_000 * b"<p7:a/>"),
    "prefixes declared one by one": lambda: _inside(
        b">" + _TRACK + b"".join(b'<a xmlns:q%d="v%d"/>' % (i, i) for i in range(400_000))
    ),
    "attributes": lambda: _inside(b">" + b"<a " + b" ".join(b'b%d=""' % i for i in range(900_000)) + b"/>" + _TRACK),
    "attributes everywhere": lambda: _inside(b">" + _TRACK + 400_000 * b'<a b="" c="" d="" e="" f="" g=""/>'),
    "empty elements": lambda: _inside(b">" + _TRACK + 4_700_000 * b"<a/>"),
    "elements of many names": lambda: _inside(b">" + _TRACK + b"".join(b"<a%d/>" % i for i in range(1_700_000))),
    "attributes of many names": lambda: _inside(
        b">" + _TRACK + b"".join(b'<a b%d="" c%d="" d%d=""/>' % (i, i, i) for i in range(450_000))
    ),
    "empty elements in UTF-16": lambda: ("<gpx>" + 2_300_000 * "<a/>" + "</gpx>").encode("utf-16"),
    "depth": lambda: 2_000_000 * b"<gpx>",
    "a long name": lambda: _inside(b">" + b"<" + 15 * _MB * b"a" + b"/>" + _TRACK),
    "a long number": lambda: _inside(b"><trk><trkseg>" + b'<trkpt lat="' + 15 * _MB * b"9" + b'" lon="1"/>'),
    "a comment without end": lambda: b"<gpx><!--" + 19 * _MB * b"-",
    "bare ampersands": lambda: _inside(b">" + 19 * _MB * b"&" + _TRACK),
    "references": lambda: _inside(b">" + 3_800_000 * b"&#65;" + _TRACK),
    "points": lambda: _inside(b">" + _TRACK + 750_000 * b'<trkpt lat="1" lon="1"/>'),
    "as many elements as it may have": lambda: _inside(b">" + _TRACK + 1_490_000 * b"<a>b</a>"),
}


def read_as_course(content: bytes) -> None:
    """As the API reads an upload."""
    read_course(content, "a.gpx", Settings().course)


def read_as_recording(content: bytes) -> None:
    read_activity("a.gpx", content)


@pytest.mark.slow
@pytest.mark.parametrize("name", ATTACKS)
def test_a_hostile_course_is_refused_within_bounds(name: str) -> None:
    content = ATTACKS[name]()
    assert len(content) < Settings().max_upload_bytes
    outcome = bounded(read_as_course, content, memory_mb=400, cpu_s=15)
    assert outcome.refused and outcome.said.startswith("a.gpx: "), outcome
    assert len(outcome.said) < 300


@pytest.mark.slow
@pytest.mark.parametrize("name", ["unicode_escape", "empty elements", "bare ampersands", "attributes", "depth"])
def test_a_hostile_recording_is_refused_within_bounds(name: str) -> None:
    outcome = bounded(read_as_recording, ATTACKS[name](), memory_mb=400, cpu_s=15)
    assert outcome.refused, outcome


@pytest.mark.parametrize(
    "encoding", ["unicode_escape", "raw_unicode_escape", "utf-7", "hex", "idna", "rot13", "x" * 90]
)
def test_another_encoding_is_refused_by_name(encoding: str) -> None:
    content = gpx(track(line())).replace(b"UTF-8", encoding.encode())
    with pytest.raises(InputError, match=rf"the encoding '{encoding.replace('_', '-')[:40]}'; expected UTF-8"):
        read_xml(content, "a.gpx")


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-16", "utf-16-le", "iso-8859-1", "iso-8859-15", "windows-1252", "cp1250"]
)
def test_usual_encodings_are_read_alike(encoding: str) -> None:
    name = encoding.removesuffix("-le")
    text = f'<?xml version="1.0" encoding="{name}"?><gpx><name>Zürich</name></gpx>'
    root, _ = read_xml(text.encode(encoding), "a.gpx")
    assert root.findtext("name") == "Zürich"


@pytest.mark.parametrize("stated", ["UTF-8", "UTF-16", "us-ascii", "iso-8859-99"])
@pytest.mark.parametrize("real", ["utf-8", "iso-8859-1"])
def test_an_encoding_that_is_not_so_is_put_right(stated: str, real: str) -> None:
    text = f'<?xml version="1.0" encoding="{stated}"?><gpx><name>Zürich</name></gpx>'
    assert read_xml(text.encode(real), "a.gpx")[0].findtext("name") == "Zürich"


def test_what_is_checked_is_what_is_parsed() -> None:
    text = '<?xml version="1.0" encoding="UTF-16"?><gpx>+ADw-a+AD4-\\x3ca></gpx>'
    assert as_utf8(text.encode(), "a.gpx") == text.encode()
    assert read_xml(text.encode(), "a.gpx")[0].text == "+ADw-a+AD4-\\x3ca>"


def test_too_many_attributes_are_counted_one_by_one() -> None:
    attributes = " ".join(f'b{i}=""' for i in range(MAX_ATTRIBUTES + 1))
    with pytest.raises(InputError, match=f"{MAX_ATTRIBUTES + 1} attributes of one element"):
        read_xml(f"<gpx {attributes}/>".encode(), "a.gpx")


def test_a_file_leaves_nothing_behind_for_the_next() -> None:
    good = as_gpx(run())
    before = len(read_activity("a.gpx", good)[0].samples)
    spaces = " ".join(f'xmlns:p{i}="http://u/{i}"' for i in range(MAX_ATTRIBUTES - 4))
    odd = good.replace(b"<gpx ", f"<gpx {spaces} ".encode())
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda x=x: found.append(len(read_activity("a.gpx", x)[0].samples)))
        for x in (odd, good, odd, good)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [before] * 4


def test_hostile_words_in_a_tcx_are_refused_too() -> None:
    good = as_tcx(run())
    assert read_activity("a.tcx", good)
    for change in (b'encoding="unicode_escape"', b'encoding="UTF-8"?><!DOCTYPE a [<!ENTITY b "c">]'):
        with pytest.raises(InputError, match=r"the encoding|a document type"):
            read_activity("a.tcx", good.replace(b'encoding="UTF-8"', change, 1))

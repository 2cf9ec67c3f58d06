"""GPX files: parsing those of unknown origin, and writing points."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from xml.parsers import expat
from xml.sax.saxutils import escape

import gpxpy
import gpxpy.gpx
import numpy as np

from lib.core.errors import InputError
from lib.core.xml import checked_xml

XML_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
GPX_HEAD: Final = (
    '<gpx version="1.1" creator="trailcast" xmlns="http://www.topografix.com/GPX/1/1"'
    ' xmlns:gpxtpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v1">\n'
)

_POINT = re.compile(r"<(?:[\w.-]+:)?(?:trkpt|rtept|wpt)[\s/>]")
_PREFIXED_ROOT = re.compile(r"<([\w.-]+):gpx[\s>]")


def _undeclared(text: str) -> tuple[set[str], int]:
    """Prefixes of a well-formed document that are used where none declares them, and where its first element begins."""
    scopes: list[frozenset[str]] = [frozenset(("xml", "xmlns"))]
    missing: set[str] = set()
    root: list[int] = []

    def enter(name: str, attributes: dict[str, str]) -> None:
        if not root:
            root.append(parser.CurrentByteIndex)
        scopes.append(scopes[-1] | {x[6:] for x in attributes if x.startswith("xmlns:")})
        missing.update({x.partition(":")[0] for x in (name, *attributes) if ":" in x} - scopes[-1])

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = enter, lambda _: scopes.pop()
    parser.Parse(text.encode(), True)
    return missing, root[0]


def _with_prefixes(text: str) -> str:
    """Declare what the file does not: some exports use Garmin's or another's elements without saying whose they are."""
    missing, root = _undeclared(text)
    content = text.encode()
    name_end = re.compile(rb"[\s/>]").search(content, root)
    if not missing or name_end is None:
        return text
    declared = "".join(f' xmlns:{prefix}="urn:undeclared:{prefix}"' for prefix in sorted(missing))
    return (content[: name_end.start()] + declared.encode() + content[name_end.start() :]).decode()


def parse_gpx(content: bytes, source: str, max_points: int | None = None) -> gpxpy.gpx.GPX:
    """Parse a GPX file of unknown origin.

    Prefixes that it does not declare are taken for extensions, and its own elements may have one.

    Parameters
    ----------
    content : bytes
        The file.
    source : str
        Its name, for messages.
    max_points : int, optional
        Points of all kinds that it may have; counted before anything is made of them.

    Raises
    ------
    InputError
        If it is no GPX, has too many points, or is XML that declares entities.
    """
    text = checked_xml(content, source)
    if max_points is not None:
        points = sum(1 for _ in _POINT.finditer(text))
        if points > max_points:
            raise InputError(f"{points} points", f"{max_points} at most", "Thin out its points.", source)
    prefixed = _PREFIXED_ROOT.search(text)
    if prefixed:  # the parser knows GPX's elements by their bare names
        text = re.sub(rf"(</?){re.escape(prefixed[1])}:", r"\1", text)
    try:
        try:
            return gpxpy.parse(text)
        except gpxpy.gpx.GPXXMLSyntaxException:
            return gpxpy.parse(_with_prefixes(text))
    except Exception as error:  # the parser raises many kinds for values of the wrong form
        raise InputError(f"GPX that cannot be read ({error})", "GPX 1.0 or 1.1", "Export it again.", source) from error


def xml_text(text: str) -> str:
    """Text as XML 1.0 can hold it; it has no way to write most control characters."""
    kept = (x for x in text if x in "\t\n" or (x >= " " and not "\ud800" <= x <= "\udfff" and x not in "\ufffe\uffff"))
    return escape("".join(kept))


def track_points(
    lat: np.ndarray,
    lon: np.ndarray,
    altitude_m: np.ndarray,
    stamps: Sequence[str],
    heart_rate_bpm: np.ndarray,
    cadence_rpm: np.ndarray,
) -> list[str]:
    """Points of a GPX track as XML, a line each; all of one length (degrees, m, ISO 8601, bpm, rpm of one leg)."""
    bpm, rpm = (np.rint(values).astype(int).tolist() for values in (heart_rate_bpm, cadence_rpm))
    return [
        f'<trkpt lat="{y:.7f}" lon="{x:.7f}"><ele>{z:.1f}</ele><time>{when}</time><extensions>'
        f"<gpxtpx:TrackPointExtension><gpxtpx:hr>{hr}</gpxtpx:hr><gpxtpx:cad>{cad}</gpxtpx:cad>"
        "</gpxtpx:TrackPointExtension></extensions></trkpt>\n"
        for y, x, z, when, hr, cad in zip(
            lat.tolist(), lon.tolist(), altitude_m.tolist(), stamps, bpm, rpm, strict=True
        )
    ]


def instants(start: datetime, race_s: np.ndarray) -> list[str]:
    """Instants some seconds after the start as GPX and TCX write them, shape (N,): UTC to the millisecond."""
    begin = start.astimezone(UTC)
    times = (begin + timedelta(milliseconds=ms) for ms in np.rint(1000.0 * race_s).tolist())
    return [f"{t:%Y-%m-%dT%H:%M:%S}.{t.microsecond // 1000:03d}Z" for t in times]

"""GPX files: reading those of unknown origin, and writing points."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

import numpy as np

from lib.core.errors import InputError
from lib.core.xml import MAX_ELEMENTS, read_xml

XML_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
CREATOR: Final = "trailcast"
GPX_HEAD: Final = (
    f'<gpx version="1.1" creator="{CREATOR}" xmlns="http://www.topografix.com/GPX/1/1"'
    ' xmlns:gpxtpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v1">\n'
)

_POINT = re.compile(rb"<(?:[\w.-]+:)?(?:trkpt|rtept|wpt|rpt|Trackpoint)[\s/>]")
_WAY_TAGS: Final = ("surface", "highway", "sac_scale")
_EACH: Final = 12
"""Elements of a point, more than any has: time, heart rate, cadence and temperature with what is around them are 8."""
_PIECES = frozenset({"trkpt", "rtept", "wpt"})


@dataclass(frozen=True, slots=True)
class Place:
    """A point of a line, or a waypoint, as a file has it.

    Parameters
    ----------
    latitude, longitude, elevation : float, optional
        Degrees (WGS 84) and metres; None where the file says nothing that is a number.
    name, kind, symbol, description, comment : str
        Of a waypoint; empty where the file says nothing.
    shape : bool
        Whether it only shapes the line between two points of a route.
    tags : mapping of str to str
        What a planner writes of the way at the point: surface, highway, sac_scale.
    """

    latitude: float | None
    longitude: float | None
    elevation: float | None = None
    name: str = ""
    kind: str = ""
    symbol: str = ""
    description: str = ""
    comment: str = ""
    shape: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """A track or a route: its name, and its points in parts that may lie apart."""

    name: str
    parts: list[list[Place]]


@dataclass(frozen=True, slots=True)
class Ways:
    """What a file of tracks, routes and waypoints holds."""

    name: str = ""
    tracks: list[Line] = field(default_factory=list)
    routes: list[Line] = field(default_factory=list)
    waypoints: list[Place] = field(default_factory=list)


def number_in(text: str | None) -> float | None:
    """Number in the text of an element, None if there is none; a comma may be decimal."""
    try:
        return float(text) if text else None
    except ValueError:
        try:
            return float((text or "").replace(",", "."))
        except ValueError:
            return None


def refuse_many_points(content: bytes, source: str, max_points: int | None) -> None:
    """Count the points of all kinds in a GPX or TCX file before anything is made of them."""
    if max_points is not None:
        points = sum(1 for _ in _POINT.finditer(content.replace(b"\x00", b"")))
        if points > max_points:
            raise InputError(f"{points} points", f"{max_points} at most", "Thin out its points.", source)


def elements_of(max_points: int | None) -> int:
    """Elements that a file of so many points may have."""
    return MAX_ELEMENTS if max_points is None else min(_EACH * max_points + _EACH * 100, MAX_ELEMENTS)


def gpx_tree(
    content: bytes, source: str, *, cut: bool = False, max_elements: int = MAX_ELEMENTS
) -> tuple[Element, tuple[str, ...]]:
    """Read a GPX file of any version as a tree, and say what was put right; `cut` takes one that breaks off too.

    Raises
    ------
    InputError
        If it is no GPX, or XML that declares entities.
    """
    root, said = read_xml(content, source, _PIECES if cut else None, max_elements)
    if root.tag != "gpx":
        raise InputError(f"<{root.tag[:40]}> instead of <gpx>", "GPX 1.0 or 1.1", "Export it again.", source)
    return root, said


def _text(element: Element, name: str) -> str:
    return (element.findtext(name) or "").strip()


def _place(point: Element) -> Place:
    numbers = number_in(point.get("lat")), number_in(point.get("lon")), number_in(point.findtext("ele"))
    extensions = point.find("extensions")
    return Place(*numbers) if extensions is None else Place(*numbers, tags=_way_tags(extensions))


def _way_tags(extensions: Element) -> dict[str, str]:
    """Tags of the way at a point, written as elements or as attributes."""
    found: dict[str, str] = {}
    for element in extensions.iter():
        said = {element.tag: element.text or ""} | element.attrib
        found |= {tag: text.strip().lower() for tag, text in said.items() if tag in _WAY_TAGS and text.strip()}
    return found


def _route_places(point: Element) -> list[Place]:
    """A point of a route, and those that BaseCamp puts behind it to shape the way to the next."""
    shape = (Place(number_in(x.get("lat")), number_in(x.get("lon")), shape=True) for x in point.iter("rpt"))
    return [_place(point), *shape]


def _waypoint(point: Element) -> Place:
    place, words = _place(point), (_text(point, tag) for tag in ("name", "type", "sym", "desc", "cmt"))
    return Place(place.latitude, place.longitude, place.elevation, *words)


def parse_gpx(content: bytes, source: str, max_points: int | None = None) -> Ways:
    """Parse a GPX file of unknown origin.

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
        If it is no GPX, has too many points, is cut off, or is XML that declares entities.
    """
    refuse_many_points(content, source, max_points)
    root, _ = gpx_tree(content, source, max_elements=elements_of(max_points))
    tracks = [
        Line(_text(x, "name"), [[_place(p) for p in part.findall("trkpt")] for part in x.findall("trkseg")])
        for x in root.findall("trk")
    ]
    routes = [
        Line(_text(x, "name"), [[place for p in x.findall("rtept") for place in _route_places(p)]])
        for x in root.findall("rte")
    ]
    name = _text(root, "metadata/name") or _text(root, "name")
    return Ways(name, tracks, routes, [_waypoint(x) for x in root.findall("wpt")])


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

"""Tracks, routes and waypoints of a course file: GPX, TCX or FIT, gzipped or not."""

from __future__ import annotations

import io
from typing import Final
from xml.etree.ElementTree import Element

from lib.core.errors import InputError
from lib.core.files import kind_of_file, unpacked
from lib.core.fit import DEGREES, readable
from lib.core.gpx import Line, Place, Ways, elements_of, number_in, parse_gpx, refuse_many_points
from lib.core.xml import read_xml

MAX_BYTES: Final = 50_000_000
"""Largest file read, after unpacking; 500,000 points of GPX."""
_EXPECTED: Final = "a GPX, TCX or FIT file"
_XML: Final = ("a GPX file", "an XML file", "a file of unknown kind")


def read_ways(content: bytes, source: str, max_points: int) -> Ways:
    """Read a file of any of these formats.

    Parameters
    ----------
    content : bytes
        The file.
    source : str
        Its name, for messages.
    max_points : int
        Points of all kinds that it may have.

    Raises
    ------
    InputError
        If it is none of these, too large or damaged, or has too many points; it says what the file is.
    """
    content = unpacked(content, MAX_BYTES, source)
    kind = kind_of_file(content)
    if kind in _XML:
        return parse_gpx(content, source, max_points)
    if kind == "a TCX recording":
        refuse_many_points(content, source, max_points)
        return _tcx(read_xml(content, source, max_elements=elements_of(max_points))[0])
    if kind == "a FIT recording":
        return _fit(content, source, max_points)
    if kind == "an athlete profile":
        remedy = "Give the course as GPX, and the profile as ATHLETE."
    else:
        remedy = "Unpack it first." if "archive" in kind else "Export the route or track as GPX."
    raise InputError(kind, _EXPECTED, remedy, source)


def _text(element: Element, name: str) -> str:
    return (element.findtext(name) or "").strip()


def _tcx(root: Element) -> Ways:
    """Courses of a TCX file, else its activities."""
    courses = list(root.iter("Course")) or [*root.iter("Activity"), *root.iter("Run")]

    def place(point: Element) -> Place:
        texts = (point.findtext(f"Position/{axis}Degrees") for axis in ("Latitude", "Longitude"))
        return Place(*map(number_in, texts), number_in(point.findtext("AltitudeMeters")))

    # other sensors have trackpoints of their own, without a position
    lines = [
        Line(_text(course, "Name"),
             [[place(p) for p in track.iter("Trackpoint") if p.find("Position") is not None]
              for track in course.iter("Track")])
        for course in courses
    ]  # fmt: skip
    marks = []
    for mark in root.iter("CoursePoint"):
        at = place(mark)
        name, kind, notes = (_text(mark, tag) for tag in ("Name", "PointType", "Notes"))
        marks.append(Place(at.latitude, at.longitude, at.elevation, name, "" if kind == "Generic" else kind, "", notes))
    return Ways(lines[0].name if lines else "", lines, [], marks)


def _fit(content: bytes, source: str, max_points: int) -> Ways:
    """Records and course points of a FIT file."""
    import fitdecode  # here: a GPX is read without

    points: list[Place] = []
    marks: list[Place] = []
    name = ""
    try:
        with fitdecode.FitReader(
            io.BytesIO(readable(content, source, max_points)),
            check_crc=fitdecode.CrcCheck.READONLY,
            error_handling=fitdecode.ErrorHandling.IGNORE,
        ) as reader:
            for message in reader:
                if not isinstance(message, fitdecode.FitDataMessage):
                    continue
                if message.name not in ("record", "course_point", "course"):
                    continue
                found = {item.name: item.value for item in message.fields if item.value is not None}
                if message.name == "course":
                    name = name or str(found.get("name", ""))
                elif isinstance(found.get("position_lat"), int) and isinstance(found.get("position_long"), int):
                    at = (found["position_lat"] * DEGREES, found["position_long"] * DEGREES)
                    if message.name == "record":
                        height = found.get("enhanced_altitude", found.get("altitude"))
                        points.append(Place(*at, float(height) if isinstance(height, int | float) else None))
                    else:
                        kind = str(found.get("type", "")).replace("_", " ")
                        marks.append(Place(*at, None, str(found.get("name", "")), "" if kind == "generic" else kind))
                    if len(points) + len(marks) > max_points:
                        raise InputError("too many points", f"{max_points} at most", "Thin out its points.", source)
    except InputError:
        raise
    except Exception as error:  # the reader raises many kinds on damaged bytes
        raise InputError(f"FIT that is damaged ({error})", "a whole FIT file", "Export it again.", source) from error
    return Ways(name, [Line(name, [points])], [], marks)

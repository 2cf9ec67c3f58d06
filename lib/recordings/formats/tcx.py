"""TCX recordings."""

from __future__ import annotations

import contextlib
import io
import re
import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime

from tcxreader.tcxreader import TCXReader

from lib.core.errors import InputError
from lib.core.schema import ALTITUDE, CADENCE, DISTANCE, HEART_RATE, LATITUDE, LONGITUDE
from lib.core.xml import checked_xml
from lib.recordings.formats.activity import Activity, NoRecordingError, build_activity, join_readable

_NS = "{http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2}"


def _epoch(time: datetime | None) -> float:
    if time is None:
        return float("nan")
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()


def _prepared(activity: ElementTree.Element) -> bytes:
    """One activity as a document of its own, without what the reader stumbles over.

    It joins all activities of a file into one, looks only at the first level of ``<Activities>`` (a multisport
    session nests deeper), and fails on points without a time, on fractions finer than 1 µs and on empty lap extensions.
    """
    for lap in activity.iter(f"{_NS}Lap"):
        for child in list(lap):
            if child.tag not in (f"{_NS}Track",):
                lap.remove(child)
    for track in activity.iter(f"{_NS}Track"):
        for point in list(track):
            time = point.find(f"{_NS}Time")
            if time is None or not (time.text or "").strip():
                track.remove(point)
            else:
                time.text = re.sub(r"(\.\d{6})\d+", r"\1", time.text.strip())
    root = ElementTree.Element(f"{_NS}TrainingCenterDatabase")
    ElementTree.SubElement(root, f"{_NS}Activities").append(activity)
    return ElementTree.tostring(root)


def _read_one(activity: ElementTree.Element, name: str) -> Activity:
    sport = activity.get("Sport", "")
    activity.set("Sport", sport)
    device = activity.findtext(f"{_NS}Creator/{_NS}Name")
    before = sum(1 for _ in activity.iter(f"{_NS}Trackpoint"))
    document = _prepared(activity)
    try:
        # the reader prints about points that it cannot compare; they are checked below
        with contextlib.redirect_stdout(io.StringIO()):
            points = TCXReader().read(io.BytesIO(document), only_gps=False).trackpoints  # type: ignore[arg-type]
    except Exception as error:
        raise InputError(f"TCX that cannot be read ({error})", "TCX version 2", "Export it again.", name) from error
    lost = before - len(points)
    return build_activity(
        name,
        sport,
        [_epoch(p.time) for p in points],
        {
            DISTANCE: [p.distance for p in points],
            ALTITUDE: [p.elevation for p in points],
            HEART_RATE: [p.hr_value for p in points],
            CADENCE: [p.tpx_ext.get("RunCadence", p.cadence) for p in points],
            LATITUDE: [p.latitude for p in points],
            LONGITUDE: [p.longitude for p in points],
        },
        device=device,
        warnings=[f"{lost} samples without a time left out"] if lost else [],
    )


def read_tcx(content: bytes, source: str) -> list[Activity]:
    """Read the activities of a TCX file.

    Cadence is that of the foot pod or watch (``RunCadence`` of ActivityExtension v2) where there is one, else
    ``Cadence``. Times without a zone are UTC. Source: Garmin TrainingCenterDatabase v2 and ActivityExtension v2 (xsd).

    Parameters
    ----------
    content : bytes
        The file.
    source : str
        Its name, for messages.

    Returns
    -------
    list of Activity
        One per activity that could be read; one that could not is named in the warnings of the first.

    Raises
    ------
    InputError
        Not TCX, no activity, or none that can be read.
    """
    text = checked_xml(content, source)
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError) as error:
        raise InputError(f"XML that cannot be read ({error})", "TCX", "Export it again.", source) from error
    found = list(root.iter(f"{_NS}Activity"))
    if not found:
        raise NoRecordingError(
            f"no activity in <{root.tag.rpartition('}')[2]}>", "an <Activity> of TrainingCenterDatabase v2",
            "A course or workout holds no recording; export the activity.", source,
        )  # fmt: skip
    named = [(source if i == 1 else f"{source} #{i}", element) for i, element in enumerate(found, start=1)]
    return join_readable(lambda item: _read_one(item[1], item[0]), named)

"""TCX recordings."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from lib.core.errors import InputError
from lib.core.schema import ALTITUDE, CADENCE, DISTANCE, HEART_RATE, LATITUDE, LONGITUDE
from lib.core.xml import checked_xml
from lib.recordings.formats.activity import (
    Activity,
    NoRecordingError,
    build_activity,
    column_of,
    epoch_s,
    join_readable,
)

_NS = "{http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2}"
_FIELDS = {
    f"{_NS}AltitudeMeters": ALTITUDE,
    f"{_NS}DistanceMeters": DISTANCE,
    f"{_NS}LatitudeDegrees": LATITUDE,
    f"{_NS}LongitudeDegrees": LONGITUDE,
    f"{_NS}Value": HEART_RATE,  # of HeartRateBpm; no other element of a point has one
    f"{_NS}Cadence": CADENCE,
}
_RUN_CADENCE = "{http://www.garmin.com/xmlschemas/ActivityExtension/v2}RunCadence"
_COLUMNS = tuple(_FIELDS.values())


def _row(point: ElementTree.Element) -> dict[str, str | None]:
    """Texts of a trackpoint by column, and its time."""
    row: dict[str, str | None] = {}
    run_cadence = None
    for element in point.iter():
        if element.tag == f"{_NS}Time":
            row["time"] = element.text
        elif element.tag == _RUN_CADENCE:
            run_cadence = element.text
        elif element.tag in _FIELDS:
            row[_FIELDS[element.tag]] = element.text
    if run_cadence is not None:
        row[CADENCE] = run_cadence
    return row


def _read_one(activity: ElementTree.Element, name: str) -> Activity:
    rows = [_row(point) for point in activity.iter(f"{_NS}Trackpoint")]
    return build_activity(
        name,
        activity.get("Sport", ""),
        [epoch_s(row.get("time")) for row in rows],
        {column: column_of(rows, column) for column in _COLUMNS},
        device=activity.findtext(f"{_NS}Creator/{_NS}Name"),
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

"""TCX recordings."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from lib.core.schema import ALTITUDE, CADENCE, DISTANCE, HEART_RATE, LATITUDE, LONGITUDE
from lib.core.xml import read_xml
from lib.recordings.formats.activity import (
    Activity,
    NoRecordingError,
    build_activity,
    column_of,
    epoch_s,
    join_readable,
    planned_course,
)

_FIELDS = {
    "Time": "time",
    "AltitudeMeters": ALTITUDE,
    "DistanceMeters": DISTANCE,
    "LatitudeDegrees": LATITUDE,
    "LongitudeDegrees": LONGITUDE,
    "Value": HEART_RATE,  # of HeartRateBpm; no other element of a point has one
    "Cadence": CADENCE,
}
_COLUMNS = tuple(_FIELDS.values())[1:]


def _row(point: Element) -> dict[str, str | None]:
    """Texts of a trackpoint by column, and its time."""
    row: dict[str, str | None] = {}
    run_cadence = None
    for element in point.iter():
        if element.tag == "RunCadence":
            run_cadence = element.text
        elif element.tag in _FIELDS:
            row[_FIELDS[element.tag]] = element.text
    if run_cadence is not None:
        row[CADENCE] = run_cadence
    return row


def _read_one(activity: Element, name: str, said: tuple[str, ...]) -> Activity:
    rows: list[dict[str, str | None]] = []
    parts: list[int] = []
    for number, track in enumerate(activity.iter("Track")):
        points = [_row(point) for point in track.iter("Trackpoint")]
        rows += points
        parts += [number] * len(points)
    return build_activity(
        name,
        activity.get("Sport", "Running" if activity.tag == "Run" else ""),
        [epoch_s(row.get("time")) for row in rows],
        {column: column_of(rows, column) for column in _COLUMNS},
        device=activity.findtext("Creator/Name"),
        warnings=said,
        parts=parts,
    )


def read_tcx(content: bytes, source: str) -> list[Activity]:
    """Read the activities of a TCX file.

    Cadence is that of the foot pod or watch (``RunCadence`` of ActivityExtension v2) where there is one, else
    ``Cadence``. Between two tracks the timer was stopped. A file that is cut off is read as far as it goes. Times
    without a zone are UTC. Source: Garmin TrainingCenterDatabase v1, v2 and ActivityExtension v2 (xsd).

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
    root, said = read_xml(content, source, frozenset({"Trackpoint"}))
    # the first version of the format keeps runs and rides in histories of their own
    found = [*root.iter("Activity"), *(x for history in root.iter("History") for x in history.iter("Run"))]
    if not found:
        if root.find(".//Course") is not None:
            raise planned_course("no activity in the file", source)
        raise NoRecordingError(
            f"no activity in <{root.tag}>", "an <Activity> of TrainingCenterDatabase v2",
            "A workout holds no recording; export the activity.", source,
        )  # fmt: skip
    named = [(source if i == 1 else f"{source} #{i}", element) for i, element in enumerate(found, start=1)]
    return join_readable(lambda item: _read_one(item[1], item[0], said), named)

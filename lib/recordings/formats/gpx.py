"""GPX tracks as recordings, with heart rate and cadence of Garmin's and Cluetrust's extensions."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from lib.core.gpx import CREATOR, gpx_tree
from lib.core.schema import ALTITUDE, CADENCE, HEART_RATE, LATITUDE, LONGITUDE, TEMPERATURE
from lib.recordings.formats.activity import (
    Activity,
    NoRecordingError,
    build_activity,
    epoch_s,
    join_readable,
    planned_course,
)

# Garmin TrackPointExtension v1 and v2: hr, cad, atemp; Cluetrust GPXDATA 1.0: hr, cadence, temp.
_EXTENSIONS = {
    "hr": HEART_RATE,
    "heartrate": HEART_RATE,
    "cad": CADENCE,
    "cadence": CADENCE,
    "atemp": TEMPERATURE,
    "temp": TEMPERATURE,
}
# Numbers that Strava's exports write as the type of a track.
_STRAVA_TYPES = {"1": "cycling", "4": "hiking", "9": "running", "10": "walking", "16": "swimming"}


def _row(point: Element) -> dict[str, object]:
    """Texts of a track point by column, and its time."""
    row: dict[str, object] = {LATITUDE: point.get("lat"), LONGITUDE: point.get("lon")}
    for element in point.iter():
        tag = element.tag
        if tag == "ele":
            row.setdefault(ALTITUDE, element.text)
        elif tag == "time":
            row.setdefault("time", element.text)
        elif element.text and (name := _EXTENSIONS.get(tag) or _EXTENSIONS.get(tag.lower())):
            row.setdefault(name, element.text)
    return row


def _read_track(track: Element, name: str, device: str | None, said: tuple[str, ...]) -> Activity:
    rows: list[dict[str, object]] = []
    parts: list[int] = []
    for number, segment in enumerate(track.iter("trkseg")):
        points = [_row(point) for point in segment.iter("trkpt")]
        rows += points
        parts += [number] * len(points)
    columns = {column: [row.get(column) for row in rows] for column in {key for row in rows for key in row} - {"time"}}
    kind = (track.findtext("type") or "").strip()
    times = [epoch_s(row.get("time")) for row in rows]
    if device == CREATOR and not kind and any(t == t for t in times):
        raise planned_course("exported here", name)
    return build_activity(
        name, _STRAVA_TYPES.get(kind, kind), times, columns, device=device, warnings=said, parts=parts
    )


def read_gpx(content: bytes, source: str) -> list[Activity]:
    """Read the tracks of a GPX file.

    Each ``<trk>`` is one activity, its segments joined in order of time; between two of them the timer was stopped. A
    file that is cut off is read as far as it goes. Times without a zone are UTC, as GPX 1.1 demands.
    Sources: topografix.com/GPX/1/1; Garmin TrackPointExtension v2 (xsd); Cluetrust GPXDATA 1.0 (xsd).

    Parameters
    ----------
    content : bytes
        The file.
    source : str
        Its name, for messages.

    Returns
    -------
    list of Activity
        One per track that could be read; a track that could not is named in the warnings of the first.

    Raises
    ------
    InputError
        Not GPX, no track (a route or waypoints only), or no track that can be read.
    """
    root, said = gpx_tree(content, source, cut=True)
    tracks = [track for track in root.findall("trk") if track.find("trkseg/trkpt") is not None]
    if not tracks:
        routes, waypoints = len(root.findall("rte")), len(root.findall("wpt"))
        raise NoRecordingError(
            f"no track ({routes} routes, {waypoints} waypoints)", "a recorded track (<trk>)",
            "A planned course is read as a course; export the recorded activity.", source,
        )  # fmt: skip
    named = [(source if i == 1 else f"{source} #{i}", track) for i, track in enumerate(tracks, start=1)]
    return join_readable(lambda item: _read_track(item[1], item[0], root.get("creator"), said), named)

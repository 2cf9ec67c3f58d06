"""GPX tracks as recordings, with heart rate and cadence of Garmin's and Cluetrust's extensions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from typing import Any

import gpxpy.gpx

from lib.core.errors import InputError
from lib.core.gpx import parse_gpx
from lib.core.schema import ALTITUDE, CADENCE, HEART_RATE, LATITUDE, LONGITUDE, TEMPERATURE
from lib.recordings.formats.activity import Activity, NoRecordingError, build_activity, column_of, join_readable

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


def _elements(nodes: Iterable[Any]) -> Iterable[Any]:
    for node in nodes:
        yield from node.iter()


def _row(point: gpxpy.gpx.GPXTrackPoint) -> dict[str, object]:
    row: dict[str, object] = {LATITUDE: point.latitude, LONGITUDE: point.longitude, ALTITUDE: point.elevation}
    for element in _elements(point.extensions):
        name = _EXTENSIONS.get(str(element.tag).rpartition("}")[2].lower())
        if name and element.text and row.get(name) is None:
            row[name] = element.text.strip()
    return row


def _epoch(point: gpxpy.gpx.GPXTrackPoint) -> float:
    if point.time is None:
        return float("nan")
    time = point.time if point.time.tzinfo else point.time.replace(tzinfo=UTC)
    return time.timestamp()


def _read_track(track: gpxpy.gpx.GPXTrack, name: str, device: str | None) -> Activity:
    points = [point for segment in track.segments for point in segment.points]
    try:
        rows = [_row(point) for point in points]
        epoch = [_epoch(point) for point in points]
    except (ValueError, OverflowError, TypeError) as error:
        raise InputError(f"a point that cannot be read ({error})", "GPX", "Export it again.", name) from error
    columns = {column: column_of(rows, column) for column in {key for row in rows for key in row}}
    kind = _STRAVA_TYPES.get((track.type or "").strip(), track.type)
    return build_activity(name, kind, epoch, columns, device=device)


def read_gpx(content: bytes, source: str) -> list[Activity]:
    """Read the tracks of a GPX file.

    Each ``<trk>`` is one activity, its segments joined in their order. Times without a zone are UTC, as GPX 1.1
    demands. Sources: topografix.com/GPX/1/1; Garmin TrackPointExtension v2 (xsd); Cluetrust GPXDATA 1.0 (xsd).

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
    gpx = parse_gpx(content, source)
    tracks = [track for track in gpx.tracks if any(segment.points for segment in track.segments)]
    if not tracks:
        raise NoRecordingError(
            f"no track ({len(gpx.routes)} routes, {len(gpx.waypoints)} waypoints)", "a recorded track (<trk>)",
            "A planned course is read as a course; export the recorded activity.", source,
        )  # fmt: skip
    named = [(source if i == 1 else f"{source} #{i}", track) for i, track in enumerate(tracks, start=1)]
    return join_readable(lambda item: _read_track(item[1], item[0], gpx.creator), named)

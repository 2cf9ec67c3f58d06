"""Training sessions of Polar's data export (JSON) as recordings."""

from __future__ import annotations

from collections.abc import Mapping

from lib.core.errors import InputError
from lib.core.fields import parse_json
from lib.core.schema import ALTITUDE, CADENCE, DISTANCE, HEART_RATE, LATITUDE, LONGITUDE, TEMPERATURE
from lib.recordings.formats.activity import (
    Activity,
    NoRecordingError,
    build_activity,
    column_of,
    epoch_s,
    join_readable,
)

_SERIES = {
    "heartrate": HEART_RATE,
    "altitude": ALTITUDE,
    "cadence": CADENCE,
    "distance": DISTANCE,
    "temperature": TEMPERATURE,
}
# Numbers of sports in the newer form (Polar AccessLink, "detailed sport info"): running and its kinds, common others.
_SPORT_IDS = {
    "1": "running", "2": "cycling", "3": "walking", "4": "jogging", "5": "mountain_biking", "11": "hiking",
    "17": "treadmill_running", "23": "swimming", "27": "trail_running", "36": "track_running",
}  # fmt: skip


def _list(value: object) -> list[Mapping[str, object]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _map(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _older(samples: Mapping[str, object], rows: dict[float, dict[str, object]]) -> None:
    """``samples.heartRate`` … ``samples.recordedRoute``, each a list with a ``dateTime``."""
    for key, entries in samples.items():
        column = _SERIES.get(str(key).lower())
        for entry in _list(entries) if column else []:
            value = _number(entry.get("value"))
            if column and value is not None:
                rows.setdefault(epoch_s(entry.get("dateTime")), {})[column] = value
    for entry in _list(samples.get("recordedRoute")):
        row = rows.setdefault(epoch_s(entry.get("dateTime")), {})
        row[LATITUDE], row[LONGITUDE] = _number(entry.get("latitude")), _number(entry.get("longitude"))
        if row.get(ALTITUDE) is None:  # the barometer's series goes before the satellites' altitude
            row[ALTITUDE] = _number(entry.get("altitude"))


def _newer(exercise: Mapping[str, object], start: float, rows: dict[float, dict[str, object]]) -> None:
    """``samples.samples`` with a type, an interval and values; ``routes.route.wayPoints`` with elapsed times."""
    for series in _list(_map(exercise.get("samples")).get("samples")):
        column = _SERIES.get(str(series.get("type")).replace("_", "").lower())
        step, values = _number(series.get("intervalMillis")), series.get("values")
        if column and step and step > 0 and isinstance(values, list):
            for i, value in enumerate(values):
                if (number := _number(value)) is not None:
                    rows.setdefault(start + i * step / 1_000, {})[column] = number
    route = _map(_map(exercise.get("routes")).get("route"))
    begin = epoch_s(route.get("startTime"))
    for point in _list(route.get("wayPoints")):
        elapsed = _number(point.get("elapsedMillis"))
        if elapsed is not None:
            row = rows.setdefault((begin if begin == begin else start) + elapsed / 1_000, {})
            row[LATITUDE], row[LONGITUDE] = _number(point.get("latitude")), _number(point.get("longitude"))
            if row.get(ALTITUDE) is None:
                row[ALTITUDE] = _number(point.get("altitude"))


def _read_exercise(exercise: Mapping[str, object], session: Mapping[str, object], name: str) -> Activity:
    start = epoch_s(exercise.get("startTime") or session.get("startTime"))
    sport = exercise.get("sport")
    if isinstance(sport, Mapping):
        sport = _SPORT_IDS.get(str(sport.get("id")), f"polar_sport_{sport.get('id')}")
    rows: dict[float, dict[str, object]] = {}
    _older(_map(exercise.get("samples")), rows)
    _newer(exercise, start, rows)
    times = sorted(t for t in rows if t == t)
    ordered = [rows[t] for t in times]
    columns = {key: column_of(ordered, key) for key in {k for row in ordered for k in row}}
    device = session.get("deviceId") or _map(session.get("product")).get("modelName")
    return build_activity(name, sport, times, columns, device=str(device) if device else None)


def read_polar(content: bytes, source: str) -> list[Activity]:
    """Read the exercises of a ``training-session-*.json`` of the export of account.polar.com.

    The older form has lists with a ``dateTime`` and a ``value`` in ``exercises[].samples`` and the positions in
    ``recordedRoute``; the newer one has typed series with an interval and way points with elapsed times. Each series
    has its own times; they are joined by instant. Times carry no zone and are taken as UTC, so a session late in the
    evening may count to the next day. Samples are ordered by time, as the lists of the file are apart anyway.

    Parameters
    ----------
    content : bytes
        The file.
    source : str
        Its name, for messages.

    Returns
    -------
    list of Activity
        One per exercise that could be read; one that could not is named in the warnings of the first.

    Raises
    ------
    InputError
        Not JSON, no exercise, or none that can be read.
    """
    try:
        session = parse_json(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError("bytes that are no text", "a JSON file", "Export it again.", source) from error
    except InputError as error:
        raise InputError(error.found, error.expected, "Export it again.", source) from error
    exercises = _list(_map(session).get("exercises"))
    if not exercises:
        raise NoRecordingError(
            "JSON without exercises", "a training session of Polar's data export", "Leave this file out.", source
        )
    named = [(source if i == 1 else f"{source} #{i}", exercise) for i, exercise in enumerate(exercises, start=1)]
    return join_readable(lambda item: _read_exercise(item[1], _map(session), item[0]), named)

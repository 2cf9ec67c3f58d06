"""FIT recordings; a multisport file holds several."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass, field
from datetime import datetime

import fitdecode
import numpy as np

from lib.core.errors import InputError
from lib.core.fit import DEGREES, readable
from lib.core.schema import ALTITUDE, CADENCE, DISTANCE, HEART_RATE, LATITUDE, LONGITUDE, TEMPERATURE
from lib.core.text import counted_noun
from lib.recordings.formats.activity import (
    Activity,
    NoRecordingError,
    build_activity,
    column_of,
    join_readable,
    planned_course,
)

_CUT_MAX = 0.05
"""A cut-off file is read if its records reach this close to the distance that it states (fraction)."""

_FIELDS = frozenset(
    (
        *("timestamp", "distance", "enhanced_altitude", "altitude", "heart_rate", "cadence", "fractional_cadence"),
        *("position_lat", "position_long", "temperature"),
    )
)

_BEAT_S = 5.0
"""Heart rate of a record is that of a beat at most so far from it (s)."""


@dataclass
class _Part:
    """What one run of records in a file (one of several files chained in one, at times) was found to hold."""

    kind: str = ""
    device: str | None = None
    sport: object = None
    records: list[dict[str, object]] = field(default_factory=list)
    stops: list[tuple[float, bool]] = field(default_factory=list)
    beats: list[tuple[float, float]] = field(default_factory=list)
    beat_clock: tuple[float, float] | None = None
    sessions: list[dict[str, object]] = field(default_factory=list)


@dataclass
class _Scan:
    parts: list[_Part] = field(default_factory=list)
    complete: int = 0
    warnings: list[str] = field(default_factory=list)
    cut: bool = False


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _seconds(value: object) -> float:
    """Time of a field: s since 1970, or since the device was switched on where it had no clock yet."""
    if isinstance(value, datetime):
        return value.timestamp()
    return float(value) if isinstance(value, int) else float("nan")


def _record(message: fitdecode.FitDataMessage) -> dict[str, object]:
    # one pass over the fields: looking each name up takes longer than reading the file
    found: dict[str, object] = {}
    for item in message.fields:
        if item.value is not None and item.name in _FIELDS:
            found.setdefault(item.name, item.value)
    get = {name: number for name, value in found.items() if (number := _number(value)) is not None}
    lat, lon, cadence = get.get("position_lat"), get.get("position_long"), get.get("cadence")
    return {
        "time": found.get("timestamp"),
        DISTANCE: get.get("distance"),
        ALTITUDE: get.get("enhanced_altitude", get.get("altitude")),
        HEART_RATE: get.get("heart_rate"),
        CADENCE: None if cadence is None else cadence + get.get("fractional_cadence", 0.0),
        LATITUDE: None if lat is None else lat * DEGREES,
        LONGITUDE: None if lon is None else lon * DEGREES,
        TEMPERATURE: get.get("temperature"),
    }


def _take(message: fitdecode.FitDataMessage, scan: _Scan, new_file: bool) -> bool:
    """Add one message to the scan; returns whether the next record may begin a new part."""
    part = scan.parts[-1]
    name = message.name
    if name == "record":
        record = _record(message)
        if new_file and part.records and _seconds(record["time"]) <= _seconds(part.records[-1]["time"]):
            # A file appended to another begins again in time; a recording that goes on does not.
            scan.parts.append(part := _Part(part.kind, part.device, part.sport))
        part.records.append(record)
        return False
    if name == "session":
        names = ("sport", "start_time", "total_distance")
        part.sessions.append({key: message.get_value(key, fallback=None) for key in names})
    elif name == "file_id" and (not part.kind or part.kind != "activity"):
        part.kind = str(message.get_value("type", fallback=""))
        words = [message.get_value(key, fallback=None) for key in ("manufacturer", "product")]
        part.device = " ".join(str(w) for w in words if w is not None) or None
    elif name in ("sport", "lap") and part.sport is None:
        part.sport = message.get_value("sport", fallback=None)
    elif name == "event" and message.get_value("event", fallback=None) == "timer":
        kind = str(message.get_value("event_type", fallback=""))
        if kind == "start" or kind.startswith("stop"):
            part.stops.append((_seconds(message.get_value("timestamp", fallback=None)), kind != "start"))
    elif name == "hr":
        _take_beats(message, part)
    return new_file


def _take_beats(message: fitdecode.FitDataMessage, part: _Part) -> None:
    """Heart rate that a strap kept while it was out of reach: beats on its own clock (FIT profile, message hr).

    The first message ties that clock, ``event_timestamp`` in 1/1024 s, to the time of day; later ones count on in
    twelve bits each, which begin anew every four seconds.
    """
    stamp = message.get_value("timestamp", fallback=None)
    rates = _several(message.get_value("filtered_bpm", fallback=None))
    ticks = [float(x) for x in _several(message.get_raw_value("event_timestamp", fallback=None))]
    packed = [int(x) for x in _several(message.get_raw_value("event_timestamp_12", fallback=None))]
    if isinstance(stamp, datetime) and ticks:
        part.beat_clock = (stamp.timestamp() + (_number(message.get_value("fractional_timestamp", fallback=0)) or 0.0)
                           - ticks[0] / 1024.0, ticks[0])  # fmt: skip
    if part.beat_clock is None:
        return
    zero_s, last = part.beat_clock
    for i in range(0, len(packed) - 2, 3):
        a, b, c = packed[i : i + 3]
        for low in (a | (b & 0xF) << 8, b >> 4 | c << 4):
            last += (low - last) % 4096
            ticks.append(last)
    if ticks:
        part.beat_clock = (zero_s, ticks[-1])
    part.beats += [(zero_s + tick / 1024.0, rate) for tick, rate in zip(ticks, rates, strict=False)]


def _several(value: object) -> list[float]:
    """Numbers of a field that may hold one, several or none; bytes are several."""
    found = list(value) if isinstance(value, tuple | list | bytes) else [value]
    return [float(x) for x in found if isinstance(x, int | float)]


def _with_beats(records: list[dict[str, object]], beats: list[tuple[float, float]]) -> None:
    """Give records without heart rate that of the beat next to them in time, if one lies near."""
    if not beats or any(record[HEART_RATE] is not None for record in records):
        return
    at, rate = np.array(sorted(beats), dtype=float).T
    for record in records:
        time = _seconds(record["time"])
        nearest = int(np.clip(np.searchsorted(at, time), 1, at.size - 1)) if at.size > 1 else 0
        if at.size > 1 and time - at[nearest - 1] < at[nearest] - time:
            nearest -= 1
        if abs(at[nearest] - time) <= _BEAT_S:
            record[HEART_RATE] = float(rate[nearest])


def _pauses(part: _Part) -> list[tuple[float, float]]:
    """When the timer was stopped: from a stop to the next start, or to the last record."""
    pauses: list[tuple[float, float]] = []
    since: float | None = None
    for at, is_stop in part.stops:
        if at != at:
            continue
        if is_stop:
            since = at if since is None else since
        elif since is not None:
            pauses.append((since, at))
            since = None
    if since is not None:
        pauses.append((since, max((_seconds(record["time"]) for record in part.records), default=since)))
    return pauses


def _scan(content: bytes, source: str) -> _Scan:
    scan = _Scan([_Part()])
    new_file = False
    crc_wrong = 0
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            reader = fitdecode.FitReader(
                io.BytesIO(readable(content, source)),
                check_crc=fitdecode.CrcCheck.READONLY,
                error_handling=fitdecode.ErrorHandling.WARN,
            )
            with reader:
                for frame in reader:
                    if isinstance(frame, fitdecode.FitHeader):
                        new_file = bool(scan.complete)
                    elif isinstance(frame, fitdecode.FitCRC):
                        scan.complete += 1
                        crc_wrong += not frame.matched
                    elif isinstance(frame, fitdecode.FitDataMessage):
                        new_file = _take(frame, scan, new_file)
        except InputError as error:
            raise InputError(error.found, error.expected, error.remedy, source) from error
        except fitdecode.FitEOFError:
            scan.cut = True
            scan.warnings.append(f"the file is cut off at byte {len(content)}; what stands before was read")
        except Exception as error:  # the reader raises many kinds on damaged bytes
            if not (scan.complete and isinstance(error, fitdecode.FitHeaderError)):
                raise InputError(
                    f"FIT that is damaged ({error})", "a whole FIT file",
                    "What follows the damage is lost; export the activity again.", source,
                ) from error  # fmt: skip
            scan.warnings.append(
                f"what follows the first {counted_noun(scan.complete, 'part')} is no FIT and was left out"
            )
    if crc_wrong:
        scan.warnings.append(f"{counted_noun(crc_wrong, 'checksum')} wrong, all records there; read as it stands")
    if caught:
        scan.warnings.append(
            f"{counted_noun(len(caught), 'field definition')} of a wrong form passed over ({caught[0].message})"
        )
    return scan


def _pieces(part: _Part) -> list[tuple[object, list[dict[str, object]]]]:
    """(sport, records) of each session of a part: a record belongs to the last session begun before it."""
    starts = np.array([_seconds(s["start_time"]) for s in part.sessions])
    if len(starts) < 2 or not np.isfinite(starts).all():
        sport = part.sessions[0]["sport"] if part.sessions else part.sport
        return [(sport, part.records)]
    order = np.argsort(starts, kind="stable")
    times = np.array([_seconds(r["time"]) for r in part.records], dtype=float)
    owner = np.clip(np.searchsorted(starts[order], times, side="right") - 1, 0, None)
    return [
        (part.sessions[s]["sport"], [part.records[j] for j in np.flatnonzero(owner == i)]) for i, s in enumerate(order)
    ]


def read_fit(content: bytes, source: str) -> list[Activity]:
    """Read the sessions of a FIT activity file.

    What a user expects of a file that is not perfect, and what is said in `Activity.warnings`:

    * a wrong checksum with all records there: read;
    * cut off at the end (the battery died): read up to the cut, unless the file states a distance that the records
      do not reach (5%), as then an unknown part is missing: refused;
    * damaged in the middle: refused;
    * bytes after a whole file that are no FIT: left out.

    Cadence of running is steps of one leg per minute with ``fractional_cadence`` added (FIT profile). A device
    without a clock writes times since it was switched on: `Activity.start` is None then.

    Parameters
    ----------
    content : bytes
        The file.
    source : str
        Its name, for messages.

    Returns
    -------
    list of Activity
        One per session that could be read; one that could not is named in the warnings of the first.

    Raises
    ------
    InputError
        Not FIT, not an activity (settings, workout, weight…), damaged, or no session that can be read.
    """
    scan = _scan(content, source)
    parts = [part for part in scan.parts if part.records]
    if parts and all(part.kind == "course" for part in parts):
        raise planned_course("a FIT file of type 'course'", source)
    if not parts:
        kind = scan.parts[0].kind or "unknown"
        raise NoRecordingError(
            f"a FIT file of type '{kind}' without records", "an activity with records",
            "Settings, workouts and daily files hold no recording; leave this file out.", source,
        )  # fmt: skip
    if scan.cut:
        stated = sum(_number(s["total_distance"]) or 0.0 for part in parts for s in part.sessions)
        reached = sum(max((r[DISTANCE] or 0.0 for r in part.records), default=0.0) for part in parts)
        if stated and reached < (1.0 - _CUT_MAX) * stated:
            raise InputError(
                f"FIT cut off after {reached:.0f} m of the {stated:.0f} m it states", "a whole FIT file",
                "Export the activity again.", source,
            )  # fmt: skip
    for part in parts:
        _with_beats(part.records, part.beats)
    pieces = [(part, sport, records) for part in parts for sport, records in _pieces(part)]
    named = [(source if i == 1 else f"{source} #{i}", *piece) for i, piece in enumerate(pieces, start=1)]

    def read(item: tuple[str, _Part, object, list[dict[str, object]]]) -> Activity:
        name, part, sport, records = item
        times = column_of(records, "time")
        clock = any(isinstance(t, datetime) for t in times)
        epoch = [_seconds(t) if isinstance(t, datetime) == clock else float("nan") for t in times]
        columns = {key: column_of(records, key) for key in (records[0] if records else {}) if key != "time"}
        if not any(v is not None for v in columns.get(TEMPERATURE, [])):
            columns.pop(TEMPERATURE, None)
        return build_activity(
            name, sport, epoch, columns, device=part.device, clock=clock, warnings=scan.warnings, pauses=_pauses(part)
        )

    return join_readable(read, named)

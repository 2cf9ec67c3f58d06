"""In: a race plan. Out: files for other programs: every step and every leg as CSV, the course with times as GPX."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

import numpy as np

from lib import columns as c
from lib.clock import arrivals
from lib.errors import InputError
from lib.files import write_atomically
from lib.itinerary import instants, itinerary, known_start
from lib.marks import Mark, mark_lines, marks
from lib.plan import PLAN_COLUMNS
from lib.race_plan import RacePlan
from lib.race_splits import legs

_STEP_DECIMALS: Final = (0, 1, 4, 3, 1, 1, 3)
XML_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
GPX_HEAD: Final = (
    '<gpx version="1.1" creator="trailcast" xmlns="http://www.topografix.com/GPX/1/1"'
    ' xmlns:gpxtpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v1">\n'
)


def _cell(value: object, decimals: int = 3) -> str:
    """A value as a cell: numbers plain, nothing where there is none, text that no spreadsheet takes for a formula."""
    if isinstance(value, str):
        # A cell that begins so is run as a formula: https://owasp.org/www-community/attacks/CSV_Injection
        text = f"'{value}" if value[:1] in "=+-@\t\r" and value else value
        return '"' + text.replace('"', '""') + '"' if any(x in text for x in ',"\n\r') else text
    number = float(value)  # type: ignore[arg-type]
    return "" if np.isnan(number) else f"{number:.{decimals}f}".rstrip("0").rstrip(".") if decimals else f"{number:.0f}"


def _csv(columns: Mapping[str, list[str]]) -> bytes:
    lines = [",".join(columns), *(",".join(row) for row in zip(*columns.values(), strict=True))]
    return ("\n".join(lines) + "\n").encode()


def _clocks(race: RacePlan, race_s: np.ndarray) -> list[str]:
    """Instants of race times to the nearest second, ISO 8601; nothing where there is no time."""
    assert race.start is not None
    told = arrivals(race.start, np.rint(np.nan_to_num(race_s)))
    return ["" if np.isnan(s) else when.isoformat(timespec="seconds") for s, when in zip(race_s, told, strict=True)]


def steps_csv(race: RacePlan) -> bytes:
    """Every step, a row each; units are in the columns' names, clocks are told where the start is known."""
    table = race.plan.columns
    low_s, high_s = race.step_interval_s
    columns = {
        name: [f"{value:.{decimals}f}" for value in table[name].tolist()]
        for name, decimals in zip(PLAN_COLUMNS, _STEP_DECIMALS, strict=True)
    }
    for name, values in ((c.ARRIVAL, race.arrival_s), (c.ARRIVAL_LOW, low_s), (c.ARRIVAL_HIGH, high_s)):
        columns[name] = [f"{value:.1f}" for value in values.tolist()]
    if race.start is not None:
        columns[c.ARRIVAL_CLOCK] = _clocks(race, race.arrival_s)
    return _csv(columns)


def legs_csv(race: RacePlan) -> bytes:
    """Every leg from station to station, a row each: `lib.race_splits.legs`, with clocks where the start is known."""
    table = legs(race)
    columns = {name: [_cell(value) for value in values.tolist()] for name, values in table.items()}
    if race.start is not None:
        clocks = (c.ARRIVAL_CLOCK, c.ARRIVAL), (c.DEPARTURE_CLOCK, c.DEPARTURE), (c.CUTOFF_CLOCK, c.CUTOFF)
        columns |= {clock: _clocks(race, table[name]) for clock, name in clocks}
    return _csv(columns)


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


def _waypoint(lat: float, lon: float, name: str, comment: str, description: str, kind: str) -> str:
    texts = (("name", name), ("cmt", comment), ("desc", description), ("type", kind))  # in the order of the schema
    inside = "".join(f"<{tag}>{xml_text(text)}</{tag}>" for tag, text in texts if text)
    return f'<wpt lat="{lat:.7f}" lon="{lon:.7f}">{inside}</wpt>\n'


def _waypoints(race: RacePlan) -> list[str]:
    of_file: dict[int, list[Mark]] = {id(waypoint): [] for waypoint in race.course.waypoints}
    others = []
    for mark in marks(race):
        (others if mark.waypoint is None else of_file[id(mark.waypoint)]).append(mark)

    def told(found: Sequence[Mark]) -> str:
        return ". ".join(line for mark in found for line in (f"Km {mark.km:.1f}", *mark_lines(race, mark)))

    return [
        *(_waypoint(w.lat, w.lon, w.name, w.description, told(of_file[id(w)]), w.kind) for w in race.course.waypoints),
        *(_waypoint(mark.lat, mark.lon, mark.name, "", told([mark]), mark.kind) for mark in others),
    ]


def gpx_bytes(race: RacePlan) -> bytes:
    """The course as a GPX 1.1 track with the predicted time of every point: a partner to run against.

    Heart rate and cadence stand in Garmin's extension (TrackPointExtension v1, cadence of one leg); at a planned stop
    two points lie in one place. Waypoints are those of the course's file, once each with all arrivals there, then the
    stations that are none of these, and the finish: planned again from this file, the stations are the same.
    Sources: https://www.topografix.com/GPX/1/1/, https://www8.garmin.com/xmlschemas/TrackPointExtensionv1.xsd

    Raises
    ------
    InputError
        If the start is not known.
    """
    way = itinerary(race)
    stamps = instants(known_start(race, "GPX"), way.race_s)
    points = track_points(way.lat, way.lon, way.altitude_m, stamps, way.heart_rate_bpm, way.cadence_rpm)
    name = f"<trk><name>{xml_text(race.course.name)}</name><trkseg>\n"
    return "".join([XML_HEAD, GPX_HEAD, *_waypoints(race), name, *points, "</trkseg></trk>\n</gpx>\n"]).encode()


def write_export(path: Path, content: bytes) -> None:
    """Write a file whole or not at all.

    Raises
    ------
    InputError
        If it cannot be written there.
    """
    try:
        write_atomically(path, content)
    except OSError as error:
        said = error.strerror or type(error).__name__
        raise InputError(f"a place not to be written ({said})", "a file", "Choose another folder.", path) from error

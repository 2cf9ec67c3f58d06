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
from lib.itinerary import arrival_interval, instants, itinerary, known_start
from lib.marks import mark_lines, marks
from lib.plan import PLAN_COLUMNS
from lib.race_plan import RacePlan
from lib.race_splits import legs

CLOCK: Final = "arrival_clock"
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


def _clocks(race: RacePlan, arrival_s: np.ndarray) -> dict[str, list[str]]:
    if race.start is None:
        return {}
    return {CLOCK: [when.isoformat(timespec="seconds") for when in arrivals(race.start, arrival_s)]}


def steps_csv(race: RacePlan) -> bytes:
    """Every step, a row each; units are in the columns' names, clocks are told where the start is known."""
    table = race.plan.columns
    low_s, high_s = arrival_interval(race)
    columns = {
        name: [f"{value:.{decimals}f}" for value in table[name].tolist()]
        for name, decimals in zip(PLAN_COLUMNS, _STEP_DECIMALS, strict=True)
    }
    for name, values in ((c.ARRIVAL, race.arrival_s), (c.ARRIVAL_LOW, low_s), (c.ARRIVAL_HIGH, high_s)):
        columns[name] = [f"{value:.1f}" for value in values.tolist()]
    return _csv(columns | _clocks(race, race.arrival_s))


def legs_csv(race: RacePlan) -> bytes:
    """Every leg from station to station, a row each, with the columns of `lib.race_splits.legs`."""
    table = legs(race)
    columns = {name: [_cell(value) for value in values.tolist()] for name, values in table.items()}
    return _csv(columns | _clocks(race, table[c.ARRIVAL]))


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


def gpx_bytes(race: RacePlan) -> bytes:
    """The course as a GPX 1.1 track with the predicted time of every point: a partner to run against.

    Heart rate and cadence stand in Garmin's extension (TrackPointExtension v1, cadence of one leg); at a planned stop
    two points lie in one place. Waypoints are those of the course and, with what is expected there, the stations.
    Sources: https://www.topografix.com/GPX/1/1/, https://www8.garmin.com/xmlschemas/TrackPointExtensionv1.xsd

    Raises
    ------
    InputError
        If the start is not known.
    """
    way = itinerary(race)
    stamps = instants(known_start(race, "GPX"), way.race_s)
    points = track_points(way.lat, way.lon, way.altitude_m, stamps, way.heart_rate_bpm, way.cadence_rpm)
    named = marks(race)
    told = {id(mark.waypoint) for mark in named if mark.waypoint is not None}
    places = [(w.lat, w.lon, w.name, w.description) for w in race.course.waypoints if id(w) not in told]
    places += [(m.lat, m.lon, m.name, ". ".join(mark_lines(race, m))) for m in named]
    waypoints = [
        f'<wpt lat="{lat:.7f}" lon="{lon:.7f}"><name>{xml_text(name)}</name><desc>{xml_text(text)}</desc></wpt>\n'
        for lat, lon, name, text in places
    ]
    name = f"<trk><name>{xml_text(race.course.name)}</name><trkseg>\n"
    return "".join([XML_HEAD, GPX_HEAD, *waypoints, name, *points, "</trkseg></trk>\n</gpx>\n"]).encode()


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

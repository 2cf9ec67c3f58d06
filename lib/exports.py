"""In: a plan, and where times of day are told its start. Out: files of it for other programs: CSV, GPX."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

import numpy as np

from lib import columns as c
from lib.clock import arrivals
from lib.errors import InputError
from lib.files import write_atomically
from lib.plan import PLAN_COLUMNS, Plan

_CSV_DECIMALS: Final = (0, 1, 4, 3, 1, 1, 3)
_XML: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_GPX: Final = (
    '<gpx version="1.1" creator="trailcast" xmlns="http://www.topografix.com/GPX/1/1"'
    ' xmlns:gpxtpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v1">\n'
)


def csv_bytes(plan: Plan) -> bytes:
    """Every step of the plan, a row each; units are in the columns' names."""
    columns = [
        [f"{value:.{decimals}f}" for value in plan.columns[name].tolist()]
        for name, decimals in zip(PLAN_COLUMNS, _CSV_DECIMALS, strict=True)
    ]
    lines = [",".join(PLAN_COLUMNS), *(",".join(row) for row in zip(*columns, strict=True))]
    return ("\n".join(lines) + "\n").encode("ascii")


def _text(text: str) -> str:
    """Text as XML 1.0 can hold it; it has no way to write most control characters."""
    return escape(
        "".join(x for x in text if x in "\t\n" or (x >= " " and not "\ud800" <= x <= "\udfff" and x < "\ufffe"))
    )


def stamps(start: datetime, elapsed_s: np.ndarray) -> list[str]:
    """Instants some seconds after the start as GPX and TCX write them, UTC to the millisecond."""
    return [f"{t.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{t.microsecond // 1000:03d}Z" for t in arrivals(start, elapsed_s)]


def gpx_bytes(plan: Plan, start: datetime) -> bytes:
    """The course as a GPX 1.1 track with the predicted time of every point: a partner to run against.

    Heart rate and cadence stand in Garmin's extension (TrackPointExtension v1, cadence of one leg). Standing is not in
    it. Sources: https://www.topografix.com/GPX/1/1/, https://www8.garmin.com/xmlschemas/TrackPointExtensionv1.xsd

    Parameters
    ----------
    plan : Plan
        What is predicted.
    start : datetime
        With its zone.
    """
    columns = dict(plan.course.columns) | dict(plan.columns)
    values = zip(
        columns[c.LATITUDE].tolist(),
        columns[c.LONGITUDE].tolist(),
        columns[c.ALTITUDE].tolist(),
        stamps(start, columns[c.ELAPSED]),
        np.rint(columns[c.HEART_RATE]).astype(int).tolist(),
        np.rint(columns[c.CADENCE]).astype(int).tolist(),
        strict=True,
    )
    points = [
        f'<trkpt lat="{lat:.7f}" lon="{lon:.7f}"><ele>{ele:.1f}</ele><time>{when}</time><extensions>'
        f"<gpxtpx:TrackPointExtension><gpxtpx:hr>{hr}</gpxtpx:hr><gpxtpx:cad>{cad}</gpxtpx:cad>"
        "</gpxtpx:TrackPointExtension></extensions></trkpt>\n"
        for lat, lon, ele, when, hr, cad in values
    ]
    waypoints = [
        f'<wpt lat="{w.lat:.7f}" lon="{w.lon:.7f}"><name>{_text(w.name)}</name></wpt>\n' for w in plan.course.waypoints
    ]
    name = f"<trk><name>{_text(plan.course.name)}</name><trkseg>\n"
    return "".join([_XML, _GPX, *waypoints, name, *points, "</trkseg></trk>\n</gpx>\n"]).encode()


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

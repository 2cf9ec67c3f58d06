"""One made-up run as GPX, TCX and FIT, to be damaged as devices and exporters do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd

from lib.core import schema as c
from lib.core.geodesy import EARTH_RADIUS_M
from lib.recordings.activities import read_activity
from lib.recordings.formats.activity import Activity
from lib.recordings.sessions import session_from_activity
from tests.support.fit_files import CLOCK, EPOCH, fit

_DEGREE_M: Final = EARTH_RADIUS_M * np.pi / 180.0
LAT, LON = 46.0, 7.0


@dataclass(frozen=True)
class Sample:
    """A point as a device saw it; None where it saw nothing."""

    time_s: float
    lat: float | None
    lon: float | None
    altitude_m: float | str | None
    bpm: int | None = 150
    rpm: int | None = 85
    distance_m: float | None = None
    part: int = 0


def place(metres: float) -> tuple[float, float]:
    """A way that winds to the north-east."""
    north, east = 0.8 * metres, 0.6 * metres
    return float(LAT + north / _DEGREE_M), float(LON + east / (_DEGREE_M * np.cos(np.radians(LAT))))


def run(metres: float = 800.0, mps: float = 2.5, every_s: float = 4.0, *, distance: bool = False) -> list[Sample]:
    """An even run over a hill: 0.80 km in 320 s unless told otherwise."""
    times = np.arange(0.0, metres / mps + 1e-9, every_s)
    return [at_place(float(t), float(t * mps), distance=distance) for t in times]


def at_place(time_s: float, metres: float, *, distance: bool = False, part: int = 0) -> Sample:
    lat, lon = place(metres)
    height = round(1_000.0 + 40.0 * np.sin(metres / 150.0), 1)
    return Sample(time_s, lat, lon, height, distance_m=round(metres, 2) if distance else None, part=part)


def _stamp(time_s: float) -> str:
    return datetime.fromtimestamp(EPOCH + CLOCK + time_s, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def as_gpx(samples: Sequence[Sample], kind: str = "running", version: str = "1.1", creator: str = "t") -> bytes:
    """A GPX track; a segment for each part."""
    parts: list[str] = []
    before = None
    for x in samples:
        if x.part != before:
            parts.append("</trkseg><trkseg>" if parts else "<trkseg>")
            before = x.part
        where = "".join(f' {k}="{v:.7f}"' for k, v in (("lat", x.lat), ("lon", x.lon)) if v is not None)
        ele = "" if x.altitude_m is None else f"<ele>{x.altitude_m}</ele>"
        body = "".join(f"<g:{k}>{v}</g:{k}>" for k, v in (("hr", x.bpm), ("cad", x.rpm)) if v is not None)
        more = f"<extensions><g:TrackPointExtension>{body}</g:TrackPointExtension></extensions>" if body else ""
        parts.append(f"<trkpt{where}>{ele}<time>{_stamp(x.time_s)}</time>{more}</trkpt>\n")
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><gpx version="{version}" creator="{creator}" '
        'xmlns="http://www.topografix.com/GPX/1/1" '
        'xmlns:g="http://www.garmin.com/xmlschemas/TrackPointExtension/v1">'
        f"<trk><name>A</name><type>{kind}</type>{''.join(parts)}</trkseg></trk></gpx>"
    ).encode()


def as_tcx(samples: Sequence[Sample], kind: str = "Running") -> bytes:
    """A TCX activity; a track for each part."""
    parts: list[str] = []
    before = None
    for x in samples:
        if x.part != before:
            parts.append("</Track><Track>" if parts else "<Track>")
            before = x.part
        where = (
            ""
            if x.lat is None
            else f"<Position><LatitudeDegrees>{x.lat:.7f}</LatitudeDegrees>"
            f"<LongitudeDegrees>{x.lon:.7f}</LongitudeDegrees></Position>"
        )
        values = (("AltitudeMeters", x.altitude_m), ("DistanceMeters", x.distance_m))
        body = "".join(f"<{k}>{v}</{k}>" for k, v in values if v is not None)
        heart = "" if x.bpm is None else f"<HeartRateBpm><Value>{x.bpm}</Value></HeartRateBpm>"
        more = (
            f"<Extensions><n:TPX><n:RunCadence>{x.rpm}</n:RunCadence></n:TPX></Extensions>" if x.rpm is not None else ""
        )
        parts.append(f"<Trackpoint><Time>{_stamp(x.time_s)}</Time>{where}{body}{heart}{more}</Trackpoint>\n")
    return (
        '<?xml version="1.0" encoding="UTF-8"?><TrainingCenterDatabase '
        'xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2" '
        'xmlns:n="http://www.garmin.com/xmlschemas/ActivityExtension/v2"><Activities>'
        f'<Activity Sport="{kind}"><Lap StartTime="{_stamp(0)}">{"".join(parts)}</Track></Lap></Activity></Activities>'
        "</TrainingCenterDatabase>"
    ).encode()


def rows_of(samples: Sequence[Sample]) -> list[dict[str, int]]:
    """Records of FIT; what it has no value for is left out."""
    rows = []
    for x in samples:
        row = {"timestamp": round(CLOCK + x.time_s)}
        if x.lat is not None and x.lon is not None:
            row |= {"position_lat": round(x.lat * 2**31 / 180), "position_long": round(x.lon * 2**31 / 180)}
        if isinstance(x.altitude_m, float | int):
            row["altitude"] = int(np.clip(round((x.altitude_m + 500) * 5), 0, 65_534))
        row |= {k: v for k, v in (("heart_rate", x.bpm), ("cadence", x.rpm)) if v is not None}
        if x.distance_m is not None:
            row["distance"] = round(100 * x.distance_m)
        rows.append(row)
    return rows


def as_fit(samples: Sequence[Sample], sport: str = "running") -> bytes:
    """A FIT activity; between two parts the timer is stopped."""
    timer = [(round(CLOCK + samples[0].time_s), True)]
    for one, two in pairwise(samples):
        if one.part != two.part:
            timer += [(round(CLOCK + one.time_s), False), (round(CLOCK + two.time_s), True)]
    return fit((sport, rows_of(samples)), timer=timer)


WRITERS: Final[dict[str, Callable[[Sequence[Sample]], bytes]]] = {"a.gpx": as_gpx, "a.tcx": as_tcx, "a.fit": as_fit}


@dataclass(frozen=True)
class Made:
    """What became of a file."""

    km: float
    moving_s: float
    standing_s: float
    table: pd.DataFrame
    activity: Activity

    @property
    def said(self) -> str:
        return "; ".join(self.activity.warnings)


def session_of(name: str, content: bytes) -> Made:
    (activity,) = read_activity(name, content)
    table = session_from_activity(activity)
    moving, standing = (float(table[k].to_numpy(float).sum()) for k in (c.DURATION, c.STOP))
    return Made(len(table) * c.STEP_M / 1000.0, moving, standing, table, activity)


def changed(samples: Sequence[Sample], at: int, **values: object) -> list[Sample]:
    """The samples with other values at one place."""
    found = list(samples)
    found[at] = replace(found[at], **values)  # type: ignore[arg-type]
    return found

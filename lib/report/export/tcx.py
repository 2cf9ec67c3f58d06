"""A race plan as a TCX course: a virtual partner, for devices and sites that do not read FIT."""

from __future__ import annotations

from typing import Final

import numpy as np

from lib.core.gpx import instants, xml_text
from lib.plan.race_plan import RacePlan
from lib.report.export.cues import cue_names, cues
from lib.report.export.marks import short_names
from lib.report.export.timeline import NO_DATE, for_watch

_COURSE_NAME: Final = 15
_POINT_NAME: Final = 10
"""Most characters that the schema allows."""
_KINDS: Final = {
    "first aid": "First Aid",
    "food": "Food",
    "water": "Water",
    "summit": "Summit",
    "danger": "Danger",
    "fourth category": "4th Category",
    "third category": "3rd Category",
    "second category": "2nd Category",
    "first category": "1st Category",
    "hors category": "Hors Category",
    "": "Generic",
}
_HEAD: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n<Courses><Course>\n'
)


def _position(lat: float, lon: float) -> str:
    east = f"{lon:.7f}"
    east = "-180.0000000" if east == "180.0000000" else east  # the schema ends just before it
    degrees = f"<LatitudeDegrees>{lat:.7f}</LatitudeDegrees><LongitudeDegrees>{east}</LongitudeDegrees>"
    return f"<Position>{degrees}</Position>"


def tcx_bytes(race: RacePlan) -> bytes:
    """Make a TCX course of a plan, with time, heart rate and cadence of every point as in `lib.report.export.fit`.

    Order and kinds of elements as the schema has them:
    https://www8.garmin.com/xmlschemas/TrainingCenterDatabasev2.xsd

    Parameters
    ----------
    race : RacePlan
        The plan.
    """
    way, named, start = for_watch(race), cues(race), race.start or NO_DATE
    mean_bpm = min(max(round(race.mean_heart_rate_bpm), 1), 255)
    ends = ("Begin", way.lat[0], way.lon[0]), ("End", way.lat[-1], way.lon[-1])
    lap = (
        f"<Lap><TotalTimeSeconds>{way.race_s[-1]:.1f}</TotalTimeSeconds>"
        f"<DistanceMeters>{way.distance_m[-1]:.1f}</DistanceMeters>"
        + "".join(f"<{name}Position>{_position(lat, lon)[10:-11]}</{name}Position>" for name, lat, lon in ends)
        + f"<AverageHeartRateBpm><Value>{mean_bpm}</Value></AverageHeartRateBpm><Intensity>Active</Intensity></Lap>\n"
    )
    values = zip(
        instants(start, way.race_s),
        way.lat.tolist(),
        way.lon.tolist(),
        way.altitude_m.tolist(),
        way.distance_m.tolist(),
        np.clip(np.rint(way.heart_rate_bpm), 1, 255).astype(int).tolist(),  # what the schema allows
        np.clip(np.rint(way.cadence_rpm), 0, 254).astype(int).tolist(),
        strict=True,
    )
    track = [
        f"<Trackpoint><Time>{when}</Time>{_position(lat, lon)}<AltitudeMeters>{ele:.1f}</AltitudeMeters>"
        f"<DistanceMeters>{metres:.1f}</DistanceMeters><HeartRateBpm><Value>{hr}</Value></HeartRateBpm>"
        f"<Cadence>{cad}</Cadence></Trackpoint>\n"
        for when, lat, lon, ele, metres, hr, cad in values
    ]
    stamps = instants(start, np.array([cue.race_s for cue in named]))
    points = [
        f"<CoursePoint><Name>{xml_text(name)}</Name><Time>{when}</Time>{_position(cue.lat, cue.lon)}"
        f"<AltitudeMeters>{cue.altitude_m:.1f}</AltitudeMeters><PointType>{_KINDS[cue.kind]}</PointType>"
        f"<Notes>{xml_text(cue.note)}</Notes></CoursePoint>\n"
        for cue, name, when in zip(named, cue_names(named, _POINT_NAME), stamps, strict=True)
    ]
    name = f"<Name>{xml_text(short_names([race.course.name], _COURSE_NAME)[0])}</Name>\n"
    parts = [_HEAD, name, lap, "<Track>\n", *track, "</Track>\n", *points, "</Course></Courses>\n"]
    return "".join([*parts, "</TrainingCenterDatabase>\n"]).encode()

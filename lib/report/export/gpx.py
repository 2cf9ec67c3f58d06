"""The course as a GPX track with the predicted time of every point."""

from __future__ import annotations

from collections.abc import Sequence

from lib.core.gpx import GPX_HEAD, XML_HEAD, instants, track_points, xml_text
from lib.plan.race_plan import RacePlan
from lib.report.export.cues import CLIMB, climb_cues
from lib.report.export.marks import Mark, mark_lines, marks
from lib.report.export.timeline import itinerary, known_start


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
        *(_waypoint(cue.lat, cue.lon, cue.texts[0], "", cue.note, CLIMB) for cue in climb_cues(race)),
    ]


def gpx_bytes(race: RacePlan) -> bytes:
    """The course as a GPX 1.1 track with the predicted time of every point: a partner to run against.

    Heart rate and cadence stand in Garmin's extension (TrackPointExtension v1, cadence of one leg); at a planned stop
    two points lie in one place. Waypoints are those of the course's file, once each with all arrivals there, then the
    stations that are none of these, and the finish: planned again from this file, the stations are the same. The feet
    of climbs follow, each called by how to climb it.
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

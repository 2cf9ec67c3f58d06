"""In: a race plan. Out: a FIT course: a partner on the watch that runs the plan, with its stations as course points.

The file is what Garmin's FIT SDK calls a course: file_id, course, lap, an event that starts the timer, records, course
points, an event that stops it. https://developer.garmin.com/fit/file-types/course/
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from lib.core.errors import InputError
from lib.plan.race_plan import RacePlan
from lib.report.export.marks import marks, short_names
from lib.report.export.timeline import NO_DATE, for_watch

_NAME: Final = 15
"""Characters of a course's and a course point's name that watches show."""
_KINDS: Final = {
    "first aid": "FIRST_AID",
    "food": "FOOD",
    "water": "WATER",
    "summit": "SUMMIT",
    "danger": "DANGER",
    "": "GENERIC",
}

_YEARS: Final = (1999, 2124)
"""FIT counts seconds since the end of 1989 in 32 bits; those below 2^28, of July 1998, are no dates to it."""
_ALTITUDE_M: Final = (-500.0, 12_606.8)
_SPEED_M_S: Final = (0.0, 65.534)
_MOST_CLIMB_M: Final = 65_534
_MOST_BEATS: Final = 254
"""What the fields hold, scaled as they are; the numbers above mean that nothing is known."""

_DATA: Final = b"\x00"
"""Header of a data message of the definition before it: local message type 0."""


def _written(message: Any) -> bytes:
    """A message with the definition that it needs."""
    from fit_tool.definition_message import DefinitionMessage
    from fit_tool.record import Record

    definition = DefinitionMessage.from_data_message(message, min_string_size=_NAME + 1)
    message.set_definition_message(definition)
    return Record.from_message(definition).to_bytes() + Record.from_message(message).to_bytes()


def fit_bytes(race: RacePlan) -> bytes:
    """Make a FIT course of a plan, with time, heart rate and cadence of every point.

    A point every 10 m, further apart on long courses (`lib.report.export.timeline.for_watch`); a planned stop is two points in one
    place. Without a start the file begins on 1 January 2000: watches look at differences only, but need dates. What a
    field cannot hold (an altitude below -500 m, for one) is held at its end.

    Parameters
    ----------
    race : RacePlan
        The plan.

    Raises
    ------
    InputError
        If it starts in a year that FIT cannot tell.
    """
    from fit_tool.fit_file_header import FitFileHeader, ProtocolVersion  # here: what serves a model does without
    from fit_tool.profile.messages.course_message import CourseMessage
    from fit_tool.profile.messages.course_point_message import CoursePointMessage
    from fit_tool.profile.messages.event_message import EventMessage
    from fit_tool.profile.messages.file_id_message import FileIdMessage
    from fit_tool.profile.messages.lap_message import LapMessage
    from fit_tool.profile.messages.record_message import RecordMessage
    from fit_tool.profile.profile_type import CoursePoint, Event, EventType, FileType, Manufacturer, Sport
    from fit_tool.utils.crc import crc16

    start = race.start or NO_DATE
    if not _YEARS[0] <= start.year <= _YEARS[1]:
        expected = f"one from {_YEARS[0]} to {_YEARS[1]}, the years that FIT can tell"
        raise InputError(f"a start in the year {start.year}", expected, "Correct it, or leave it out.", "start")
    way, named, begin_s = for_watch(race), marks(race), start.timestamp()
    stamps_ms = ((begin_s + np.rint(way.race_s)) * 1000.0).astype(int).tolist()  # FIT counts whole seconds

    def filled(kind: type, **values: object) -> Any:
        message = kind()
        for name, value in values.items():
            setattr(message, name, value)
        return message

    parts = [
        _written(
            filled(
                FileIdMessage, type=FileType.COURSE, manufacturer=Manufacturer.DEVELOPMENT.value, product=0,
                serial_number=1, time_created=stamps_ms[0],
            )
        ),
        _written(filled(CourseMessage, course_name=short_names([race.course.name], _NAME)[0], sport=Sport.RUNNING)),
        _written(
            filled(
                LapMessage, timestamp=stamps_ms[0], start_time=stamps_ms[0],
                total_elapsed_time=float(way.race_s[-1]), total_timer_time=float(way.race_s[-1]),
                total_distance=float(way.distance_m[-1]),
                start_position_lat=float(way.lat[0]), start_position_long=float(way.lon[0]),
                end_position_lat=float(way.lat[-1]), end_position_long=float(way.lon[-1]),
                total_ascent=min(round(race.course.climb_m), _MOST_CLIMB_M),
                total_descent=min(round(race.course.descent_m), _MOST_CLIMB_M),
            )
        ),
        _written(filled(EventMessage, event=Event.TIMER, event_type=EventType.START, timestamp=stamps_ms[0])),
    ]  # fmt: skip
    # One message, filled again for each point: to make one takes ten times as long as to write it.
    point = RecordMessage()
    columns = (
        stamps_ms, way.lat.tolist(), way.lon.tolist(), way.distance_m.tolist(),
        np.clip(way.altitude_m, *_ALTITUDE_M).tolist(), np.clip(way.speed_m_s, *_SPEED_M_S).tolist(),
        np.clip(np.rint(way.heart_rate_bpm), 0, _MOST_BEATS).astype(int).tolist(),
        np.clip(np.rint(way.cadence_rpm), 0, _MOST_BEATS).astype(int).tolist(),
    )  # fmt: skip
    for i, row in enumerate(zip(*columns, strict=True)):
        (point.timestamp, point.position_lat, point.position_long, point.distance, point.altitude, point.speed,
         point.heart_rate, point.cadence) = row  # fmt: skip
        parts.append(_written(point) if i == 0 else _DATA + point.to_bytes())
    for mark, name in zip(named, short_names([mark.name for mark in named], _NAME), strict=True):
        parts.append(
            _written(
                filled(
                    CoursePointMessage, timestamp=round(begin_s + round(mark.arrival_s)) * 1000, course_point_name=name,
                    position_lat=mark.lat, position_long=mark.lon, distance=mark.km * 1000.0,
                    type=CoursePoint[_KINDS[mark.kind]],
                )
            )
        )  # fmt: skip
    parts.append(
        _written(
            filled(EventMessage, event=Event.TIMER, event_type=EventType.STOP_DISABLE_ALL, timestamp=stamps_ms[-1])
        )
    )
    body = b"".join(parts)
    # Nothing in it is newer than the first protocol, and old watches refuse files of a newer one.
    header = FitFileHeader(records_size=len(body), protocol_version=ProtocolVersion(1, 0), gen_crc=True)
    content = header.to_bytes() + body
    return content + crc16(content).to_bytes(2, "little")

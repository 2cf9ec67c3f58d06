"""FIT course of a race plan: a partner on the watch that runs the plan, with stations and climbs as course points.

The file is what Garmin's FIT SDK calls a course: file_id, course, lap, an event that starts the timer, records, course
points, an event that stops it. https://developer.garmin.com/fit/file-types/course/
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from lib.core.errors import InputError
from lib.plan.race_plan import RacePlan
from lib.report.export.cues import cue_names, cues
from lib.report.export.fit_messages import Field, messages, whole_file
from lib.report.export.marks import short_names
from lib.report.export.timeline import NO_DATE, for_watch

_NAME: Final = 15
"""Characters of a course's and a course point's name that watches show."""

# Numbers of the FIT profile.
_FILE_ID, _LAP, _RECORD, _EVENT, _COURSE, _COURSE_POINT = 0, 19, 20, 21, 31, 32
_TIMESTAMP: Final = 253
_IS_COURSE: Final = 6
_DEVELOPMENT: Final = 255
_RUNNING: Final = 1
_TIMER, _STARTS, _STOPS_ALL = 0, 0, 9
_KINDS: Final = {
    "": 0, "summit": 1, "water": 3, "food": 4, "danger": 5, "first aid": 9, "fourth category": 10, "third category": 11,
    "second category": 12, "first category": 13, "hors category": 14,
}  # fmt: skip

_EPOCH_S: Final = 631_065_600
"""FIT counts seconds from the end of 1989 (UTC)."""
_YEARS: Final = (1999, 2124)
"""It counts them in 32 bits; those below 2^28, of July 1998, are no dates to it."""
_ALTITUDE_M: Final = (-500.0, 12_606.8)
_SPEED_M_S: Final = (0.0, 65.534)
_MOST_CLIMB_M: Final = 65_534
_MOST_BEATS: Final = 254
"""What the fields hold, scaled as they are; the numbers above mean that nothing is known."""


def _semicircles(degrees: ArrayLike) -> np.ndarray:
    """Degrees as FIT has them, 2^31 to 180°; 180° east is 180° west."""
    return (np.rint(np.asarray(degrees) * (2**31 / 180.0)).astype(np.int64) + 2**31) % 2**32 - 2**31


def fit_bytes(race: RacePlan) -> bytes:
    """Make a FIT course of a plan, with time, heart rate and cadence of every point.

    A point every 10 m, further apart on long courses (`lib.report.export.timeline.for_watch`); a planned stop is two
    points in one place. Without a start the file begins on 1 January 2000: watches look at differences only, but need
    dates. What a field cannot hold (an altitude below -500 m, for one) is held at its end.

    Parameters
    ----------
    race : RacePlan
        The plan.

    Raises
    ------
    InputError
        If it starts in a year that FIT cannot tell.
    """
    start = race.start or NO_DATE
    if not _YEARS[0] <= start.year <= _YEARS[1]:
        expected = f"one from {_YEARS[0]} to {_YEARS[1]}, the years that FIT can tell"
        raise InputError(f"a start in the year {start.year}", expected, "Correct it, or leave it out.", "start")
    way, named, begin_s = for_watch(race), cues(race), int(start.timestamp()) - _EPOCH_S
    stamps = begin_s + np.rint(way.race_s)  # FIT counts whole seconds
    lat, lon = _semicircles(way.lat), _semicircles(way.lon)
    total_ms = 1000.0 * way.race_s[-1]
    climbs_m = np.minimum(np.rint([race.course.climb_m, race.course.descent_m]), _MOST_CLIMB_M)
    parts = [
        messages(
            _FILE_ID,
            [
                Field(0, "enum", _IS_COURSE),
                Field(1, "uint16", _DEVELOPMENT),
                Field(2, "uint16", 0),
                Field(3, "uint32z", 1),
                Field(4, "uint32", stamps[0]),
            ],
        ),
        messages(_COURSE, [Field(4, "enum", _RUNNING), Field(5, "string", short_names([race.course.name], _NAME)[0])]),
        messages(
            _LAP,
            [
                Field(_TIMESTAMP, "uint32", stamps[0]),
                Field(2, "uint32", stamps[0]),
                Field(3, "sint32", lat[0]),
                Field(4, "sint32", lon[0]),
                Field(5, "sint32", lat[-1]),
                Field(6, "sint32", lon[-1]),
                Field(7, "uint32", total_ms),
                Field(8, "uint32", total_ms),
                Field(9, "uint32", 100.0 * way.distance_m[-1]),
                Field(21, "uint16", climbs_m[0]),
                Field(22, "uint16", climbs_m[1]),
            ],
        ),
        _event(stamps[0], _STARTS),
        messages(
            _RECORD,
            [
                Field(_TIMESTAMP, "uint32", stamps),
                Field(0, "sint32", lat),
                Field(1, "sint32", lon),
                Field(5, "uint32", 100.0 * way.distance_m),
                Field(2, "uint16", 5.0 * (np.clip(way.altitude_m, *_ALTITUDE_M) + 500.0)),
                Field(6, "uint16", 1000.0 * np.clip(way.speed_m_s, *_SPEED_M_S)),
                Field(3, "uint8", np.clip(way.heart_rate_bpm, 0, _MOST_BEATS)),
                Field(4, "uint8", np.clip(way.cadence_rpm, 0, _MOST_BEATS)),
            ],
        ),
        messages(
            _COURSE_POINT,
            [
                Field(1, "uint32", [begin_s + round(cue.race_s) for cue in named]),
                Field(2, "sint32", _semicircles([cue.lat for cue in named])),
                Field(3, "sint32", _semicircles([cue.lon for cue in named])),
                Field(4, "uint32", [100_000.0 * cue.km for cue in named]),
                Field(5, "enum", [_KINDS[cue.kind] for cue in named]),
                Field(6, "string", cue_names(named, _NAME)),
            ],
        ),
        _event(stamps[-1], _STOPS_ALL),
    ]
    return whole_file(b"".join(parts))


def _event(stamp: float, kind: int) -> bytes:
    """Message of the timer that starts or stops."""
    return messages(_EVENT, [Field(_TIMESTAMP, "uint32", stamp), Field(0, "enum", _TIMER), Field(1, "enum", kind)])

"""What the pacing law needs to know of a race: night, ground, strategy, and stops that nobody stated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from lib.athlete.aid_stops import default_stops_s
from lib.athlete.bundle import Bundle
from lib.athlete.pacing_law import NO_NIGHT, Night, Pacing
from lib.athlete.reference import Reference
from lib.core import schema as c
from lib.course.course import Course
from lib.race.config import RaceConfig
from lib.race.sun import darkness

_MOST_HOURS: Final = 120.0
_LONG_S: Final = 5 * 3600.0
_KNOWN_SHARE: Final = 0.5
"""An athlete whose longest run is this share of the course, or more, has habits that can be known."""


@dataclass(frozen=True)
class DefaultStops:
    """Stops at aid stations that state none.

    Parameters
    ----------
    config : RaceConfig
        With a stop at every station.
    assumed_s : float
        Sum of the stops that were assumed (s); 0 if none was.
    """

    config: RaceConfig
    assumed_s: float = 0.0


def ground_of(config: RaceConfig, course: Course) -> np.ndarray | None:
    """Ground of each step, shape (T,): of the leg as the stations state it, else the course's own; None if neither."""
    if course.ground is None and not any(station.ground for station in config.stations):
        return None
    ground = np.full(course.steps, "", dtype="<U9") if course.ground is None else course.ground.astype("<U9")
    begin = 0
    for station in config.stations:
        end = station.last_step(course.steps) + 1
        if station.ground:
            ground[begin:end] = station.ground
        begin = max(begin, end)
    return ground


def night_of(config: RaceConfig, course: Course, stretch: float = 1.0) -> Night:
    """When it is dark, in moving seconds since the start; race time passes `stretch` times as fast."""
    if config.start is None or not config.night:
        return NO_NIGHT
    race_s = np.arange(0.0, _MOST_HOURS * 3600.0, 120.0)
    lat, lon = (float(course.columns[name][0]) for name in (c.LATITUDE, c.LONGITUDE))
    return Night(race_s / stretch, darkness(lat, lon, config.start, race_s).astype(np.float64))


def pacing_of(config: RaceConfig, course: Course, stretch: float = 1.0) -> Pacing:
    """Night, ground and strategy of a race; race time passes `stretch` times as fast as moving time."""
    return Pacing(night_of(config, course, stretch), ground_of(config, course), config.strategy)


def with_default_stops(bundle: Bundle, course: Course, config: RaceConfig, expected: Reference) -> DefaultStops:
    """Plan stops at aid stations that state none, where the race is long and the athlete's habits cannot know.

    Parameters
    ----------
    bundle : Bundle
        The model's bundle, with the athlete profile.
    course : Course
        T steps.
    config : RaceConfig
        With stations.
    expected : Reference
        The run as it is expected, or at the goal time.
    """
    moving_s = float(expected.duration_s.sum()) if config.goal_s is None else config.goal_s
    last = course.steps - 1
    open_steps = [
        (i, station.last_step(course.steps))
        for i, station in enumerate(config.stations)
        if not station.stop_stated and station.aid and 0 <= station.last_step(course.steps) < last
    ]
    unknown = config.standing_s is None and bundle.athlete.longest_km < _KNOWN_SHARE * course.length_km
    if moving_s < _LONG_S or not open_steps or not unknown:
        return DefaultStops(config)
    elapsed_s = np.cumsum(expected.duration_s)
    step = np.unique([at for _, at in open_steps])
    about_s = elapsed_s[step] * (moving_s / elapsed_s[-1])
    stops_s = default_stops_s(bundle.prior.aid_stops, moving_s, expected.base_pace, about_s)[0]
    by_step = dict(zip(step.tolist(), np.rint(stops_s).tolist(), strict=True))
    stations = list(config.stations)
    for i, at in open_steps:
        # Two names of one place share its stop.
        stations[i] = replace(stations[i], stop_s=by_step.pop(at, 0.0), stop_stated=True)
    return DefaultStops(replace(config, stations=tuple(stations)), float(np.rint(stops_s).sum()))

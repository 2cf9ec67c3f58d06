"""The sun on the days of a race plan, and which steps are run in the dark."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from lib.core import schema as c
from lib.plan.race_plan import RacePlan
from lib.plan.splits import once
from lib.race.clock import WEEKDAYS, clock_text, unix_seconds
from lib.race.sun import SunTimes, night_sections, sun_times

_MOST_DAYS = 4


@once
def dark_sections(race: RacePlan) -> list[tuple[int, int]]:
    """First step of each section that is run in the dark, and the one after its last; none without a start."""
    if race.start is None:
        return []
    columns = race.course.columns
    return night_sections(columns[c.LATITUDE], columns[c.LONGITUDE], unix_seconds(race.start, race.arrival_s))


def dark_steps(race: RacePlan) -> np.ndarray:
    """Whether each step is run in the dark, of shape (T,)."""
    dark = np.zeros(race.course.steps, dtype=bool)
    for first, last in dark_sections(race):
        dark[first:last] = True
    return dark


def sun_of_days(race: RacePlan) -> list[SunTimes]:
    """The sun at the start's place on each day of the race, four at most; none without a start."""
    if race.start is None:
        return []
    lat, lon = (float(race.course.columns[name][0]) for name in (c.LATITUDE, c.LONGITUDE))
    end = race.clock(race.finish_s)
    assert end is not None
    days = min((end.date() - race.start.date()).days + 1, _MOST_DAYS)
    zone = race.start.tzinfo
    assert zone is not None
    return [sun_times(lat, lon, race.start.date() + timedelta(days=i), zone) for i in range(days)]


def daylight_lines(race: RacePlan) -> tuple[str, ...]:
    """Say the sun and the dark of a race, in words; nothing without a start."""
    if race.start is None:
        return ()
    lines, units = [], race.config.units
    for i, sun in enumerate(sun_of_days(race)):
        day = "" if i == 0 else f"on {WEEKDAYS[(race.start.weekday() + i) % 7]} "
        times = [
            f"{name} {clock + timedelta(seconds=30):%H:%M}"  # to the nearest minute
            for name, clock in (("sunrise", sun.sunrise), ("sunset", sun.sunset), ("dark from", sun.dusk))
            if clock is not None
        ]
        lines.append(day + ", ".join([*times, *([sun.note] if sun.note else [])]))
    for first, last in dark_sections(race):
        begins, ends = (race.arrival_s[i] for i in (first, last - 1))
        lines.append(
            f"in the dark {units.long} {units.distance(first * c.STEP_M)} to {units.distance(last * c.STEP_M)}, "
            f"{clock_text(race.start, begins)} to {clock_text(race.start, ends)}"
        )
    return tuple(lines)

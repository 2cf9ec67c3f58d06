"""Named places of a race plan as exports mark them: aid stations, finish, when, and how sure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from lib.core import schema as c
from lib.core.durations import in_words
from lib.core.geodesy import haversine_m
from lib.core.text import one_line
from lib.course.course import Waypoint
from lib.plan.race_plan import RacePlan
from lib.plan.splits import legs
from lib.race.stations import FAR_M, tidy_name
from lib.report.notes import percent, when
from lib.report.tables import between

_KINDS: Final = tuple(
    (kind, re.compile(rf"\b(?:{words})(?![a-z])", re.IGNORECASE))
    for kind, words in (
        ("first aid", "first aid|medical"),
        ("food", "food|aid|restaurant|refreshments?|feed(?:ing)?"),
        ("water", "water|drinks?|drinking|fountain"),
        ("summit", "summit|peak"),
        ("danger", "danger|hazard|caution"),
    )
)
"""What watches have a sign for, and the words by which it is told; symbols of GPX waypoints are English."""


@dataclass(frozen=True)
class Mark:
    """A station on the way, or the finish.

    Parameters
    ----------
    name : str
        As `lib.plan.splits.legs` calls it.
    place : int
        How many steps of the course lie before it.
    lat, lon, altitude_m : float
        Where it is on the course (degrees, WGS 84; m).
    arrival_s, low_s, high_s : float
        Race time of the arrival, and its 80% interval (s).
    stop_s : float
        Planned stop (s).
    cutoff_s, margin_s, chance : float
        Race time by which it must be left, what is left then (s), and the chance of it; NaN where there is no cut-off.
    waypoint : Waypoint, optional
        What it is in the course's file.
    """

    name: str
    place: int
    lat: float
    lon: float
    altitude_m: float
    arrival_s: float
    low_s: float
    high_s: float
    stop_s: float
    cutoff_s: float
    margin_s: float
    chance: float
    waypoint: Waypoint | None = None

    @property
    def km(self) -> float:
        """Distance from the start (km)."""
        return self.place * c.STEP_M / 1000.0

    @property
    def kind(self) -> str:
        """What is there: ``first aid``, ``food``, ``water``, ``summit``, ``danger``, or nothing that is known."""
        said = self.name if self.waypoint is None else f"{self.waypoint.kind} {self.name}"
        kind = next((kind for kind, words in _KINDS if words.search(said)), "")
        # An aid station may be named after a peak.
        is_station = self.waypoint is None or self.stop_s > 0 or np.isfinite(self.cutoff_s)
        return "" if kind == "summit" and is_station else kind


def marks(race: RacePlan) -> tuple[Mark, ...]:
    """Every place of the race that has a name, but for the start, in order."""
    table, columns = legs(race), race.course.columns
    names: dict[int, set[str]] = {}
    for station in race.config.stations:
        names.setdefault(station.last_step(race.course.steps), set()).add(station.name)
    waypoints = [(tidy_name(waypoint.name, "waypoint"), waypoint) for waypoint in race.course.waypoints]
    found = []
    for i, name in enumerate(table[c.WAYPOINT].tolist()):
        step = int(table[c.LAST_STEP][i]) - 1
        lat, lon, altitude_m = (float(columns[key][step]) for key in (c.LATITUDE, c.LONGITUDE, c.ALTITUDE))
        known = [(w, float(haversine_m(w.lat, w.lon, lat, lon))) for n, w in waypoints if n in names.get(step, ())]
        nearest, away_m = min(known, key=lambda pair: pair[1], default=(None, np.inf))
        of_leg = (c.ARRIVAL, c.ARRIVAL_LOW, c.ARRIVAL_HIGH, c.PLANNED_STOP, c.CUTOFF, c.MARGIN, c.CHANCE)
        numbers = (float(table[key][i]) for key in of_leg)
        found.append(Mark(name, step + 1, lat, lon, altitude_m, *numbers, nearest if away_m <= FAR_M else None))
    return tuple(found)


def plan_key(race: RacePlan) -> str:
    """What tells plans apart: the course, the day and the runner; a plan made again with check-ins has the same."""
    day = "" if race.start is None else race.start.date()
    return hashlib.sha256(f"{race.course.name}|{day}|{race.course.steps}|{race.runner}".encode()).hexdigest()[:16]


def mark_lines(race: RacePlan, mark: Mark) -> tuple[str, ...]:
    """Say when a mark is reached, how sure that is, and what is planned there."""
    lines = [f"Expected after {when(race, mark.arrival_s)}, 80% interval {between(race, mark.low_s, mark.high_s)}"]
    if mark.stop_s > 0:
        lines.append(f"Planned stop {round(mark.stop_s / 60.0, 1):g} min")
    if np.isfinite(mark.cutoff_s):
        lines.append(
            f"Cut-off after {when(race, mark.cutoff_s)}: a margin of {in_words(mark.margin_s)}, "
            f"a chance of {percent(mark.chance)} to leave in time"
        )
    return tuple(lines)


def short_names(names: Iterable[str], most: int) -> list[str]:
    """Names cut to `most` characters, on one line, none empty and none twice: devices drop places that share a name."""
    made: list[str] = []
    for name in names:
        whole = one_line(name, 10 * most) or "place"
        short, number = one_line(whole, most), 1
        while short in made:
            number += 1
            short = f"{one_line(whole, most - len(f' {number}'))} {number}"
        made.append(short)
    return made

"""Aid stations from waypoints or distances: where, how long, by when they must be left."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from lib.core import schema as c
from lib.core.errors import InputError
from lib.core.text import one_line
from lib.core.units import METRIC, Units
from lib.course.course import Course
from lib.course.waypoints import waypoint_passes
from lib.race.clock import MAX_ELAPSED_S

FAR_M: Final = 250.0
"""A waypoint further from the course than this is no station of it."""
MAX_STATIONS: Final = 200
LAP: Final = "Lap"
"""What the end of a lap is called where no station lies."""
_SAME_PLACE_M: Final = 100.0
_SAME_STATION_M: Final = 300.0
"""One that is called the same within this is the same: on the way out and back, a waypoint is passed twice in a row."""
_MAX_NAME: Final = 60
_MAX_STOP_S: Final = 86_400.0
_NO_AID: Final = re.compile(
    r"\b(?:summit|peak|pass|saddle|valley|danger|turn|left|right|sprint|start|finish|gipfel|pass|sommet|col|cima)\b",
    re.IGNORECASE,
)
"""Waypoints at which nobody hands out food."""
_NAMED: Final = 3
"""Of more waypoints that are left out their number is said, not their names."""


@dataclass(frozen=True)
class Station:
    """A place of the course with a name, where a runner may stop.

    Parameters
    ----------
    name : str
        As runners call it.
    distance_m : float
        Distance from the start (m).
    stop_s : float
        Planned stop (s).
    cutoff_s : float, optional
        Race time (s) by which it must be left.
    stop_stated : bool
        Whether the stop was said; else it is open, and may be assumed.
    aid : bool
        Whether there is food or drink, as far as is known; a summit has none.
    ground : str
        Of the leg that ends there, one of `lib.athlete.pacing_law.GROUNDS`; empty if not stated.
    drive_s : float, optional
        How long the crew drives there (s).
    note : str
        What the crew is to bring or do there.
    water, crew, dropbag : bool, optional
        Whether there is water, the crew may come, a bag waits; None if that was not said.
    """

    name: str
    distance_m: float
    stop_s: float = 0.0
    cutoff_s: float | None = None
    stop_stated: bool = True
    aid: bool = True
    ground: str = ""
    drive_s: float | None = None
    note: str = ""
    water: bool | None = None
    crew: bool | None = None
    dropbag: bool | None = None

    def __post_init__(self) -> None:
        if not self.name or len(self.name) > _MAX_NAME or not self.name.isprintable():
            raise InputError(
                f"the name {self.name[:80]!r}", f"1 to {_MAX_NAME} printable characters", "Shorten it.", "station"
            )
        for name, value, low, high in (
            ("distance_m", self.distance_m, 0.0, 1e6),
            ("stop_s", self.stop_s, 0.0, _MAX_STOP_S),
            ("drive_s", self.drive_s or 0.0, 0.0, _MAX_STOP_S),
            ("cutoff_s", 1.0 if self.cutoff_s is None else self.cutoff_s, 0.0, MAX_ELAPSED_S),
        ):
            if not low <= value <= high:
                raise InputError(
                    f"{name} = {value:g}", f"{low:g} to {high:g}", "Correct it.", f"station {self.name[:_MAX_NAME]}"
                )

    def last_step(self, steps: int) -> int:
        """Number of the step at whose end it lies, of a course of so many; -1 at the start itself."""
        return last_step(self.distance_m, steps)


def last_step(distance_m: float, steps: int) -> int:
    """Number of the step at whose end a distance (m) lies, of a course of so many steps; -1 at the start itself."""
    return min(round(distance_m / c.STEP_M), steps) - 1


def tidy_name(name: str, fallback: str) -> str:
    """A name as a station may have it: one line, printable, short."""
    return one_line(name, _MAX_NAME) or fallback


def usual_stop(distance_m: float, course: Course, stop_s: float | None) -> dict[str, Any]:
    """Stop at a station that states none, as fields of `Station`; nobody stops at the start or at the finish."""
    on_the_way = 0 <= last_step(distance_m, course.steps) < course.steps - 1
    return {"stop_s": (stop_s or 0.0) if on_the_way else 0.0, "stop_stated": stop_s is not None or not on_the_way}


def stations_from_waypoints(course: Course, stop_s: float | None = None) -> tuple[tuple[Station, ...], tuple[str, ...]]:
    """Make stations of the waypoints in the course's file, one for each time the course passes.

    Parameters
    ----------
    course : Course
        With its waypoints.
    stop_s : float, optional
        Planned stop at each (s), but for those at the start and the finish; open without it.

    Returns
    -------
    tuple of Station, tuple of str
        In order along the course, and what was left out, in words.
    """
    stations, far = [], []
    for waypoint, at in waypoint_passes(course):
        name, nearest_m = tidy_name(waypoint.name, "waypoint"), min(away_m for _, away_m in at)
        if nearest_m > FAR_M:
            far.append(f"waypoint {name}: {nearest_m:.0f} m from the course, more than {FAR_M:.0f}; left out")
            continue
        aid = not _NO_AID.search(f"{waypoint.kind} {waypoint.name}")
        for step, _ in at:
            # A step's values are those at its end, so the start itself has no row.
            metres = 0.0 if step == 0 else float(course.columns[c.DISTANCE][step])
            stations.append(Station(name, metres, **usual_stop(metres, course, stop_s), aid=aid))
    few_enough(len(stations), "waypoints", "Leave some out, or give a list of stations.")
    if len(far) > _NAMED:
        far = [f"{len(far)} waypoints more than {FAR_M:.0f} m from the course left out"]
    return tuple(sorted(stations, key=lambda station: station.distance_m)), tuple(far)


def place_name(metres: float, units: Units = METRIC) -> str:
    """What a place is called that has no name."""
    return f"{units.long} {round(metres / units.long_m, 3):g}"


def on_each_lap(stations: Sequence[Station], course: Course, units: Units = METRIC) -> tuple[Station, ...]:
    """Stations of the first lap on every lap of a loop, and the ends of laps.

    A cut-off is that of its own lap alone; where another station is stated, that one counts.
    """
    if course.laps == 1:
        return tuple(stations)
    lap_m, found = (course.steps * c.STEP_M + course.lap_gap_m) / course.laps, list(stations)

    def add(station: Station) -> None:
        apart = ((abs(station.distance_m - other.distance_m), station.name == other.name) for other in found)
        if all(metres > (_SAME_STATION_M if same else _SAME_PLACE_M) for metres, same in apart):
            found.append(station)

    for lap in range(1, course.laps):
        for station in stations:
            if _SAME_PLACE_M < station.distance_m < lap_m - _SAME_PLACE_M:
                metres = station.distance_m + lap * lap_m
                unnamed = station.name == place_name(station.distance_m, units)
                name = place_name(round(metres, -2), units) if unnamed else station.name
                add(replace(station, name=name, distance_m=metres, cutoff_s=None))
        end = next((s for s in stations if abs(s.distance_m - lap_m) <= _SAME_PLACE_M), None)
        add(Station(LAP, lap * lap_m) if end is None else replace(end, distance_m=lap * lap_m, cutoff_s=None))
    few_enough(len(found), "stations on all laps", "Leave some out.")
    return tuple(sorted(found, key=lambda station: station.distance_m))


def few_enough(number: int, what: str, remedy: str, source: str | None = None) -> None:
    """Refuse more stations than anybody plans with."""
    if number > MAX_STATIONS:
        raise InputError(f"{number} {what}", f"{MAX_STATIONS} stations at most", remedy, source)


def stations_at(
    distances: str,
    course: Course,
    stop_s: float | None = None,
    source: str = "stations",
    units: Units = METRIC,
) -> tuple[Station, ...]:
    """Make stations of a list of distances.

    Parameters
    ----------
    distances : str
        Kilometres from the start with commas or spaces between: ``"8.5, 17, 25"``; with semicolons between, commas are
        decimal: ``"8,5; 17"``.
    course : Course
        On which they lie.
    stop_s : float, optional
        Planned stop at each (s), but for those at the start and the finish; open without it.
    source : str
        For errors.
    units : Units
        Of the distances, kilometres or miles.

    Raises
    ------
    InputError
        If one is no number or lies beyond the finish, or there are too many.
    """
    if ";" in distances:
        words = [word for part in distances.split(";") for word in part.replace(",", ".").split()]
    else:
        parts = distances.split()
        if len(parts) > 1 and any(re.search(r"\d,\d", part) for part in parts):
            raise InputError(
                f"{distances[:40]!r}, in which a comma may be decimal",
                "distances in km such as 8.5, 17.2, or 8,5; 17,2",
                "Put a semicolon between distances, or decimals with a point.",
                source,
            )
        words = distances.replace(",", " ").split()
    few_enough(len(words), "distances", "Leave some out.", source)
    if units is not METRIC:
        kilometre = units.long_m / 1000.0
        words = [repr(number_of(word, f"a distance in {units.long}", source) * kilometre) for word in words]
    metres = sorted({metres_of(word, course, source) for word in words})
    return tuple(Station(place_name(m, units), m, **usual_stop(m, course, stop_s)) for m in metres)


def metres_of(km: str, course: Course, source: str) -> float:
    """Metres from the start of a distance in km, on the course."""
    metres = 1000.0 * number_of(km, "a distance in km", source)
    end_m = course.steps * c.STEP_M
    # A sign at the finish may say 51.5 where the track measures 51.48.
    if not 0 <= metres <= end_m * 1.02 + 100.0:
        raise InputError(
            f"km {metres / 1000.0:g}", f"0 to {course.length_km:.2f}, on the course", "Correct it.", source
        )
    return min(metres, end_m) + 0.0  # a zero with a sign would be named so


def number_of(text: str, what: str, source: str) -> float:
    """Finite number in a text; `what` is what an error expects."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        remedy = "Write decimals with a point." if "," in text else "Correct it."
        raise InputError(f"{text[:40]!r}", what, remedy, source)
    return value

"""A course: a row for every 5 m of a GPX route or track, with waypoints and what was repaired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from lib.core import schema as c
from lib.core.errors import InputError, NoSuchFileError
from lib.core.geodesy import gaps_m, haversine_m, unwrapped_lon, wrapped_lon
from lib.core.gpx import Place
from lib.core.text import counted_noun, one_line
from lib.course.ascent import Counted, count
from lib.course.course_file import MAX_BYTES, read_ways
from lib.course.course_points import MAX_NAME, Points, course_points
from lib.course.elevation import complete_elevation
from lib.course.terrain_features import MAX_SLOPE, SPIKE_M, course_columns, remove_spikes
from lib.course.turn_cues import without_cues

if TYPE_CHECKING:
    import pandas as pd

_MAX_KIND: Final = 60
_MAX_TEXT: Final = 500
"""Characters of a waypoint's kind and description."""
MAX_LAPS: Final = 200


@dataclass(frozen=True)
class CourseConfig:
    """Limits of what is taken for a course.

    Parameters
    ----------
    min_km, max_km : float
        Length (km).
    max_missing_elevation : float
        Share of the points that may lack elevation; it is interpolated along the course between its neighbours.
    max_gap_m : float
        Distance between two points (m) above which the way between them is unknown; reported, and bridged straight.
    max_altitude_m : float
        Altitudes above this (m) are none.
    max_points : int
        Points of all kinds in the file.
    max_waypoints : int
        Waypoints among them; each is looked for along the whole course.
    """

    min_km: float = 0.5
    max_km: float = 1_000.0
    max_missing_elevation: float = 0.4
    max_gap_m: float = 250.0
    max_altitude_m: float = 9_000.0
    max_points: int = 500_000
    max_waypoints: int = 1_000

    def __post_init__(self) -> None:
        if not 0 < self.min_km < self.max_km or not 0 <= self.max_missing_elevation < 1 or self.max_gap_m <= 0:
            raise InputError(f"{self}", "0 < min_km < max_km, a share below 1, a gap above 0", "Change the limits.")
        if self.max_points < 2 or self.max_waypoints < 0:
            raise InputError(f"{self}", "2 points or more, no negative number of waypoints", "Change the limits.")


@dataclass(frozen=True)
class Waypoint:
    """A named place.

    Parameters
    ----------
    name : str
        As the file calls it.
    lat, lon : float
        Where it is (degrees, WGS 84).
    distance_m : float
        Distance from the start of the nearest place of the course (m).
    away_m : float
        Distance from the course (m).
    kind : str
        What the file says it is: its type, else its symbol (``"Drinking Water"``); empty if it says neither.
    description : str
        Its description, else its comment.
    """

    name: str
    lat: float
    lon: float
    distance_m: float
    away_m: float
    kind: str = ""
    description: str = ""


@dataclass(frozen=True, eq=False)
class Course:
    """A course to run.

    Parameters
    ----------
    name : str
        As its author called it, else the file's name.
    columns : dict of ndarray, shape (T,) each
        `lib.course.terrain_features.course_columns` with latitude and longitude (degrees) of the end of each step.
    recorded_m : ndarray, shape (T,)
        Altitude (m) as the file has it, not cleaned. This is what `lib.model` starts from: it cleans the altitude
        itself, and cleaned twice a course would be flatter than it is.
    waypoints : tuple of Waypoint
        In order along the course.
    repairs : tuple of str
        What was repaired, in words.
    ground : ndarray of str, shape (T,), optional
        Ground of each step where the file says it: road, track, trail, technical, or empty where unknown.
    laps : int
        How often it goes round the same loop.
    lap_gap_m : float
        How far the end of a lap is from the start of the next.
    """

    name: str
    columns: Mapping[str, np.ndarray]
    recorded_m: np.ndarray
    waypoints: tuple[Waypoint, ...] = ()
    repairs: tuple[str, ...] = field(default=())
    ground: np.ndarray | None = None
    laps: int = 1
    lap_gap_m: float = 0.0

    @property
    def steps(self) -> int:
        """How many steps of 5 m it has."""
        return self.recorded_m.size

    @property
    def length_km(self) -> float:
        """Length (km)."""
        return float(self.columns[c.DISTANCE][-1]) / 1000.0

    @cached_property
    def counted(self) -> Counted:
        """What is climbed and descended up to the end of each step, as it is told to people (`lib.course.ascent`).

        ``columns[CLIMB]``, which the network sees, is the sum of all rises and somewhat more.
        """
        return count(self.columns[c.ALTITUDE])

    @property
    def climb_m(self) -> float:
        """Total ascent (m), counted."""
        return float(self.counted.ascent_m[-1])

    @property
    def descent_m(self) -> float:
        """Total descent (m), counted."""
        return float(self.counted.descent_m[-1])

    def called(self, name: str) -> Course:
        """The same course by another name; by its own where that is empty."""
        return replace(self, name=one_line(name, MAX_NAME)) if name.strip() else self

    @cached_property
    def table(self) -> pd.DataFrame:
        """`columns` as a table, T rows."""
        import pandas as pd  # here: what serves a model does without

        return pd.DataFrame(dict(self.columns))

    @cached_property
    def recorded(self) -> pd.DataFrame:
        """Step, distance (m) and altitude as the file has it (m), T rows: what `lib.model` predicts from."""
        return self.table[[c.STEP, c.DISTANCE]].assign(**{c.ALTITUDE: self.recorded_m})


def read_course(
    content: bytes,
    source: str | Path = "course",
    config: CourseConfig | None = None,
    *,
    elevation_model: Path | None = None,
    laps: int = 1,
) -> Course:
    """Read the course in a GPX, TCX or FIT file, gzipped or not.

    Parameters
    ----------
    content : bytes
        The file.
    source : str or Path
        Its name, for errors and where it carries none.
    config : CourseConfig, optional
        Limits.
    elevation_model : Path, optional
        Where elevation is taken from if the file lacks it: a GeoTIFF, an SRTM tile or a folder of tiles
        (`lib.course.dem`).
    laps : int
        How often it is run, if it is a loop.

    Raises
    ------
    InputError
        If it is no GPX, holds no track or route, is too short or too long, or lacks elevation, if there is no such
        elevation model, or if it is to be run several times and is no loop.
    """
    config = config or CourseConfig()
    if not 1 <= laps <= MAX_LAPS:
        raise InputError(f"{laps} laps", f"1 to {MAX_LAPS}", "Correct it.", "laps")
    if elevation_model is not None and not elevation_model.exists():
        raise NoSuchFileError(elevation_model)
    repairs: list[str] = []
    ways = read_ways(content, str(source), config.max_points)
    points = course_points(ways, str(source), config.max_gap_m, repairs)
    moved = np.concatenate([[True], (np.diff(points.lat) != 0) | (np.diff(points.lon) != 0)])
    if not moved.all():
        repairs.append(f"{counted_noun((~moved).sum(), 'point')} at the same place as the one before left out")
        points = points.at(moved)
    lap_gap_m = 0.0
    if laps > 1:
        lap_gap_m = float(haversine_m(points.lat[0], points.lon[0], points.lat[-1], points.lon[-1]))
        points = _repeated(points, laps, lap_gap_m, config, source)
    wide_m = gaps_m(points.lat, points.lon)
    along_m = np.concatenate([[0.0], np.cumsum(wide_m)])
    length_km = along_m[-1] / 1000.0
    if not config.min_km <= length_km <= config.max_km:
        raise InputError(
            f"a course of {length_km:.2f} km",
            f"{config.min_km:g} to {config.max_km:g} km",
            "Check that the file holds the whole course, and only it.",
            source,
        )
    marks = without_cues(ways.waypoints, length_km, repairs)
    if len(marks) > config.max_waypoints:
        raise InputError(f"{len(marks)} waypoints", f"{config.max_waypoints} at most", "Leave some out.", source)
    if wide_m.max() > config.max_gap_m:
        wide = wide_m > config.max_gap_m
        repairs.append(f"{counted_noun(wide.sum(), 'gap')} of up to {wide_m.max():.0f} m bridged in a straight line")
    altitude = complete_elevation(
        points.elevation_m,
        points.lat,
        points.lon,
        along_m,
        source=str(source),
        max_missing=config.max_missing_elevation,
        max_altitude_m=config.max_altitude_m,
        model=elevation_model,
        repairs=repairs,
    )

    end_m = np.arange(1, int(along_m[-1] / c.STEP_M + 0.1) + 1) * c.STEP_M
    recorded_m = np.interp(end_m, along_m, altitude)
    columns = course_columns(recorded_m)
    _name_cleaning(recorded_m, columns, repairs)
    columns[c.LATITUDE] = np.interp(end_m, along_m, points.lat)
    columns[c.LONGITUDE] = wrapped_lon(np.interp(end_m, along_m, unwrapped_lon(points.lon)))
    return Course(
        name=points.name or one_line(ways.name, MAX_NAME) or one_line(_stem(source), MAX_NAME),
        columns=columns,
        recorded_m=recorded_m,
        waypoints=_waypoints(marks, columns, repairs),
        repairs=tuple(repairs),
        ground=_ground(points.ground, along_m, end_m),
        laps=laps,
        lap_gap_m=lap_gap_m,
    )


def laps_of(text: str) -> int:
    """Read a number of laps; 1 where nothing is said.

    Raises
    ------
    InputError
        If it is no whole number.
    """
    if text.strip() and not text.strip().isdecimal():
        raise InputError(f"{text[:40]!r}", f"a whole number, 1 to {MAX_LAPS}", "Correct it.", "laps")
    return int(text.strip() or 1)


def _repeated(points: Points, laps: int, apart_m: float, config: CourseConfig, source: str | Path) -> Points:
    """The points of a loop whose end lies so far from its start, so many times."""
    if apart_m > config.max_gap_m:
        raise InputError(
            f"{laps} laps of a course whose end lies {apart_m:,.0f} m from its start",
            f"a loop: {config.max_gap_m:.0f} m at most",
            "Leave the laps out, or give a file with one whole lap.",
            source,
        )
    if points.lat.size * laps > config.max_points:
        found, expected = f"{points.lat.size * laps} points in {laps} laps", f"{config.max_points} at most"
        raise InputError(found, expected, "Thin out its points.", source)
    last = points.lat.size - 1
    once = np.arange(last if apart_m == 0.0 else last + 1)
    return points.at(np.append(np.tile(once, laps), last) if apart_m == 0.0 else np.tile(once, laps))


def _ground(ground: np.ndarray, along_m: np.ndarray, end_m: np.ndarray) -> np.ndarray | None:
    """Ground of each step, from what is said at the points; None if nothing is."""
    if not np.any(ground != ""):
        return None
    at = np.searchsorted(along_m, end_m - 0.5 * c.STEP_M, side="right") - 1
    return ground[np.clip(at, 0, ground.size - 1)]


def _name_cleaning(recorded_m: np.ndarray, columns: Mapping[str, np.ndarray], repairs: list[str]) -> None:
    """Say where cleaning changed the altitude by more than smoothing does."""
    spikes = int((remove_spikes(recorded_m) != recorded_m).sum())
    if spikes:
        repairs.append(f"spikes of more than {SPIKE_M:.0f} m in the altitude removed along {spikes * c.STEP_M:.0f} m")
    steep = int((np.abs(columns[c.SLOPE_25M]) >= MAX_SLOPE).sum())
    if steep:
        repairs.append(f"slopes of more than {MAX_SLOPE:.0%} cut along {steep * c.STEP_M:.0f} m")


def _stem(source: str | Path) -> str:
    """A file's name without what tells its format."""
    name = Path(str(source))
    return name.with_suffix("").stem if name.suffix.lower() == ".gz" else name.stem


def _waypoints(places: Sequence[Place], columns: Mapping[str, np.ndarray], repairs: list[str]) -> tuple[Waypoint, ...]:
    """Waypoints with the nearest place of the course."""
    on_earth = [
        p
        for p in places
        if p.latitude is not None and p.longitude is not None and abs(p.latitude) <= 90 and abs(p.longitude) <= 180
    ]
    if len(on_earth) < len(places):
        lost = counted_noun(len(places) - len(on_earth), "waypoint")
        repairs.append(f"{lost} beyond ±90 or ±180 degrees left out")
    found = []
    for point in on_earth:
        away_m = haversine_m(
            columns[c.LATITUDE], columns[c.LONGITUDE], np.float64(point.latitude), np.float64(point.longitude)
        )
        nearest = int(np.argmin(away_m))
        found.append(
            Waypoint(
                name=one_line(point.name, MAX_NAME) or "waypoint",
                lat=point.latitude,
                lon=point.longitude,
                distance_m=float(columns[c.DISTANCE][nearest]),
                away_m=float(away_m[nearest]),
                kind=one_line(point.kind, _MAX_KIND) or one_line(point.symbol, _MAX_KIND),
                description=one_line(point.description, _MAX_TEXT) or one_line(point.comment, _MAX_TEXT),
            )
        )
    return tuple(sorted(found, key=lambda waypoint: waypoint.distance_m))


def load_course(
    path: Path,
    config: CourseConfig | None = None,
    max_bytes: int = MAX_BYTES,
    *,
    elevation_model: Path | None = None,
    laps: int = 1,
) -> Course:
    """Read the course in a file; see `read_course`."""
    if not path.is_file():
        raise NoSuchFileError(path)
    if path.stat().st_size > max_bytes:
        raise InputError(f"{path.stat().st_size} bytes", f"{max_bytes} at most", "Thin out its points.", path)
    return read_course(path.read_bytes(), path.name, config, elevation_model=elevation_model, laps=laps)

"""In: a GPX route or track. Out: a course, a row for every 5 m, with its waypoints and what had to be repaired."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import gpxpy.gpx
import numpy as np

from lib import columns as c
from lib.errors import InputError
from lib.formats.gpx import parse_gpx
from lib.geodesy import gaps_m, haversine_m
from lib.profile import MAX_SLOPE, SPIKE_M, course_columns, remove_spikes

if TYPE_CHECKING:
    import pandas as pd


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
        Altitudes outside ± this (m) are refused.
    max_points : int
        Points of all kinds in the file.
    max_waypoints : int
        Waypoints among them; each is looked for along the whole course.
    """

    min_km: float = 0.5
    max_km: float = 400.0
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
    """

    name: str
    lat: float
    lon: float
    distance_m: float
    away_m: float


@dataclass(frozen=True, eq=False)
class Course:
    """A course to run.

    Parameters
    ----------
    name : str
        As its author called it, else the file's name.
    columns : dict of ndarray, shape (T,) each
        `lib.profile.course_columns` with latitude and longitude (degrees) of the end of each step.
    recorded_m : ndarray, shape (T,)
        Altitude (m) as the file has it, not cleaned. This is what `lib.model` starts from: it cleans the altitude
        itself, and cleaned twice a course would be flatter than it is.
    waypoints : tuple of Waypoint
        In order along the course.
    repairs : tuple of str
        What was repaired, in words.
    """

    name: str
    columns: Mapping[str, np.ndarray]
    recorded_m: np.ndarray
    waypoints: tuple[Waypoint, ...] = ()
    repairs: tuple[str, ...] = field(default=())

    @property
    def steps(self) -> int:
        """How many steps of 5 m it has."""
        return self.recorded_m.size

    @property
    def length_km(self) -> float:
        """Length (km)."""
        return float(self.columns[c.DISTANCE][-1]) / 1000.0

    @property
    def climb_m(self) -> float:
        """Total climb (m)."""
        return float(self.columns[c.CLIMB][-1])

    @cached_property
    def table(self) -> pd.DataFrame:
        """`columns` as a table, T rows."""
        import pandas as pd  # here: what serves a model does without

        return pd.DataFrame(dict(self.columns))

    @cached_property
    def recorded(self) -> pd.DataFrame:
        """Step, distance (m) and altitude as the file has it (m), T rows: what `lib.model` predicts from."""
        return self.table[[c.STEP, c.DISTANCE]].assign(**{c.ALTITUDE: self.recorded_m})


def _points(gpx: gpxpy.gpx.GPX, source: str, repairs: list[str]) -> tuple[np.ndarray, str | None]:
    """Latitude, longitude, elevation of every point, shape (P, 3); elevation is NaN where missing."""
    tracks = [t for t in gpx.tracks if sum(len(s.points) for s in t.segments) > 1]
    if tracks:
        if len(tracks) > 1:
            repairs.append(f"{len(tracks)} tracks joined in the order of the file")
        points = [p for t in tracks for s in t.segments for p in s.points]
        name = tracks[0].name
    else:
        routes = [r for r in gpx.routes if len(r.points) > 1]
        points = [p for r in routes for p in r.points]
        name = routes[0].name if routes else None
    if len(points) < 2:
        found = f"{len(gpx.waypoints)} waypoints" if gpx.waypoints else "no points"
        raise InputError(
            f"{found}, but no track or route",
            "a track or route of 2 points or more",
            "Export the course itself.",
            source,
        )
    values = [(p.latitude, p.longitude, np.nan if p.elevation is None else p.elevation) for p in points]
    array = np.array(values, dtype=np.float64)
    on_earth = (np.abs(array[:, 0]) <= 90) & (np.abs(array[:, 1]) <= 180)
    if not on_earth.all():
        lat, lon, _ = array[np.argmin(on_earth)]
        raise InputError(
            f"a point at latitude {lat:g}, longitude {lon:g}",
            "degrees within ±90 and ±180",
            "Correct or remove that point.",
            source,
        )
    return array, name


def read_course(content: bytes, source: str | Path = "course", config: CourseConfig | None = None) -> Course:
    """Read the course in a GPX file.

    Parameters
    ----------
    content : bytes
        The file.
    source : str or Path
        Its name, for errors and where it carries none.
    config : CourseConfig, optional
        Limits.

    Raises
    ------
    InputError
        If it is no GPX, holds no track or route, is too short or too long, or lacks elevation.
    """
    config = config or CourseConfig()
    repairs: list[str] = []
    gpx = parse_gpx(content, str(source), config.max_points)
    if len(gpx.waypoints) > config.max_waypoints:
        raise InputError(
            f"{len(gpx.waypoints)} waypoints", f"{config.max_waypoints} at most", "Leave some out.", source
        )
    points, name = _points(gpx, str(source), repairs)
    moved = np.concatenate([[True], np.any(np.diff(points[:, :2], axis=0) != 0, axis=1)])
    if not moved.all():
        repairs.append(f"{_count((~moved).sum(), 'point')} at the same place as the one before left out")
        points = points[moved]
    wide_m = gaps_m(points[:, 0], points[:, 1])
    along_m = np.concatenate([[0.0], np.cumsum(wide_m)])
    length_km = along_m[-1] / 1000.0
    if not config.min_km <= length_km <= config.max_km:
        raise InputError(
            f"a course of {length_km:.2f} km",
            f"{config.min_km:g} to {config.max_km:g} km",
            "Check that the file holds the whole course, and only it.",
            source,
        )
    if wide_m.max() > config.max_gap_m:
        wide = wide_m > config.max_gap_m
        repairs.append(f"{_count(wide.sum(), 'gap')} of up to {wide_m.max():.0f} m bridged in a straight line")
    altitude = _elevation(points[:, 2], along_m, source, config, repairs)

    end_m = np.arange(1, int(along_m[-1] / c.STEP_M + 0.1) + 1) * c.STEP_M
    recorded_m = np.interp(end_m, along_m, altitude)
    columns = course_columns(recorded_m)
    _name_cleaning(recorded_m, columns, repairs)
    columns[c.LATITUDE] = np.interp(end_m, along_m, points[:, 0])
    columns[c.LONGITUDE] = (np.interp(end_m, along_m, _unwrapped(points[:, 1])) + 180.0) % 360.0 - 180.0
    return Course(
        name=name or gpx.name or Path(str(source)).stem,
        columns=columns,
        recorded_m=recorded_m,
        waypoints=_waypoints(gpx, columns),
        repairs=tuple(repairs),
    )


def _count(number: int, noun: str) -> str:
    return f"{int(number)} {noun}{'' if number == 1 else 's'}"


def _name_cleaning(recorded_m: np.ndarray, columns: Mapping[str, np.ndarray], repairs: list[str]) -> None:
    """Say where cleaning changed the altitude by more than smoothing does."""
    spikes = int((remove_spikes(recorded_m) != recorded_m).sum())
    if spikes:
        repairs.append(f"spikes of more than {SPIKE_M:.0f} m in the altitude removed along {spikes * c.STEP_M:.0f} m")
    steep = int((np.abs(columns[c.SLOPE_25M]) >= MAX_SLOPE).sum())
    if steep:
        repairs.append(f"slopes of more than {MAX_SLOPE:.0%} cut along {steep * c.STEP_M:.0f} m")


def _unwrapped(lon: np.ndarray) -> np.ndarray:
    """Longitudes without the jump at ±180°."""
    return np.degrees(np.unwrap(np.radians(lon)))


def _elevation(
    elevation: np.ndarray, along_m: np.ndarray, source: str | Path, config: CourseConfig, repairs: list[str]
) -> np.ndarray:
    """Elevation at every point (m), missing ones interpolated up to the configured share."""
    missing = ~np.isfinite(elevation)
    # Exporters write 0 for "unknown"; a course by the sea has zeros beside low values, not beside mountains.
    zero = (elevation == 0) & (np.nanmedian(np.abs(elevation)) > 50 if (~missing).any() else False)
    lost = missing | zero
    remedy = "Export the course with elevation, for example by opening and saving it in a route planner."
    if missing.all() or np.all(elevation[~missing] == 0):
        what = "no elevation at any point" if missing.all() else "elevation 0 at every point"
        raise InputError(what, "an elevation at the points", remedy, source)
    share = float(lost.mean())
    if share > config.max_missing_elevation:
        raise InputError(
            f"no elevation at {share:.0%} of the points", f"at most {config.max_missing_elevation:.0%}", remedy, source
        )
    if np.nanmax(np.abs(elevation)) > config.max_altitude_m:
        raise InputError(
            f"an elevation of {elevation[np.nanargmax(np.abs(elevation))]:.0f} m",
            f"within ±{config.max_altitude_m:.0f} m",
            "Correct or remove that point.",
            source,
        )
    if lost.any():
        repairs.append(f"elevation interpolated at {int(lost.sum())} of {_count(lost.size, 'point')}")
    return np.interp(along_m, along_m[~lost], elevation[~lost])


def _waypoints(gpx: gpxpy.gpx.GPX, columns: Mapping[str, np.ndarray]) -> tuple[Waypoint, ...]:
    """Waypoints with the nearest place of the course."""
    found = []
    for point in gpx.waypoints:
        away_m = haversine_m(
            columns[c.LATITUDE], columns[c.LONGITUDE], np.float64(point.latitude), np.float64(point.longitude)
        )
        nearest = int(np.argmin(away_m))
        found.append(
            Waypoint(
                name=point.name or "waypoint",
                lat=point.latitude,
                lon=point.longitude,
                distance_m=float(columns[c.DISTANCE][nearest]),
                away_m=float(away_m[nearest]),
            )
        )
    return tuple(sorted(found, key=lambda waypoint: waypoint.distance_m))


def load_course(path: Path, config: CourseConfig | None = None, max_bytes: int = 50_000_000) -> Course:
    """Read the course in a file; see `read_course`."""
    if not path.is_file():
        raise InputError("no such file", "a GPX file", "Check the path.", path)
    if path.stat().st_size > max_bytes:
        raise InputError(f"{path.stat().st_size} bytes", f"{max_bytes} at most", "Thin out its points.", path)
    return read_course(path.read_bytes(), path.name, config)

"""In: a GPX route or track. Out: a course, a row for every 5 m, with its waypoints and what had to be repaired."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import gpxpy.gpx
import numpy as np
import pandas as pd

from lib import columns as c
from lib.errors import InputError
from lib.formats.gpx import parse_gpx
from lib.geodesy import gaps_m, haversine_m
from lib.profile import MAX_SLOPE, SPIKE_M, course_table, remove_spikes


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
    """

    min_km: float = 0.5
    max_km: float = 400.0
    max_missing_elevation: float = 0.4
    max_gap_m: float = 250.0
    max_altitude_m: float = 9_000.0

    def __post_init__(self) -> None:
        if not 0 < self.min_km < self.max_km or not 0 <= self.max_missing_elevation < 1 or self.max_gap_m <= 0:
            raise InputError(f"{self}", "0 < min_km < max_km, a share below 1, a gap above 0", "Change the limits.")


@dataclass(frozen=True)
class Course:
    """A course to run.

    Parameters
    ----------
    name : str
        As its author called it, else the file's name.
    table : DataFrame, T rows
        `lib.profile.course_table` with latitude and longitude (degrees) of the end of each step.
    recorded : DataFrame, T rows
        Step, distance (m) and altitude (m) as the file has it, not cleaned. This is what a prediction starts from:
        it cleans the altitude itself, and cleaned twice a course would be flatter than it is.
    waypoints : DataFrame
        Name, latitude, longitude, distance from the start (m) and from the course (m).
    repairs : tuple of str
        What was repaired, in words.
    """

    name: str
    table: pd.DataFrame
    recorded: pd.DataFrame
    waypoints: pd.DataFrame
    repairs: tuple[str, ...] = field(default=())

    @property
    def length_km(self) -> float:
        """Length (km)."""
        return float(self.table[c.DISTANCE].iloc[-1]) / 1000.0

    @property
    def climb_m(self) -> float:
        """Total climb (m)."""
        return float(self.table[c.CLIMB].iloc[-1])


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
    gpx = parse_gpx(content, str(source))
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
    table = course_table(recorded_m)
    _name_cleaning(recorded_m, table, repairs)
    table[c.LATITUDE] = np.interp(end_m, along_m, points[:, 0])
    table[c.LONGITUDE] = np.interp(end_m, along_m, _unwrapped(points[:, 1]))
    table[c.LONGITUDE] = (table[c.LONGITUDE] + 180.0) % 360.0 - 180.0
    return Course(
        name=name or gpx.name or Path(str(source)).stem,
        table=table,
        recorded=table[[c.STEP, c.DISTANCE]].assign(**{c.ALTITUDE: recorded_m}),
        waypoints=_waypoints(gpx, table),
        repairs=tuple(repairs),
    )


def _count(number: int, noun: str) -> str:
    return f"{int(number)} {noun}{'' if number == 1 else 's'}"


def _name_cleaning(recorded_m: np.ndarray, table: pd.DataFrame, repairs: list[str]) -> None:
    """Say where cleaning changed the altitude by more than smoothing does."""
    spikes = int((remove_spikes(recorded_m) != recorded_m).sum())
    if spikes:
        repairs.append(f"spikes of more than {SPIKE_M:.0f} m in the altitude removed along {spikes * c.STEP_M:.0f} m")
    steep = int((table[c.SLOPE_25M].abs() >= MAX_SLOPE).sum())
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


def _waypoints(gpx: gpxpy.gpx.GPX, table: pd.DataFrame) -> pd.DataFrame:
    """Waypoints with the nearest place of the course."""
    rows = []
    lat, lon = table[c.LATITUDE].to_numpy(), table[c.LONGITUDE].to_numpy()
    for waypoint in gpx.waypoints:
        away_m = haversine_m(lat, lon, np.float64(waypoint.latitude), np.float64(waypoint.longitude))
        nearest = int(np.argmin(away_m))
        rows.append(
            {
                c.WAYPOINT: waypoint.name or "waypoint",
                c.LATITUDE: waypoint.latitude,
                c.LONGITUDE: waypoint.longitude,
                c.DISTANCE: float(table[c.DISTANCE].iloc[nearest]),
                c.AWAY: float(away_m[nearest]),
            }
        )
    names = [c.WAYPOINT, c.LATITUDE, c.LONGITUDE, c.DISTANCE, c.AWAY]
    return pd.DataFrame(rows, columns=names).sort_values(c.DISTANCE, ignore_index=True)


def load_course(path: Path, config: CourseConfig | None = None, max_bytes: int = 50_000_000) -> Course:
    """Read the course in a file; see `read_course`."""
    if not path.is_file():
        raise InputError("no such file", "a GPX file", "Check the path.", path)
    if path.stat().st_size > max_bytes:
        raise InputError(f"{path.stat().st_size} bytes", f"{max_bytes} at most", "Thin out its points.", path)
    return read_course(path.read_bytes(), path.name, config)

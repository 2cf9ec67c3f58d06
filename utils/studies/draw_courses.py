"""The demo courses in `data/courses`, drawn on the demo terrain."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import gpxpy.gpx
import numpy as np
from scipy.ndimage import gaussian_filter1d

from lib.core.files import write_atomically
from lib.core.geodesy import gaps_m
from lib.core.schema import STEP_M
from lib.demo.season import HOME
from lib.demo.terrain import Array
from lib.demo.trails import TrailNetwork, trail_network

COURSES: Final = Path(__file__).resolve().parents[2] / "data" / "courses"
EVERY: Final = 3
"""Of the trail's points, 5 m apart, every third becomes a point of the track."""
TRIES: Final = 60


@dataclass(frozen=True)
class Plan:
    """What a course is to be.

    Parameters
    ----------
    file, name : str
    seed : int
    length_m : float
        Exact length, measured by haversine from point to point (m).
    climb_m_per_km : float
        Wanted hilliness.
    aid_km : float
        Distance between aid stations (km).
    """

    file: str
    name: str
    seed: int
    length_m: float
    climb_m_per_km: float
    aid_km: float


PLANS: Final = (
    Plan("powell_valley_5km", "Powell Valley 5 km", 5, 5_000, 5, 2.5),
    Plan("caryville_10km", "Caryville 10 km", 12, 10_000, 24, 5),
    Plan("jacksboro_17_8km", "Jacksboro 17.8 km", 178, 17_800, 38, 6),
    Plan("cross_mountain_30km", "Cross Mountain 30 km", 30, 30_000, 50, 8),
    Plan("cumberland_50km", "Cumberland 50 km", 50, 50_000, 40, 9),
)
CLIMB_FILE: Final = "fault_climb"


def climb_m(altitude_m: Array) -> float:
    """Sum the climb (m) of a profile of any spacing of 15 m or so, after smoothing over some 50 m."""
    rise = np.diff(gaussian_filter1d(altitude_m, 1.5))
    return float(rise[rise > 0].sum())


def repeated(path: Array) -> float:
    """Give the share (1) of a path, shape (k, 2) in metres, that lies on cells of 25 m which it crossed before."""
    cells = np.floor(path / 25).astype(int)
    return 1 - len(np.unique(cells, axis=0)) / (np.any(np.diff(cells, axis=0), axis=1).sum() + 1)


def track(network: TrailNetwork, path: Array, length_m: float | None = None) -> tuple[Array, Array, Array]:
    """Make track points of a path.

    Parameters
    ----------
    network : TrailNetwork
    path : ndarray, shape (k, 2)
        Metres, a point every 5 m.
    length_m : float, optional
        Where to cut the track, along the points as rounded; without it, at the path's end.

    Returns
    -------
    lat, lon, altitude_m : ndarray, shape (n,)
        Rounded to what the file holds: 6 decimals of a degree, 0.1 m.
    """
    points = path[::EVERY]
    lat, lon = (np.round(degrees, 6) for degrees in network.terrain.degrees(points))
    altitude = network.terrain.altitude_m(points)
    if length_m is not None:
        at = np.concatenate([[0.0], np.cumsum(gaps_m(lat, lon))])
        if at[-1] < length_m:
            raise ValueError(f"the path has {at[-1]:.0f} m, less than {length_m:.0f} m")
        keep = int(np.searchsorted(at, length_m - STEP_M))
        cut = [np.interp(length_m, at, values) for values in (lat, lon, altitude)]
        lat, lon, altitude = (np.append(v[:keep], end) for v, end in zip((lat, lon, altitude), cut, strict=True))
    return np.round(lat, 6), np.round(lon, 6), np.round(altitude, 1)


def draw(plan: Plan, network: TrailNetwork) -> tuple[Array, Array, Array]:
    """Draw a round of the plan's exact length: of several, the one that closes and climbs best."""
    homes = np.argsort(np.hypot(*(network.junctions - np.array(network.terrain.size_m) * HOME).T))[:8]
    best, best_misfit = None, np.inf
    for attempt in range(TRIES):
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence((plan.seed, attempt))))
        path = network.loop(rng, int(rng.choice(homes)), plan.length_m * 1.02, plan.climb_m_per_km)
        try:
            points = track(network, path, plan.length_m)
        except ValueError:
            continue
        lat, lon, altitude = points
        apart = float(gaps_m(lat[[0, -1]], lon[[0, -1]])[0])
        misfit = (
            apart / 100
            + 8 * repeated(path)
            + (altitude[0] - altitude.min()) / 20
            + abs(climb_m(altitude) / plan.length_m * 1000 - plan.climb_m_per_km) / 4
        )
        if misfit < best_misfit:
            best, best_misfit = points, misfit
    assert best is not None, f"no round for {plan.file}"
    return best


def draw_climb(network: TrailNetwork) -> tuple[Array, Array, Array]:
    """Draw the climb that gains most on 6 km or less, from one junction to another."""
    ground = network.terrain.altitude_m(network.junctions)
    gain = np.where(network.length_m < 6_000, ground[None, None, :] - ground[None, :, None], -np.inf)
    taste, start, end = (int(i) for i in np.unravel_index(np.argmax(gain), gain.shape))
    return track(network, network.way(taste, (start, end)))


def to_gpx(name: str, points: tuple[Array, Array, Array], aid_km: float | None) -> str:
    """Write a course as GPX 1.1: one track without times; waypoints at start, top, aid stations and finish.

    Parameters
    ----------
    name : str
    points : tuple of three ndarrays, shape (n,)
        Latitude, longitude, altitude.
    aid_km : float, optional
        Distance between aid stations (km); none without it.

    Returns
    -------
    str
        The file's text.
    """
    lat, lon, altitude = points
    at = np.concatenate([[0.0], np.cumsum(gaps_m(lat, lon))])
    places = {0: ("Start", "Flag, Green"), int(np.argmax(altitude)): ("Top", "Summit")}
    if aid_km:
        for number, km in enumerate(np.arange(aid_km, at[-1] / 1000 - 1.5, aid_km), start=1):
            places[int(np.searchsorted(at, km * 1000))] = (f"Aid {number}", "Drinking Water")
    places[len(at) - 1] = ("Finish", "Flag, Red")

    gpx = gpxpy.gpx.GPX()
    gpx.creator = "trailcast"
    gpx.name = name
    gpx.description = (
        f"An invented course on real terrain: {at[-1] / 1000:.1f} km, {climb_m(altitude):.0f} m of climb. "
        "The trails do not exist; do not go there."
    )
    for index, (label, symbol) in sorted(places.items()):
        point = gpxpy.gpx.GPXWaypoint(float(lat[index]), float(lon[index]), float(altitude[index]))
        point.name, point.symbol, point.description = label, symbol, f"km {at[index] / 1000:.1f}"
        gpx.waypoints.append(point)
    segment = gpxpy.gpx.GPXTrackSegment(
        [gpxpy.gpx.GPXTrackPoint(*(float(v) for v in point)) for point in zip(lat, lon, altitude, strict=True)]
    )
    course = gpxpy.gpx.GPXTrack(name=name)
    course.segments.append(segment)
    gpx.tracks.append(course)
    return gpx.to_xml(version="1.1") + "\n"


def courses() -> dict[str, str]:
    """Draw every course: file name without suffix → text of the GPX file."""
    network = trail_network()
    made = {plan.file: to_gpx(plan.name, draw(plan, network), plan.aid_km) for plan in PLANS}
    made[CLIMB_FILE] = to_gpx("Fault Climb", draw_climb(network), None)
    return made


def main() -> None:
    """Write the courses, each at once or not at all."""
    parser = argparse.ArgumentParser(description="Draw the demo courses.")
    parser.add_argument("--out", type=Path, default=COURSES, help="folder (default: data/courses)")
    out: Path = parser.parse_args().out
    for file, text in courses().items():
        write_atomically(out / f"{file}.gpx", text.encode())
        print(f"{out / file}.gpx: {len(text.encode()) / 1000:.0f} kB")


if __name__ == "__main__":
    main()

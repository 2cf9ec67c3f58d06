"""GPX made by hand, for several test files."""

from __future__ import annotations

import numpy as np

from lib.core.geodesy import EARTH_RADIUS_M

DEGREE_M = EARTH_RADIUS_M * np.pi / 180.0
"""Length of a degree of a meridian, and of the equator."""

Point = tuple[float, float, float | None]


def points_xml(points: list[Point], tag: str) -> str:
    rows = []
    for lat, lon, ele in points:
        rows.append(f'<{tag} lat="{lat!r}" lon="{lon!r}">{"" if ele is None else f"<ele>{ele!r}</ele>"}</{tag}>')
    return "".join(rows)


def track(points: list[Point], name: str = "") -> str:
    return f"<trk>{name and f'<name>{name}</name>'}<trkseg>{points_xml(points, 'trkpt')}</trkseg></trk>"


def gpx(*parts: str, head: str = "") -> bytes:
    start = '<gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1">'
    return f'<?xml version="1.0" encoding="UTF-8"?>{head}{start}{"".join(parts)}</gpx>'.encode()


def north(metres: float, ele: float | None = 100.0, lon: float = 10.0) -> Point:
    """Place so many metres north of the equator."""
    return (float(metres / DEGREE_M), lon, None if ele is None else float(ele))


def line(length_m: float = 1_000.0, every_m: float = 20.0, ele: float | None = 100.0) -> list[Point]:
    return [north(m, ele) for m in np.arange(0.0, length_m + every_m / 2, every_m)]


def long_course(km: float) -> bytes:
    """A course north and back again and again over hills, with a point every 5 m."""
    n = round(km * 200)
    metres = 5.0 * np.abs((np.arange(n) % 80_000) - 40_000)
    altitude_m = 800 + 300 * np.sin(np.arange(n) / 900)
    return gpx(track([north(m, round(ele)) for m, ele in zip(metres, altitude_m, strict=True)]))

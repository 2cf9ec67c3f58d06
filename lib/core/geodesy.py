"""Distances over the ground, and longitudes across the antimeridian."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

EARTH_RADIUS_M: Final = 6_371_008.8
"""Mean radius of the Earth (IUGG)."""


def haversine_m(lat: ArrayLike, lon: ArrayLike, lat2: ArrayLike, lon2: ArrayLike) -> NDArray[np.float64]:
    """Great-circle distance (m) between points in degrees (WGS 84); shapes broadcast (haversine, Sinnott 1984)."""
    phi, phi2 = np.radians(np.asarray(lat, dtype=float)), np.radians(np.asarray(lat2, dtype=float))
    turn = np.radians(np.asarray(lon2, dtype=float) - np.asarray(lon, dtype=float))
    half = np.sin((phi2 - phi) / 2) ** 2 + np.cos(phi) * np.cos(phi2) * np.sin(turn / 2) ** 2
    return 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))


def gaps_m(lat: ArrayLike, lon: ArrayLike) -> NDArray[np.float64]:
    """Distance (m) from each point of a line, shape (n,), to the next, shape (n - 1,)."""
    lat, lon = np.asarray(lat, dtype=float), np.asarray(lon, dtype=float)
    return haversine_m(lat[:-1], lon[:-1], lat[1:], lon[1:])


def unwrapped_lon(lon: ArrayLike) -> NDArray[np.float64]:
    """Longitudes (degrees) of a line, shape (n,), without the jump at ±180°; they may go beyond it."""
    return np.degrees(np.unwrap(np.radians(np.asarray(lon, dtype=float))))


def wrapped_lon(lon: ArrayLike) -> NDArray[np.float64]:
    """Longitudes (degrees) brought back to -180° to below 180°."""
    return (np.asarray(lon, dtype=float) + 180.0) % 360.0 - 180.0


def plane_m(lat: ArrayLike, lon: ArrayLike) -> NDArray[np.float64]:
    """Places (degrees, shape (T,) each) as metres east and north of the first, shape (T, 2), as seen from above.

    Orthographic, about the middle of the places: over 400 km lengths are right to 0.05%, at the poles too.
    """
    phi, turn = np.radians(lat), np.radians(lon)
    globe = np.column_stack([np.cos(phi) * np.cos(turn), np.cos(phi) * np.sin(turn), np.sin(phi)])
    x, y, z = globe.mean(axis=0)
    longitude, latitude = np.arctan2(y, x), np.arctan2(z, np.hypot(x, y))
    east = np.array([-np.sin(longitude), np.cos(longitude), 0.0])
    north = np.array([*(-np.sin(latitude) * np.array([np.cos(longitude), np.sin(longitude)])), np.cos(latitude)])
    return (globe - globe[0]) @ np.column_stack([east, north]) * EARTH_RADIUS_M

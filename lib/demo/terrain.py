"""A terrain in metres, from the elevation grid shipped with matplotlib."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import numpy as np
from matplotlib.cbook import get_sample_data
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates, spline_filter

from lib.core.geodesy import EARTH_RADIUS_M

Array = NDArray[np.float64]

ELEVATION_SAMPLE: Final = "jacksboro_fault_dem.npz"
RELIEF_SEED: Final = 1076
RELIEF_CELL_M: Final = 25.0
RELIEF_CELLS: Final = 400
# Wavelength (m) and standard deviation (m): what lies between the posts of a 90 m grid and a runner's feet feel.
RELIEF_OCTAVES: Final = ((400.0, 1.0), (160.0, 0.45), (80.0, 0.18))


def along_m(xy: Array) -> Array:
    """Measure the distance along a path from its first point; (n, 2) metres in, (n,) metres out."""
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])


def resample(xy: Array, step_m: float) -> Array:
    """Give points on a path every `step_m` metres, the first kept and the last part of a step dropped.

    Parameters
    ----------
    xy : ndarray, shape (n, 2)
        A path (m).
    step_m : float
        Distance along the path between neighbours (m).

    Returns
    -------
    ndarray, shape (k, 2)
    """
    at = along_m(xy)
    wanted = np.arange(0.0, at[-1] + 1e-9, step_m)
    return np.column_stack([np.interp(wanted, at, xy[:, 0]), np.interp(wanted, at, xy[:, 1])])


def _relief_tile() -> Array:
    """Make a periodic tile of small-scale relief (m): always the same, as the ground does not depend on the athlete."""
    rng = np.random.Generator(np.random.PCG64(RELIEF_SEED))
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(RELIEF_CELLS), np.fft.fftfreq(RELIEF_CELLS))) / RELIEF_CELL_M
    tile = np.zeros((RELIEF_CELLS, RELIEF_CELLS))
    for wavelength_m, sd_m in RELIEF_OCTAVES:
        band = np.exp(-0.5 * ((frequency * wavelength_m - 1) / 0.3) ** 2)
        octave = np.fft.ifft2(np.fft.fft2(rng.standard_normal(tile.shape)) * band).real
        tile += sd_m * octave / octave.std()
    return tile


@dataclass(frozen=True, eq=False)
class Terrain:
    """An elevation grid in a flat frame: x to the east, y to the north, metres from the south-west post.

    Parameters
    ----------
    elevation_m : ndarray, shape (rows, columns)
        Row 0 is the southernmost, column 0 the westernmost (m above sea level).
    dx_m, dy_m : float
        Distances between posts.
    lat0, lon0 : float
        Position of the south-west post (degrees).
    dlat, dlon : float
        Degrees between posts.
    """

    elevation_m: Array
    dx_m: float
    dy_m: float
    lat0: float
    lon0: float
    dlat: float
    dlon: float
    _spline: Array = field(init=False, repr=False)
    _relief: Array = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_spline", spline_filter(self.elevation_m, order=3))
        object.__setattr__(self, "_relief", spline_filter(_relief_tile(), order=3, mode="grid-wrap"))

    @property
    def size_m(self) -> tuple[float, float]:
        """Extent to the east and to the north (m)."""
        rows, columns = self.elevation_m.shape
        return (columns - 1) * self.dx_m, (rows - 1) * self.dy_m

    def altitude_m(self, xy: Array) -> Array:
        """Give the altitude of the ground: cubic interpolation of the grid, and relief too small for it.

        Parameters
        ----------
        xy : ndarray, shape (n, 2)
            Positions (m); beyond the grid's edge the edge goes on.

        Returns
        -------
        ndarray, shape (n,)
            Metres above sea level.
        """
        x, y = np.asarray(xy, dtype=float).T
        ground = map_coordinates(self._spline, [y / self.dy_m, x / self.dx_m], order=3, prefilter=False, mode="nearest")
        cells = [y / RELIEF_CELL_M, x / RELIEF_CELL_M]
        return ground + map_coordinates(self._relief, cells, order=3, prefilter=False, mode="grid-wrap")

    def degrees(self, xy: Array) -> tuple[Array, Array]:
        """Give latitude and longitude (degrees) of positions, shape (n, 2), in metres."""
        x, y = np.asarray(xy, dtype=float).T
        return self.lat0 + y / self.dy_m * self.dlat, self.lon0 + x / self.dx_m * self.dlon


@lru_cache(maxsize=1)
def load_terrain() -> Terrain:
    """Load the Jacksboro fault, Tennessee: 30 km by 32 km, 236 to 1,076 m, posts every 3 arc seconds.

    Returns
    -------
    Terrain

    Notes
    -----
    Source: matplotlib's sample data (its gallery: "Topographic hillshading"). The file calls the northern edge
    ``ymin``, as its rows run from north to south. Metres are those of the parallel through the middle of the grid; at
    its edges they are off by 0.2% from west to east.
    """
    with get_sample_data(ELEVATION_SAMPLE) as sample:
        elevation = np.asarray(sample["elevation"], dtype=float)[::-1]
        dlon, dlat = float(sample["dx"]), float(sample["dy"])
        west, north, south = float(sample["xmin"]), float(sample["ymin"]), float(sample["ymax"])
    metres = np.radians(1.0) * EARTH_RADIUS_M
    return Terrain(
        elevation_m=np.ascontiguousarray(elevation),
        dx_m=dlon * metres * float(np.cos(np.radians((north + south) / 2))),
        dy_m=dlat * metres,
        lat0=south + dlat / 2,
        lon0=west + dlon / 2,
        dlat=dlat,
        dlon=dlon,
    )

"""Elevation at any place, from a local elevation model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lib.core.errors import InputError, NoSuchFileError

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

Floats = NDArray[np.float64]

MAX_BLOCK_VALUES: Final = 16_777_216
"""Most values of a tile or strip; only those on the course are read, so files themselves may be larger."""

_DRIVERS: Final = {".tif": "GTiff", ".tiff": "GTiff", ".hgt": "SRTMHGT"}
"""Formats read, by suffix; others, which may name further files, are never opened."""
_WGS84: Final = "EPSG:4326"


def elevations(path: Path, lat: ArrayLike, lon: ArrayLike) -> Floats:
    """Return the elevation at each place, interpolated linearly in both directions.

    Parameters
    ----------
    path : Path
        A GeoTIFF in any coordinate system, an SRTM tile named after its south-west corner (``N46E007.hgt``), or a
        folder of such tiles.
    lat, lon : array_like, shape (P,)
        Degrees (WGS 84).

    Returns
    -------
    ndarray, shape (P,)
        Metres above the model's sea level; NaN outside it and beside its voids.

    Raises
    ------
    InputError
        If rasterio is not installed, there is no such file, or it cannot be read as an elevation model.
    """
    lat, lon = np.asarray(lat, dtype=np.float64), np.asarray(lon, dtype=np.float64)
    assert lat.shape == lon.shape and lat.ndim == 1
    path = Path(path)
    if not path.exists():
        raise NoSuchFileError(path)
    if not path.is_dir():
        return _read(path, lat, lon)
    tiles = [tile for tile in sorted(path.iterdir()) if tile.suffix.lower() in _DRIVERS]
    if not tiles:
        expected = "tiles such as N46E007.hgt, or .tif"
        raise InputError("a folder without tiles", expected, "Name the folder that holds them.", path.name)
    out = np.full(lat.shape, np.nan)
    for tile in tiles:  # where tiles meet, any that has the place
        lost = np.isnan(out)
        if not lost.any():
            break
        out[lost] = _read(tile, lat[lost], lon[lost])
    return out


def _read(path: Path, lat: Floats, lon: Floats) -> Floats:
    """Elevation of the places that are inside of one file."""
    try:
        import rasterio  # here: plans without an elevation model do without
    except ImportError as error:
        raise InputError(
            "an elevation model, but rasterio is not installed", "rasterio, which reads them",
            "Install it: pip install rasterio (in a clone: make setup).", path.name,
        ) from error  # fmt: skip
    suffix = path.suffix.lower()
    driver = _DRIVERS.get(suffix)
    if driver is None:
        remedy = "Unpack it first." if suffix in (".zip", ".gz") else "Convert it: gdal_translate in out.tif"
        kind = f"a {path.suffix} file" if path.suffix else "a file without suffix"
        raise InputError(kind, "an elevation model, .tif or .hgt", remedy, path.name)
    try:
        with rasterio.open(path, driver=driver) as model:
            _check(model, path)
            return _bilinear(model, *_cells(model, lat, lon))
    except InputError:
        raise
    except Exception as error:  # rasterio raises many kinds on damaged files
        raise InputError(
            f"a file that cannot be read ({str(error)[:80]})", "a GeoTIFF, or an SRTM tile such as N46E007.hgt",
            "Download it again, under the name that it had.", path.name,
        ) from error  # fmt: skip


def _check(model: DatasetReader, path: Path) -> None:
    if model.count != 1 or np.dtype(model.dtypes[0]).kind not in "iuf":
        found = f"an image of {model.count} bands of {model.dtypes[0]}"
        raise InputError(found, "one band of numbers", "Take an elevation model, or its band of elevation.", path.name)
    if model.crs is None or abs(model.transform.determinant) < 1e-20:
        found = "no coordinate system" if model.crs is None else "cells of no size"
        raise InputError(found, "a GeoTIFF that says where it lies", "Export it with its coordinates.", path.name)
    high, wide = model.block_shapes[0]
    if high * wide > MAX_BLOCK_VALUES:
        raise InputError(
            f"tiles of {wide} x {high} values", f"{MAX_BLOCK_VALUES} at most",
            "Tile it: gdal_translate -co TILED=YES -co COMPRESS=DEFLATE in.tif out.tif", path.name,
        )  # fmt: skip


def _cells(model: DatasetReader, lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    """Row and column of each place in the model, counted between the centres of its cells."""
    from rasterio.warp import transform

    x, y = (np.asarray(axis) for axis in (lon, lat))
    known = np.isfinite(lon) & np.isfinite(lat)
    if known.any() and model.crs.to_epsg() != 4326:
        x, y = x.copy(), y.copy()
        x[known], y[known] = transform(_WGS84, model.crs, lon[known], lat[known])
    inverse = ~model.transform
    column = inverse.a * x + inverse.b * y + inverse.c - 0.5
    row = inverse.d * x + inverse.e * y + inverse.f - 0.5
    if model.crs.is_geographic:  # a place may be a whole turn away, but for a rounding error at the western border
        turn = 360.0 / abs(model.transform.a)
        column = (column + 1e-6) % turn - 1e-6
    # Rounding errors of a border are no outside.
    row, column = (np.where(np.abs(v - np.rint(v)) < 1e-6, np.rint(v), v) for v in (row, column))
    return row, column


def _bilinear(model: DatasetReader, row: Floats, column: Floats) -> Floats:
    """Interpolate between the four cells around each place."""
    inside = (row >= 0) & (row <= model.height - 1) & (column >= 0) & (column <= model.width - 1)
    out = np.full(row.shape, np.nan)
    if not inside.any():
        return out
    row, column = row[inside], column[inside]
    top = np.minimum(row.astype(int), max(model.height - 2, 0))
    left = np.minimum(column.astype(int), max(model.width - 2, 0))
    below, beside = np.minimum(top + 1, model.height - 1), np.minimum(left + 1, model.width - 1)
    down, right = row - top, column - left
    weights = np.stack([(1 - down) * (1 - right), (1 - down) * right, down * (1 - right), down * right])
    values = _values(model, np.stack([top, top, below, below]), np.stack([left, beside, left, beside]))
    out[inside] = np.where(weights > 0, weights * values, 0.0).sum(axis=0)  # a void counts where it weighs
    return out


def _values(model: DatasetReader, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Floats:
    """Values at cells, NaN where void, reading only the tiles or strips that hold them."""
    from rasterio.windows import Window

    high, wide = model.block_shapes[0]
    block = (rows // high) * -(-model.width // wide) + columns // wide
    order = np.argsort(block, axis=None, kind="stable")
    cuts = np.flatnonzero(np.diff(block.flat[order])) + 1
    out = np.empty(rows.size)
    for here in np.split(order, cuts):
        y, x = int(rows.flat[here[0]] // high) * high, int(columns.flat[here[0]] // wide) * wide
        window = Window(x, y, min(wide, model.width - x), min(high, model.height - y))
        values = model.read(1, window=window, masked=True).astype(np.float64).filled(np.nan)
        out[here] = values[rows.flat[here] - y, columns.flat[here] - x]
    out = out * model.scales[0] + model.offsets[0]
    return np.where(np.isfinite(out), out, np.nan).reshape(rows.shape)

"""Elevation at any place, from a local elevation model."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lib.core.errors import InputError

Floats = NDArray[np.float64]

MAX_TILE_VALUES: Final = 16_777_216
"""Most values that are decoded at once; files themselves may be larger, only the tiles on the course are read."""

HGT_SIDES: Final = (1201, 3601)
"""Rows and columns of a degree: 3 and 1 arc seconds, both borders included."""
HGT_VOID: Final = -32768

_HGT_NAME: Final = re.compile(r"([NS])(\d{2})([EW])(\d{3})", re.IGNORECASE)
_TO_WGS84: Final = "Convert it: gdalwarp -t_srs EPSG:4326 -co COMPRESS=DEFLATE in.tif out.tif"
_GEOGRAPHIC: Final = {4326: "WGS 84", 4258: "ETRS89", 4269: "NAD83"}
"""Coordinate systems in degrees that agree within some metres, less than a cell."""
_CELL_DEG: Final = (1e-7, 1.0)
_DEFLATE: Final = (8, 32946)
_COMPRESSIONS: Final = (1, 5, *_DEFLATE)
"""None, LZW (where the library imagecodecs is installed), DEFLATE: those that can be kept from unpacking endlessly."""
_DAMAGE: Final = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    OSError,
    zlib.error,
    struct.error,
)
"""What reading a damaged TIFF raises."""


@dataclass(frozen=True)
class _Grid:
    """Where the values of a file are: that of row 0 and column 0 at `north`, `west`; steps in degrees."""

    north: float
    west: float
    lat_step: float
    lon_step: float
    rows: int
    columns: int


def elevations(path: Path, lat: ArrayLike, lon: ArrayLike) -> Floats:
    """Give the elevation at each place, interpolated linearly in both directions.

    Parameters
    ----------
    path : Path
        A GeoTIFF in degrees, an SRTM tile named after its south-west corner (``N46E007.hgt``), or a folder of such
        tiles.
    lat, lon : array_like, shape (P,)
        Degrees (WGS 84).

    Returns
    -------
    ndarray, shape (P,)
        Metres above the model's sea level; NaN outside it and beside its voids.

    Raises
    ------
    InputError
        If there is no such file, or it is of another kind, size, coordinate system or compression.
    """
    lat, lon = np.asarray(lat, dtype=np.float64), np.asarray(lon, dtype=np.float64)
    assert lat.shape == lon.shape and lat.ndim == 1
    path = Path(path)
    if path.is_dir():
        return _folder_elevations(path, lat, lon)
    if not path.is_file():
        raise InputError("no such file", "an elevation model, .tif or .hgt", "Check the path.", path.name)
    kind = path.suffix.lower()
    if kind == ".hgt":
        return _hgt_elevations(path, lat, lon)
    if kind in (".tif", ".tiff"):
        return _tiff_elevations(path, lat, lon)
    remedy = "Unpack it first." if kind in (".zip", ".gz") else "Convert it: gdal_translate in out.tif"
    raise InputError(f"a file of the kind {kind or 'of none'}", "an elevation model, .tif or .hgt", remedy, path.name)


def _bilinear(grid: _Grid, lat: Floats, lon: Floats, values_at: Callable[..., Floats]) -> Floats:
    """Interpolate; `values_at` gives the values of a file, NaN where void, at (row, column), shape (4, I) each."""
    row = (grid.north - lat) / grid.lat_step
    column = ((lon - grid.west) % 360.0) / grid.lon_step
    # A place on the western border, seen from a rounding error further west, is not a whole turn away.
    turn = 360.0 / grid.lon_step
    column = np.where(column > turn - 1e-6, column - turn, column)
    # Rounding errors of a border are no outside.
    row, column = (np.where(np.abs(x - np.rint(x)) < 1e-6, np.rint(x), x) for x in (row, column))
    inside = (row >= 0) & (row <= grid.rows - 1) & (column >= 0) & (column <= grid.columns - 1)
    out = np.full(lat.shape, np.nan)
    if not inside.any():
        return out
    row, column = row[inside], column[inside]
    top = np.minimum(row.astype(int), max(grid.rows - 2, 0))
    left = np.minimum(column.astype(int), max(grid.columns - 2, 0))
    down, right = row - top, column - left
    rows = np.stack([top, top, np.minimum(top + 1, grid.rows - 1), np.minimum(top + 1, grid.rows - 1)])
    columns = np.stack([left, np.minimum(left + 1, grid.columns - 1)] * 2)
    weights = np.stack([(1 - down) * (1 - right), (1 - down) * right, down * (1 - right), down * right])
    values = values_at(rows, columns)
    out[inside] = np.where(weights > 0, weights * values, 0.0).sum(axis=0)  # a void counts where it weighs
    return out


def _hgt_elevations(path: Path, lat: Floats, lon: Floats) -> Floats:
    """Read an SRTM tile: rows from north to south of big-endian int16 (USGS, SRTM Data Products Documentation)."""
    name = _HGT_NAME.match(path.name)
    if not name:
        raise InputError("an SRTM tile of that name", "that of its corner, as N46E007.hgt", "Rename it.", path.name)
    size = path.stat().st_size
    side = next((x for x in HGT_SIDES if 2 * x * x == size), None)
    if side is None:
        expected = " or ".join(f"{2 * x * x} ({x} x {x} values)" for x in HGT_SIDES)
        raise InputError(f"{size} bytes", expected, "Download the tile again.", path.name)
    south, west = _corner(name)
    grid = _Grid(south + 1.0, west, 1 / (side - 1), 1 / (side - 1), side, side)
    tile = np.memmap(path, dtype=">i2", mode="r", shape=(side, side))

    def values_at(rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Floats:
        values = tile[rows, columns].astype(np.float64)
        return np.where(values == HGT_VOID, np.nan, values)

    return _bilinear(grid, lat, lon, values_at)


def _corner(name: re.Match[str]) -> tuple[float, float]:
    south = float(name[2]) * (-1 if name[1].upper() == "S" else 1)
    west = float(name[4]) * (-1 if name[3].upper() == "W" else 1)
    return south, west


def _folder_elevations(folder: Path, lat: Floats, lon: Floats) -> Floats:
    """Take each place from the tile in which it is; where tiles meet, from any that has it."""
    tiles = {}
    for path in sorted(folder.iterdir()):
        name = _HGT_NAME.match(path.name)
        if name and path.suffix.lower() == ".hgt":
            tiles.setdefault(_corner(name), path)
    if not tiles:
        raise InputError("no SRTM tile", "files such as N46E007.hgt", "Name the folder that holds them.", folder.name)
    out = np.full(lat.shape, np.nan)
    for (south, west), path in tiles.items():
        near = np.isnan(out) & (lat >= south) & (lat <= south + 1) & ((lon - west) % 360.0 <= 1.0)
        if near.any():
            out[near] = _hgt_elevations(path, lat[near], lon[near])
    return out


def _tiff_elevations(path: Path, lat: Floats, lon: Floats) -> Floats:
    """Read a GeoTIFF (OGC 19-008r4), tile by tile."""
    import tifffile  # here: plans without an elevation model do without

    try:
        with tifffile.TiffFile(path) as tiff:
            page = tiff.pages.first
            grid, void = _tiff_grid(page, path), _void(page)

            def values_at(rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Floats:
                if page.is_memmappable:
                    values = tifffile.memmap(path, page=0, mode="r")[rows, columns].astype(np.float64)
                else:
                    values = _tiff_values(tiff, page, path, rows, columns)
                return np.where((values == void) | ~np.isfinite(values), np.nan, values)

            return _bilinear(grid, lat, lon, values_at)
    except InputError:
        raise
    except _DAMAGE as error:
        raise InputError(f"a damaged TIFF ({str(error)[:80]})", "a GeoTIFF", "Download it again.", path.name) from error


def _tiff_grid(page: Any, path: Path) -> _Grid:
    """Where the values are, from the tags of GeoTIFF."""
    if page.samplesperpixel != 1 or page.dtype is None or page.dtype.kind not in "iuf" or page.ndim != 2:
        raise InputError(
            f"an image of {page.samplesperpixel} x {page.dtype}", "one band of numbers", "Choose the band.", path.name
        )
    tags = page.geotiff_tags or {}
    model, system = tags.get("GTModelTypeGeoKey"), tags.get("GeographicTypeGeoKey")
    if model is None:
        raise InputError("no coordinate system", "a GeoTIFF in degrees (EPSG:4326)", _TO_WGS84, path.name)
    if model != 2 or (system is not None and int(system) not in _GEOGRAPHIC):
        named = tags.get("ProjectedCSTypeGeoKey", system)
        found = f"the coordinate system {getattr(named, 'name', named)}"
        raise InputError(found, "degrees (EPSG:4326)", _TO_WGS84, path.name)
    scale, tie = tags.get("ModelPixelScale"), tags.get("ModelTiepoint")
    if scale is None or tie is None or len(tie) != 6:
        raise InputError("a grid that is turned, or not placed", "one that points north", _TO_WGS84, path.name)
    numbers = np.array([*scale[:2], *tie], dtype=np.float64)
    small, large = _CELL_DEG
    if not (np.abs(numbers) < 1e6).all() or not all(small <= x <= large for x in scale[:2]):
        expected = f"sizes from {small:g} to {large:g}"
        raise InputError(f"cells of {scale[0]:g} x {scale[1]:g} degrees", expected, _TO_WGS84, path.name)
    # The tie point is a corner of its cell, unless the file says that cells are points.
    half = 0.0 if tags.get("GTRasterTypeGeoKey") == 2 else 0.5
    north = tie[4] + (tie[1] - half) * scale[1]
    west = tie[3] - (tie[0] - half) * scale[0]
    return _Grid(north, west, scale[1], scale[0], page.imagelength, page.imagewidth)


def _void(page: Any) -> float:
    """Value that stands for none; NaN if the file names none."""
    tag = page.tags.get(42113)  # GDAL_NODATA
    try:
        void = float(str(tag.value).strip("\0 ")) if tag else np.nan
    except ValueError:
        return np.nan
    # -3.4e38 is another number in 32 bits than in 64.
    return float(page.dtype.type(void)) if page.dtype.kind == "f" and abs(void) < 3.5e38 else void


def _tiff_values(tiff: Any, page: Any, path: Path, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Floats:
    """Values at (row, column), decoding only the tiles or strips that hold them."""
    if page.compression not in _COMPRESSIONS:
        raise _undecodable(page, path)
    high = page.tilelength if page.is_tiled else min(page.rowsperstrip, page.imagelength)
    wide = page.tilewidth if page.is_tiled else page.imagewidth
    if not 0 < high * wide <= MAX_TILE_VALUES:
        raise InputError(
            f"tiles of {wide} x {high} values",
            f"{MAX_TILE_VALUES} at most",
            "Tile it: gdal_translate -co TILED=YES -co COMPRESS=DEFLATE in.tif out.tif",
            path.name,
        )
    segment = (rows // high) * -(-page.imagewidth // wide) + columns // wide
    out = np.full(rows.shape, np.nan)
    for index in np.unique(segment).tolist():
        here = segment == index
        tile = _segment(tiff, page, path, index, high * wide * page.dtype.itemsize)
        if tile is not None:
            out[here] = tile[rows[here] % high, columns[here] % wide]
    return out


def _segment(tiff: Any, page: Any, path: Path, index: int, size: int) -> NDArray[Any] | None:
    """Decode a tile or strip of up to `size` bytes, shape (rows, columns); None where a sparse file has none."""
    count = page.databytecounts[index]
    if count == 0:
        return None
    if count > 2 * size + 65_536:
        raise InputError(f"a tile of {count} bytes", f"{size} or less", "Download it again.", path.name)
    tiff.filehandle.seek(page.dataoffsets[index])
    packed = tiff.filehandle.read(count)
    # tifffile would unpack all there is.
    if page.compression in _DEFLATE and len(zlib.decompressobj().decompress(packed, size + 1)) > size:
        raise InputError(f"a tile that unpacks to more than {size} bytes", "no more", "Download it again.", path.name)
    try:
        decoded, _, _ = page.decode(packed, index)  # (1, rows, columns, 1)
    except ValueError as error:
        if "imagecodecs" not in str(error):
            raise
        raise _undecodable(page, path) from error
    return decoded[0, :, :, 0]


def _undecodable(page: Any, path: Path) -> InputError:
    return InputError(
        f"the compression {getattr(page.compression, 'name', page.compression)}, predictor {page.predictor}"[:80],
        "none, or DEFLATE with predictor 1 or 2",
        "Convert it: gdal_translate -co COMPRESS=DEFLATE -co PREDICTOR=1 in.tif out.tif",
        path.name,
    )

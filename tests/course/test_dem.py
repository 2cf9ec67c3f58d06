"""Small elevation models, written here, are read or refused."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasterio.io import MemoryFile
from rasterio.transform import from_origin
from rasterio.warp import transform

from lib.core.errors import InputError
from lib.course import dem
from lib.course.dem import elevations

ROWS, COLUMNS, CELL = 50, 80, 0.01
NORTH, WEST = 46.5, 7.0
PLANE = (10.0 * np.arange(ROWS)[:, None] + np.arange(COLUMNS)).astype(np.float32)
"""10 m for each row to the south and 1 m for each column to the east: linear, so interpolation is exact."""


def write_tiff(folder: Path, values: np.ndarray = PLANE, **how: Any) -> Path:
    path = folder / "model.tif"
    bands = values[None] if values.ndim == 2 else values
    given = {"crs": "EPSG:4326", "transform": from_origin(WEST, NORTH, CELL, CELL)} | how
    count, height, width = bands.shape
    with rasterio.open(
        path, "w", driver="GTiff", count=count, height=height, width=width, dtype=bands.dtype, **given
    ) as model:
        model.write(bands)
    return path


def at(row: float, column: float) -> tuple[np.ndarray, np.ndarray]:
    return np.array([NORTH - (row + 0.5) * CELL]), np.array([WEST + (column + 0.5) * CELL])


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"BIGTIFF": "YES"},
        {"ENDIANNESS": "BIG"},
        {"tiled": True, "blockxsize": 32, "blockysize": 16},
        {"blockysize": 7},
        {"compress": "deflate"},
        {"compress": "deflate", "tiled": True, "blockxsize": 16, "blockysize": 16},
        {"compress": "deflate", "predictor": 3},
        {"compress": "lzw", "predictor": 2, "values": PLANE.astype(np.int16)},
        {"compress": "zstd"},
        {"values": PLANE.astype(np.float64)},
        {"values": PLANE.astype(np.uint16)},
    ],
)
def test_a_geotiff_is_read_however_it_is_stored(tmp_path: Path, how: dict[str, Any]) -> None:
    path = write_tiff(tmp_path, **how)
    lat, lon = np.concatenate([at(0, 0), at(10.5, 20.25), at(49, 79), at(47, 33.5)], axis=1)
    assert elevations(path, lat, lon) == pytest.approx([0.0, 125.25, 569.0, 503.5], abs=1e-6)


def test_a_cell_may_be_a_point(tmp_path: Path) -> None:
    path = write_tiff(tmp_path)
    with rasterio.open(path, "r+") as model:
        model.update_tags(AREA_OR_POINT="Point")
    assert elevations(path, *at(10.5, 20.25)) == pytest.approx([125.25])


def test_cells_need_not_be_square_and_values_may_be_scaled(tmp_path: Path) -> None:
    path = write_tiff(tmp_path, transform=from_origin(WEST, NORTH, 0.02, 0.01))
    assert elevations(path, [NORTH - 0.105], [WEST + 0.02 * 20.75]) == pytest.approx([100.0 + 20.25])
    with rasterio.open(path, "r+") as model:
        model.scales, model.offsets = (0.1,), (500.0,)
    assert elevations(path, [NORTH - 0.105], [WEST + 0.02 * 20.75]) == pytest.approx([512.025])


@pytest.mark.parametrize("crs", ["EPSG:32632", "EPSG:2056", "EPSG:3857", "EPSG:4258", "EPSG:4267"])
def test_any_coordinate_system_will_do(tmp_path: Path, crs: str) -> None:
    lat, lon = np.array([46.31, 46.3]), np.array([7.41, 7.42])
    x, y = transform("EPSG:4326", crs, lon, lat)
    cell = 1e-3 if abs(x[0]) < 180 else 100.0
    path = write_tiff(tmp_path, crs=crs, transform=from_origin(x[0] - 40.5 * cell, y[0] + 20.5 * cell, cell, cell))
    assert elevations(path, lat, lon)[0] == pytest.approx(240.0, abs=0.01)
    east, south = (x[1] - x[0]) / cell, (y[0] - y[1]) / cell
    assert elevations(path, lat, lon)[1] == pytest.approx(240.0 + east + 10 * south, abs=0.01)


@pytest.mark.parametrize(("row", "column"), [(-0.6, 5), (49.1, 5), (5, -0.1), (5, 79.5), (5, 18_000), (-3_000, 5)])
def test_outside_there_is_no_elevation(tmp_path: Path, row: float, column: float) -> None:
    assert np.isnan(elevations(write_tiff(tmp_path), *at(row, column))).all()


def test_a_rounding_error_off_the_border_is_on_it(tmp_path: Path) -> None:
    lat, lon = at(10, 0)
    assert elevations(write_tiff(tmp_path), lat, lon - 1e-12) == pytest.approx([100.0])
    lat, lon = at(0, 79)
    assert elevations(write_tiff(tmp_path), lat + 1e-12, lon + 1e-12) == pytest.approx([79.0])


def test_beside_a_void_there_is_no_elevation(tmp_path: Path) -> None:
    values = PLANE.copy()
    values[10, 20], values[30, 40] = -9999.0, np.nan
    path = write_tiff(tmp_path, values, nodata=-9999)
    lat, lon = np.concatenate([at(10, 20), at(9.5, 19.5), at(30.2, 40), at(9, 20), at(11, 21)], axis=1)
    found = elevations(path, lat, lon)
    assert np.isnan(found[:3]).all()
    assert found[3:] == pytest.approx([110.0, 131.0])  # on cells beside it, where it weighs nothing


@pytest.mark.parametrize("nodata", [-3.4e38, -9999.1, -3.4028234663852886e38, np.nan])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_a_void_is_known_in_the_precision_of_the_file(tmp_path: Path, nodata: float, kind: type[np.floating]) -> None:
    values = np.full((5, 5), 300.0, kind)
    values[2, 2] = kind(nodata)
    lat, lon = np.concatenate([at(2, 2), at(4, 4)], axis=1)
    found = elevations(write_tiff(tmp_path, values, nodata=nodata), lat, lon)
    assert np.isnan(found[0]) and found[1] == 300.0


def test_a_void_is_a_value_where_the_file_names_none(tmp_path: Path) -> None:
    assert elevations(write_tiff(tmp_path, np.full((5, 5), -9999.0)), *at(2, 2)) == pytest.approx([-9999.0])


def test_nowhere_is_nothing(tmp_path: Path) -> None:
    for crs in ("EPSG:4326", "EPSG:4267"):
        path = write_tiff(tmp_path, crs=crs)
        assert elevations(path, [], []).shape == (0,)
        assert np.isnan(elevations(path, [np.nan], [np.nan])).all()


def test_only_the_tiles_on_the_course_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_tiff(tmp_path, compress="deflate", tiled=True, blockxsize=16, blockysize=16)
    lat, lon = np.concatenate([at(2, 3), at(20, 70), at(21, 71)], axis=1)
    read = []

    class Counting:
        def __init__(self, model: Any) -> None:
            self.model = model

        def __getattr__(self, name: str) -> Any:
            return getattr(self.model, name)

        def read(self, *args: Any, window: Any, **how: Any) -> Any:
            read.append((window.row_off, window.col_off, window.height, window.width))
            return self.model.read(*args, window=window, **how)

    plain = dem._bilinear
    monkeypatch.setattr(dem, "_bilinear", lambda model, *cells: plain(Counting(model), *cells))
    assert elevations(path, lat, lon) == pytest.approx([23.0, 270.0, 281.0])
    assert read == [(0, 0, 16, 16), (16, 64, 16, 16)]


@pytest.mark.parametrize("how", [{"crs": None}, {"transform": from_origin(0, 0, 1e-12, 1e-12)}])
def test_a_grid_that_lies_nowhere_is_refused(tmp_path: Path, how: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="says where it lies"):
        elevations(write_tiff(tmp_path, **how), *at(2, 3))


def test_a_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"3 bands of uint8.*one band of numbers"):
        elevations(write_tiff(tmp_path, np.zeros((3, 5, 5), np.uint8)), *at(2, 3))


def test_tiles_too_large_for_memory_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_tiff(tmp_path, compress="deflate", blockysize=ROWS)
    monkeypatch.setattr(dem, "MAX_BLOCK_VALUES", ROWS * COLUMNS - 1)
    with pytest.raises(InputError, match=r"tiles of 80 x 50 values.*TILED=YES"):
        elevations(path, *at(2, 3))


def test_no_other_format_is_opened_under_a_name_that_is_known(tmp_path: Path) -> None:
    path = tmp_path / "model.tif"
    path.write_text('<VRTDataset rasterXSize="5" rasterYSize="5"><SRS>EPSG:4326</SRS></VRTDataset>')
    with pytest.raises(InputError, match="cannot be read"):
        elevations(path, *at(2, 3))


def test_without_rasterio_the_way_to_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_tiff(tmp_path)
    monkeypatch.setitem(sys.modules, "rasterio", None)
    with pytest.raises(InputError, match=r"rasterio is not installed.*pip install rasterio"):
        elevations(path, *at(2, 3))


def whole_tiff() -> bytes:
    with MemoryFile() as file:
        with file.open(
            driver="GTiff", count=1, height=ROWS, width=COLUMNS, dtype="float32", crs="EPSG:4326", compress="deflate",
            transform=from_origin(WEST, NORTH, CELL, CELL), tiled=True, blockxsize=16, blockysize=16,
        ) as model:  # fmt: skip
            model.write(PLANE, 1)
        return bytes(file.getbuffer())


WHOLE = whole_tiff()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_tiff_is_refused_or_read(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "model.tif"
    content = bytearray(WHOLE)
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=8)):
        content[place] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        assert elevations(path, *at(2, 3)).shape == (1,)
    except InputError as error:
        assert len(str(error)) < 300


def write_hgt(folder: Path, name: str = "N46E007.hgt", side: int = 1201, first: int = 0) -> Path:
    """A tile that rises by a metre each row to the south, and has a void in its north-west corner."""
    values = np.repeat(first + np.arange(side)[:, None], side, axis=1).astype(">i2")
    values[0, 0] = -32768
    path = folder / name
    path.write_bytes(values.tobytes())
    return path


@pytest.mark.parametrize("side", [1201, 3601])
def test_an_srtm_tile_reaches_from_its_corner_over_a_degree(tmp_path: Path, side: int) -> None:
    path = write_hgt(tmp_path, side=side)
    found = elevations(path, [46.0, 46.25, 47.0, 47.0, 45.999, 46.5, 46.5], [7.0, 7.3, 8.0, 7.0, 7.5, 6.999, 8.001])
    assert found[:3] == pytest.approx([side - 1, 0.75 * (side - 1), 0.0])
    assert np.isnan(found[3:]).all()


@pytest.mark.parametrize(
    ("name", "lat", "lon"),
    [("S34E151.hgt", -33.75, 151.5), ("n37w123.HGT", 37.25, -122.5), ("S01W078.SRTMGL1.hgt", -0.75, -77.5)],
)
def test_tiles_of_all_quarters_of_the_earth(tmp_path: Path, name: str, lat: float, lon: float) -> None:
    assert elevations(write_hgt(tmp_path, name), [lat], [lon]) == pytest.approx([900.0])


def test_a_tile_at_the_date_line(tmp_path: Path) -> None:
    found = elevations(write_hgt(tmp_path, "S17W180.hgt"), [-16.75] * 3, [-180.0, 180.0, -179.5])
    assert found == pytest.approx([900.0] * 3)
    assert elevations(write_hgt(tmp_path, "S17E179.hgt"), [-16.75] * 2, [180.0, -180.0]) == pytest.approx([900.0] * 2)


def test_a_folder_of_tiles_is_one_model(tmp_path: Path) -> None:
    write_hgt(tmp_path, "N46E007.hgt")
    write_hgt(tmp_path, "N46E008.hgt", first=5_000)
    write_hgt(tmp_path, "N45E007.hgt", first=1_200)  # continues the first to the south
    (tmp_path / "readme.txt").write_text("not a tile")
    lat, lon = [46.25, 46.25, 45.5, 46.0, 47.0, 45.5, 47.0], [7.5, 8.5, 7.5, 7.5, 8.0, 8.5, 7.0]
    found = elevations(tmp_path, lat, lon)
    # The last of these is a void of the second tile, on its border with the first.
    assert found[:5] == pytest.approx([900.0, 5_900.0, 1_800.0, 1_200.0, 0.0])
    assert np.isnan(found[5:]).all()  # no tile there; a void


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("alps.hgt", bytes(2 * 1201 * 1201), "alps.hgt.*an SRTM tile such as N46E007.hgt.*the name that it had"),
        ("N46E007.hgt", bytes(1_000), "cannot be read"),
        ("N46E007.hgt.zip", b"PK", "Unpack it first"),
        ("model.asc", b"ncols 5", "a .asc file.*gdal_translate"),
        ("model", b"", "without suffix"),
        ("model.tif", b"", "cannot be read"),
        ("model.tif", b"II*\0" + bytes(60), "cannot be read"),
    ],
)
def test_what_is_no_elevation_model_is_refused(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        elevations(path, [46.5], [7.5])


def test_a_model_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        elevations(tmp_path / "N46E007.hgt", [46.5], [7.5])
    with pytest.raises(InputError, match="a folder without tiles"):
        elevations(tmp_path, [46.5], [7.5])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32 - 1), st.floats(0, ROWS - 1), st.floats(0, COLUMNS - 1))
def test_an_elevation_is_between_those_of_its_neighbours(tmp_path: Path, seed: int, row: float, column: float) -> None:
    values = np.random.default_rng(seed).uniform(-400.0, 8_000.0, (ROWS, COLUMNS))
    (found,) = elevations(write_tiff(tmp_path, values), *at(row, column))
    near = values[int(row) : int(row) + 2, int(column) : int(column) + 2]
    assert near.min() - 0.01 <= found <= near.max() + 0.01

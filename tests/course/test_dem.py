"""Small elevation models, written here, are read or refused."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.core.errors import InputError
from lib.course import dem as elevation_model
from lib.course.dem import elevations

ROWS, COLUMNS, CELL = 50, 80, 0.01
NORTH, WEST = 46.5, 7.0
PLANE = (10.0 * np.arange(ROWS)[:, None] + np.arange(COLUMNS)).astype(np.float32)
"""10 m for each row to the south and 1 m for each column to the east: linear, so interpolation is exact."""


def tags(
    model: int = 2,
    system: int | None = 4326,
    projected: int | None = None,
    cells_are_points: bool = False,
    nodata: str | None = None,
    scale: tuple[float, float] = (CELL, CELL),
    tie: tuple[float, ...] = (0.0, 0.0, 0.0, WEST, NORTH, 0.0),
) -> list[tuple[Any, ...]]:
    """Tags of GeoTIFF: the keys' directory, the cell's size, a tie point, GDAL's nodata."""
    keys = [(1024, 0, 1, model), (1025, 0, 1, 2 if cells_are_points else 1)]
    keys += [(2048, 0, 1, system)] if system else []
    keys += [(3072, 0, 1, projected)] if projected else []
    directory = [1, 1, 0, len(keys), *(x for key in keys for x in key)]
    found: list[tuple[Any, ...]] = [
        (33550, "d", 3, (*scale, 0.0), True),
        (33922, "d", 6, tie, True),
        (34735, "H", len(directory), tuple(directory), True),
    ]
    return found if nodata is None else [*found, (42113, "s", 0, nodata, True)]


def write_tiff(
    folder: Path, values: np.ndarray = PLANE, extra: list[tuple[Any, ...]] | None = None, **how: Any
) -> Path:
    path = folder / "model.tif"
    tifffile.imwrite(path, values, extratags=tags() if extra is None else extra, **how)
    return path


def patch(path: Path, tag: str, value: int) -> None:
    with tifffile.TiffFile(path, mode="r+") as tiff:
        tiff.pages.first.tags[tag].overwrite(value)


def at(row: float, column: float, cells_are_points: bool = False) -> tuple[np.ndarray, np.ndarray]:
    half = 0.0 if cells_are_points else 0.5
    return np.array([NORTH - (row + half) * CELL]), np.array([WEST + (column + half) * CELL])


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"bigtiff": True},
        {"byteorder": ">"},
        {"tile": (16, 32)},
        {"rowsperstrip": 7},
        {"compression": "zlib"},
        {"compression": "zlib", "tile": (16, 16)},
        {"compression": "zlib", "tile": (16, 16), "byteorder": ">"},
        {"compression": "zlib", "rowsperstrip": 7},
        {"compression": "zlib", "predictor": 2, "values": PLANE.astype(np.int16)},
        {"values": PLANE.astype(np.float64)},
        {"values": PLANE.astype(np.uint16)},
    ],
)
def test_a_geotiff_is_read_however_it_is_stored(tmp_path: Path, how: dict[str, Any]) -> None:
    path = write_tiff(tmp_path, **how)
    lat, lon = np.concatenate([at(0, 0), at(10.5, 20.25), at(49, 79), at(47, 33.5)], axis=1)
    assert elevations(path, lat, lon) == pytest.approx([0.0, 125.25, 569.0, 503.5], abs=1e-6)


def test_a_cell_may_be_a_point_and_the_tie_elsewhere(tmp_path: Path) -> None:
    path = write_tiff(tmp_path, extra=tags(cells_are_points=True))
    assert elevations(path, *at(10.5, 20.25, cells_are_points=True)) == pytest.approx([125.25])
    tie = (8.0, 5.0, 0.0, WEST + 8 * CELL, NORTH - 5 * CELL, 0.0)
    assert elevations(write_tiff(tmp_path, extra=tags(tie=tie)), *at(10.5, 20.25)) == pytest.approx([125.25])


def test_cells_need_not_be_square(tmp_path: Path) -> None:
    path = write_tiff(tmp_path, extra=tags(scale=(0.02, 0.01)))
    assert elevations(path, [NORTH - 0.105], [WEST + 0.02 * 20.75]) == pytest.approx([100.0 + 20.25])


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
    path = write_tiff(tmp_path, values, tags(nodata="-9999"))
    lat, lon = np.concatenate([at(10, 20), at(9.5, 19.5), at(30.2, 40), at(9, 20), at(11, 21)], axis=1)
    found = elevations(path, lat, lon)
    assert np.isnan(found[:3]).all()
    assert found[3:] == pytest.approx([110.0, 131.0])  # on cells beside it, where it weighs nothing


@pytest.mark.parametrize("nodata", ["-3.4e+38", "-9999.1", "-3.4028234663852886e+38", "nan"])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_a_void_is_known_in_the_precision_of_the_file(tmp_path: Path, nodata: str, kind: type[np.floating]) -> None:
    values = np.full((5, 5), 300.0, kind)
    values[2, 2] = kind(nodata)
    lat, lon = np.concatenate([at(2, 2), at(4, 4)], axis=1)
    found = elevations(write_tiff(tmp_path, values, tags(nodata=nodata)), lat, lon)
    assert np.isnan(found[0]) and found[1] == 300.0


def test_a_void_is_a_value_where_the_file_names_none(tmp_path: Path) -> None:
    assert elevations(write_tiff(tmp_path, np.full((5, 5), -9999.0)), *at(2, 2)) == pytest.approx([-9999.0])


def test_nowhere_is_nothing(tmp_path: Path) -> None:
    assert elevations(write_tiff(tmp_path), [], []).shape == (0,)
    assert np.isnan(elevations(write_tiff(tmp_path), [np.nan], [np.nan])).all()


def test_only_the_tiles_on_the_course_are_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_tiff(tmp_path, compression="zlib", tile=(16, 16))
    decoded = []
    plain = elevation_model._segment
    monkeypatch.setattr(elevation_model, "_segment", lambda *args: decoded.append(args[3]) or plain(*args))
    lat, lon = np.concatenate([at(2, 3), at(20, 70), at(21, 71)], axis=1)
    elevations(path, lat, lon)
    assert decoded == [0, 5 + 4]  # five tiles a row


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        (tags(model=1, system=None, projected=32632), "UTM_zone_32N.*gdalwarp -t_srs EPSG:4326"),
        (tags(model=1, system=4326, projected=32632), "UTM_zone_32N.*gdalwarp"),
        (tags(system=4267), "NAD27.*gdalwarp"),
        ([], "no coordinate system.*gdalwarp"),
        (tags()[2:], "not placed.*gdalwarp"),
        (tags(scale=(0.0, 0.01)), "cells of 0 x 0.01"),
        (tags(scale=(0.01, np.nan)), "cells of 0.01 x nan"),
        (tags(scale=(30.0, 30.0)), "cells of 30 x 30"),
    ],
)
def test_a_grid_that_is_not_in_degrees_is_refused(tmp_path: Path, extra: list[Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        elevations(write_tiff(tmp_path, extra=extra), *at(2, 3))


def test_a_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="one band of numbers"):
        elevations(write_tiff(tmp_path, np.zeros((5, 5, 3), np.uint8), photometric="rgb"), *at(2, 3))


@pytest.mark.parametrize(("tag", "value", "name"), [("Compression", 34925, "LZMA"), ("Compression", 34887, "LERC")])
def test_a_compression_without_a_limit_is_refused_with_the_way_out(
    tmp_path: Path, tag: str, value: int, name: str
) -> None:
    path = write_tiff(tmp_path, compression="zlib")
    patch(path, tag, value)
    with pytest.raises(InputError, match=f"{name}.*gdal_translate -co COMPRESS=DEFLATE"):
        elevations(path, *at(2, 3))


def test_what_only_another_library_decodes_is_refused_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_tiff(tmp_path, PLANE.astype(np.int32), compression="zlib", predictor=2)
    patch(path, "Predictor", 3)
    try:
        import imagecodecs  # noqa: F401
    except ImportError:
        with pytest.raises(InputError, match=r"predictor 3.*gdal_translate -co COMPRESS=DEFLATE"):
            elevations(path, *at(2, 3))
    else:
        pytest.skip("imagecodecs is installed, and decodes this")


def test_a_tile_that_unpacks_to_more_than_itself_is_refused(tmp_path: Path) -> None:
    path = write_tiff(tmp_path, np.zeros((64, 64), np.int16), compression="zlib")
    bomb = zlib.compress(bytes(50_000_000), 9)
    with tifffile.TiffFile(path) as tiff:
        end = path.stat().st_size
    path.write_bytes(path.read_bytes() + bomb)
    with tifffile.TiffFile(path, mode="r+") as tiff:
        page = tiff.pages.first
        page.tags["StripOffsets"].overwrite((end,))
        page.tags["StripByteCounts"].overwrite((len(bomb),))
    with pytest.raises(InputError, match="unpacks to more than 8192 bytes"):
        elevations(path, *at(2, 3))


def test_a_tile_of_more_bytes_than_it_can_have_is_refused(tmp_path: Path) -> None:
    path = write_tiff(tmp_path, np.zeros((64, 64), np.int16), compression="zlib")
    patch(path, "StripByteCounts", 2_000_000_000)
    with pytest.raises(InputError, match="a tile of 2000000000 bytes"):
        elevations(path, *at(2, 3))


def test_tiles_too_large_for_memory_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elevation_model, "MAX_TILE_VALUES", ROWS * COLUMNS - 1)
    with pytest.raises(InputError, match=r"tiles of 80 x 50 values.*TILED=YES"):
        elevations(write_tiff(tmp_path, compression="zlib"), *at(2, 3))
    assert elevations(write_tiff(tmp_path), *at(2, 3)) == pytest.approx([23.0])  # not compressed: read in place


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_tiff_is_refused_or_read(tmp_path: Path, data: st.DataObject) -> None:
    path = write_tiff(tmp_path, compression="zlib", tile=(16, 16))
    content = bytearray(path.read_bytes())
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
        ("alps.hgt", bytes(2 * 1201 * 1201), "alps.hgt.*Rename it"),
        ("N46E007.hgt", bytes(1_000), "1000 bytes.*2884802"),
        ("N46E007.hgt.zip", b"PK", "Unpack it first"),
        ("model.asc", b"ncols 5", "kind .asc.*gdal_translate"),
        ("model", b"", "kind of none"),
        ("model.tif", b"", "damaged TIFF"),
        ("model.tif", b"II*\0" + bytes(60), "damaged TIFF"),
    ],
)
def test_what_is_no_elevation_model_is_refused(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        elevations(path, [46.5], [7.5])


def test_a_model_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        elevations(tmp_path / "N46E007.hgt", [46.5], [7.5])
    with pytest.raises(InputError, match="no SRTM tile"):
        elevations(tmp_path, [46.5], [7.5])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32 - 1), st.floats(0, ROWS - 1), st.floats(0, COLUMNS - 1))
def test_an_elevation_is_between_those_of_its_neighbours(tmp_path: Path, seed: int, row: float, column: float) -> None:
    values = np.random.default_rng(seed).uniform(-400.0, 8_000.0, (ROWS, COLUMNS))
    (found,) = elevations(write_tiff(tmp_path, values), *at(row, column))
    near = values[int(row) : int(row) + 2, int(column) : int(column) + 2]
    assert near.min() - 0.01 <= found <= near.max() + 0.01

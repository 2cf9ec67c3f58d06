"""Missing elevation is filled in or refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lib.core.errors import InputError
from lib.course import dem as elevation_model
from lib.course.elevation import complete_elevation

ALONG_M = np.arange(100) * 10.0
TRUE_M = 300.0 + 40.0 * np.sin(ALONG_M / 150.0)
MODEL = Path("hills.tif")


def completed(
    elevation_m: np.ndarray, model: Path | None = None, max_missing: float = 0.4
) -> tuple[np.ndarray, list[str]]:
    said: list[str] = []
    values = complete_elevation(
        np.asarray(elevation_m, dtype=float),
        np.zeros(len(elevation_m)),
        ALONG_M[: len(elevation_m)],
        ALONG_M[: len(elevation_m)],
        source="x.gpx",
        max_missing=max_missing,
        max_altitude_m=9_000.0,
        model=model,
        repairs=said,
    )
    assert np.isfinite(values).all()
    return values, said


def refusal(elevation_m: np.ndarray, model: Path | None = None) -> InputError:
    with pytest.raises(InputError) as raised:
        completed(elevation_m, model)
    return raised.value


def lacking(count: int, value: float = np.nan, first: int = 20) -> np.ndarray:
    out = TRUE_M.copy()
    out[first : first + count] = value
    return out


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """What the model says at each point; a test may change it."""
    values = TRUE_M + 12.0  # another level
    monkeypatch.setattr(elevation_model, "elevations", lambda path, lat, lon: values.copy())
    return values


# --- without a model ---------------------------------------------------------------------------------------------
def test_whole_elevation_is_left_alone(model: np.ndarray) -> None:
    for given in (None, MODEL):
        values, said = completed(TRUE_M, given)
        np.testing.assert_array_equal(values, TRUE_M)
        assert said == []


@pytest.mark.parametrize("value", [np.nan, 0.0])
def test_lost_elevation_is_interpolated_between_its_neighbours(value: float) -> None:
    slope = 100.0 + ALONG_M / 10
    lost = np.where((ALONG_M >= 200) & (ALONG_M < 600), value, slope)
    values, said = completed(lost)
    np.testing.assert_allclose(values, slope)
    assert said == ["elevation interpolated at 40 of 100 points"]


@pytest.mark.parametrize("value", [np.nan, 0.0])
@pytest.mark.parametrize("count", [41, 70])
def test_too_much_lost_elevation_is_refused_with_what_to_do(value: float, count: int) -> None:
    error = refusal(lacking(count, value))
    assert (error.found, error.expected) == (f"no elevation at {count}% of the points", "at most 40%")
    assert "Export the course with elevation" in error.remedy and "DEM=" in error.remedy


@pytest.mark.parametrize(("value", "found"), [(np.nan, "no elevation at any"), (0.0, "elevation 0 at every")])
def test_no_elevation_at_all_is_refused(value: float, found: str) -> None:
    error = refusal(np.full(50, value))
    assert (error.found, error.source) == (f"{found} point", "x.gpx")
    assert "DEM=" in error.remedy


def test_zeros_by_the_sea_are_elevations() -> None:
    beach = np.maximum(0.0, (ALONG_M - 500.0) / 20)
    values, said = completed(beach)
    np.testing.assert_array_equal(values, beach)
    assert said == []


@pytest.mark.parametrize("wrong", [-12_000.0, 1e300, np.inf, -np.inf])
def test_an_impossible_elevation_is_filled_in(wrong: float) -> None:
    odd, missing = lacking(10), lacking(10)
    odd[7], missing[7] = wrong, np.nan
    values, said = completed(odd)
    np.testing.assert_array_equal(values, completed(missing)[0])
    assert said[0] == "1 elevation that cannot be left out"


# --- with a model ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("value", "count", "why"), [(np.nan, 41, "41%"), (0.0, 90, "90%")])
def test_beyond_the_share_all_elevation_is_the_models(model: np.ndarray, value: float, count: int, why: str) -> None:
    values, said = completed(lacking(count, value, first=5), MODEL)
    np.testing.assert_array_equal(values, model)
    assert said == [f"elevation at 100 of 100 points from hills.tif: the file lacks it at {why} of them"]


@pytest.mark.parametrize("value", [np.nan, 0.0])
def test_a_course_without_elevation_takes_the_models(model: np.ndarray, value: float) -> None:
    values, said = completed(np.full(100, value), MODEL)
    np.testing.assert_array_equal(values, model)
    assert said == ["elevation at 100 of 100 points from hills.tif: the file has none"]


def test_few_lost_points_take_the_models_shape_at_the_files_level(model: np.ndarray) -> None:
    model[60:] += 8.0  # the difference grows where the file knows it
    values, said = completed(lacking(30), MODEL)
    np.testing.assert_allclose(values, TRUE_M, atol=1e-9)  # a straight line would be off by up to 29 m
    assert np.abs(np.diff(values)).max() == pytest.approx(np.abs(np.diff(TRUE_M)).max())  # no step at either end
    assert said == ["elevation at 30 of 100 points from hills.tif, shifted by up to 12 m to meet the file's own"]


def test_a_difference_that_grows_is_spread_over_the_gap(model: np.ndarray) -> None:
    model[:] = TRUE_M + np.where(np.arange(100) < 35, 10.0, 20.0)
    values, _ = completed(lacking(30), MODEL)
    shift = np.interp(ALONG_M[20:50], [190.0, 500.0], [-10.0, -20.0])
    np.testing.assert_allclose(values[20:50], model[20:50] + shift)


def test_what_the_model_lacks_too_is_interpolated(model: np.ndarray) -> None:
    model[30:32] = np.nan
    values, said = completed(np.full(100, np.nan), MODEL)
    np.testing.assert_allclose(values[30:32], np.interp([300.0, 310.0], [290.0, 320.0], model[[29, 32]]))
    assert said == [
        "elevation at 98 of 100 points from hills.tif: the file has none",
        "elevation interpolated at 2 of 100 points",
    ]
    values, said = completed(lacking(30), MODEL)
    np.testing.assert_allclose(values[30:32], np.interp([300.0, 310.0], [290.0, 320.0], TRUE_M[[29, 32]]))
    assert [x[:28] for x in said] == ["elevation at 28 of 100 point", "elevation interpolated at 2 "]


def test_a_model_of_another_country_is_refused_or_of_no_use(model: np.ndarray) -> None:
    model[:] = np.nan
    error = refusal(np.full(100, np.nan), MODEL)
    assert (error.found, error.source) == ("no elevation at 100% of the course's points", "hills.tif")
    values, said = completed(lacking(30), MODEL)
    assert said == ["elevation interpolated at 30 of 100 points"]
    np.testing.assert_allclose(values[20:50], np.interp(ALONG_M[20:50], [190.0, 500.0], TRUE_M[[19, 50]]))


def test_an_impossible_model_is_refused(model: np.ndarray) -> None:
    model[3] = 32_767.0
    for lost in (lacking(30), np.full(100, np.nan)):
        error = refusal(lost, MODEL)
        assert (error.found, error.source) == ("an elevation of 32767 m", "hills.tif")


def test_courses_that_need_no_model_do_not_load_what_reads_it() -> None:
    code = "import sys, lib.course.course; print(sorted({'rasterio', 'lib.course.dem'} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"

"""Missing elevation of course points, interpolated or taken from an elevation model."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lib.core.errors import InputError
from lib.core.text import counted_noun

Floats = NDArray[np.float64]

_SEASIDE_M: Final = 50.0
_LOWEST_M: Final = -450.0
"""No land lies lower; what does is a void of an elevation model (-32768, -9999)."""
_REMEDY: Final = (
    "Export the course with elevation, for example by opening and saving it in a route planner, "
    "or name an elevation model of the area: make plan … DEM=model.tif"
)


def complete_elevation(
    elevation_m: Floats,
    lat: Floats,
    lon: Floats,
    along_m: Floats,
    *,
    source: str,
    max_missing: float,
    max_altitude_m: float,
    model: Path | None = None,
    repairs: list[str],
) -> Floats:
    """Return an elevation for every point.

    Up to a share of `max_missing`, points without one are filled in along the course, between those that have one: in
    a straight line, or with a model by its shape, shifted so that it meets the file's own elevation on both sides (the
    delta surface fill of Grohman, Kroenung and Strebeck 2006, Photogramm. Eng. Remote Sens. 72:213, along a line).
    Beyond that share all elevation is the model's: bits of two sources, each with its own level, make steps.

    Parameters
    ----------
    elevation_m : ndarray, shape (P,)
        As the file has it, NaN where missing. 0 is missing too, unless the course lies by the sea.
    lat, lon : ndarray, shape (P,)
        Degrees (WGS 84).
    along_m : ndarray, shape (P,)
        Distance from the start (m).
    source : str
        The course's name, for errors.
    max_missing : float
        Share of the points that may lack elevation, in the file or in the model.
    max_altitude_m : float
        Elevations above this (m) are no elevations, as are those below the lowest land.
    model : Path, optional
        What `lib.course.dem.elevations` reads.
    repairs : list of str
        What was done is added in words.

    Returns
    -------
    ndarray, shape (P,)
        Metres.

    Raises
    ------
    InputError
        If too many points lack elevation and there is no model, or it lacks them too; or an elevation is impossible.
    """
    void = (elevation_m < _LOWEST_M) | (elevation_m > max_altitude_m)
    if void.any() and not void.all():
        repairs.append(f"{counted_noun(void.sum(), 'elevation')} that cannot be left out")
        elevation_m = np.where(void, np.nan, elevation_m)
    lost = _lost(elevation_m)
    if lost.mean() <= max_missing:
        _refuse_impossible(elevation_m, max_altitude_m, source)
        values = np.where(lost, np.nan, elevation_m)
        if model is not None and lost.any():
            values = _shifted(values, _modelled(model, lat, lon, max_altitude_m), along_m, model, repairs)
    elif model is not None:
        values = _all_of_it(_modelled(model, lat, lon, max_altitude_m), model, lost, max_missing, repairs)
    else:
        raise _refusal(elevation_m, lost, max_missing, source)
    still = np.isnan(values)
    if still.any():
        repairs.append(f"elevation interpolated at {int(still.sum())} of {counted_noun(still.size, 'point')}")
    return np.interp(along_m, along_m[~still], values[~still])


def _modelled(model: Path, lat: Floats, lon: Floats, max_altitude_m: float) -> Floats:
    from lib.course.dem import elevations  # here: it reads TIFF, which plans without a model do without

    values = elevations(model, lat, lon)
    _refuse_impossible(values, max_altitude_m, model.name)
    return values


def _refuse_impossible(values: Floats, max_altitude_m: float, source: str) -> None:
    wrong = np.abs(values) > max_altitude_m
    if wrong.any():
        raise InputError(
            f"an elevation of {values[np.argmax(wrong)]:.0f} m",
            f"within ±{max_altitude_m:.0f} m",
            "Correct or remove that point.",
            source,
        )


def _lost(elevation_m: Floats) -> NDArray[np.bool_]:
    """Points without elevation: exporters write 0 for it. By the sea, zeros have low values beside them."""
    known = ~np.isnan(elevation_m)
    others = np.abs(elevation_m[known & (elevation_m != 0)])
    inland = others.size == 0 or np.median(others) > _SEASIDE_M
    return ~known | ((elevation_m == 0) & inland)


def _refusal(elevation_m: Floats, lost: NDArray[np.bool_], max_missing: float, source: str) -> InputError:
    if not lost.all():
        found, expected = f"no elevation at {lost.mean():.0%} of the points", f"at most {max_missing:.0%}"
    else:
        found = "no elevation at any point" if np.isnan(elevation_m).all() else "elevation 0 at every point"
        expected = "an elevation at the points"
    return InputError(found, expected, _REMEDY, source)


def _all_of_it(
    modelled: Floats, model: Path, lost: NDArray[np.bool_], max_missing: float, repairs: list[str]
) -> Floats:
    outside = np.isnan(modelled)
    if outside.mean() > max_missing:
        raise InputError(
            f"no elevation at {outside.mean():.0%} of the course's points",
            f"at most {max_missing:.0%}",
            "Take a model that covers the course.",
            model.name,
        )
    why = "the file has none" if lost.all() else f"the file lacks it at {lost.mean():.0%} of them"
    repairs.append(
        f"elevation at {int((~outside).sum())} of {counted_noun(lost.size, 'point')} from {model.name}: {why}"
    )
    return modelled


def _shifted(values: Floats, modelled: Floats, along_m: Floats, model: Path, repairs: list[str]) -> Floats:
    """`values` with the gaps filled where the model, shape (P,), has them and meets the file somewhere."""
    both = np.isfinite(values) & np.isfinite(modelled)
    fill = np.isnan(values) & np.isfinite(modelled)
    if not both.any() or not fill.any():
        return values
    shift = np.interp(along_m, along_m[both], (values - modelled)[both])
    repairs.append(
        f"elevation at {int(fill.sum())} of {counted_noun(fill.size, 'point')} from {model.name}, "
        f"shifted by up to {np.abs(shift[fill]).max():.0f} m to meet the file's own"
    )
    return np.where(fill, modelled + shift, values)

"""Time factors for heat, cold and thin air."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lib.core.errors import InputError

OPTIMUM_C: Final = (10.0, 17.5)
"""Air temperatures between which endurance runners were fastest (°C)."""
LOSS_PER_DEGREE: Final = 0.0035
"""Share of performance lost per degree outside: the middle of 0.3-0.4%."""
STUDIED_C: Final = (-4.5, 35.5)
"""Temperatures of the races (°C; wet-bulb globe -7 to 33, and 2.5 as between the optima); held beyond."""
HIGHEST_M: Final = 5_000.0
"""Altitude (m) above which the factor is held, as below the sea."""

HEART_RATE_RISE: Final = 0.10
"""Share by which heart rate is higher at the hottest of `STUDIED_C` than at temperatures of the optimum."""

HEART_RATE_SOURCE: Final = (
    "up to 10% higher in heat: Nazaret et al. 2023, npj Digital Medicine 6:207, "
    "https://doi.org/10.1038/s41746-023-00926-4"
)
HEAT_SOURCE: Final = (
    "Mantzios et al. 2022, Med. Sci. Sports Exerc. 54:153, https://doi.org/10.1249/MSS.0000000000002769 "
    "(1,258 road and track races of 3 km to 50 km)"
)
ALTITUDE_SOURCE: Final = (
    "1 - 11.7e-9 h² - 4.01e-6 h of sea-level oxygen uptake at h metres, after Cerretelli in Minetti et al. 2002, "
    "J. Appl. Physiol. 93:1039, https://doi.org/10.1152/japplphysiol.01177.2001"
)


@dataclass(frozen=True)
class Conditions:
    """What differs from the athlete's usual runs; nothing is adjusted unless it is given.

    Parameters
    ----------
    temperature_c : float, optional
        Air temperature on the run (°C). Without it, heat and cold are left out.
    usual_temperature_c : float
        That of the runs from which the athlete is known (°C); at temperatures of the optimum none makes a difference.
    usual_altitude_m : float, optional
        Altitude at which the athlete usually runs (m). Without it, thin air is left out.
    """

    temperature_c: float | None = None
    usual_temperature_c: float = 15.0
    usual_altitude_m: float | None = None

    def __post_init__(self) -> None:
        for name, low, high, unit in (
            ("temperature_c", -50.0, 60.0, "°C"),
            ("usual_temperature_c", -50.0, 60.0, "°C"),
            ("usual_altitude_m", -450.0, 9_000.0, "m"),
        ):
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise InputError(f"{value} {unit}", f"{low:g} to {high:g} {unit}", "Correct it.", name)


def temperature_factor(temperature_c: ArrayLike) -> NDArray[np.float64]:
    """Return the time that a temperature costs, as a factor; 1 from 10 to 17.5 °C.

    The source gives the loss per degree of wet-bulb globe temperature outside 7.5-15 °C, and 10-17.5 °C as the same
    range of air temperature: as both are equally wide, a degree of the one is taken for a degree of the other. It
    holds for the fastest of their race, on a road or track; slower runners lose more (Ely et al. 2007,
    https://doi.org/10.1249/mss.0b013e31802d3aba). Humidity, wind and sun are not in it.

    Parameters
    ----------
    temperature_c : array_like
        Air temperature (°C), held at `STUDIED_C`. Source: `HEAT_SOURCE`.
    """
    temperature = np.clip(np.asarray(temperature_c, dtype=np.float64), *STUDIED_C)
    return 1.0 + LOSS_PER_DEGREE * np.abs(temperature - np.clip(temperature, *OPTIMUM_C))


def heart_rate_factor(conditions: Conditions) -> float:
    """Return how many times as high heart rate is for the heat; 1 where no temperature is given.

    It rises along a line from the optimum to the hottest day that was studied. Source: `HEART_RATE_SOURCE`.
    """
    if conditions.temperature_c is None:
        return 1.0
    hot = np.array([conditions.temperature_c, conditions.usual_temperature_c]) - OPTIMUM_C[1]
    there, usual = 1.0 + HEART_RATE_RISE * np.clip(hot / (STUDIED_C[1] - OPTIMUM_C[1]), 0.0, 1.0)
    return float(there / usual)


def oxygen_fraction(altitude_m: ArrayLike) -> NDArray[np.float64]:
    """Return the share of the maximal oxygen uptake at sea level that is left at an altitude.

    It is an average: people differ, and trained athletes seem to lose more (Capelli and di Prampero 1995,
    https://doi.org/10.1007/BF00635883).

    Parameters
    ----------
    altitude_m : array_like
        Metres, held at 0 and `HIGHEST_M`. Source: `ALTITUDE_SOURCE`.
    """
    altitude = np.clip(np.asarray(altitude_m, dtype=np.float64), 0.0, HIGHEST_M)
    return 1.0 - 11.7e-9 * altitude**2 - 4.01e-6 * altitude


def duration_factor(conditions: Conditions, altitude_m: ArrayLike) -> NDArray[np.float64]:
    """Return what the conditions make of the time of each step.

    Parameters
    ----------
    conditions : Conditions
    altitude_m : array_like, shape (T,)
        Altitude of each step (m).

    Returns
    -------
    ndarray, shape (T,)
        Factor on the duration; 1 where nothing is adjusted.

    Notes
    -----
    Time is taken to be inverse to oxygen uptake: the same share of it, at the same cost per metre. On steep descents,
    where legs and not lungs are the limit, that is too much.
    """
    altitude = np.asarray(altitude_m, dtype=np.float64)
    factor = np.ones(altitude.shape)
    if conditions.temperature_c is not None:
        usual = temperature_factor(conditions.usual_temperature_c)
        factor = factor * (temperature_factor(conditions.temperature_c) / usual)
    if conditions.usual_altitude_m is not None:
        factor = factor * (oxygen_fraction(conditions.usual_altitude_m) / oxygen_fraction(altitude))
    return factor


def describe(conditions: Conditions, altitude_m: ArrayLike) -> tuple[str, ...]:
    """Describe what is adjusted, by how much, by which formula and how far it reaches; nothing if nothing is.

    Parameters
    ----------
    conditions : Conditions
    altitude_m : array_like, shape (T,)
        Altitude of each step (m).
    """
    lines = []
    altitude = np.asarray(altitude_m, dtype=np.float64)
    if conditions.temperature_c is not None:
        change = float(duration_factor(Conditions(conditions.temperature_c, conditions.usual_temperature_c), 0.0)) - 1
        text = (
            f"Temperature {conditions.temperature_c:g} °C instead of the usual {conditions.usual_temperature_c:g} °C: "
            f"{change:+.1%} time, {LOSS_PER_DEGREE:.2%} for each degree outside {OPTIMUM_C[0]:g}-{OPTIMUM_C[1]:g} °C. "
            f"{HEAT_SOURCE}. Found on the fastest of their race; others lose more. Humidity and sun are left out."
        )
        if not STUDIED_C[0] <= conditions.temperature_c <= STUDIED_C[1]:
            text += f" Races were at {STUDIED_C[0]:g} to {STUDIED_C[1]:g} °C: this is beyond, and held there."
        lines.append(text)
    if conditions.usual_altitude_m is not None:
        change = duration_factor(Conditions(usual_altitude_m=conditions.usual_altitude_m), altitude) - 1
        text = (
            f"Altitude {altitude.min():.0f} to {altitude.max():.0f} m instead of the usual "
            f"{conditions.usual_altitude_m:g} m: {change.min():+.1%} to {change.max():+.1%} time, as oxygen uptake. "
            f"{ALTITUDE_SOURCE}. An average; trained athletes seem to lose more."
        )
        if altitude.max() > HIGHEST_M:
            text += f" Held above {HIGHEST_M:.0f} m."
        lines.append(text)
    return tuple(lines)

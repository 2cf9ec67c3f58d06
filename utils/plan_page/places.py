"""What the page of a plan tells at every place of the course, as few numbers as are enough."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import numpy as np

from lib.core import schema as c
from lib.core.geodesy import plane_m
from lib.plan.race_plan import RacePlan
from lib.plan.splits import once
from lib.race.clock import arrivals
from utils.plots.curves import kept_rows, smoothed, smoothed_pace, spm

MAP_UNITS: Final = 10_000
"""Length of the longer side of the course on the map."""
_MOST_PLACES: Final = 1_500
_TOLERANCES: Final = (8.0, 8.0, 2.0, 5.0, 30.0, 30.0, 0.04, 1.0, 1.5)
"""How far what is told may be off: place (m, twice), altitude (m), race time (s), the ends of its interval (s), pace (a
share), heart rate (bpm), cadence (spm)."""
_QUARTER_S: Final = 900.0
_CLOCKS_FOR: Final = 3.0
"""Clocks are told up to so many times the planned race time."""


@dataclass(frozen=True, eq=False)
class Places:
    """Places of the course between which all that is told is as good as linear.

    Parameters
    ----------
    step : ndarray of int, shape (N,)
        Their steps.
    plane : ndarray of int, shape (N, 2)
        Where they are on the map, right and down.
    unit_m : float
        How long a unit of the map is (m).
    table : dict of str to list
        What is told there: differences to the place before for what is counted on, else values.
    """

    step: np.ndarray
    plane: np.ndarray
    unit_m: float
    table: dict[str, Any]


def _filled(values: np.ndarray) -> np.ndarray:
    """Values with linear ones where they are missing; 0 where none is known."""
    known = np.isfinite(values)
    if known.all() or not known.any():
        return values if known.all() else np.zeros(values.size)
    at = np.arange(values.size)
    return np.interp(at, at[known], values[known])


def _steps_on(values: np.ndarray) -> list[int]:
    return np.diff(np.rint(values).astype(int), prepend=0).tolist()


def _whole(values: np.ndarray) -> list[int | None]:
    return [round(x) if np.isfinite(x) else None for x in values.tolist()]


@once
def places(race: RacePlan) -> Places:
    """Choose the places of a plan and what is told there."""
    table, columns = race.plan.as_measured, race.course.columns
    low_s, high_s = race.step_interval_s
    arrival_s = race.arrival_s
    pace, bpm, cadence = smoothed_pace(table), smoothed(table[c.HEART_RATE]), smoothed(spm(table[c.CADENCE]))
    east_north = plane_m(columns[c.LATITUDE], columns[c.LONGITUDE])
    measured = np.column_stack([
        east_north, columns[c.ALTITUDE], arrival_s, arrival_s - low_s, high_s - arrival_s, np.log(_filled(pace)),
        _filled(bpm), _filled(cadence),
    ])  # fmt: skip
    tolerance = np.array(_TOLERANCES)
    while True:
        step = kept_rows(measured, tolerance)
        if step.size <= _MOST_PLACES:
            break
        tolerance = tolerance * max(step.size / _MOST_PLACES, 1.1)
    scale = MAP_UNITS / max(float(np.ptp(east_north, axis=0).max()), 1.0)
    corner = np.array([east_north[:, 0].min(), east_north[:, 1].max()])
    plane = np.rint((east_north[step] - corner) * np.array([scale, -scale])).astype(int)
    told = {
        "step": _steps_on(step),
        "x": _steps_on(plane[:, 0]),
        "y": _steps_on(plane[:, 1]),
        "altitude_m": _steps_on(columns[c.ALTITUDE][step]),
        "arrival_s": _steps_on(arrival_s[step]),
        "early_s": _steps_on((arrival_s - low_s)[step]),
        "late_s": _steps_on((high_s - arrival_s)[step]),
        "pace_s": _whole(60.0 * pace[step]),
        "bpm": _whole(bpm[step]),
        "spm": _whole(cadence[step]),
    }
    return Places(step, plane, 1.0 / scale, told)


def clock_data(race: RacePlan) -> dict[str, Any] | None:
    """Return when the race starts, and how far its clocks are from UTC: since which race time (s), and how much."""
    if race.start is None:
        return None

    def offset_s(instant: Any) -> float:
        return (instant.utcoffset() or timedelta()).total_seconds()

    start_s = race.start.timestamp()
    offsets = [[0.0, offset_s(race.start)]]
    end_s = _CLOCKS_FOR * race.finish_s
    # Clocks change at whole quarters of an hour.
    quarters = np.arange(_QUARTER_S - start_s % _QUARTER_S, end_s, _QUARTER_S)
    ends = np.unique(np.append(quarters[:: max(quarters.size - 1, 1)], end_s)) if quarters.size else np.array([end_s])
    if any(offset_s(x) != offsets[0][1] for x in arrivals(race.start, ends)):
        for at_s, instant in zip(quarters.tolist(), arrivals(race.start, quarters), strict=True):
            if offset_s(instant) != offsets[-1][1]:
                offsets.append([at_s, offset_s(instant)])
    return {"start_unix_s": start_s, "offsets": offsets}

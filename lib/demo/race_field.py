"""A simulated field: finishers of races whose pacing law is known, as race tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lib.athlete.pacing_law import (
    SLOPES,
    CourseCost,
    PacingLaw,
    course_cost,
    segment_times,
    smoothed_slope,
    time_at,
)
from lib.core import schema as c
from lib.core.errors import InputError
from lib.core.numeric import bisect
from lib.core.schema import STEP_M
from lib.course.course import Course


@dataclass(frozen=True)
class FieldConfig:
    """A field to simulate.

    Parameters
    ----------
    finishers : int
        Of each race and year.
    years : tuple of int
        Years of each race.
    checkpoint_km : float
        About how far checkpoints are apart (km).
    fastest, slowest : float
        Base pace of the first and of the last finisher (min/km on flat road, fresh).
    scatter : float
        Standard deviation of how a runner's fading differs from the law's, as a share of it.
    laps : int
        How often each course is run, for longer races.
    seed : int
        Of the random numbers.
    """

    finishers: int = 60
    years: tuple[int, ...] = (2023, 2024)
    checkpoint_km: float = 7.0
    fastest: float = 3.6
    slowest: float = 7.0
    scatter: float = 0.15
    laps: int = 2
    seed: int = 1

    def __post_init__(self) -> None:
        if self.finishers < 1 or not self.years or self.laps < 1 or self.checkpoint_km <= 0:
            raise InputError(f"{self}", "one finisher, year and lap or more", "Correct it.", "field")
        if not 2.0 <= self.fastest <= self.slowest <= 30.0 or not 0 <= self.scatter < 0.5:
            raise InputError(f"{self}", "base paces from 2 to 30 min/km, a scatter below 0.5", "Correct it.", "field")


def _line(course: Course, laps: int) -> NDArray[np.float64]:
    """Altitude (m) at the ends of the steps of some laps, the start first, without a step between laps."""
    one_m = np.asarray(course.columns[c.ALTITUDE], np.float64)
    there_and_back_m = np.concatenate([one_m, one_m[::-1]])
    line_m = np.tile(there_and_back_m, -(-laps // 2))[: laps * one_m.size]
    return np.concatenate([line_m[:1], line_m])


def write_field(folder: Path, courses: Mapping[str, Course], law: PacingLaw, config: FieldConfig | None = None) -> None:
    """Write the tables of a simulated field: ``races.csv``, ``checkpoints.csv``, ``splits.parquet``, ``courses/``.

    Races start at 5:00 in the middle of June, by the hour of their longitude. The dark slows nobody: for a fit to
    find the law again, all must finish by the evening.

    Parameters
    ----------
    folder : Path
        Made if missing.
    courses : mapping of str to Course
        A race on each, there and back as often as the configuration says.
    law : PacingLaw
        The truth: how these runners slow down.
    config : FieldConfig, optional
        How many, when, how fast.
    """
    config = config or FieldConfig()
    rng = np.random.default_rng(config.seed)
    (folder / "courses").mkdir(parents=True, exist_ok=True)
    races, checkpoints, splits = [], [], []
    for name, course in sorted(courses.items()):
        line_m = _line(course, config.laps)
        slope = smoothed_slope(line_m, law.smoothing_m)
        cost = course_cost(law, np.interp(slope, SLOPES, law.slope_factor), slope)
        km = cost.length_m / 1000.0
        at_m = np.linspace(0.0, cost.length_m, max(3, round(km / config.checkpoint_km) + 1))
        climb_m = np.concatenate([[0.0], np.cumsum(np.maximum(np.diff(line_m), 0.0))])
        fall_m = np.concatenate([[0.0], np.cumsum(np.maximum(-np.diff(line_m), 0.0))])
        step = np.rint(at_m / STEP_M).astype(int)
        distance_m = np.arange(line_m.size) * STEP_M
        pd.DataFrame({"distance_m": distance_m, "altitude_m": line_m}).to_parquet(
            folder / "courses" / f"{name}.parquet"
        )
        lat, lon = (float(course.columns[name][0]) for name in (c.LATITUDE, c.LONGITUDE))
        for year in config.years:
            begins = datetime(year, 6, 15, 5) + timedelta(days=len(races))
            races.append(
                {
                    "race": name, "year": year, "event": name, "start_local": begins.isoformat(),
                    "utc_offset_h": round(lon / 15.0), "lat": lat, "lon": lon,
                    "course_km": km, "gain_m": float(climb_m[-1]), "starters": config.finishers,
                    "finishers": config.finishers, "course": name,
                }
            )  # fmt: skip
            checkpoints.append(
                pd.DataFrame(
                    {
                        "race": name, "year": year, "checkpoint": np.arange(at_m.size), "distance_km": at_m / 1000.0,
                        "gain_m": climb_m[step], "loss_m": fall_m[step], "altitude_m": line_m[step], "aid": False,
                        "cutoff_h": np.nan,
                    }
                )
            )  # fmt: skip
            splits.append(_splits(name, year, law, cost, at_m, config, rng))
    pd.DataFrame(races).to_csv(folder / "races.csv", index=False)
    pd.concat(checkpoints).to_csv(folder / "checkpoints.csv", index=False)
    pd.concat(splits, ignore_index=True).to_parquet(folder / "splits.parquet")


def _splits(
    name: str,
    year: int,
    law: PacingLaw,
    cost: CourseCost,
    at_m: NDArray[np.float64],
    config: FieldConfig,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Times of one race and year, a row for each runner and checkpoint."""
    rows = []
    paces = np.linspace(config.fastest, config.slowest, config.finishers)
    for runner, base_pace in enumerate(paces.tolist()):
        own = replace(law, fading=law.fading * float(np.exp(config.scatter * rng.standard_normal())))
        finish_s, _ = bisect(
            lambda s, own=own, pace=base_pace: bool(segment_times(own, cost, s)[1][0] < pace),
            cost.length_m * 0.06,
            cost.length_m * 6.0,
            24,
        )
        edges_s, _ = segment_times(own, cost, finish_s)
        elapsed_s = np.rint(time_at(cost, edges_s, at_m)[0])
        rows.append(
            pd.DataFrame(
                {
                    "race": name, "year": year, "runner": runner, "sex": "F" if runner % 2 else "M",
                    "age_group": "", "finished": True, "checkpoint": np.arange(at_m.size), "elapsed_s": elapsed_s,
                }
            )
        )  # fmt: skip
    return pd.concat(rows, ignore_index=True)

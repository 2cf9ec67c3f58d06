"""Simulated race results of many runners: how hard each race is, and how good each runner, is known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from lib.athlete.results_level import Features, LevelParams
from lib.core.errors import InputError

_STEEPNESS: Final = (5.0, 70.0)


@dataclass(frozen=True)
class ResultsConfig:
    """Results to simulate.

    Parameters
    ----------
    runners, races : int
        How many.
    years : tuple of int
        In which every race is run.
    a_year : float
        Races that a runner runs in a year, in the mean.
    shortest_km, longest_km : float
        Of the races.
    level_sd, race_sd, edition_sd, drift_sd, day_sd : float
        Spread (logarithm of time) of runners, of races beyond what km and climb tell, of their editions, of a runner's
        change in a year, and of a day.
    seed : int
        Of the random numbers.
    """

    runners: int = 400
    races: int = 30
    years: tuple[int, ...] = (2021, 2022, 2023, 2024)
    a_year: float = 1.3
    shortest_km: float = 20.0
    longest_km: float = 120.0
    level_sd: float = 0.16
    race_sd: float = 0.08
    edition_sd: float = 0.03
    drift_sd: float = 0.04
    day_sd: float = 0.06
    seed: int = 16

    def __post_init__(self) -> None:
        spreads = (self.level_sd, self.race_sd, self.edition_sd, self.drift_sd, self.day_sd)
        if min(self.runners, self.races, len(self.years)) < 1 or not 0 < self.a_year <= self.races:
            raise InputError(f"{self}", "a runner, a race and a year or more", "Correct it.", "results")
        if not 3 <= self.shortest_km <= self.longest_km <= 300 or not all(0 <= x < 1 for x in spreads):
            raise InputError(f"{self}", "3 to 300 km, spreads from 0 to below 1", "Correct it.", "results")


def write_results(folder: Path, params: LevelParams, config: ResultsConfig | None = None) -> pd.DataFrame:
    """Write ``results.parquet`` of simulated runners.

    Parameters
    ----------
    folder : Path
        Made if missing.
    params : LevelParams
        Whose cost of a course, for a typical runner, is taken for the truth.
    config : ResultsConfig, optional
        How many, how different.

    Returns
    -------
    DataFrame
        The races: ``race_name``, ``distance_km``, ``gain_m``, and their true ``effect``.
    """
    config = config or ResultsConfig()
    rng = np.random.default_rng(config.seed)
    n = config.races
    km = np.round(np.exp(np.linspace(np.log(config.shortest_km), np.log(config.longest_km), n)), 1)
    climb_m = np.round(km * rng.uniform(*_STEEPNESS, n), -1)
    effect = config.race_sd * rng.standard_normal(n)
    names = [f"demo trail {i + 1}" for i in range(n)]
    of_edition = effect + config.edition_sd * rng.standard_normal((len(config.years), n))
    parts = []
    female = rng.random(config.runners) < 0.3
    level = config.level_sd * rng.standard_normal(config.runners)
    for at, year in enumerate(config.years):
        level = level + config.drift_sd * rng.standard_normal(config.runners)
        runs = rng.random((config.runners, n)) < config.a_year / n
        runner, race = np.nonzero(runs)
        cost = Features.of(km[race], climb_m[race], np.full(race.size, float(year))).log_cost(params, female[runner])
        log_s = cost + level[runner] + of_edition[at, race] + config.day_sd * rng.standard_normal(race.size)
        parts.append(
            pd.DataFrame(
                {
                    "runner": runner, "sex": np.where(female[runner], "F", "M"), "race_name": np.array(names)[race],
                    "race_year": year, "distance_km": km[race], "gain_m": climb_m[race],
                    "time_s": np.rint(np.exp(log_s)),
                }
            )
        )  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    pd.concat(parts, ignore_index=True).to_parquet(folder / "results.parquet")
    return pd.DataFrame({"race_name": names, "distance_km": km, "gain_m": climb_m, "effect": effect})

"""Simulated results are of runners and races that are known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.athlete.results_level import Features, shipped_params
from lib.core.errors import InputError
from lib.demo.results_field import ResultsConfig, write_results

STILL = ResultsConfig(runners=60, races=5, level_sd=0.0, edition_sd=0.0, drift_sd=0.0, day_sd=0.0)


def test_without_any_scatter_a_time_is_cost_and_effect(tmp_path: Path) -> None:
    races = write_results(tmp_path / "new", shipped_params(), STILL)
    found = pd.read_parquet(tmp_path / "new" / "results.parquet")
    assert set(found.race_name) <= set(races.race_name) and found.race_year.nunique() == 4
    at = Features.of(found.distance_km, found.gain_m, found.race_year)
    cost = at.log_cost(shipped_params(), (found.sex == "F").to_numpy(float))
    effect = found.race_name.map(races.set_index("race_name").effect)
    assert np.log(found.time_s.to_numpy()) - cost == pytest.approx(effect.to_numpy(), abs=1e-3)


def test_the_same_seed_gives_the_same_results(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_results(tmp_path / name, shipped_params(), replace(STILL, day_sd=0.1))
    first, second = (pd.read_parquet(tmp_path / name / "results.parquet") for name in ("a", "b"))
    pd.testing.assert_frame_equal(first, second)


@pytest.mark.parametrize(
    "wrong", [{"runners": 0}, {"years": ()}, {"a_year": 99.0}, {"day_sd": -1.0}, {"longest_km": 5}]
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError):
        replace(ResultsConfig(), **wrong)

"""What is fitted on simulated results is what they were made of, and knows nothing of what it predicts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lib.athlete.race_ratings import read_ratings
from lib.athlete.results_level import shipped_params
from lib.demo.results_field import ResultsConfig, write_results
from lib.evaluation.race_effects import fit_effects, ratings_csv, ratings_of
from lib.evaluation.result_tables import ResultTable, read_results
from lib.evaluation.result_targets import targets_of
from lib.evaluation.results import (
    EFFORT_KM,
    LEFT_OUT,
    OURS,
    UNKNOWN,
    fit_results,
    fold_of,
    last_years,
    predict_fold,
    score_left_out,
)
from tests.support.results_field import small_results

PARAMS = shipped_params()
TABLE = read_results(small_results())
EVERYBODY = np.ones(TABLE.file.size, bool)


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> tuple[ResultTable, dict[str, float]]:
    """Many results, and the true effect of each race."""
    folder = tmp_path_factory.mktemp("field")
    races = write_results(folder, PARAMS, ResultsConfig(runners=1_500, races=60, race_sd=0.1, a_year=2.0))
    return read_results(folder), dict(zip(races.race_name, races.effect, strict=True))


def test_effects_of_races_are_found_again(field: tuple[ResultTable, dict[str, float]]) -> None:
    table, truth = field
    fitted = fit_effects(table, PARAMS, np.ones(table.file.size, bool))
    assert fitted.race.rated.all()
    true = np.array([truth[names[0]] for names in table.names])
    off = fitted.race.effect - fitted.race.effect.mean() - (true - true.mean())
    assert np.std(off) < 0.5 * np.std(true)
    assert 0.5 < np.std(off / np.sqrt(fitted.race.var)) < 1.5


def test_runners_with_one_race_rate_none() -> None:
    first = np.r_[True, np.diff(TABLE.runner) != 0]
    fitted = fit_effects(TABLE, PARAMS, first)
    assert not fitted.race.rated.any() and ratings_of(TABLE, fitted) == []


def test_what_is_not_chosen_changes_no_effect() -> None:
    before = TABLE.year < 2024
    changed = replace(TABLE, log_s=np.where(before, TABLE.log_s, TABLE.log_s + 1.0))
    both = [fit_effects(table, PARAMS, before).race.effect for table in (TABLE, changed)]
    assert np.array_equal(*both)


def test_ratings_are_read_as_they_are_written(tmp_path: Path) -> None:
    ratings = ratings_of(TABLE, fit_effects(TABLE, PARAMS, EVERYBODY))
    (tmp_path / "races.csv").write_text(ratings_csv(ratings), encoding="utf-8")
    found = read_ratings(tmp_path / "races.csv")
    assert [r.names for r in found.ratings] == [r.names for r in ratings]
    assert found.ratings[0].effect == pytest.approx(ratings[0].effect, abs=5e-4)
    assert found.ratings[0].editions.keys() == ratings[0].editions.keys()


@pytest.mark.slow
def test_left_out_rows() -> None:
    rows = score_left_out(TABLE, steps=1)
    assert {row.scheme for row in rows} == {LEFT_OUT}
    asked = sum(part.row.size for part in targets_of(TABLE, last_years(TABLE)))
    assert {row.n for row in rows if row.races == "all"} == {asked}
    mape = {row.predictor: row.mape for row in rows if row.races == "all"}
    assert mape[OURS] < mape[EFFORT_KM] and mape[UNKNOWN] < 12.0


@pytest.mark.slow
def test_what_is_shipped_has_all_numbers() -> None:
    params, effects = fit_results(TABLE, steps=2, per_file=100)
    assert params.interval_cells.keys() == PARAMS.interval_cells.keys()
    assert 0.1 < params.level_sd < 0.25 and params.noise_sd < 0.12
    assert len(ratings_of(TABLE, effects)) == len(TABLE.names)


@pytest.mark.slow
def test_nothing_of_a_runner_left_out_is_known() -> None:
    own = fold_of(TABLE) == 2
    last = own & (TABLE.year == 2024)
    assert 0 < last.sum() < own.sum() < TABLE.file.size / 2
    changed = replace(TABLE, log_s=TABLE.log_s + np.where(last, 0.5, 0.0))
    before, after = (predict_fold(table, 2, steps=1) for table in (TABLE, changed))
    assert before is not None and after is not None
    assert after.params == before.params
    assert np.array_equal(after.named.mean, before.named.mean)
    earlier = predict_fold(replace(TABLE, log_s=TABLE.log_s + np.where(own & ~last, 0.5, 0.0)), 2, steps=1)
    assert earlier is not None and earlier.params == before.params
    assert np.all(earlier.unnamed.mean > before.unnamed.mean)

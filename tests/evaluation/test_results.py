"""Results of the last year are predicted from the same runner's earlier years, and nothing of them leaks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.athlete.race_ratings import RaceRating, RaceTable
from lib.athlete.results_level import RaceAt, Result, predict_race, shipped_params
from lib.core.errors import InputError
from lib.evaluation.result_tables import ResultTable, has_results, read_results
from lib.evaluation.result_targets import ask, known_races, predict, targets_of, without_year
from lib.evaluation.results import (
    ALL,
    EFFORT_KM,
    OURS,
    PREDICTORS,
    RATED,
    RIEGEL,
    UNKNOWN,
    Forecasts,
    figures,
    predicted,
    results_summary,
    score_results,
)
from lib.evaluation.results_groups import BY_NUMBER, groups_of
from tests.support.results_field import small_results

PARAMS = shipped_params()
TABLE = read_results(small_results())
NONE = RaceTable()
LAST = 2024


def ratings_of(table: ResultTable, effect: float = 0.1) -> RaceTable:
    """A rating of every race of a table, with two editions."""
    found = []
    for race, names in enumerate(table.names):
        row = int(np.flatnonzero(table.race == race)[0])
        editions = {2023: (effect, 0.03), LAST: (-effect, 0.03)}
        size = (float(table.km[row]), float(table.climb_m[row]))
        found.append(RaceRating(names, *size, effect=effect / 2, sd=0.04, shared_sd=0.03, n=30, editions=editions))
    return RaceTable(tuple(found))


def table_of(rows: list[dict[str, object]], folder: Path, name: str = "results") -> ResultTable:
    """Table of a few results; what is not said is the same for all."""
    usual = {"runner": 1, "sex": "M", "race_name": "x", "race_year": 2024, "distance_km": 50.0, "gain_m": 2000.0}
    pd.DataFrame([usual | {"time_s": 24_000.0} | row for row in rows]).to_parquet(folder / f"{name}.parquet")
    return read_results(folder)


def race_of(row: int) -> tuple[float, float, float, str]:
    """When, how long, how high, and what the race of a result is."""
    return TABLE.at[row], TABLE.km[row], TABLE.climb_m[row], TABLE.names[TABLE.race[row]][0]


def test_figures_by_hand() -> None:
    true = np.log([100.0, 200.0])
    found = Forecasts(*(np.log(x) for x in ([110.0, 180.0], [105.0, 150.0], [130.0, 250.0], [110.0, 200.0])))
    n, mape, bias_pct, coverage80, width80_pct = figures(true, found)
    assert (n, mape, bias_pct, coverage80) == (2, 10.0, 0.0, 50.0)
    assert width80_pct == pytest.approx(100 * (25 / 110 + 100 / 200) / 2, abs=1e-3)


@pytest.mark.parametrize("ratings", [NONE, ratings_of(TABLE)], ids=["no race rated", "all rated"])
def test_many_are_predicted_as_each_alone(ratings: RaceTable) -> None:
    targets = targets_of(TABLE, {0: (LAST,)})
    known = known_races(TABLE, ratings, PARAMS, years=())
    seen = 0
    for part in targets:
        found = predict(PARAMS, ask(TABLE, part, known))
        low, high = found.interval(PARAMS)
        for i in range(0, part.row.size, 7):
            rows, row = part.past[i].tolist(), int(part.row[i])
            past = [Result(*race_of(j), time_s=float(np.exp(TABLE.log_s[j]))) for j in rows]
            coming = RaceAt(*race_of(row))
            alone = predict_race(past, coming, sex="F" if TABLE.female[row] else "M", races=ratings)
            assert found.mean[i] == pytest.approx(alone.mean_log_s)
            assert np.exp([low[i], high[i]]) == pytest.approx([alone.low80_s, alone.high80_s])
            assert np.exp(found.point(PARAMS)[i]) == pytest.approx(alone.least_error_s)
            seen += 1
    assert seen > 20


def test_only_earlier_years_of_the_same_runner_are_known() -> None:
    for part in targets_of(TABLE, {0: (LAST,)}):
        assert np.all(TABLE.year[part.row] == LAST)
        assert np.all(TABLE.year[part.past] < LAST)
        assert np.all(TABLE.runner[part.past] == TABLE.runner[part.row][:, None])
        assert np.all(np.diff(TABLE.at[part.past], axis=1) >= 0)


def test_every_result_of_the_last_year_with_a_past_is_a_target() -> None:
    first = pd.Series(TABLE.year).groupby(TABLE.runner).min().reindex(TABLE.runner).to_numpy()
    asked = np.flatnonzero((TABLE.year == LAST) & (first < LAST))
    assert sorted(np.concatenate([part.row for part in targets_of(TABLE, {0: (LAST,)})])) == asked.tolist()


def test_the_times_to_predict_move_no_prediction() -> None:
    changed = replace(TABLE, log_s=TABLE.log_s + np.where(TABLE.year == LAST, 0.3, 0.0))
    targets = targets_of(TABLE, {0: (LAST,)})
    for ratings in (NONE, ratings_of(TABLE)):
        known = known_races(TABLE, ratings, PARAMS, (LAST,))
        before, after = (predicted(table, targets, PARAMS, known) for table in (TABLE, changed))
        assert np.array_equal(before.mean, after.mean)


def test_a_rating_without_the_predicted_year_knows_nothing_of_it() -> None:
    rating = ratings_of(TABLE).ratings[0]
    before = without_year(rating, LAST)
    assert before is not None and list(before.editions) == [2023]
    other = replace(rating, editions=rating.editions | {LAST: (0.5, 0.01)})
    assert without_year(other, LAST) == before
    assert before.effect == pytest.approx(0.1 * 0.075**2 / (0.06**2 + 0.075**2))
    assert without_year(rating, 2019) == rating
    assert without_year(before, 2023) is None


def test_rows_of_a_file() -> None:
    rows = score_results(TABLE, PARAMS, ratings_of(TABLE))
    assert [(row.races, row.predictor) for row in rows] == [(r, p) for r in (ALL, RATED) for p in PREDICTORS]
    for row in rows:
        assert (row.part, row.file, row.year, row.scheme) == ("results", "results", LAST, "shipped")
        assert row.n == sum(part.row.size for part in targets_of(TABLE, {0: (LAST,)}))
    mape = {row.predictor: row.mape for row in rows if row.races == ALL}
    assert mape[UNKNOWN] < mape[EFFORT_KM] < mape[RIEGEL]
    holds = {row.predictor: row.coverage80 for row in rows if row.races == ALL}
    assert 70 < holds[UNKNOWN] < 95
    assert "results of 2024, shipped, all races" in results_summary(rows)


def test_races_that_are_not_rated_have_no_rows_of_rated_ones() -> None:
    assert {row.races for row in score_results(TABLE, PARAMS, NONE)} == {ALL}
    assert {row.predictor for row in score_results(TABLE, PARAMS, NONE)} >= {OURS, UNKNOWN}


def test_each_file_has_its_own_last_year_and_runners(tmp_path: Path) -> None:
    two = [{"race_year": 2023}, {"race_year": 2024}]
    table_of([*two, {"race_year": 2024, "runner": 2}], tmp_path)
    table = table_of(
        [{"race_year": 2024, "date": "2024-05-01"}, {"race_year": 2025, "date": "2025-05-02"}], tmp_path, "finishes"
    )
    assert [table.last_year(file) for file in (0, 1)] == [2024, 2025]
    assert table.runner.tolist() == [0, 0, 1, 2, 2]
    rows = score_results(table, PARAMS, NONE)
    assert {(row.file, row.year, row.n) for row in rows} == {("results", 2024, 1), ("finishes", 2025, 1)}


def test_a_missing_file_and_unusable_rows_are_said(tmp_path: Path) -> None:
    table = table_of([{}, {"time_s": 0.0}, {"gain_m": None}, {"distance_km": -1.0}], tmp_path, "finishes")
    assert table.km.size == 1
    assert table.notes == (
        "No results.parquet: its results were not scored.",
        "finishes.parquet: 3 of 4 results have no usable numbers and were left out.",
    )
    assert score_results(table, PARAMS, NONE) == []


def test_races_of_a_name_and_of_about_one_size_are_one(tmp_path: Path) -> None:
    rows = [
        {"race_name": "Grand Trail 2023", "race_year": 2023},
        {"race_name": "Grand trail by UTMB", "distance_km": 51.0},
        {"race_name": "Grand Trail", "distance_km": 90.0},
        {"race_name": "Other"},
    ]
    table = table_of([row | {"runner": i} for i, row in enumerate(rows)], tmp_path)
    assert table.race[0] == table.race[1] and len(set(table.race.tolist())) == 3
    assert len(set(table.edition.tolist())) == 4


def test_dates_that_contradict_the_year_are_its_middle(tmp_path: Path) -> None:
    rows = [{"date": "1970-01-01"}, {"date": "2024-01-01", "runner": 2}, {"date": None, "runner": 3}]
    assert table_of(rows, tmp_path).at == pytest.approx([2024.5, 2024.0, 2024.5])


def test_tables_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    assert not has_results(tmp_path)
    with pytest.raises(InputError, match="no result; expected"):
        read_results(tmp_path)
    pd.DataFrame({"runner": [1]}).to_parquet(tmp_path / "results.parquet")
    assert has_results(tmp_path)
    with pytest.raises(InputError, match="no column race_name"):
        read_results(tmp_path)


@pytest.mark.slow
def test_real_results(shared_data: Path) -> None:
    rows = score_results(read_results(shared_data / "races"), PARAMS, NONE)
    mape = {(row.file, row.predictor): row for row in rows}
    assert mape["results", UNKNOWN].mape < 11.0 and mape["finishes", UNKNOWN].mape < 12.0
    for file in ("results", "finishes"):
        assert 76 <= mape[file, UNKNOWN].coverage80 <= 84
        assert mape[file, UNKNOWN].mape < mape[file, EFFORT_KM].mape


def test_groups_hold_all_results_of_the_last_year() -> None:
    groups = groups_of(TABLE, PARAMS)
    asked = [part.row.size for part in targets_of(TABLE, {0: (LAST,)})]
    by_number = groups[groups["by"] == BY_NUMBER].set_index("group")
    assert by_number.loc["1", "n"] == asked[0] and by_number.loc["3 to 4", "n"] == asked[2] + asked[3]
    assert groups.groupby("by")["n"].sum().max() <= sum(asked)
    one = by_number.loc["1"]
    assert 0 < one["mape"] < one["half_width_pct"] and 60 < one["coverage80"] <= 100

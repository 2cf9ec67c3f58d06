"""A level from race results: more, newer and liker results narrow the interval; what is known of races moves it."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.athlete.race_ratings import RaceRating, RaceTable
from lib.athlete.results_level import (
    MAX_RESULTS,
    LevelPrediction,
    RaceAt,
    Result,
    likeness,
    predict_race,
    read_params,
    shipped_params,
)
from lib.core.errors import InputError

NEXT = RaceAt(2026.5, 52.0, 2_200.0)
"""Not quite the course of the result: without names, one of just that size would be taken for the same race."""
SIX_41 = Result(2025.5, 50.0, 2_300.0, time_s=24_060.0)
NO_RACE = RaceTable()
RESULTS = st.builds(
    Result,
    year=st.floats(2015.0, 2026.4),
    km=st.floats(5.0, 200.0),
    climb_m=st.floats(0.0, 12_000.0),
    time_s=st.floats(1_800.0, 200_000.0),
    race=st.none() | st.sampled_from(["alp", "other"]),
    rank=st.none() | st.integers(1, 500),
    finishers=st.none() | st.integers(1, 500),
)


def predict(
    *results: Result, coming: RaceAt = NEXT, races: RaceTable = NO_RACE, sex: str | None = None
) -> LevelPrediction:
    return predict_race(results, coming, races=races, sex=sex)


def width(found: LevelPrediction) -> float:
    return math.log(found.high80_s / found.low80_s)


# --- what results are worth --------------------------------------------------------------------------------------
def test_one_result_on_such_a_course_tells_nearly_the_same_time() -> None:
    found = predict(SIX_41)
    assert found.median_s == pytest.approx(SIX_41.time_s, rel=0.1)
    assert found.low80_s < found.least_error_s < found.median_s < found.high80_s
    assert found.results == 1 and not found.race_known and found.results_known == 0


def test_without_results_a_typical_runner_is_predicted_with_a_wide_interval() -> None:
    found = predict()
    assert found.results == 0 and found.weights == () and found.level_log == 0.0
    assert 5 * 3_600 < found.median_s < 12 * 3_600
    assert width(found) > 1.3 * width(predict(SIX_41))
    assert predict(sex="M").median_s < found.median_s < predict(sex="F").median_s


def test_two_and_five_results_narrow_the_interval() -> None:
    more = [replace(SIX_41, year=2025.5 - i / 10, km=50.0 + i, time_s=24_060.0 + 450.0 * i) for i in range(5)]
    one, two, five = (predict(*more[:n]) for n in (1, 2, 5))
    assert one.scale_log > two.scale_log > five.scale_log
    assert width(one) > width(two) > width(five)
    assert five.results == 5 and all(weight > 0 for weight in five.weights)


def test_old_results_widen_it_and_pull_less() -> None:
    spans = [predict(replace(SIX_41, year=2026.5 - age)) for age in (0.5, 1.9, 4.0, 9.0)]
    assert [f.scale_log for f in spans] == sorted(f.scale_log for f in spans)
    assert spans[0].weights[0] > spans[-1].weights[0]
    assert width(spans[0]) < width(spans[-1])


def test_unlike_results_say_less() -> None:
    short = Result(2025.5, 10.0, 100.0, time_s=2_700.0)
    assert predict(short).scale_log > predict(SIX_41).scale_log


def test_a_result_that_fits_badly_weighs_less() -> None:
    good = [replace(SIX_41, year=2025.0 + i / 10) for i in range(4)]
    bad = replace(SIX_41, year=2025.45, time_s=2.0 * SIX_41.time_s)
    found = predict(*good, bad)
    assert found.weights[-1] < 0.5 * min(found.weights[:-1])


def test_later_results_and_more_than_are_used_do_not_count() -> None:
    late = replace(SIX_41, year=2027.0)
    assert predict(SIX_41, late).mean_log_s == predict(SIX_41).mean_log_s
    many = [replace(SIX_41, year=2015.0 + i / 10) for i in range(MAX_RESULTS + 5)]
    assert predict(*many).results == MAX_RESULTS


@settings(max_examples=60, deadline=None)
@given(st.lists(RESULTS, max_size=6), st.randoms())
def test_whatever_the_results_the_interval_holds_the_median_in_any_order(results: list[Result], random) -> None:
    found = predict(*results)
    assert 0 < found.low80_s < found.median_s < found.high80_s < math.inf
    order = list(range(len(results)))
    random.shuffle(order)
    again = predict(*(results[i] for i in order))
    if len({r.year for r in results}) == len(results):
        assert again.mean_log_s == pytest.approx(found.mean_log_s, rel=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.6, 1.5))
def test_who_is_slower_is_predicted_slower(factor: float) -> None:
    slower = replace(SIX_41, time_s=factor * SIX_41.time_s)
    assert (predict(slower).median_s > predict(SIX_41).median_s) == (factor > 1.0) or factor == 1.0


# --- what is known of races --------------------------------------------------------------------------------------
HARD = RaceRating(("alp",), 50.0, 2_300.0, 0.20, 0.03, 0.02, 40, {2025: (0.25, 0.02)})


def test_a_known_race_makes_both_sides_better() -> None:
    table = RaceTable((HARD,))
    there, here = replace(SIX_41, race="Alp 2025"), replace(NEXT, race="alp")
    known = predict(SIX_41, coming=here, races=table)
    assert known.race_known and known.median_s > 1.1 * predict(SIX_41).median_s
    assert known.scale_log < predict(SIX_41).scale_log
    past = predict(there, races=table)
    assert past.results_known == 1 and past.median_s < 0.9 * predict(SIX_41).median_s
    assert predict(there, coming=here, races=table).median_s == pytest.approx(SIX_41.time_s, rel=0.1)


def test_the_edition_counts_where_it_is_rated() -> None:
    table = RaceTable((HARD,))
    hot, usual = (predict(replace(SIX_41, race="alp", year=year), races=table) for year in (2025.5, 2024.5))
    assert hot.level_log < usual.level_log


def test_a_rank_tells_how_hard_the_edition_was() -> None:
    front, back = (predict(replace(SIX_41, rank=rank, finishers=300)) for rank in (10, 290))
    assert front.median_s < predict(SIX_41).median_s < back.median_s
    assert front.results_known == 1
    assert predict(replace(SIX_41, rank=3, finishers=5)).results_known == 0


def test_the_same_race_without_a_rating_says_most() -> None:
    here = replace(NEXT, race="Village trail")
    same, other = (predict(replace(SIX_41, race=name), coming=here) for name in ("village TRAIL 2025", "Elsewhere"))
    assert same.scale_log < other.scale_log


def test_likeness_fades_with_size() -> None:
    near = likeness(50.0, 2_300.0, [50.0, 50.5, 60.0], [2_300.0, 2_323.0, 2_300.0])
    assert near[0] == 1.0 and near[1] == pytest.approx(0.6, abs=0.01) and near[2] < 0.01


# --- numbers -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("wrong", [{"km": 0.0}, {"climb_m": -1.0}, {"year": math.nan}, {"time_s": 0.0}])
def test_a_result_has_numbers_that_can_be(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError):
        replace(SIX_41, **wrong)


def test_fitted_numbers_are_whole_or_refused(tmp_path: Path) -> None:
    source = Path(__file__).resolve().parents[2] / "checkpoints_v2" / "results.json"
    content = json.loads(source.read_text(encoding="utf-8"))
    assert len(shipped_params().interval_cells) == 37
    assert all(low < 0 < high for low, high in shipped_params().interval_cells.values())
    path = tmp_path / "results.json"
    lacking = {key: value for key, value in content.items() if key != "dof"}
    for wrong in (lacking, content | {"more": 1}, content | {"level_sd": float("nan")}, content | {"cost": "x"}, []):
        path.write_text(json.dumps(wrong), encoding="utf-8")
        with pytest.raises(InputError):
            read_params(path)
    with pytest.raises(InputError, match="No such file"):
        read_params(tmp_path / "none.json")


def test_the_variance_of_the_day_is_finite_at_any_size() -> None:
    assert np.all(np.isfinite(shipped_params().noise_var(np.linspace(-9, 9, 50), 0.2)))

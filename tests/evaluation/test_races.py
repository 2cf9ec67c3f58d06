"""Plans of races are measured at the checkpoints, each finisher at the own finish."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lib.athlete.pacing_law import PacingLaw
from lib.evaluation.law_fit import NAMES, fit_law
from lib.evaluation.race_tables import read_races
from lib.evaluation.races import (
    EDITION,
    EVEN,
    MINETTI,
    OURS,
    PACEFORGE_LAW,
    PREDICTORS,
    THREE,
    Planner,
    between_goals,
    by_event,
    coverage,
    earlier_years,
    errors,
    goals_of,
    mean_of_events,
    score_races,
)
from tests.support.fields import TRUTH, small_field
from tests.support.long_race import BUNDLE, still

FIELD = read_races(small_field())
HILLS = FIELD.races[1]


def test_errors_by_hand() -> None:
    race = replace(HILLS, elapsed_s=np.array([[0.0, 100.0, 300.0, 1_000.0], [0.0, np.nan, 600.0, 2_000.0]]))
    planned_s = np.array([[0.0, 160.0, 240.0, 1_000.0], [0.0, 1.0, 720.0, 2_000.0]])
    n, gap_min, gap_pct, bias_pct = errors(race, planned_s)
    assert n == 2
    assert gap_min == pytest.approx((1.0 + 2.0) / 2)
    assert gap_pct == pytest.approx((6.0 + 6.0) / 2)
    assert bias_pct == pytest.approx((0.0 + 6.0) / 2)


def test_coverage_by_hand() -> None:
    race = replace(HILLS, elapsed_s=np.array([[0.0, 100.0, 300.0, 1_000.0], [0.0, np.nan, 600.0, 2_000.0]]))
    low_s, high_s = np.full((2, 4), 200.0), np.full((2, 4), 700.0)
    assert coverage(race, low_s, high_s) == pytest.approx(75.0)


def test_between_goals_is_linear_in_the_logarithm() -> None:
    goals_s = np.array([100.0, 400.0])
    assert between_goals(goals_s, np.array([[0.0], [1.0]]), np.array([100.0, 200.0, 400.0]))[:, 0] == pytest.approx(
        [0, 0.5, 1]
    )


def test_a_plan_of_the_measure_is_a_plan_with_a_goal() -> None:
    planner = Planner(still, BUNDLE, HILLS)
    goal_s = float(np.median(HILLS.finish_s))
    plan, shares = planner.plan(goal_s), planner.shares(goal_s)
    assert plan.finish_s == pytest.approx(goal_s, abs=0.01)
    assert shares[0, 0] == 0.0
    assert shares[0, -1] == pytest.approx(1.0)
    assert np.all(shares[1] <= shares[0] + 1e-9)
    assert np.all(shares[0] <= shares[2] + 1e-9)


@pytest.mark.slow
def test_every_predictor_has_its_row_and_the_law_beats_even_pace() -> None:
    rows = score_races(still, BUNDLE, FIELD.races)
    of_2024 = {row.predictor: row for row in rows if row.race == "hills" and row.year == 2024}
    assert set(of_2024) == set(PREDICTORS)
    assert of_2024[OURS].gap_min < min(of_2024[EVEN].gap_min, of_2024[MINETTI].gap_min)
    assert of_2024[EDITION].gap_min < of_2024[OURS].gap_min
    assert {row.predictor for row in rows if row.year == 2023} == set(PREDICTORS) - {EDITION, THREE}
    assert all(row.n == 24 for row in rows)
    assert set(mean_of_events(rows)) == set(PREDICTORS)
    assert set(by_event(rows, PACEFORGE_LAW)) == {"hills", "plain"}
    assert json.loads(json.dumps([row.to_dict() for row in rows]))[0]["part"] == "splits"


def test_the_fit_finds_the_truth_of_a_simulated_field_again() -> None:
    found = fit_law(FIELD.races, BUNDLE.prior, tie_weight=0.003).pacing
    assert found.fading == pytest.approx(TRUTH.fading, abs=0.12)
    assert found.level_fading == pytest.approx(TRUTH.level_fading, abs=0.25)
    assert found.slope_factor == TRUTH.slope_factor


def test_ties_hold_the_law_where_races_say_little() -> None:
    tied = fit_law(FIELD.races[:1], BUNDLE.prior, tie_weight=1e6).pacing
    assert [getattr(tied, name) for name in NAMES] == pytest.approx([0.585, 0.5, 0.5, 0.0, 0.0], abs=0.01)


def test_a_law_that_fits_beats_one_that_does_not() -> None:
    def gap(law: PacingLaw) -> float:
        bundle = replace(BUNDLE, prior=replace(BUNDLE.prior, pacing=law))
        planner = Planner(still, bundle, HILLS)
        goals_s = goals_of(HILLS, 6)
        shares = np.stack([planner.shares(s)[0] for s in goals_s.tolist()])
        return errors(HILLS, between_goals(goals_s, shares, HILLS.finish_s) * HILLS.finish_s[:, None])[1]

    assert gap(TRUTH) < gap(replace(TRUTH, fading=0.2, level_fading=0.0))


def test_earlier_years_are_of_the_same_race_and_the_latest_comes_first() -> None:
    assert [race.name for race in earlier_years(HILLS, FIELD.races)] == ["hills 2023"]
    assert earlier_years(FIELD.races[0], FIELD.races) == []


@pytest.mark.slow
def test_real_goals_at_both_ends_of_the_field_are_planned(shared_data: Path) -> None:
    for race in read_races(shared_data / "races").races:
        planner = Planner(still, BUNDLE, race)
        for level in (0.01, 0.99):
            goal_s = float(np.quantile(race.finish_s, level))
            assert planner.plan(goal_s).finish_s == pytest.approx(goal_s, abs=0.5)

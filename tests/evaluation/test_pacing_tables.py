"""Tables of a simulated field say what its law says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lib.athlete.goal_spread import GoalSpread
from lib.athlete.pacing_law import PacingLaw
from lib.evaluation.law_fit import fitted_race
from lib.evaluation.pacing_tables import arrivals_table, legs_table
from lib.evaluation.race_tables import read_races
from lib.evaluation.races import Planner
from tests.support.fields import TRUTH, small_field
from tests.support.long_race import BUNDLE, still

FIELD = read_races(small_field())
STOPS = BUNDLE.prior.aid_stops


def table(law: PacingLaw) -> pd.DataFrame:
    return legs_table([fitted_race(race, law) for race in FIELD], law, STOPS)


def test_legs_of_a_field_are_as_slow_as_its_law_says() -> None:
    legs = table(TRUTH)
    assert set(legs["race"]) == {race.name for race in FIELD}
    assert set(legs["event"]) == {"hills", "plain"}
    # Groups of eight, each runner with a fading of the own.
    assert (legs["seen"] / legs["law"]).to_numpy() == pytest.approx(1.0, abs=0.1)
    assert np.all(legs["moving_h"] < legs["finish_h"])
    assert np.all(legs["law"] >= 0.99)


def test_fresh_legs_and_what_is_lost_on_them_add_up_to_the_finish() -> None:
    legs = table(TRUTH)
    for (_, finish_h), own in legs.groupby(["race", "finish_h"]):
        for name in ("seen", "law"):
            assert (own[name] * own["fresh_s"]).sum() / 3600.0 == pytest.approx(finish_h, rel=0.01)


def test_another_law_is_not_what_was_seen() -> None:
    legs = table(replace(TRUTH, fading=0.0, level_fading=0.0, slump_log=0.0))
    late = legs[legs["moving_h"] > 0.8 * legs["finish_h"]]
    assert np.all(late["seen"] > late["law"])


def test_a_leg_that_few_ran_is_left_out() -> None:
    race = FIELD.races[0]
    seen_s = race.elapsed_s.copy()
    seen_s[:, 2] = np.nan
    whole, gap = (legs_table([fitted_race(r, TRUTH)], TRUTH, STOPS) for r in (race, replace(race, elapsed_s=seen_s)))
    assert len(whole) - len(gap) == 2 * whole["finish_h"].nunique()


def test_plans_by_the_own_law_are_hardly_late_and_those_by_a_flat_one_are() -> None:
    own, flat = (
        arrivals_table([fitted_race(race, law) for race in FIELD], replace(BUNDLE.prior, pacing=law))
        for law in (TRUTH, replace(TRUTH, fading=0.0, level_fading=0.0))
    )
    assert own["late_pct"].abs().mean() < 0.5
    assert flat["late_pct"].mean() > 2.0
    assert set(own["n"]) == {8}
    assert np.all((own["share"] > 0) & (own["share"] < 1))


def test_arrivals_are_those_of_a_plan_with_a_goal() -> None:
    race = replace(FIELD.races[0], aid=np.ones(FIELD.races[0].aid.size, bool))
    bundle = replace(BUNDLE, prior=replace(BUNDLE.prior, pacing=TRUTH))
    found = arrivals_table([fitted_race(race, TRUTH)], bundle.prior)
    finish_s = np.sort(race.finish_s)[:8]
    order = np.argsort(race.finish_s)[:8]
    late = [
        100.0 * (Planner(still, bundle, race).shares(s)[0] - race.elapsed_s[i] / s)[1:-1]
        for s, i in zip(finish_s.tolist(), order, strict=True)
    ]
    first = found[found["finish_h"] == found["finish_h"].min()]
    assert first["late_pct"].to_numpy() == pytest.approx(np.mean(late, axis=0), abs=0.1)


def test_wider_intervals_hold_more() -> None:
    data = [fitted_race(race, TRUTH) for race in FIELD]
    held = [
        arrivals_table(data, replace(BUNDLE.prior, pacing=TRUTH, goal_spread=GoalSpread(low=w, high=w)))["held_pct"]
        for w in (0.0001, 0.01, 1.0)
    ]
    assert held[0].mean() < held[1].mean() < held[2].mean()
    assert held[2].to_numpy() == pytest.approx(100.0)
    assert np.all(held[0] <= held[1])

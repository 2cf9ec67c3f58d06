"""Plans of long races: goals are met, never refused, and fade as the law says."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from lib.athlete.pacing_law import Strategy
from lib.core.errors import InputError
from lib.plan.editions import Edition
from lib.plan.goal import fastest_moving_s
from lib.plan.race_plan import RacePlan, plan_race
from lib.plan.splits import legs
from lib.race.config import RaceConfig, race_config
from lib.race.stations import Station
from tests.support.long_race import BUNDLE, COURSE, ZONE, rolling_course, still

H = 3600.0
AIDS = tuple(Station(f"aid {km}", km * 1000.0, stop_stated=False) for km in (15, 30, 45, 60))


def plan(config: RaceConfig | None = None, course=COURSE, bundle=BUNDLE) -> RacePlan:  # type: ignore[no-untyped-def]
    return plan_race(still, bundle, course, config)


def half_ratio(race: RacePlan) -> float:
    seconds = race.plan.columns["duration_s"]
    half = seconds.size // 2
    return float(seconds[half:].sum() / seconds[:half].sum())


@pytest.mark.parametrize("hours", [6.5, 9.0, 14.0, 24.0, 40.0])
def test_any_goal_is_met_to_the_second_with_its_chance(hours: float) -> None:
    race = plan(RaceConfig(goal_s=hours * H, stations=AIDS))
    assert race.finish_s == pytest.approx(hours * H, abs=0.01)
    assert race.goal is not None
    assert 0.0 < race.goal.chance < 1.0


def test_only_what_no_human_has_run_is_refused() -> None:
    fastest_s = fastest_moving_s(BUNDLE.prior.pacing, COURSE)
    plan(RaceConfig(goal_s=fastest_s * 1.01, standing_s=0.0))
    with pytest.raises(InputError, match="no human"):
        plan(RaceConfig(goal_s=fastest_s * 0.99, standing_s=0.0))


def test_world_records_are_possible_and_half_of_them_is_not() -> None:
    marathon = rolling_course(42.195, 0.0)
    assert 0.8 * 7_235 < fastest_moving_s(BUNDLE.prior.pacing, marathon) < 7_235
    day = rolling_course(319.6, 0.0)
    assert 0.6 * 86_400 < fastest_moving_s(BUNDLE.prior.pacing, day) < 86_400


def test_the_chance_of_a_goal_grows_with_its_time() -> None:
    chances = [plan(RaceConfig(goal_s=h * H)).goal.chance for h in (7.0, 9.0, 11.0, 20.0)]  # type: ignore[union-attr]
    assert chances == sorted(chances)


def test_the_median_is_the_headline() -> None:
    race = plan(RaceConfig(stations=AIDS))
    assert race.chance(np.array([race.finish_s]), np.array([COURSE.steps - 1]))[0] == pytest.approx(0.5, abs=0.03)
    low_s, high_s = race.finish_interval_s
    assert low_s < race.finish_s < high_s


def test_arrivals_of_a_goal_are_certain_at_both_ends() -> None:
    race = plan(RaceConfig(goal_s=12 * H, stations=AIDS))
    low_s, high_s = race.step_interval_s
    width_s = high_s - low_s
    assert width_s[-1] < 1.0
    assert width_s[0] < 60.0
    assert width_s.max() > 600.0
    assert np.all((low_s <= race.arrival_s + 1e-6) & (race.arrival_s <= high_s + 1e-6))


def test_even_pacing_fades_less_and_meets_the_same_goal() -> None:
    usual, even = (plan(RaceConfig(goal_s=12 * H, strategy=Strategy(share))) for share in (1.0, 0.0))
    assert half_ratio(usual) > half_ratio(even) + 0.05
    assert usual.finish_s == pytest.approx(even.finish_s, abs=0.01)


def test_a_slower_start_meets_the_same_goal() -> None:
    usual, slower = (plan(RaceConfig(goal_s=12 * H, strategy=Strategy(1.0, first))) for first in (0.0, -0.05))
    third = COURSE.steps // 3
    assert slower.arrival_s[third] > usual.arrival_s[third] + 60.0
    assert slower.finish_s == pytest.approx(usual.finish_s, abs=0.01)


def test_a_strategy_shows_in_a_short_run_too() -> None:
    short = rolling_course(8.0)
    usual, slower = (plan(RaceConfig(strategy=Strategy(1.0, first)), short) for first in (0.0, -0.05))
    assert slower.arrival_s[short.steps // 3] > usual.arrival_s[short.steps // 3] + 10.0


def test_the_night_slows_where_it_is() -> None:
    start = datetime(2026, 6, 20, 18, 0, tzinfo=ZONE)
    dark, bright = (plan(RaceConfig(start=start, goal_s=16 * H, night=night)) for night in (True, False))
    ratio = dark.plan.columns["duration_s"] / bright.plan.columns["duration_s"]
    assert ratio.max() / ratio.min() == pytest.approx(BUNDLE.prior.pacing.night, abs=0.01)


def test_longer_races_are_slower_per_kilometre_than_the_level_says() -> None:
    known = replace(BUNDLE, athlete=replace(BUNDLE.athlete, runs=1))
    for bundle, ratio in ((BUNDLE, 1.25), (known, 1.3)):
        paces = [plan(course=rolling_course(km), bundle=bundle).plan.finish_s / km for km in (9.0, 45.0, 180.0)]
        assert paces[0] < paces[1] < paces[2]
        assert paces[2] / paces[0] > ratio


def test_an_edition_moves_arrivals_towards_what_happened_there() -> None:
    usual = plan(RaceConfig(goal_s=12 * H))
    km = np.array([0.0, 37.5, 75.0])
    half_s = usual.arrival_s[COURSE.steps // 2] + 1_800.0
    runners = np.tile([0.0, half_s, 12 * H], (40, 1))
    corrected = plan(RaceConfig(goal_s=12 * H, editions=(Edition(km, runners),)))
    moved_s = corrected.arrival_s[COURSE.steps // 2] - usual.arrival_s[COURSE.steps // 2]
    assert 600.0 < moved_s < 1_800.0
    assert corrected.finish_s == pytest.approx(12 * H, abs=0.01)
    assert 0.5 < corrected.edition_weight < 1.0


def test_one_runner_counts_less_than_a_field() -> None:
    km, half_s = np.array([0.0, 37.5, 75.0]), 5.0 * H
    weights = [
        plan(RaceConfig(goal_s=12 * H, editions=(Edition(km, np.tile([0.0, half_s, 12 * H], (n, 1))),))).edition_weight
        for n in (1, 3, 100)
    ]
    assert weights == sorted(weights)
    assert weights[0] < 0.3


def test_two_runners_correct_though_neither_is_in_the_middle() -> None:
    km = np.array([0.0, 37.5, 75.0])
    runners = np.array([[0.0, 5.0 * H, 11.5 * H], [0.0, 5.4 * H, 12.5 * H]])
    corrected = plan(RaceConfig(goal_s=12 * H, editions=(Edition(km, runners),)))
    assert corrected.finish_s == pytest.approx(12 * H, abs=0.5)
    assert 0.0 < corrected.edition_weight < 1.0


def test_chances_of_cut_offs_are_one_number_each_and_do_not_rise() -> None:
    stations = tuple(replace(aid, cutoff_s=h * H) for aid, h in zip(AIDS, (3.6, 6.6, 9.0, 12.0), strict=True))
    chance = legs(plan(RaceConfig(stations=stations)))["chance_in_time"]
    known = chance[np.isfinite(chance)]
    assert np.all(np.diff(known) <= 1e-12)


def test_words_of_a_runner_become_a_strategy() -> None:
    config = race_config(COURSE, pacing="0.5", first="-3%", night="no", goal="12:00")
    assert config.strategy == Strategy(0.5, -0.03)
    assert not config.night
    assert race_config(COURSE, pacing="even").strategy.fading == 0.0


@pytest.mark.parametrize(
    "words", [{"pacing": "hard"}, {"pacing": "5"}, {"first": "slow"}, {"first": "-50%"}, {"night": "maybe"}]
)
def test_words_that_are_none_are_refused(words: dict[str, str]) -> None:
    with pytest.raises(InputError):
        race_config(COURSE, **words)

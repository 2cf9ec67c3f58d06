"""Given race times that are aimed at: the effort found takes them to the second, or that none does."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from lib.athlete.prior import Effort
from lib.core.durations import h_mm_ss
from lib.core.errors import InputError
from lib.plan.goal import harder_than
from lib.plan.race_plan import RacePlan, plan_race
from lib.race.config import RaceConfig, parse_duration, race_config
from tests.support.races import course_of, known_bundle, shipped

COURSE = course_of("powell_valley_5km")
NAMES = Effort(easy=-0.9, steady=0.1, race=1.5)
WORDS = [
    {},
    {"standing": "0"},
    {"standing": "7"},
    {"stations": "1.5, 3, 3.001, 4", "stop_min": "2"},
    {"stations": "1.5", "stop_min": "1", "standing": "3"},
    {"temperature_c": "32", "usual_altitude_m": "1800"},
    {"start": "2026-06-20T05:30+02:00", "stations": "name,km,stop_min\nHut,2,9\n", "temperature_c": "2"},
]


def planned(bundle: object = None, **words: str) -> RacePlan:
    return plan_race(shipped()[0], bundle or known_bundle(), COURSE, race_config(COURSE, **words))  # type: ignore[arg-type]


def finish_chance(race: RacePlan, seconds: float) -> float:
    return float(race.chance(np.array([seconds]), np.array([race.course.steps - 1]))[0])


# --- how hard an effort is ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(("effort", "share"), [(-0.9, 0.15), (0.1, 0.5), (1.5, 0.95)])
def test_efforts_with_names_are_harder_than_the_share_that_defines_them(effort: float, share: float) -> None:
    assert harder_than(effort, NAMES) == pytest.approx(share, abs=1e-4)


def test_between_the_names_shares_are_those_of_a_normal_distribution() -> None:
    """Half way from 50% (0) to 95% (1.6449): the share at 0.82245, from tables of the normal distribution."""
    assert harder_than(0.8, NAMES) == pytest.approx(0.7946, abs=1e-4)
    assert harder_than(-0.4, NAMES) == pytest.approx(0.3021, abs=1e-4)  # at -0.5182
    assert harder_than(-1.9, NAMES) == pytest.approx(0.0191, abs=1e-4)  # at -2.0728


def test_more_effort_is_harder_than_more_runs() -> None:
    shares = [harder_than(effort, NAMES) for effort in np.linspace(-5, 5, 101)]
    assert np.all(np.diff(shares) >= 0) and 0 <= shares[0] < 0.01 and 0.99 < shares[-1] <= 1


def test_efforts_that_are_all_the_same_divide_nothing_by_zero() -> None:
    alike = Effort(easy=0.0, steady=0.0, race=0.0)
    assert [harder_than(x, alike) for x in (-1.0, 0.0, 1.0)] == [0.0, 0.5, 1.0]


# --- a target ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("share", [0.85, 1.0, 1.2])
@pytest.mark.parametrize("words", WORDS)
def test_the_race_takes_the_time_aimed_at_to_the_second(words: dict[str, str], share: float) -> None:
    aimed_s = float(round(planned(**words).finish_s * share))
    race = planned(goal=h_mm_ss(aimed_s), **words)
    assert race.goal is not None and race.goal.race_s == aimed_s
    assert race.finish_s == pytest.approx(aimed_s, abs=0.5)
    assert race.plan.finish_s == pytest.approx(race.goal.moving_s, abs=0.5)
    assert race.effort == race.goal.effort


@pytest.mark.parametrize("words", WORDS)
def test_its_chance_is_that_of_the_day_as_it_comes(words: dict[str, str]) -> None:
    free = planned(**words)
    for share in (0.9, 1.1):
        aimed_s = float(round(free.finish_s * share))
        race = planned(goal=h_mm_ss(aimed_s), **words)
        assert race.goal is not None
        # The open plan's finish comes from the network, which moves time along the course and adds next to none.
        assert race.goal.chance == pytest.approx(finish_chance(free, aimed_s), abs=0.002)


def test_the_shorter_the_time_the_harder_and_the_less_likely() -> None:
    races = [planned(goal=text) for text in ("0:30", "0:33", "0:36", "0:39")]
    efforts, chances, rates = zip(
        *((r.effort, r.goal.chance, r.mean_heart_rate_bpm) for r in races if r.goal), strict=True
    )
    assert np.all(np.diff(efforts) < 0) and np.all(np.diff(chances) > 0) and np.all(np.diff(rates) < 0)


def test_whoever_meets_the_goal_is_at_the_finish_by_then() -> None:
    race = planned(goal="0:36")
    assert finish_chance(race, 2_160.0) == 1.0
    assert finish_chance(race, 2_150.0) == 0.0
    assert race.median_s == race.finish_s


# --- out of reach ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("goal", ["0:22", "1:10", "9:00"])
def test_what_is_hard_or_slow_is_planned_with_its_chance(goal: str) -> None:
    race = planned(goal=goal)
    assert race.finish_s == pytest.approx(parse_duration(goal, "x"), abs=0.5)
    assert race.goal is not None
    assert (race.goal.chance < 0.1) == (goal == "0:22")
    assert race.effort is not None
    assert abs(race.effort) <= 5.0


def test_what_no_human_runs_is_refused_with_what_is_possible() -> None:
    with pytest.raises(InputError, match="no human") as caught:
        planned(goal="0:08")
    (least,) = re.findall(r"\d:\d\d", caught.value.expected)
    planned(goal=least)


def test_stops_that_leave_no_time_are_refused() -> None:
    with pytest.raises(InputError, match=r"a goal of 0:40, of which 0 min are left .* or plan other stops"):
        planned(goal="0:40", stations="2", stop_min="45")


def test_an_effort_beside_it_is_refused() -> None:
    with pytest.raises(InputError, match="one of the two"):
        RaceConfig(goal_s=3_600.0, effort="easy")


def test_a_model_in_which_effort_is_not_faster_plans_the_goal_without_one() -> None:
    bundle = known_bundle()
    for slope in (0.0, 0.02):
        odd = replace(bundle, prior=replace(bundle.prior, effort=replace(bundle.prior.effort, pace_per_effort=slope)))
        race = planned(odd, goal="0:36")
        assert race.effort is None
        assert race.finish_s == pytest.approx(2_160.0, abs=0.5)

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from lib.core import schema as c
from lib.core.errors import InputError
from lib.plan.day_state import Belief, DaySpread, conditioned
from lib.plan.day_table import day_table, place_of
from lib.plan.race_plan import RacePlan, plan_race
from lib.plan.review import review_of
from lib.plan.splits import legs
from lib.race.check_ins import CheckIn
from lib.race.config import RaceConfig
from lib.race.edition import Edition
from lib.race.stations import Station
from tests.support.long_race import BUNDLE, still
from tests.support.plans import make_course

KM = (20, 45, 70, 95)
STATIONS = tuple(
    Station(f"S{km}", km * 1000.0, stop_s=300.0, cutoff_s=3600.0 * hours)
    for km, hours in zip(KM, (5.5, 11.0, 17.0, 22.5), strict=True)
)
HILLS = make_course(300.0 + 300.0 * np.sin(np.arange(20_000) / 400.0))  # 100 km
CONFIG = RaceConfig(start=datetime.fromisoformat("2026-06-20T06:00+02:00"), stations=STATIONS, goal_s=20 * 3600.0)


@pytest.fixture(scope="module")
def before() -> RacePlan:
    return plan_race(still, BUNDLE, HILLS, CONFIG)


def on_the_day(*check_ins: CheckIn) -> RacePlan:
    return plan_race(still, BUNDLE, HILLS, replace(CONFIG, check_ins=check_ins))


def as_planned(race: RacePlan, km: int, factor: float = 1.0) -> CheckIn:
    return CheckIn(f"S{km}", km * 1000.0, float(race.arrival_s[km * 200 - 1]) * factor)


def test_a_runner_who_is_on_plan_stays_on_it(before: RacePlan) -> None:
    day = on_the_day(as_planned(before, 20), as_planned(before, 45))
    assert day.finish_s == pytest.approx(before.finish_s, rel=0.005)
    assert day.arrival_s[45 * 200 - 1] == pytest.approx(before.arrival_s[45 * 200 - 1], abs=1.0)
    assert np.all(np.diff(day.arrival_s) > 0)
    assert day.plan.done == 45 * 200


def test_intervals_shrink_and_what_is_behind_is_certain(before: RacePlan) -> None:
    widths = []
    for km in (20, 45, 70, 95):
        day = on_the_day(as_planned(before, km))
        low_s, high_s = day.finish_interval_s
        assert low_s < day.finish_s < high_s
        widths.append(high_s - low_s)
        behind_low_s, behind_high_s = day.interval(np.arange(km * 200))
        np.testing.assert_allclose(behind_low_s, behind_high_s, atol=1e-6)
    assert np.all(np.diff(widths) < 0)


def test_slower_is_later_and_slowing_is_later_still(before: RacePlan) -> None:
    slow = on_the_day(as_planned(before, 70, 1.1))
    slowing = on_the_day(as_planned(before, 20, 0.95), as_planned(before, 45, 1.0), as_planned(before, 70, 1.1))
    assert before.finish_s < slow.finish_s < slowing.finish_s


def test_leaving_later_moves_what_is_ahead(before: RacePlan) -> None:
    arrived = as_planned(before, 45)
    long_stop = replace(arrived, left_s=arrived.arrived_s + 3600.0)
    assert on_the_day(long_stop).arrival_s[70 * 200 - 1] > on_the_day(arrived).arrival_s[70 * 200 - 1] + 1800.0


def test_chances_of_cutoffs_ahead_fall_and_the_goal_is_a_chance_from_here(before: RacePlan) -> None:
    day = on_the_day(as_planned(before, 45, 1.15))
    chance = legs(day)[c.CHANCE]
    ahead = chance[2:4]
    assert np.all(np.diff(ahead) <= 0) and np.all((ahead > 0) & (ahead < 1))
    assert day.goal is not None and day.goal.on_the_way and 0 < day.goal.chance < 0.5
    assert day.chance(np.array([day.median_s]), np.array([HILLS.steps - 1]))[0] == pytest.approx(0.5, abs=0.01)


def test_the_pace_needed_makes_the_cutoff(before: RacePlan) -> None:
    day = on_the_day(as_planned(before, 45, 1.15))
    needed, cutoff_s = legs(day)[c.PACE_NEEDED], legs(day)[c.CUTOFF]
    assert np.isnan(needed[:2]).all() and np.isnan(needed[-1])
    left_s = float(day.check_ins[0].arrived_s or 0.0)
    assert left_s + 300.0 + needed[2] * 60.0 * 25.0 + 300.0 == pytest.approx(cutoff_s[2])
    assert left_s + 600.0 + needed[3] * 60.0 * 50.0 + 300.0 == pytest.approx(cutoff_s[3])
    assert legs(before)[c.PACE_NEEDED][0] * 60.0 * 20.0 + 300.0 == pytest.approx(cutoff_s[0])
    late = on_the_day(replace(as_planned(before, 45), left_s=17.5 * 3600.0, sure=True))
    assert np.isnan(legs(late)[c.PACE_NEEDED][2])


def test_an_earlier_edition_says_how_the_rest_is_run(before: RacePlan) -> None:
    """Its finishers are much faster to half way than the law has it, and so are those who come there like them."""
    km = np.array([0.0, 45.0, 100.0])
    finish_s = 3600.0 * np.linspace(16.0, 26.0, 40)
    edition = Edition(km, np.stack([0.0 * finish_s, 0.36 * finish_s, finish_s], axis=1))
    config = replace(CONFIG, check_ins=(CheckIn("S45", 45_000.0, 0.36 * 20.0 * 3600.0),), editions=(edition,))
    known, unknown = (plan_race(still, BUNDLE, HILLS, one) for one in (config, replace(config, editions=())))
    assert unknown.finish_s < 19.0 * 3600.0 < 19.4 * 3600.0 < known.finish_s < 20.5 * 3600.0
    low_s, high_s = known.finish_interval_s
    assert np.log(high_s / low_s) < np.log(np.divide(*unknown.finish_interval_s[::-1]))
    open_day = replace(config, goal_s=None, check_ins=())
    belief = day_table(plan_race(still, BUNDLE, HILLS, open_day), BUNDLE).belief
    usual = day_table(plan_race(still, BUNDLE, HILLS, replace(open_day, editions=())), BUNDLE).belief
    field = np.log(finish_s).mean()
    assert abs(belief.log_finish - field) < 0.3 * abs(usual.log_finish - field)


def test_a_mistyped_hour_is_asked_back_with_what_was_meant(before: RacePlan) -> None:
    arrived_s = float(as_planned(before, 70).arrived_s or 0.0)
    odd = CheckIn("S70", 70_000.0, arrived_s + 12 * 3600.0)
    with pytest.raises(InputError, match=r"Did you mean S70 ") as error:
        on_the_day(odd)
    assert "exclamation mark" in str(error.value)
    assert on_the_day(replace(odd, sure=True)).finish_s > before.finish_s + 6 * 3600.0


def test_at_the_finish_nothing_is_left_to_be_said(before: RacePlan) -> None:
    day = on_the_day(CheckIn("Finish", 100_000.0, 19 * 3600.0))
    assert day.finish_s == pytest.approx(19 * 3600.0)
    assert day.finish_interval_s[0] == pytest.approx(day.finish_interval_s[1])


def test_check_ins_alone_are_a_review(before: RacePlan) -> None:
    check_ins = (as_planned(before, 20, 1.05), as_planned(before, 45, 1.1))
    review = review_of(still, BUNDLE, HILLS, replace(CONFIG, check_ins=check_ins))
    assert review.steps == 45 * 200
    assert review.actual.elapsed_s[-1] == pytest.approx(check_ins[1].arrived_s, abs=1.0)
    with pytest.raises(InputError, match="neither a recording nor check-ins"):
        review_of(still, BUNDLE, HILLS, CONFIG)


def test_the_table_gives_the_plan_back(before: RacePlan) -> None:
    table = day_table(before, BUNDLE)
    place = place_of(table, 45_000.0, HILLS.steps)
    log_finish = table.finish_of(place, float(before.arrival_s[45 * 200 - 1]), None)
    assert np.exp(log_finish) == pytest.approx(before.finish_s, rel=1e-6)
    assert table.arrival_of(place, log_finish) == pytest.approx(before.arrival_s[45 * 200 - 1], rel=1e-6)


def test_conditioning_agrees_with_sampling() -> None:
    uneven, u, ahead = DaySpread(leg=0.03).of_race(12.0, 0.0), np.array([0.2, 0.5]), np.array([0.8, 1.0])
    rng = np.random.default_rng(0)
    n, k = 20_000, 200
    rate = uneven.wander * np.cumsum(rng.normal(size=(n, k)), axis=1) / np.sqrt(k)
    rate += 0.03 * k * rng.normal(size=(n, k)) * np.sqrt(np.diff(np.linspace(0.0, 1.0, k + 1) ** uneven.late))
    rate += uneven.start * rng.normal(size=(n, 1)) * np.exp(-np.arange(0.5, k) / k / 0.1)
    so_far = np.cumsum(rate, axis=1) / np.arange(1, k + 1)
    level = 9.0 + 0.15 * rng.normal(size=n)
    x = level[:, None] + so_far[:, (np.r_[u, ahead] * k).astype(int) - 1] - so_far[:, -1:]
    x[:, :2] += uneven.place / u * rng.normal(size=(n, 2))
    design = np.c_[np.ones(n), x[:, :2]]
    fitted, *_ = np.linalg.lstsq(design, x[:, 2:], rcond=None)
    seen = np.array([9.1, 9.15])
    mean, sd = conditioned(Belief(9.0, 0.15), u, seen, ahead, uneven)
    np.testing.assert_allclose(mean, np.r_[1.0, seen] @ fitted, atol=0.004)
    np.testing.assert_allclose(sd, (x[:, 2:] - design @ fitted).std(axis=0), rtol=0.04)


def test_who_slows_down_on_a_short_run_does_not_go_on_slowing_down() -> None:
    """Of an hour's run the first part says little of a trend; of a race of 3 h and of 30 h it says the same."""
    u, seen, finish = np.array([0.25, 0.5, 0.75]), np.array([9.0, 9.04, 9.08]), np.ones(1)
    by_hours = {
        hours: conditioned(Belief(9.0, 0.15), u, seen, finish, DaySpread().of_race(hours, 20.0))
        for hours in (1.0, 3.0, 30.0)
    }
    (short, short_sd), (usual, usual_sd), long = (by_hours[hours] for hours in (1.0, 3.0, 30.0))
    assert short[0] < usual[0] - 0.005 and short_sd[0] < usual_sd[0]
    np.testing.assert_array_equal(usual, long[0])


def test_the_next_place_is_surer_than_the_finish_and_an_edition_makes_both_surer() -> None:
    u, seen, ahead = np.array([0.1, 0.2]), np.array([9.0, 9.02]), np.array([0.25, 0.6, 1.0])
    alone, known = (
        conditioned(Belief(9.0, 0.15), u, seen, ahead, DaySpread().of_race(20.0, 60.0, weight))[1] for weight in (0, 1)
    )
    assert np.all(np.diff(alone) > 0)
    assert np.all(known < alone)


def test_a_runner_stays_the_same_with_check_ins_and_another_goal_is_another_runner(before: RacePlan) -> None:
    assert on_the_day(as_planned(before, 45)).runner == before.runner != ""
    assert plan_race(still, BUNDLE, HILLS, replace(CONFIG, goal_s=22 * 3600.0)).runner != before.runner

"""A plan from race results: their level sets the race time and its interval; what cannot be used is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.athlete.bundle import Bundle
from lib.athlete.goal_spread import GoalSpread
from lib.athlete.profile import with_results
from lib.athlete.race_ratings import log_effort_km, shipped_ratings
from lib.athlete.results_level import LevelPrediction
from lib.core import schema as c
from lib.core.errors import InputError
from lib.plan.arrivals import GoalArrivals, LevelArrivals, student_below, student_quantile
from lib.plan.race_plan import RacePlan, plan_race
from lib.plan.results_plan import level_from_results, race_name, with_archive
from lib.race.config import RaceConfig, race_config
from lib.race.results_text import results_from_text
from lib.report.export.json import described
from lib.report.notes import notes
from lib.report.tables import effort_text, trust
from tests.support.races import course_of, known_bundle, shipped

ONE = "50 km, 2300 m, 6:41, 2026-06-14"
FIVE = f"{ONE}; 20 km, 900 m, 2:12, 2026-04-01; 21 km, 900 m, 2:20, 2025-10-01; 30 km, 1500 m, 3:40, 2026-05-01"
FIVE += "; 17 km, 700 m, 1:50, 2026"
START = "2026-11-28T08:00+01:00"
COURSE = course_of("jacksboro_17_8km")


def planned(**words: str) -> RacePlan:
    backend, bundle = shipped()
    return plan_race(backend, bundle, COURSE, race_config(COURSE, **{"start": START} | words))


def expected(config: RaceConfig) -> LevelPrediction:
    level = level_from_results(config, COURSE)
    assert level is not None
    return level


def width(race: RacePlan) -> float:
    low_s, high_s = race.finish_interval_s
    return float(np.log(high_s / low_s))


# --- the plan ----------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def one() -> RacePlan:
    return planned(results=ONE)


def test_the_finish_and_its_interval_are_those_of_the_level(one: RacePlan) -> None:
    assert one.level is not None and one.goal is None and one.config.goal_s is None
    assert one.finish_s == pytest.approx(one.level.median_s, abs=1e-3)
    assert one.median_s == pytest.approx(one.finish_s, abs=1.0)
    assert one.finish_interval_s == pytest.approx((one.level.low80_s, one.level.high80_s), rel=1e-6)


def test_chances_are_of_the_same_distribution(one: RacePlan) -> None:
    last = np.full(3, COURSE.steps - 1)
    low_s, high_s = one.finish_interval_s
    assert one.chance(np.array([low_s, one.finish_s, high_s]), last) == pytest.approx([0.1, 0.5, 0.9], abs=1e-3)
    middle = np.array([COURSE.steps // 2])
    bounds = one.interval(middle)
    assert [float(one.chance(s, middle)[0]) for s in bounds] == pytest.approx([0.1, 0.9], abs=1e-3)


def test_arrivals_lie_in_their_intervals_which_grow_on_the_way(one: RacePlan) -> None:
    low_s, high_s = one.step_interval_s
    assert np.all(low_s <= one.arrival_s) and np.all(one.arrival_s <= high_s)
    assert np.all(np.diff(one.arrival_s) > 0)
    assert np.all(np.diff(high_s[::100] - low_s[::100]) > 0)


def test_five_results_narrow_the_interval(one: RacePlan) -> None:
    assert width(planned(results=FIVE)) < 0.8 * width(one)


def test_a_goal_has_the_chance_that_the_results_give_it(one: RacePlan) -> None:
    aimed = planned(results=ONE, goal="2:10")
    assert aimed.goal is not None and aimed.finish_s == pytest.approx(7_800.0)
    chance = one.chance(np.array([7_800.0]), np.array([COURSE.steps - 1]))[0]
    assert aimed.goal.chance == pytest.approx(chance, abs=1e-3)
    assert {note.code for note in notes(aimed, shipped()[1].prior.effort)} >= {"results_read", "level_from_results"}


def test_heat_makes_the_time_longer(one: RacePlan) -> None:
    hot = planned(results=ONE, temperature_c="32")
    assert hot.finish_s > 1.01 * one.finish_s and hot.adjusted
    assert width(hot) == pytest.approx(width(one))


def test_results_may_be_of_the_effort_race(one: RacePlan) -> None:
    assert planned(results=ONE, effort="race").finish_s == one.finish_s


def test_the_name_of_a_rated_race_changes_the_time() -> None:
    size = log_effort_km(COURSE.length_km, COURSE.climb_m)
    near = [r for r in shipped_ratings().ratings if abs(float(log_effort_km(r.km, r.climb_m) - size)) < 0.1]
    hard, easy = (pick(near, key=lambda rating: rating.effect) for pick in (max, min))
    assert hard.effect > easy.effect + 0.1
    times = [expected(race_config(COURSE, results=ONE, race=name)).median_s for name in (hard.name, "", easy.name)]
    assert times == sorted(times, reverse=True) and times[0] > 1.1 * times[-1]


def test_a_course_that_is_called_like_a_rated_race_is_that_race() -> None:
    rated = max(shipped_ratings().ratings, key=lambda r: r.n)
    config = race_config(COURSE, results=ONE)
    assert race_name(config, COURSE) is None
    assert race_name(replace(config, race="Alp"), COURSE) == "Alp"
    assert race_name(config, COURSE.called(rated.name)) in (None, rated.name)


# --- a profile, and an archive -----------------------------------------------------------------------------------
def planned_by(bundle: Bundle, **words: str) -> RacePlan:
    return plan_race(shipped()[0], bundle, COURSE, race_config(COURSE, **{"start": START} | words))


def with_profile(bundle: Bundle, text: str = ONE) -> Bundle:
    return replace(bundle, athlete=with_results(bundle.athlete, results_from_text(text)))


def test_results_of_a_profile_count_as_those_that_are_stated(one: RacePlan) -> None:
    kept = planned_by(with_profile(shipped()[1]))
    assert kept.finish_s == one.finish_s and kept.finish_interval_s == one.finish_interval_s
    assert kept.results == one.results
    both = planned_by(with_profile(shipped()[1]), results=f"{ONE}; 30 km, 1500 m, 3:40, 2026-05-01")
    assert both.level is not None and both.level.results == 2


def test_results_of_a_profile_after_the_start_are_not_known_then() -> None:
    early = planned_by(with_profile(shipped()[1]), start="2026-06-01T08:00+01:00")
    assert early.level is not None and early.level.results == 0
    assert {note.code for note in notes(early, shipped()[1].prior.effort)} >= {"results_unused"}


def test_other_efforts_are_slower_than_a_race_by_what_they_usually_are(one: RacePlan) -> None:
    usual_bundle = shipped()[1]
    easy, race = (planned(results=ONE, effort=effort) for effort in ("easy", "race"))
    assert race.finish_s == one.finish_s
    effort = usual_bundle.prior.effort
    ratio = np.exp(effort.pace_per_effort * (effort.easy - effort.race))
    assert easy.finish_s / race.finish_s == pytest.approx(ratio, rel=1e-3) and ratio > 1.05
    assert easy.mean_heart_rate_bpm < race.mean_heart_rate_bpm
    assert width(easy) == pytest.approx(width(race), rel=1e-6)


def test_results_move_an_archive_at_the_effort_race_and_for_goals_only() -> None:
    archive = known_bundle()
    both = with_profile(archive)
    for effort in ("usual", "easy", "150"):
        assert planned_by(both, effort=effort).finish_s == planned_by(archive, effort=effort).finish_s
    before, after = (planned_by(bundle, effort="race") for bundle in (archive, both))
    alone = planned(results=ONE).finish_s
    assert after.level is not None and 0.0 < after.level.archive_share < 1.0
    assert min(before.median_s, alone) < after.finish_s < max(before.median_s, alone)
    assert width(after) < min(width(before), width(planned(results=ONE)))
    assert after.mean_heart_rate_bpm == pytest.approx(before.mean_heart_rate_bpm, abs=2.0)
    goals = [planned_by(bundle, goal="2:00").goal for bundle in (archive, both)]
    assert goals[0] is not None and goals[1] is not None and goals[0].chance != goals[1].chance
    assert goals[1].effort == goals[0].effort
    assert trust(after.plan, after.level).startswith(
        "an athlete with 15 known runs and 1 race result. Both set the level"
    )


def test_the_surer_of_archive_and_results_weighs_more() -> None:
    level = expected(race_config(COURSE, results=ONE, start=START))
    at = level.median_s * 1.3
    sure, unsure = (with_archive(level, COURSE, at, at / x, at * x) for x in (1.1, 2.0))
    assert level.median_s < unsure.median_s < sure.median_s < at
    assert sure.archive_share > 0.5 > unsure.archive_share
    for found in (sure, unsure):
        assert found.low80_s < found.median_s < found.high80_s
        assert found.high80_s / found.low80_s < level.high80_s / level.low80_s


def test_moving_times_have_the_interval_of_the_level(one: RacePlan) -> None:
    assert one.level is not None
    ends = (one.level.low80_s / one.level.median_s, one.level.high80_s / one.level.median_s)
    moving_s = one.plan.finish_s
    assert one.plan.finish_interval_s == pytest.approx((ends[0] * moving_s, ends[1] * moving_s))
    chances = [float(one.plan.band.chance(s, moving_s)) for s in (ends[0] * moving_s, moving_s, ends[1] * moving_s)]
    assert chances == pytest.approx([0.1, 0.5, 0.9], abs=1e-6)


# --- what is said ------------------------------------------------------------------------------------------------
def test_what_was_read_is_said_and_what_would_narrow_the_interval(one: RacePlan) -> None:
    bundle = shipped()[1]
    found = {note.code: note.text for note in notes(one, bundle.prior.effort)}
    assert found["results_read"] == "Read: 6:41 for 50 km and 2,300 m, June 2026"
    assert found["level_from_results"].startswith(
        "The level rests on 1 result; what would narrow the interval: a second result, one of about this length"
    )
    assert "goal_sets_level" not in found
    five = {note.code: note.text for note in notes(planned(results=FIVE), bundle.prior.effort)}
    assert "a second result" not in five["level_from_results"] and "5 results" in five["level_from_results"]
    assert "a runner with 1 race result" in trust(one.plan, one.level)
    assert effort_text(one, bundle.prior.effort).startswith("as in past races")
    said = described(one, bundle)
    assert "1 race result" in said["athlete"] and said["goal"] is None
    assert {note["code"] for note in said["notes"]} >= {"results_read", "level_from_results"}


# --- what is refused ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({"start": "2026-06-01T08:00+01:00"}, "no result before 2026-06-01"),
        ({"results": "50 km, 2300 m, 1:41, 2026"}, "no human is known to be faster"),
    ],
)
def test_what_does_not_go_together_is_refused(words: dict[str, str], expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        planned(**{"results": ONE} | words)


def test_a_name_of_several_races_is_asked_back() -> None:
    config = replace(race_config(COURSE), results=results_from_text(f"{ONE}, trail", date(2026, 11, 25)))
    with pytest.raises(InputError, match="races called 'trail'"):
        level_from_results(config, COURSE)


# --- the distribution --------------------------------------------------------------------------------------------
def test_a_student_t_is_as_tables_have_it() -> None:
    assert student_below([-1.943, 0.0, 1.440, 3.707], 6) == pytest.approx([0.05, 0.5, 0.9, 0.995], abs=2e-4)
    assert student_quantile(0.9, 2) == pytest.approx(1.8856, abs=1e-4)


@settings(max_examples=60, deadline=None)
@given(
    st.floats(0.5, 0.99),
    st.floats(1.01, 2.0),
    st.floats(0.02, 1.0),
    st.floats(0.0, 3_000.0),
    st.floats(600.0, 90_000.0),
)
def test_intervals_and_chances_agree_everywhere(
    low: float, high: float, fraction: float, waited_s: float, moving_s: float
) -> None:
    goal = GoalArrivals(GoalSpread(), moving_s + 3_000.0, 6.0, 0.0)
    band = LevelArrivals(goal, low, high, 6)
    place = (moving_s * fraction, waited_s * fraction, fraction, fraction)
    low_s, high_s = band.interval(*place)
    arrival_s = (moving_s + waited_s) * fraction
    assert 0 < low_s[0] <= arrival_s * low * (1 + 1e-9) and high_s[0] >= arrival_s * high * (1 - 1e-9)
    chances = [float(band.chance(s, *place)[0]) for s in (0.0, low_s[0], arrival_s, high_s[0], 1e9)]
    assert chances[1:4] == pytest.approx([0.1, 0.5, 0.9], abs=1e-6)
    assert chances == sorted(chances)


def test_the_columns_stay_those_of_a_plan(one: RacePlan) -> None:
    assert one.plan.columns[c.HEART_RATE].min() > 60 and np.all(one.plan.columns[c.DURATION] > 0)

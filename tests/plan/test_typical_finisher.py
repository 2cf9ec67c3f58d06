"""The plan of whom nothing is known: a typical finisher's, told by the course and by earlier fields."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lib.athlete.pacing_law import PacingLaw, fading_curve
from lib.athlete.results_level import LevelPrediction
from lib.core.durations import h_mm_ss
from lib.course.course import Course
from lib.plan.race_plan import RacePlan, plan_race
from lib.plan.typical_finisher import typical_finisher
from lib.race.check_ins import CheckIn
from lib.race.config import RaceConfig, race_config
from lib.race.edition import Edition
from lib.race.stations import Station
from lib.report.notes import notes
from lib.report.tables import effort_text, trust
from tests.support.races import course_of, known_bundle, placed, shipped

COURSE = course_of("jacksboro_17_8km")
LAW = PacingLaw()


def planned(course: Course = COURSE, **words: str) -> RacePlan:
    return plan_race(*shipped(), course, race_config(course, **words))


def field_of(runners: int, finish_s: float) -> RaceConfig:
    elapsed_s = np.stack([np.zeros(runners), np.full(runners, finish_s)], axis=1)
    return RaceConfig(editions=(Edition(np.array([0.0, COURSE.length_km]), elapsed_s),))


def flat(km: int) -> Course:
    return placed(np.full(200 * km, 100.0), np.zeros(200 * km), np.linspace(0.0, 0.009 * km, 200 * km))


def level(config: RaceConfig | None = None, course: Course = COURSE) -> LevelPrediction:
    return typical_finisher(LAW, course, config or RaceConfig())


# --- the level ---------------------------------------------------------------------------------------------------
def test_on_the_flat_it_is_one_base_pace_slowed_by_the_law() -> None:
    for km in (5, 42, 100):
        median_s = level(course=flat(km)).median_s
        hours = (np.arange(1_000) + 0.5) / 1_000 * median_s / 3600.0
        # Fading is a mean over the way, not over time: the inverse of the mean speed.
        slowed = 1.0 / np.mean(1.0 / fading_curve(LAW, hours, median_s / 3600.0, 4.95))
        assert median_s == pytest.approx(4.95 * 60.0 * km * LAW.trail * slowed, rel=0.01)


def test_a_road_is_faster_than_a_trail() -> None:
    course = flat(20)
    roads = replace(course, ground=np.full(course.steps, "road"))
    assert level(course=roads).median_s < 0.95 * level(course=course).median_s


def test_an_earlier_field_says_more_the_more_finished() -> None:
    alone = level()
    later_s = 1.3 * alone.median_s
    levels = [level(field_of(runners, later_s)) for runners in (1, 10, 300)]
    medians = [alone.median_s, *(one.median_s for one in levels), later_s]
    widths = [one.high80_s / one.low80_s for one in (alone, *levels)]
    assert medians == sorted(set(medians)) and widths == sorted(set(widths), reverse=True)
    assert levels[-1].median_s > 1.2 * alone.median_s and widths[-1] > 1.4


# --- the plan ----------------------------------------------------------------------------------------------------
def test_without_runs_and_results_the_plan_is_a_typical_finishers() -> None:
    race = planned()
    assert race.goal is None and race.level is not None and race.level.results == 0
    assert race.finish_s == pytest.approx(level().median_s, abs=1.0)
    assert race.finish_interval_s == pytest.approx((level().low80_s, level().high80_s), rel=1e-3)
    assert trust(race.plan, race.level).startswith("nobody in particular, a typical finisher")
    assert "typical finisher" in effort_text(race, shipped()[1].prior.effort)
    assert plan_race(shipped()[0], known_bundle(runs=1), COURSE).level is None


def test_the_chance_of_a_goal_is_that_of_a_typical_finisher() -> None:
    one = level()
    races = [planned(goal=h_mm_ss(s)) for s in (one.low80_s, one.median_s, one.high80_s)]
    assert [race.goal.chance for race in races if race.goal] == pytest.approx([0.1, 0.5, 0.9], abs=0.02)
    assert "goal_sets_level" in {note.code for note in notes(races[0], shipped()[1].prior.effort)}


def test_other_efforts_and_a_hot_day_change_the_time() -> None:
    easy, usual, hard, hot = planned(effort="easy"), planned(), planned(effort="race"), planned(temperature="30")
    assert hard.finish_s < usual.finish_s < easy.finish_s < 1.3 * hard.finish_s
    assert usual.finish_s < hot.finish_s < 1.2 * usual.finish_s
    at_bpm = [planned(effort=f"{usual.mean_heart_rate_bpm + more:.2f}") for more in (-10.0, 0.0, 10.0)]
    assert at_bpm[0].finish_s > 1.01 * usual.finish_s > 1.02 * at_bpm[2].finish_s
    assert at_bpm[1].finish_s == pytest.approx(usual.finish_s, rel=0.02)


@pytest.mark.parametrize("stop_s", [60.0, 7_200.0])
def test_usual_stops_are_in_the_time_and_longer_ones_come_on_top(stop_s: float) -> None:
    usual = planned()
    race = plan_race(*shipped(), COURSE, RaceConfig(stations=(Station("Hut", 9_000.0, stop_s),)))
    habit_s = usual.standing.expected_s
    assert 60.0 < habit_s < 1_200.0
    assert race.plan.finish_s == usual.plan.finish_s
    assert race.finish_s - usual.finish_s == pytest.approx(max(stop_s - habit_s, 0.0), abs=60.0)
    assert race.median_s == pytest.approx(race.finish_s, rel=1e-3)


def test_who_checks_in_to_plan_stays_on_it() -> None:
    before = planned()
    seen = (CheckIn("8 km", 8_000.0, float(before.arrival_s[1_599])),)
    now = plan_race(*shipped(), COURSE, replace(before.config, check_ins=seen))
    assert now.finish_s == pytest.approx(before.finish_s, rel=2e-3)
    assert np.ptp(now.finish_interval_s) < 0.5 * np.ptp(before.finish_interval_s)

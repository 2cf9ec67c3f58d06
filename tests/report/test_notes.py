"""Given races whose words do not fit together: each trouble is said in words, and nothing if all is well."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from lib.athlete.prior import Effort
from lib.core.note import Note
from lib.plan.goal import Goal
from lib.plan.race_plan import RacePlan, plan_race
from lib.race.clock import parse_start
from lib.race.config import RaceConfig, race_config
from lib.race.stations import Station
from lib.report.notes import cutoff_notes, notes, percent, when
from tests.support.plans import flat_plan
from tests.support.races import UNHURRIED, course_of, known_bundle, race_of, shipped

EFFORT = Effort(easy=-1.0, steady=0.0, race=1.6)
START = parse_start("2026-06-20T05:30", "Europe/Paris")
SNAPSHOT = Path(__file__).with_name("notes_snapshot.txt")
PLAN = flat_plan(2_000)  # 10 km, 4,000 s


def race_with(*stations: Station, **more: object) -> RacePlan:
    return race_of(PLAN, replace(UNHURRIED, stations=stations, **more))  # type: ignore[arg-type]


def only(found: tuple[Note, ...]) -> Note:
    assert len(found) == 1
    return found[0]


# --- numbers -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("chance", "text"),
    [
        (0.0, "under 1%"), (0.0099, "under 1%"), (0.01, "1%"), (0.224, "22%"), (0.226, "23%"),
        (0.99, "99%"), (0.991, "over 99%"), (1.0, "over 99%"),
    ],
)  # fmt: skip
def test_chances_have_no_digits_where_nothing_is_known(chance: float, text: str) -> None:
    assert percent(chance) == text


def test_a_time_is_told_on_the_clock_too_where_the_start_is_known() -> None:
    assert when(race_with(), 3_723.0) == "1:02:03"
    assert when(race_with(start=START), 3_723.0) == "1:02:03 (06:32)"


# --- cut-offs ----------------------------------------------------------------------------------------------------
def test_a_cut_off_that_is_made_easily_is_not_worth_a_word() -> None:
    assert notes(race_with(Station("Hut", 5_000.0, 60.0, 9_000.0)), EFFORT) == ()


@pytest.mark.parametrize(
    ("stop_s", "cutoff_s", "code", "late_s", "margin_s"),
    [
        (0.0, 600.0, "cutoff_out_of_reach", 1_400.0, -1_400.0),
        (0.0, 1_900.0, "cutoff_missed", 100.0, -100.0),
        (600.0, 2_200.0, "stop_too_long", -200.0, -400.0),
        (60.0, 2_190.0, "cutoff_close", -190.0, 130.0),
    ],
)
def test_a_cut_off_that_is_missed_or_close_is_said(
    stop_s: float, cutoff_s: float, code: str, late_s: float, margin_s: float
) -> None:
    said = only(cutoff_notes(race_with(Station("Hut", 5_000.0, stop_s, cutoff_s))))
    assert (said.code, said.values["late_s"], said.values["margin_s"]) == (code, late_s, margin_s)
    assert said.text.startswith("Hut: cut-off ") and percent(said.values["chance"])


def test_cut_offs_out_of_order_are_worth_a_look() -> None:
    said = only(cutoff_notes(race_with(Station("A", 2_000.0, 0.0, 9_000.0), Station("B", 5_000.0, 0.0, 8_000.0))))
    assert said.code == "cutoffs_out_of_order" and dict(said.values) == {"cutoff_s": 8_000.0, "before_s": 9_000.0}
    same = Station("A", 2_000.0, 0.0, 9_000.0), Station("B", 5_000.0, 0.0, 9_000.0)
    assert cutoff_notes(race_with(*same)) == ()


def in_trouble() -> RacePlan:
    return race_with(
        Station("Line", 0.0, 120.0, 300.0),
        Station("Hut", 5_000.0, 0.0, 600.0),
        Station("Home", 10_000.0, 90.0, 3_000.0),
        notes=("waypoint Hotel: far away",),
        start=START,
    )


def test_every_trouble_is_said_in_order() -> None:
    assert [note.code for note in notes(in_trouble(), EFFORT)] == [
        "waypoint_left_out", "stop_without_effect", "stop_without_effect", "cutoff_at_start", "cutoff_out_of_reach",
        "cutoff_out_of_reach",
    ]  # fmt: skip


# --- goals, efforts, starts --------------------------------------------------------------------------------------
def test_a_goal_that_is_unlikely_is_said() -> None:
    for chance, number in ((0.049, 1), (0.051, 0)):
        goal = Goal(3_000.0, 3_000.0, chance, 1.0)
        race = replace(race_with(), plan=replace(PLAN, runs=20), goal=goal)
        assert [note.code for note in notes(race, EFFORT)] == ["goal_unlikely"] * number


def test_a_goal_of_somebody_unknown_sets_the_level() -> None:
    race = replace(race_with(), goal=Goal(3_000.0, 3_000.0, 0.3, None))
    assert only(notes(race, EFFORT)).code == "goal_sets_level"


def test_an_effort_that_hardly_any_run_had_is_said() -> None:
    """97.5% of a normal distribution are below 1.96, which is 1.9065 where 1.6 is 95%."""
    assert notes(replace(race_with(), effort=1.90), EFFORT) == ()
    said = only(notes(replace(race_with(), effort=1.91, usual_heart_rate_bpm=151.2), EFFORT))
    assert said.code == "effort_rare"
    assert dict(said.values) == {"heart_rate_bpm": pytest.approx(140.0), "usual_heart_rate_bpm": 151.2}


def test_a_recording_of_another_day_than_the_start_is_said() -> None:
    near, far = START + timedelta(hours=11), START.replace(year=2019)
    assert notes(replace(race_with(start=START), recorded_start=near), EFFORT) == ()
    assert only(notes(replace(race_with(start=START), recorded_start=far), EFFORT)).code == "start_differs"


def test_both_are_said_of_a_race_that_is_aimed_too_high() -> None:
    backend, bundle = shipped()[0], known_bundle(scores=(0.3, -0.3) * 30)  # runs much as expected
    course = course_of("powell_valley_5km")
    free = plan_race(backend, bundle, course, RaceConfig())
    aimed = race_config(course, goal=f"0:{int(free.finish_s * 0.83 / 60)}")
    found = notes(plan_race(backend, bundle, course, aimed), bundle.prior.effort)
    assert [note.code for note in found] == ["goal_unlikely", "effort_rare"]
    assert notes(free, bundle.prior.effort) == ()


def test_a_note_never_has_two_lines() -> None:
    race = race_with(*(Station(f"S{i}", 1_000.0 * i, 60.0, 100.0 * i + 1.0) for i in range(11)))
    assert all(note.text.isprintable() for note in notes(race, EFFORT))


def every_note() -> list[str]:
    """A line for each kind of note."""
    of_cutoffs = [
        cutoff_notes(race_with(Station("Hut", 5_000.0, stop_s, cutoff_s), start=START))
        for stop_s, cutoff_s in ((0.0, 600.0), (0.0, 1_900.0), (600.0, 2_200.0), (60.0, 2_190.0))
    ]
    order = cutoff_notes(race_with(Station("A", 2_000.0, 0.0, 9_000.0), Station("B", 5_000.0, 0.0, 8_000.0)))
    goal = replace(race_with(), goal=Goal(3_000.0, 3_000.0, 0.0, 1.0), effort=1.91, usual_heart_rate_bpm=151.2)
    elsewhere = replace(race_with(start=START), recorded_start=START.replace(year=2019))
    found = [*notes(in_trouble(), EFFORT), *sum(of_cutoffs, ()), *order, *notes(goal, EFFORT)]
    return [f"{note.code}: {note.text}" for note in [*found, *notes(elsewhere, EFFORT)]]


def test_the_prose_is_that_of_the_snapshot() -> None:
    """Rewording changes this file alone: write what `every_note` gives to it."""
    assert every_note() == SNAPSHOT.read_text(encoding="utf-8").splitlines()

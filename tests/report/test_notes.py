"""Given races whose words do not fit together: each trouble is said in words, and nothing if all is well."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lib.athlete.prior import Effort
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
PLAN = flat_plan(2_000)  # 10 km, 4,000 s


def race_with(*stations: Station, **more: object) -> RacePlan:
    return race_of(PLAN, replace(UNHURRIED, stations=stations, **more))  # type: ignore[arg-type]


def only(found: tuple[str, ...]) -> str:
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


def test_a_cut_off_before_anybody_is_there_is_said_to_be_out_of_reach() -> None:
    said = only(cutoff_notes(race_with(Station("Hut", 5_000.0, 0.0, 600.0), start=START)))
    assert said == (
        "Hut: cut-off 0:10:00 (05:40) comes 24 min before the expected arrival 0:33:20 (06:03): "
        "out of reach on anything like a usual day"
    )


def test_a_cut_off_somewhat_before_the_arrival_has_a_chance() -> None:
    said = only(cutoff_notes(race_with(Station("Hut", 5_000.0, 0.0, 1_900.0))))
    assert said.startswith("Hut: cut-off 0:31:40 comes 2 min before the expected arrival 0:33:20: a chance of 40% ")
    assert said.endswith("to leave in time")


def test_a_stop_longer_than_the_cut_off_allows_is_said() -> None:
    said = only(cutoff_notes(race_with(Station("Hut", 5_000.0, 600.0, 2_200.0))))
    assert said == (
        "Hut: cut-off 0:36:40 is reached in time, but the planned stop of 10 min ends 7 min after it: "
        "3 min are left for it"
    )


def test_a_close_cut_off_is_said_with_its_chance() -> None:
    said = only(cutoff_notes(race_with(Station("Hut", 5_000.0, 60.0, 2_190.0))))
    assert said.startswith("Hut: cut-off 0:36:30: 2 min to spare as expected, but a chance of ")
    assert 20 < int(said.split()[-4].removesuffix("%")) < 40 and said.endswith("to miss it")


def test_cut_offs_out_of_order_are_worth_a_look() -> None:
    said = only(cutoff_notes(race_with(Station("A", 2_000.0, 0.0, 9_000.0), Station("B", 5_000.0, 0.0, 8_000.0))))
    assert said == "B: cut-off 2:13:20 is before that of A, 2:30:00: check both"
    same = Station("A", 2_000.0, 0.0, 9_000.0), Station("B", 5_000.0, 0.0, 9_000.0)
    assert cutoff_notes(race_with(*same)) == ()


def test_every_trouble_is_said_in_order() -> None:
    race = race_with(
        Station("Line", 0.0, 120.0, 300.0),
        Station("Hut", 5_000.0, 0.0, 600.0),
        Station("Home", 10_000.0, 90.0, 3_000.0),
        notes=("waypoint Hotel: far away",),
    )
    assert [text.split(":")[0] for text in notes(race, EFFORT)] == [
        "waypoint Hotel", "Line", "Home", "Line", "Hut", "Home",
    ]  # fmt: skip
    assert notes(race, EFFORT)[1:4] == (
        "Line: a stop of 2 min at the start or the finish changes no arrival",
        "Home: a stop of 2 min at the start or the finish changes no arrival",
        "Line: a cut-off at the start is left out",
    )


# --- targets and efforts -----------------------------------------------------------------------------------------
def test_a_target_that_is_unlikely_is_said() -> None:
    for chance, number in ((0.049, 1), (0.051, 0)):
        race = replace(race_with(), goal=Goal(3_000.0, 3_000.0, chance, 1.0))
        assert len(notes(race, EFFORT)) == number
    race = replace(race_with(), goal=Goal(3_000.0, 3_000.0, 0.0, 1.0))
    assert only(notes(race, EFFORT)) == ("The goal 0:50:00 has a chance of under 1% on a usual day")


def test_an_effort_that_hardly_any_run_had_is_said() -> None:
    """97.5% of a normal distribution are below 1.96, which is 1.9065 where 1.6 is 95%."""
    assert notes(replace(race_with(), effort=1.90), EFFORT) == ()
    said = only(notes(replace(race_with(), effort=1.91, usual_heart_rate_bpm=151.2), EFFORT))
    assert said == (
        "It takes an effort (mean heart rate 140 bpm, usual for such a run 151) that fewer than 1 in 40 past runs "
        "had: it may not be held"
    )


def test_both_are_said_of_a_race_that_is_aimed_too_high() -> None:
    backend, bundle = shipped()[0], known_bundle(scores=(0.3, -0.3) * 30)  # runs much as expected
    course = course_of("powell_valley_5km")
    free = plan_race(backend, bundle, course, RaceConfig())
    aimed = race_config(course, goal=f"0:{int(free.finish_s * 0.83 / 60)}")
    found = notes(plan_race(backend, bundle, course, aimed), bundle.prior.effort)
    assert [text.split()[0] for text in found] == ["The", "It"]
    assert notes(free, bundle.prior.effort) == ()


def test_a_note_never_has_two_lines() -> None:
    race = race_with(*(Station(f"S{i}", 1_000.0 * i, 60.0, 100.0 * i + 1.0) for i in range(11)))
    assert not any("\n" in text for text in notes(race, EFFORT))
    assert np.all([text.isprintable() for text in notes(race, EFFORT)])

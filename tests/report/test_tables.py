"""Tables of races made by hand say what a runner reads, and rows add up to what is shown."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.athlete.prior import Effort
from lib.core import schema as c
from lib.core.durations import h_mm_ss
from lib.plan.goal import Goal
from lib.plan.moving_plan import plan_from
from lib.plan.race_plan import RacePlan, plan_race
from lib.plan.splits import climbs, descents, kilometres, miles
from lib.race.clock import parse_start
from lib.race.config import RaceConfig, race_config
from lib.race.stations import Station
from lib.report.tables import Text, at, between, climbs_table, effort_text, even_table, legs_table, title_lines, trust
from tests.support.plans import BAND, flat_plan, make_course, make_prediction
from tests.support.races import UNHURRIED, course_of, known_bundle, race_of, shipped

EFFORT = Effort(easy=-1.0, steady=0.0, race=1.6)
START = parse_start("2026-06-20T22:30", "Europe/Paris")
PLAN = flat_plan(2_000)  # 10 km, 4,000 s
USUALLY = "mean heart rate 140 bpm, 151 is usual for such a run"


def race_with(*stations: Station, **more: object) -> RacePlan:
    return race_of(PLAN, replace(UNHURRIED, stations=stations, **more))  # type: ignore[arg-type]


def uneven(steps: int, **config: object) -> RacePlan:
    rng = np.random.default_rng(steps)
    altitude_m = 300.0 + 80.0 * np.sin(np.arange(steps) / 90.0)
    plan = plan_from(make_course(altitude_m), make_prediction(rng.uniform(1.5, 4.0, steps)), BAND)
    return race_of(plan, RaceConfig(**config), known_bundle())  # type: ignore[arg-type]


def seconds(text: str) -> int:
    hours, minutes, rest = map(int, text.split(":"))
    return hours * 3600 + minutes * 60 + rest


def same_length(table: dict[str, Text]) -> bool:
    return len({len(column) for column in table.values()}) == 1


# --- words -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("runs", "word"), [(0, "nobody in particular"), (1, "1 known run."), (9, "few"), (10, "Level")]
)
def test_trust_depends_on_how_many_runs_are_known(runs: int, word: str) -> None:
    course = make_course(np.full(200, 0.0))
    assert word in trust(plan_from(course, make_prediction(np.full(200, 2.0)), BAND, runs))


def test_times_are_clocks_where_the_start_is_known() -> None:
    race, timed = race_with(), race_with(start=START)
    assert (at(race, 3_723.0), at(timed, 3_723.0), at(timed, 7_200.0)) == ("1:02:03", "23:32", "Sun 00:30")
    assert between(timed, 3_569.0, 3_571.0) == "23:29 to 23:30"
    assert between(timed, 3_600.0, 7_200.0) == "23:30 to Sun 00:30"
    assert between(timed, 7_200.0, 9_000.0) == "Sun 00:30 to 01:00"
    assert between(timed, 90_000.0, 97_200.0) == "Sun 23:30 to Mon 01:30"
    assert between(timed, 7 * 86_400.0, 7 * 86_400.0 + 600) == "Sat 27 Jun 22:30 to 22:40"


def test_an_interval_without_clocks_is_to_the_nearest_minute() -> None:
    assert between(race_with(), 3_569.0, 3_571.0) == "0:59 to 1:00"


@pytest.mark.parametrize(
    ("effort", "config", "text"),
    [
        (None, {}, "as usual, mean heart rate 140 bpm"),
        (0.0, {"effort": "steady"}, f"steady: {USUALLY}; harder than 50% of past runs"),
        (1.6, {"effort": "152"}, f"{USUALLY}; harder than 95% of past runs"),
        (4.0, {}, f"{USUALLY}; harder than almost all past runs"),
        (-4.0, {}, f"{USUALLY}; easier than almost all past runs"),
    ],
)  # fmt: skip
def test_an_effort_is_said_in_heart_rate_and_in_past_runs(effort: float | None, config: dict, text: str) -> None:
    race = replace(race_with(), effort=effort, usual_heart_rate_bpm=151.0)
    assert effort_text(replace(race, config=replace(race.config, **config)), EFFORT) == text


# --- the middle --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("standing_s", [0.0, None])
def test_an_even_chance_is_one(standing_s: float | None) -> None:
    race = race_of(PLAN, RaceConfig(standing_s=standing_s), known_bundle(scores=(0.5, 1.0, -0.2)))
    found = race.chance(np.array([race.median_s]), np.array([1_999]))
    assert found == pytest.approx([0.5], abs=1e-6)
    low_s, high_s = race.finish_interval_s
    assert low_s < race.median_s < high_s


# --- the title ---------------------------------------------------------------------------------------------------
def test_the_title_says_the_race_in_a_few_lines() -> None:
    race = race_with(Station("Hut", 5_000.0, 150.0), start=START, standing_s=90.0)
    low, high = (h_mm_ss(s) for s in race.finish_interval_s)
    assert title_lines(race, EFFORT) == {
        "Start": "Sat 20 Jun 2026 22:30 CEST",
        "Course": "10.00 km, 0 m up, 0 m down",
        "Finish": "1:10:40, at 23:41",
        "80% interval": f"{low} to {high}",
        "Moving": "1:06:40, 6:40 min/km",
        "Planned stops": "2.5 min",
        "Other stops": "2 min (2 to 2)",
        "Effort": "as usual, mean heart rate 140 bpm",
    }
    assert list(title_lines(race_with(), EFFORT))[:2] == ["Course", "Finish"]
    assert title_lines(race_with(), EFFORT)["Finish"] == "1:06:40"


def test_a_goal_is_said_with_its_chance() -> None:
    race = replace(race_with(), goal=Goal(3_900.0, 3_800.0, 0.234, 1.1))
    assert title_lines(race, EFFORT)["Goal"] == "1:05:00, a chance of 23% as usual"
    for chance, said in ((0.0052, "about 1 in 190"), (0.0009, "less than 1 in 1,000")):
        unlikely = replace(race, goal=Goal(3_900.0, math.nan, chance, None))
        assert title_lines(unlikely, EFFORT)["Goal"] == f"1:05:00, a chance of {said} from here"
    race = replace(race, goal=Goal(3_900.0, math.nan, 0.005, None))
    assert title_lines(race, EFFORT)["Goal"] == "1:05:00, a chance of about 1 in 200 from here"


# --- legs --------------------------------------------------------------------------------------------------------
def test_columns_appear_where_they_have_something_to_say() -> None:
    plain = legs_table(race_with(Station("Hut", 5_000.0)))
    assert list(plain) == [
        "to", "km", "arrival", "80% interval", "leg", "up / down (m)", "moving", "pace", "GAP", "bpm", "spm",
    ]  # fmt: skip
    assert plain["to"] == ["Hut", "Finish"] and plain["km"] == ["5.0", "10.0"] and plain["leg"] == ["5.0", "5.0"]
    full = legs_table(race_with(Station("Hut", 5_000.0, 150.0, 2_400.0), start=START))
    assert set(full) - set(plain) == {"clock", "stop", "cut-off", "margin", "in time"}
    assert (full["stop"], full["cut-off"], full["margin"]) == (["2.5 min", ""], ["23:10", ""], ["4 min", ""])
    assert full["clock"] == ["23:03", "23:39"] and full["in time"][1] == ""
    assert legs_table(race_with(Station("Hut", 5_000.0, 0.0, 2_400.0)))["cut-off"] == ["0:40:00", ""]
    assert same_length(full)


@pytest.mark.parametrize(("stop_s", "text"), [(30.0, "0.5 min"), (95.0, "1.6 min"), (86_400.0, "1440 min")])
def test_stops_are_minutes(stop_s: float, text: str) -> None:
    assert legs_table(race_with(Station("Hut", 5_000.0, stop_s)))["stop"][0] == text


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 2_500), st.lists(st.floats(0, 12_000), max_size=6))
def test_moving_times_of_rows_add_up_to_what_is_shown(steps: int, metres: list[float]) -> None:
    stations = tuple(Station(f"S{i}", m, 61.0) for i, m in enumerate(sorted(metres)))
    race = uneven(steps, stations=stations, start=START)
    tables = [legs_table(race), even_table(race, kilometres(race)), even_table(race, miles(race))]
    for table in tables:
        assert same_length(table)
        assert sum(seconds(text) for text in table["moving"]) == seconds(h_mm_ss(race.plan.finish_s))
        assert table["arrival"][-1] == h_mm_ss(race.finish_s)
        assert table["clock"][-1] == at(race, race.finish_s)
    by_km = tables[1]
    full = [i for i, km in enumerate(by_km["to km"]) if float(km).is_integer()]
    # The pace of a whole kilometre is the time beside it.
    assert all(seconds(by_km["moving"][i]) == seconds(f"0:{by_km['pace'][i]}") for i in full)


# --- climbs, kilometres, miles -----------------------------------------------------------------------------------
def test_climbs_and_descents_come_in_the_order_of_the_course() -> None:
    table = climbs_table(uneven(4_000))
    assert table[""] == ["▲", "▼"] * (len(table[""]) // 2) + ["▲"] * (len(table[""]) % 2) and len(table[""]) > 5
    assert table["gain (m)"][0].startswith("+") and table["gain (m)"][1].startswith("-")
    begins, ends = zip(*(text.split(" to ") for text in table["km"]), strict=True)
    assert list(map(float, begins)) == sorted(map(float, begins))
    assert all(float(b) < float(e) for b, e in zip(begins, ends, strict=True))
    race = uneven(4_000)
    parts = [np.column_stack([x[c.FIRST_STEP], x[c.MEAN_SLOPE], x[c.DURATION]]) for x in (climbs(race), descents(race))]
    found = sorted(np.concatenate(parts).tolist())
    assert table["mean"] == [f"{100 * slope:.0f}%" for _, slope, _ in found]
    assert table["moving"] == [h_mm_ss(moving_s) for _, _, moving_s in found]
    assert same_length(table)


def test_a_flat_course_has_an_empty_table_of_climbs() -> None:
    assert {len(column) for column in climbs_table(race_with()).values()} == {0}


def test_kilometres_and_miles_are_named_by_their_ends() -> None:
    race = race_of(flat_plan(1_101))
    assert even_table(race, kilometres(race))["to km"] == ["1", "2", "3", "4", "5", "5.505"]
    assert even_table(race, miles(race))["to mile"] == ["1", "2", "3", "finish"]
    ten = race_of(PLAN)
    assert even_table(ten, kilometres(ten))["to km"][-1] == "10"


# --- a real course -----------------------------------------------------------------------------------------------
def test_a_real_race_reads_well() -> None:
    course = course_of("powell_valley_5km")
    config = race_config(
        course, start="2026-06-20T23:40+02:00", stations="name,km,cutoff\nMill,2,00:10\n", stop_min="2", goal="0:38"
    )
    race = plan_race(shipped()[0], known_bundle(), course, config)
    title = title_lines(race, shipped()[1].prior.effort)
    assert title["Finish"] == "0:38:00, at Sun 00:18" and title["Planned stops"] == "2 min"
    table = legs_table(race)
    assert table["to"] == ["Mill", "Finish"] and table["cut-off"] == ["Sun 00:10", ""]
    assert table["clock"][1] == "Sun 00:18"
    assert even_table(race, kilometres(race))["to km"] == ["1", "2", "3", "4", "5"]
    assert kilometres(race)[c.DURATION].sum() == race.plan.finish_s

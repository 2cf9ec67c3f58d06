"""Given variants made by hand: their tables and sentences say what is in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from lib.core import schema as c
from lib.plan.compare import Variant
from lib.plan.daylight import dark_sections
from lib.plan.moving_plan import plan_from
from lib.race.config import RaceConfig
from lib.race.stations import Station
from lib.report.compare_tables import chance_within, dark_share, ground_table, reading, side_by_side, variants_table
from tests.support.plans import BAND, make_course, make_prediction
from tests.support.races import UNHURRIED, race_of

AIDS = replace(UNHURRIED, stations=(Station("Aid", 1000.0, 60.0), Station("Hut", 1500.0, cutoff_s=1000.0)))
NOON = datetime(2026, 6, 20, 12, tzinfo=ZoneInfo("UTC"))
MIDNIGHT = datetime(2026, 6, 20, 0, tzinfo=ZoneInfo("UTC"))


def variant(label: str, step_s: float | np.ndarray, config: RaceConfig = UNHURRIED, bpm: float = 140.0) -> Variant:
    course = make_course(np.full(400, 100.0))
    prediction = make_prediction(np.broadcast_to(step_s, 400), bpm)
    return Variant(label, race_of(plan_from(course, prediction, BAND), config))


def test_the_table_has_a_row_for_each_and_leaves_out_what_is_not_known() -> None:
    table = variants_table([variant("a", 2.0), variant("b", 2.5, bpm=150.0)], 900.0)
    assert table["variant"] == ["a", "b"]
    assert table["finish"] == ["0:13:20", "0:16:40"]
    assert table["to the first"] == ["0:00", "+3:20"]
    assert table["pace (min/km)"] == ["6:40", "8:20"]
    assert table["heart rate (bpm)"] == ["140", "150"]
    assert int(table["under 0:15"][0].rstrip("%")) > 50 > int(table["under 0:15"][1].rstrip("%"))
    assert not {"at", "in the dark", "least margin"} & set(table)


def test_clocks_dark_and_slack_are_there_where_there_are_some() -> None:
    found = [variant("noon", 2.0, replace(AIDS, start=NOON)), variant("night", 2.0, replace(AIDS, start=MIDNIGHT))]
    table = variants_table(found, 900.0)
    assert table["at"] == ["12:14", "00:14"]
    assert table["in the dark"] == ["0%", "100%"]
    assert table["least margin"] == ["6 min", "6 min"]  # at the hut after 300 x 2 s + 60 s of 1,000 s


def test_the_interval_is_in_one_line() -> None:
    assert " " not in variants_table([variant("a", 2.0), variant("b", 2.5)], 900.0)["80% interval"][0]


def test_the_dark_is_a_share_of_time_not_of_way() -> None:
    slow_first = np.repeat([6.0, 2.0], 200)  # 1,200 s and 400 s
    start = datetime(2026, 6, 20, 5, 20, tzinfo=ZoneInfo("UTC"))  # twilight begins some 20 minutes later
    race = variant("x", slow_first, replace(UNHURRIED, start=start)).race
    ((first, last),) = dark_sections(race)
    assert (first, dark_share(race)) == (0, pytest.approx(race.arrival_s[last - 1] / 1600.0))
    assert dark_share(race) > last / 400 + 0.05


def test_the_chance_of_a_time_is_that_of_the_finish() -> None:
    race = variant("a", 2.0).race
    assert chance_within(race, 800.0) == pytest.approx(0.5, abs=0.02)
    assert chance_within(race, 600.0) < 0.1 < 0.9 < chance_within(race, 1100.0)


def test_stations_lie_side_by_side_with_the_difference_to_the_first() -> None:
    found = [variant("a", 2.0, AIDS), variant("b", 2.5, AIDS)]
    assert side_by_side(found) == {
        "to": ["Aid", "Hut", "Finish"],
        "km": ["1.0", "1.5", "2.0"],
        "a": ["0:06:40", "0:11:00", "0:14:20"],
        "b": ["0:08:20\u00a0(+1:40)", "0:13:30\u00a0(+2:30)", "0:17:40\u00a0(+3:20)"],
    }


def test_on_the_clock_the_difference_stays_one_of_race_time() -> None:
    found = [variant("a", 2.0, replace(AIDS, start=NOON)), variant("b", 2.5, replace(AIDS, start=MIDNIGHT))]
    assert side_by_side(found)["b"][-1] == "00:18\u00a0(+3:20)"


def test_the_ground_table_adds_up_and_has_no_empty_ground() -> None:
    table = ground_table([variant("a", 2.0), variant("b", 2.5, AIDS)])
    assert table == {
        "ground": ["within 5%", "stops", "all"],
        "of the way": ["100%", "", "100%"],
        "b": ["+3:20", "+1:00", "+4:20"],
    }


def test_the_reading_names_the_fastest_the_slowest_and_what_the_day_brings() -> None:
    lines = reading([variant("slow", 2.1, AIDS), variant("fast", 2.0, bpm=160.0)])
    assert lines[0].startswith("Fastest: fast, in 0:13:20 (its 80% interval alone is ")
    assert lines[0].endswith("Slowest: slow, 2 min more.")
    assert lines[1] == "What a day brings by itself is more than that difference."
    assert "60% of the difference is stopped time." in lines
    assert "Highest heart rate: fast, 20 bpm above slow." in lines
    far = reading([variant("slow", 6.0), variant("fast", 2.0)])
    assert "That difference is more than what a day brings by itself." in far


def test_the_reading_says_on_which_ground_a_gap_arises() -> None:
    course = make_course(100.0 + np.cumsum(np.repeat([0.0, 0.2], 200) * c.STEP_M))
    steep = course.columns[c.SLOPE_100M] > 0.05
    slow, fast = (
        Variant(name, race_of(plan_from(course, make_prediction(np.where(steep, s, 2.0)), BAND)))
        for name, s in (("slow", 8.0), ("fast", 6.0))
    )
    assert any(line.startswith("100% of the difference arises climbing") for line in reading([slow, fast]))


def test_what_is_won_back_is_a_time_and_no_negative_share() -> None:
    course = make_course(np.concatenate([100.0 + 0.5 * np.arange(200), 200.0 - 0.5 * np.arange(200)]))

    def hilly(label: str, up_s: float, down_s: float) -> Variant:
        prediction = make_prediction(np.repeat([up_s, down_s], 200))
        return Variant(label, race_of(plan_from(course, prediction, BAND), UNHURRIED))

    lines = reading([hilly("climber", 2.0, 2.0), hilly("sprinter", 3.8, 1.5)])
    assert any(line.startswith("sprinter loses 6 min climbing (over 5%)") for line in lines)
    assert any(line.startswith("sprinter wins back 2 min descending (over 5%)") for line in lines)
    assert not any(line.startswith("-") for line in lines)


def test_the_reading_says_who_is_in_the_dark() -> None:
    noon, night = (
        variant(name, 2.0, replace(UNHURRIED, start=at)) for name, at in (("noon", NOON), ("night", MIDNIGHT))
    )
    assert reading([noon, night]) == (
        "All take the same time: 0:13:20.",
        "Most in the dark: night, 100% of the time; least: noon, 0%.",
    )
    assert reading([noon, replace(noon, label="noon 2")])[-1] == "None is in the dark."
    assert reading([night, replace(night, label="b")])[-1] == "All are in the dark for 100% of the time."

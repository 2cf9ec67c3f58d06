"""Given plans and runs made by hand: tables and sentences say what happened."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lib.core import schema as c
from lib.race.stations import Station
from lib.report.review_tables import (
    climb_review_table,
    even_review_table,
    ground_review_table,
    leg_review_table,
    reading,
    review_lines,
    shape_errors,
    stops_table,
)
from tests.support.races import UNHURRIED
from tests.support.reviewed import ran, review_of, stops_at

STEPS = 1000
EVEN = np.full(STEPS, 2.0)
AID = replace(UNHURRIED, stations=(Station("Aid", 2000.0, 60.0),))
HILL = 100.0 + 100.0 * np.sin(np.linspace(0, np.pi, STEPS))


def test_the_head_says_time_interval_level_and_hearts() -> None:
    lines = review_lines(review_of(EVEN, ran(1.05 * EVEN, stop_s=stops_at(STEPS, at_10=45.0))))
    assert lines["Moving"].startswith("0:35:00 instead of 0:33:20 (+1:40, +5.0%); inside the 80% interval, ")
    assert lines["Moving"].endswith("of runs were expected to be faster")
    assert lines["Race time"].startswith("0:35:45 instead of 0:33:20 (+2:25, +7.2%)")
    assert lines["Level"] == "5.0% slower"
    assert lines["Stops"] == "45 s; 0 s were in the plan"
    assert lines["Mean heart rate"] == "150 bpm instead of 140 (+10)"
    assert lines["Mean cadence"] == "164 spm instead of 160 (+4)"
    assert lines["Course"] == "5.00 km, 0 m up, 0 m down"


def test_the_head_leaves_out_what_was_not_measured_and_says_how_far_it_went() -> None:
    lines = review_lines(review_of(EVEN, ran(EVEN[:500], of=STEPS, heart_rate=np.nan, cadence=np.nan)))
    assert not {"Mean heart rate", "Mean cadence"} & set(lines)
    assert "the recording ends at km 2.50" in lines["Course"]
    assert lines["Level"] == "as planned"


@pytest.mark.parametrize(
    ("factor", "inside", "said"),
    [(3.0, "outside", "almost all runs were expected"), (0.2, "outside", "hardly any run was expected")],
)
def test_far_out_there_are_no_digits(factor: float, inside: str, said: str) -> None:
    line = review_lines(review_of(EVEN, ran(factor * EVEN)))["Moving"]
    assert f"{inside} the 80% interval" in line and said in line


def test_kilometres_stand_side_by_side() -> None:
    actual = EVEN.copy()
    actual[:200] = 2.5
    table = even_review_table(review_of(EVEN, ran(actual)))
    assert table["planned"] == ["6:40"] * 5
    assert table["actual"] == ["8:20", "6:40", "6:40", "6:40", "6:40"]
    assert table["lost"] == ["+1:40", "0:00", "0:00", "0:00", "0:00"]
    assert table["shape"] == ["+1:20", "-0:20", "-0:20", "-0:20", "-0:20"]
    assert table["so far"] == ["+1:40"] * 5
    assert table["bpm"][0] == "140\u00a0/\u00a0150"


def test_a_heart_rate_that_is_missing_is_a_dash() -> None:
    table = even_review_table(review_of(EVEN, ran(EVEN, heart_rate=np.nan)))
    assert table["bpm"][0] == "140\u00a0/\u00a0-"


def test_legs_say_when_each_station_was_reached() -> None:
    table = leg_review_table(review_of(EVEN, ran(EVEN, stop_s=stops_at(STEPS, at_450=90.0)), AID))
    assert table["to"] == ["Aid", "Finish"]
    assert table["stood"] == ["0:00", "1:30"]
    assert table["there at"] == ["0:13:20\u00a0(0:00)", "0:34:50\u00a0(+0:30)"]


def test_climbs_and_descents_are_in_the_order_of_the_course() -> None:
    table = climb_review_table(review_of(EVEN, ran(1.1 * EVEN), altitude_m=HILL))
    assert table[""] == ["▲", "▼"]
    assert all(text.startswith("+") for text in table["lost"])


def test_grounds_and_stops_are_tables() -> None:
    review = review_of(EVEN, ran(1.1 * EVEN, stop_s=stops_at(STEPS, at_399=75.0)), AID)
    assert ground_review_table(review) == {
        "ground": ["within 5%"],
        "of the way": ["100%"],
        "planned (min/km)": ["6:40"],
        "actual (min/km)": ["7:20"],
        "lost": ["+3:20"],
        "shape": ["0:00"],
    }
    assert stops_table(review) == {"km": ["2.0"], "stood": ["1:15"], "at": ["Aid"], "planned": ["1:00"]}


def test_the_shape_is_measured_against_an_even_pace() -> None:
    planned = np.repeat([2.0, 3.0], STEPS // 2)
    # The run is 10% slower than planned, everywhere: no error of shape. An even pace has 2.75 s a step for 2.2 and 3.3.
    ours, even = shape_errors(review_of(planned, ran(1.1 * planned)))
    assert ours == pytest.approx(0.0, abs=1e-9)
    # Of 1,000 steps in kilometres of 200: 0.55 s x 200 each, but in the third, half of each.
    assert even == pytest.approx(110.0 * 4 / 5)


def test_the_reading_says_whether_the_level_was_right() -> None:
    assert reading(review_of(EVEN, ran(1.002 * EVEN)))[0].startswith("The level was right: +0:04")
    assert reading(review_of(EVEN, ran(1.05 * EVEN)))[0] == (
        "The whole run was 5.0% slower than planned, which the interval allowed for."
    )
    assert reading(review_of(EVEN, ran(0.4 * EVEN)))[0] == (
        "The whole run was 60.0% faster than planned, more than the interval allowed for."
    )


@pytest.mark.parametrize(
    ("factor", "said"), [(0.92, "part of the difference was effort"), (1.0, "it was not for the effort")]
)
def test_the_reading_tells_effort_from_form(factor: float, said: str) -> None:
    review = review_of(EVEN, ran(0.9 * EVEN))
    told = review_of(factor * EVEN, ran(EVEN)).race
    assert said in reading(review, told)[1]


def test_the_reading_says_on_which_ground_time_was_lost() -> None:
    altitude = 100.0 + np.cumsum(np.repeat([0.2, 0.0], STEPS // 2) * c.STEP_M)
    actual = np.repeat([3.0, 2.0], STEPS // 2)
    line = next(x for x in reading(review_of(EVEN, ran(actual), altitude_m=altitude)) if "kind" in x or "most was" in x)
    assert "most was lost where it goes up, over 15% (+" in line
    assert "won where it stays within 5% (-" in line
    calm = reading(review_of(EVEN, ran(1.2 * EVEN)))
    assert "At the level of the day no kind of ground was slower than planned by much." in calm


def test_the_reading_says_how_the_halves_were_run() -> None:
    fast_first, slow_first = np.repeat([1.9, 2.1], STEPS // 2), np.repeat([2.1, 1.9], STEPS // 2)
    assert any(x.startswith("It began fast for its level: at half of the time, km 2.5, 50 s ahead of") for x in
               reading(review_of(EVEN, ran(fast_first))))  # fmt: skip
    assert any(
        "slowly" in x and "50 s behind" in x and "won back" in x for x in reading(review_of(EVEN, ran(slow_first)))
    )
    assert "The two halves were run as evenly as the plan has them." in reading(review_of(EVEN, ran(EVEN)))


def test_a_kilometre_that_stands_out_is_named() -> None:
    actual = EVEN.copy()
    actual[400:600] = 4.0
    assert "One kilometre stands out, number 3: +5:20 at the level of the day." in reading(review_of(EVEN, ran(actual)))
    assert not any("stands out" in line for line in reading(review_of(EVEN, ran(np.linspace(1.0, 3.0, STEPS)))))


def test_standing_is_said_where_it_differs() -> None:
    lines = reading(review_of(EVEN, ran(EVEN, stop_s=stops_at(STEPS, at_10=180.0)), AID))
    assert lines[-1] == "Stops took 2 min more than was in the plan."
    assert reading(review_of(EVEN, ran(EVEN), AID))[-1] == "Stops took 60 s less than was in the plan."
    assert not any("Standing" in line for line in reading(review_of(EVEN, ran(EVEN))))

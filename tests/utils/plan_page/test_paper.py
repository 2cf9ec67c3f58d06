"""In: how much plans have to say. Out: that two sheets hold as much of it as fits, and the most important."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from utils.plan_page.paper import fitted, paper

SHORT = {"to": ["Hut", "Finish"], "km": ["5.0", "10.0"], "arrival": ["0:45:00", "1:30:00"], "GAP": ["6:00", "5:58"]}
WIDE = {
    "to": ["A name that is much longer than others"] * 3,
    "km": ["101.2"] * 3,
    "arrival": ["26:33:10"] * 3,
    "clock": ["Sat 20:33"] * 3,
    "four of five": ["Sat 16:18 to Sun 01:45"] * 3,
    "stop": ["10 min"] * 3,
    "cut-off": ["Sun 04:30"] * 3,
    "slack": ["10 h 12 min"] * 3,
    "in time": ["over 99%"] * 3,
    "leg": ["10.7"] * 3,
    "up / down (m)": ["1038 / 1240"] * 3,
    "moving": ["1:30:59"] * 3,
    "pace": ["12:10"] * 3,
    "GAP": ["6:20"] * 3,
    "bpm": ["151"] * 3,
    "rpm": ["78"] * 3,
}


# --- across a sheet ----------------------------------------------------------------------------------------------
def test_a_narrow_table_stays_as_it_is() -> None:
    assert fitted(SHORT).points == 7.4 and not fitted(SHORT).left_out


def test_a_wide_table_has_smaller_letters_and_then_fewer_columns() -> None:
    found = fitted(WIDE)
    assert 6.6 <= found.points < 7.4
    assert {"GAP", "rpm"} <= found.left_out <= {"GAP", "rpm", "bpm", "leg"}


def test_where_and_when_to_be_is_never_left_out() -> None:
    huge = {name: [cell * 4 for cell in cells] for name, cells in WIDE.items()}
    assert not fitted(huge).left_out & {"to", "km", "clock", "four of five", "stop", "cut-off", "slack", "in time"}


def test_the_longest_name_is_cut_not_paid_for_by_others() -> None:
    longer = WIDE | {"to": ["x" * 60]}
    assert fitted(longer) == fitted(WIDE)


# --- down a sheet ------------------------------------------------------------------------------------------------
def test_a_short_race_has_everything_at_full_size() -> None:
    found = paper(3, (356.0, -161.0, 69.0), 18, rules=7, doubts=["everywhere: why"], rests="x" * 400)
    assert (found.curves_mm, found.climbs, found.kilometres) == (138.0, (True,) * 3, True)


def test_kilometres_are_left_out_where_they_do_not_fit() -> None:
    assert not paper(6, (100.0,) * 14, 50, rules=8).kilometres


def test_curves_are_lower_the_more_stations_and_notes_there_are() -> None:
    heights = [paper(legs, (), 100).curves_mm for legs in (5, 20, 25, 30, 60)]
    assert heights == sorted(heights, reverse=True) and heights[0] == 138.0 and heights[-1] == 80.0
    assert paper(20, (), 100, notes=["x" * 300] * 3).curves_mm < heights[1]


def test_of_too_many_climbs_the_largest_are_kept() -> None:
    gains_m = [float((-1) ** i * (50 + i * 37 % 60)) for i in range(60)]
    found = paper(6, gains_m, 100, rules=8)
    kept = [abs(gain) for gain, shown in zip(gains_m, found.climbs, strict=True) if shown]
    left_out = [abs(gain) for gain, shown in zip(gains_m, found.climbs, strict=True) if not shown]
    assert 15 < len(kept) < 50 and min(kept) > max(left_out)
    assert not found.kilometres
    beside = [sum(paper(6, gains_m, 100, rules=rules).climbs) for rules in (5, 12, 25, 60)]
    assert beside == sorted(beside, reverse=True) and len(set(beside)) == 4 and beside[-1] == 0


@settings(max_examples=200)
@given(
    st.integers(1, 200),
    st.lists(st.integers(-2000, 2000).map(float), max_size=80),
    st.integers(1, 400),
    st.lists(st.text(max_size=300), max_size=7),
    st.lists(st.text(max_size=300), max_size=7),
)
def test_the_more_there_is_besides_the_less_of_the_rest(
    legs: int, gains_m: list[float], kilometres: int, notes: list[str], doubts: list[str]
) -> None:
    found = paper(legs, gains_m, kilometres, notes=notes, doubts=doubts, rules=8)
    more = paper(legs + 1, gains_m, kilometres + 5, notes=[*notes, "x"], doubts=[*doubts, "x" * 80], rules=8)
    assert 80.0 <= more.curves_mm <= found.curves_mm <= 138.0
    assert sum(more.climbs) <= sum(found.climbs) and len(found.climbs) == len(gains_m)
    assert not (more.kilometres and not found.kilometres and all(found.climbs))


@pytest.mark.parametrize("rows", [0, 1])
def test_nothing_to_say_fits(rows: int) -> None:
    assert paper(rows, (), rows).kilometres

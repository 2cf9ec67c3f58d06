"""Results are read as people write them; what cannot be is refused, with what was expected."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.athlete.results_level import Result
from lib.core.errors import InputError
from lib.race.results_text import result_text, results_from_text, year_of

TODAY = date(2026, 11, 25)
LINE = "50 km, 2300 m, 6:41, 2026-06-14"


def read(text: str) -> tuple[Result, ...]:
    return results_from_text(text, TODAY)


def said(text: str) -> list[str]:
    return [result_text(result) for result in read(text)]


# --- what is read ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "echo"),
    [
        (LINE, "6:41 for 50 km and 2,300 m, June 2026"),
        ("50k,2,300 m,6h41,June 2026", "6:41 for 50 km and 2,300 m, June 2026"),
        ("2026-06, 6:41:05, +2300m, 50km", "6:41:05 for 50 km and 2,300 m, June 2026"),
        ("31 mi, 7500 ft, 6 h 41 min, 2025", "6:41 for 49.89 km and 2,286 m, 2025"),
        ("42,195 km, 0 m, 3h05m30s, 2024", "3:05:30 for 42.2 km and 0 m, 2024"),
        ("12.5 km, 1 200 m D+, 95 min, 2024", "1:35 for 12.5 km and 1,200 m, 2024"),
        ("50 km, 2300 m, 6:41, 2026, Alp 50K, 12/300", "6:41 for 50 km and 2,300 m at Alp 50K, 12 of 300, 2026"),
        ("50 km,2300 m,6:41,2026, 45th of 1200", "6:41 for 50 km and 2,300 m, 45 of 1,200, 2026"),
    ],
)  # fmt: skip
def test_a_result_is_read_and_said_again(text: str, echo: str) -> None:
    assert said(text) == [echo]


def test_several_results_stand_between_semicolons_or_on_lines() -> None:
    assert said(f"{LINE}; 20 km, 800 m, 2:10, 2025") == said(f"{LINE}\n20 km, 800 m, 2:10, 2025\n\n")


def test_a_csv_may_have_units_in_its_cells_and_columns_in_any_order() -> None:
    text = 'time,km,climb,date,name,rank,finishers\n6:41,50,2300,2026-06-14,"Alp, long",12,300\n'
    text += "2h10,12 mi,2600 ft,2025,,,\n"
    first, second = read(text)
    assert first == Result(
        year_of(date(2026, 6, 14)), 50.0, 2_300.0, "Alp, long", time_s=24_060.0, rank=12, finishers=300
    )
    assert second.km == pytest.approx(19.31, abs=0.01) and second.climb_m == pytest.approx(792.5, abs=0.1)
    assert second.race is None and second.rank is None
    assert said("year;distance_mi;climb_ft;time\n2025;31;7500;6:41") == ["6:41 for 49.89 km and 2,286 m, 2025"]


def test_years_and_months_stand_in_their_middle_but_never_ahead() -> None:
    years = [read(f"50 km, 2300 m, 6:41, {when}")[0].year for when in ("2025", "2025-06", "2026", "2026-11-25")]
    assert years[0] == 2025.5 and years[1] == pytest.approx(2025.45, abs=0.01)
    assert years[2] == 2026.5 and years[3] == year_of(TODAY)
    early = results_from_text("50 km, 2300 m, 6:41, 2026", date(2026, 2, 1))[0]
    assert early.year == year_of(date(2026, 2, 1))


# --- what is refused ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("50 km, 2300 m, 2:41, 2026", "3:1.* or more: no human is known to be faster"),
        ("2300 km, 50 m, 6:41, 2026", "They look swapped"),
        ("50 km, 2300 m, 6:41, 2026-12-01", "expected one until today, 2026-11-25"),
        ("10 km, 50 m, 41:00, 2026", "expected a race time, at most 5:15.*0:41:30"),
        ("0.4 km, 10 m, 0:01:30, 2026", "a race of 3 to 700 km"),
        ("5 km, 5000 m, 2:00, 2026", "at most 2,750 m: no race climbs more"),
        ("50 km, 2300 m, 2026", r"no race time \(6:41\)"),
        ("50 km, 6:41, 2026", r"no climb \(2300 m\)"),
        ("50, 2300, 6:41, 2026", "one date"),
        ("50 km, 2300 m, 6:41, 06/14/2026", "a date such as 2026-06-14"),
        ("50 km, 2300 m, 6:41, 1950", "1970 or later"),
        ("50 km, 2300 m, 6:41, 2026, 400/300", "a rank among them"),
        ("50 km, 60 km, 2300 m, 6:41, 2026", "one distance"),
        ("50 km, 2300 m, 6:41, 2026, Alp, Hill", "one name of a race"),
        ("garbage", "no distance"),
        ("", "1 to 200"),
        ("time,km,date\n6:41,50,2026", "not one column for climb"),
        ("time,km,climb,date\n", "1 to 200"),
        ("time,km,climb,date\n6:41,50,,2026", "results, line 2: no climb"),
        ("time,km,climb,date\nfast,50,2300,2026", "line 2: 'fast'.*a race time such as"),
        ("time,km,climb,date\n6:41,far,2300,2026", "a distance such as"),
        ("time,km,climb,date,rank\n6:41,50,2300,2026,first", "rank 'first'"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_what_was_expected(text: str, expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        read(text)


@given(st.text(alphabet="0123456789 km,;:.h/-+mift\n'\"d", max_size=80) | st.text(max_size=80))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    try:
        found = read(text)
    except InputError as error:
        assert error.expected and error.remedy
    else:
        assert all(result_text(result) for result in found)


@given(st.floats(5.0, 200.0), st.floats(0.0, 80.0), st.floats(5.0, 12.0))
def test_what_is_plausible_is_read_as_it_is(km: float, m_per_km: float, min_per_effort_km: float) -> None:
    climb_m = km * m_per_km
    seconds = round(60.0 * min_per_effort_km * (km + climb_m / 100.0))
    text = f"{km:.3f} km, {climb_m:.0f} m, {seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}, 2025"
    (found,) = read(text)
    assert found.km == pytest.approx(km, abs=0.001)
    assert found.climb_m == pytest.approx(climb_m, abs=0.5) and found.time_s == seconds

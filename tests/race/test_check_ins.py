from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from lib.core.errors import InputError
from lib.race.check_ins import CheckIn, check_ins_from_text
from lib.race.stations import Station
from tests.support.plans import make_course

COURSE = make_course(np.zeros(8000))  # 40 km
STATIONS = (
    Station("Courmayeur", 10_000.0),
    Station("Champex Lac", 20_000.0),
    Station("Col", 25_000.0),
    Station("Courmayeur", 30_000.0),
)
START = datetime.fromisoformat("2026-08-28T18:00+02:00")


def read(text: str, start: datetime | None = START) -> tuple[CheckIn, ...]:
    return check_ins_from_text(text, COURSE, STATIONS, start)


def test_clocks_are_the_first_after_the_one_before_over_midnight() -> None:
    first, second = read("Courmayeur 22:31, Champex 03:05 to 03:50")
    assert (first.name, first.distance_m, first.arrived_s, first.left_s) == ("Courmayeur", 10_000.0, 16_260.0, None)
    assert second.name == "Champex Lac"
    assert (second.arrived_s, second.left_s) == (9 * 3600 + 300, 9 * 3600 + 3000)


def test_a_place_that_is_passed_twice_is_the_next_pass() -> None:
    assert [one.distance_m for one in read("Courmayeur 20:00, Courmayeur 23:00")] == [10_000.0, 30_000.0]


def test_a_whole_day_later_needs_its_weekday() -> None:
    assert read("Col Sun 04:00")[0].arrived_s == 34 * 3600.0
    assert read("Courmayeur 20:00, Col 20:30")[1].arrived_s == 2.5 * 3600.0


def test_without_a_start_times_are_race_times() -> None:
    assert read("Champex 27:05", None)[0].arrived_s == 27 * 3600.0 + 300.0


def test_leaving_alone_and_distances_and_the_finish() -> None:
    left, near, finish = read("left Courmayeur 20:00; km 20.1 21:30; finish 23:59")
    assert left.arrived_s is None and left.left_s == 7200.0
    assert near.name == "Champex Lac"
    assert finish.distance_m == 40_000.0
    assert read("km 12 20:00")[0].distance_m == 12_000.0
    assert [round(read(f"{place} 20:00")[0].distance_m) for place in ("mi 5", "5 mi")] == [8047, 8047]


def test_a_csv_with_stations_that_are_still_ahead() -> None:
    found = read("station;km;arrived;left\nCourmayeur;10;20:00;\nChampex Lac;20;22:10;22:20!\nCol;25;;\n")
    assert [(one.arrived_s, one.left_s, one.sure) for one in found] == [
        (7200.0, None, False),
        (15_000.0, 15_600.0, True),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Courmayuer 20:00", "Did you mean Courmayeur?"),
        ("Champex", "a station and a time"),
        ("Col 20:00, Champex 21:00", "which lies before it"),
        ("Col 05:00 to 04:30", "Was it left before it was reached?"),
        ("Courmayeur Sat 02:00, Col Fri 23:00", "times that rise"),
        ("Col 25:00", "Write it so"),
        ("km 99 20:00", "on the course"),
        ("place\tarrived\nCol\t20:00\n", "columns"),
    ],
)
def test_what_cannot_be_read_is_said_with_what_was_meant(text: str, said: str) -> None:
    with pytest.raises(InputError, match=r"checkins") as error:
        read(text)
    assert said in str(error.value)

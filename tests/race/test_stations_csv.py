"""The stations that they say, or the line that is wrong, from CSVs as spreadsheets and people write them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lib.core.errors import InputError
from lib.race.clock import parse_start
from lib.race.config import stations_text
from lib.race.stations import Station
from lib.race.stations_csv import MAX_CSV_BYTES, stations_from_csv
from tests.support.plans import make_course
from tests.support.races import with_waypoints

LINE = make_course(np.full(2000, 50.0))
COURSE = with_waypoints(LINE, ("Hut", 2_000, 0), ("Hut", 8_000, 0), ("Late Mill", 9_000, 0))
START = parse_start("2026-06-20T05:30", "Europe/Paris")


def read(text: str, start: datetime | None = None, stop_s: float = 0.0) -> tuple[Station, ...]:
    return stations_from_csv(text, COURSE, start, stop_s, "aid.csv")


EXPECTED = (
    Station("Ford", 3_000.0, 150.0, None),
    Station("Pass, the high one", 5_500.0, 0.0, 5_400.0),
    Station("Home", 10_000.0, 0.0, 7_200.0),
)
PLAIN = 'name,km,stop_min,cutoff_after\nHome,10,,2:00\nFord,3,2.5,\n"Pass, the high one",5.5,,1:30\n'
SEMICOLONS = "name;km;stop_min;cutoff_after\nHome;10;;2:00\nFord;3;2.5;\nPass, the high one;5.5;;1:30"


# --- how tables are written --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        SEMICOLONS,
        SEMICOLONS.replace(";", "\t"),
        "\ufeff" + PLAIN,
        PLAIN.replace("\n", "\r\n"),
        "\ufeff\r\n\r\n" + SEMICOLONS.replace("\n", "\r\n\r\n;;;\r\n") + "\r\n\r\n",
        PLAIN.replace("name,km,stop_min,cutoff_after", " Name , KM,\tStop_Min,CUTOFF_AFTER "),
        PLAIN.replace("Ford,3,2.5,", '"Ford","3","2.5",""'),
        PLAIN.replace("Ford,3,2.5,", "Ford,3,2.5"),
        PLAIN.replace("Ford", "\x00 Ford\u200b\x1b"),
    ],
    ids=["plain", "semicolons", "tabs", "mark", "crlf", "blank", "spaces", "quotes", "short", "unprintable"],
)
def test_a_table_is_read_however_it_is_written(text: str) -> None:
    assert read(text) == EXPECTED


def test_a_head_alone_is_a_list_without_stations() -> None:
    assert read("name,km\n") == ()


def test_a_name_is_what_it_says_and_nothing_is_computed() -> None:
    names = ["=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2", "<script>alert(1)</script>", 'The "Bar"']
    quoted = "\n".join(f'"{name.replace(chr(34), chr(34) * 2)}",{i + 1}' for i, name in enumerate(names))
    assert [s.name for s in read(f"name,km\n{quoted}")] == names


def test_a_name_of_several_lines_is_one() -> None:
    found = read('name,km\n"Refuge\ndu Lac",4\n')
    assert found == (Station("Refuge du Lac", 4_000.0),)


def test_a_place_without_a_name_is_called_by_its_distance() -> None:
    assert read("km,stop_min\n4.25,1") == (Station("km 4.25", 4_250.0, 60.0),)


# --- places ------------------------------------------------------------------------------------------------------
def test_a_name_without_a_distance_is_the_waypoint_at_every_pass() -> None:
    found = read("name,km,stop_min\n hut ,,3\nLATE  MILL,,\n")
    assert found == (Station("hut", 2_000, 180), Station("hut", 8_000, 180), Station("LATE MILL", 9_000))


def test_a_name_of_no_waypoint_is_refused_with_those_there_are() -> None:
    with pytest.raises(InputError, match=r"aid.csv, line 3: .* no waypoint 'Hutt' .* waypoints: Hut, Late Mill\. Add"):
        read("name,km\nHut,\nHutt,\n")


def test_waypoints_are_not_looked_for_where_every_row_has_its_distance() -> None:
    """A file with a waypoint for every turn is no reason to refuse a list of a few stations."""
    with patch("lib.race.stations_csv.stations_from_waypoints", side_effect=AssertionError):
        assert read("name,km\nHut,3\n") == (Station("Hut", 3_000.0),)


# --- stops and cut-offs ------------------------------------------------------------------------------------------
def test_a_stop_that_is_not_stated_is_the_usual_one_but_for_start_and_finish() -> None:
    found = read("km,stop_min\n0,\n1,\n2,0\n3,5\n10,\n", stop_s=90.0)
    assert [s.stop_s for s in found] == [0.0, 90.0, 0.0, 300.0, 0.0]


def test_a_stop_that_is_stated_stays_wherever_it_is() -> None:
    assert [s.stop_s for s in read("km,stop_min\n0,4\n10,5\n")] == [240.0, 300.0]


def test_a_cut_off_on_the_clock_counts_from_the_start() -> None:
    found = read("km,cutoff\n2,06:15\n5,2026-06-20T05:00Z\n9,Sun 05:30\n", START)
    assert [s.cutoff_s for s in found] == [2_700.0, 5_400.0, 86_400.0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("km,cutoff\n2,06:15\n", "line 2: the cut-off '06:15' without a start"),
        ("km,cutoff_after\n\n2,06.15\n", "line 3: the cut-off '06.15' after the start"),
        ("km,cutoff,cutoff_after\n2,06:15,0:45\n", "line 2: cutoff and cutoff_after; expected one of the two"),
        ("km,stop_min\n2,3\n4,three\n", "line 3: 'three'; expected minutes"),
        ("km,stop_min\n2,nan\n", "line 2: 'nan'; expected minutes"),
        ("km,stop_min\n2,-3\n", "line 2: stop_s = -180"),
        ("km,stop_min\n2,1e9\n", "line 2: stop_s = 6e"),
        ("km\n12\n", "line 2: km 12; expected 0 to 10.00, on the course"),
        ("km\n-1\n", "line 2: km -1"),
        ("km;name\n8,5x;Hut\n", "8.5x"),
        ("name,km\nHut,1,2\n", "line 2: 3 values; expected 2"),
        ('name,km\n"Two\nlines",3\nHut,x\n', "line 4: 'x'"),
        ("name,km\nHut,\nNobody,\n", "line 3: no km, and no waypoint 'Nobody'"),
        ("name,km\n,\n,5\n ,,\nHut,six", "line 5: 'six'"),
    ],
)
def test_what_is_wrong_in_a_row_is_said_with_its_line(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read(text)
    assert said in str(caught.value)
    assert str(caught.value).startswith("aid.csv, line ")


# --- what is no list of stations ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the columns of nothing"),
        ("\ufeff\n\n", "the columns of nothing"),
        ("name,km,colour\nHut,2,red\n", "the column 'colour'"),
        ("place,km\nHut,2\n", "the column 'place'"),
        ("km,km\n2,3\n", "the columns km, km"),
        ("stop_min,cutoff\n2,06:15\n", "the columns stop_min, cutoff"),
        ("name km\nHut 2\n", "the column 'name km'"),
        ("8.5,17\n", "the column '8.5'"),
        ('name,km\n"Hut,2\n', "no CSV"),
        ('name,km\n"Hut"s,2\n', "no CSV"),
        ("name,km\rHut,2\r", "no CSV"),
        ("x" * 50 + ",km\n", f"the column {'x' * 40!r}"),
    ],
)
def test_what_is_no_list_is_refused_with_what_one_has(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read(text)
    assert said in caught.value.found
    assert "name, km, stop_min, cutoff, cutoff_after" in caught.value.expected
    assert caught.value.source == "aid.csv"


def test_a_megabyte_is_refused_unread() -> None:
    with pytest.raises(InputError, match=f"1000000 characters; expected {MAX_CSV_BYTES} at most"):
        read("x" * 1_000_000)


def test_rows_without_end_are_refused() -> None:
    with pytest.raises(InputError, match="201 rows; expected 200 stations"):
        read("km\n" + "5\n" * 201)


def test_few_rows_that_mean_many_stations_are_refused() -> None:
    with pytest.raises(InputError, match="202 stations; expected 200"):
        read("name\n" + "Hut\n" * 101)


# --- any text ----------------------------------------------------------------------------------------------------
CELLS = st.one_of(st.text(max_size=12), st.sampled_from(["5", "2:00", "Hut", "14:30", "1e999", '"', "-0", "9,5"]))
TABLES = st.builds(
    lambda head, rows, divider: "\n".join(divider.join(cells) for cells in (head, *rows)),
    st.lists(st.sampled_from(["name", "km", "stop_min", "cutoff", "cutoff_after", "x"]), max_size=5),
    st.lists(st.lists(CELLS, max_size=5), max_size=5),
    st.sampled_from([",", ";", "\t"]),
)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=200), TABLES), st.sampled_from([None, START]))
@example("name,km\n" + '"' * 99, None)
def test_any_text_gives_stations_in_order_or_says_why_not(text: str, start: datetime | None) -> None:
    try:
        found = stations_from_csv(text, COURSE, start, 60.0)
    except InputError:
        return
    metres = [s.distance_m for s in found]
    assert metres == sorted(metres) and all(0 <= m <= 10_000 for m in metres)


def test_divided_by_semicolons_a_comma_is_decimal() -> None:
    course = make_course(np.full(4_000, 100.0))
    found = stations_from_csv("name;km;stop_min\nHut;8,5;2,5\nTap;17;\n", course)
    assert [(s.name, s.distance_m, s.stop_s) for s in found] == [("Hut", 8_500.0, 150.0), ("Tap", 17_000.0, 0.0)]


# --- as spreadsheets save them -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    [
        "Name;Distance (km);Stop;Note\nHut;0,4;5;hot soup\n",
        "sep=;\nname;km;stop_min\nHut;0,4;5\n",
        "Ort\tDistanz\tPause\nHut\t0,4\t5\n",
        "Station,distance,minutes,elevation\nHut,0.4,5,1200\n",
        "Aid station;Mile;stop_min\nHut;0,2485485;5\n",
        "name,km,mile,stop\nHut,0.4,0.25,5\n",
    ],
)
def test_columns_are_known_by_their_usual_names(text: str) -> None:
    (hut,) = read(text)
    assert (hut.name, hut.stop_s) == ("Hut", 300.0)
    assert hut.distance_m == pytest.approx(400.0, abs=0.01)


def test_a_time_is_a_cut_off_on_the_clock_or_of_the_race_where_no_start_is_known() -> None:
    assert read("distance,time\n2,06:15\n", START)[0].cutoff_s == 2_700.0
    assert read("distance,time\n2,06:15\n")[0].cutoff_s == 22_500.0
    assert read("distance,time,cutoff\n2,05:45,06:15\n", START)[0].cutoff_s == 2_700.0


@pytest.mark.parametrize("text", ["24:00", "24:00:00", "Sat 24:00", "2026-06-20T24:00", "Sun 00:00", "00:00"])
def test_midnight_at_the_end_of_a_day(text: str) -> None:
    assert read(f"km;cutoff\n2;{text}\n", START)[0].cutoff_s == 18.5 * 3_600.0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_file_is_read_in_the_encodings_of_spreadsheets(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "aid.csv"
    path.write_bytes("name;km;stop_min\nHütte;0,4;5\n".encode(encoding))
    (hut,) = read(stations_text(str(path)))
    assert (hut.name, hut.distance_m, hut.stop_s) == ("Hütte", 400.0, 300.0)


def test_water_crew_and_bags_are_yes_no_or_unsaid() -> None:
    text = "name,km,water,crew,Drop bag\nA,1,yes,x,\nB,2,no,,1\nC,3,,0,Ja\n"
    found = read(text)
    assert [(s.water, s.crew, s.dropbag) for s in found] == [
        (True, True, None), (False, None, True), (None, False, True),
    ]  # fmt: skip
    with pytest.raises(InputError, match="water 'lots'"):
        read("name,km,water\nA,1,lots\n")

"""Splits copied off a results page become an edition, or are refused with the line."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.errors import InputError
from lib.race.config import race_texts
from lib.race.edition import Edition
from lib.race.edition_csv import edition_from_csv, with_km

H = 3600.0


def test_heads_end_with_the_km_and_cells_are_race_times() -> None:
    edition = edition_from_csv(
        "runner,Les Contamines 31.3,Courmayeur 80 km,Finish 176\nA,4:41,14:10:30,40:00\nB,4:02,,33:15\n"
    )
    assert edition.km.tolist() == [0.0, 31.3, 80.0, 176.0]
    assert edition.elapsed_s[0].tolist() == [0.0, 4 * H + 41 * 60, 14 * H + 630, 40 * H]
    assert np.isnan(edition.elapsed_s[1, 2])


def test_semicolons_with_decimal_commas_and_h_are_read() -> None:
    edition = edition_from_csv("km 21,1;Ziel 42,2\n1h45;3h40\n")
    assert edition.km.tolist() == [0.0, 21.1, 42.2]
    assert edition.elapsed_s[0].tolist() == [0.0, 1.75 * H, 3 * H + 40 * 60]


def test_columns_may_be_out_of_order() -> None:
    assert edition_from_csv("Finish 40,Half 20\n4:00,1:50\n").elapsed_s[0].tolist() == [0.0, 1 * H + 3000, 4 * H]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "(?i)0 columns"),
        ("a,b\n1:00,2:00\n", "(?i)0 columns"),
        ("Half 20,Finish 40\n", "0 finishers"),
        ("Half 20,Finish 40\n1:50,\n", "line 2: no time at the finish"),
        ("Half 20,Finish 40\n4:00,3:50\n", "line 2: times that fall"),
        ("Half 20,Finish 40\n1:50,3:99\n", "'3:99'"),
        ("Half 20,Finish 40\nsoon,3:50\n", "'soon'"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said.replace("'", ".")):
        edition_from_csv(text)


def test_km_may_stand_in_a_second_file(tmp_path: Path) -> None:
    (tmp_path / "splits.csv").write_text("runner,Hut,Col,Finish\nA,1:02,2:31,5:48\n")
    (tmp_path / "places.csv").write_text("km;name\n8,5;hut\n42.2;FINISH\n")
    text = race_texts({"edition": f"{tmp_path}/splits.csv; {tmp_path}/places.csv"})["edition"]
    edition = edition_from_csv(text)
    assert edition.km.tolist() == [0.0, 8.5, 42.2]
    assert edition.elapsed_s[0].tolist() == [0.0, 1 * H + 120, 5 * H + 48 * 60]


@pytest.mark.parametrize(
    ("places", "said"),
    [
        ("checkpoint,metres\nHut,8500\n", "checkpoint .or name. and km"),
        ("checkpoint,distance_km\nHut,near\n", "line 2: .near."),
        ("checkpoint,distance_km\nVillage,8.5\n", "some of .village."),
    ],
)
def test_a_second_file_without_what_is_wanted_is_refused(places: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        with_km("Hut,Finish\n1:00,2:00\n", places)


def test_race_tables_are_an_edition(tmp_path: Path) -> None:
    rows = [(7, 1, 3_600.0, True), (7, 2, 9_000.4, True), (8, 1, 4_000.0, True), (8, 2, 8_000.0, True),
            (9, 1, 3_000.0, False)]  # fmt: skip
    splits = pd.DataFrame(rows, columns=["runner", "checkpoint", "elapsed_s", "finished"])
    splits.assign(race="hills", year=2024).to_parquet(tmp_path / "splits.parquet")
    km = pd.DataFrame({"race": "hills", "year": 2024, "checkpoint": [0, 1, 2], "distance_km": [0.0, 10.5, 20.0]})
    km.to_csv(tmp_path / "checkpoints.csv", index=False)
    edition = edition_from_csv(race_texts({"edition": f"{tmp_path};hills;2024"})["edition"])
    assert edition.km.tolist() == [0.0, 10.5, 20.0]
    assert edition.elapsed_s.tolist() == [[0.0, 4_000.0, 8_000.0], [0.0, 3_600.0, 9_000.0]]
    with pytest.raises(InputError, match="hills 2024"):
        race_texts({"edition": f"{tmp_path};hills;2023"})


def test_more_parts_or_a_folder_without_tables_are_refused(tmp_path: Path) -> None:
    for text in ("a;b;c;d", f"{tmp_path};hills;2024", f"{tmp_path}/none.csv;{tmp_path}/none.csv"):
        with pytest.raises(InputError):
            race_texts({"edition": text})


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(InputError):
        assert edition_from_csv(text).elapsed_s.shape[0] >= 1


@pytest.mark.parametrize(
    ("km", "elapsed_s"),
    [
        ([0.0, 5.0, 5.0], [[0.0, 1.0, 2.0]]),
        ([1.0, 5.0], [[0.0, 1.0]]),
        ([0.0, 5.0], [[0.0, np.nan]]),
        ([0.0, 5.0, 9.0], [[0.0, 3.0, 2.0]]),
    ],
)
def test_an_edition_that_makes_no_sense_is_refused(km: list[float], elapsed_s: list[list[float]]) -> None:
    with pytest.raises(InputError):
        Edition(np.array(km), np.array(elapsed_s))

"""Splits copied off a results page become an edition, or are refused with the line."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.errors import InputError
from lib.race.edition import Edition
from lib.race.edition_csv import edition_from_csv

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

"""Durations as text, and bisection."""

from __future__ import annotations

import numpy as np
import pytest

from lib.core.durations import difference_text, h_mm, h_mm_ss, in_words, m_ss, signed, whole
from lib.core.numeric import bisect


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00:00"), (6127, "1:42:07"), (59.5, "0:01:00"), (3599.4, "0:59:59"), (3599.5, "1:00:00"), (9e4, "25:00:00")],
)
def test_durations_as_a_watch_shows_them(seconds: float, text: str) -> None:
    assert h_mm_ss(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (29.9, "0:00"), (30, "0:01"), (3_570, "1:00"), (90_000, "25:00")]
)
def test_durations_h_mm(seconds: float, text: str) -> None:
    assert h_mm(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(300, "5:00"), (390.6, "6:31"), (359.99, "6:00"), (3690, "1:01:30"), (0, "0:00")]
)
def test_short_durations_and_paces(seconds: float, text: str) -> None:
    assert m_ss(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0:00"), (-0.4, "0:00"), (65.0, "+1:05"), (-65.0, "-1:05"), (3661.0, "+1:01:01"), (-59.6, "-1:00")],
)
def test_a_difference_has_its_sign(seconds: float, text: str) -> None:
    assert signed(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (40, "40 s"), (-89, "-89 s"), (720, "12 min"), (3900, "65 min"), (5400, "1 h 30 min"), (-7_500, "-2 h 05 min"),
        (0.0, "0 s"), (-0.4, "0 s"), (-1.0, "-1 s"),
    ],
)  # fmt: skip
def test_a_duration_in_words(seconds: float, text: str) -> None:
    assert in_words(seconds) == text


def test_differences_are_written_as_large_as_they_are() -> None:
    for most_s, unit, texts in ((3_599.0, "min:s", ["+4:05", "-30:00", "0:00"]), (3_600.0, "h:mm", None)):
        write, said = difference_text(most_s)
        assert said == unit
        assert [write(s) for s in (245.0, -1800.0, 0.0)] == (texts or ["+0:04", "-0:30", "0:00"])
    assert difference_text(-7_200.0)[0](-5_400.0) == "-1:30"


def test_halves_are_rounded_up_everywhere() -> None:
    assert [whole(x) for x in (0.5, 1.5, 2.5, -0.5)] == [1, 2, 3, 0]
    assert (h_mm_ss(2.5), h_mm(150), m_ss(2.5)) == ("0:00:03", "0:03", "0:03")


def test_halving_finds_a_root_of_numbers_and_of_arrays() -> None:
    low, high = bisect(lambda x: x * x < 2.0, 0.0, 2.0)
    assert low <= 2**0.5 <= high == pytest.approx(low)
    squares = np.array([2.0, 3.0])
    found, _ = bisect(lambda x: x * x < squares, np.zeros(2), np.full(2, 2.0))
    np.testing.assert_allclose(found, np.sqrt(squares))

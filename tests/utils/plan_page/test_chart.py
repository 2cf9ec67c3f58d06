"""Charts as inline SVG: what is drawn lies where the axes say, and is as fine as a screen."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.plan_page.chart import Chart, axis, moves

SVG = "{http://www.w3.org/2000/svg}"


def made(**how: object) -> Chart:
    return Chart(axis(0.0, 10.0, str), axis(0.0, 100.0, str), "Something <odd>", **how)  # type: ignore[arg-type]


def points(data: str) -> np.ndarray:
    """Points of a path of one absolute and then relative moves."""
    numbers = [int(x) for x in re.findall(r"-?\d+", data)]
    return np.cumsum(np.array(numbers).reshape(-1, 2), axis=0)


def paths(chart: Chart, kind: str) -> list[str]:
    root = ElementTree.fromstring(chart.svg(""))
    return [x.get("d", "") for x in root.iter(f"{SVG}path") if kind in (x.get("class") or "").split()]


def test_ticks_are_round_and_fewer_on_a_phone() -> None:
    found = axis(0.0, 52.0, lambda km: f"{km:g}")
    assert [value for value, _ in found.wide] == [0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50]
    assert [value for value, _ in found.narrow] == [0, 20, 40]
    assert found.share(26.0) == 0.5


def test_an_axis_may_fall() -> None:
    found = axis(600.0, 300.0, str, steps=(60.0, 100.0), most=(4, 4))
    assert [value for value, _ in found.wide] == [300.0, 400.0, 500.0, 600.0] and found.share(300.0) == 1.0


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(-1_000, 2_000)), min_size=1, max_size=40))
def test_a_path_says_its_points(line: list[tuple[int, int]]) -> None:
    x, y = (np.array(column) for column in zip(*line, strict=True))
    found = points(moves(x, y))
    distinct = [0, *(i for i in range(1, len(line)) if line[i] != line[i - 1])]
    assert found.tolist() == [[x[i], y[i]] for i in distinct]


def test_a_curve_lies_where_the_axes_say() -> None:
    chart = made()
    chart.line(np.array([0.0, 5.0, 10.0]), np.array([0.0, 100.0, 50.0]), "pace")
    (data,) = paths(chart, "pace")
    assert points(data).tolist() == [[0, 1000], [5000, 0], [10000, 500]]


def test_a_curve_is_broken_where_nothing_is_known() -> None:
    chart = made()
    chart.line(np.arange(6.0), np.array([1.0, 2.0, np.nan, np.nan, 5.0, 6.0]), "heart")
    assert paths(chart, "heart")[0].count("M") == 2


def test_a_long_curve_is_drawn_to_a_pixel_with_few_points() -> None:
    x = np.linspace(0.0, 10.0, 35_000)
    y = 50.0 + 40.0 * np.sin(6.0 * x) + 5.0 * np.sin(90.0 * x)
    chart = made()
    chart.line(x, y, "pace")
    found = points(paths(chart, "pace")[0])
    assert len(found) <= 1_501
    drawn = np.interp(1_000.0 * x, found[:, 0], found[:, 1])
    assert np.abs(drawn - (1_000.0 - 10.0 * y)).max() <= 5.0  # of 1,000 units, some 150 pixels


def test_an_area_closes_on_its_base() -> None:
    chart = made()
    chart.fill(np.array([0.0, 5.0, 10.0]), 0.0, np.array([0.0, 100.0, 50.0]), "s1", "up", [(0, 1)])
    (data,) = paths(chart, "s1")
    assert data == "M0 1000l5000-1000 0 1000-5000 0z" and chart.key == [("fill s1", "up")]


def test_names_that_have_no_room_are_left_out_and_more_of_them_on_a_phone() -> None:
    chart = made()
    chart.upright_names([(0.0, "a"), (0.1, "b"), (0.3, "c"), (5.0, "d")])
    assert re.findall(r'class="(name[^"]*)".*?>([a-d])<', "".join(chart.words)) == [
        ("name", "a"), ("name w", "c"), ("name", "d"),
    ]  # fmt: skip


def test_what_comes_from_users_is_text() -> None:
    chart = made()
    chart.upright_names([(1.0, "<u>&\"'")])
    chart.word(1.0, 2.0, "</svg>")
    chart.named("line pace", "<i>")
    ElementTree.fromstring(chart.svg(""))
    assert "<u>" not in chart.html() and "</svg></svg>" not in "".join(chart.words) and "<i>" not in chart.html()
    assert "Something &lt;odd&gt;" in chart.html()


@pytest.mark.parametrize("size", [1, 2])
def test_the_shortest_curve_is_drawn(size: int) -> None:
    chart = made()
    chart.line(np.arange(float(size)), np.ones(size), "pace")
    chart.fill(np.arange(float(size)), 0.0, np.ones(size), "s0")
    assert paths(chart, "pace") and paths(chart, "s0")

"""The figures of a race plan: the same each time, with names as text and places known."""

from __future__ import annotations

import re
import warnings
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from lib.race.stations import Station
from tests.support.plans import flat_plan
from tests.support.races import UNHURRIED, race_of
from utils.plan_page.figures import Drawn, draw


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    """Of a race of 2 km to the east."""
    return draw(race_of(flat_plan(400)))


def frame_ends(svg: bytes) -> tuple[float, float]:
    """Least and most share of the width at which axes begin: their spines are drawn as paths of one stroke."""
    text = svg.decode()
    width = float(re.search(r'viewBox="0 0 ([\d.]+) ', text)[1])  # type: ignore[index]
    lines = re.findall(r'<path d="M ([\d.]+) ([\d.]+) \nL ([\d.]+) ([\d.]+) \n"', text)
    level = [(float(x), float(u)) for x, y, u, v in lines if y == v]
    begin, end = max(level, key=lambda ends: ends[1] - ends[0])
    return begin / width, end / width


def test_figures_are_the_same_for_the_same_race(drawn: Drawn) -> None:
    again = draw(race_of(flat_plan(400)))
    for name in ("along", "narrow", "map", "chance"):
        assert getattr(drawn, name).startswith(b"<?xml") and getattr(drawn, name) == getattr(again, name)


def test_the_axis_is_said_to_be_where_it_is_drawn(drawn: Drawn) -> None:
    for svg, ends in ((drawn.along, drawn.ends), (drawn.narrow, drawn.narrow_ends)):
        assert ends == pytest.approx(frame_ends(svg), abs=0.001)
        assert 0.03 < ends[0] < 0.25 and 0.9 < ends[1] < 1.0


def test_places_are_where_the_map_has_them(drawn: Drawn) -> None:
    """The course runs straight to the east, so on one height from left to right at an even pace."""
    text = drawn.map.decode()
    width, height = map(float, re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', text).groups())  # type: ignore[union-attr]
    (line,) = re.findall(r'<g id="line2d_1">\s*<path d="([^"]+)"', text)
    points = np.array([[float(x), float(y)] for x, y in re.findall(r"[ML] ([\d.]+) ([\d.]+)", line)])
    assert drawn.places[0] == pytest.approx(points[0] / (width, height), abs=0.001)
    assert drawn.places[-1] == pytest.approx(points[-1] / (width, height), abs=0.001)
    assert drawn.map_aspect == pytest.approx(width / height)
    assert np.diff(drawn.places[:, 0]) == pytest.approx(np.full(399, (drawn.places[-1] - drawn.places[0])[0] / 399))
    assert drawn.steps.tolist() == list(range(400))


def test_of_a_long_course_five_hundred_places_are_known() -> None:
    found = draw(race_of(flat_plan(6_000)))
    assert found.steps.size == len(found.places) == 500 and found.steps[[0, -1]].tolist() == [0, 5_999]


def test_names_in_any_script_are_text_in_the_figures_and_no_trouble_here() -> None:
    names = ("\u5c71\u5c0f\u5c4b", "\u041e\u0432\u0440\u0430\u0433 & <b>", "\u0645\u062d\u0637\u0629")
    stations = tuple(Station(name, 700.0 * (i + 1)) for i, name in enumerate(names))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = draw(race_of(flat_plan(560), replace(UNHURRIED, stations=stations)))
    for figure in (found.along, found.narrow, found.map):
        texts = [element.text for element in ElementTree.fromstring(figure).iter() if element.tag.endswith("text")]
        assert set(names) <= {(text or "").strip() for text in texts}

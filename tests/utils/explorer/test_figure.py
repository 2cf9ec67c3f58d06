"""The picture of the explorer: the plan of the moment over the first one."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from PIL import Image

from lib.plan.moving_plan import plan_from
from lib.plan.race_plan import RacePlan
from lib.race.config import RaceConfig
from lib.race.stations import Station
from tests.support.plans import BAND, make_course, make_prediction
from tests.support.races import UNHURRIED, race_of
from utils.explorer.figure import ExploreFigure

ALTITUDE = 100.0 + 20.0 * np.sin(np.arange(3000) / 40.0)
NIGHT = replace(UNHURRIED, start=datetime(2026, 6, 20, 0, tzinfo=ZoneInfo("UTC")), stations=(Station("Aid", 5000.0),))
NOON = replace(NIGHT, start=datetime(2026, 6, 20, 12, tzinfo=ZoneInfo("UTC")))


def race(step_s: float, config: RaceConfig = UNHURRIED, bpm: float = 140.0) -> RacePlan:
    prediction = make_prediction(np.full(ALTITUDE.size, step_s), bpm)
    return race_of(plan_from(make_course(ALTITUDE), prediction, BAND), config)


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), int)


def test_what_came_first_stays_and_what_is_now_moves() -> None:
    figure = ExploreFigure(race(2.0))
    figure.draw(race(1.5, bpm=160.0))
    for ax, first, now in (
        (figure.pace, 2.0 / 60 * 200, 1.5 / 60 * 200),
        (figure.heart, 140.0, 160.0),
    ):
        grey, line = ax.lines[:2]
        np.testing.assert_allclose(grey.get_ydata(), first)
        np.testing.assert_allclose(line.get_ydata(), now)
    assert figure.finish_line.get_xdata()[0] == pytest.approx(3000 * 1.5 / 60)


def test_the_chance_is_that_of_the_plan_and_its_interval_is_shaded() -> None:
    figure = ExploreFigure(race(2.0))
    plan = race(2.5)
    figure.draw(plan)
    minutes, chance = figure.chance_line.get_data()
    expected = plan.chance(np.asarray(minutes) * 60, np.full(len(minutes), 2999))
    np.testing.assert_allclose(chance, expected)
    low_s, high_s = plan.finish_interval_s
    assert figure.interval.get_x() * 60 == pytest.approx(low_s)
    assert figure.interval.get_width() * 60 == pytest.approx(high_s - low_s)
    assert figure.chance.get_xlim()[0] <= minutes[0] and minutes[-1] <= figure.chance.get_xlim()[1]


def test_a_picture_from_a_kept_ground_is_the_same_as_one_drawn_whole() -> None:
    plan = race(1.9, replace(NOON, stations=(Station("Aid", 5000.0, 60.0),)), bpm=141.0)
    kept = ExploreFigure(race(2.0, NOON))
    kept.png()
    kept.draw(plan)
    quickly = pixels(kept.png())
    kept._ground = None
    np.testing.assert_array_equal(pixels(kept.png()), quickly)
    assert quickly.shape == (560, 1050, 3)


def test_the_picture_changes_with_the_plan_and_comes_back() -> None:
    first, other = race(2.0, NOON), race(2.0, NIGHT)
    figure = ExploreFigure(first)
    before = pixels(figure.png())
    figure.draw(other)
    dark = pixels(figure.png())
    assert np.abs(dark - before).max() > 20  # the night is shaded
    figure.draw(first)
    np.testing.assert_array_equal(pixels(figure.png()), before)


def test_nights_that_are_over_are_kept_nowhere() -> None:
    figure = ExploreFigure(race(2.0, NIGHT))
    patches = len(figure.pace.patches)
    assert patches > 0
    for _ in range(3):
        figure.draw(race(2.0, NIGHT))
    assert len(figure.pace.patches) == patches
    figure.draw(race(2.0, NOON))
    assert not figure.pace.patches


def test_axes_grow_for_a_slower_plan_and_stay_for_one_in_between() -> None:
    figure = ExploreFigure(race(2.0))
    before = [figure.pace.get_ylim(), figure.heart.get_ylim(), figure.chance.get_xlim()]
    figure.draw(race(4.0, bpm=170.0))
    after = [figure.pace.get_ylim(), figure.heart.get_ylim(), figure.chance.get_xlim()]
    assert after[0][0] > 4.0 / 60 * 200 > before[0][0]  # slower is down
    assert after[1][1] > 170.0 > before[1][1]
    assert after[2][1] > before[2][1]
    figure.draw(race(3.0, bpm=150.0))
    assert [figure.pace.get_ylim(), figure.heart.get_ylim(), figure.chance.get_xlim()] == after


def test_axes_have_units() -> None:
    figure = ExploreFigure(race(2.0))
    labels = [
        figure.pace.get_ylabel(),
        figure.heart.get_ylabel(),
        figure.profile.get_ylabel(),
        figure.heart.get_xlabel(),
    ]
    assert ["(min/km)" in labels[0], "(bpm)" in labels[1], "(m)" in labels[2], "(km)" in labels[3]] == [True] * 4

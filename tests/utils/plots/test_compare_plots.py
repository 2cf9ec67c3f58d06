"""Plots of variants over one another."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from zoneinfo import ZoneInfo

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes

from lib.plan.compare import Variant
from lib.plan.moving_plan import plan_from
from lib.race.config import RaceConfig
from lib.race.stations import Station
from tests.support.plans import BAND, make_course, make_prediction
from tests.support.races import UNHURRIED, race_of
from utils.plots.axes import gap_ticks_s
from utils.plots.compare_plots import (
    LINES,
    compare_figure,
    plot_chances,
    plot_clocks,
    plot_gap,
    plot_paces,
)

AID = replace(UNHURRIED, stations=(Station("Aid", 1000.0, 60.0),))
EVENING = datetime(2026, 6, 20, 17, 50, tzinfo=ZoneInfo("UTC"))  # on the equator: dark from about 18:30


@pytest.fixture(autouse=True)
def no_screen() -> Iterator[None]:
    plt.switch_backend("Agg")
    yield
    plt.close("all")


def variant(label: str, step_s: float, config: RaceConfig = UNHURRIED) -> Variant:
    course = make_course(100.0 + 20.0 * np.sin(np.arange(800) / 40.0))
    return Variant(label, race_of(plan_from(course, make_prediction(np.full(800, step_s)), BAND), config))


def render(ax: Axes) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax.figure.savefig(BytesIO(), format="png", dpi=40)


def line(ax: Axes, label: str) -> np.ndarray:
    return next(np.asarray(x.get_ydata(), float) for x in ax.lines if x.get_label() == label)


def key(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_paces_are_drawn_over_one_another_faster_up() -> None:
    ax = plot_paces([variant("easy", 2.5), variant("race", 2.0)])
    assert key(ax) == ["easy", "race"]
    np.testing.assert_allclose(line(ax, "easy"), 2.5 / 60 * 200)
    np.testing.assert_allclose(line(ax, "race"), 2.0 / 60 * 200)
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    assert "min/km" in ax.get_ylabel()
    render(ax)


def test_the_gap_begins_at_the_start_and_later_is_up() -> None:
    ax = plot_gap([variant("race", 2.0), variant("easy", 2.5, AID)])
    assert set(line(ax, "race")) == {0.0}
    gap = line(ax, "easy")
    assert gap[0] == 0.0
    assert gap[-1] == pytest.approx(800 * 0.5 + 60)
    assert np.diff(gap).max() == pytest.approx(60.5)
    assert ax.get_ylim()[0] < ax.get_ylim()[1]
    assert ax.get_ylabel() == "later than race\n(min:s)"
    render(ax)


def test_chances_are_overlaid_and_the_target_is_marked() -> None:
    ax = plot_chances([variant("race", 2.0), variant("easy", 2.5)], goal_s=1800.0)
    fast, slow = line(ax, "race"), line(ax, "easy")
    assert np.all(fast >= slow) and np.all(np.diff(fast) >= 0)
    assert key(ax) == ["race", "easy", "0:30"]
    render(ax)


def test_a_target_with_seconds_keeps_them() -> None:
    assert key(plot_chances([variant("race", 2.0), variant("easy", 2.5)], goal_s=1830.0))[-1] == "0:30:30"


def test_variants_that_lie_over_one_another_are_one_line_but_on_the_clock() -> None:
    later = replace(UNHURRIED, start=EVENING.replace(hour=18))
    found = [variant("race · 17:50", 2.0, replace(UNHURRIED, start=EVENING)), variant("race · 18:50", 2.0, later)]
    for draw in (plot_paces, plot_gap, plot_chances):
        ax = draw(found)
        assert key(ax) == ["race · 17:50 = race · 18:50"]
        render(ax)
    assert key(plot_clocks(found))[:2] == ["race · 17:50", "race · 18:50"]


def test_clocks_run_from_the_start_and_the_night_is_shaded() -> None:
    ax = plot_clocks(
        [variant("race", 3.0, replace(AID, start=EVENING)), variant("easy", 4.0, replace(AID, start=EVENING))]
    )
    race = next(x for x in ax.lines if x.get_label() == "race")
    days = np.asarray(race.get_xdata(), float)
    assert days[0] == mdates.date2num(EVENING)
    assert (days[-1] - days[0]) * 86_400 == pytest.approx(800 * 3.0 + 60, abs=1e-3)
    nights = [patch for patch in ax.patches if patch.get_label() == "dark"]
    assert len(nights) == 1
    dusk = mdates.num2date(nights[0].get_x())
    assert (18, 15) < (dusk.hour, dusk.minute) < (18, 45)
    assert "UTC" in ax.get_xlabel() and "(km)" in ax.get_ylabel()
    assert "Aid" in [text.get_text() for text in ax.texts]
    render(ax)


def test_a_day_without_night_has_no_shade() -> None:
    noon = replace(UNHURRIED, start=EVENING.replace(hour=11))
    ax = plot_clocks([variant("race", 3.0, noon), variant("easy", 4.0, noon)])
    assert not ax.patches
    render(ax)


def test_the_figure_has_three_axes_along_one_distance() -> None:
    figure = compare_figure([variant("race", 2.0), variant("easy", 2.5, AID)])
    assert [ax.get_xlabel() for ax in figure.axes] == ["", "", "distance (km)"]
    render(figure.axes[0])


def test_each_of_six_has_a_line_of_its_own() -> None:
    ax = plot_gap([variant(str(i), 2.0 + 0.1 * i) for i in range(6)])
    drawn = {(x.get_color(), str(x.get_linestyle())) for x in ax.lines}
    assert len({colour for colour, _ in LINES}) == 6
    assert {colour for colour, _ in drawn} == {colour for colour, _ in LINES}


@pytest.mark.parametrize(("span", "ticks"), [(20, 5), (60, 10), (400, 120), (3600, 600), (100_000, 14_400)])
def test_ticks_of_gaps_are_round_times(span: float, ticks: float) -> None:
    assert gap_ticks_s(span) == ticks


@pytest.mark.parametrize("name", ["_me", "$x^$", "a$b_c$", r"\alpha", "Ünï", "x" * 60])
def test_names_are_text_whatever_they_hold(name: str) -> None:
    evening = replace(UNHURRIED, start=EVENING)
    found = [variant(name, 2.0, evening), variant("other", 2.5, evening)]
    for draw in (plot_paces, plot_gap, plot_chances, plot_clocks):
        ax = draw(found)
        assert name in [text.strip() for text in key(ax)[:2]]
        render(ax)


def test_long_names_stand_below_one_another() -> None:
    ax = plot_gap([variant(f"{i}{'x' * 58}", 2.0 + 0.1 * i) for i in range(6)])
    ax.figure.canvas.draw()
    legend, inside = ax.get_legend().get_window_extent(), ax.figure.bbox
    assert legend.x1 <= inside.x1 and legend.y1 <= inside.y1

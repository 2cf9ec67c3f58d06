"""Plots of plans, comparisons and reviews in miles and feet."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from lib.core.units import IMPERIAL, METRIC, Units
from lib.plan.compare import Variant
from lib.plan.race_plan import RacePlan, plan_race
from lib.plan.splits import even_splits
from lib.race.clock import parse_start
from lib.race.config import RaceConfig
from tests.support.browser import metric_lengths
from tests.support.races import course_of, known_bundle, shipped
from tests.support.reviewed import ran, review_of
from utils.plots.compare_plots import compare_figure, plot_clocks
from utils.plots.course_plots import plot_splits
from utils.plots.race_plots import plot_map, race_figure
from utils.plots.review_plots import plot_splits_lost, review_figure

STEPS = 1_000


@pytest.fixture(autouse=True)
def no_screen() -> Iterator[None]:
    plt.switch_backend("Agg")
    yield
    plt.close("all")


def race_in(units: Units) -> RacePlan:
    course = course_of("jacksboro_17_8km")
    config = RaceConfig(units=units, start=parse_start("2026-06-20T05:30+00:00"))
    return plan_race(shipped()[0], known_bundle(), course, config)


def said(drawn: Figure | Axes) -> str:
    figure = drawn if isinstance(drawn, Figure) else drawn.figure
    figure.draw_without_rendering()
    return " | ".join(text.get_text() for text in figure.findobj(Text) if text.get_text())


def drawings(units: Units) -> dict[str, str]:
    race = race_in(units)
    both = [Variant("a", race), Variant("b", race)]
    run = ran(np.full(STEPS, 2.2))
    review = review_of(np.full(STEPS, 2.0), run, race_in(units).config, 100.0 + 60.0 * np.sin(np.arange(STEPS) / 60.0))
    return {
        "plan": said(race_figure(race)),
        "map": said(plot_map(race)),
        "splits": said(plot_splits(even_splits(race), units=units)),
        "compared": said(compare_figure(both)),
        "clocks": said(plot_clocks(both)),
        "review": said(review_figure(review)),
        "lost": said(plot_splits_lost(review)),
    }


def test_every_drawing_is_in_the_units_of_the_plan() -> None:
    imperial, metric = drawings(IMPERIAL), drawings(METRIC)
    assert {name: found for name, text in imperial.items() if (found := metric_lengths(text))} == {}
    assert [name for name, text in metric.items() if not metric_lengths(text)] == []
    assert "distance (mi)" in imperial["plan"] and "altitude (ft)" in imperial["plan"]
    assert "pace (min/mi)" in imperial["compared"] and "lost in the mile" in imperial["lost"]


def test_ticks_are_round_in_their_unit() -> None:
    figure = race_figure(race_in(IMPERIAL))
    figure.draw_without_rendering()
    profile, *_, last = figure.axes
    halves = [2.0 * tick / 1.609344 for tick in last.get_xticks()]
    assert halves == pytest.approx(np.round(halves), abs=1e-9) and len(halves) > 4
    feet = [tick / 0.3048 for tick in profile.get_yticks()]
    assert feet == pytest.approx(np.round(feet, -2), abs=1e-6)
    assert [text.get_text() for text in profile.get_yticklabels()] == [f"{foot:.0f}" for foot in feet]

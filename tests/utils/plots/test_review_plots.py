"""Plots of a plan beside the run."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from io import BytesIO

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes

from lib.core import schema as c
from tests.support.reviewed import ran, review_of, stops_at
from utils.plots.review_plots import both_steps, plot_lost, plot_shape, plot_splits_lost, review_figure

STEPS = 900
EVEN = np.full(STEPS, 2.0)
HILLS = 100.0 + 30.0 * np.sin(np.arange(STEPS) / 40.0)


@pytest.fixture(autouse=True)
def no_screen() -> Iterator[None]:
    plt.switch_backend("Agg")
    yield
    plt.close("all")


def render(ax: Axes) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax.figure.savefig(BytesIO(), format="png", dpi=40)


def line(ax: Axes, label: str) -> np.ndarray:
    return next(np.asarray(x.get_ydata(), float) for x in ax.lines if x.get_label() == label)


def test_lost_time_is_up_and_begins_at_the_start() -> None:
    ax = plot_lost(review_of(EVEN, ran(1.1 * EVEN, stop_s=stops_at(STEPS, at_450=30.0))))
    race, moving = line(ax, "race time"), line(ax, "moving time alone")
    assert race[0] == moving[0] == 0.0
    assert moving[-1] == pytest.approx(180.0)
    assert race[-1] == pytest.approx(210.0)
    low, high = ax.get_ylim()
    assert low < 0 < 210.0 < high
    assert "80% interval of arrivals" in [text.get_text() for text in ax.get_legend().get_texts()]
    render(ax)


def test_a_run_far_outside_of_its_interval_is_still_seen_whole() -> None:
    ax = plot_lost(review_of(EVEN, ran(3.0 * EVEN)))
    assert ax.get_ylim()[1] >= 2.0 * EVEN.sum()
    ax = plot_lost(review_of(EVEN, ran(EVEN)))
    assert ax.get_ylim()[1] - ax.get_ylim()[0] < 0.5 * EVEN.sum()
    render(ax)


def test_the_axis_says_hours_where_hours_were_lost() -> None:
    for slower, label in ((1.1, "lost against the plan\n(min:s)"), (4.0, "lost against the plan\n(h:mm)")):
        ax = plot_lost(review_of(EVEN, ran(slower * EVEN)))
        assert ax.get_ylabel() == label
        render(ax)


def test_the_shape_begins_and_ends_at_nothing() -> None:
    ax = plot_shape(review_of(EVEN, ran(np.repeat([2.5, 1.8], STEPS // 2))))
    shape = line(ax, "run")
    assert shape[0] == 0.0 and shape[-1] == pytest.approx(0.0, abs=1e-9)
    assert shape.max() == pytest.approx((2.5 - 2.15) * STEPS / 2)
    render(ax)


def test_each_kilometre_has_a_bar_as_high_as_what_it_cost() -> None:
    actual = EVEN.copy()
    actual[200:400] = 2.5
    ax = plot_splits_lost(review_of(EVEN, ran(actual), altitude_m=HILLS))
    bars = sorted((patch for patch in ax.patches if hasattr(patch, "get_height")), key=lambda bar: bar.get_x())
    assert [bar.get_height() for bar in bars] == [0.0, 100.0, 0.0, 0.0, 0.0]
    assert [bar.get_width() for bar in bars] == [1.0, 1.0, 1.0, 1.0, 0.5]
    assert "+1:40" in [text.get_text() for text in ax.texts]
    render(ax)


def test_less_than_a_kilometre_has_no_bars_and_does_not_fail() -> None:
    ax = plot_splits_lost(review_of(EVEN, ran(EVEN[:100], of=STEPS)))
    assert not ax.texts
    render(ax)


def test_both_tables_have_the_steps_that_were_reached() -> None:
    planned, run = both_steps(review_of(EVEN, ran(np.full(300, 2.2), of=STEPS)))
    assert len(planned[c.DURATION]) == len(run[c.DURATION]) == 300
    assert run[c.DURATION][0] == 2.2 and planned[c.DURATION][0] == 2.0


@pytest.mark.parametrize(("heart_rate", "cadence", "axes"), [(150.0, 82.0, 6), (150.0, np.nan, 5), (np.nan, np.nan, 4)])
def test_the_figure_shows_what_was_measured(heart_rate: float, cadence: float, axes: int) -> None:
    actual = ran(1.1 * EVEN, heart_rate=heart_rate, cadence=cadence)
    figure = review_figure(review_of(EVEN, actual, altitude_m=HILLS))
    assert len(figure.axes) == axes
    assert [ax.get_xlabel() for ax in figure.axes] == [*[""] * (axes - 1), "distance (km)"]
    render(figure.axes[0])


def test_a_gap_in_the_heart_rate_is_no_reason_to_fail() -> None:
    heart_rate = np.where((np.arange(STEPS) > 300) & (np.arange(STEPS) < 500), np.nan, 150.0)
    render(review_figure(review_of(EVEN, ran(EVEN, heart_rate=heart_rate))).axes[0])

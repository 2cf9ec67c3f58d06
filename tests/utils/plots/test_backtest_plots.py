"""Plots of a backtest: each number where it belongs, with units."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from io import BytesIO

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from lib.evaluation.backtest import OURS
from utils.plots.axes import BLUE, VERMILLION
from utils.plots.backtest_plots import plot_errors_by_predictor, plot_finishes

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def no_screen() -> Iterator[None]:
    plt.switch_backend("Agg")
    yield
    plt.close("all")


def drawn(ax: Axes) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax.figure.savefig(BytesIO(), format="png", dpi=40)
    return True


def key(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def errors(athletes: str = "ab") -> pd.DataFrame:
    rows = [(athlete, name, error + place) for place, athlete in enumerate(athletes)
            for name, error in (("Tobler", 9.0), (OURS, 4.0), ("Minetti", 6.0))]  # fmt: skip
    return pd.DataFrame(rows, columns=["athlete", "predictor", "mape"])


def test_the_smallest_mean_error_is_on_top_with_its_number_beside_it() -> None:
    ax = plot_errors_by_predictor(errors())
    assert [label.get_text() for label in ax.get_yticklabels()] == [OURS, "Minetti", "Tobler"]
    assert ax.yaxis_inverted()
    assert [text.get_text() for text in ax.texts] == ["4.5", "6.5", "9.5"]
    bars = [line for line in ax.get_lines() if len(line.get_xdata())]
    assert [line.get_xdata()[0] for line in bars] == [4.5, 6.5, 9.5]
    assert [line.get_color() == BLUE for line in bars] == [True, False, False]
    assert drawn(ax)


def test_each_athlete_is_a_point_of_its_own_at_each_predictor() -> None:
    ax = plot_errors_by_predictor(errors())
    places = [np.asarray(points.get_offsets()).tolist() for points in ax.collections]
    assert places == [[[9.0, 2.0], [4.0, 0.0], [6.0, 1.0]], [[10.0, 2.0], [5.0, 0.0], [7.0, 1.0]]]
    assert key(ax) == ["a", "b", "mean over athletes"]
    assert ax.get_xlim()[0] == 0.0


def test_many_athletes_share_one_entry_of_the_key() -> None:
    ax = plot_errors_by_predictor(errors("abcdefgh"))
    assert len(ax.collections) == 8
    assert key(ax) == ["athletes", "mean over athletes"]


def test_another_error_is_drawn_with_its_unit_and_without_who_has_none() -> None:
    data = errors().assign(heart=[1.0, 2.0, np.nan] * 2)
    _, given = plt.subplots()
    ax = plot_errors_by_predictor(data, "heart", label="error of heart rate (bpm)", ax=given)
    assert ax is given
    assert ax.get_xlabel() == "error of heart rate (bpm)"
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Tobler", OURS]


def finishes() -> pd.DataFrame:
    said = np.array([3600.0, 7200.0, 10800.0])
    was = said * [1.0, 1.3, 0.95]
    low, high = 0.9 * said, 1.1 * said
    held = (was >= low) & (was <= high)
    return pd.DataFrame({"predicted_s": said, "moving_s": was, "low_s": low, "high_s": high, "held": held})


def test_times_inside_and_outside_of_their_interval_are_told_apart_and_counted() -> None:
    ax = plot_finishes(finishes())
    intervals, inside, outside = ax.collections
    assert np.asarray(inside.get_offsets()).tolist() == [[1.0, 1.0], [3.0, pytest.approx(2.85)]]
    assert np.asarray(outside.get_offsets()).tolist() == [[2.0, pytest.approx(2.6)]]
    assert outside.get_facecolor()[0][:3] == pytest.approx(plt.matplotlib.colors.to_rgb(VERMILLION))
    assert [segment[:, 1].tolist() for segment in intervals.get_segments()] == [
        pytest.approx([0.9, 1.1]), pytest.approx([1.8, 2.2]), pytest.approx([2.7, 3.3]),
    ]  # fmt: skip
    assert {"actual, inside: 2 of 3 (67%)", "actual, outside: 1 of 3 (33%)"} < set(key(ax))
    assert drawn(ax)


def test_finishes_that_are_all_inside_are_drawn_too() -> None:
    ax = plot_finishes(finishes().iloc[[0]])
    assert "actual, outside: 0 of 1 (0%)" in key(ax)
    assert drawn(ax)


def test_finish_axes_read_hours_and_minutes_and_hold_every_point() -> None:
    ax = plot_finishes(finishes())
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert ax.get_xlim() == ax.get_ylim()
    assert ax.get_xlim()[0] < 0.9 and ax.get_xlim()[1] > 3.3
    assert "(h:mm" in ax.get_xlabel() and "(h:mm" in ax.get_ylabel()
    assert [ax.xaxis.get_major_formatter()(h) for h in (0.25, 1.5, 12)] == ["0:15", "1:30", "12:00"]

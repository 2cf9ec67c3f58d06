"""Plots of what results are worth: each number where it belongs, with units."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from io import BytesIO

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from lib.athlete.race_ratings import RaceRating
from lib.evaluation.results import EFFORT_KM, OURS, RIEGEL
from utils.plots.results_plots import plot_errors, plot_found_again, plot_ratings, plot_worth


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


def test_errors_have_a_bar_for_each_group_and_predictor() -> None:
    rows = [("results", "all", OURS, 9.0), ("results", "all", RIEGEL, 21.0), ("finishes", "rated", OURS, 8.0),
            ("results", "all", EFFORT_KM, 14.0)]  # fmt: skip
    ax = plot_errors(pd.DataFrame(rows, columns=["file", "races", "predictor", "mape"]))
    assert key(ax) == [OURS, EFFORT_KM, RIEGEL]
    widths = [[bar.get_width() for bar in bars] for bars in ax.containers]
    assert widths[0] == [9.0, 8.0] and widths[1][0] == 14.0 and np.isnan(widths[1][1])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["results,\nall races", "finishes,\nrated races"]
    assert "%" in ax.get_xlabel() and drawn(ax)


def test_worth_is_drawn_for_the_groups_asked_for() -> None:
    rows = [("number", "1", 30, 12.0, 20.0), ("number", "2", 1200, 11.0, 17.0), ("age", "more", 9, 14.0, 22.0)]
    ax = plot_worth(
        pd.DataFrame(rows, columns=["by", "group", "n", "mape", "half_width_pct"]), "number", "earlier results"
    )
    assert ax.lines[0].get_ydata().tolist() == [12.0, 11.0]
    assert [bar.get_height() for bar in ax.patches] == [20.0, 17.0]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1\n(30)", "2\n(1,200)"]
    assert "earlier results" in ax.get_xlabel() and "%" in ax.get_ylabel() and drawn(ax)


def test_ratings_are_shares_of_the_time() -> None:
    races = [
        RaceRating(("hard",), 50.0, 2_000.0, 0.2, 0.05, 0.04, 50),
        RaceRating(("easy",), 30.0, 900.0, -0.1, 0.02, 0.02, 60),
    ]
    ax = plot_ratings(races)
    assert ax.collections[-1].get_offsets()[:, 0].tolist() == pytest.approx(np.expm1([0.2, -0.1]))
    ends = ax.collections[0].get_segments()[0][:, 0]
    assert ends == pytest.approx(np.expm1([0.2 - 0.05 * 1.2816, 0.2 + 0.05 * 1.2816]))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["hard, 50 km", "easy, 30 km"]
    assert ax.yaxis_inverted() and drawn(ax)


def test_what_is_found_again_lies_on_the_line() -> None:
    ax = plot_found_again(pd.DataFrame({"effect": [-0.1, 0.1], "fitted": [-0.08, 0.1], "sd": [0.02, 0.03]}))
    line, points = ax.lines[0], ax.lines[1]
    assert np.array_equal(line.get_xdata(), line.get_ydata())
    assert points.get_ydata().tolist() == [-0.08, 0.1]
    assert ax.get_aspect() == 1.0 and drawn(ax)

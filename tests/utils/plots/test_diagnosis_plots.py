"""Plots of the defects of the original pipeline: numbers with units."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from lib.core import schema as c
from lib.evaluation.original.recipe import RELATIVE_TIME
from utils.plots.diagnosis_plots import (
    plot_differences,
    plot_elapsed,
    plot_errors,
    plot_instructions,
    plot_predictions,
    plot_relative_time,
    plot_told_and_own,
)

pytestmark = pytest.mark.slow

STEPS = 400


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    yield
    plt.close("all")


def prediction(duration_s: float = 2.0, told_s: float | None = None) -> pd.DataFrame:
    """A steady run; `told_s` is what the network is told of each step."""
    steps = np.arange(1, STEPS + 1)
    return pd.DataFrame(
        {
            c.DISTANCE: 5.0 * steps,
            c.DURATION: duration_s,
            c.HEART_RATE: 140.0,
            c.CADENCE: 80.0,
            c.ELAPSED: (duration_s if told_s is None else told_s) * steps,
            RELATIVE_TIME: (steps - 1) % 200 / 400,
        }
    )


def lines(ax: Axes) -> dict[str, np.ndarray]:
    return {line.get_label(): line.get_ydata() for line in ax.get_lines()}


def key(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_predictions_stand_under_their_names_over_the_expectation() -> None:
    ax = plot_predictions({"flat": prediction(4.0), "sound": prediction(2.0)}, expected=prediction(1.9))
    assert {name: set(np.round(y, 9)) for name, y in lines(ax).items()} == {
        "noise-free expectation": {1.9},
        "flat": {4.0},
        "sound": {2.0},
    }
    assert "s per 5 m" in ax.get_ylabel()
    assert ax.get_xlabel() == "distance (km)"
    assert ax.get_xlim() == (0.0, 2.0)


def test_a_part_of_the_course_can_be_shown() -> None:
    ax = plot_predictions({"one": prediction()}, c.HEART_RATE, until_km=0.5)
    assert lines(ax)["one"].size == 100
    assert ax.get_xlim() == (0.0, 0.5)
    assert "(bpm)" in ax.get_ylabel()


def test_differences_say_how_far_at_most_and_where_there_are_none() -> None:
    ax = plot_differences({"off": prediction(2.5), "same": prediction()}, prediction())
    assert key(ax) == ["off: up to 0.50 s", "same: 0 everywhere"]
    assert set(np.round(lines(ax)["off: up to 0.50 s"], 9)) == {0.5}
    assert set(lines(ax)["same: 0 everywhere"]) == {0.0}
    assert "(s per 5 m)" in ax.get_ylabel()


def test_relative_time_beyond_training_stands_above_the_band() -> None:
    shifted = prediction().assign(**{RELATIVE_TIME: np.arange(STEPS) % 200.0})
    ax = plot_relative_time({"shifted": shifted, "sound": prediction()}, 0.4975, until_km=1.0)
    assert lines(ax)["shifted"].max() == 199.0
    assert lines(ax)["sound"].max() == pytest.approx(0.4975)
    assert ax.get_yscale() == "symlog"
    assert ax.get_ylim()[1] > 199.0
    assert key(ax)[0] == "seen in training"
    assert ax.patches[0].get_y() + ax.patches[0].get_height() == pytest.approx(0.4975)


def test_elapsed_time_that_contradicts_the_prediction_is_dashed_and_counted() -> None:
    ax = plot_elapsed({"half": prediction(2.0, told_s=4.0), "all": prediction(2.0)})
    drawn = lines(ax)
    assert drawn["told, half"][-1] == pytest.approx(4.0 * STEPS / 60)
    assert drawn["predicted, half"][-1] == pytest.approx(2.0 * STEPS / 60)
    assert "predicted, all" not in drawn
    assert [line.get_linestyle() for line in ax.get_lines()] == ["--", "-", "-"]
    assert [text.get_text() for text in ax.texts] == ["+13 min"]
    assert ax.get_ylabel() == "elapsed time (min)"


def test_points_of_sessions_carry_their_correlation() -> None:
    own = pd.Series([1.5, 2.0, 2.6])
    ax = plot_told_and_own(
        {
            "leak": pd.DataFrame({"told_s": own, "own_s": own}),
            "past": pd.DataFrame({"told_s": [2.1, 2.0, 1.9], "own_s": [1.5, 2.0, 2.5]}),
        }
    )
    assert key(ax) == ["leak: r = 1.00", "past: r = -1.00"]
    assert ax.collections[0].get_offsets().tolist() == [[1.5, 1.5], [2.0, 2.0], [2.6, 2.6]]
    assert ax.get_xlim() == ax.get_ylim()
    assert "s per 5 m" in ax.get_xlabel()
    assert "s per 5 m" in ax.get_ylabel()


def test_errors_stand_on_their_bars_in_their_units() -> None:
    first = pd.DataFrame({c.DURATION: [0.2, 0.4], c.HEART_RATE: [8.0, 10.0], c.CADENCE: [2.0, 2.0]})
    ax = plot_errors({"median": first, "own": first / 2})
    assert [bar.get_height() for bar in ax.patches] == pytest.approx([1.0, 1.0, 1.0, 0.5, 0.5, 0.5])
    assert [text.get_text() for text in ax.texts] == [
        "0.30 s", "9.00 bpm", "2.00 rpm", "0.15 s", "4.50 bpm", "1.00 rpm",
    ]  # fmt: skip
    assert [label.get_text() for label in ax.get_xticklabels()] == ["duration", "heart rate", "cadence"]
    assert key(ax) == ["median", "own"]


def test_instructions_are_counted_by_kind() -> None:
    ax = plot_instructions({"a.pkl": {"imports": 20, "calls": 300, "data": 3000}, "b.json": {"data": 200}})
    assert [bar.get_width() for bar in ax.patches] == [20, 0, 300, 0, 3000, 200]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a.pkl", "b.json"]
    assert key(ax) == ["imports", "calls", "data"]
    assert "number" in ax.get_xlabel()


def test_everything_can_be_drawn_into_given_axes() -> None:
    _, axes = plt.subplots(1, 7)
    one, errors = {"a": prediction()}, pd.DataFrame({name: [1.0, 2.0] for name in c.TARGETS})
    told = pd.DataFrame({"told_s": [1.0, 2.0], "own_s": [1.0, 2.5]})
    drawn = [
        plot_predictions(one, ax=axes[0]),
        plot_differences(one, prediction(), ax=axes[1]),
        plot_relative_time(one, 0.5, ax=axes[2]),
        plot_elapsed(one, ax=axes[3]),
        plot_told_and_own({"a": told}, ax=axes[4]),
        plot_errors({"a": errors}, ax=axes[5]),
        plot_instructions({"a": {"data": 1}}, ax=axes[6]),
    ]
    assert drawn == list(axes)
    assert len(plt.get_fignums()) == 1

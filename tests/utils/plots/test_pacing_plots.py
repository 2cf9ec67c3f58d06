"""Plots of long races: each number where it belongs, with units."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from io import BytesIO

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from lib.athlete.pacing_law import PacingLaw
from lib.evaluation.races import EDITION, EVEN, OURS
from utils.plots.axes import BLUE
from utils.plots.pacing_plots import (
    finish_label,
    plot_coverage,
    plot_fading,
    plot_gaps,
    plot_lateness,
    plot_slope_factors,
)


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


def legs() -> pd.DataFrame:
    rows = [(5.0, 0.2, 100.0, 1.1, 1.2), (5.0, 0.4, 300.0, 1.5, 1.4), (5.0, 0.9, 400.0, 1.6, 1.5),
            (40.0, 11.0, 500.0, 1.9, 2.0)]  # fmt: skip
    return pd.DataFrame(rows, columns=["finish_h", "moving_h", "fresh_s", "seen", "law"])


def test_legs_are_averaged_by_hour_and_weighted_by_their_length() -> None:
    ax = plot_fading(legs())
    short, long = ax.collections
    # 0.2 and 0.4 h share a bin, with weights 1 and 3.
    assert np.asarray(short.get_offsets()).tolist() == [pytest.approx([0.35, 1.4]), pytest.approx([0.9, 1.6])]
    assert np.asarray(long.get_offsets()).tolist() == [pytest.approx([11.0, 1.9])]
    assert ax.get_lines()[0].get_ydata().tolist() == pytest.approx([1.35, 1.5])
    assert key(ax) == ["under 6 h", "30 h and more", "by the law"]
    assert ax.get_xlabel() == "moving time so far (h)"
    assert "1 is fresh" in ax.get_ylabel()
    assert drawn(ax)


def test_hours_that_hardly_anybody_ran_are_not_drawn() -> None:
    rare = pd.DataFrame([(5.0, 4.6, 5.0, 9.0, 2.0)], columns=legs().columns)
    ax = plot_fading(pd.concat([legs(), rare], ignore_index=True))
    assert np.asarray(ax.collections[0].get_offsets())[:, 1].max() < 2.0


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(0.0, 6.0, "under 6 h"), (6.0, 12.0, "6 to 12 h"), (30.0, np.inf, "30 h and more")],
)
def test_groups_of_finish_times_have_names(low: float, high: float, said: str) -> None:
    assert finish_label(low, high) == said


def test_slopes_cost_as_the_law_says_and_descents_more_when_tired() -> None:
    law = PacingLaw(fading=0.5, descent_fading=0.4)
    _, given = plt.subplots()
    ax = plot_slope_factors(law, 10.0, ax=given)
    assert ax is given
    fresh, tired, energy = (dict(zip(np.round(line.get_xdata(), 6), line.get_ydata(), strict=True))
                            for line in ax.get_lines())  # fmt: skip
    assert fresh[0.0] == pytest.approx(1.0)
    assert energy[0.0] == pytest.approx(1.0)
    assert tired[0.0] == pytest.approx(1.5)
    assert tired[15.0] / fresh[15.0] == pytest.approx(1.5)
    assert tired[-15.0] / fresh[-15.0] == pytest.approx(1.0 + 0.5 * 1.4)
    assert key(ax) == ["law, fresh", "law, after 10 h", "energy cost (Minetti)"]
    assert (ax.get_xlabel(), ax.get_ylim()[0]) == ("slope (%)", 0.0)
    assert drawn(ax)


def gaps() -> pd.DataFrame:
    rows = [("a", OURS, 10.0), ("a", OURS, 14.0), ("a", EVEN, 30.0), ("b", OURS, 4.0), ("b", EVEN, 8.0),
            ("a", EDITION, 6.0)]  # fmt: skip
    return pd.DataFrame(rows, columns=["event", "predictor", "gap_min"])


def test_each_event_has_a_bar_for_each_predictor_and_the_mean_only_those_that_are_everywhere() -> None:
    ax = plot_gaps(gaps())
    assert [label.get_text() for label in ax.get_yticklabels()] == ["b", "a", "mean of events"]
    assert ax.yaxis_inverted()
    bars = {container.get_label(): [bar.get_width() for bar in container] for container in ax.containers}
    assert bars == {OURS: [4.0, 12.0, 8.0], EDITION: [6.0], EVEN: [8.0, 30.0, 19.0]}
    assert to_rgb(ax.containers[0][0].get_facecolor()) == to_rgb(BLUE)
    middle = ax.containers[1][0].get_y() + ax.containers[1][0].get_height() / 2
    assert middle == pytest.approx(1.0)
    assert ax.get_xlabel() == "mean gap at checkpoints (min)"
    assert "12.0" in [text.get_text() for text in ax.texts]
    assert drawn(ax)


def arrivals() -> pd.DataFrame:
    rows = [
        ("x 1", "x", 10.0, 0.05, 10, 1.0, 100.0),
        ("x 1", "x", 10.0, 0.05, 10, 2.0, 100.0),
        ("y 1", "y", 10.0, 0.05, 30, -0.5, 60.0),
        ("y 1", "y", 20.0, 0.95, 10, -2.0, 50.0),
        ("y 1", "y", 20.0, 0.92, 30, -2.0, 90.0),
    ]
    return pd.DataFrame(rows, columns=["race", "event", "finish_h", "share", "n", "late_pct", "held_pct"])


def test_the_map_has_the_mean_of_races_in_each_cell_and_none_where_nobody_was() -> None:
    ax = plot_lateness(arrivals())
    late = ax.collections[0].get_array().reshape(10, 10)
    assert late[0, 0] == pytest.approx(0.5 * (1.5 - 0.5))
    assert late[9, 9] == pytest.approx(-2.0)
    assert int(np.ma.count(late)) == 2
    assert ax.collections[0].norm.vmin == pytest.approx(-2.0)
    assert ax.collections[0].norm.vmax == pytest.approx(2.0)
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_yscale()) == ("share of the course (%)", "finish (h)", "log")
    assert "(% of the finish)" in ax.figure.axes[-1].get_ylabel()
    assert ax.yaxis.get_major_formatter()(12.0) == "12"
    assert drawn(ax)


def test_coverage_counts_arrivals_alike_within_an_event_and_events_alike_in_the_mean() -> None:
    ax = plot_coverage(arrivals())
    x, y, mean, wanted = ax.get_lines()
    assert np.asarray(x.get_ydata())[0] == pytest.approx(100.0)
    assert np.asarray(y.get_ydata()).tolist() == pytest.approx([60.0, 80.0])
    assert np.asarray(mean.get_xdata()).tolist() == pytest.approx([5.0, 95.0])
    assert np.asarray(mean.get_ydata()).tolist() == pytest.approx([80.0, 80.0])
    assert np.asarray(wanted.get_ydata()).tolist() == [80.0, 80.0]
    assert key(ax) == ["events", "mean of events", "80%"]
    assert ax.get_ylim() == (0.0, 100.0)
    assert drawn(ax)

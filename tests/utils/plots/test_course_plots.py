"""Plots along a course: units, sizes, and pace the right way up."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from lib.core import schema as c
from lib.core.durations import m_ss
from lib.course.course import load_course
from lib.course.terrain_features import course_table
from lib.plan.moving_plan import Plan, plan_from
from lib.plan.splits import kilometres
from tests.support.plans import BAND
from tests.support.races import race_of
from utils.plots import course_plots as plots
from utils.plots.axes import MOST_POINTS, SLOPES, drawn_steps, slope_class
from utils.plots.curves import smoothed, window_m

COURSES = Path(__file__).resolve().parents[3] / "data" / "courses"
NAMES = (c.DURATION, c.HEART_RATE, c.CADENCE)


@pytest.fixture(autouse=True)
def no_screen() -> Iterator[None]:
    plt.switch_backend("Agg")
    yield
    plt.close("all")


def make_steps(steps: int = 600, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            c.DISTANCE: (np.arange(steps) + 1) * c.STEP_M,
            c.DURATION: rng.uniform(1.5, 5.0, steps),
            c.HEART_RATE: rng.uniform(120, 170, steps),
            c.CADENCE: rng.uniform(70, 90, steps),
        }
    )


@pytest.fixture(scope="module")
def plan() -> Plan:
    course = load_course(COURSES / "powell_valley_5km.gpx")
    return plan_from(course, make_steps(len(course.table))[list(NAMES)], BAND)


def drawn(ax: Axes) -> bytes:
    """Render, so that nothing fails only when it is shown; warnings (missing glyphs, odd layouts) count as failures."""
    file = BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax.figure.savefig(file, format="png", dpi=40)
    return file.getvalue()


def curve(ax: Axes, number: int = 0) -> tuple[np.ndarray, np.ndarray]:
    line = ax.get_lines()[number]
    return np.asarray(line.get_xdata()), np.asarray(line.get_ydata())


@pytest.mark.parametrize("plot", [plots.plot_pace, plots.plot_heart_rate, plots.plot_cadence])
def test_a_curve_goes_on_the_given_axes_or_on_new_ones(plot) -> None:  # type: ignore[no-untyped-def]
    _, ax = plt.subplots()
    assert plot(make_steps(), ax=ax) is ax
    other = plot(make_steps())
    assert other is not ax
    assert other.get_xlabel() == "distance (km)"
    assert "(" in other.get_ylabel()
    assert drawn(other)


def test_faster_is_up_and_minutes_are_read_as_minutes() -> None:
    ax = plots.plot_pace(make_steps())
    bottom, top = ax.get_ylim()
    assert bottom > top
    assert ax.yaxis.get_major_formatter()(6.5, 0) == "6:30"
    assert "faster is up" in ax.get_ylabel()


def test_pace_is_the_time_of_100_m_and_says_so() -> None:
    data = make_steps(400)
    data[c.DURATION] = np.where(np.arange(400) % 2, 2.0, 4.0)  # 3 s on average: 10 min/km
    ax = plots.plot_pace(data)
    km, pace = curve(ax)
    assert km[-1] == 2.0
    np.testing.assert_allclose(pace[20:-20], 10.0)
    assert ax.get_legend().get_texts()[0].get_text() == "100 m mean"
    assert ax.get_legend().get_texts()[1].get_text() == "whole course 10:00"


@pytest.mark.parametrize(("km", "metres"), [(0.5, 100), (25, 100), (25.005, 200), (51.5, 300)])
def test_longer_courses_are_smoothed_more(km: float, metres: float) -> None:
    assert window_m(round(km * 200)) == metres


def test_smoothing_keeps_the_length_and_bridges_what_is_missing() -> None:
    values = pd.Series(np.r_[np.full(50, 3.0), np.nan, np.full(49, 3.0)])
    assert smoothed(values).tolist() == [3.0] * 100


def test_mean_heart_rate_is_over_time() -> None:
    data = make_steps(200)
    data[c.HEART_RATE], data[c.DURATION] = np.repeat([100.0, 160.0], 100), np.repeat([1.0, 3.0], 100)
    ax = plots.plot_heart_rate(data)
    assert ax.get_legend().get_texts()[1].get_text() == "whole course 145"


def test_cadence_is_in_steps_of_both_feet() -> None:
    data = make_steps(100)
    data[c.CADENCE] = 85.0
    ax = plots.plot_cadence(data)
    assert ax.get_ylabel() == "cadence (spm)"
    assert curve(ax)[1].tolist() == [170.0] * 100
    assert ax.get_legend().get_texts()[1].get_text() == "whole course 170"


def test_a_curve_is_drawn_only_where_something_is_known() -> None:
    data = make_steps(400)
    data.loc[:199, c.HEART_RATE] = np.nan
    data.loc[200:, c.HEART_RATE] = 150.0
    ax = plots.plot_heart_rate(data)
    drawn_bpm = curve(ax)[1]
    assert np.isnan(drawn_bpm[:190]).all() and (drawn_bpm[200:] == 150.0).all()
    assert ax.get_legend().get_texts()[1].get_text() == "mean where known 150"


def test_a_constant_heart_rate_is_not_blown_up() -> None:
    data = make_steps()
    data[c.HEART_RATE] = 140.0
    low, high = plots.plot_heart_rate(data).get_ylim()
    assert high - low >= 10.0


def test_the_profile_is_shaded_by_slope_and_named() -> None:
    up_and_down = np.concatenate([np.arange(200) * 1.0, 200 - np.arange(200) * 0.4])  # +20%, then -8%
    ax = plots.plot_profile(course_table(up_and_down))
    labels = {text.get_text() for text in ax.get_legend().get_texts()}
    assert {"up, over 15%", "down, 5 to 15%"} <= labels
    assert ax.get_legend().get_title().get_text() == "slope over 200 m"
    assert ax.get_ylabel() == "altitude (m)"
    assert drawn(ax)


def test_every_slope_is_in_one_class() -> None:
    slope = np.linspace(-0.6, 0.6, 1201)
    assert (sum(slope_class(slope, low, high).astype(int) for low, high, _, _ in SLOPES) == 1).all()


def test_a_flat_profile_is_drawn_flat() -> None:
    low, high = plots.plot_profile(course_table(np.full(300, 12.0))).get_ylim()
    assert high - low >= 40.0


def test_waypoint_names_are_text_and_not_formulas() -> None:
    names = ["Hut $1 & $2", "<b>x</b>", "a_very_long_name_of_a_place_somewhere", "$\\frac{"]
    waypoints = pd.DataFrame({c.WAYPOINT: names, c.DISTANCE: [0.0, 700.0, 1400.0, 2000.0]})
    ax = plots.plot_profile(course_table(np.full(400, 12.0)), waypoints=waypoints)
    assert drawn(ax)
    shown = [text.get_text().strip() for text in ax.texts]
    assert shown[1] == names[1]
    assert max(map(len, shown)) <= 16


def test_crowded_waypoints_keep_their_lines_and_lose_their_names() -> None:
    waypoints = pd.DataFrame({c.WAYPOINT: [f"W{i}" for i in range(50)], c.DISTANCE: np.arange(50) * 40.0})
    ax = plots.plot_profile(course_table(np.full(400, 12.0)), waypoints=waypoints)
    assert len(ax.get_lines()) == 51
    assert 0 < len(ax.texts) < 25


def test_names_of_waypoints_do_not_overlap() -> None:
    names = ["Refuge du Lac", "Col", "Cabane du Berger", "Pont", "Village", "Home"]
    places = [0.0, 900.0, 2_600.0, 3_200.0, 6_000.0, 10_000.0]
    waypoints = {c.WAYPOINT: np.array(names, dtype=object), c.DISTANCE: np.array(places)}
    ax = plots.plot_profile(course_table(np.full(2_000, 12.0)), waypoints=waypoints)
    assert drawn(ax)
    boxes = [text.get_window_extent() for text in ax.texts]
    assert [text.get_text().strip() for text in ax.texts] == ["Refuge du Lac", "Cabane du Berger", "Village", "Home"]
    assert all(a.x1 < b.x0 for a, b in pairwise(boxes))
    frame = ax.get_window_extent()
    assert frame.x0 <= boxes[0].x0 and boxes[-1].x1 <= frame.x1


@pytest.mark.parametrize("steps", [1, 100, MOST_POINTS, MOST_POINTS + 1, 66_000])
def test_curves_are_drawn_with_few_points_and_both_ends(steps: int) -> None:
    at = drawn_steps(steps)
    assert at[0] == 0 and at[-1] == steps - 1 and np.all(np.diff(at) > 0)
    assert at.size <= MOST_POINTS + 1
    assert steps > MOST_POINTS or at.size == steps


def test_a_long_profile_and_its_curves_end_at_the_finish() -> None:
    data = make_steps(8_000)
    data[c.ALTITUDE] = 500.0 + np.arange(8_000) * 0.1
    for ax in (plots.plot_profile(data), plots.plot_pace(data), plots.plot_cadence(data)):
        km, _ = curve(ax)
        assert km[0] == 0.005 and km[-1] == 40.0 and km.size <= MOST_POINTS + 1
        assert ax.get_xlim() == (0.0, 40.0)


def test_bars_are_as_wide_as_their_kilometres_and_as_high_as_their_pace(plan: Plan) -> None:
    splits = kilometres(race_of(plan))
    ax = plots.plot_splits(splits)
    bars = sorted((bar.get_x(), bar.get_width(), bar.get_height()) for bar in ax.patches)
    np.testing.assert_allclose([bar[1] for bar in bars], splits[c.DISTANCE] / 1000.0)
    np.testing.assert_allclose([bar[2] for bar in bars], splits[c.PACE])
    assert ax.get_ylim()[0] == 0.0
    assert {text.get_text() for text in ax.texts} == {m_ss(60.0 * pace) for pace in splits[c.PACE]}
    assert drawn(ax)


@pytest.mark.parametrize("count", [1, 21, 60])
def test_splits_of_short_and_long_courses_are_drawn(plan: Plan, count: int) -> None:
    splits = {name: np.repeat(values[:1], count) for name, values in kilometres(race_of(plan)).items()}
    ax = plots.plot_splits(splits)
    assert drawn(ax)
    assert len(ax.texts) == (count if count <= 35 else 0)


@pytest.mark.parametrize("target", NAMES)
def test_a_prediction_is_drawn_over_the_expectation(target: str) -> None:
    ours, theirs = make_steps(), make_steps(seed=1).drop(columns=c.DISTANCE)
    ax = plots.plot_prediction_against(ours, theirs, target)
    (km, below), (other_km, above) = curve(ax, 0), curve(ax, 1)
    np.testing.assert_array_equal(km, other_km)
    factor = {c.DURATION: 200 / 60, c.HEART_RATE: 1.0, c.CADENCE: 2.0}[target]
    np.testing.assert_allclose(below, smoothed(theirs[target]) * factor)
    np.testing.assert_allclose(above, smoothed(ours[target]) * factor)
    assert (ax.get_ylim()[0] > ax.get_ylim()[1]) == (target == c.DURATION)
    assert drawn(ax)


def test_losses_mark_the_best_epoch() -> None:
    rows = [
        {"epoch": 0, "step": 6, "train_loss_epoch": 1.9, "val_loss": 1.8},
        {"epoch": 1, "step": 12, "train_loss_epoch": 1.5, "val_loss": 1.6},
        {"epoch": 2, "step": 18, "train_loss_epoch": 1.4, "val_loss": 1.7},
    ]
    ax = plots.plot_losses(rows)
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert "best: 1.600 after epoch 2" in texts
    steps, means = curve(ax, texts.index("training, mean of the epoch"))
    assert means.tolist() == [1.9, 1.5, 1.4]
    assert steps.tolist() == [6, 12, 18]
    assert drawn(ax)


def test_one_epoch_is_drawn() -> None:
    assert drawn(plots.plot_losses([{"epoch": 0, "step": 10, "val_loss": 2.0}]))

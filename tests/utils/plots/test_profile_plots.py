"""Plots of an athlete profile: each number where it belongs, with units."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest

from tests.report.test_profile_card import card_of
from utils.plots.profile_plots import plot_form, plot_heart_rate_by_pace, plot_past_predictions, plot_slope_paces

CARD = card_of(12)


@pytest.fixture(autouse=True)
def no_screen() -> Iterator[None]:
    plt.switch_backend("Agg")
    yield
    plt.close("all")


def test_slopes_are_drawn_in_percent_for_both() -> None:
    ax = plot_slope_paces(CARD)
    others, own = ax.get_lines()
    assert np.allclose(own.get_xdata(), 100 * CARD.slope) and np.allclose(own.get_ydata(), CARD.slope_pace)
    assert np.allclose(others.get_ydata(), CARD.everybody_pace)
    assert ax.get_xlabel() == "slope (%)" and "min/km" in ax.get_ylabel() and ax.yaxis_inverted()


def test_form_ends_at_the_last_run() -> None:
    ax = plot_form(CARD)
    runs, form = ax.get_lines()
    assert runs.get_xdata()[-1] == form.get_xdata()[-1] == 0.0
    assert np.allclose(form.get_ydata(), CARD.form_pace) and "months" in ax.get_xlabel()


def test_heart_rate_has_a_dot_for_each_run_with_one() -> None:
    dots = plot_heart_rate_by_pace(CARD).collections[0]
    assert np.allclose(dots.get_offsets(), np.stack([CARD.flat_pace, CARD.heart_rate_bpm], axis=1))
    assert dots.get_facecolors()[0, 3] < dots.get_facecolors()[-1, 3]


def test_past_predictions_are_in_percent_about_0() -> None:
    ax = plot_past_predictions(CARD)
    assert np.allclose(ax.get_lines()[-1].get_ydata(), 100 * CARD.expected_error, equal_nan=True)
    assert ax.get_ylim()[0] == -ax.get_ylim()[1] and "(%)" in ax.get_ylabel()

"""Charts of an athlete profile: each number where it belongs, with units."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tests.report.test_profile_card import card_of
from utils.plan_page.chart import Chart
from utils.plan_page.profile_charts import form_chart, heart_rate_chart, past_chart, slope_chart

CARD = card_of(12)


def dots(chart: Chart) -> np.ndarray:
    """Points in values of the axes."""
    (data,) = [found for found in chart.drawn if "point" in found]
    units = np.array([[int(x) for x in pair] for pair in re.findall(r"M(-?\d+) (-?\d+)h0", data)])
    x, y = chart.x, chart.y
    return np.column_stack([
        x.low + units[:, 0] / 10_000 * (x.high - x.low), y.low + (1 - units[:, 1] / 1_000) * (y.high - y.low),
    ])  # fmt: skip


def test_slopes_are_in_percent_and_faster_is_up() -> None:
    chart = slope_chart(CARD)
    found = dots(chart)
    assert found[:, 0] == pytest.approx(100 * CARD.slope, abs=0.1)
    assert found[:, 1] == pytest.approx(60 * CARD.slope_pace, abs=3.0)
    assert chart.y.low > chart.y.high and "min/km" in chart.y.name


def test_form_ends_at_the_last_run() -> None:
    found = dots(form_chart(CARD))
    assert found[-1, 0] == 0.0 and len(found) == CARD.day.size


def test_heart_rate_has_a_dot_for_each_run_with_one() -> None:
    found = dots(heart_rate_chart(CARD))
    assert found == pytest.approx(np.column_stack([60 * CARD.flat_pace, CARD.heart_rate_bpm]), abs=0.5)


def test_past_predictions_are_in_percent_about_0() -> None:
    chart = past_chart(CARD)
    known = np.isfinite(CARD.expected_error)
    assert dots(chart)[:, 1] == pytest.approx(100 * CARD.expected_error[known], abs=0.2)
    assert chart.y.low == -chart.y.high

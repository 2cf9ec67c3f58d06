"""The charts of an athlete profile: pace by slope, form, heart rate by pace, past predictions."""

from __future__ import annotations

from typing import Final

import numpy as np

from lib.core.durations import m_ss
from lib.core.units import METRIC, Units
from lib.report.profile_card import ProfileCard, typical_run
from utils.plan_page.chart import Axis, Chart, axis
from utils.plan_page.plan_charts import LEVELS, PACE_STEPS_S, level_axis, pace_axis

_MONTH_DAYS: Final = 365.25 / 12.0
_HALF: Final = (6, 5)
"""Most ticks along half of a wide screen, and along a phone."""


def _months_axis(ago: np.ndarray) -> Axis:
    return axis(
        min(float(ago.min()), -0.1), 0.0, lambda x: f"{abs(x):g}", most=_HALF, name="months before the last run"
    )


def slope_chart(card: ProfileCard, units: Units = METRIC) -> Chart:
    """Draw pace by slope, the athlete's and that of others who are as fast on the flat."""
    percent = 100.0 * card.slope
    own, others = (units.pace_s(60.0 * pace) for pace in (card.slope_pace, card.everybody_pace))
    chart = Chart(
        axis(float(percent.min()), float(percent.max()), lambda x: f"{x:g}%", most=_HALF, name="slope"),
        pace_axis(np.concatenate([own, others]), f"pace ({units.pace}, faster is up)"),
        "Pace by slope, of this athlete and of others",
        kind="tall",
    )
    chart.line(percent, others, "mean", "others of this pace on the flat")
    chart.line(percent, own, "pace", "this athlete")
    chart.points(percent, own, "pace")
    return chart


def form_chart(card: ProfileCard, units: Units = METRIC) -> Chart:
    """Draw how form moved: each remembered run's pace on the flat, and what 10 km on the flat would have taken."""
    last = card.day[-1]
    ago, form_ago = ((days - last) / _MONTH_DAYS for days in (card.day, card.form_day))
    runs, form = (units.pace_s(60.0 * pace) for pace in (card.flat_pace, card.form_pace))
    chart = Chart(
        _months_axis(ago),
        pace_axis(np.concatenate([runs, form]), f"pace on the flat ({units.pace}, faster is up)"),
        "Pace of each run at its worth on the flat, and form, over the months",
        kind="tall",
    )
    chart.points(ago, runs, "run", "a run, at its worth on the flat")
    chart.line(form_ago, form, "pace", f"expected of {typical_run(units)}")
    return chart


def heart_rate_chart(card: ProfileCard, units: Units = METRIC) -> Chart:
    """Draw mean heart rate of each remembered run by its pace on the flat; faster is right."""
    known = np.isfinite(card.heart_rate_bpm)
    pace = units.pace_s(60.0 * card.flat_pace[known])
    slowest, fastest = float(pace.max()), float(pace.min())
    margin = max(0.05 * (slowest - fastest), 2.0)
    chart = Chart(
        axis(
            slowest + margin, fastest - margin, m_ss, steps=PACE_STEPS_S, most=_HALF,
            name=f"pace, at its worth on the flat ({units.pace}); faster is right",
        ),
        level_axis(card.heart_rate_bpm[known], 10.0, "heart rate (bpm)"),
        "Mean heart rate of each run by its pace on the flat",
        kind="tall",
    )  # fmt: skip
    chart.points(pace, card.heart_rate_bpm[known], "heart")
    return chart


def past_chart(card: ProfileCard) -> Chart:
    """Draw by how much each remembered run missed what the runs before it suggested; above 0 it took longer."""
    ago, percent = (card.day - card.day[-1]) / _MONTH_DAYS, 100.0 * card.expected_error
    limit = 5.0 if not np.isfinite(percent).any() else max(1.2 * float(np.nanquantile(np.abs(percent), 0.99)), 5.0)
    chart = Chart(
        _months_axis(ago),
        axis(-limit, limit, lambda x: f"{x:+g}%" if x else "0", most=LEVELS, name="actual against expected"),
        "How far each run was from what the runs before it suggested, in percent",
        kind="tall",
    )
    chart.level(0.0, "mean")
    chart.stems(ago, percent, "heart")
    chart.points(ago, percent, "heart")
    return chart


def profile_charts(card: ProfileCard, units: Units = METRIC) -> dict[str, tuple[Chart, str]]:
    """What can be drawn of a profile, by title, with how to read it."""
    found: dict[str, tuple[Chart, str]] = {}
    if card.slope.size > 1:
        said = "At the level of this athlete; where the lines part, climbs or descents are a strength or a weakness."
        found["Pace by slope"] = slope_chart(card, units), said
    if card.day.size > 1:
        said = "Each dot is a remembered run, without its slopes; of older runs, those are kept whose kind is rare."
        found["Form"] = form_chart(card, units), said
    if int(np.isfinite(card.heart_rate_bpm).sum()) > 1:
        found["Heart rate by pace"] = heart_rate_chart(card, units), "Mean heart rate of each remembered run."
    if card.day.size > 1:
        said = "Time of each remembered run against what the ones before it suggested; above 0 it took longer."
        found["Past predictions"] = past_chart(card), said
    return found

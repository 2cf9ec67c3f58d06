"""The charts of a plan beside the run: time lost along the course and in each kilometre, and what both were like."""

from __future__ import annotations

from typing import Final

import numpy as np

from lib.core import schema as c
from lib.core.durations import difference_text
from lib.core.numeric import runs_of_true
from lib.course.slope_classes import GROUNDS, LIMITS
from lib.plan.review import Review, mean_of, stretch_review
from lib.plan.splits import even_splits
from utils.plan_page.chart import Chart
from utils.plan_page.compare_charts import gap_axis
from utils.plan_page.plan_charts import distance_axis, level_axis, pace_axis, profile_chart, station_places
from utils.plots.curves import lost_bounds_s, lost_to_even_s, smoothed, smoothed_pace, spm, window_text

_MOST_NAMED: Final = 25


def _km(review: Review) -> np.ndarray:
    """Distance (km) of the places reached, 0 being the start, shape (n + 1,)."""
    return np.arange(review.steps + 1) * c.STEP_M / 1000.0


def _marked(review: Review, chart: Chart) -> Chart:
    for at_km, _ in station_places(review.race):
        if at_km <= chart.x.high:
            chart.upright(at_km, "station")
    return chart


def lost_chart(review: Review) -> Chart:
    """Draw the time lost against the plan along the course, over the 80% interval of arrivals; up is lost."""
    km = _km(review)
    race, moving, low, high = (np.append(0.0, x) for x in (review.race_gap_s, review.gap_s, *review.band_s))
    chart = Chart(
        distance_axis(km[-1], review.race.config.units),
        gap_axis(*lost_bounds_s(review), "lost against the plan"),
        "Time lost against the plan along the course, in race time and in moving time",
        kind="tall",
    )  # fmt: skip
    bottom, top = chart.y.low, chart.y.high
    chart.fill(km, np.clip(low, bottom, top), np.clip(high, bottom, top), "interval", "80% interval of arrivals")
    chart.level(0.0, "mean", "plan")
    chart.line(km, race, "ink", "race time")
    chart.line(km, moving, "v0", "moving time alone")
    return _marked(review, chart)


def shape_chart(review: Review) -> Chart:
    """Draw the time lost along the course once the plan is scaled to the run's own level; it begins and ends at 0."""
    km = _km(review)
    shape = np.append(0.0, np.cumsum(review.shape_s))
    even = lost_to_even_s(review)
    both = np.concatenate([shape, even])
    name = "behind the plan at the level of the day, moving"
    chart = Chart(
        distance_axis(km[-1], review.race.config.units), gap_axis(float(both.min()), float(both.max()), name), name
    )
    for kind, side in (("lost", shape > 0), ("won", shape < 0)):
        parts = [(first, end - 1) for first, end in runs_of_true(side).tolist()]
        chart.fill(km, 0.0, shape, kind, kind, parts)
    chart.level(0.0, "mean", "plan")
    chart.line(km, even, "v3", "against an even pace")
    chart.line(km, shape, "ink", "run")
    return _marked(review, chart)


def both_charts(review: Review) -> list[Chart]:
    """Draw pace of plan and run; heart rate and cadence where they were measured for half of the time or more."""
    km = _km(review)[1:]
    of_both = [
        {name: data[name][: review.steps] for name in (c.DURATION, c.HEART_RATE, c.CADENCE)}
        for data in (review.race.plan.columns, review.actual.columns)
    ]
    units = review.race.config.units
    mean = f"mean over {window_text(review.steps, units)}"
    pairs = [[units.pace_s(60.0 * smoothed_pace(data)) for data in of_both]]
    axes = [pace_axis(np.concatenate(pairs[0]), f"pace ({units.pace}, faster is up), {mean}")]
    for name, label, least in ((c.HEART_RATE, "heart rate (bpm)", 10.0), (c.CADENCE, "cadence (spm)", 12.0)):
        if mean_of(review, name) is not None:
            shown = [spm(data[name]) if name == c.CADENCE else data[name] for data in of_both]
            pairs.append([smoothed(values) for values in shown])
            axes.append(level_axis(np.concatenate(pairs[-1]), least, f"{label}, {mean}"))
    charts = []
    for pair, y in zip(pairs, axes, strict=True):
        chart = Chart(distance_axis(km[-1], review.race.config.units), y, f"{y.name}: planned and run")
        chart.line(km, pair[1], "run", "run")
        chart.line(km, pair[0], "v0", "planned")
        charts.append(_marked(review, chart))
    return charts


def along_charts(review: Review) -> list[Chart]:
    """Draw profile, time lost, shape, and both paces, heart rates and cadences above one another."""
    profile = profile_chart(review.race, review.steps, night=False, clocks=False)
    return [profile, lost_chart(review), shape_chart(review), *both_charts(review)]


def splits_chart(review: Review) -> Chart:
    """Draw the time lost in each kilometre or mile as a bar, coloured by its net slope, and the level of the day."""
    table, units = stretch_review(review, even_splits(review.race)), review.race.config.units
    width = table[c.DISTANCE] / 1000.0
    right, lost = np.cumsum(width), table[c.LOST]
    level = lost - table[c.LOST_AT_LEVEL]
    bounds = np.concatenate([lost, level, [0.0]])
    chart = Chart(
        distance_axis(review.steps * c.STEP_M / 1000.0, units),
        gap_axis(float(bounds.min()), float(bounds.max()), f"lost in the {units.long_name}, moving", 0.12),
        f"Time lost in each {units.long_name}, coloured by its net slope",
        kind="tall",
    )
    net = (table[c.CLIMB] - table[c.DESCENT]) / table[c.DISTANCE]
    kinds = np.searchsorted(LIMITS, net, side="right")
    for kind, name in enumerate(GROUNDS):
        of_kind = kinds == kind
        if of_kind.any():
            chart.bars((right - width)[of_kind], right[of_kind], lost[of_kind], f"s{kind}", name)
    chart.level(0.0, "ink")
    if width.size:
        edges, steps = np.repeat(np.append(0.0, right), 2)[1:-1], np.repeat(level, 2)
        chart.line(edges, steps, "v1", "if only the level differed")
    if width.size <= _MOST_NAMED:
        text, _ = difference_text(max(-chart.y.low, chart.y.high))
        for x, wide, y in zip((right - width / 2).tolist(), width.tolist(), lost.tolist(), strict=True):
            if wide >= 0.35:
                chart.word(x, y, text(y), "bar" if y >= 0 else "bar below")
    return chart

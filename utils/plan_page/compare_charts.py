"""The charts of variants of a race over one another: pace, gap, chances of a finish, clock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from lib.core import schema as c
from lib.core.durations import difference_text, h_mm_ss
from lib.core.numeric import runs_of_true
from lib.core.text import one_line
from lib.plan.compare import Variant, gap_s
from lib.plan.splits import legs
from lib.race.clock import clock_text
from lib.race.sun import darkness
from utils.plan_page.chart import Axis, Chart, axis, in_units
from utils.plan_page.plan_charts import (
    LEVELS,
    chance_axis,
    distance_axis,
    mean_of,
    pace_axis,
    plain,
    profile_chart,
    race_time_axis,
    station_places,
)
from utils.plots.curves import chance_curves, distance_km, lines_of, smoothed_pace

GAP_STEPS_S: Final = (5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 180.0, 300.0, 600.0, 900.0, 1200.0, 1800.0, 3600.0, 7200.0)
_LONGEST: Final = 24
_MOMENTS: Final = 400
_HOURS: Final = tuple(3600.0 * h for h in (0.5, 1, 2, 3, 6, 12, 24))


def gap_axis(low_s: float, high_s: float, name: str, room: float = 0.08) -> Axis:
    """Of time differences (s) that holds `low_s` to `high_s`, and as much of that more on both sides."""
    margin = max(room * (high_s - low_s), 2.0)
    low_s, high_s = low_s - margin, high_s + margin
    text, unit = difference_text(max(-low_s, high_s))
    return axis(low_s, high_s, text, steps=GAP_STEPS_S, most=LEVELS, name=f"{name} ({unit})")


def along_charts(found: Sequence[Variant]) -> list[Chart]:
    """Draw the profile, the paces of all variants and their gaps to the first, along one distance axis."""
    first, units = found[0], found[0].race.config.units
    km = distance_km(first.race.plan.columns)
    starts = {variant.race.start for variant in found}
    profile = profile_chart(first.race, night=len(starts) == 1, clocks=False)
    lines = lines_of(found)
    paces = [units.pace_s(60.0 * smoothed_pace(line.variant.race.plan.columns)) for line in lines]
    name = f"pace ({units.pace}, faster is up), {mean_of(first.race)}"
    pace = Chart(distance_axis(km[-1], units), pace_axis(np.concatenate(paces), name), "Pace of each variant")
    gaps = [np.append(0.0, gap_s(line.variant, first)) for line in lines]
    low, high = min(g.min() for g in gaps), max(g.max() for g in gaps)
    gap = Chart(
        distance_axis(km[-1], units),
        gap_axis(float(low), float(high), f"later than {one_line(first.label, _LONGEST)} in race time"),
        "Gap of each variant to the first, in race time",
    )
    for chart in (pace, gap):
        for at_km, _ in station_places(first.race):
            chart.upright(at_km, "station")
    for line, each_pace, each_gap in zip(lines, paces, gaps, strict=True):
        pace.line(km, each_pace, f"v{line.place}", line.label)
        gap.line(np.append(0.0, km), each_gap, f"v{line.place}", line.label)
    return [profile, pace, gap]


def chances_chart(compared: Sequence[Variant], goal_s: float) -> Chart | None:
    """Draw each variant's chance of finishing within a race time, and a time to compare them at.

    A plan to a goal has no such chance: its finish is the goal. Where all are such, there is no chart.
    """
    lines = [line for line in lines_of(compared) if not line.variant.race.to_a_goal]
    if not lines:
        return None
    times, chances = chance_curves([line.variant.race for line in lines])
    chart = Chart(
        race_time_axis(times[0], times[-1]), chance_axis(), "Chance of finishing within a race time", kind="tall"
    )
    for line, curve in zip(lines, chances, strict=True):
        chart.line(times, curve, f"v{line.place}", line.label)
    chart.upright(goal_s, "mean")
    chart.named("line mean", h_mm_ss(goal_s).removesuffix(":00"))
    return chart


def clocks_chart(found: Sequence[Variant]) -> Chart | None:
    """Draw when each variant is where, on the clock, the dark shaded and stations marked; None without starts."""
    races = [variant.race for variant in found]
    units = races[0].config.units
    mile_km = units.long_m / 1000.0
    starts = [race.start for race in races if race.start is not None]
    if len(starts) < len(races):
        return None
    begin = min(starts)
    km = np.append(0.0, distance_km(races[0].plan.columns))
    later_s = [(start - begin).total_seconds() for start in starts]
    end_s = max(late + race.finish_s for late, race in zip(later_s, races, strict=True))
    # Ticks stand at whole hours of the clock.
    past_s = 3600.0 * begin.hour + 60.0 * begin.minute + begin.second
    span = axis(past_s, past_s + end_s, lambda s: clock_text(begin, max(s - past_s, 0.0)), steps=_HOURS, most=(9, 4))
    chart = Chart(
        Axis(0.0, end_s, *([(s - past_s, text) for s, text in ticks] for ticks in (span.wide, span.narrow)),
             name=f"clock ({begin.tzname()}, {begin:%Y-%m-%d})"),
        in_units(axis(0.0, float(km[-1]) / mile_km, plain, most=LEVELS, name=f"distance ({units.long})"), mile_km),
        "Distance against the clock, a line for each variant, the night shaded, aid stations marked",
        kind="tall",
    )  # fmt: skip
    columns = races[0].course.columns
    moments = np.linspace(0.0, end_s, _MOMENTS)
    place = (float(columns[c.LATITUDE][0]), float(columns[c.LONGITUDE][0]))
    nights = runs_of_true(darkness(*place, begin, moments)).tolist()
    for first, last in nights:
        chart.shade(moments[first], moments[min(last, _MOMENTS - 1)], "night")
    if nights:
        chart.named("fill night", "dark")
    table = legs(races[0])
    for name, metres in zip(table[c.WAYPOINT][:-1].tolist(), table[c.END][:-1].tolist(), strict=True):
        chart.level(metres / 1000.0, "station")
        chart.word(0.0, metres / 1000.0, name)
    for i, (variant, late) in enumerate(zip(found, later_s, strict=True)):
        chart.line(late + np.append(0.0, variant.race.arrival_s), km, f"v{i}", variant.label)
    return chart

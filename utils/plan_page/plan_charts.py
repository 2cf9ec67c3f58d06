"""The charts of a race plan: profile, pace, heart rate, cadence, chances of a finish, what hours cost."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from lib.athlete.pacing_law import PacingLaw, Strategy
from lib.core import schema as c
from lib.core.durations import h_mm, m_ss, whole
from lib.core.numeric import runs_of_true
from lib.core.units import METRIC, Units
from lib.course.slope_classes import GROUNDS, LIMITS
from lib.plan.daylight import dark_sections
from lib.plan.race_plan import RacePlan
from lib.plan.splits import legs, once
from lib.race.clock import clock_text
from lib.report.assumptions import fading_of
from lib.report.chances import finish_chances
from lib.report.notes import percent
from utils.plan_page.chart import Axis, Chart, axis, in_units
from utils.plots.curves import chance_curves, distance_km, smoothed, smoothed_pace, spm, window_m, window_text

_LONGEST: Final = 16
"""Characters of a name above the profile."""
PACE_STEPS_S: Final = (5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 3600.0)
TIME_STEPS_S: Final = (60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 10_800.0, 21_600.0, 43_200.0, 86_400.0)
LEVELS: Final = (5, 4)
"""Most ticks on an axis upwards."""


def plain(value: float) -> str:
    """A number with as few digits as it needs, and thousands divided."""
    return f"{value:,.0f}" if value == round(value) else f"{value:g}"


def distance_axis(length_km: float, units: Units = METRIC) -> Axis:
    """From the start to the end of a course (km)."""
    kilometre = 1000.0 / units.long_m
    shown = axis(0.0, length_km * kilometre, lambda far: f"{far:g} {units.long}" if far else "0")
    return in_units(shown, 1.0 / kilometre)


def pace_axis(paces: np.ndarray, name: str) -> Axis:
    """Of paces (s/km): faster is up; a few extreme steps may lie outside."""
    slowest, fastest = np.nanquantile(paces, [0.998, 0.002])
    margin = max(0.06 * (slowest - fastest), 6.0)
    return axis(slowest + margin, max(fastest - margin, 0.0), m_ss, steps=PACE_STEPS_S, most=LEVELS, name=name)


def level_axis(values: np.ndarray, least: float, name: str) -> Axis:
    """Of values that vary about a level, over a span of `least` or more."""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    middle, half = (low + high) / 2, max(high - low, least) / 2 * 1.1
    return axis(middle - half, middle + half, plain, most=LEVELS, name=name)


def slopes_for(altitude_m: np.ndarray) -> np.ndarray:
    """Number of the class of each step's slope (`lib.course.slope_classes.GROUNDS`), over twice the moving mean."""
    half = round(window_m(altitude_m.size) / c.STEP_M)
    index = np.arange(altitude_m.size)
    before, after = np.maximum(index - half, 0), np.minimum(index + half, index[-1])
    slope = (altitude_m[after] - altitude_m[before]) / (np.maximum(after - before, 1) * c.STEP_M)
    return np.searchsorted(LIMITS, slope, side="right")


def parts_of(kinds: np.ndarray, kind: int) -> list[tuple[int, int]]:
    """First and last row of each run of a kind; the last is the first of the next run, so that they meet."""
    return [(first, min(end, kinds.size - 1)) for first, end in runs_of_true(kinds == kind).tolist()]


def station_places(race: RacePlan, clocks: bool = True) -> list[tuple[float, str]]:
    """Distance (km) of each station between start and finish, with its name, short, and when it is reached."""
    table = legs(race)
    places = []
    for name, metres, arrival_s in zip(table[c.WAYPOINT].tolist(), table[c.END], table[c.ARRIVAL], strict=True):
        if metres < race.course.steps * c.STEP_M:
            short = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
            when = h_mm(arrival_s) if race.start is None else clock_text(race.start, arrival_s)
            places.append((float(metres) / 1000.0, f"{short} {when}" if clocks else short))
    return places


def profile_chart(race: RacePlan, steps: int | None = None, *, night: bool = True, clocks: bool = True) -> Chart:
    """Draw altitude along the course, its slopes, the night, and stations with their clocks.

    Parameters
    ----------
    race : RacePlan
        The plan.
    steps : int, optional
        Draw only so many of the first steps.
    night, clocks : bool
        Whether the night is shaded, and whether stations have their clocks.
    """
    steps = race.course.steps if steps is None else steps
    km, altitude_m = (race.course.columns[name][:steps] for name in (c.DISTANCE, c.ALTITUDE))
    km = km / 1000.0
    span = max(float(np.ptp(altitude_m)), 40.0)
    bottom = float(altitude_m.min()) - 0.08 * span
    units = race.config.units
    low, high = bottom / units.high_m, (bottom + 1.16 * span) / units.high_m
    levels = in_units(axis(low, high, plain, most=LEVELS, name=f"altitude ({units.high})"), units.high_m)
    places = [place for place in station_places(race, clocks) if place[0] <= km[-1]]
    chart = Chart(
        distance_axis(float(km[-1]), units),
        levels,
        "Altitude along the course, shaded by slope" + "".join(f", {name}" for _, name in places),
        kind="profile",
        follows=True,
    )
    if night:
        shade_nights(chart, race, steps)
    kinds = slopes_for(altitude_m)
    parts = [(f"s{kind}", name, parts_of(kinds, kind)) for kind, name in enumerate(GROUNDS)]
    chart.fills(km, bottom, altitude_m, parts)
    chart.line(km, altitude_m, "ink")
    for at_km, _ in places:
        chart.upright(at_km, "station")
    chart.upright_names(places)
    shade_done(chart, race)
    return chart


@once
def whole_profile(race: RacePlan) -> Chart:
    """Draw the profile of the whole course, with night and clocks."""
    return profile_chart(race)


def shade_nights(chart: Chart, race: RacePlan, steps: int | None = None) -> None:
    """Shade where it is dark when the runner is there."""
    steps = race.course.steps if steps is None else steps
    dark = [(first, min(end, steps)) for first, end in dark_sections(race) if first < steps]
    for first, end in dark:
        chart.shade(first * c.STEP_M / 1000.0, end * c.STEP_M / 1000.0, "night")
    if dark:
        chart.named("fill night", "dark")


def shade_done(chart: Chart, race: RacePlan) -> None:
    """Shade what has been run."""
    if race.plan.done:
        chart.shade(0.0, race.plan.done * c.STEP_M / 1000.0, "done")


def mean_of(race: RacePlan) -> str:
    """Say over what distance curves are averaged."""
    return f"mean over {window_text(race.course.steps, race.config.units)}"


def _along(race: RacePlan, y: Axis, values: np.ndarray, kind: str, level: float, alt: str) -> Chart:
    km = distance_km(race.course.columns)
    chart = Chart(distance_axis(float(km[-1]), race.config.units), y, alt, follows=True)
    shade_nights(chart, race)
    for at_km, _ in station_places(race):
        chart.upright(at_km, "station")
    chart.line(km, values, kind, mean_of(race))
    of = m_ss(level) if kind == "pace" else f"{level:.0f}"
    chart.level(level, "mean", f"whole course {of}")
    shade_done(chart, race)
    return chart


def pace_chart(race: RacePlan) -> Chart:
    """Draw the pace along the course, moving; faster is up."""
    table = race.plan.as_measured
    units = race.config.units
    pace = units.pace_s(60.0 * smoothed_pace(table))
    mean = float(np.mean(table[c.DURATION])) * (units.long_m / c.STEP_M)
    name = f"pace ({units.pace}, faster is up)"
    return _along(race, pace_axis(pace, name), pace, "pace", mean, "Pace along the course")


def body_charts(race: RacePlan) -> list[Chart]:
    """Draw heart rate and cadence along the course, each where it is known."""
    table = race.plan.as_measured
    charts = []
    for each, least, kind, name in (
        (table[c.HEART_RATE], 10.0, "heart", "heart rate (bpm)"),
        (spm(table[c.CADENCE]), 12.0, "cadence", "cadence (spm)"),
    ):
        known = np.isfinite(each)
        if known.any():
            values = smoothed(each)
            mean = float(np.average(each[known], weights=table[c.DURATION][known]))
            charts.append(_along(race, level_axis(values, least, name), values, kind, mean, f"{name} along the course"))
    return charts


def race_time_axis(low_s: float, high_s: float) -> Axis:
    """Of race times."""
    return axis(low_s, high_s, h_mm, steps=TIME_STEPS_S, most=(8, 5), name="race time (h:mm)")


def chance_axis() -> Axis:
    """Of chances, from none to sure."""
    return axis(0.0, 1.0, lambda share: f"{share:.0%}", steps=(0.25,), most=LEVELS, name="chance of finishing by then")


def chance_chart(race: RacePlan) -> Chart:
    """Draw the chance of finishing within a race time."""
    low_s, high_s = race.finish_interval_s
    times, (chances,) = chance_curves([race])
    named = [(s, x) for s, x in finish_chances(race, 5) if 0.02 < x < 0.98]
    said = ", ".join(f"under {h_mm(s)} {percent(x)}" for s, x in named)
    chart = Chart(race_time_axis(times[0], times[-1]), chance_axis(), f"Chance of finishing within a time: {said}")
    chart.shade(low_s, high_s, "interval")
    chart.named("fill interval", "80% interval")
    chart.line(times, chances, "pace")
    chart.upright(race.finish_s, "mean")
    chart.named("line mean", "this plan")
    chart.points(*np.array(named).reshape(-1, 2).T, "pace")
    for seconds, chance in named:
        chart.word(seconds, chance, percent(chance))
    if race.goal is not None:
        chart.upright(race.goal.race_s, "goal")
        chart.named("line goal", "goal time")
    return chart


def fading_chart(race: RacePlan) -> Chart:
    """Draw what the same effort costs as hours pass: this plan, and the usual where the plan is another."""
    hours = np.linspace(0.0, race.plan.finish_s / 3600.0, 200)
    usual = replace(race, law=PacingLaw(), config=replace(race.config, strategy=Strategy()))
    own, others = fading_of(race, hours) - 1.0, fading_of(usual, hours) - 1.0
    chart = Chart(
        axis(0.0, float(hours[-1]), lambda h: f"{h:g} h", name="moving time"),
        axis(
            0.0,
            1.08 * max(float(own.max()), float(others.max()), 0.05),
            lambda x: f"+{whole(100 * x)}%",
            most=LEVELS,
            name=f"time for a {race.config.units.long_name} at the same effort, on the flat, by day",
        ),
        f"How much more time the same effort takes for a {race.config.units.long_name} as the hours pass",
    )
    if not np.allclose(own, others, atol=0.005):
        chart.line(hours, others, "mean", "finishers of long races")
    chart.line(hours, own, "pace", "this plan")
    return chart

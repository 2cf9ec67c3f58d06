"""In: a race plan. Out: its tables as readers see them: legs, climbs, kilometres, miles; and the lines of its title."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from lib.athlete.effort import USUAL
from lib.athlete.prior import Effort
from lib.core import schema as c
from lib.plan.goal import harder_than
from lib.plan.race_plan import RacePlan
from lib.plan.race_splits import FINISH, legs, ups_and_downs
from lib.race.clock import clock_text, date_text
from lib.report.notes import percent
from lib.report.plan_tables import Text, format_duration, format_pace

ABOUT_EVEN: Final = 0.1
"""A plan whose chance is within this of one half is said to be the middle."""


def spare(seconds: float) -> str:
    """Time left, or lacking, in whole minutes: ``"48 min"``, ``"-2 h 05 min"``; what is left is not rounded up."""
    minutes = int(np.floor(seconds / 60.0))
    sign, minutes = ("-", -minutes) if minutes < 0 else ("", minutes)
    return f"{sign}{minutes} min" if minutes < 100 else f"{sign}{minutes // 60} h {minutes % 60:02d} min"


def at(race: RacePlan, race_s: float) -> str:
    """When a race time is: on the clock where the start is known, else since the start."""
    return format_duration(race_s) if race.start is None else clock_text(race.start, race_s)


def between(race: RacePlan, low_s: float, high_s: float) -> str:
    """An interval of arrivals, on the clock where the start is known: a day that is that of both is said once."""
    if race.start is None:
        low, high = (format_duration(60.0 * round(s / 60.0))[:-3] for s in (low_s, high_s))
        return f"{low} to {high}"
    low, high = (clock_text(race.start, s) for s in (low_s, high_s))
    day, _, clock = high.rpartition(" ")
    return f"{low} to {clock if day and low.startswith(f'{day} ') else high}"


def effort_text(race: RacePlan, effort: Effort) -> str:
    """Say how hard the race is meant, and what that is in heart rate."""
    mean = f"mean heart rate {race.mean_heart_rate_bpm:.0f} bpm"
    if race.effort is None:
        return f"as the day comes, {mean}"
    share = harder_than(race.effort, effort)
    than = f"harder than {share:.0%} of past runs"
    if not 0.01 <= share <= 0.99:
        than = f"{'harder' if share > 0.5 else 'easier'} than almost all past runs"
    said = f"{mean}, {race.usual_heart_rate_bpm:.0f} is usual for such a run; {than}"
    name = race.config.effort
    return said if race.target is not None or name == USUAL or name[0].isdigit() else f"{name}: {said}"


def even_s(race: RacePlan) -> float:
    """Race time (s) as often exceeded as not."""
    low_s, high_s = race.finish_interval_s
    last = np.array([race.course.steps - 1])
    for _ in range(30):
        middle_s = (low_s + high_s) / 2.0
        low_s, high_s = (middle_s, high_s) if race.chance(np.array([middle_s]), last)[0] < 0.5 else (low_s, middle_s)
    return (low_s + high_s) / 2.0


def title_lines(race: RacePlan, effort: Effort) -> dict[str, str]:
    """Say the race in a few lines, for the head of a report."""
    course, plan = race.course, race.plan
    low_s, high_s = race.finish_interval_s
    lines = {
        "Course": f"{course.length_km:.2f} km, {course.climb_m:.0f} m up, {course.descent_m:.0f} m down",
        "Finish": format_duration(race.finish_s)
        + ("" if race.start is None else f", at {clock_text(race.start, race.finish_s)}"),
        "80% interval": f"{format_duration(low_s)} to {format_duration(high_s)}",
        "Even chance": format_duration(even_s(race)),
        "Moving": f"{format_duration(plan.finish_s)}, {format_pace(plan.finish_s / 60.0 / course.length_km)} min/km",
        "Planned stops": f"{round(race.planned_stop_s / 60, 1):g} min",
        "Standing besides": f"{race.standing.expected_s / 60:.0f} min "
        f"({race.standing.low_s / 60:.0f} to {race.standing.high_s / 60:.0f})",
        "Effort": effort_text(race, effort),
    }
    if race.start is not None:
        lines = {"Start": date_text(race.start)} | lines
    if race.target is not None:
        lines["Target"] = (
            f"{format_duration(race.target.race_s)}, a chance of {percent(race.target.chance)}"
            + (" if the day is left as it comes" if race.target.effort is not None else " from here")
        )  # fmt: skip
    return lines


def _whole(values: np.ndarray) -> Text:
    return [f"{value:.0f}" for value in values]


def _differences(race_s: np.ndarray) -> Text:
    """Times of rows that add up to what is shown in the end, to the second."""
    return [format_duration(s) for s in np.diff(np.floor(race_s + 0.5), prepend=0.0)]


def _stretch_columns(race: RacePlan, table: Mapping[str, np.ndarray], elapsed: bool) -> dict[str, Text]:
    """Columns that all stretches have; times of neighbours add up if they follow each other."""
    times = _differences(table[c.ELAPSED]) if elapsed else [format_duration(s) for s in table[c.DURATION]]
    return {
        "moving": times,
        "pace": [format_pace(p) for p in table[c.PACE]],
        "GAP": [format_pace(p) for p in table[c.GRADE_PACE]],
        "bpm": _whole(table[c.HEART_RATE]),
        "rpm": _whole(table[c.CADENCE]),
        "arrival": [format_duration(s) for s in table[c.ARRIVAL]],
    } | ({} if race.start is None else {"clock": [clock_text(race.start, s) for s in table[c.ARRIVAL]]})


def _interval(race: RacePlan, table: Mapping[str, np.ndarray]) -> Text:
    return [between(race, *x) for x in zip(table[c.ARRIVAL_LOW], table[c.ARRIVAL_HIGH], strict=True)]


_LEG_COLUMNS: Final = (
    "to", "km", "arrival", "clock", "four of five", "stop", "cut-off", "slack", "in time",
    "leg", "up / down (m)", "moving", "pace", "GAP", "bpm", "rpm",
)  # fmt: skip
"""What is asked first on the way comes first: a phone shows no more."""


def legs_table(race: RacePlan) -> dict[str, Text]:
    """`lib.plan.race_splits.legs` for reading; stops, cut-offs and clocks only where there are some."""
    table = legs(race)
    out = {
        "to": [str(name) for name in table[c.WAYPOINT]],
        "km": [f"{m / 1000.0:.1f}" for m in table[c.END]],
        "leg": [f"{m / 1000.0:.1f}" for m in table[c.DISTANCE]],
        "up / down (m)": [f"{a:.0f} / {b:.0f}" for a, b in zip(table[c.CLIMB], table[c.DESCENT], strict=True)],
    }
    out |= _stretch_columns(race, table, True) | {"four of five": _interval(race, table)}
    if np.any(table[c.PLANNED_STOP] > 0):
        out["stop"] = ["" if s == 0 else f"{round(s / 60, 1):g} min" for s in table[c.PLANNED_STOP]]
    known = np.isfinite(table[c.CUTOFF])
    if known.any():
        out["cut-off"] = [at(race, s) if k else "" for s, k in zip(table[c.CUTOFF], known, strict=True)]
        out["slack"] = [spare(s) if k else "" for s, k in zip(table[c.SLACK], known, strict=True)]
        out["in time"] = [percent(x) if k else "" for x, k in zip(table[c.CHANCE], known, strict=True)]
    return {name: out[name] for name in _LEG_COLUMNS if name in out}


def ground_columns(table: Mapping[str, np.ndarray]) -> dict[str, Text]:
    """Where climbs and descents are and how steep, of `lib.plan.race_splits.ups_and_downs`, for reading."""
    begin_km = table[c.FIRST_STEP] * c.STEP_M / 1000.0
    return {
        "": ["▲" if gain > 0 else "▼" for gain in table[c.GAIN]],
        "km": [f"{a:.1f} to {b / 1000.0:.1f}" for a, b in zip(begin_km, table[c.END], strict=True)],
        "gain (m)": [f"{gain:+.0f}" for gain in table[c.GAIN]],
        "mean": [f"{100 * slope:.0f}%" for slope in table[c.MEAN_SLOPE]],
    }


def climbs_table(race: RacePlan) -> dict[str, Text]:
    """Climbs and descents for reading, in the order of the course."""
    table = ups_and_downs(race)
    ground = ground_columns(table) | {
        "steepest": [f"{100 * slope:.0f}%" for slope in table[c.MAX_SLOPE]],
        "length": [f"{m / 1000.0:.1f} km" for m in table[c.DISTANCE]],
    }
    return ground | _stretch_columns(race, table, False)


def even_table(race: RacePlan, table: Mapping[str, np.ndarray], unit: str) -> dict[str, Text]:
    """`lib.plan.race_splits.kilometres` or `miles` for reading; `unit` is ``km`` or ``mile``. Moving times add up."""
    return {
        f"to {unit}": [f"{m / 1000.0:.3f}".rstrip("0").rstrip(".") for m in table[c.END]]
        if unit == "km"
        else [f"{number}" if i < len(table[c.MILE]) - 1 else FINISH.lower() for i, number in enumerate(table[c.MILE])],
        "up / down (m)": [f"{a:.0f} / {b:.0f}" for a, b in zip(table[c.CLIMB], table[c.DESCENT], strict=True)],
    } | _stretch_columns(race, table, True) | {"four of five": _interval(race, table)}  # fmt: skip

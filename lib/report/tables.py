"""Tables of a race plan for reading: legs, climbs, kilometres, miles, and the lines of its head."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from lib.athlete.effort import USUAL
from lib.athlete.prior import Effort
from lib.athlete.results_level import LevelPrediction
from lib.core import schema as c
from lib.core.durations import h_mm, h_mm_ss, in_words, m_ss, whole
from lib.core.text import counted_noun
from lib.core.units import METRIC, Units
from lib.course.course import Course
from lib.plan.fuel import FLASK_ML, GEL_G, Supply, supplies
from lib.plan.goal import harder_than
from lib.plan.moving_plan import Plan
from lib.plan.race_plan import RacePlan
from lib.plan.splits import FINISH, legs, ups_and_downs
from lib.race.clock import clock_text, date_text
from lib.report.notes import odds, percent

Text = list[str]
"""A column for reading."""


def at(race: RacePlan, race_s: float) -> str:
    """When a race time is: on the clock where the start is known, else since the start."""
    return h_mm_ss(race_s) if race.start is None else clock_text(race.start, race_s)


def between(race: RacePlan, low_s: float, high_s: float) -> str:
    """An interval of arrivals, on the clock where the start is known: a day that is that of both is said once."""
    if race.start is None:
        low, high = (h_mm(s) for s in (low_s, high_s))
        return f"{low} to {high}"
    low, high = (clock_text(race.start, s) for s in (low_s, high_s))
    day, _, clock = high.rpartition(" ")
    return f"{low} to {clock if day and low.startswith(f'{day} ') else high}"


def effort_text(race: RacePlan, effort: Effort) -> str:
    """Say how hard the race is meant, and what that is in heart rate."""
    mean = f"mean heart rate {race.mean_heart_rate_bpm:.0f} bpm"
    if race.effort is None:
        if race.to_a_goal:
            return f"what the goal takes, {mean}"
        if race.level is None:
            return f"as usual, {mean}"
        return f"{'as in past races' if race.level.results else 'that of a typical finisher'}, {mean}"
    share = harder_than(race.effort, effort)
    than = f"harder than {share:.0%} of past runs"
    if not 0.01 <= share <= 0.99:
        than = f"{'harder' if share > 0.5 else 'easier'} than almost all past runs"
    said = f"{mean}, {race.usual_heart_rate_bpm:.0f} is usual for such a run; {than}"
    name = race.config.effort
    return said if race.goal is not None or name == USUAL or name[0].isdigit() else f"{name}: {said}"


def trust(plan: Plan, level: LevelPrediction | None = None) -> str:
    """Say for whom the plan is, and how far to trust it."""
    if plan.runs == 0 and (level is None or level.results == 0):
        return (
            "nobody in particular, a typical finisher of such a race. Trust where the time goes more than how much it "
            "is: your own level is unknown. About four in five of all finishers lie in the interval; a race result or "
            "recorded runs of yours narrow it"
        )
    if level is not None:
        results = counted_noun(level.results, "race result")
        if plan.runs:
            return (
                f"an athlete with {counted_noun(plan.runs, 'known run')} and {results}. Both set the level and the "
                f"interval, the results by {1.0 - level.archive_share:.0%}; where the time goes, heart rate and "
                "cadence come from the runs"
            )
        return (
            f"a runner with {results}. They set the level and the interval; where the time goes, heart rate and "
            "cadence are those of a typical runner"
        )
    known = f"an athlete with {plan.runs} known run{'' if plan.runs == 1 else 's'}. "
    form = "Form is that of the last known run: the date of the start does not change it"
    if plan.runs < 10:
        return f"{known}These are few: level and interval still lean on runners in general. {form}"
    return f"{known}Level, form and interval come from these, the latest weighing most. {form}"


def course_text(course: Course, units: Units) -> str:
    """Say how long and how high a course is."""
    up, down = units.height(course.climb_m), units.height(course.descent_m)
    length = units.distance(course.length_km * 1000.0, 2)
    return f"{length} {units.long}, {up} {units.high} up, {down} {units.high} down"


def title_lines(race: RacePlan, effort: Effort) -> dict[str, str]:
    """Say the race in a few lines, for the head of a report."""
    course, plan, units = race.course, race.plan, race.config.units
    low_s, high_s = race.finish_interval_s
    mean_s = whole(plan.finish_s) / (course.length_km * 1000.0 / units.long_m)
    lines = {
        "Course": course_text(course, units),
        "Finish": h_mm_ss(race.finish_s)
        + ("" if race.start is None else f", at {clock_text(race.start, race.finish_s)}"),
        "80% interval": f"{h_mm_ss(low_s)} to {h_mm_ss(high_s)}",
        "Moving": f"{h_mm_ss(plan.finish_s)}, {m_ss(mean_s)} {units.pace}",
        "Planned stops": f"{round(race.planned_stop_s / 60, 1):g} min",
        "Other stops": f"{race.standing.expected_s / 60:.0f} min "
        f"({race.standing.low_s / 60:.0f} to {race.standing.high_s / 60:.0f})",
        "Effort": effort_text(race, effort),
    }
    fuel = supplies(race)
    if fuel:
        config = race.config
        rates = (
            (config.carbs_g_h, f"g of carbohydrate (a gel is {GEL_G:g} g)"),
            (config.water_ml_h, f"ml of water (a flask is {FLASK_ML:g} ml)"),
        )
        begin = "from here" if race.plan.done else "from the start"
        said = " and ".join(f"{rate:g} {what}" for rate, what in rates if rate)
        lines["Fuel"] = f"{said}, an hour; {begin} {supply_text(fuel[0])}"
    if race.start is not None:
        lines = {"Start": date_text(race.start)} | lines
    if race.to_a_goal:
        del lines["80% interval"]  # the finish is the goal
    if race.goal is not None:
        lines["Goal"] = (
            f"{h_mm_ss(race.goal.race_s)}, a chance of {odds(race.goal.chance)}"
            + (" from here" if race.goal.on_the_way else " as usual")
        )  # fmt: skip
    return lines


def _whole(values: np.ndarray) -> Text:
    return [f"{value:.0f}" for value in values]


def shown_seconds(table: Mapping[str, np.ndarray], follow: bool) -> np.ndarray:
    """Moving time of stretches in whole seconds, as it is shown; where they follow each other, it adds up."""
    ends_s = table[c.ELAPSED] if follow else table[c.DURATION]
    whole_s = np.floor(ends_s + 0.5)
    return np.diff(whole_s, prepend=0.0) if follow else whole_s


def _stretch_columns(race: RacePlan, table: Mapping[str, np.ndarray], follow: bool) -> dict[str, Text]:
    """Columns that all stretches have; the pace is that of the time shown beside it."""
    moving_s, units = shown_seconds(table, follow), race.config.units
    return {
        "moving": [h_mm_ss(s) for s in moving_s],
        "pace": [m_ss(s) for s in moving_s / (table[c.DISTANCE] / units.long_m)],
        "GAP": [m_ss(s) for s in units.pace_s(60.0 * table[c.GRADE_PACE])],
        "bpm": _whole(table[c.HEART_RATE]),
        "spm": _whole(c.STEPS_OF_A_STRIDE * table[c.CADENCE]),
        "arrival": [h_mm_ss(s) for s in table[c.ARRIVAL]],
    } | ({} if race.start is None else {"clock": [clock_text(race.start, s) for s in table[c.ARRIVAL]]})


def _interval(race: RacePlan, table: Mapping[str, np.ndarray]) -> Text:
    return [between(race, *x) for x in zip(table[c.ARRIVAL_LOW], table[c.ARRIVAL_HIGH], strict=True)]


def supply_text(supply: Supply) -> str:
    """Say what is taken on: ``"3 gels, 2 flasks"``."""
    parts = ((supply.gels, "gel"), (supply.flasks, "flask"))
    return ", ".join(counted_noun(number, noun) for number, noun in parts if number is not None)


def station_notes(race: RacePlan) -> dict[int, str]:
    """What is noted of stations, by the step at whose end they are."""
    found: dict[int, str] = {}
    for station in race.config.stations:
        said = [*(["crew"] if station.crew else []), *(["drop bag"] if station.dropbag else []), station.note]
        step, text = station.last_step(race.course.steps), ", ".join(part for part in said if part)
        if text:
            found[step] = "; ".join(part for part in (found.get(step, ""), text) if part)
    return found


_LEG_COLUMNS: Final = (
    "to", "km", "mi", "arrival", "clock", "80% interval", "stop", "cut-off", "margin", "in time", "take on",
    "leg", "up / down (m)", "up / down (ft)", "moving", "pace", "GAP", "bpm", "spm", "note",
)  # fmt: skip
"""What is asked first on the way comes first: a phone shows no more."""


def legs_table(race: RacePlan) -> dict[str, Text]:
    """`lib.plan.splits.legs` for reading; stops, cut-offs and clocks only where there are some."""
    table, units = legs(race), race.config.units
    out = {
        "to": [str(name) for name in table[c.WAYPOINT]],
        units.long: [units.distance(m) for m in table[c.END]],
        "leg": [units.distance(m) for m in table[c.DISTANCE]],
    }
    out |= up_and_down(table, units)
    out |= _stretch_columns(race, table, True) | {"80% interval": _interval(race, table)}
    if np.any(table[c.PLANNED_STOP] > 0):
        out["stop"] = ["" if s == 0 else f"{round(s / 60, 1):g} min" for s in table[c.PLANNED_STOP]]
    known = np.isfinite(table[c.CUTOFF])
    if known.any():
        out["cut-off"] = [at(race, s) if k else "" for s, k in zip(table[c.CUTOFF], known, strict=True)]
        out["margin"] = [in_words(s) if k else "" for s, k in zip(table[c.MARGIN], known, strict=True)]
        out["in time"] = [percent(x) if k else "" for x, k in zip(table[c.CHANCE], known, strict=True)]
    ends = [int(last) - 1 for last in table[c.LAST_STEP].tolist()]
    on_board = {supply.step: supply_text(supply) for supply in supplies(race)}
    out["take on"] = [on_board.get(step, "") for step in ends]
    written = station_notes(race)
    out["note"] = [written.get(step, "") for step in ends]
    out = {name: texts for name, texts in out.items() if name not in ("take on", "note") or any(texts)}
    return {name: out[name] for name in _LEG_COLUMNS if name in out}


def up_and_down(table: Mapping[str, np.ndarray], units: Units) -> dict[str, Text]:
    """Ascent and descent of stretches."""
    both = zip(table[c.CLIMB], table[c.DESCENT], strict=True)
    return {f"up / down ({units.high})": [f"{units.height(up)} / {units.height(down)}" for up, down in both]}


def ground_columns(table: Mapping[str, np.ndarray], units: Units = METRIC) -> dict[str, Text]:
    """Where climbs and descents are and how steep, of `lib.plan.splits.ups_and_downs`, for reading."""
    ends = zip(table[c.FIRST_STEP] * c.STEP_M, table[c.END], strict=True)
    return {
        "": ["▲" if gain > 0 else "▼" for gain in table[c.GAIN]],
        units.long: [f"{units.distance(first)} to {units.distance(last)}" for first, last in ends],
        f"gain ({units.high})": [f"{gain / units.high_m:+.0f}" for gain in table[c.GAIN]],
        "mean": [f"{100 * slope:.0f}%" for slope in table[c.MEAN_SLOPE]],
    }


def climbs_table(race: RacePlan) -> dict[str, Text]:
    """Climbs and descents for reading, in the order of the course."""
    table, units = ups_and_downs(race), race.config.units
    ground = ground_columns(table, units) | {
        "steepest": [f"{100 * slope:.0f}%" for slope in table[c.MAX_SLOPE]],
        "length": [f"{units.distance(m)} {units.long}" for m in table[c.DISTANCE]],
    }
    return ground | _stretch_columns(race, table, False)


def ends_column(race: RacePlan, table: Mapping[str, np.ndarray]) -> dict[str, Text]:
    """Where each of `lib.plan.splits.kilometres` or `miles` ends."""
    if c.MILE not in table:
        return {"to km": [f"{m / 1000.0:.3f}".rstrip("0").rstrip(".") for m in table[c.END]]}
    ends = zip(table[c.MILE], table[c.LAST_STEP], strict=True)
    return {"to mile": [FINISH.lower() if last == race.course.steps else f"{number}" for number, last in ends]}


def even_table(race: RacePlan, table: Mapping[str, np.ndarray]) -> dict[str, Text]:
    """`lib.plan.splits.kilometres` or `miles` for reading. Moving times add up."""
    return {
        **ends_column(race, table),
        **up_and_down(table, race.config.units),
        **_stretch_columns(race, table, True),
        "80% interval": _interval(race, table),
    }

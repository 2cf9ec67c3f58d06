"""The page of a race plan."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

import numpy as np
from markupsafe import Markup

from lib.athlete.bundle import Bundle
from lib.core import schema as c
from lib.core.durations import h_mm, h_mm_ss, in_words
from lib.core.units import METRIC, Units
from lib.course.terrain_features import SMOOTHING_M
from lib.plan.daylight import daylight_lines
from lib.plan.goal import Goal
from lib.plan.race_plan import RacePlan
from lib.plan.splits import kilometres, legs, miles
from lib.report.assumptions import fades, pacing_lines
from lib.report.chances import finish_chances
from lib.report.crew import crew_table
from lib.report.notes import notes, odds, percent
from lib.report.rules import rules
from lib.report.tables import at, between, climbs_table, even_table, legs_table, title_lines, trust
from lib.report.uncertainty import doubts
from utils.plan_page.base import render, source
from utils.plan_page.course_map import course_map
from utils.plan_page.day import day_data
from utils.plan_page.places import clock_data, places
from utils.plan_page.plan_charts import body_charts, chance_chart, fading_chart, pace_chart, whole_profile

MOST_NOTES: Final = 6
_IN_THE_HEAD: Final = ("Course", "Start", "Finish", "80% interval", "Goal")
"""Lines of the title that the page shows larger."""
_OF_THE_WAY: Final = ("moving", "pace", "GAP", "bpm", "spm")
"""What the table of legs says of the way; the rest is about stations."""
_OPEN_KILOMETRES: Final = 25
"""Up to so many, the table of kilometres is open, and so also on paper."""


def _goal_chance(goal: Goal) -> str:
    return f"chance {odds(goal.chance)} {'from here' if goal.on_the_way else 'at the usual effort'}"


def _chances(race: RacePlan) -> list[str]:
    if race.to_a_goal:
        return []
    return [f"under {h_mm(s)}: {percent(x)}" for s, x in finish_chances(race) if 0.01 < x < 0.99]


def _adjustments(race: RacePlan, bundle: Bundle) -> dict[str, str]:
    """What the plan is adjusted for, in short; sources are told below."""
    weather = [f"{line.partition(' time')[0]} time" for line in race.adjusted]
    said = {"Adjusted": weather, "Pacing": pacing_lines(race, bundle)}
    shown = {key: f"{'. '.join(lines)}." for key, lines in said.items() if lines}
    return shown | ({"Sun": f"{'; '.join(daylight_lines(race))}."} if race.start else {})


def _rule_rows(race: RacePlan, bundle: Bundle) -> list[dict[str, str]]:
    rows = []
    for rule in rules(race, bundle):
        percent_off = round(100 * (rule.moving_s / race.plan.finish_s - 1))
        difference = f"{percent_off:+d}%" if percent_off else "the same"
        rows.append({"name": rule.name, "time": h_mm_ss(rule.moving_s), "difference": difference})
    return rows


def _doubt_rows(race: RacePlan, bundle: Bundle) -> list[dict[str, str]]:
    return [
        {"places": d.places, "why": d.why, "minutes": in_words(d.moving_s) if d.where else ""}
        for d in doubts(race, bundle)
    ]


def units_data(units: Units) -> dict[str, str | float]:
    """What the scripts of a page need to show lengths."""
    return {"long": units.long, "long_m": units.long_m, "high": units.high, "high_m": units.high_m, "pace": units.pace}


def plan_page(
    race: RacePlan,
    bundle: Bundle,
    *,
    course_sha256: str = "",
    files: Sequence[str] = (),
    athlete: str = "",
) -> str:
    """Make the page of a race plan.

    Parameters
    ----------
    race : RacePlan
        What it says.
    bundle : Bundle
        The model's bundle, with the athlete profile.
    course_sha256 : str
        Hash of the course's file.
    files : sequence of str
        Names of the files that lie beside the page.
    athlete : str
        Whose plan it is, for its title.
    """
    day, units = day_data(race, bundle), race.config.units
    data = {"places": places(race).table, "clock": clock_data(race), "day": day, "units": units_data(units)}
    title = title_lines(race, bundle.prior.effort)
    low_s, high_s = race.finish_interval_s
    by_leg = legs_table(race)
    table, by_km, ups_and_downs = legs(race), kilometres(race), climbs_table(race)
    said = notes(race, bundle.prior.effort)
    done = units.distance(race.plan.done * c.STEP_M, 2) if race.plan.done else ""
    return render(
        "plan.html.j2",
        scripts=("clock.js", "pointer.js", "zoom.js", "map.js", "day.js"),
        name=f"{race.course.name} · {athlete}" if athlete else race.course.name,
        course=title["Course"],
        start=title.get("Start", ""),
        who=trust(race.plan, race.level).partition(".")[0],
        lines={key: text for key, text in title.items() if key not in (*_IN_THE_HEAD, "Fuel")},
        finish=h_mm_ss(race.finish_s),
        clock="" if race.start is None else at(race, race.finish_s),
        to_a_goal=race.to_a_goal,
        odds="" if race.goal is None else odds(race.goal.chance),
        low=h_mm_ss(low_s),
        high=h_mm_ss(high_s),
        clocks="" if race.start is None else between(race, low_s, high_s),
        goal="" if race.goal is None else h_mm_ss(race.goal.race_s),
        goal_chance="" if race.goal is None else _goal_chance(race.goal),
        adjustments=({"Fuel": title["Fuel"]} if "Fuel" in title else {}) | _adjustments(race, bundle),
        notes=said[:MOST_NOTES],
        more_notes=max(len(said) - MOST_NOTES, 0),
        so_far=f"The first {done} {units.long} have been run; the rest is predicted from there." if done else "",
        profile=whole_profile(race).html(),
        pace=pace_chart(race).html(),
        body=[chart.html() for chart in body_charts(race)],
        chance="" if race.to_a_goal else chance_chart(race).html(),
        fading=fading_chart(race).html() if fades(race) else "",
        map=course_map(race).html(),
        day=day is not None,
        crew=crew_table(race),
        stations={name: texts for name, texts in by_leg.items() if name not in _OF_THE_WAY},
        legs={name: texts for name, texts in by_leg.items() if name in ("to", *_OF_THE_WAY)},
        late=(table[c.MARGIN] < 0).tolist(),
        has_cutoffs=bool(np.isfinite(table[c.CUTOFF]).any()),
        climbs=ups_and_downs if ups_and_downs[units.long] else {},
        kilometres=even_table(race, by_km) if units is METRIC else {},
        kilometres_open=by_km[c.END].size <= _OPEN_KILOMETRES,
        miles=even_table(race, miles(race)),
        units=units,
        chances=_chances(race),
        rules=_rule_rows(race, bundle),
        moving=h_mm_ss(race.plan.finish_s),
        day_width=f" ({low_s / race.finish_s - 1:+.0%} to {high_s / race.finish_s - 1:+.0%}, 80% interval)",
        doubts=_doubt_rows(race, bundle),
        trust=trust(race.plan, race.level),
        adjusted=race.adjusted,
        smoothing=f"{SMOOTHING_M:.0f}",
        repairs=race.course.repairs,
        files=files,
        # In a script nothing but "<" could end it; as an escape it is the same JSON.
        data=Markup(json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")),
        **source(bundle, course_sha256),
    )

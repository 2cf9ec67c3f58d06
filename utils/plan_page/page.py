"""The page of a race plan."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from markupsafe import Markup

from lib.athlete.bundle import Bundle
from lib.core import schema as c
from lib.core.durations import h_mm, h_mm_ss, in_words, m_ss
from lib.course.terrain_features import SMOOTHING_M
from lib.plan.daylight import daylight_lines
from lib.plan.goal import Goal
from lib.plan.race_plan import RacePlan
from lib.plan.splits import kilometres, legs, miles
from lib.report.assumptions import pacing_lines
from lib.report.crew import crew_table
from lib.report.notes import notes, odds, percent
from lib.report.rules import rules
from lib.report.tables import at, between, climbs_table, even_table, legs_table, title_lines, trust
from lib.report.uncertainty import doubts
from utils.plan_page.base import render, source
from utils.plan_page.day import day_data
from utils.plan_page.figures import Drawn, draw
from utils.plots.axes import smoothed, smoothed_pace, spm
from utils.plots.race_plots import finish_chances

ALT: Final = "Four curves above one another along the distance: altitude shaded by slope, pace, heart rate, cadence"

MOST_NOTES: Final = 6
_IN_THE_HEAD: Final = ("Course", "Start", "Finish", "80% interval", "Goal")
"""Lines of the title that the page shows larger."""
_OPEN_KILOMETRES: Final = 25
"""Up to so many, the table of kilometres is open, and so also on paper."""


def _known(value: float, unit: str) -> str:
    return f"{value:.0f} {unit}" if np.isfinite(value) else "not measured"


def readings(race: RacePlan, map_xy: np.ndarray, steps: np.ndarray) -> dict[str, Any]:
    """Return what the page says at places of the course: rows of the share of the way, its place on the map, texts.

    Parameters
    ----------
    race : RacePlan
        The plan.
    map_xy : ndarray, shape (N, 2)
        Places on the map.
    steps : ndarray of int, shape (N,)
        Which steps these are.
    """
    table, columns = race.plan.as_measured, race.course.columns
    low_s, high_s = race.interval(steps)
    pace, heart_rate, cadence = smoothed_pace(table), smoothed(table[c.HEART_RATE]), smoothed(spm(table[c.CADENCE]))
    clocked = race.start is not None
    rows = []
    for i, step in enumerate(steps.tolist()):
        metres, arrival_s = columns[c.DISTANCE][step], race.arrival_s[step]
        rows.append(
            [
                round(float(metres / columns[c.DISTANCE][-1]), 5),
                *(round(float(x), 4) for x in map_xy[i]),
                f"{metres / 1000:.1f}",
                h_mm_ss(arrival_s),
                *([at(race, arrival_s)] if clocked else []),
                between(race, low_s[i], high_s[i]),
                f"{columns[c.ALTITUDE][step]:.0f} m",
                f"{100 * columns[c.SLOPE_100M][step]:.0f}%",
                f"{m_ss(60.0 * pace[step])} min/km",
                _known(heart_rate[step], "bpm"),
                _known(cadence[step], "spm"),
            ]
        )
    names = ["km", "race time", *(["clock"] if clocked else []), "80% interval", "altitude", "slope", "pace"]
    names += ["heart rate", "cadence"]
    return {"names": names, "rows": rows}


def _goal_chance(goal: Goal) -> str:
    return f"chance {odds(goal.chance)} {'from here' if goal.on_the_way else 'at the usual effort'}"


def _chances(race: RacePlan) -> list[str]:
    if race.to_a_goal:
        return []
    return [f"under {h_mm(s)}: {percent(x)}" for s, x in finish_chances(race) if 0.01 < x < 0.99]


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


def plan_page(
    race: RacePlan,
    bundle: Bundle,
    *,
    course_sha256: str = "",
    files: Sequence[str] = (),
    drawn: Drawn | None = None,
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
    drawn : Drawn, optional
        The figures, if they are made already.
    """
    drawn = drawn or draw(race)
    data = readings(race, drawn.places, drawn.steps)
    day = day_data(race, bundle)
    data |= {"day": day, "wide": np.round(drawn.ends, 5).tolist(), "narrow": np.round(drawn.narrow_ends, 5).tolist()}
    title = title_lines(race, bundle.prior.effort)
    low_s, high_s = race.finish_interval_s
    table, by_km, ups_and_downs = legs(race), kilometres(race), climbs_table(race)
    said = notes(race, bundle.prior.effort)
    done_km = race.plan.done * c.STEP_M / 1000.0
    return render(
        "plan.html.j2",
        scripts=("plan.js", "day.js"),
        name=race.course.name,
        course=title["Course"],
        start=title.get("Start", ""),
        lines={key: text for key, text in title.items() if key not in _IN_THE_HEAD},
        finish=h_mm_ss(race.finish_s),
        clock="" if race.start is None else at(race, race.finish_s),
        to_a_goal=race.to_a_goal,
        odds="" if race.goal is None else odds(race.goal.chance),
        low=h_mm_ss(low_s),
        high=h_mm_ss(high_s),
        clocks="" if race.start is None else between(race, low_s, high_s),
        goal="" if race.goal is None else h_mm_ss(race.goal.race_s),
        goal_chance="" if race.goal is None else _goal_chance(race.goal),
        daylight=daylight_lines(race),
        notes=said[:MOST_NOTES],
        more_notes=max(len(said) - MOST_NOTES, 0),
        so_far=f"The first {done_km:.2f} km have been run; the rest is predicted from there." if done_km else "",
        alt=ALT,
        drawn=drawn,
        day=day is not None,
        crew=crew_table(race),
        legs=legs_table(race),
        late=(table[c.MARGIN] < 0).tolist(),
        has_cutoffs=bool(np.isfinite(table[c.CUTOFF]).any()),
        climbs=ups_and_downs if ups_and_downs["km"] else {},
        kilometres=even_table(race, by_km, "km"),
        kilometres_open=by_km[c.END].size <= _OPEN_KILOMETRES,
        miles=even_table(race, miles(race), "mile"),
        chances=_chances(race),
        pacing=pacing_lines(race, bundle),
        rules=_rule_rows(race, bundle),
        moving=h_mm_ss(race.plan.finish_s),
        day_width=f" ({low_s / race.finish_s - 1:+.0%} to {high_s / race.finish_s - 1:+.0%}, 80% interval)",
        doubts=_doubt_rows(race, bundle),
        trust=trust(race.plan, race.level),
        adjusted=race.adjusted,
        smoothing=f"{SMOOTHING_M:.0f}",
        repairs=race.course.repairs,
        files=files,
        dot_ry=f"{0.012 * drawn.map_aspect:.4f}",
        # In a script nothing but "<" could end it; as an escape it is the same JSON.
        data=Markup(json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")),
        **source(bundle, course_sha256),
    )

"""In: a race plan and the bundle that it is for. Out: one HTML page of it: reads on a screen, prints on two pages."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import jinja2
import numpy as np
from markupsafe import Markup

from lib.athlete.bundle import Bundle
from lib.core import schema as c
from lib.course.terrain_features import SMOOTHING_M
from lib.plan.daylight import daylight_lines
from lib.plan.goal import Target
from lib.plan.race_plan import RacePlan
from lib.plan.race_splits import kilometres, legs, miles
from lib.report.notes import notes, percent
from lib.report.plan_tables import format_duration, format_pace, trust
from lib.report.race_tables import (
    ABOUT_EVEN,
    at,
    between,
    climbs_table,
    even_s,
    even_table,
    legs_table,
    spare,
    title_lines,
)
from lib.report.rules import rules
from lib.report.uncertainty import doubts
from utils.notebooks.render import TEMPLATES as SHARED
from utils.plan_page.figures import Drawn, draw
from utils.plan_page.paper import MOST_NOTES, fitted, paper
from utils.plots.axes import smoothed, smoothed_pace
from utils.plots.race_plots import finish_chances

ALT: Final = "Four curves above one another along the distance: altitude shaded by slope, pace, heart rate, cadence"

TEMPLATES: Final = Path(__file__).resolve().parent / "templates"


def _embedded(svg: bytes) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg).decode('ascii')}"


def readings(race: RacePlan, map_xy: np.ndarray, steps: np.ndarray) -> dict[str, Any]:
    """What the page says at places of the course: rows of the share of the way, its place on the map, texts.

    Parameters
    ----------
    race : RacePlan
        The plan.
    map_xy : ndarray, shape (N, 2)
        Places on the map.
    steps : ndarray of int, shape (N,)
        Which steps these are.
    """
    table, columns = race.plan.steps, race.course.columns
    low_s, high_s = race.interval(steps)
    pace, heart_rate, cadence = smoothed_pace(table), smoothed(table[c.HEART_RATE]), smoothed(table[c.CADENCE])
    clocked = race.start is not None
    rows = []
    for i, step in enumerate(steps.tolist()):
        metres, arrival_s = columns[c.DISTANCE][step], race.arrival_s[step]
        rows.append(
            [
                round(float(metres / columns[c.DISTANCE][-1]), 5),
                *(round(float(x), 4) for x in map_xy[i]),
                f"{metres / 1000:.1f}",
                format_duration(arrival_s),
                *([at(race, arrival_s)] if clocked else []),
                between(race, low_s[i], high_s[i]),
                f"{columns[c.ALTITUDE][step]:.0f} m",
                f"{100 * columns[c.SLOPE_100M][step]:.0f}%",
                f"{format_pace(pace[step])} min/km",
                f"{heart_rate[step]:.0f} bpm",
                f"{cadence[step]:.0f} rpm",
            ]
        )
    names = [
        "km",
        "after",
        *(["at"] if clocked else []),
        "within",
        "altitude",
        "slope",
        "pace",
        "heart rate",
        "cadence",
    ]
    return {"names": names, "rows": rows}


def _middle(race: RacePlan) -> str:
    """What to make of a plan that more than half of the days are slower or faster than; empty if it is the middle."""
    chance = float(race.chance(np.array([race.finish_s]), np.array([race.course.steps - 1]))[0])
    if abs(chance - 0.5) <= ABOUT_EVEN:
        return ""
    return (
        f"The plan of {format_duration(race.finish_s)} is a {'good' if chance < 0.5 else 'slow'} day: "
        f"as many days take longer than {format_duration(even_s(race))} as take less"
    )


def _target_chance(target: Target) -> str:
    return f"chance {percent(target.chance)} {'from here' if target.effort is None else 'as days come'}"


def _rule_rows(race: RacePlan, bundle: Bundle) -> list[dict[str, str]]:
    rows = []
    for rule in rules(race, bundle):
        percent_off = round(100 * (rule.moving_s / race.plan.finish_s - 1))
        difference = f"{percent_off:+d}%" if percent_off else "the same"
        rows.append({"name": rule.name, "time": format_duration(rule.moving_s), "difference": difference})
    return rows


def _doubt_rows(race: RacePlan, bundle: Bundle) -> list[dict[str, str]]:
    return [
        {"places": d.places, "why": d.why, "minutes": spare(d.moving_s) if d.where else ""}
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
        Who runs.
    course_sha256 : str
        Hash of the course's file.
    files : sequence of str
        Names of the files that lie beside the page.
    drawn : Drawn, optional
        The figures, if they are made already.
    """
    drawn = drawn or draw(race)
    data = readings(race, drawn.places, drawn.steps)
    data |= {"wide": np.round(drawn.ends, 5).tolist(), "narrow": np.round(drawn.narrow_ends, 5).tolist()}
    title = title_lines(race, bundle.prior.effort)
    low_s, high_s = race.finish_interval_s
    table, by_km, ups_and_downs, by_station = legs(race), kilometres(race), climbs_table(race), legs_table(race)
    troubles, rule_rows, doubt_rows = (
        notes(race, bundle.prior.effort),
        _rule_rows(race, bundle),
        _doubt_rows(race, bundle),
    )
    daylight = daylight_lines(race)
    sheets = paper(
        table[c.END].size,
        [float(gain) for gain in ups_and_downs["gain (m)"]],
        by_km[c.END].size,
        notes=[*troubles[: MOST_NOTES + 1], "; ".join(daylight)],
        rules=len(rule_rows),
        doubts=[f"{row['places']} {row['minutes']} {row['why']}" for row in doubt_rows],
        rests=" ".join([trust(race.plan), *race.adjusted, *race.course.repairs, " " * 200]),
    )
    script = (TEMPLATES / "page.js").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined
    )
    environment.filters["transposed"] = lambda columns: list(zip(*columns, strict=True))
    done_km = race.plan.done * c.STEP_M / 1000.0
    return environment.get_template("page.html.j2").render(
        name=race.course.name,
        title=title,
        finish=format_duration(race.finish_s),
        clock="" if race.start is None else at(race, race.finish_s),
        low=format_duration(low_s),
        high=format_duration(high_s),
        clocks="" if race.start is None else between(race, low_s, high_s),
        target="" if race.target is None else format_duration(race.target.race_s),
        target_chance="" if race.target is None else _target_chance(race.target),
        daylight=daylight,
        notes=troubles[:MOST_NOTES],
        more_notes=max(len(troubles) - MOST_NOTES, 0),
        curves_mm=f"{sheets.curves_mm:.0f}",
        so_far=f"The first {done_km:.2f} km have been run; what follows is predicted from there." if done_km else "",
        alt=ALT,
        pieces=drawn.steps.size,
        legs=by_station,
        fitted=fitted(by_station),
        late=(table[c.SLACK] < 0).tolist(),
        has_cutoffs=bool(np.isfinite(table[c.CUTOFF]).any()),
        climbs=ups_and_downs if ups_and_downs["km"] else {},
        kilometres=even_table(race, by_km, "km"),
        climbs_cut=[not shown for shown in sheets.climbs],
        kilometres_on_paper=sheets.kilometres,
        miles=even_table(race, miles(race), "mile"),
        chances=[f"under {format_duration(s)[:-3]}: {percent(x)}" for s, x in finish_chances(race) if 0.01 < x < 0.99],
        middle=_middle(race),
        rules=rule_rows,
        moving=format_duration(race.plan.finish_s),
        day_width=f", {low_s / race.finish_s - 1:+.0%} to {high_s / race.finish_s - 1:+.0%} in four of five cases",
        doubts=doubt_rows,
        trust=trust(race.plan),
        adjusted=race.adjusted,
        smoothing=f"{SMOOTHING_M:.0f}",
        repairs=race.course.repairs,
        model=bundle.checkpoint_sha256[:12],
        course_hash=course_sha256[:12] or "unknown",
        made=f"{datetime.now(UTC):%Y-%m-%d}",
        version=metadata.version("trailcast"),
        files=files,
        along=_embedded(drawn.along),
        narrow=_embedded(drawn.narrow),
        map=_embedded(drawn.map),
        chance=_embedded(drawn.chance),
        dot_ry=f"{0.012 * drawn.map_aspect:.4f}",
        # In a script nothing but "<" could end it; as an escape it is the same JSON.
        data=Markup(json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")),
        script=Markup(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii"),
        style=Markup((SHARED / "page.css").read_text("utf-8") + (TEMPLATES / "plan.css").read_text("utf-8")),
    )

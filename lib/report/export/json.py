"""A race plan as JSON: plain values with units in their names."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from lib.athlete.bundle import Bundle
from lib.athlete.time_distribution import COVERAGE
from lib.core import schema as c
from lib.core.durations import whole
from lib.plan.goal import harder_than
from lib.plan.race_plan import RacePlan
from lib.plan.splits import climbs, descents, kilometres, legs, miles, waypoint_times
from lib.report.notes import notes
from lib.report.tables import trust

_DECIMALS: Final[Mapping[str, int]] = {
    c.DISTANCE: 1,
    c.ALTITUDE: 1,
    c.LATITUDE: 6,
    c.LONGITUDE: 6,
    c.DURATION: 4,
    c.ELAPSED: 3,
    c.HEART_RATE: 1,
    c.CADENCE: 1,
}


_PLACES: Final[Mapping[str, int]] = {
    "_s": 2,
    "_m": 1,
    "_km": 4,
    "_bpm": 1,
    "_rpm": 1,
    "chance": 4,
    "chance_in_time": 4,
    "mean_slope": 4,
    "max_slope_100m": 4,
}
"""Decimals of numbers outside the steps, by how their names end."""


def _plain(value: Any) -> Any:
    """A number or text as JSON has it; null where nothing is known."""
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _rounded(found: Any, name: str = "") -> Any:
    """Plain values without decimals that nobody measures."""
    if isinstance(found, dict):
        return {key: _rounded(value, key) for key, value in found.items()}
    if isinstance(found, list):
        return [_rounded(value, name) for value in found]
    places = next((n for end, n in _PLACES.items() if name.endswith(end)), None)
    return found if places is None or not isinstance(found, float) else round(found, places)


def _rows(race: RacePlan, columns: Mapping[str, np.ndarray]) -> list[dict[str, Any]]:
    lists = {name: [_plain(x) for x in values] for name, values in columns.items()}
    rows = [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]
    if c.ARRIVAL in columns:
        rows = [row | {"arrival": _clock(race, row[c.ARRIVAL])} for row in rows]
    return rows


def _clock(race: RacePlan, race_s: float) -> str | None:
    when = race.clock(whole(race_s))
    return None if when is None else when.isoformat(timespec="seconds")


def _steps(race: RacePlan) -> dict[str, list[float]]:
    plan = race.plan
    columns = dict(plan.course.columns) | dict(plan.columns)
    low_s, high_s = plan.band.interval(columns[c.ELAPSED], columns[c.DISTANCE] / columns[c.DISTANCE][-1])
    arrival_low_s, arrival_high_s = race.step_interval_s
    steps = {name: columns[name].round(decimals).tolist() for name, decimals in _DECIMALS.items()}
    return steps | {
        "slope": columns[c.SLOPE_100M].round(4).tolist(),
        "elapsed_low_s": low_s.round(1).tolist(),
        "elapsed_high_s": high_s.round(1).tolist(),
        c.ARRIVAL: race.arrival_s.round(1).tolist(),
        c.ARRIVAL_LOW: arrival_low_s.round(1).tolist(),
        c.ARRIVAL_HIGH: arrival_high_s.round(1).tolist(),
    }


def _totals(race: RacePlan) -> dict[str, Any]:
    plan, rest = race.plan, race.standing
    (low_s, high_s), (race_low_s, race_high_s) = plan.finish_interval_s, race.finish_interval_s
    weights = plan.columns[c.DURATION]
    return {
        "finish_s": plan.finish_s,
        "finish_low_s": low_s,
        "finish_high_s": high_s,
        "coverage": COVERAGE,
        "other_stops_s": rest.expected_s,
        "other_stops_low_s": rest.low_s,
        "other_stops_high_s": rest.high_s,
        "planned_stop_s": race.planned_stop_s,
        "race_s": race.finish_s,
        "race_low_s": race_low_s,
        "race_high_s": race_high_s,
        "median_s": race.median_s,
        "pace_min_per_km": plan.finish_s / 60.0 / plan.course.length_km,
        "heart_rate_bpm": race.mean_heart_rate_bpm,
        "usual_heart_rate_bpm": race.usual_heart_rate_bpm,
        "cadence_rpm": float(np.average(plan.columns[c.CADENCE], weights=weights)),
        "start": _clock(race, 0.0),
        "arrival": _clock(race, race.finish_s),
    }


def _goal(race: RacePlan, bundle: Bundle) -> dict[str, Any] | None:
    if race.goal is None:
        return None
    effort = race.goal.effort
    harder = None if effort is None else harder_than(effort, bundle.prior.effort)
    return {"race_s": race.goal.race_s, "chance": race.goal.chance, "effort": effort, "harder_than": harder}


def described(
    race: RacePlan, bundle: Bundle, options: Mapping[str, str] | None = None, steps: bool = True
) -> dict[str, Any]:
    """Say a race plan in plain values; `api.schemas.Prediction` says what each is, with units.

    Parameters
    ----------
    race : RacePlan
        The plan.
    bundle : Bundle
        The model's bundle, with the athlete profile.
    options : mapping of str to str, optional
        What was asked for, as it was given.
    steps : bool
        Whether every step is said; they are most of the bytes.
    """
    plan, course = race.plan, race.course
    waypoints = [row | {"arrival": None} for row in _rows(race, waypoint_times(race))]
    for row in waypoints:
        step = min(max(round(row[c.DISTANCE] / c.STEP_M) - 1, 0), course.steps - 1)
        row["arrival"] = _clock(race, 0.0 if row[c.DISTANCE] == 0 else float(race.arrival_s[step]))
    said = {
        "model_sha256": bundle.checkpoint_sha256,
        "athlete": trust(plan, race.level),
        "options": dict(options or {}),
        "effort": "goal" if race.to_a_goal else race.config.effort,
        "course": {
            "name": course.name,
            "length_km": course.length_km,
            "climb_m": course.climb_m,
            "descent_m": course.descent_m,
            "repairs": list(course.repairs),
        },
        "totals": _totals(race),
        "goal": _goal(race, bundle),
        "notes": [{"code": n.code, "text": n.text} for n in notes(race, bundle.prior.effort)],
        "adjusted": list(race.adjusted),
        "splits": _rows(race, kilometres(race)),
        "miles": _rows(race, miles(race)),
        "legs": _rows(race, legs(race)),
        "climbs": _rows(race, climbs(race)),
        "descents": _rows(race, descents(race)),
        "waypoints": waypoints,
    }
    return _rounded(said) | {"steps": _steps(race) if steps else None}


def json_bytes(race: RacePlan, bundle: Bundle, options: Mapping[str, str] | None = None, steps: bool = True) -> bytes:
    """`described` as one JSON object."""
    return json.dumps(
        described(race, bundle, options, steps), allow_nan=False, ensure_ascii=False, separators=(",", ":")
    ).encode()

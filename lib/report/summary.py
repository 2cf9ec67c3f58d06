"""Plans of many runners in a row each: numbers for programs, and the same for reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from lib.core import schema as c
from lib.core.durations import h_mm, h_mm_ss, in_words
from lib.plan.race_plan import RacePlan
from lib.plan.splits import legs
from lib.report.notes import percent

Text = list[str]
NUMBERS: Final = (
    c.RACE_TIME, c.RACE_LOW, c.RACE_HIGH, c.MEDIAN, c.FINISH, c.LOW, c.HIGH, c.PLANNED_STOP, c.OTHER_STOPS, c.MARGIN,
    c.CHANCE, c.DISTANCE, c.CLIMB,
)  # fmt: skip
"""Numbers of `totals`."""


def totals(race: RacePlan) -> dict[str, Any]:
    """What a plan comes to: `NUMBERS` and repairs of the course; None for cut-offs where there are none."""
    low_s, high_s = race.plan.finish_interval_s
    race_low_s, race_high_s = race.finish_interval_s
    table = legs(race)
    known = np.isfinite(table[c.CUTOFF])
    return {
        c.RACE_TIME: race.finish_s,
        c.RACE_LOW: race_low_s,
        c.RACE_HIGH: race_high_s,
        c.MEDIAN: race.median_s,
        c.FINISH: race.plan.finish_s,
        c.LOW: low_s,
        c.HIGH: high_s,
        c.PLANNED_STOP: race.planned_stop_s,
        c.OTHER_STOPS: race.standing.expected_s,
        c.MARGIN: float(table[c.MARGIN][known].min()) if known.any() else None,
        c.CHANCE: float(table[c.CHANCE][known].min()) if known.any() else None,
        c.DISTANCE: race.course.length_km * 1000.0,
        c.CLIMB: race.course.climb_m,
        c.REPAIRS: "; ".join(race.course.repairs) or None,
    }


def summary_table(rows: Sequence[Mapping[str, Any]]) -> dict[str, Text]:
    """Rows of `totals` for reading, in their order; what is cut off only where somebody may be."""
    out = {
        "race time": [h_mm_ss(row[c.RACE_TIME]) for row in rows],
        "80% interval": [f"{h_mm(row[c.RACE_LOW])}\u00a0to\u00a0{h_mm(row[c.RACE_HIGH])}" for row in rows],
    }
    if any(row[c.CHANCE] is not None for row in rows):
        out["all cut-offs"] = ["" if row[c.CHANCE] is None else percent(row[c.CHANCE]) for row in rows]
        out["least margin"] = ["" if row[c.MARGIN] is None else in_words(row[c.MARGIN]) for row in rows]
    return out | {
        "median": [h_mm(row[c.MEDIAN]) for row in rows],
        "moving": [h_mm_ss(row[c.FINISH]) for row in rows],
        "stopped": [in_words(row[c.PLANNED_STOP] + row[c.OTHER_STOPS]) for row in rows],
    }

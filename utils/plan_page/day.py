"""What the page of a plan needs to compute arrivals from check-ins by itself."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lib.athlete.bundle import Bundle
from lib.core import schema as c
from lib.plan.day_table import day_table, place_of
from lib.plan.race_plan import RacePlan
from lib.plan.splits import legs
from lib.race.stations import place_name
from lib.report.export.marks import plan_key


def day_data(race: RacePlan, bundle: Bundle) -> dict[str, Any] | None:
    """Return the table of a plan (`lib.plan.day_table.DayTable`), its places and check-ins so far.

    None for a plan from a recording so far: its first part is known better than by clocks at stations.
    """
    before = race.before or race
    if before.plan.done:
        return None
    steps, extra = before.course.steps, [round(one.distance_m / c.STEP_M) - 1 for one in race.check_ins]
    table, stations = day_table(before, bundle, extra), legs(before)
    at = {int(last) - 1: i for i, last in enumerate(stations[c.LAST_STEP].tolist())}
    places = []
    for step in table.step.tolist():
        km = round((step + 1) * c.STEP_M / 1000.0, 3)
        cutoff_s = float(stations[c.CUTOFF][at[step]]) if step in at else math.nan
        places.append({
            "name": str(stations[c.WAYPOINT][at[step]]) if step in at else place_name(km * 1000.0, before.config.units),
            "km": km,
            "cutoff_s": round(cutoff_s, 1) if math.isfinite(cutoff_s) else None,
        })  # fmt: skip
    return table.to_dict() | {
        "log_plan": round(math.log(before.finish_s), 6),
        "places": places,
        "has_cutoffs": bool(np.isfinite(stations[c.CUTOFF]).any()),
        "check_ins": [[place_of(table, x.distance_m, steps), x.arrived_s, x.left_s] for x in race.check_ins],
        "key": f"trailcast {plan_key(before)} {len(places)}",
    }

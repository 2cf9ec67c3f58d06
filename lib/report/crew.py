"""The crew's sheet: where to be and when, when to leave, what to bring."""

from __future__ import annotations

import numpy as np

from lib.core import schema as c
from lib.plan.fuel import supplies
from lib.plan.race_plan import RacePlan
from lib.plan.splits import legs
from lib.report.tables import Text, at, between, supply_text


def crew_table(race: RacePlan) -> dict[str, Text]:
    """Stations where the crew goes, in the order of the clock: those ahead with a drive, a note or a crew; else empty.

    To be left in time to be there at the early end of the 80% interval.
    """
    table, steps = legs(race), race.course.steps
    row_of = {int(last) - 1: row for row, last in enumerate(table[c.LAST_STEP].tolist())}
    on_board = {supply.step: supply_text(supply) for supply in supplies(race)}
    found: list[tuple[float, tuple[str, ...]]] = []
    units = race.config.units
    for station in race.config.stations:
        step = station.last_step(steps)
        if step < race.plan.done or step not in row_of:
            continue
        if station.drive_s is None and not station.note and not station.crew:
            continue
        row = row_of[step]
        low_s, high_s = float(table[c.ARRIVAL_LOW][row]), float(table[c.ARRIVAL_HIGH][row])
        leave_s = low_s - (station.drive_s or 0.0)
        cutoff_s = float(table[c.CUTOFF][row])
        cells = (
            "" if station.drive_s is None else at(race, max(leave_s, 0.0)) if leave_s > 0 else "before the start",
            "" if station.drive_s is None else f"{station.drive_s / 60.0:.0f} min",
            station.name,
            units.distance((step + 1) * c.STEP_M),
            between(race, low_s, high_s),
            at(race, float(table[c.ARRIVAL][row])),
            at(race, cutoff_s) if np.isfinite(cutoff_s) else "",
            on_board.get(step, ""),
            station.note,
        )
        found.append((leave_s, cells))
    names = ("leave by", "drive", "station", units.long, "runner there", "expected", "cut-off", "hand over", "note")
    rows = [cells for _, cells in sorted(found, key=lambda one: one[0])]
    columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    return {name: texts for name, texts in columns.items() if any(texts)}

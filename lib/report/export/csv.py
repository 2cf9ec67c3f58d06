"""Every step and every leg of a race plan as CSV."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import numpy as np

from lib.core import schema as c
from lib.core.text import no_formula
from lib.plan.moving_plan import PLAN_COLUMNS
from lib.plan.race_plan import RacePlan
from lib.plan.splits import legs

_STEP_DECIMALS: Final = (0, 1, 4, 3, 1, 1, 3)


def _cell(value: object, decimals: int = 3) -> str:
    """A value as a cell: numbers plain, nothing where there is none, text that no spreadsheet takes for a formula."""
    if isinstance(value, str):
        text = no_formula(value)
        return '"' + text.replace('"', '""') + '"' if any(x in text for x in ',"\n\r') else text
    number = float(value)  # type: ignore[arg-type]
    return "" if np.isnan(number) else f"{number:.{decimals}f}".rstrip("0").rstrip(".") if decimals else f"{number:.0f}"


def _csv(columns: Mapping[str, list[str]]) -> bytes:
    lines = [",".join(columns), *(",".join(row) for row in zip(*columns.values(), strict=True))]
    return ("\n".join(lines) + "\n").encode()


def _clocks(race: RacePlan, race_s: np.ndarray) -> list[str]:
    """Instants of race times to the nearest second, ISO 8601; nothing where there is no time."""
    assert race.start is not None
    begin_s, zone = int(race.start.replace(microsecond=0).timestamp()), race.start.tzinfo
    known = np.isfinite(race_s)
    told = (begin_s + np.floor(np.where(known, race_s, 0.0) + 0.5)).astype(np.int64).tolist()
    return [datetime.fromtimestamp(s, zone).isoformat() if k else "" for s, k in zip(told, known.tolist(), strict=True)]


def steps_csv(race: RacePlan) -> bytes:
    """Every step, a row each; units are in the columns' names, clocks are told where the start is known."""
    table = race.plan.columns
    low_s, high_s = race.step_interval_s
    told = [
        (name, f"%.{decimals}f", table[name].tolist())
        for name, decimals in zip(PLAN_COLUMNS, _STEP_DECIMALS, strict=True)
    ]
    for name, values in ((c.ARRIVAL, race.arrival_s), (c.ARRIVAL_LOW, low_s), (c.ARRIVAL_HIGH, high_s)):
        told.append((name, "%.1f", values.tolist()))
    if race.start is not None:
        told.append((c.ARRIVAL_CLOCK, "%s", _clocks(race, race.arrival_s)))
    names, kinds, columns = zip(*told, strict=True)
    row = ",".join(kinds)  # one text for a whole row: there are tens of thousands
    lines = [",".join(names), *(row % values for values in zip(*columns, strict=True))]
    return ("\n".join(lines) + "\n").encode()


def legs_csv(race: RacePlan) -> bytes:
    """Every leg, a row each: `lib.plan.splits.legs`, with clocks where the start is known."""
    table = legs(race)
    columns = {name: [_cell(value) for value in values.tolist()] for name, values in table.items()}
    if race.start is not None:
        clocks = (c.ARRIVAL_CLOCK, c.ARRIVAL), (c.DEPARTURE_CLOCK, c.DEPARTURE), (c.CUTOFF_CLOCK, c.CUTOFF)
        columns |= {clock: _clocks(race, table[name]) for clock, name in clocks}
    return _csv(columns)

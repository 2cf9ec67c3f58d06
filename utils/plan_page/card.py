"""The pocket card of a plan: 9 by 13 cm, both sides at most, for bib or bottle."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from lib.core import schema as c
from lib.core.durations import h_mm, in_words
from lib.core.text import one_line
from lib.plan.fuel import supplies
from lib.plan.race_plan import RacePlan
from lib.plan.splits import legs
from lib.race.clock import date_text
from lib.report.tables import at, between, station_notes, supply_text
from utils.plan_page.base import render

_ROOM: Final = 216.0
"""Height (mm) for rows on both sides, with what is lost at the fold."""
_LINE: Final = 0.425
"""Height of a line (mm) for each point of its letters."""
_BETWEEN: Final = 1.3
"""Space around a row (mm)."""
_POINTS: Final = (7.4, 6.8, 6.2, 5.6)
"""Sizes of letters to try; smaller ones nobody reads on the way."""
_LINE_POINTS: Final = 390.0
"""Letters of a line times their size: so many have room."""
_NOTE: Final = 120


@dataclass(frozen=True)
class Row:
    """A station on the card.

    Parameters
    ----------
    name, clock, window : str
        Of the station.
    then : str
        Cut-off, stop, and the way from there to the next one.
    note : str
        What is taken on, and what was noted.
    weight : int
        How much it matters where there is no room: stops, cut-offs and notes count.
    """

    name: str
    clock: str
    window: str
    then: str
    note: str
    weight: int


def card_rows(race: RacePlan) -> list[Row]:
    """Start, stations and finish, as the card has them; what has been run is left out."""
    table, notes, units = legs(race), station_notes(race), race.config.units
    taken = {supply.step: supply_text(supply) for supply in supplies(race)}
    ways = [
        f"next {units.distance(metres)} {units.long} +{units.height(up)}\N{MINUS SIGN}{units.height(down)} {units.high}"
        for metres, up, down in zip(table[c.DISTANCE], table[c.CLIMB], table[c.DESCENT], strict=True)
    ]
    rows = []
    if not race.plan.done:
        rows.append(Row("Start", _when(race, 0.0), "", ways[0], taken.get(-1, ""), 9))
    for i, last in enumerate(table[c.LAST_STEP].tolist()):
        step, end = int(last) - 1, i == len(ways) - 1
        if step < race.plan.done:
            continue
        arrival_s, low_s, high_s, stop_s, cutoff_s = (
            float(table[key][i]) for key in (c.ARRIVAL, c.ARRIVAL_LOW, c.ARRIVAL_HIGH, c.PLANNED_STOP, c.CUTOFF)
        )
        then = [
            *([f"cut-off {_when(race, cutoff_s)}"] if np.isfinite(cutoff_s) else []),
            *([f"stop {in_words(stop_s)}"] if stop_s else []),
            *([] if end else [ways[i + 1]]),
        ]
        said = "; ".join(part for part in (taken.get(step, ""), notes.get(step, "")) if part)
        weight = 9 if end else int(stop_s > 0) + 2 * int(np.isfinite(cutoff_s)) + int(bool(said))
        clock = _when(race, arrival_s)
        window = _window(clock, between(race, low_s, high_s))
        rows.append(
            Row(str(table[c.WAYPOINT][i]), clock, window, " \N{MIDDLE DOT} ".join(then), one_line(said, _NOTE), weight)
        )
    return rows


def _when(race: RacePlan, race_s: float) -> str:
    return h_mm(race_s) if race.start is None else at(race, race_s)


def _window(clock: str, interval: str) -> str:
    """An interval without the day that the clock beside it says."""
    day, _, _ = clock.rpartition(" ")
    if interval == f"{clock} to {clock.rpartition(' ')[2]}":
        return ""  # a goal
    return (interval.removeprefix(f"{day} ") if day else interval).replace(" to ", "\N{EN DASH}")


def _note_lines(row: Row, points: float) -> int:
    return math.ceil(len(row.note) * points / _LINE_POINTS)


def _height(rows: list[Row], points: float) -> float:
    """Height (mm) of rows: two lines each, and those of its note."""
    lines = sum(1 + bool(row.then) + _note_lines(row, points) for row in rows)
    return lines * _LINE * points + _BETWEEN * len(rows)


def fitted(rows: list[Row]) -> tuple[list[Row], float]:
    """Rows that have room on both sides, and the size of their letters (pt); what matters least is left out first."""
    kept = list(rows)
    while True:
        points = next((size for size in _POINTS if _height(kept, size) <= _ROOM), None)
        if points is not None:
            return kept, points
        # Of equals the later one goes; its leg is then part of the one before.
        least = min(range(len(kept)), key=lambda i: (kept[i].weight, -i))
        del kept[least]


def card_page(race: RacePlan) -> str:
    """Make the pocket card of a race plan, as a page of its own that prints on cards."""
    low_s, high_s = race.finish_interval_s
    rows = card_rows(race)
    kept, points = fitted(rows)
    return render(
        "card.html.j2",
        sheets=("card.css",),
        name=race.course.name,
        start="" if race.start is None else date_text(race.start),
        finish=at(race, race.finish_s),
        interval="" if race.to_a_goal else _window(at(race, race.finish_s), between(race, low_s, high_s)),
        rows=[(row, _note_lines(row, points)) for row in kept],
        left_out=len(rows) - len(kept),
        points=points,
    )

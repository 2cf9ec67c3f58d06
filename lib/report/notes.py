"""What does not fit together in a race plan, in words: cut-offs, stops, goals, efforts."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Final

import numpy as np

from lib.athlete.prior import Effort
from lib.core import schema as c
from lib.core.durations import h_mm_ss
from lib.plan.goal import harder_than
from lib.plan.race_plan import RacePlan, stopping
from lib.plan.splits import legs
from lib.race.clock import clock_text

_UNLIKELY: Final = 0.05
_RARE_EFFORT: Final = 0.975


def when(race: RacePlan, race_s: float) -> str:
    """A race time, and on the clock where the start is known: ``"3:12:00 (08:42)"``."""
    text = h_mm_ss(race_s)
    return text if race.start is None else f"{text} ({clock_text(race.start, race_s)})"


def percent(chance: float) -> str:
    """A chance as readers say it; the outermost ones rest on an assumed tail and have no digits."""
    return "under 1%" if chance < 0.01 else "over 99%" if chance > 0.99 else f"{chance:.0%}"


def _minutes(seconds: float) -> str:
    return f"{math.ceil(seconds / 60.0):.0f} min"


def cutoff_notes(race: RacePlan) -> tuple[str, ...]:
    """Say which cut-offs are missed, close or out of order, and which stops are longer than they allow."""
    table = legs(race)
    notes = []
    known = np.flatnonzero(np.isfinite(table[c.CUTOFF]))
    for before, i in pairwise(known):
        if table[c.CUTOFF][i] < table[c.CUTOFF][before]:
            notes.append(
                f"{table[c.WAYPOINT][i]}: cut-off {when(race, table[c.CUTOFF][i])} is before that of "
                f"{table[c.WAYPOINT][before]}, {when(race, table[c.CUTOFF][before])}: check both"
            )
    for i in known:
        name, arrival_s, stop_s, cutoff_s, margin_s, chance = (
            table[key][i] for key in (c.WAYPOINT, c.ARRIVAL, c.PLANNED_STOP, c.CUTOFF, c.MARGIN, c.CHANCE)
        )
        at = f"{name}: cut-off {when(race, cutoff_s)}"
        if arrival_s > cutoff_s and chance < 0.01:
            notes.append(
                f"{at} comes {_minutes(arrival_s - cutoff_s)} before the expected arrival {when(race, arrival_s)}: "
                "out of reach on anything like a usual day"
            )
        elif arrival_s > cutoff_s:
            notes.append(
                f"{at} comes {_minutes(arrival_s - cutoff_s)} before the expected arrival {when(race, arrival_s)}: "
                f"a chance of {percent(chance)} to leave in time"
            )
        elif margin_s < 0:
            notes.append(
                f"{at} is reached in time, but the planned stop of {_minutes(stop_s)} ends {_minutes(-margin_s)} after "
                f"it: {int((cutoff_s - arrival_s) // 60)} min are left for it"
            )
        elif chance < 0.8:
            notes.append(
                f"{at}: {margin_s // 60:.0f} min to spare as expected, but a chance of {percent(1 - chance)} to miss it"
            )
    return tuple(notes)


def _goal_notes(race: RacePlan, effort: Effort) -> list[str]:
    notes = []
    if race.goal is not None and race.goal.chance < _UNLIKELY:
        notes.append(f"The goal {h_mm_ss(race.goal.race_s)} has a chance of {percent(race.goal.chance)} on a usual day")
    if race.effort is not None and harder_than(race.effort, effort) > _RARE_EFFORT:
        notes.append(
            f"It takes an effort (mean heart rate {race.mean_heart_rate_bpm:.0f} bpm, usual for such a run "
            f"{race.usual_heart_rate_bpm:.0f}) that fewer than 1 in 40 past runs had: it may not be held"
        )
    return notes


def notes(race: RacePlan, effort: Effort) -> tuple[str, ...]:
    """Say everything that does not fit together; nothing if all is well.

    Parameters
    ----------
    race : RacePlan
        The plan.
    effort : Effort
        Of the bundle's prior, to tell how rare an effort is.
    """
    counted = {(s.name, s.distance_m) for s in stopping(race.config, race.course)}
    idle = [s for s in race.config.stations if s.stop_s > 0 and (s.name, s.distance_m) not in counted]
    ahead = [s for s in race.config.stations if s.cutoff_s is not None and s.last_step(race.course.steps) < 0]
    return (
        *race.config.notes,
        *(f"{s.name}: a stop of {_minutes(s.stop_s)} at the start or the finish changes no arrival" for s in idle),
        *(f"{s.name}: a cut-off at the start is left out" for s in ahead),
        *cutoff_notes(race),
        *_goal_notes(race, effort),
    )

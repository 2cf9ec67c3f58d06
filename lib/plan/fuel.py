"""What a runner carries: whole gels and flasks from one refill to the next, enough on a slow day."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from lib.plan.race_plan import RacePlan
from lib.race.stations import Station

GEL_G: Final = 25.0
"""Carbohydrate of a gel (g): common ones have 20 to 30."""
FLASK_ML: Final = 500.0
"""Water in a flask (ml): the common size of soft flasks."""


@dataclass(frozen=True)
class Supply:
    """What is taken on at a place, to last until the next.

    Parameters
    ----------
    step : int
        Step at whose end it is; -1 at the start.
    gels, flasks : int, optional
        How many; None where there is no refill of that kind.
    """

    step: int
    gels: int | None = None
    flasks: int | None = None


def supplies(race: RacePlan) -> tuple[Supply, ...]:
    """Say what is taken on at the start, or at the place reached, and at each refill ahead; nothing if not asked for.

    Water is refilled where the stations say so, at every aid station if none does; gels where the crew or a bag is, at
    every aid station if there is neither. Time from a refill to the next is that of arrivals at the late end of their
    80% intervals, or the plan's where that is longer.
    """
    config = race.config
    gels = _taken(race, config.carbs_g_h, GEL_G, [s for s in config.stations if s.crew or s.dropbag])
    flasks = _taken(race, config.water_ml_h, FLASK_ML, [s for s in config.stations if s.water])
    return tuple(Supply(step, gels.get(step), flasks.get(step)) for step in sorted(gels | flasks))


def _taken(race: RacePlan, per_hour: float | None, size: float, stated: list[Station]) -> dict[int, int]:
    """Whole units from each refill to the next, by its step."""
    if not per_hour:
        return {}
    last, here = race.course.steps - 1, race.plan.done - 1
    refills = stated or [station for station in race.config.stations if station.aid]
    at = {station.last_step(race.course.steps) for station in refills}
    steps = np.array([*sorted(step for step in at if here < step < last), last])
    late_s, planned_s = race.interval(steps)[1], race.arrival_s[steps]
    stops_s = np.array([race.stops.get(int(step), 0.0) for step in steps])
    begin_s = float(race.arrival_s[here]) if here >= 0 else 0.0
    # Nobody eats what is carried while standing at a refill.
    hours = [
        np.diff(arrival_s, prepend=begin_s) - np.concatenate([[0.0], stops_s[:-1]]) for arrival_s in (late_s, planned_s)
    ]
    units = np.maximum(*hours) / 3600.0 * per_hour / size
    return {step: math.ceil(x - 1e-9) for step, x in zip([here, *steps[:-1].tolist()], units.tolist(), strict=True)}

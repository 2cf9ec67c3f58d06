"""Tables of how fields of races slowed down, and of how well the pacing law says it."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lib.athlete.aid_stops import AidStops
from lib.athlete.goal_spread import arrival_interval_s
from lib.athlete.pacing_law import PacingLaw
from lib.athlete.prior import Prior
from lib.core.schema import STEP_M
from lib.evaluation.law_fit import FittedRace, planned_parts_s, planned_s
from lib.evaluation.races import between_goals, goals_of

Floats = NDArray[np.float64]

_GROUPS = 8
_FEWEST = 3


def legs_table(races: Sequence[FittedRace], law: PacingLaw, stops: AidStops) -> pd.DataFrame:
    """How much slower than fresh each leg was run, and how much slower the law says.

    Parameters
    ----------
    races : sequence of FittedRace
        Finishers in groups of like times.
    law : PacingLaw
        Says what a leg costs fresh and by day, and how much longer it takes.
    stops : AidStops
        What is stood at aid stations; taken off both.

    Returns
    -------
    DataFrame
        A row for each race, group and leg that three finishers or more of it ran: ``race``, ``event``, ``finish_h``
        (mean of the group), ``moving_h`` (in the middle of the leg), ``fresh_s`` (what it takes fresh), ``seen`` and
        ``law`` (moving time over `fresh_s`).
    """
    parts = []
    for one in races:
        moving_s, stopped_s, base_pace = planned_parts_s(one, law, stops, one.goals_s)
        fresh_m = np.interp(
            one.at_m / STEP_M, np.arange(one.cost.step_m.size + 1), np.append(0.0, one.cost.step_m.cumsum())
        )
        fresh_s = np.diff(fresh_m) * base_pace[:, None] * 0.06
        seen_s = np.diff(one.shares * one.goals_s[:, None] - stopped_s, axis=1)
        law_s = np.diff(moving_s, axis=1)
        known = (np.minimum(one.count[:, 1:], one.count[:, :-1]) >= _FEWEST) & np.isfinite(seen_s)
        group, leg = np.nonzero(known)
        middle_h = 0.5 * (moving_s[:, 1:] + moving_s[:, :-1]) / 3600.0
        columns = {
            "finish_h": one.goals_s[group] / 3600.0,
            "moving_h": middle_h[group, leg],
            "fresh_s": fresh_s[group, leg],
            "seen": (seen_s / fresh_s)[group, leg],
            "law": (law_s / fresh_s)[group, leg],
        }
        parts.append(pd.DataFrame({"race": one.race.name, "event": one.race.event} | columns))
    return pd.concat(parts, ignore_index=True)


def arrivals_table(races: Sequence[FittedRace], prior: Prior) -> pd.DataFrame:
    """How late plans are at checkpoints, and how many arrivals their intervals hold.

    Parameters
    ----------
    races : sequence of FittedRace
        Each finisher is planned at the own finish, without a profile. Other stops, of which plans have some where no
        aid station is known, are left out: up to 0.5% of the finish.
    prior : Prior
        With the law, the stops and the spread of arrivals.

    Returns
    -------
    DataFrame
        A row for each race, group of like finishers and checkpoint on the way: ``race``, ``event``, ``finish_h``
        (mean of the group), ``share`` (of the course), ``n`` (finishers seen there), ``late_pct`` (mean of plan less
        arrival, % of the finish), ``held_pct`` (arrivals within the 80% interval).
    """
    parts = []
    for one in races:
        race, finish_s, goals_s = one.race, one.race.finish_s, goals_of(one.race)
        times_s, base_pace = planned_s(one, prior.pacing, prior.aid_stops, goals_s)
        bounds_s = arrival_interval_s(prior.goal_spread, times_s, goals_s, base_pace)
        plan_s, low_s, high_s = (
            between_goals(goals_s, at_s / goals_s[:, None], finish_s) * finish_s[:, None]
            for at_s in (times_s, *bounds_s)
        )
        real_s = race.elapsed_s
        late = 100.0 * (plan_s - real_s) / finish_s[:, None]
        held = np.where(np.isfinite(real_s), 100.0 * ((real_s >= low_s) & (real_s <= high_s)), np.nan)
        order = np.argsort(finish_s, kind="stable")
        for group in np.array_split(order, min(_GROUPS, max(1, finish_s.size // 8))):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)  # means of nothing, where a checkpoint saw nobody
                columns = {
                    "finish_h": finish_s[group].mean() / 3600.0,
                    "share": race.share[1:-1],
                    "n": np.isfinite(real_s[group, 1:-1]).sum(axis=0),
                    "late_pct": np.nanmean(late[group, 1:-1], axis=0),
                    "held_pct": np.nanmean(held[group, 1:-1], axis=0),
                }
            parts.append(pd.DataFrame({"race": race.name, "event": race.event} | columns))
    table = pd.concat(parts, ignore_index=True)
    return table[table["n"] > 0].reset_index(drop=True)

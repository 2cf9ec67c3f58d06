"""The pacing law, fitted on checkpoint sums of races.

Five numbers are fitted: fading, its power and level, descents and the slump; slopes, ground and night stay as PaceForge
published them. Each is tied to its start by a normal prior. The loss is the mean absolute gap of groups of finishers of
like times, by iteratively reweighted Gauss-Newton steps; events count alike.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from lib.athlete.aid_stops import AidStops, default_stops_s
from lib.athlete.goal_spread import GoalSpread
from lib.athlete.pacing_law import CourseCost, Night, PacingLaw, course_cost_of, segment_times, time_at
from lib.athlete.prior import Prior
from lib.core import schema as c
from lib.core.errors import InputError
from lib.core.schema import STEP_M
from lib.evaluation.race_tables import RaceYear
from lib.evaluation.races import between_goals, goals_of
from lib.plan.pacing import night_of
from lib.race.config import RaceConfig

Floats = NDArray[np.float64]

NAMES: Final = ("fading", "fading_power", "level_fading", "descent_fading", "slump_log")
_START: Final = {"fading": 0.585, "fading_power": 0.5, "level_fading": 0.5, "descent_fading": 0.0, "slump_log": 0.0}
"""Where the ties pull: PaceForge's fading less what stops make of it, and the level term that fits best alone."""
_TIE_SD: Final = {"fading": 0.09, "fading_power": 0.3, "level_fading": 0.5, "descent_fading": 0.3, "slump_log": 0.2}
TIE_WEIGHT: Final = 0.15
_GROUPS: Final = 8
_STEP: Final = 0.02
_ROUNDS: Final = 3
_USUAL_GAP_MIN: Final = 20.0
_USUAL_GAP: Final = 0.017
_LEAST_SPREAD: Final = 0.001
_SPREAD_NAMES: Final = ("low", "high", "rise", "fall", "level")
_SPREAD_POINTS: Final = 4000
_NEAR_ENDS: Final = 0.003


@dataclass(frozen=True, eq=False)
class FittedRace:
    """What one race says: median shares (G, K) of groups of like finishers, and how they scatter.

    Parameters
    ----------
    race : RaceYear
        What was run.
    cost : CourseCost
        Its course, for slopes and ground as published.
    night : Night
        When it is dark.
    goals_s : ndarray, shape (G,)
        Mean finish of each group (s).
    shares, scatter_min, count : ndarray, shape (G, K)
        Median share of the finish, its scatter (min), and how many were seen, at each checkpoint.
    """

    race: RaceYear
    cost: CourseCost
    night: Night
    goals_s: Floats
    shares: Floats
    scatter_min: Floats
    count: Floats

    @property
    def at_m(self) -> Floats:
        """Where the checkpoints lie on the course (m), shape (K,)."""
        return self.race.share * self.race.course.steps * STEP_M


def fitted_race(race: RaceYear, law: PacingLaw) -> FittedRace:
    """Group the finishers of a race by their times."""
    cost = course_cost_of(law, race.course.columns, race.course.ground)
    located = np.isfinite(race.course.columns[c.LATITUDE][0])
    order = np.argsort(race.finish_s, kind="stable")
    parts = np.array_split(order, min(_GROUPS, max(1, race.finish_s.size // 8)))
    goals_s = np.array([race.finish_s[part].mean() for part in parts])
    shares = race.elapsed_s / race.finish_s[:, None]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # means of nothing, where a checkpoint saw nobody
        return FittedRace(
            race=race,
            cost=cost,
            night=night_of(RaceConfig(start=race.start if located else None), race.course),
            goals_s=goals_s,
            shares=np.array([np.nanmedian(shares[part], axis=0) for part in parts]),
            scatter_min=np.array([np.nanstd(shares[part], axis=0) for part in parts]) * goals_s[:, None] / 60.0,
            count=np.array([np.isfinite(shares[part]).sum(axis=0) for part in parts]),
        )


def planned_parts_s(
    data: FittedRace, law: PacingLaw, stops: AidStops, goals_s: Floats
) -> tuple[Floats, Floats, Floats]:
    """Moving times and stops so far (G, K) at the checkpoints of a plan without a profile, and base paces (G,)."""
    at_m, aid = data.at_m, data.race.aid.copy()
    aid &= (at_m > 0) & (at_m < data.race.course.steps * STEP_M - STEP_M)
    edges_s, base_pace = segment_times(law, data.cost, goals_s, data.night)
    stop_s = np.zeros((goals_s.size, at_m.size))
    if aid.any():
        stop_s[:, aid] = default_stops_s(stops, goals_s, base_pace, time_at(data.cost, edges_s, at_m[aid]))
        edges_s, base_pace = segment_times(law, data.cost, goals_s - stop_s.sum(axis=1), data.night)
    return time_at(data.cost, edges_s, at_m), np.cumsum(stop_s, axis=1) - stop_s, base_pace


def planned_s(data: FittedRace, law: PacingLaw, stops: AidStops, goals_s: Floats) -> tuple[Floats, Floats]:
    """Race times (G, K) at the checkpoints, as a plan without a profile has them, and base paces (G,)."""
    moving_s, stopped_s, base_pace = planned_parts_s(data, law, stops, goals_s)
    return moving_s + stopped_s, base_pace


def _residual_min(data: FittedRace, law: PacingLaw, stops: AidStops) -> Floats:
    """Planned less real arrivals (min) between start and finish, shape (G, K - 2)."""
    times_s, _ = planned_s(data, law, stops, data.goals_s)
    return ((times_s - data.shares * data.goals_s[:, None]) / 60.0)[:, 1:-1]


def _normal_equations(data: FittedRace, law: PacingLaw, stops: AidStops) -> tuple[Floats, Floats]:
    """Of one race: (P, P) and (P,)."""
    base = _residual_min(data, law, stops)
    moved = [replace(law, **{name: getattr(law, name) + _STEP}) for name in NAMES]
    jacobian = np.stack([(_residual_min(data, other, stops) - base) / _STEP for other in moved])  # (P, G, K - 2)
    count = data.count[:, 1:-1]
    known = (count >= 3) & np.isfinite(base)
    base, jacobian = np.where(known, base, 0.0), np.where(known, jacobian, 0.0)
    weight = np.where(known, count / np.sqrt(data.scatter_min[:, 1:-1] ** 2 + base**2 + 1.0), 0.0)
    # Half in minutes, half as a share of the finish: long races must not decide alone.
    scale = 0.5 / _USUAL_GAP_MIN + 0.5 / (_USUAL_GAP * data.goals_s.mean() / 60.0)
    weight = np.nan_to_num(weight) / max(float(np.where(known, count, 0.0).sum()), 1.0) * scale
    flat = jacobian.reshape(len(NAMES), -1)
    return (flat * weight.ravel()) @ flat.T, (flat * weight.ravel()) @ base.ravel()


def fit_law(races: Sequence[RaceYear], prior: Prior, tie_weight: float = TIE_WEIGHT) -> Prior:
    """Fit the law, and the spread of arrivals about it, on races with a course.

    Parameters
    ----------
    races : sequence of RaceYear
        From `lib.evaluation.race_tables.read_races`; those without a track are left out.
    prior : Prior
        Of whose law the slopes, ground and night stay.
    tie_weight : float
        How much the ties weigh against an event; nothing where the races say it all.

    Raises
    ------
    InputError
        If no race has a track.
    """
    data = [fitted_race(race, prior.pacing) for race in races if race.source == "track"]
    if not data:
        raise InputError("no race with a course", "one or more, to fit the law on", "Add courses.", "races")
    events = [one.race.event for one in data]
    share = {event: 1.0 / events.count(event) for event in set(events)}
    law = replace(prior.pacing, **_START)
    tie = np.array([tie_weight / _TIE_SD[name] ** 2 for name in NAMES])
    for _ in range(_ROUNDS):
        matrix = np.diag(tie)
        vector = tie * np.array([getattr(law, name) - _START[name] for name in NAMES])
        for one in data:
            curvature, slope = _normal_equations(one, law, prior.aid_stops)
            matrix, vector = matrix + share[one.race.event] * curvature, vector + share[one.race.event] * slope
        step = -np.linalg.solve(matrix, vector)
        law = replace(law, **{n: float(getattr(law, n) + s) for n, s in zip(NAMES, step, strict=True)})
    law = replace(law, **{name: float(f"{getattr(law, name):.4g}") for name in NAMES})
    prior = replace(prior, pacing=law)
    return replace(prior, goal_spread=_fit_spread(data, prior, share))


def _fit_spread(data: Sequence[FittedRace], prior: Prior, share: dict[str, float]) -> GoalSpread:
    """Fit the shape of the interval by its pinball loss, then its widths: a tenth lie below, a tenth above."""
    columns = []
    for one in data:
        goals_s, finish_s = goals_of(one.race), one.race.finish_s
        times_s, base_pace = planned_s(one, prior.pacing, prior.aid_stops, goals_s)
        plan = between_goals(goals_s, times_s / goals_s[:, None], finish_s)[:, 1:-1]
        real = (one.race.elapsed_s / finish_s[:, None])[:, 1:-1]
        pace = np.repeat(between_goals(goals_s, base_pace[:, None], finish_s), plan.shape[1], axis=1)
        known = np.isfinite(real) & (plan > _NEAR_ENDS) & (plan < 1.0 - _NEAR_ENDS)
        chosen = np.linspace(0, known.sum() - 1, min(_SPREAD_POINTS, known.sum())).astype(int)
        weight = np.full(chosen.size, share[one.race.event] / chosen.size)
        columns.append(np.stack([plan[known][chosen], real[known][chosen], pace[known][chosen], weight]))
    plan, real, pace, weight = np.concatenate(columns, axis=1)

    def spread_of(logs: Floats) -> GoalSpread:
        values = np.exp(np.clip(logs, -7.0, 1.5))
        return replace(prior.goal_spread, **dict(zip(_SPREAD_NAMES, values.tolist(), strict=True)))

    def loss(logs: Floats) -> float:
        spread = spread_of(logs)
        shape = spread.shape(plan, pace)
        below, above = real - plan + spread.low * shape, real - plan - spread.high * shape
        pinball = np.maximum(0.1 * below, -0.9 * below) + np.maximum(0.9 * above, -0.1 * above)
        # The early and the late parts of a course, where the interval is narrow, count as much as the middle.
        return float((weight * pinball / np.sqrt(plan * (1.0 - plan))).sum() / weight.sum())

    start = np.log([getattr(prior.goal_spread, name) for name in _SPREAD_NAMES])
    found = minimize(loss, start, method="Nelder-Mead", options={"maxiter": 2000, "xatol": 1e-3, "fatol": 1e-7})
    spread = spread_of(found.x)
    shape = {name: float(f"{getattr(spread, name):.3g}") for name in _SPREAD_NAMES[2:]}
    spread = replace(spread, **shape)
    off = (real - plan) / spread.shape(plan, pace)

    def quantile(signed: Floats) -> float:
        order = np.argsort(signed)
        bound = np.interp(0.9, np.cumsum(weight[order]) / weight.sum(), signed[order])
        return max(float(f"{bound:.4g}"), _LEAST_SPREAD)

    return replace(spread, low=quantile(-off), high=quantile(off))

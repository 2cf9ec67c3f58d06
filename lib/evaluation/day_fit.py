"""The numbers of forecasts on the day (`lib.plan.day_state.DaySpread`), fitted on the splits of races.

Six numbers are fitted by the likelihood of real finishes from the clocks at checkpoints, as a Student-t. Each is tied
to its start by a normal prior: fitted freely, they forecast events that were left out worse. Events count alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from lib.athlete.prior import Prior
from lib.evaluation.law_fit import fitted_race, planned_s
from lib.evaluation.race_tables import RaceYear
from lib.plan.day_state import Belief, DaySpread, conditioned

Floats = NDArray[np.float64]

AT: Final = (0.25, 0.5, 0.75)
"""Shares of the way; the checkpoint nearest to each is the last that is known."""
_START: Final = {"wander": 0.15, "leg": 0.02, "hills": 0.045, "start": 0.15, "level_log_pace": 1.6, "level_sd": 0.16}
_TIE_SD: Final = {"wander": 0.3, "leg": 0.3, "hills": 0.3, "start": 0.3, "level_log_pace": 0.05, "level_sd": 0.3}
"""Of the logarithm; of the level, which is one, of itself."""
_TIE_WEIGHT: Final = 0.03
_FREE: Final = tuple(_START)
_LEVEL: Final = "level_log_pace"
_RUNNERS: Final = 100
_FEWEST: Final = 20
_FINISHES: Final = 40
_SEEN: Final = 0.9
_DEGREES: Final = 5.0
_EVALUATIONS: Final = 150


@dataclass(frozen=True, eq=False)
class PartlyRun:
    """Finishers of a race whose clocks are known up to one checkpoint.

    Parameters
    ----------
    event, race : str
    log_pace, log_finish : ndarray, shape (G,)
        Logarithms of the base pace (min/km) of finishes (s), both rising.
    hours, climb_m_per_km : float
        Of the race.
    share : ndarray, shape (J,)
        Known checkpoints, as shares of the race time.
    on_the_way_to : ndarray, shape (N, J)
        Logarithms of the finishes that runners are on the way to there.
    finish : ndarray, shape (N,)
        Logarithms of their finishes.
    """

    event: str
    race: str
    log_pace: Floats
    log_finish: Floats
    hours: float
    climb_m_per_km: float
    share: Floats
    on_the_way_to: Floats
    finish: Floats

    def expected(self, spread: DaySpread) -> tuple[Floats, float]:
        """Mean (N,) and standard deviation of the logarithm of the finishes."""
        ends = np.interp([spread.level_log_pace, spread.level_log_pace + 0.05], self.log_pace, self.log_finish)
        belief = Belief(float(ends[0]), spread.level_sd * float(np.diff(ends)[0]) / 0.05)
        independent = spread.independent(self.hours, self.climb_m_per_km)
        mean, sd = conditioned(belief, self.share, self.on_the_way_to, np.ones(1), spread, independent)
        return mean[:, 0], float(sd[0])


def last_known(share: Floats, at: float) -> int:
    """Which checkpoint, neither start nor finish, lies nearest to a share of the way."""
    return 1 + int(np.argmin(np.abs(share[1:-1] - at)))


def evenly(elapsed_s: Floats, most: int) -> Floats:
    """At most so many finishers (N, K), evenly over their order."""
    order = np.argsort(elapsed_s[:, -1], kind="stable")
    return elapsed_s[order[np.unique(np.linspace(0, order.size - 1, most).round().astype(int))]]


def partly_run(race: RaceYear, prior: Prior) -> list[PartlyRun]:
    """What a race says of forecasts at each of `AT`."""
    data = fitted_race(race, prior.pacing)
    goals_s = np.exp(np.linspace(np.log(0.4 * race.finish_s.min()), np.log(2.2 * race.finish_s.max()), _FINISHES))
    times_s, base_pace = planned_s(data, prior.pacing, prior.aid_stops, goals_s)
    log_goal, log_pace = np.log(goals_s), np.log(base_pace)
    usual_s = float(np.exp(np.interp(_START[_LEVEL], log_pace, log_goal)))
    found = []
    for at in AT:
        last = last_known(race.share, at)
        known = race.elapsed_s[np.isfinite(race.elapsed_s[:, last])]
        if len(known) < _FEWEST:
            continue
        known = evenly(known, _RUNNERS)
        points = 1 + np.flatnonzero(np.isfinite(known[:, 1 : last + 1]).mean(axis=0) > _SEEN)
        known = known[(known[:, points] > 0).all(axis=1)]
        log_times = [np.log(times_s[:, k]) for k in points.tolist()]
        found.append(
            PartlyRun(
                race.event, race.name, log_pace, log_goal, usual_s / 3600.0,
                race.course.climb_m / race.course.length_km,
                np.exp([np.interp(np.log(usual_s), log_goal, t) for t in log_times]) / usual_s,
                np.stack([np.interp(np.log(known[:, k]), t, log_goal)
                          for k, t in zip(points.tolist(), log_times, strict=True)], axis=1),
                np.log(known[:, -1]),
            )
        )  # fmt: skip
    return [one for one in found if one.finish.size]


def fit_day_spread(races: Sequence[RaceYear], prior: Prior) -> DaySpread:
    """Fit the numbers of forecasts on the day.

    Parameters
    ----------
    races : sequence of RaceYear
        From `lib.evaluation.race_tables.read_races`.
    prior : Prior
        With the pacing law.
    """
    data = [part for race in races for part in partly_run(race, prior)]
    parts = {race: [one for one in data if one.race == race] for race in {one.race for one in data}}
    of_event: dict[str, list[str]] = {}
    for race, found in parts.items():
        of_event.setdefault(found[0].event, []).append(race)
    weight = {
        race: 1.0 / (len(of_event) * len(names) * len(parts[race])) for names in of_event.values() for race in names
    }
    scale = np.array([_TIE_SD[name] for name in _FREE])

    def spread_of(moved: Floats) -> DaySpread:
        values = {
            name: start + step if name == _LEVEL else start * float(np.exp(step))
            for (name, start), step in zip(_START.items(), (moved * scale).tolist(), strict=True)
        }
        return replace(DaySpread(), **values)

    def loss(moved: Floats) -> float:
        spread, total = spread_of(moved), _TIE_WEIGHT * float((moved**2).sum())
        for one in data:
            mean, sd = one.expected(spread)
            off = ((one.finish - mean) / sd) ** 2
            total += weight[one.race] * float(
                (np.log(sd) + 0.5 * (_DEGREES + 1.0) * np.log1p(off / (_DEGREES - 2.0))).mean()
            )
        return total

    begin = np.zeros((len(_FREE) + 1, len(_FREE)))
    begin[1:] = np.eye(len(_FREE))
    options = {"maxfev": _EVALUATIONS, "xatol": 0.03, "fatol": 1e-4, "initial_simplex": begin}
    found_spread = spread_of(minimize(loss, begin[0], method="Nelder-Mead", options=options).x)
    return replace(found_spread, **{name: float(f"{getattr(found_spread, name):.3g}") for name in _FREE})

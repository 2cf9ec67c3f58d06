"""The numbers of forecasts on the day (`lib.plan.day_state.DaySpread`), fitted on the splits of races.

Six numbers are fitted by the likelihood of real times at the next checkpoint and the finish from the clocks at
checkpoints, as a Student-t, without and with earlier editions. Each is tied to its start by a normal prior: fitted
freely, they forecast events that were left out worse. Events count alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import t as students_t

from lib.athlete.pacing_law import segment_times, time_at
from lib.athlete.prior import Prior
from lib.core.numeric import SCORE_80
from lib.core.schema import STEP_M
from lib.evaluation.law_fit import FittedRace, fitted_race, planned_parts_s
from lib.evaluation.race_tables import RaceYear
from lib.evaluation.races import earlier_years, edition_of
from lib.plan.day_state import Belief, DaySpread, conditioned
from lib.plan.editions import corrected_on_the_day
from lib.plan.typical_finisher import typical_finisher
from lib.race.config import RaceConfig

Floats = NDArray[np.float64]

AT: Final = (0.25, 0.5, 0.75)
"""Shares of the way; the checkpoint nearest to each is the last that is known."""
_START: Final = {"wander": 0.16, "leg": 0.019, "hills": 0.04, "late": 1.6, "by_edition": 0.4, "start": 0.13}
_TIE_SD: Final = {"wander": 0.3, "leg": 0.3, "hills": 0.3, "late": 0.2, "by_edition": 0.5, "start": 0.3}
"""Of the logarithm."""
_TIE_WEIGHT: Final = 0.03
_FREE: Final = tuple(_START)
_RUNNERS: Final = 100
_FEWEST: Final = 20
_FINISHES: Final = 40
_SEEN: Final = 0.9
_DEGREES: Final = 5.0
_SCALE: Final = SCORE_80 / float(students_t.ppf(0.9, _DEGREES))
"""So that the 80% interval of the Student-t is that of the normal distribution which forecasts take."""
_ROUNDS: Final = 6


@dataclass(frozen=True, eq=False)
class PartlyRun:
    """Finishers of a race whose clocks are known up to one checkpoint.

    Parameters
    ----------
    event, race : str
    belief : Belief
        Of the finish, before the start.
    hours, climb_m_per_km : float
        Of the race.
    share, ahead : ndarray, shape (J,), (M,)
        Known checkpoints, and the next one and the finish, as shares of the race time.
    known, to_come : ndarray, shape (N, J), (N, M)
        Logarithms of the finishes that runners are on the way to there, NaN where not seen; the last is the finish.
    edition_weight : float
        How much earlier years count in what they are on the way to.
    """

    event: str
    race: str
    belief: Belief
    hours: float
    climb_m_per_km: float
    share: Floats
    ahead: Floats
    known: Floats
    to_come: Floats
    edition_weight: float = 0.0

    def expected(self, spread: DaySpread) -> tuple[Floats, Floats]:
        """Mean (N, M) and standard deviation (M,) of what is to come."""
        uneven = spread.of_race(self.hours, self.climb_m_per_km, self.edition_weight)
        return conditioned(self.belief, self.share, self.known, self.ahead, uneven)

    def loss(self, spread: DaySpread) -> float:
        """Mean of the negative log-likelihood of what is to come, the next checkpoint and the finish alike."""
        mean, sd = self.expected(spread)
        off = ((self.to_come - mean) / (_SCALE * sd)) ** 2
        score = np.log(sd) + 0.5 * (_DEGREES + 1.0) * np.log1p(off / _DEGREES)
        return float(np.nanmean(score, axis=0).mean())


def last_known(share: Floats, at: float) -> int:
    """Which checkpoint, neither start nor finish, lies nearest to a share of the way."""
    return 1 + int(np.argmin(np.abs(share[1:-1] - at)))


def evenly(elapsed_s: Floats, most: int) -> Floats:
    """At most so many finishers (N, K), evenly over their order."""
    order = np.argsort(elapsed_s[:, -1], kind="stable")
    return elapsed_s[order[np.unique(np.linspace(0, order.size - 1, most).round().astype(int))]]


def partly_run(race: RaceYear, prior: Prior, earlier: Sequence[RaceYear] = ()) -> list[PartlyRun]:
    """What a race says of forecasts at each of `AT`, with these earlier years of it or without any."""
    data = fitted_race(race, prior.pacing)
    goals_s = np.exp(np.linspace(np.log(0.4 * race.finish_s.min()), np.log(2.2 * race.finish_s.max()), _FINISHES))
    moving_s, stopped_s, _ = planned_parts_s(data, prior.pacing, prior.aid_stops, goals_s)
    times_s, weight = moving_s + stopped_s, 0.0
    editions = tuple(edition_of(year, race.year) for year in earlier)
    level = typical_finisher(prior.pacing, race.course, RaceConfig(editions=editions))
    belief = Belief.of_interval(level.median_s, level.low80_s, level.high80_s)
    if editions:
        length_m = race.course.steps * STEP_M
        times_s, weight = corrected_on_the_day(_arrivals(data, prior), editions, goals_s, times_s, length_m)
    log_goal, usual_s = np.log(goals_s), level.median_s

    def shares(points: Sequence[int]) -> Floats:
        return np.array([np.interp(usual_s, goals_s, times_s[:, k]) for k in points]) / usual_s

    def on_the_way_to(points: Sequence[int], elapsed_s: Floats) -> Floats:
        columns = [np.interp(elapsed_s[:, k], times_s[:, k], log_goal) for k in points]
        return np.where(np.isfinite(elapsed_s[:, points]), np.stack(columns, axis=1), np.nan)

    found = []
    for at in AT:
        last = last_known(race.share, at)
        elapsed_s = race.elapsed_s[np.isfinite(race.elapsed_s[:, last])]
        if len(elapsed_s) < _FEWEST:
            continue
        elapsed_s = evenly(elapsed_s, _RUNNERS)
        points = (1 + np.flatnonzero(np.isfinite(elapsed_s[:, 1 : last + 1]).mean(axis=0) > _SEEN)).tolist()
        elapsed_s = elapsed_s[(elapsed_s[:, points] > 0).all(axis=1)]
        finish = race.share.size - 1
        ahead = [last + 1, finish] if last + 1 < finish and np.isfinite(elapsed_s[:, last + 1]).any() else [finish]
        if not len(elapsed_s):
            continue
        found.append(
            PartlyRun(
                race.event, race.name, belief, usual_s / 3600.0, race.course.climb_m / race.course.length_km,
                shares(points), shares(ahead), on_the_way_to(points, elapsed_s), on_the_way_to(ahead, elapsed_s),
                weight,
            )
        )  # fmt: skip
    return found


def _arrivals(data: FittedRace, prior: Prior) -> Callable[[Floats, Floats], Floats]:
    """The law on a course, with stops: race times (G, K) of goals (G,) at places (K,)."""

    def arrivals(goals_s: Floats, at_m: Floats) -> Floats:
        moving_s, stopped_s, _ = planned_parts_s(data, prior.pacing, prior.aid_stops, goals_s)
        edges_s, _ = segment_times(prior.pacing, data.cost, moving_s[:, -1], data.night)
        return time_at(data.cost, edges_s, at_m) + np.stack([np.interp(at_m, data.at_m, row) for row in stopped_s])

    return arrivals


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
    known = [(race, earlier_years(race, races)) for race in races]
    data += [part for race, earlier in known if earlier for part in partly_run(race, prior, earlier)]
    weight = _weights(data)
    scale = np.array([_TIE_SD[name] for name in _FREE])

    def spread_of(moved: Floats) -> DaySpread:
        values = {
            name: start * float(np.exp(step))
            for (name, start), step in zip(_START.items(), (moved * scale).tolist(), strict=True)
        }
        return replace(DaySpread(), **values)

    def loss(moved: Floats) -> float:
        spread = spread_of(moved)
        return _TIE_WEIGHT * float((moved**2).sum()) + sum(
            w * one.loss(spread) for w, one in zip(weight, data, strict=True)
        )

    moved = minimize(loss, np.zeros(len(_FREE)), method="L-BFGS-B", options={"maxiter": _ROUNDS, "eps": 1e-3}).x
    found = spread_of(moved)
    return replace(found, **{name: float(f"{getattr(found, name):.3g}") for name in _FREE})


def _weights(data: Sequence[PartlyRun]) -> list[float]:
    """Of each part: events count alike, so do the races of an event, and the parts of a race."""
    parts: dict[str, dict[str, int]] = {}
    for one in data:
        of_event = parts.setdefault(one.event, {})
        of_event[one.race] = of_event.get(one.race, 0) + 1
    return [1.0 / (len(parts) * len(parts[one.event]) * parts[one.event][one.race]) for one in data]

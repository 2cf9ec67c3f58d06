"""The table by which check-ins are read: when each station is reached on the way to different finishes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lib.athlete.bundle import Bundle
from lib.athlete.pacer import pacer
from lib.core import schema as c
from lib.core.numeric import SCORE_80, normal_below
from lib.plan.day_state import SPREAD, Belief, DaySpread, Floats, Unevenness, conditioned
from lib.plan.editions import corrected_on_the_day
from lib.plan.law_arrivals import LawArrivals
from lib.plan.pacing import pacing_of

if TYPE_CHECKING:
    from lib.plan.race_plan import RacePlan

Seen = tuple[int, float | None, float | None]
"""A place of the table, and when it was reached and left (s of race time), as far as that is known."""
_FINISHES: Final = tuple(np.exp(np.linspace(-0.75, 0.75, 11)))
"""Of the planned finish: those in the table."""


@dataclass(frozen=True, eq=False)
class DayTable:
    """What a forecast on the day needs of a plan, and all it needs.

    Parameters
    ----------
    step : ndarray of int, shape (K,)
        Steps at whose ends places lie, rising; the last is the finish.
    log_finish : ndarray, shape (G,)
        Logarithms of finishes (s of race time), rising.
    log_arrival : ndarray, shape (G, K)
        Logarithms of the arrivals on the way to them.
    stop_s : ndarray, shape (K,)
        Planned stops (s).
    share : ndarray, shape (K,)
        Arrivals of the plan, as shares of its finish.
    belief : Belief
        Of the finish, before the start.
    uneven : Unevenness
        How far pacing may be off.
    """

    step: np.ndarray
    log_finish: Floats
    log_arrival: Floats
    stop_s: Floats
    share: Floats
    belief: Belief
    uneven: Unevenness

    def finish_of(self, place: int, arrived_s: float | None, left_s: float | None) -> float:
        """Logarithm of the finish that a check-in is on the way to; leaving, where known, says more than arriving."""
        known = self.log_arrival[:, place]
        if left_s is not None:
            known = np.log(np.exp(known) + self.stop_s[place])
        assert arrived_s is not None or left_s is not None
        return _line(math.log(arrived_s if left_s is None else left_s), known, self.log_finish)  # type: ignore[arg-type]

    def arrival_of(self, place: int, log_finish: float) -> float:
        """Arrival (s) at a place on the way to a finish."""
        return math.exp(_line(log_finish, self.log_finish, self.log_arrival[:, place]))

    def ahead(self, seen: Sequence[Seen]) -> Forecast:
        """Forecast the places after the last check-in.

        Parameters
        ----------
        seen : sequence of Seen
            In order along the course; one or more.
        """
        last = seen[-1][0]
        places = np.arange(last + 1, self.step.size)
        u = self.share[[place for place, _, _ in seen]]
        x = np.array([self.finish_of(*one) for one in seen])
        mean, sd = conditioned(self.belief, u, x, self.share[places], self.uneven)
        place, arrived_s, left_s = seen[-1]
        gone_s = max(s for s in (arrived_s, left_s) if s is not None)
        if left_s is None:
            gone_s += self.stop_s[place]
        # What is ahead comes after what is behind, and places come in order.
        times = np.array([
            [self.arrival_of(k, m + z * s) for k, m, s in zip(places.tolist(), mean, sd, strict=True)]
            for z in (-SCORE_80, 0.0, SCORE_80)
        ]).reshape(3, -1)  # fmt: skip
        least = gone_s + np.arange(1.0, places.size + 1.0)
        return Forecast(places, mean, sd, *np.maximum.accumulate(np.maximum(times, least), axis=1))

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, for the page of the plan."""
        return {
            "log_finish": self.log_finish.round(6).tolist(),
            "log_arrival": self.log_arrival.T.round(6).tolist(),
            "stop_s": self.stop_s.round(1).tolist(),
            "share": self.share.round(6).tolist(),
            "belief": [round(self.belief.log_finish, 6), round(self.belief.sd, 6)],
            **{name: round(value, 6) for name, value in asdict(self.uneven).items()},
        }


@dataclass(frozen=True, eq=False)
class Forecast:
    """Places ahead, shape (M,) each.

    Parameters
    ----------
    place : ndarray of int
        Which of the table's.
    mean, sd : ndarray
        Of the logarithm of the finish that the runner is on the way to there.
    low_s, arrival_s, high_s : ndarray
        Median arrival, and the 80% interval around it (s of race time).
    """

    place: np.ndarray
    mean: Floats
    sd: Floats
    low_s: Floats
    arrival_s: Floats
    high_s: Floats

    def chances(self, by_s: Floats) -> Floats:
        """Chance of having reached each place by a race time (s, NaN where there is none); it never rises."""
        reach_s = np.where(by_s < self.arrival_s, self.arrival_s - self.low_s, self.high_s - self.arrival_s)
        score = SCORE_80 * (by_s - self.arrival_s) / np.maximum(reach_s, 1.0)
        chance = normal_below(score)
        return np.where(np.isfinite(by_s), np.fmin.accumulate(chance), np.nan)


def _line(at: float, knots: Floats, values: Floats) -> float:
    """Linear between knots, and on beyond them by the outer slopes."""
    i = int(np.clip(np.searchsorted(knots, at) - 1, 0, knots.size - 2))
    return float(values[i] + (at - knots[i]) * (values[i + 1] - values[i]) / (knots[i + 1] - knots[i]))


def day_table(race: RacePlan, bundle: Bundle, extra: Sequence[int] = (), spread: DaySpread = SPREAD) -> DayTable:
    """Make the table of a plan that was made before the start.

    Parameters
    ----------
    race : RacePlan
        The plan; its stations are the places.
    bundle : Bundle
        The model's bundle, with the athlete profile.
    extra : sequence of int
        Steps of more places.
    spread : DaySpread
    """
    course, finish_s = race.course, race.finish_s
    last = course.steps - 1
    stations = {station.last_step(course.steps) for station in race.config.stations}
    step = np.array(sorted({s for s in (*stations, *extra, last) if 0 <= s <= last}))
    planned_s = race.arrival_s[step]
    finishes_s = finish_s * np.array(_FINISHES)
    arrivals = LawArrivals(
        runner=pacer(bundle.athlete, bundle.prior, course.columns),
        pacing=pacing_of(race.config, course, finish_s / race.plan.finish_s),
        stops=race.stops,
        to_a_goal=race.law_weight > 0,
    )
    law, edition_weight = arrivals(finishes_s, (step + 1.0) * c.STEP_M), 0.0
    if race.config.editions:
        length_m = course.steps * c.STEP_M
        law, edition_weight = corrected_on_the_day(arrivals, race.config.editions, finishes_s, law, length_m)
    middle = len(_FINISHES) // 2
    # The plan as it is at its own finish; towards others as the law goes.
    arrival_s = planned_s * law / law[middle]
    log_finish = np.log(finishes_s)
    return DayTable(
        step=step,
        log_finish=log_finish,
        log_arrival=np.log(arrival_s),
        stop_s=np.array([race.stops.get(int(s), 0.0) for s in step]),
        share=planned_s / finish_s,
        belief=_belief(race, spread),
        uneven=spread.of_race(finish_s / 3600.0, course.climb_m / course.length_km, edition_weight),
    )


def _belief(race: RacePlan, spread: DaySpread) -> Belief:
    """What was believed of the finish: the goal, or what runs and results say."""
    if race.to_a_goal:
        return Belief(math.log(race.finish_s), spread.goal_sd)
    return Belief.of_interval(race.median_s, *race.finish_interval_s)


def place_of(table: DayTable, distance_m: float, steps: int) -> int:
    """Which place of the table lies at a distance (m)."""
    step = max(min(round(distance_m / c.STEP_M), steps) - 1, 0)
    return int(np.argmin(np.abs(table.step - step)))

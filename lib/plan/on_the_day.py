"""A plan on the day: what check-ins make of the rest of the race."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike

from lib.athlete.bundle import Bundle
from lib.core import schema as c
from lib.core.durations import h_mm
from lib.core.errors import InputError
from lib.core.numeric import SCORE_80, normal_below
from lib.plan.day_table import DayTable, Seen, day_table, place_of
from lib.plan.goal import Goal
from lib.plan.moving_plan import plan_from
from lib.race.check_ins import CHECKINS, CheckIn
from lib.race.clock import clock_text
from lib.race.stations import last_step

if TYPE_CHECKING:
    from lib.plan.race_plan import RacePlan

_ODD: Final = 2.0
"""A leg that took so many times what was to be expected, or so much less, may be a mistyped time."""
_ODD_S: Final = 1800.0
_LIKELY: Final = 1.5
_CLOSE: Final = 1.15
_HALF_DAY_S: Final = 43_200.0
_HOUR_S: Final = 3600.0
_MEANT_H: Final = (1, -1, 2, -2, 10, -10, 12, -12, 24, -24)
"""By how many hours times are mistyped: a digit, morning for evening, a day."""
_SURE_S: Final = 1.0


@dataclass(frozen=True, eq=False)
class TimesAhead:
    """How far off times may be on the day: what lies behind is certain.

    Parameters
    ----------
    time_s : ndarray, shape (M,)
        Expected times (s), rising: the last that is known, places ahead, the finish.
    below_s, above_s : ndarray, shape (M,)
        How far the 80% interval reaches (s); 0 at the first.
    """

    time_s: np.ndarray = field(repr=False)
    below_s: np.ndarray = field(repr=False)
    above_s: np.ndarray = field(repr=False)

    def interval(self, expected_s: ArrayLike, fraction: ArrayLike = 1.0) -> tuple[np.ndarray, np.ndarray]:
        """80% interval of times (s); any shape."""
        expected = np.asarray(expected_s, np.float64)
        below_s, above_s = (np.interp(expected, self.time_s, reach_s) for reach_s in (self.below_s, self.above_s))
        return expected - below_s, expected + above_s

    def chance(self, seconds: ArrayLike, expected_s: ArrayLike, fraction: ArrayLike = 1.0) -> np.ndarray:
        """Chance of being within `seconds` where ``expected_s`` is expected; any shape."""
        time_s, expected = np.broadcast_arrays(*(np.asarray(x, np.float64) for x in (seconds, expected_s)))
        low_s, high_s = self.interval(expected)
        reach_s = np.where(time_s < expected, expected - low_s, high_s - expected)
        score = SCORE_80 * (time_s - expected) / np.maximum(reach_s, _SURE_S)
        normal = normal_below(score)
        return np.where(reach_s < _SURE_S, (time_s >= expected - _SURE_S).astype(np.float64), normal)


@dataclass(frozen=True, eq=False)
class ArrivalsAhead:
    """`TimesAhead` of race times; arguments as for `lib.plan.arrivals.ArrivalDistribution`.

    Parameters
    ----------
    times : TimesAhead
        Of race times.
    other_s : float
        Other stops of the whole race (s).
    """

    times: TimesAhead
    other_s: float

    def interval(
        self, moving_s: ArrayLike, waited_s: ArrayLike, share: ArrayLike, fraction: ArrayLike
    ) -> tuple[np.ndarray, np.ndarray]:
        """80% interval of arrivals (s of race time), shapes (N,)."""
        return self.times.interval(self._arrival_s(moving_s, waited_s, share))

    def chance(
        self, seconds: ArrayLike, moving_s: ArrayLike, waited_s: ArrayLike, share: ArrayLike, fraction: ArrayLike
    ) -> np.ndarray:
        """Chance of being at places within `seconds` of race time; shapes (N,)."""
        return np.atleast_1d(self.times.chance(seconds, self._arrival_s(moving_s, waited_s, share)))

    def _arrival_s(self, moving_s: ArrayLike, waited_s: ArrayLike, share: ArrayLike) -> np.ndarray:
        moving, waited, part = (np.atleast_1d(np.asarray(x, np.float64)) for x in (moving_s, waited_s, share))
        return moving + waited + part * self.other_s


def with_check_ins(race: RacePlan, bundle: Bundle, check_ins: Sequence[CheckIn]) -> RacePlan:
    """Plan the rest of a race from where the runner was last seen.

    Parameters
    ----------
    race : RacePlan
        Made before the start, T steps.
    bundle : Bundle
        The model's bundle, with the athlete profile.
    check_ins : sequence of CheckIn
        One or more, in order along the course.

    Raises
    ------
    InputError
        If a time is so odd that it was probably meant otherwise.
    """
    steps = race.course.steps
    places_m = [check_in.distance_m for check_in in check_ins]
    table = day_table(race, bundle, [last_step(m, steps) for m in places_m])
    places = [place_of(table, m, steps) for m in places_m]
    seen = [(k, one.arrived_s, one.left_s) for k, one in zip(places, check_ins, strict=True)]
    for i, check_in in enumerate(check_ins):
        if not check_in.sure:
            _ask_back(race, table, seen[:i], seen[i], check_in)
    forecast = table.ahead(seen)
    reached_s, left_s = _clocks(table, seen)
    known = dict(zip(places, zip(reached_s, left_s, strict=True), strict=True))
    ahead = zip(forecast.place.tolist(), forecast.arrival_s.tolist(), strict=True)
    known |= {k: (s, s + float(table.stop_s[k])) for k, s in ahead}
    planned = _between(race, table, known)
    done = int(table.step[places[-1]]) + 1
    last_s = known[places[-1]][0]
    below_s, above_s = forecast.arrival_s - forecast.low_s, forecast.high_s - forecast.arrival_s
    times = TimesAhead(np.r_[last_s, forecast.arrival_s], np.r_[0.0, below_s], np.r_[0.0, above_s])
    moving_s = planned.plan.columns[c.ELAPSED]
    at = [done - 1, *table.step[forecast.place].tolist()]
    unmeasured = {name: np.zeros(done, bool) for name in (c.HEART_RATE, c.CADENCE)}
    plan = replace(
        planned.plan, band=replace(times, time_s=moving_s[at]), done=done, measured=unmeasured
    )  # fmt: skip
    still = seen[-1][2] is None
    stops = {step: s for step, s in race.stops.items() if step >= done or (still and step == done - 1)}
    day = replace(
        planned,
        plan=plan,
        band=ArrivalsAhead(times, planned.standing.expected_s),
        stops=stops,
        check_ins=tuple(check_ins),
        before=race,
    )
    if race.config.goal_s is None:
        return replace(day, goal=None)
    chance = float(day.chance(np.array([race.config.goal_s]), np.array([steps - 1]))[0])
    return replace(day, goal=Goal(race.config.goal_s, math.nan, chance, None))


def _clocks(table: DayTable, seen: Sequence[Seen]) -> tuple[list[float], list[float]]:
    """When the places of check-ins were reached and left (s); of what is not known, as planned where there is room."""
    reached_s: list[float] = []
    left_s: list[float] = []
    for i, (place, arrived, left) in enumerate(seen):
        stop_s = float(table.stop_s[place])
        if arrived is None:
            assert left is not None
            room_s = left - (left_s[-1] if left_s else 0.0)
            arrived = left - min(stop_s, 0.5 * room_s)
        if left is None:
            following = [s for s in seen[i + 1][1:] if s is not None] if i + 1 < len(seen) else []
            left = arrived + min([stop_s, *(0.5 * (s - arrived) for s in following)])
        reached_s.append(arrived)
        left_s.append(left)
    return reached_s, left_s


def _between(race: RacePlan, table: DayTable, known: dict[int, tuple[float, float]]) -> RacePlan:
    """The plan with the times of places, and between them as before: each leg longer or shorter as a whole."""
    before_s, expected_s = race.arrival_s, race.standing.expected_s
    factor, arrival_s = np.ones(race.course.steps), np.empty(race.course.steps)
    begin, was_s, is_s = 0, 0.0, 0.0
    for place, (reached_s, left_s) in sorted(known.items()):
        step = int(table.step[place])
        leg = slice(begin, step + 1)
        factor[leg] = max(reached_s - is_s, _SURE_S) / max(before_s[step] - was_s, _SURE_S)
        arrival_s[leg] = is_s + (before_s[leg] - was_s) * factor[leg]
        begin, was_s, is_s = step + 1, before_s[step] + float(table.stop_s[place]), left_s
    columns = dict(race.plan.columns)
    columns[c.DURATION] = columns[c.DURATION] * factor
    plan = plan_from(race.course, columns, race.plan.band, race.plan.runs)
    other_s = np.diff(race.share, prepend=0.0) * expected_s * factor
    ratio = float(other_s.sum()) / expected_s if expected_s > 0 else 1.0
    standing = replace(
        race.standing,
        expected_s=expected_s * ratio, low_s=race.standing.low_s * ratio, high_s=race.standing.high_s * ratio,
    )  # fmt: skip
    share = np.cumsum(other_s) / other_s.sum() if other_s.sum() > 0 else race.share
    waited_s = arrival_s - plan.columns[c.ELAPSED] - share * standing.expected_s
    return replace(race, plan=plan, standing=standing, share=share, waited_s=waited_s)


def _ask_back(race: RacePlan, table: DayTable, before: Sequence[Seen], one: Seen, check_in: CheckIn) -> None:
    """Refuse a time that is far from what was to be expected, where another one is likelier meant."""
    place, gone_s = one[0], 0.0
    if before:
        gone_s = max(s for s in before[-1][1:] if s is not None)
        forecast = table.ahead(before)
        expected_s = float(forecast.arrival_s[forecast.place == place][0])
    else:
        expected_s = table.arrival_of(place, table.belief.log_finish)
    said_s = check_in.first_s
    if check_in.arrived_s is None:
        expected_s += float(table.stop_s[place])
    expected_leg_s = max(expected_s - gone_s, _SURE_S)

    def off(seconds: float) -> float:
        return abs(math.log(max(seconds - gone_s, _SURE_S) / expected_leg_s))

    meant_s = min((said_s + hours * _HOUR_S for hours in _MEANT_H), key=off)
    half_days = abs(meant_s - said_s) >= _HALF_DAY_S and off(meant_s) < math.log(_CLOSE)
    if off(said_s) <= math.log(_LIKELY if half_days else _ODD) or abs(said_s - expected_s) <= _ODD_S:
        return

    def told(seconds: float) -> str:
        return h_mm(seconds) if race.start is None else clock_text(race.start, seconds)

    likely = f"Did you mean {check_in.name} {told(meant_s)}? " if off(meant_s) < math.log(_LIKELY) else ""
    raise InputError(
        f"{check_in.name} {told(said_s)}, {h_mm(said_s - gone_s)} after {'the one before' if before else 'the start'}",
        f"about {told(expected_s)}",
        f"{likely}If it is right, add an exclamation mark: {check_in.name} {told(said_s)}!",
        CHECKINS,
    )

"""Stopped time to expect on the next run, and what is plausible, from earlier runs.

Standing is a matter of habit: how long a run of one hour would have stood, of each of the last runs, holds all that is
kept. The next is taken from their median and quantiles, so that one long lunch changes little.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lib.core.errors import InputError
from lib.core.fields import Length, Range, check_fields

KEPT_RUNS: Final = 15
"""Habits change within weeks: on our recordings 10 to 20 runs expected the next best."""
HOURS_POWER: Final = 1.2
"""Standing grows with moving time to this power: on runs beyond 2 h a power of 1 expected too little."""
MIN_MOVING_S: Final = 600.0
"""Runs shorter than this say nothing of habits: one red light is half of it."""

_LEVELS: Final = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Quantiles of which a `StandingHabit` consists; the outer ones bound what is plausible."""
_HOUR_S: Final = 3600.0
STOPPED_S: Final = Range(0, 1_000_000)
"""Stopped time of a run of one hour's moving time."""


@dataclass(frozen=True)
class StandingHabit:
    """How long anybody stands.

    Parameters
    ----------
    at_one_hour_s : tuple of float
        Stopped time (s) of a run of one hour's moving time: its 10%, 30%, 50%, 70% and 90% quantiles, in rising order.
    worth_runs : float
        How many of an athlete's own runs these are worth.
    """

    at_one_hour_s: Annotated[tuple[Annotated[float, STOPPED_S], ...], Length(len(_LEVELS), len(_LEVELS))] = (
        *(5.6, 48.9, 166.2, 342.6, 752.8),
    )
    worth_runs: Annotated[float, Range(1e-3, 1e3)] = 2.0

    def __post_init__(self) -> None:
        check_fields(self)
        if np.any(np.diff(self.at_one_hour_s) < 0):
            raise InputError(f"stopped times {self.at_one_hour_s}", "a rising order", "Fit them again.")


@dataclass(frozen=True)
class Standing:
    """Stopped time of a run (s): ``expected_s`` of it is planned with; one time in ten it is beyond each bound."""

    expected_s: float
    low_s: float
    high_s: float


def _at_one_hour(moving_s: float, standing_s: float) -> float:
    return standing_s / (moving_s / _HOUR_S) ** HOURS_POWER


def with_run(at_one_hour_s: tuple[int, ...], moving_s: float, standing_s: float) -> tuple[int, ...]:
    """What is kept after one more run.

    Parameters
    ----------
    at_one_hour_s : tuple of int
        What was kept of those before, oldest first.
    moving_s, standing_s : float
        Moving and stopped time of the run (s).

    Returns
    -------
    tuple of int
        As long as `KEPT_RUNS` at most; unchanged by a run of less than `MIN_MOVING_S`.
    """
    if moving_s < MIN_MOVING_S:
        return at_one_hour_s
    stopped_s = min(round(_at_one_hour(moving_s, standing_s)), int(STOPPED_S.high))
    return (*at_one_hour_s, stopped_s)[-KEPT_RUNS:]


def standing(at_one_hour_s: Sequence[int], habit: StandingHabit, moving_s: float) -> Standing:
    """Stopped time to expect of a run.

    Parameters
    ----------
    at_one_hour_s : sequence of int
        What is kept of the athlete's past (`lib.athlete.profile.AthleteProfile`).
    habit : StandingHabit
        Of anybody; it counts as `worth_runs` runs beside the athlete's own.
    moving_s : float
        Moving time that is expected of the run (s).

    Returns
    -------
    Standing
        The median of the weighted past, and its 10% and 90% quantiles.

    Raises
    ------
    InputError
        If the moving time is none.
    """
    low_s, expected_s, high_s = standing_quantiles(at_one_hour_s, habit, moving_s, (_LEVELS[0], 0.5, _LEVELS[-1]))
    return Standing(float(expected_s), float(low_s), float(high_s))


def standing_quantiles(
    at_one_hour_s: Sequence[int], habit: StandingHabit, moving_s: float, levels: ArrayLike
) -> NDArray[np.float64]:
    """Quantiles of the stopped time (s) to expect of a run, at levels from 0 to 1; arguments as for `standing`.

    The outermost levels are those of the longest and the shortest that is remembered: beyond them nothing is known.
    """
    if not 0 <= moving_s < np.inf:
        raise InputError(f"a moving time of {moving_s} s", "a finite time from 0 s", "Predict the run again.")
    values = np.array([*at_one_hour_s, *habit.at_one_hour_s], dtype=np.float64)
    weights = np.ones(values.size)
    weights[len(at_one_hour_s) :] = habit.worth_runs / len(habit.at_one_hour_s)
    order = np.argsort(values, kind="stable")
    # Each run stands in the middle of its own share of the past.
    below = (np.cumsum(weights[order]) - 0.5 * weights[order]) / weights.sum()
    return np.interp(levels, below, values[order]) * (moving_s / _HOUR_S) ** HOURS_POWER


def fit_habit(athletes: Mapping[str, tuple[np.ndarray, np.ndarray]], start: StandingHabit) -> StandingHabit:
    """Mean over the athletes of their own quantiles; athletes count alike, however many runs they have.

    Parameters
    ----------
    athletes : mapping of str to (ndarray, ndarray)
        Moving and stopped time (s) of each run, shape (N,) each.
    start : StandingHabit
        What stays where no run is long enough.
    """
    quantiles = []
    for moving_s, standing_s in athletes.values():
        long_enough = moving_s >= MIN_MOVING_S
        if long_enough.any():
            own = standing_s[long_enough] / (moving_s[long_enough] / _HOUR_S) ** HOURS_POWER
            quantiles.append(np.quantile(own, _LEVELS))
    if not quantiles:
        return start
    return StandingHabit(tuple(round(float(x), 1) for x in np.mean(quantiles, axis=0)), start.worth_runs)

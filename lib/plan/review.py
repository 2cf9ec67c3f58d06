"""Where time was won or lost against a race plan, and what its interval said.

All differences are actual less predicted: above 0 is time lost. Everything is of the n steps that were reached.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from lib.athlete.bundle import Bundle
from lib.athlete.effort import USUAL
from lib.core import schema as c
from lib.core.errors import InputError
from lib.course.course import Course
from lib.course.slope_classes import GROUNDS, by_ground, ground
from lib.inference.rollout import Backend
from lib.plan.on_the_day import with_check_ins
from lib.plan.race_plan import RacePlan, plan_race
from lib.plan.splits import sums_over
from lib.race.config import RaceConfig
from lib.recordings.align import Followed

_KNOWN_SHARE: Final = 0.5
"""Of the moving time: a mean heart rate of less than that is none."""
_SAME_STOP_STEPS: Final = 10
_AT_STATION_STEPS: Final = 30


@dataclass(frozen=True, eq=False)
class Review:
    """A plan made before the start, beside the run.

    Parameters
    ----------
    race : RacePlan
        Predicted, T steps.
    actual : Followed
        What happened on the first n of them.
    """

    race: RacePlan
    actual: Followed

    def __post_init__(self) -> None:
        if self.actual.of != self.race.course.steps:
            raise InputError(
                f"a recording laid on {self.actual.of} steps, a plan of {self.race.course.steps}",
                "both of one course",
                "Follow the recording on the course of the plan.",
            )
        if self.race.plan.done:
            found = f"a plan that knows the first {self.race.plan.done} steps"
            raise InputError(found, "one made before the start", "Plan it again.")

    @property
    def steps(self) -> int:
        """How many steps were reached, n."""
        return self.actual.steps

    @property
    def predicted_s(self) -> np.ndarray:
        """Moving time predicted of each step, shape (n,)."""
        return self.race.plan.columns[c.DURATION][: self.steps]

    @property
    def actual_s(self) -> np.ndarray:
        """Moving time of each step, shape (n,)."""
        return self.actual.columns[c.DURATION]

    @cached_property
    def gap_s(self) -> np.ndarray:
        """Moving time lost until the end of each step, shape (n,)."""
        return np.cumsum(self.actual_s - self.predicted_s)

    @cached_property
    def race_gap_s(self) -> np.ndarray:
        """Race time lost until the end of each step, standing and stops included, shape (n,)."""
        return self.actual.elapsed_s - self.race.arrival_s[: self.steps]

    @cached_property
    def level(self) -> float:
        """Actual over predicted moving time: how much slower the whole run was (1)."""
        return float(self.actual_s.sum() / self.predicted_s.sum())

    @cached_property
    def shape_s(self) -> np.ndarray:
        """Time lost in each step against the plan scaled to the level of the day, shape (n,); they add up to 0."""
        return self.actual_s - self.level * self.predicted_s

    @cached_property
    def band_s(self) -> tuple[np.ndarray, np.ndarray]:
        """Race time lost at which the 80% interval begins and ends, at the end of each step, shapes (n,)."""
        arrival_s = self.race.arrival_s[: self.steps]
        low_s, high_s = (bound_s[: self.steps] - arrival_s for bound_s in self.race.step_interval_s)
        return low_s, high_s


def review_of(
    backend: Backend, bundle: Bundle, course: Course, config: RaceConfig, actual: Followed | None = None
) -> Review:
    """Lay the plan of a race beside what happened: a recording, or check-ins alone.

    Parameters
    ----------
    backend, bundle : callable, Bundle
        The model, and who ran.
    course : Course
        What was run.
    config : RaceConfig
        What was intended; without a recording its check-ins are what happened.
    actual : Followed, optional
        The recording.

    Raises
    ------
    InputError
        If there is neither a recording nor a check-in.
    """
    race = plan_race(backend, bundle, course, replace(config, check_ins=()))
    if actual is None:
        if not config.check_ins:
            raise InputError("neither a recording nor check-ins", "one of them", "Say what happened.", "review")
        actual = _clocked(with_check_ins(race, bundle, [replace(one, sure=True) for one in config.check_ins]))
    return Review(race, actual)


def _clocked(day: RacePlan) -> Followed:
    """What check-ins say of each step: between them the time is spread as the plan has it."""
    done = day.plan.done
    moving_s = day.plan.columns[c.DURATION][:done]
    stood_s = np.diff(day.arrival_s[:done] - day.plan.columns[c.ELAPSED][:done], prepend=0.0)
    unknown = np.full(done, np.nan)
    columns = {
        c.DURATION: moving_s, c.STOP: np.maximum(stood_s, 0.0), c.HEART_RATE: unknown, c.CADENCE: unknown,
    }  # fmt: skip
    note = "check-ins alone: between them, and of stops that they do not tell, time is spread as it was planned"
    return Followed(columns, unknown, day.course.steps, notes=(note,))


@dataclass(frozen=True)
class Verdict:
    """How a time fell in its interval.

    Parameters
    ----------
    predicted_s, actual_s : float
        The times (s).
    low_s, high_s : float
        The 80% interval (s).
    faster : float
        Share of runs that were expected to be faster than this one, from 0 to 1.
    """

    predicted_s: float
    actual_s: float
    low_s: float
    high_s: float
    faster: float

    @property
    def within(self) -> bool:
        """Whether the interval holds it."""
        return self.low_s <= self.actual_s <= self.high_s


def moving_verdict(review: Review) -> Verdict:
    """Judge the moving time to the last place reached."""
    columns, band = review.race.plan.columns, review.race.plan.band
    predicted_s, actual_s = float(review.predicted_s.sum()), float(review.actual_s.sum())
    fraction = float(columns[c.DISTANCE][review.steps - 1] / columns[c.DISTANCE][-1])
    low_s, high_s = band.interval(predicted_s, fraction)
    return Verdict(
        predicted_s, actual_s, float(low_s), float(high_s), float(band.chance(actual_s, predicted_s, fraction))
    )


def race_verdict(review: Review) -> Verdict:
    """Judge the race time to the last place reached, stops and standing included."""
    last = np.array([review.steps - 1])
    actual_s = float(review.actual.elapsed_s[-1])
    (low_s,), (high_s,) = review.race.interval(last)
    faster = review.race.chance(np.array([actual_s]), last)[0]
    return Verdict(float(review.race.arrival_s[last[0]]), actual_s, float(low_s), float(high_s), float(faster))


def _mean(review: Review, values: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Mean over the actual moving time of stretches, of values that may be missing, shape (N,)."""
    known = np.isfinite(values)
    total, time = (
        sums_over(np.where(known, x * review.actual_s, 0.0), first, last)
        for x in (np.nan_to_num(values), np.ones(values.size))
    )
    return np.divide(total, time, out=np.full(total.shape, np.nan), where=time > 0)


def stretch_review(review: Review, table: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Lay what happened beside stretches of the plan.

    Parameters
    ----------
    review : Review
        Plan and run.
    table : mapping of str to ndarray, shape (N,) each
        Of `lib.plan.splits`: kilometres, legs, climbs.

    Returns
    -------
    dict of ndarray, shape (M,) each
        Those stretches that were run to their ends: what `table` has of them, and actual moving time (s), moving time
        lost (s), the same against the plan scaled to the level of the day (s), moving and race time lost since the
        start (s), standing (s), arrival (s of race time), actual heart rate (bpm) and cadence (rpm), NaN where unknown.
    """
    done = table[c.LAST_STEP] <= review.steps
    kept = {name: values[done] for name, values in table.items()}
    first, last = kept[c.FIRST_STEP], kept[c.LAST_STEP]

    def over(values: np.ndarray) -> np.ndarray:
        return sums_over(values, first, last)

    at = last - 1
    return kept | {
        c.ACTUAL: over(review.actual_s),
        c.LOST: over(review.actual_s - review.predicted_s),
        c.LOST_AT_LEVEL: over(review.shape_s),
        c.GAP: review.gap_s[at],
        c.RACE_GAP: review.race_gap_s[at],
        c.STOP: over(review.actual.columns[c.STOP]),
        c.ACTUAL_ARRIVAL: review.actual.elapsed_s[at],
        c.ACTUAL_HEART_RATE: _mean(review, review.actual.columns[c.HEART_RATE], first, last),
        c.ACTUAL_CADENCE: _mean(review, review.actual.columns[c.CADENCE], first, last),
    }


def ground_review(review: Review) -> dict[str, np.ndarray]:
    """Sum up each kind of ground: steps, predicted and actual moving time, time lost, and lost at the day's level."""
    kinds = ground(review.race.course)[: review.steps]
    sums = {
        c.DISTANCE: by_ground(kinds, np.full(review.steps, c.STEP_M)),
        c.DURATION: by_ground(kinds, review.predicted_s),
        c.ACTUAL: by_ground(kinds, review.actual_s),
        c.LOST_AT_LEVEL: by_ground(kinds, review.shape_s),
    }
    some = sums[c.DISTANCE] > 0
    sums[c.LOST] = sums[c.ACTUAL] - sums[c.DURATION]
    return {c.GROUND: np.array(GROUNDS, dtype=object)[some]} | {name: values[some] for name, values in sums.items()}


def mean_of(review: Review, name: str) -> tuple[float, float] | None:
    """Mean over the moving time of heart rate or cadence, actual and predicted where it was measured.

    None where it was measured for less than half of the time.
    """
    actual = review.actual.columns[name]
    known = np.isfinite(actual)
    weights = review.actual_s * known
    if weights.sum() < _KNOWN_SHARE * review.actual_s.sum():
        return None
    predicted = review.race.plan.columns[name][: review.steps]
    measured, expected = (float(np.average(x[known], weights=weights[known])) for x in (actual, predicted))
    return measured, expected


def stops(review: Review, least_s: float = 15.0) -> dict[str, np.ndarray]:
    """Find where somebody stood.

    Parameters
    ----------
    review : Review
        Plan and run.
    least_s : float
        Shorter stops (s) are left out.

    Returns
    -------
    dict of ndarray, shape (N,) each
        In order: distance from the start (m), stopped time (s), and of the planned stop that it was, if there was
        one within 150 m, the station's name (else "") and its planned stop (s). Stops within 50 m are one.
    """
    stood = review.actual.columns[c.STOP]
    at = np.flatnonzero(stood > 0)
    groups = np.split(at, np.flatnonzero(np.diff(at) > _SAME_STOP_STEPS) + 1) if at.size else []
    rows = []
    for group in groups:
        seconds = float(stood[group].sum())
        if seconds < least_s:
            continue
        middle = float(np.average(group + 1, weights=stood[group]))
        near = [
            (abs(s.distance_m / c.STEP_M - middle), s.name, s.stop_s)
            for s in review.race.config.stations
            if abs(s.distance_m / c.STEP_M - middle) <= _AT_STATION_STEPS
        ]
        _, name, planned_s = min(near, default=(0.0, "", 0.0))
        rows.append((middle * c.STEP_M, seconds, name, planned_s))
    metres, seconds_, names, planned = zip(*rows, strict=True) if rows else ((), (), (), ())
    return {
        c.DISTANCE: np.array(metres, dtype=np.float64),
        c.STOP: np.array(seconds_, dtype=np.float64),
        c.WAYPOINT: np.array(names, dtype=object),
        c.PLANNED_STOP: np.array(planned, dtype=np.float64),
    }


def with_heart_rate(backend: Backend, bundle: Bundle, review: Review) -> RacePlan | None:
    """Plan the race again as if the mean heart rate had been known, and nothing else.

    What this explains of the error is effort; what is left is form, ground, weather, and the model.

    Parameters
    ----------
    backend : callable
        Runs the network.
    bundle : Bundle
        Who ran.
    review : Review
        Plan and run.

    Returns
    -------
    RacePlan or None
        None where heart rate is not known, or beyond what the model can be asked.
    """
    means = mean_of(review, c.HEART_RATE)
    if means is None:
        return None
    config = replace(review.race.config, effort=f"{means[0]:.1f}", goal_s=None, results=(), check_ins=())
    try:
        return plan_race(backend, bundle, review.race.course, config)
    except InputError:
        return None


def intended(race: RacePlan) -> str:
    """What the plan was made for: an effort, or a time."""
    if race.goal is not None:
        return "a goal time"
    return "usual effort" if race.config.effort == USUAL else f"the effort {race.config.effort}"

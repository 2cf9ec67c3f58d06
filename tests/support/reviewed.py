"""What happened on a run, and a review of it, made by hand, for several test files, from times of steps."""

from __future__ import annotations

import numpy as np

from lib.core import schema as c
from lib.plan.moving_plan import plan_from
from lib.plan.review import Review
from lib.race.config import RaceConfig
from lib.recordings.align import Followed
from tests.support.plans import BAND, make_course, make_prediction
from tests.support.races import UNHURRIED, race_of


def ran(
    duration_s: np.ndarray, *, of: int = 0, stop_s: object = 0.0, heart_rate: object = 150.0, cadence: object = 82.0
) -> Followed:
    """What happened on the first steps of a course of so many."""
    values = {c.DURATION: duration_s, c.STOP: stop_s, c.HEART_RATE: heart_rate, c.CADENCE: cadence}
    columns = {name: np.broadcast_to(np.asarray(x, float), duration_s.shape).copy() for name, x in values.items()}
    return Followed(columns, np.zeros(duration_s.size), of or duration_s.size)


def review_of(
    planned_s: np.ndarray,
    actual: Followed,
    config: RaceConfig = UNHURRIED,
    altitude_m: np.ndarray | None = None,
) -> Review:
    """A plan of these times at 140 bpm and 80 rpm, beside what happened."""
    course = make_course(np.full(planned_s.size, 100.0) if altitude_m is None else altitude_m)
    return Review(race_of(plan_from(course, make_prediction(planned_s), BAND), config), actual)


def stops_at(steps: int, **seconds: float) -> np.ndarray:
    """Standing of so many steps: ``at_300=40.0`` stands 40 s in step 300."""
    stop_s = np.zeros(steps)
    for name, value in seconds.items():
        stop_s[int(name.removeprefix("at_"))] = value
    return stop_s

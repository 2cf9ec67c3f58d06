"""Given a course and a made-up prediction of it: lib/plan/moving_plan.py adds, rounds and writes as it says."""

from __future__ import annotations

import numpy as np
import pytest

from lib.athlete.conformal import Calibration, interval
from lib.athlete.time_distribution import TimeDistribution
from lib.core import schema as c
from lib.core.errors import InputError
from lib.plan.moving_plan import PLAN_COLUMNS, plan_from
from tests.support.plans import BAND, flat_plan, make_course, make_prediction


# --- the plan ----------------------------------------------------------------------------------------------------
def test_a_flat_plan_by_hand() -> None:
    plan = flat_plan(500, 1.5)  # 2.5 km at 5:00 min/km
    assert tuple(plan.steps.columns) == PLAN_COLUMNS
    assert plan.finish_s == 750.0
    assert plan.steps[c.ELAPSED].iloc[[0, 1, -1]].tolist() == [1.5, 3.0, 750.0]
    assert plan.steps[c.PACE].unique().tolist() == [5.0]
    assert plan.steps[c.DISTANCE].iloc[-1] == 2500.0


def test_the_interval_is_the_calibrated_one() -> None:
    plan = flat_plan(500)
    low_s, high_s = plan.finish_interval_s
    assert (low_s, high_s) == tuple(float(x) for x in interval(plan.finish_s, 0.1, (), BAND.calibration))
    assert low_s < plan.finish_s < high_s
    chances = plan.band.chance([low_s, high_s], plan.finish_s)
    assert chances.tolist() == pytest.approx([0.1, 0.9])


def test_a_plan_stays_within_a_millisecond_of_its_prediction() -> None:
    duration_s = np.random.default_rng(3).uniform(1.5, 9.0, 700)
    plan = plan_from(make_course(np.full(700, 5.0)), make_prediction(duration_s), BAND)
    assert np.abs(plan.steps[c.DURATION] - duration_s).max() <= 0.0005


@pytest.mark.parametrize(("column", "value"), [(0, np.nan), (0, 0.0), (0, -1.0), (1, np.nan), (2, np.inf)])
def test_a_prediction_that_is_none_is_refused(column: int, value: float) -> None:
    prediction = make_prediction(np.full(300, 2.0))
    prediction.iloc[40, column] = value
    with pytest.raises(InputError, match="at 1 of 300 steps, first at 200 m"):
        plan_from(make_course(np.full(300, 5.0)), prediction, BAND)


# --- how far off it may be ---------------------------------------------------------------------------------------
WIDER_ON_THE_WAY = TimeDistribution(
    0.1, (0.4,), Calibration((-2.0, -1.0, 0.0, 1.0, 2.0), 1.0, (2.0,) * 5 + (1.5,) * 4 + (1.0,))
)


@pytest.mark.parametrize("fraction", [0.05, 0.5, 0.75, 1.0])
def test_chances_and_intervals_on_the_way_are_of_one_distribution(fraction: float) -> None:
    low_s, high_s = WIDER_ON_THE_WAY.interval(1_000.0, fraction)
    found = WIDER_ON_THE_WAY.chance([low_s, high_s], 1_000.0, fraction)
    assert found.tolist() == pytest.approx([0.1, 0.9])


def test_chances_on_the_way_are_less_sure_than_at_the_finish() -> None:
    """A spread twice as wide: a time twice as far off, as a logarithm, is as likely."""
    chances = [WIDER_ON_THE_WAY.chance(1_000.0 * np.exp(x), 1_000.0, f) for x, f in ((0.3, 0.3), (0.15, 1.0))]
    assert chances[0] == pytest.approx(chances[1])
    assert WIDER_ON_THE_WAY.chance(1_150.0, 1_000.0, 0.3) < WIDER_ON_THE_WAY.chance(1_150.0, 1_000.0)

"""MODEL=reference: the reference alone, everywhere."""

from __future__ import annotations

import numpy as np
import pytest

from lib.athlete.bundle import load_bundle
from lib.core import schema as c
from lib.core.errors import InputError
from lib.course.course import load_course
from lib.inference.rollout import Backend
from lib.plan.race_plan import plan_race
from lib.race.config import RaceConfig, race_config
from lib.race.options import REFERENCE
from tests.support.races import COURSES, MODEL

COURSE = load_course(COURSES / "powell_valley_5km.gpx")


def never() -> Backend:
    def run(encoder_cont: np.ndarray, decoder_cont: np.ndarray) -> np.ndarray:
        raise AssertionError("the network ran")

    return run


def test_a_plan_by_the_reference_alone_asks_no_network() -> None:
    bundle = load_bundle(MODEL / "normalizers.json")
    config = race_config(COURSE, model="reference")
    assert config.model == REFERENCE
    plan = plan_race(never(), bundle, COURSE, config).plan
    assert np.ptp(plan.columns[c.CADENCE]) < 0.11
    with pytest.raises(AssertionError, match="the network ran"):
        plan_race(never(), bundle, COURSE)


def test_another_model_is_refused() -> None:
    with pytest.raises(InputError, match="the model 'trees'; expected network or reference"):
        RaceConfig(model="trees")

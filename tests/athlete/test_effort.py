"""Given efforts as people name them: the model is asked what they mean."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lib.athlete.bundle import Bundle
from lib.athlete.effort import EFFORTS, effort_for
from lib.athlete.prior import Effort
from lib.athlete.reference import reference
from lib.core.errors import InputError
from lib.course.terrain_features import course_table
from lib.training.normalizers import extract
from tests.support.small import small_folder, small_model

pytestmark = pytest.mark.slow

COURSE = course_table(10 * np.sin(np.arange(1000) / 50))


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = small_folder(tmp_path_factory.mktemp("model"))
    made = extract(small_model()[1], folder / "model.safetensors")
    effort = Effort(heart_rate_sd=0.07, easy=-1.0, steady=0.25, race=2.0)
    return replace(made, prior=replace(made.prior, effort=effort))


@pytest.mark.parametrize("asked", [None, "", "usual"])
def test_an_effort_may_stay_open(bundle: Bundle, asked: str | None) -> None:
    assert effort_for(bundle, COURSE, asked) is None


def test_efforts_go_by_their_names(bundle: Bundle) -> None:
    assert [effort_for(bundle, COURSE, name) for name in EFFORTS] == [-1.0, 0.25, 2.0]


@pytest.mark.parametrize("bpm", [130.0, 145.0, 160.0])
def test_a_heart_rate_that_is_asked_for_is_what_is_expected(bundle: Bundle, bpm: float) -> None:
    effort = effort_for(bundle, COURSE, str(bpm))
    ref = reference(bundle.athlete, bundle.prior, COURSE, effort=effort)
    assert ref.mean_heart_rate_bpm == pytest.approx(bpm)  # over time, as it is shown
    assert ref.heart_rate_bpm.mean() == pytest.approx(bpm, abs=0.5)


@pytest.mark.parametrize("asked", ["hard", "Race", "nan", "inf", "30", "300", "1e3"])
def test_what_is_no_effort_is_refused(bundle: Bundle, asked: str) -> None:
    with pytest.raises(InputError, match="mean heart rate from 60 to 220"):
        effort_for(bundle, COURSE, asked)


def test_a_heart_rate_out_of_reach_is_refused_with_the_reach(bundle: Bundle) -> None:
    with pytest.raises(InputError, match=r"where \d+ is usual"):
        effort_for(bundle, COURSE, "70")

"""In: a small network and a course. Out: that lib/forecast.py says what the plan in torch says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lib import columns as c
from lib.band import Band
from lib.course import Course, load_course
from lib.effort import EFFORTS, effort_for
from lib.export import export_network
from lib.forecast import forecast
from lib.model import evaluate_full_session_sequential
from lib.onnx_backend import ONNX, onnx_backend
from lib.plan import plan_from
from lib.reference import reference
from lib.torch_backend import torch_backend
from tests.exported import loaded, shaken_folder

COURSE = Path(__file__).parents[1] / "data" / "courses" / "powell_valley_5km.gpx"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = shaken_folder(tmp_path_factory.mktemp("model"))
    export_network(made)
    return made


@pytest.fixture(scope="module")
def course() -> Course:
    return load_course(COURSE)


@pytest.mark.parametrize("effort", [None, 1.5])
def test_it_is_the_plan_that_torch_makes(folder: Path, course: Course, effort: float | None) -> None:
    model, bundle = loaded(folder)
    prediction = evaluate_full_session_sequential(model, course.recorded, bundle.normalizers_data, effort=effort)
    before = reference(bundle.athlete, bundle.prior, course.columns, effort=effort)
    band = Band(before.log_sd, bundle.athlete.scores, bundle.prior.calibration)
    plan = plan_from(course, prediction, band, bundle.athlete.runs)
    for backend in (torch_backend(model), onnx_backend(folder / ONNX, bundle)):
        said = forecast(backend, bundle, course, effort=effort)
        assert said.finish_s == pytest.approx(plan.finish_s, abs=0.1)
        assert said.finish_interval_s == pytest.approx(plan.finish_interval_s, abs=0.1)
        assert said.runs == plan.runs == bundle.athlete.runs > 0
        for name in c.TARGETS:
            np.testing.assert_allclose(said.steps[name], plan.steps[name], rtol=1e-3)


def test_more_effort_takes_less_time(folder: Path, course: Course) -> None:
    model, bundle = loaded(folder)
    backend = torch_backend(model)
    finishes_s = [
        forecast(backend, bundle, course, effort=effort_for(bundle, course.columns, name)).finish_s for name in EFFORTS
    ]
    assert (np.diff(finishes_s) < 0).all() == (bundle.prior.effort.pace_per_effort < 0)

"""Given a small network and a course: lib/plan/forecast.py says what the plan in torch says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lib.athlete.effort import EFFORTS, effort_for
from lib.athlete.reference import reference
from lib.athlete.time_distribution import TimeDistribution
from lib.core import schema as c
from lib.core.errors import InputError
from lib.course.course import Course, read_course
from lib.inference.onnx_backend import ONNX, onnx_backend
from lib.model import evaluate_full_session_sequential, normalizers_data
from lib.plan.forecast import forecast
from lib.plan.moving_plan import Plan, plan_from
from lib.recordings.align import Followed
from lib.training.onnx_export import export_network
from lib.training.torch_backend import torch_backend
from tests.support.batches import gpx
from tests.support.exported import loaded, shaken_folder

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = shaken_folder(tmp_path_factory.mktemp("model"))
    export_network(made)
    return made


@pytest.fixture(scope="module")
def course() -> Course:
    return read_course(gpx(km=2.4), "rolling.gpx")


@pytest.mark.parametrize("effort", [None, 1.5])
def test_it_is_the_plan_that_torch_makes(folder: Path, course: Course, effort: float | None) -> None:
    model, bundle = loaded(folder)
    prediction = evaluate_full_session_sequential(model, course.recorded, normalizers_data(bundle), effort=effort)
    before = reference(bundle.athlete, bundle.prior, course.columns, effort=effort)
    band = TimeDistribution(before.log_sd, bundle.athlete.scores, bundle.prior.calibration)
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


def followed(course: Course, plan: Plan, done: int, ratio: float = 1.1, **columns: np.ndarray) -> Followed:
    """The first steps, slower than planned; every stop of 2 s."""
    part = {name: plan.columns[name][:done].copy() for name in c.TARGETS} | {c.STOP: np.full(done, 2.0)}
    part[c.DURATION] *= ratio
    return Followed(part | columns, np.zeros(done), course.steps)


def test_on_the_way_what_is_done_is_done_and_the_rest_is_predicted(folder: Path, course: Course) -> None:
    _, bundle = loaded(folder)
    backend = onnx_backend(folder / ONNX, bundle)
    cold = forecast(backend, bundle, course)
    so_far = followed(course, cold, 400)
    plan = forecast(backend, bundle, course, so_far=so_far)
    assert (plan.done, cold.done) == (400, 0)
    assert plan.columns[c.DURATION][:400] == pytest.approx(so_far.columns[c.DURATION], abs=1e-3)
    for name in (c.HEART_RATE, c.CADENCE):
        assert np.array_equal(plan.columns[name][:400], so_far.columns[name])
    rest_s = plan.finish_s - plan.columns[c.ELAPSED][399]
    assert 1.0 < rest_s / cold.columns[c.DURATION][400:].sum() < 1.1
    low, high = plan.band.interval(plan.columns[c.ELAPSED][:400], np.arange(1, 401) / course.steps)
    assert np.array_equal(low, plan.columns[c.ELAPSED][:400]) and np.array_equal(low, high)
    widths = [np.ptp(p.finish_interval_s) for p in (plan, cold)]
    assert 0 < widths[0] < widths[1]


def test_on_the_way_it_is_known_what_was_measured(folder: Path, course: Course) -> None:
    model, bundle = loaded(folder)
    backend = torch_backend(model)
    heart_rate = np.where(np.arange(400) < 100, 150.0, np.nan)
    so_far = followed(course, forecast(backend, bundle, course), 400, **{c.HEART_RATE: heart_rate})
    plan = forecast(backend, bundle, course, so_far=so_far)
    assert np.isfinite(plan.columns[c.HEART_RATE]).all()
    shown = plan.as_measured[c.HEART_RATE]
    assert np.flatnonzero(np.isnan(shown)).tolist() == list(range(100, 400))
    assert np.isfinite(plan.as_measured[c.CADENCE]).all()


def test_on_the_way_the_network_sees_what_happened(folder: Path, course: Course) -> None:
    model, bundle = loaded(folder)
    cold = forecast(torch_backend(model), bundle, course)
    plans = [
        forecast(torch_backend(model), bundle, course, so_far=followed(course, cold, 400, **{c.CADENCE: cadence}))
        for cadence in (cold.columns[c.CADENCE][:400], np.full(400, np.nan))
    ]
    # Nothing of cadence is carried over to time but by the network.
    assert not np.array_equal(plans[0].columns[c.DURATION][400:], plans[1].columns[c.DURATION][400:])
    assert plans[0].finish_s == pytest.approx(plans[1].finish_s, abs=0.1)
    ref = reference(bundle.athlete, bundle.prior, course.columns)
    assert plans[1].columns[c.CADENCE][:400] == pytest.approx(ref.cadence_rpm)


def test_a_finished_run_is_a_plan_of_what_happened(folder: Path, course: Course) -> None:
    _, bundle = loaded(folder)
    backend = onnx_backend(folder / ONNX, bundle)
    so_far = followed(course, forecast(backend, bundle, course), course.steps)
    plan = forecast(backend, bundle, course, so_far=so_far)
    assert plan.done == course.steps
    assert plan.finish_s == pytest.approx(so_far.moving_s, abs=0.5)
    assert plan.finish_interval_s == (plan.finish_s, plan.finish_s)


def test_what_happened_elsewhere_is_refused(folder: Path, course: Course) -> None:
    _, bundle = loaded(folder)
    backend = onnx_backend(folder / ONNX, bundle)
    so_far = followed(course, forecast(backend, bundle, course), 300)
    with pytest.raises(InputError, match="on this one, of"):
        forecast(backend, bundle, course, so_far=replace(so_far, of=course.steps + 1))

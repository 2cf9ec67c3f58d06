"""Given every real course and the shipped model: each gives a whole plan, or a refusal with its reason."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from lib.athlete.bundle import Bundle, load_bundle
from lib.core import schema as c
from lib.core.errors import InputError
from lib.course.course import Course, load_course
from lib.inference.onnx_backend import ONNX, onnx_backend
from lib.inference.rollout import Backend
from lib.plan.race_plan import plan_race
from lib.plan.splits import climbs, kilometres, legs, miles
from lib.race.config import race_config
from lib.report.notes import notes
from lib.report.rules import rules
from lib.report.uncertainty import doubts
from tests.course.test_course import OUTCOMES
from utils.notebooks.render import loaded_resources
from utils.plan_page.page import plan_page

pytestmark = pytest.mark.slow

MODEL = Path(__file__).parents[2] / "checkpoints_v2"


@cache
def model() -> tuple[Backend, Bundle]:
    bundle = load_bundle(MODEL / "normalizers.json")
    return onnx_backend(MODEL / ONNX, bundle), bundle


def assert_a_whole_plan(course: Course) -> None:
    backend, bundle = model()
    # Where a file has waypoints they are the stations; a cut-off that nobody makes, and one that everybody does.
    end_km = course.length_km
    table = f"name,km,stop_min,cutoff_after\nA,{end_km / 3:.3f},2,0:01\nB,{end_km / 2:.3f},,240:00"
    for stations in ("", table):
        config = race_config(course, start="2026-06-20T06:00", zone="Europe/Vienna", stations=stations)
        race = plan_race(backend, bundle, course, config)
        low_s, high_s = race.finish_interval_s
        assert 0 < low_s < race.finish_s < high_s
        assert np.all(np.diff(race.arrival_s) > 0)
        for split in (kilometres, miles, legs):
            assert split(race)[c.DURATION].sum() == race.plan.finish_s
        assert all(np.isfinite(values).all() for key, values in climbs(race).items())
        assert all(rule.moving_s > 0 for rule in rules(race, bundle))
        assert doubts(race, bundle)
        said = notes(race, bundle.prior.effort)
    assert any(note.text.startswith("A: cut-off") for note in said)
    assert not any(note.text.startswith("B: cut-off") for note in said)


@pytest.mark.parametrize("name", OUTCOMES)
def test_a_real_course_gives_a_plan_or_a_reason(shared_data: Path, name: str) -> None:
    path = shared_data / "courses" / name
    if isinstance(OUTCOMES[name], str):
        with pytest.raises(InputError) as refused:
            load_course(path)
        assert refused.value.remedy and refused.value.expected
        return
    assert_a_whole_plan(load_course(path))


@pytest.mark.parametrize("name", ["powell_valley_5km", "fault_climb", "jacksboro_17_8km"])
def test_a_course_drawn_for_the_project_gives_a_plan(name: str) -> None:
    assert_a_whole_plan(load_course(MODEL.parent / "data" / "courses" / f"{name}.gpx"))


@pytest.mark.parametrize("name", ["running-routes/manchester-marathon-2026.gpx", "gpxpy/Mojstrovka.gpx"])
def test_its_page_asks_nobody_for_anything(shared_data: Path, name: str) -> None:
    backend, bundle = model()
    course = load_course(shared_data / "courses" / name)
    page = plan_page(plan_race(backend, bundle, course, race_config(course)), bundle)
    assert loaded_resources(page) == []
    assert "Aid stations" in page

"""In: every real course and the shipped model. Out: that each gives a whole plan, or a refusal with its reason."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from lib import columns as c
from lib.bundle import Bundle, load_bundle
from lib.course import load_course
from lib.doubts import doubts
from lib.errors import InputError
from lib.onnx_backend import ONNX, onnx_backend
from lib.race import race_config
from lib.race_notes import notes
from lib.race_plan import plan_race
from lib.race_splits import climbs, kilometres, legs, miles
from lib.rollout import Backend
from lib.rules import rules
from tests.test_course import OUTCOMES
from utils.plan_page import plan_page
from utils.render_report import loaded_resources

MODEL = Path(__file__).parents[1] / "checkpoints_v2"


@cache
def model() -> tuple[Backend, Bundle]:
    bundle = load_bundle(MODEL / "normalizers.json")
    return onnx_backend(MODEL / ONNX, bundle), bundle


@pytest.mark.parametrize("name", OUTCOMES)
def test_a_real_course_gives_a_plan_or_a_reason(shared_data: Path, name: str) -> None:
    path = shared_data / "courses" / name
    if isinstance(OUTCOMES[name], str):
        with pytest.raises(InputError) as refused:
            load_course(path)
        assert refused.value.remedy and refused.value.expected
        return
    backend, bundle = model()
    course = load_course(path)
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
    assert any(note.startswith("A: cut-off") for note in said)
    assert not any(note.startswith("B: cut-off") for note in said)


@pytest.mark.parametrize("name", ["running-routes/manchester-marathon-2026.gpx", "gpxpy/Mojstrovka.gpx"])
def test_its_page_asks_nobody_for_anything(shared_data: Path, name: str) -> None:
    backend, bundle = model()
    course = load_course(shared_data / "courses" / name)
    page = plan_page(plan_race(backend, bundle, course, race_config(course)), bundle)
    assert loaded_resources(page) == []
    assert "From station to station" in page

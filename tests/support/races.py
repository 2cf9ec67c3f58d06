"""Race plans made by hand, and the shipped model, for several test files."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from unittest.mock import patch

import numpy as np

from lib.athlete.bundle import Bundle, load_bundle
from lib.core import schema as c
from lib.course.course import Course, Waypoint, load_course
from lib.course.terrain_features import course_columns
from lib.inference.onnx_backend import ONNX, onnx_backend
from lib.inference.rollout import Backend
from lib.plan.moving_plan import Plan
from lib.plan.race_plan import RacePlan, plan_race
from lib.race.config import RaceConfig
from tests.support.plans import DEGREE_M

ROOT = Path(__file__).resolve().parents[2]
COURSES = ROOT / "data" / "courses"
MODEL = ROOT / "checkpoints_v2"
UNHURRIED = RaceConfig(standing_s=0.0)
HABITS_S = (30, 700, 0, 120, 60, 90, 1500, 10, 240, 45, 80, 300, 20, 0, 150)
"""Standing on some past runs, as if of an hour (s)."""


@cache
def shipped() -> tuple[Backend, Bundle]:
    """The shipped network, and a bundle in which nobody in particular is known."""
    bundle = load_bundle(MODEL / "normalizers.json")
    return onnx_backend(MODEL / ONNX, bundle), bundle


def known_bundle(**of_athlete: object) -> Bundle:
    """The shipped bundle for an athlete of whom something is known: so far how he stands."""
    bundle = shipped()[1]
    known = {"runs": 15, "standing_at_one_hour_s": HABITS_S} | of_athlete
    return replace(bundle, athlete=replace(bundle.athlete, **known))


@cache
def course_of(name: str) -> Course:
    """One of the courses in the checkout."""
    return load_course(COURSES / f"{name}.gpx")


def race_of(plan: Plan, config: RaceConfig = UNHURRIED, bundle: Bundle | None = None) -> RacePlan:
    """The race plan of a plan made by hand, by default of an athlete with one run: its times stay as they are."""
    bundle = bundle or known_bundle(runs=1, standing_at_one_hour_s=())
    with patch("lib.plan.race_plan.forecast", return_value=plan):
        return plan_race(lambda *_: {}, bundle, plan.course, config)


def placed(altitude_m: np.ndarray, lat: np.ndarray, lon: np.ndarray) -> Course:
    """Course at some places; the altitude is taken as it is."""
    columns = course_columns(np.asarray(altitude_m, dtype=np.float64))
    columns[c.LATITUDE], columns[c.LONGITUDE] = np.asarray(lat, np.float64), np.asarray(lon, np.float64)
    return Course("Placed", columns, np.asarray(altitude_m, dtype=np.float64))


def with_waypoints(course: Course, *places: tuple[str, float, float]) -> Course:
    """A course along the equator with waypoints: name, metres east of the start, metres north of the course."""
    found = (Waypoint(name, north / DEGREE_M, east / DEGREE_M, 0.0, 0.0) for name, east, north in places)
    return replace(course, waypoints=tuple(found))

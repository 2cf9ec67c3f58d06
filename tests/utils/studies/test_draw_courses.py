"""The committed courses are those that are drawn."""

from __future__ import annotations

from pathlib import Path

import gpxpy
import gpxpy.gpx
import numpy as np
import pytest

from lib.core.geodesy import gaps_m
from utils.studies.draw_courses import CLIMB_FILE, COURSES, PLANS, Plan, climb_m, courses

pytestmark = pytest.mark.slow  # draws all courses

FILES = sorted(COURSES.glob("*.gpx"))


@pytest.fixture(scope="module")
def drawn() -> dict[str, str]:
    return courses()


def read(text: str) -> tuple[gpxpy.gpx.GPX, np.ndarray]:
    """Give the course and its points, shape (n, 3): latitude, longitude, altitude."""
    course = gpxpy.parse(text)
    points = course.tracks[0].segments[0].points
    return course, np.array([(p.latitude, p.longitude, p.elevation) for p in points])


def test_every_planned_course_is_committed() -> None:
    assert {file.stem for file in FILES} == {plan.file for plan in PLANS} | {CLIMB_FILE}
    assert sum(file.stat().st_size for file in FILES) < 1_500_000


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_committed_course_is_the_drawn_one(file: Path, drawn: dict[str, str]) -> None:
    kept, kept_points = read(file.read_text(encoding="utf-8"))
    new, new_points = read(drawn[file.stem])
    # In numbers, not bytes: another build of the libraries may round the last digit otherwise.
    assert kept_points.shape == new_points.shape
    assert np.abs(kept_points - new_points).max(axis=0).tolist() <= [3e-6, 3e-6, 0.11]
    assert np.abs(kept_points - new_points).max() <= 0.11
    assert [w.name for w in kept.waypoints] == [w.name for w in new.waypoints]


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.file)
def test_a_course_has_its_exact_length(plan: Plan) -> None:
    _, points = read((COURSES / f"{plan.file}.gpx").read_text(encoding="utf-8"))
    assert gaps_m(points[:, 0], points[:, 1]).sum() == pytest.approx(plan.length_m, abs=0.5)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_course_is_a_plan_without_times(file: Path) -> None:
    course, points = read(file.read_text(encoding="utf-8"))
    assert not course.has_times() and course.time is None
    assert np.isfinite(points).all()
    gaps = gaps_m(points[:, 0], points[:, 1])
    assert np.median(gaps) == pytest.approx(15, abs=0.5)
    assert gaps.min() > 1 and gaps.max() < 20.1
    names = [w.name for w in course.waypoints]
    assert names[0] == "Start"
    assert "Top" in names or file.stem == CLIMB_FILE
    assert names[-1] == "Finish"


def test_the_climb_gains_over_600_m_in_under_6_km() -> None:
    _, points = read((COURSES / f"{CLIMB_FILE}.gpx").read_text(encoding="utf-8"))
    assert points[-1, 2] - points[0, 2] > 600
    assert gaps_m(points[:, 0], points[:, 1]).sum() < 6_000


def test_climb_is_the_sum_of_rises() -> None:
    hill = np.concatenate([np.linspace(0, 100, 200), np.linspace(100, 0, 200)])
    assert climb_m(hill) == pytest.approx(100, abs=2)

"""Course files beside a table of results are read, from nowhere else; what they cost is what counts."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lib.athlete.course_size import effort_km
from lib.core.errors import InputError
from lib.race.config import results_given
from lib.race.results_text import results_from_text
from tests.support.long_race import rolling_course
from tests.support.races import COURSES, course_of

HEAD = "date,km,climb,time,course\n"
COURSE = course_of("jacksboro_17_8km")


def table(folder: Path, cell: str) -> str:
    path = folder / "results.csv"
    path.write_text(f"{HEAD}2025-06-14,17.8,700,2:00,{cell}\n2025-07-01,50,2300,6:41,\n")
    return str(path)


def test_the_cost_of_a_course_file_counts(tmp_path: Path) -> None:
    (tmp_path / "gpx").mkdir()
    shutil.copy(COURSES / "jacksboro_17_8km.gpx", tmp_path / "gpx" / "mine.gpx")
    first, second = results_from_text(results_given(table(tmp_path, "gpx/mine.gpx")))
    own = effort_km(COURSE.columns, COURSE.length_km, COURSE.climb_m)
    assert first.effort_km == pytest.approx(own, abs=0.01) and first.size == first.effort_km
    assert second.effort_km is None and second.size == 73.0


@pytest.mark.parametrize("cell", ["../mine.gpx", "/etc/passwd", "mine.txt"])
def test_files_elsewhere_are_not_read(tmp_path: Path, cell: str) -> None:
    (tmp_path / "in").mkdir()
    shutil.copy(COURSES / "jacksboro_17_8km.gpx", tmp_path / "mine.gpx")
    with pytest.raises(InputError, match="a course file beside the table"):
        results_given(table(tmp_path / "in", cell))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.gpx"):
        results_given(table(tmp_path, "none.gpx"))


def test_a_text_may_state_effort_km_but_name_no_file() -> None:
    text = "date,km,climb,time,effort_km\n2025,50,2300,6:41,"
    assert results_from_text(f"{text}70.5")[0].size == 70.5
    with pytest.raises(InputError, match="effort-km"):
        results_from_text(f"{text}170.5")
    assert results_from_text(f"{HEAD}2025,50,2300,6:41,/etc/passwd")[0].effort_km is None


def test_usual_courses_cost_about_what_km_and_climb_say() -> None:
    for name in ("jacksboro_17_8km", "cumberland_50km", "cross_mountain_30km"):
        course = course_of(name)
        usual = course.length_km + course.climb_m / 100.0
        assert effort_km(course.columns, course.length_km, course.climb_m) == pytest.approx(usual, rel=0.03)


def test_a_flat_course_costs_its_length_and_a_steep_one_more() -> None:
    flat, steep, gentle = (rolling_course(20.0, climb, 5.0) for climb in (0.0, 300.0, 100.0))
    assert effort_km(flat.columns, flat.length_km, 0.0) == pytest.approx(flat.length_km, rel=0.01)
    costs = [effort_km(course.columns, course.length_km, 800.0) for course in (gentle, steep)]
    assert costs[1] > costs[0]

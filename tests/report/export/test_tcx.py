"""Given race plans: their TCX courses have the elements of the schema in its order, and are read as meant."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.core import schema as c
from lib.plan.moving_plan import plan_from
from lib.race.config import RaceConfig
from lib.race.stations import Station
from lib.report.export.tcx import tcx_bytes
from tests.support.plans import BAND, DEGREE_M, flat_plan, make_course, make_prediction
from tests.support.races import race_of

START = datetime(2026, 6, 20, 5, 30, tzinfo=UTC)
NS = "{http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2}"
# The order in which TrainingCenterDatabasev2.xsd asks for them.
ORDER = {
    "Course": ["Name", "Lap", "Track", "CoursePoint"],
    "Lap": ["TotalTimeSeconds", "DistanceMeters", "BeginPosition", "EndPosition", "AverageHeartRateBpm", "Intensity"],
    "Trackpoint": ["Time", "Position", "AltitudeMeters", "DistanceMeters", "HeartRateBpm", "Cadence"],
    "CoursePoint": ["Name", "Time", "Position", "AltitudeMeters", "PointType", "Notes"],
    "Position": ["LatitudeDegrees", "LongitudeDegrees"],
}


def course_of(content: bytes) -> ET.Element:
    (course,) = ET.fromstring(content).iter(f"{NS}Course")
    return course


def text(element: ET.Element, path: str) -> str:
    found = element.find("/".join(NS + name for name in path.split("/")))
    assert found is not None and found.text is not None
    return found.text


def test_elements_stand_in_the_order_of_the_schema() -> None:
    config = RaceConfig(start=START, stations=(Station("Hut", 500.0, 60.0),), standing_s=0.0)
    course = course_of(tcx_bytes(race_of(flat_plan(400, 2.0), config)))
    for element in course.iter():
        order = ORDER.get(element.tag.removeprefix(NS))
        if order:
            names = list(dict.fromkeys(child.tag.removeprefix(NS) for child in element))
            assert names == order


def test_points_have_time_place_and_values() -> None:
    config = RaceConfig(start=START, stations=(Station("Water tap at the hut", 500.0, 60.0),), standing_s=0.0)
    race = race_of(flat_plan(400, 2.0), config)
    course = course_of(tcx_bytes(race))
    points = list(course.iter(f"{NS}Trackpoint"))
    assert text(points[0], "Time") == "2026-06-20T05:30:00.000Z"
    assert text(points[-1], "Time") == "2026-06-20T05:44:20.000Z"
    assert text(points[-1], "DistanceMeters") == "2000.0"
    assert (text(points[5], "HeartRateBpm/Value"), text(points[5], "Cadence")) == ("140", "80")
    longitude = float(text(points[-1], "Position/LongitudeDegrees"))
    assert longitude == pytest.approx(race.course.columns[c.LONGITUDE][-1], abs=1e-6)
    times = [datetime.fromisoformat(text(p, "Time")) for p in points if text(p, "DistanceMeters") == "500.0"]
    assert [t - START for t in times] == [timedelta(seconds=200), timedelta(seconds=260)]
    assert text(course, "Lap/TotalTimeSeconds") == "860.0"
    hut = next(course.iter(f"{NS}CoursePoint"))
    assert (text(hut, "Name"), text(hut, "PointType"), text(hut, "Notes")) == (
        "Wat… 05:33",
        "Water",
        "Water tap at the hut",
    )


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=40))
def test_any_name_is_read_again_and_short_enough(name: str) -> None:
    race = race_of(flat_plan(200, 2.0), RaceConfig(stations=(Station(name, 500.0),), standing_s=0.0))
    race = replace(race, plan=replace(race.plan, course=replace(race.course, name=name)))
    course = course_of(tcx_bytes(race))
    point = next(course.iter(f"{NS}CoursePoint"))
    assert text(point, "Notes") == name
    assert 1 <= len(text(point, "Name")) <= 10 and 1 <= len(text(course, "Name")) <= 15


def test_a_course_that_ends_on_the_date_line_stays_within_the_schema() -> None:
    east_m = 180.0 * DEGREE_M - np.arange(199, -1, -1) * c.STEP_M
    plan = plan_from(make_course(np.full(200, 5.0), east_m), make_prediction(np.full(200, 2.0), 300.0), BAND)
    course = course_of(tcx_bytes(race_of(plan)))
    degrees = [float(element.text or "nan") for element in course.iter(f"{NS}LongitudeDegrees")]
    assert all(-180.0 <= x < 180.0 for x in degrees) and degrees[-1] == -180.0
    assert {text(point, "HeartRateBpm/Value") for point in course.iter(f"{NS}Trackpoint")} == {"255"}


def test_course_points_have_time_and_place_of_a_track_point() -> None:
    config = RaceConfig(start=START, stations=(Station("Hut", 495.0, 60.0), Station("Tap", 500.0)), standing_s=7.0)
    course = course_of(tcx_bytes(race_of(flat_plan(401, 2.3), config)))
    keys = ("Time", "Position/LatitudeDegrees", "Position/LongitudeDegrees")
    track = {tuple(text(point, key) for key in keys) for point in course.iter(f"{NS}Trackpoint")}
    points = [tuple(text(point, key) for key in keys) for point in course.iter(f"{NS}CoursePoint")]
    assert len(points) == 3 and set(points) <= track

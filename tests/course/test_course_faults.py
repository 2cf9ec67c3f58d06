"""Courses as planners and devices write them: packed, in other formats, with voids, cues and parts out of order."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from lib.core.errors import InputError
from lib.course.course import Course, read_course
from lib.race.stations import stations_from_waypoints
from tests.support.faulty import as_fit, as_tcx, place, rows_of, run
from tests.support.fit_files import fit
from tests.support.gpx_files import gpx, line, north, points_xml, track

WAY = run(2_000.0)
TCX = as_tcx(WAY).replace(b"Activities>", b"Courses>").replace(b'Activity Sport="Running"', b"Course")
TCX_COURSE = TCX.replace(b"</Activity>", b"</Course>").replace(b"<Lap StartTime", b"<Name>Hill</Name><Lap StartTime")


def wpt(metres: float, name: str = "", inside: str = "") -> str:
    lat, lon, _ = north(metres)
    return f'<wpt lat="{lat!r}" lon="{lon!r}"><name>{name}</name>{inside}</wpt>'


def courses() -> dict[str, bytes]:
    fit_course = fit(("running", rows_of(WAY)), kind=6)
    return {"a.tcx": TCX_COURSE, "b.tcx": as_tcx(WAY), "a.fit": fit_course, "b.fit": as_fit(WAY)}


@pytest.mark.parametrize("name", courses())
@pytest.mark.parametrize("packed", [False, True])
def test_tcx_and_fit_are_courses_too_packed_or_not(name: str, packed: bool) -> None:
    content = courses()[name]
    course = read_course(gzip.compress(content) if packed else content, f"{name}.gz" if packed else name)
    assert course.length_km == pytest.approx(2.0, abs=0.006)
    assert course.columns["altitude_m"].max() > 1_035 and course.name in ("Hill", "a", "b")


def test_a_packed_gpx_is_a_course_by_the_name_within() -> None:
    assert read_course(gzip.compress(gpx(track(line()))), "hill.gpx.gz").name == "hill"


def test_a_packed_picture_is_told() -> None:
    with pytest.raises(InputError, match="a PNG picture; expected a GPX, TCX or FIT file"):
        read_course(gzip.compress(b"\x89PNG picture"), "hill.gpx.gz")


def test_a_damaged_fit_is_refused() -> None:
    content = bytearray(as_fit(WAY))
    content[2_000:2_400] = b"\x0f" * 400
    with pytest.raises(InputError, match="damaged"):
        read_course(bytes(content))


@pytest.mark.parametrize("at", [0, 7, -1])
@pytest.mark.parametrize(
    ("tag", "said"), [('lat="0" lon="0"', "1 point at 0°/0° left out"), ("", "1 point without a position left out")]
)
def test_a_point_that_is_nowhere_is_left_out_and_that_is_said(at: int, tag: str, said: str) -> None:
    points = points_xml([(46.0 + m / 111_195, 7.0, 100.0) for m in range(0, 1_001, 20)], "trkpt").split("</trkpt>")[:-1]
    points.insert(at % len(points), f"<trkpt {tag}><ele>100</ele>")
    course = read_course(gpx(f"<trk><trkseg>{'</trkpt>'.join(points)}</trkpt></trkseg></trk>"))
    assert (course.length_km, course.repairs) == (1.0, (said,))


def test_the_shape_of_a_basecamp_route_is_followed() -> None:
    corners = [place(m) for m in (0, 500, 1_000)]
    shape = "".join(f'<x:rpt lat="{0.001 + lat!r}" lon="{lon!r}"/>' for lat, lon in map(place, range(10, 490, 10)))
    points = "".join(
        f'<rtept lat="{lat!r}" lon="{lon!r}"><ele>{ele}</ele><extensions><x:RoutePointExtension>{inside}'
        "</x:RoutePointExtension></extensions></rtept>"
        for (lat, lon), ele, inside in zip(corners, (100, 150, 200), (shape, "", ""), strict=True)
    )
    course = read_course(gpx(f"<rte>{points}</rte>"))
    assert course.length_km == pytest.approx(1.0 + 0.2, abs=0.03)  # 111 m aside, there and back
    assert course.repairs[0] == "elevation of 48 points that shape the route interpolated"
    assert (np.diff(course.recorded_m) >= 0).all() and course.recorded_m[-1] > 199


@pytest.mark.parametrize("km", [405, 431, 990])
def test_races_of_more_than_400_km_are_courses(km: int) -> None:
    course = read_course(gpx(track(line(1000.0 * km, 200.0))))
    assert course.length_km == pytest.approx(km)


# --- turn cues ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("number", [30, 250, 1_500])
def test_waypoints_all_along_that_say_nothing_are_no_stations(number: int) -> None:
    cues = [wpt(1_000.0 * i / number, f"T{i}") for i in range(number)]
    huts = [wpt(300, "Hut", "<sym>Drinking Water</sym>"), wpt(700, "Mill", "<type>Aid station</type>")]
    course = read_course(gpx(*cues, *huts, track(line())))
    assert [w.name for w in course.waypoints] == ["Hut", "Mill"]
    assert course.repairs == (f"{number} turn cues among the waypoints left out",)


@pytest.mark.parametrize("word", ["Left", "slight right", "TURN LEFT", "Straight", "u_turn", "Sharp_Left", "rechts"])
def test_a_waypoint_that_says_where_to_turn_is_no_station(word: str) -> None:
    for cue in (wpt(300, word), wpt(300, "Main St", f"<type>{word}</type>"), wpt(300, "x", f"<sym>{word}</sym>")):
        course = read_course(gpx(cue, wpt(600, "Right Bank Hut"), track(line())))
        assert [w.name for w in course.waypoints] == ["Right Bank Hut"]
        assert len(stations_from_waypoints(course)[0]) == 1


def test_course_points_of_a_tcx_are_waypoints_but_not_its_turns() -> None:
    marks = "".join(
        f"<CoursePoint><Name>{name}</Name><Position><LatitudeDegrees>{place(m)[0]}</LatitudeDegrees><LongitudeDegrees>"
        f"{place(m)[1]}</LongitudeDegrees></Position><PointType>{kind}</PointType></CoursePoint>"
        for name, m, kind in (("Hut", 500, "Food"), ("Main St", 700, "Left"))
    )
    course = read_course(TCX_COURSE.replace(b"</Course>", f"{marks}</Course>".encode()))
    assert [(w.name, w.kind) for w in course.waypoints] == [("Hut", "Food")]
    assert course.waypoints[0].distance_m == pytest.approx(500, abs=6)


# --- parts out of order ------------------------------------------------------------------------------------------
def pieces(order: list[int], gap_m: float = 10.0) -> list[str]:
    """A way of 2 km in 20 pieces, in some order."""
    found = [points_xml([north(m) for m in np.arange(100.0 * i, 100.0 * (i + 1) - gap_m + 1, 10.0)], "trkpt")
             for i in range(20)]  # fmt: skip
    return [found[i] for i in order]


def shuffled(seed: int) -> list[int]:
    return np.random.default_rng(seed).permutation(20).tolist()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("segments", [False, True])
def test_parts_out_of_order_are_ordered_where_their_ends_meet(seed: int, segments: bool) -> None:
    parts = [f"<trkseg>{x}</trkseg>" for x in pieces(shuffled(seed))]
    content = gpx(f"<trk>{''.join(parts)}</trk>") if segments else gpx(*(f"<trk>{x}</trk>" for x in parts))
    course: Course = read_course(content)
    assert course.length_km == pytest.approx(1.99, abs=0.006)
    noun = "segments" if segments else "tracks"
    assert course.repairs == (f"20 {noun} ordered by where their ends meet",)
    assert (np.diff(course.columns["lat"]) > 0).all()


def test_parts_far_apart_and_out_of_order_are_refused() -> None:
    far = [points_xml([north(m) for m in np.arange(1_000.0 * i, 1_000.0 * i + 501, 20.0)], "trkpt") for i in range(20)]
    content = gpx(*(f"<trk><trkseg>{far[i]}</trkseg></trk>" for i in shuffled(1)))
    with pytest.raises(InputError, match=r"20 tracks of 10.0 km in no order"):
        read_course(content)

"""The points of a course are taken out of a GPX file in the order in which they are run."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from lib.core.errors import InputError
from lib.core.gpx import parse_gpx
from lib.course.course_points import Points, course_points
from tests.support.gpx_files import Point, gpx, line, north, points_xml, track

ROUTE = f"<rte><name>Way</name>{points_xml(line(), 'rtept')}</rte>"


def taken(*parts: str, near_m: float = 250.0) -> tuple[Points, list[str]]:
    said: list[str] = []
    return course_points(parse_gpx(gpx(*parts), "x.gpx"), "x.gpx", near_m, said), said


def way(*metres: float, lon: float = 10.0) -> list[Point]:
    """A track through places on a meridian, a point every 20 m."""
    legs = [np.linspace(a, b, max(2, round(abs(b - a) / 20) + 1)) for a, b in pairwise(metres)]
    return [north(m, lon=lon) for m in np.concatenate(legs)]


def test_a_route_is_a_course_where_there_is_no_track() -> None:
    points, said = taken(ROUTE)
    assert (points.name, points.length_km, said) == ("Way", pytest.approx(1.0), [])


def test_a_route_beside_a_track_is_left_out_and_that_is_said() -> None:
    points, said = taken(track(line(600.0), "Track"), ROUTE, ROUTE)
    assert (points.name, points.length_km) == ("Track", pytest.approx(0.6))
    assert said == ["2 routes beside the track left out"]


def test_a_track_of_one_point_gives_way_to_the_route() -> None:
    points, said = taken(track([north(0.0)]), ROUTE)
    assert (points.name, said) == ("Way", [])


def test_segments_are_joined_in_silence_as_they_are_one_track() -> None:
    halves = (points_xml(line(600.0), "trkpt"), "", points_xml([north(620.0), north(800.0)], "trkpt"))
    points, said = taken("<trk>" + "".join(f"<trkseg>{half}</trkseg>" for half in halves) + "</trk>")
    assert (points.length_km, said) == (pytest.approx(0.8), [])


def test_tracks_that_follow_each_other_are_joined_and_that_is_said() -> None:
    points, said = taken(track(way(0, 600), "One"), track(way(620, 1_200), "Two"))
    assert (points.name, points.length_km) == ("", pytest.approx(1.2))  # of neither alone
    assert said == ["2 tracks joined in the order of the file"]
    assert points.elevation_m.shape == points.lat.shape == points.lon.shape


def test_routes_are_joined_as_tracks_are() -> None:
    points, said = taken(*(f"<rte>{points_xml(way(a, a + 500), 'rtept')}</rte>" for a in (0, 500)))
    assert (points.length_km, said) == (pytest.approx(1.0), ["2 routes joined in the order of the file"])


def test_there_and_back_in_two_tracks_is_one_course() -> None:
    points, said = taken(track(way(0, 900)), track(way(900, 0)))
    assert (points.length_km, said) == (pytest.approx(1.8), ["2 tracks joined in the order of the file"])


def test_a_jump_between_tracks_is_said() -> None:
    _, said = taken(track(way(0, 600)), track(way(3_600, 4_000)), track(way(4_200, 4_500)))
    assert said == ["3 tracks joined in the order of the file, from one to the next up to 3.0 km"]


def test_tracks_from_one_start_are_alternatives_and_the_longest_is_taken() -> None:
    parts = (track(way(0, 600), "Short"), track(way(40, 1_400), "Long"), track(way(0, 900), "Between"))
    points, said = taken(*parts)
    assert (points.name, points.length_km) == ("Long", pytest.approx(1.36))
    assert said == [
        "3 tracks begin at the same place and are taken for alternatives: only the longest is planned (Long, 1.4 km)"
    ]


def test_alternative_rounds_are_known_by_their_start() -> None:
    # Both end 100 m beyond the place where both begin.
    _, said = taken(track(way(0, 900, -100)), track(way(10, 1_500, -100)))
    assert said[0].endswith("only the longest is planned (3.1 km)")


def test_two_laps_of_the_same_round_are_run_one_after_the_other() -> None:
    points, said = taken(*[track(way(0, 900, 0), "Lap")] * 2)
    assert (points.name, points.length_km) == ("Lap", pytest.approx(3.6))
    assert said == ["2 tracks joined in the order of the file"]


def test_one_track_that_goes_on_makes_all_of_them_legs() -> None:
    points, said = taken(track(way(0, 600)), track(way(0, 900)), track(way(900, 2_000)))
    assert points.length_km == pytest.approx(0.6 + 0.6 + 0.9 + 1.1)
    assert said == ["3 tracks joined in the order of the file, from one to the next up to 0.6 km"]


def test_tracks_far_apart_are_no_alternatives() -> None:
    # The second begins nearer to the start of the first than to its end, but at neither.
    _, said = taken(track(way(0, 2_000)), track(way(-600, -1_200)))
    assert said == ["2 tracks joined in the order of the file, from one to the next up to 2.6 km"]
    _, said = taken(track(way(0, 2_000)), track(way(-600, -1_200)), near_m=700.0)
    assert "alternatives" in said[0]


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ((), "no points, but no track or route"),
        ((points_xml(line(), "wpt"),), "51 waypoints, but no track or route"),
        ((track([north(0.0)]),), "no points, but no track or route"),
    ],
)
def test_a_file_without_a_course_is_refused(parts: tuple[str, ...], found: str) -> None:
    with pytest.raises(InputError) as raised:
        taken(*parts)
    assert (raised.value.found, raised.value.source) == (found, "x.gpx")


def test_a_point_off_the_earth_is_refused_in_whichever_track() -> None:
    with pytest.raises(InputError, match="latitude 95, longitude 10"):
        taken(track(line()), track([(95.0, 10.0, 1.0), north(0.0)]))

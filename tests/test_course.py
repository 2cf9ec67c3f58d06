"""In: GPX made by hand, and real ones. Out: that lib/course.py reads, repairs and refuses as it says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lib import columns as c
from lib.course import Course, CourseConfig, load_course, read_course
from lib.errors import InputError
from lib.geodesy import EARTH_RADIUS_M, haversine_m
from lib.profile import course_table

DEGREE_M = EARTH_RADIUS_M * np.pi / 180.0
"""Length of a degree of a meridian, and of the equator."""

Point = tuple[float, float, float | None]


def points_xml(points: list[Point], tag: str) -> str:
    rows = []
    for lat, lon, ele in points:
        rows.append(f'<{tag} lat="{lat!r}" lon="{lon!r}">{"" if ele is None else f"<ele>{ele!r}</ele>"}</{tag}>')
    return "".join(rows)


def track(points: list[Point], name: str = "") -> str:
    return f"<trk>{name and f'<name>{name}</name>'}<trkseg>{points_xml(points, 'trkpt')}</trkseg></trk>"


def gpx(*parts: str, head: str = "") -> bytes:
    start = '<gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1">'
    return f'<?xml version="1.0" encoding="UTF-8"?>{head}{start}{"".join(parts)}</gpx>'.encode()


def north(metres: float, ele: float | None = 100.0, lon: float = 10.0) -> Point:
    """Place so many metres north of the equator."""
    return (float(metres / DEGREE_M), lon, None if ele is None else float(ele))


def line(length_m: float = 1_000.0, every_m: float = 20.0, ele: float | None = 100.0) -> list[Point]:
    return [north(m, ele) for m in np.arange(0.0, length_m + every_m / 2, every_m)]


def refusal(content: bytes, config: CourseConfig | None = None) -> InputError:
    with pytest.raises(InputError) as raised:
        read_course(content, "x.gpx", config)
    assert raised.value.source == "x.gpx"
    return raised.value


# --- length and grid ---------------------------------------------------------------------------------------------
def test_known_distances() -> None:
    quarter = haversine_m(np.array([0.0]), np.array([0.0]), np.array([0.0]), np.array([90.0]))
    assert quarter[0] == pytest.approx(EARTH_RADIUS_M * np.pi / 2)
    antipode = haversine_m(np.array([10.0]), np.array([20.0]), np.array([-10.0]), np.array([-160.0]))
    assert antipode[0] == pytest.approx(EARTH_RADIUS_M * np.pi)
    # Paris (48.8566, 2.3522) to London (51.5074, -0.1278): 343.6 km on this sphere.
    city = haversine_m(np.array([48.8566]), np.array([2.3522]), np.array([51.5074]), np.array([-0.1278]))
    assert city[0] == pytest.approx(343_556, abs=10)
    # Half a radius of latitude circle at 60°.
    assert haversine_m(60.0, 0.0, 60.0, 0.001) == pytest.approx(0.0005 * DEGREE_M, rel=1e-6)


def test_a_kilometre_has_200_steps_at_their_places() -> None:
    course = read_course(gpx(track([north(m, 100.0 + m / 10) for m in np.arange(0, 1001, 20.0)], "Up")))
    assert (course.name, course.length_km, len(course.table), course.repairs) == ("Up", 1.0, 200, ())
    np.testing.assert_allclose(course.recorded[c.ALTITUDE], 100.0 + np.arange(1, 201) * 0.5, atol=1e-9)
    np.testing.assert_allclose(course.table[c.LATITUDE] * DEGREE_M, np.arange(1, 201) * 5.0, atol=1e-6)
    np.testing.assert_allclose(course.table[c.LONGITUDE], 10.0)
    assert course.climb_m == pytest.approx(99.5)


@pytest.mark.parametrize(("length_m", "steps"), [(1_004.0, 200), (1_004.4, 200), (1_004.6, 201), (1_005.0, 201)])
def test_a_last_step_must_be_run_to_nine_tenths(length_m: float, steps: int) -> None:
    points = [*line(1_000.0), north(length_m)]
    assert len(read_course(gpx(track(points))).table) == steps


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(1.0, 120.0), st.floats(-15.0, 15.0)), min_size=60, max_size=150))
def test_any_spacing_of_points_gives_the_5_m_grid(legs: list[tuple[float, float]]) -> None:
    along = np.concatenate([[0.0], np.cumsum([m for m, _ in legs])])
    altitude = 1_000.0 + np.concatenate([[0.0], np.cumsum([rise for _, rise in legs])])
    assume(along[-1] > 510.0)
    course = read_course(gpx(track([north(m, ele) for m, ele in zip(along, altitude, strict=True)])))
    table = course.table
    assert -0.5 - 1e-6 <= along[-1] - len(table) * c.STEP_M <= 4.5 + 1e-6
    assert table[c.STEP].tolist() == list(range(len(table)))
    np.testing.assert_array_equal(table[c.DISTANCE], (np.arange(len(table)) + 1) * c.STEP_M)
    assert np.isfinite(table.to_numpy()).all()
    assert altitude.min() - 1e-6 <= course.recorded[c.ALTITUDE].min()
    assert course.recorded[c.ALTITUDE].max() <= altitude.max() + 1e-6
    np.testing.assert_allclose(course.recorded[c.ALTITUDE], np.interp(table[c.DISTANCE], along, altitude), atol=1e-4)


def test_a_prediction_gets_the_altitude_before_cleaning() -> None:
    hilly = [north(m, 500.0 + 10 * np.sin(m / 20.0)) for m in np.arange(0, 2001, 10.0)]
    course = read_course(gpx(track(hilly)))
    again = course_table(course.recorded[c.ALTITUDE].to_numpy())
    np.testing.assert_array_equal(again[c.ALTITUDE], course.table[c.ALTITUDE])
    assert course_table(course.table[c.ALTITUDE].to_numpy())[c.CLIMB].iloc[-1] < 0.9 * course.climb_m


def test_a_course_may_cross_the_date_line() -> None:
    points = [(0.0, float((179.995 + m / DEGREE_M + 180) % 360 - 180), 100.0) for m in np.arange(0, 1001, 20.0)]
    course = read_course(gpx(track(points), '<wpt lat="0" lon="-179.999"><name>A</name></wpt>'))
    assert course.length_km == 1.0
    assert course.table[c.LONGITUDE].between(-180, 180).all()
    assert course.waypoints[0].distance_m == pytest.approx(0.006 * DEGREE_M, abs=2.5)


@pytest.mark.parametrize(("length_m", "said"), [(400.0, "0.40 km"), (0.0, "0.00 km")])
def test_a_course_too_short_is_refused(length_m: float, said: str) -> None:
    points = line(length_m) if length_m else [north(0.0), north(0.0)]
    assert said in refusal(gpx(track(points))).found


def test_a_course_too_long_is_refused() -> None:
    error = refusal(gpx(track(line(3_000.0))), CourseConfig(max_km=2.0))
    assert (error.found, error.expected) == ("a course of 3.00 km", "0.5 to 2 km")


# --- what is taken from the file ---------------------------------------------------------------------------------
def test_a_route_is_a_course_where_there_is_no_track() -> None:
    route = f"<rte><name>Way</name>{points_xml(line(), 'rtept')}</rte>"
    course = read_course(gpx(route))
    assert (course.name, course.length_km) == ("Way", 1.0)
    both = read_course(gpx(track(line(600.0), "Track"), route))
    assert (both.name, both.length_km) == ("Track", 0.6)


def test_a_track_of_one_point_gives_way_to_the_route() -> None:
    assert read_course(gpx(track([north(0.0)]), f"<rte>{points_xml(line(), 'rtept')}</rte>")).length_km == 1.0


def test_several_tracks_are_joined_and_that_is_said() -> None:
    first, second = line(600.0), [north(m) for m in np.arange(620.0, 1201, 20.0)]
    course = read_course(gpx(track(first, "One"), track(second, "Two")))
    assert (course.name, course.length_km) == ("One", 1.2)
    assert course.repairs == ("2 tracks joined in the order of the file",)


def test_segments_are_joined_in_silence_as_they_are_one_track() -> None:
    halves = (points_xml(line(600.0), "trkpt"), "", points_xml([north(620.0), north(800.0)], "trkpt"))
    course = read_course(gpx("<trk>" + "".join(f"<trkseg>{half}</trkseg>" for half in halves) + "</trk>"))
    assert (course.length_km, course.repairs) == (0.8, ())


def test_a_file_without_names_gives_its_own() -> None:
    assert read_course(gpx(track(line())), "folder/loop.gpx").name == "loop"
    assert read_course(gpx("<metadata><name>Meta</name></metadata>", track(line()))).name == "Meta"


def test_waypoints_alone_are_refused() -> None:
    error = refusal(gpx(points_xml(line(), "wpt")))
    assert error.found == "51 waypoints, but no track or route"


def test_an_empty_file_is_refused() -> None:
    assert refusal(gpx()).found == "no points, but no track or route"


def test_waypoints_are_set_on_the_nearest_step_in_order() -> None:
    late = f'<wpt lat="{700.0 / DEGREE_M!r}" lon="10.001"><name>Late</name></wpt>'
    early = f'<wpt lat="{300.0 / DEGREE_M!r}" lon="10.0"/>'
    waypoints = read_course(gpx(late, early, track(line()))).waypoints
    assert [(w.name, w.distance_m) for w in waypoints] == [("waypoint", 300.0), ("Late", 700.0)]
    assert [w.away_m for w in waypoints] == pytest.approx([0.0, 0.001 * DEGREE_M], abs=0.01)


def test_a_file_without_waypoints_has_none() -> None:
    assert read_course(gpx(track(line()))).waypoints == ()


# --- what is repaired, and said ----------------------------------------------------------------------------------
def test_repeated_points_are_left_out() -> None:
    points = line()
    course = read_course(gpx(track(points[:10] + [points[9]] * 3 + points[10:])))
    assert course.repairs == ("3 points at the same place as the one before left out",)
    assert course.length_km == 1.0


def test_the_same_place_later_on_is_no_repetition() -> None:
    there = line(600.0)
    course = read_course(gpx(track(there + there[-2::-1])))
    assert (course.length_km, course.repairs) == (1.2, ())


def test_a_gap_is_bridged_and_said() -> None:
    points = [*line(600.0), north(1_000.0), north(1_020.0)]
    course = read_course(gpx(track(points)))
    assert course.length_km == pytest.approx(1.02)
    assert course.repairs == ("1 gap of up to 400 m bridged in a straight line",)
    assert read_course(gpx(track(points)), config=CourseConfig(max_gap_m=401.0)).repairs == ()


def with_lost(lost: int, value: float | None) -> list[Point]:
    """100 points, 10 m apart on a slope of 10%, `lost` of them without a good elevation."""
    points = [north(m, 100.0 + m / 10) for m in np.arange(100) * 10.0]
    for i in range(lost):
        points[i + 20] = north((i + 20) * 10.0, value)
    return points


@pytest.mark.parametrize("value", [None, 0.0])
def test_lost_elevation_is_interpolated_between_its_neighbours(value: float | None) -> None:
    course = read_course(gpx(track(with_lost(40, value))))
    assert course.repairs == ("elevation interpolated at 40 of 100 points",)
    np.testing.assert_allclose(course.recorded[c.ALTITUDE], 100.0 + course.table[c.DISTANCE] / 10, atol=1e-9)


@pytest.mark.parametrize("value", [None, 0.0])
def test_too_much_lost_elevation_is_refused(value: float | None) -> None:
    error = refusal(gpx(track(with_lost(41, value))))
    assert (error.found, error.expected) == ("no elevation at 41% of the points", "at most 40%")


def test_zeros_by_the_sea_are_elevations() -> None:
    beach = [north(m, max(0.0, (m - 500.0) / 20)) for m in np.arange(0, 1001, 10.0)]
    course = read_course(gpx(track(beach)))
    assert course.repairs == ()
    assert course.recorded[c.ALTITUDE].iloc[:100].max() == pytest.approx(0.0, abs=1e-9)


def test_no_elevation_is_refused_with_what_to_do() -> None:
    error = refusal(gpx(track(line(ele=None))))
    assert error.found == "no elevation at any point"
    assert "Export the course with elevation" in error.remedy


def test_elevation_zero_everywhere_is_refused() -> None:
    assert refusal(gpx(track(line(ele=0.0)))).found == "elevation 0 at every point"


def test_an_impossible_elevation_is_refused() -> None:
    points = line()
    points[7] = north(140.0, -12_000.0)
    assert refusal(gpx(track(points))).found == "an elevation of -12000 m"


def test_a_spike_and_a_cliff_are_said() -> None:
    # Points every 5 m, as only those can make a spike narrower than 55 m but of full height.
    spike = [north(m, 400.0 if m == 300 else 200.0) for m in np.arange(0, 1001, 5.0)]
    assert read_course(gpx(track(spike))).repairs == ("spikes of more than 20 m in the altitude removed along 5 m",)
    cliff = [north(m, 400.0 if m > 300 else 200.0) for m in np.arange(0, 1001, 5.0)]
    (said,) = read_course(gpx(track(cliff))).repairs
    assert said.startswith("slopes of more than 60% cut along ")


# --- hostile and broken files ------------------------------------------------------------------------------------
def test_a_doctype_is_refused() -> None:
    bomb = '<!DOCTYPE gpx [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    assert "document type" in refusal(gpx(track(line()), head=bomb)).found


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04", b"<gpx", b"<html></html>", gpx(track(line()))[:-40], gpx('<trk><trkseg><trkpt lat="a"/>')],
)
def test_what_is_no_gpx_is_refused(content: bytes) -> None:
    refusal(content)


@pytest.mark.parametrize("place", [("95.0", "10"), ("nan", "10"), ("0", "inf"), ("0", "361"), ("-1e300", "10")])
def test_places_that_are_not_on_earth_are_refused(place: tuple[str, str]) -> None:
    odd = f'<trk><trkseg>{points_xml(line(), "trkpt")}<trkpt lat="{place[0]}" lon="{place[1]}"><ele>1</ele></trkpt>'
    assert refusal(gpx(odd + "</trkseg></trk>")).found.startswith("a point at latitude ")


@pytest.mark.parametrize("elevation", ["inf", "-inf", "1e300"])
def test_an_infinite_elevation_is_refused(elevation: str) -> None:
    odd = gpx(track(line())).replace(b"<ele>100.0</ele>", f"<ele>{elevation}</ele>".encode(), 1)
    refusal(odd)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 400))
def test_damaged_files_are_read_or_refused_and_nothing_else(noise: bytes, at: int) -> None:
    whole = gpx(track(line(600.0)))
    for content in (noise, whole[:at] + noise + whole[at:]):
        try:
            assert isinstance(read_course(content), Course)
        except InputError as error:
            assert str(error)


def test_a_missing_file_and_a_large_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        load_course(tmp_path / "none.gpx")
    path = tmp_path / "big.gpx"
    path.write_bytes(gpx(track(line())))
    assert load_course(path).name == "big"
    with pytest.raises(InputError, match="100 at most"):
        load_course(path, max_bytes=100)


@pytest.mark.parametrize(
    "values", [{"min_km": 0.0}, {"min_km": 5.0, "max_km": 4.0}, {"max_missing_elevation": 1.0}, {"max_gap_m": 0.0}]
)
def test_limits_that_make_no_sense_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(InputError):
        CourseConfig(**values)


# --- real files: (km, climb in m, number of repairs), or how the refusal begins --------------------------------------
NO_TRACK = "no points, but no track or route"
NO_ELEVATION = "no elevation at any point"
OUTCOMES: dict[str, tuple[float, int, int] | str] = {
    "Trail365/ExtendedRult-HD.gpx": (25.02, 884, 2),
    "Trail365/MultiFile3Sample.gpx": (43.54, 1679, 3),
    "Trail365/kieneck.gpx": (31.24, 1985, 0),
    "Trail365/shared-route.gpx": (37.45, 1374, 0),
    "Trail365/sky.gpx": (44.27, 2959, 2),
    "Trail365/wut.gpx": (42.17, 1468, 2),
    "gpx-data-analysis/RouteBstd.gpx": NO_ELEVATION,
    "gpxpy/Mojstrovka.gpx": (2.69, 425, 2),
    "gpxpy/around-visnjan-with-car.gpx": (2.73, 47, 1),
    "gpxpy/cerknicko-jezero-no-creator.gpx": (13.66, 173, 4),
    "gpxpy/cerknicko-jezero-with-elevations-zero.gpx": "elevation 0 at every point",
    "gpxpy/cerknicko-jezero-without-elevations.gpx": NO_ELEVATION,
    "gpxpy/cerknicko-jezero.gpx": (13.66, 173, 4),
    "gpxpy/cerknicko-without-times.gpx": (13.66, 173, 4),
    "gpxpy/custom_schema_locations.gpx": NO_TRACK,
    "gpxpy/default_schema_locations.gpx": NO_TRACK,
    "gpxpy/first_and_last_elevation.gpx": "no elevation at 89% of the points",
    "gpxpy/gpx-with-node-with-comments.gpx": NO_TRACK,
    "gpxpy/gpx1.0_with_all_fields.gpx": "a course of 622.12 km",
    "gpxpy/gpx1.1_with_all_fields.gpx": "a course of 622.12 km",
    "gpxpy/gpx1.1_with_extensions.gpx": "1 waypoints, but no track or route",
    "gpxpy/gpx1.1_with_extensions_without_namespaces.gpx": "1 waypoints, but no track or route",
    "gpxpy/gpx_with_garmin_extension.gpx": "1 waypoints, but no track or route",
    "gpxpy/korita-zbevnica.gpx": (27.61, 704, 4),
    "gpxpy/route.gpx": NO_ELEVATION,
    "gpxpy/track-with-empty-segment.gpx": "a course of 0.09 km",
    "gpxpy/track-with-extremes.gpx": (2.20, 30, 0),
    "gpxpy/track-with-less-sec-time.gpx": "a course of 0.00 km",
    "gpxpy/track-with-small-floats.gpx": (9.46, 2, 2),
    "gpxpy/track_with_dilution_errors.gpx": "1 waypoints, but no track or route",
    "gpxpy/track_with_speed.gpx": "a course of 0.02 km",
    "gpxpy/unicode.gpx": "6 waypoints, but no track or route",
    "gpxpy/unicode2.gpx": NO_TRACK,
    "gpxpy/unicode_with_bom.gpx": "1 waypoints, but no track or route",
    "gpxpy/unicode_with_bom_noencoding.gpx": "1 waypoints, but no track or route",
    "running-routes/allermuir-hill-race.gpx": NO_ELEVATION,
    "running-routes/bob-graham-round-waypoints.gpx": "52 waypoints, but no track or route",
    "running-routes/bob-graham-round.gpx": NO_ELEVATION,
    "running-routes/manchester-marathon-2026.gpx": (42.23, 137, 1),
    "trail-running-predictor/Berkeley-50K.gpx": (49.05, 1992, 2),
    "trail-running-predictor/lake-sonoma-55k.gpx": (51.48, 1907, 0),
    "trail-running-predictor/shasta.gpx": (19.02, 2289, 0),
}


def test_every_real_course_has_a_known_outcome(shared_data: Path) -> None:
    folder = shared_data / "courses"
    assert {str(path.relative_to(folder)) for path in folder.rglob("*.gpx")} == set(OUTCOMES)


@pytest.mark.parametrize("name", OUTCOMES)
def test_a_real_course_is_read_or_refused(shared_data: Path, name: str) -> None:
    path, outcome = shared_data / "courses" / name, OUTCOMES[name]
    if isinstance(outcome, str):
        with pytest.raises(InputError) as raised:
            load_course(path)
        assert raised.value.found == outcome
        assert raised.value.source is not None and raised.value.source.endswith(path.name)
        return
    course = load_course(path)
    assert (round(course.length_km, 2), round(course.climb_m), len(course.repairs)) == outcome
    assert np.isfinite(course.table.to_numpy()).all()


def test_the_shipped_courses_need_no_repair() -> None:
    paths = sorted((Path(__file__).parents[1] / "data" / "courses").glob("*.gpx"))
    assert len(paths) == 6
    assert [load_course(path).repairs for path in paths] == [()] * 6


# --- sizes -------------------------------------------------------------------------------------------------------
def test_more_points_than_the_limit_are_refused_before_they_are_read() -> None:
    content = gpx(track(line()))
    assert read_course(content, config=CourseConfig(max_points=51)).length_km == 1.0
    assert refusal(content, CourseConfig(max_points=50)).found == "51 points"
    prefixed = content.replace(b"<trkpt", b"<g:trkpt").replace(b"</trkpt", b"</g:trkpt").replace(b"xmlns=", b"xmlns:g=")
    assert refusal(prefixed, CourseConfig(max_points=50)).found == "51 points"


def test_more_waypoints_than_the_limit_are_refused() -> None:
    places = ['<wpt lat="0" lon="10"/>'] * 4
    assert refusal(gpx(*places, track(line())), CourseConfig(max_waypoints=3)).found == "4 waypoints"


def test_elements_nested_without_end_are_refused() -> None:
    deep = "<extensions>" + "<a>" * 5_000 + "</a>" * 5_000 + "</extensions>"
    assert "nested" in refusal(gpx(track(line()), deep)).found


@pytest.mark.parametrize("limits", [{"max_points": 1}, {"max_waypoints": -1}])
def test_limits_that_admit_nothing_are_refused(limits: dict[str, int]) -> None:
    with pytest.raises(InputError, match="points or more"):
        CourseConfig(**limits)

"""Courses made by hand, and real ones, are read, repaired or refused."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lib.core import schema as c
from lib.core.errors import InputError
from lib.core.geodesy import EARTH_RADIUS_M, haversine_m
from lib.course.course import Course, CourseConfig, laps_of, load_course, read_course
from lib.course.terrain_features import course_columns, course_table
from tests.support.gpx_files import DEGREE_M, gpx, line, north, points_xml, track


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
    assert course_table(course.table[c.ALTITUDE].to_numpy())[c.CLIMB].iloc[-1] < 0.9 * course.columns[c.CLIMB][-1]


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
def test_a_file_without_names_gives_its_own() -> None:
    assert read_course(gpx(track(line())), "folder/loop.gpx").name == "loop"
    assert read_course(gpx("<metadata><name>Meta</name></metadata>", track(line()))).name == "Meta"


def test_several_tracks_of_different_names_have_that_of_the_whole() -> None:
    first, second = line(600.0), [north(m) for m in np.arange(620.0, 1201, 20.0)]
    legs = (track(first, "One"), track(second, "Two"))
    assert read_course(gpx("<metadata><name>Both</name></metadata>", *legs)).name == "Both"
    course = read_course(gpx(*legs), "both.gpx")
    assert (course.name, course.length_km) == ("both", 1.2)
    assert course.repairs == ("2 tracks joined in the order of the file",)


def test_a_course_may_be_called_otherwise() -> None:
    course = read_course(gpx(track(line(), "Move")))
    assert course.called("The\nrace ").name == "The race"
    assert course.called(" ") is course
    assert len(course.called("x" * 500).name) <= 120


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


def test_names_are_one_printable_line_of_some_length() -> None:
    course = read_course(
        gpx(track(line(), "Big\n  \u202eround " + "x" * 200), '<wpt lat="0" lon="10"><name>\t</name></wpt>')
    )
    assert course.name.startswith("Big round xxx") and len(course.name) == 120 and course.name.endswith("…")
    assert course.waypoints[0].name == "waypoint"


@pytest.mark.parametrize(
    ("inside", "kind", "description"),
    [
        ("", "", ""),
        ("<type>Aid station</type><sym>Flag</sym><desc>Soup</desc><cmt>old</cmt>", "Aid station", "Soup"),
        ("<sym>Drinking Water</sym><cmt>behind\nthe hut</cmt>", "Drinking Water", "behind the hut"),
        ("<type> \t </type><sym>Summit</sym><desc></desc><cmt>view</cmt>", "Summit", "view"),
        (f"<type>{'t' * 100}</type><desc>{'d' * 900}</desc>", "t" * 59 + "…", "d" * 499 + "…"),
    ],
)
def test_a_waypoint_says_what_it_is(inside: str, kind: str, description: str) -> None:
    (place,) = read_course(gpx(f'<wpt lat="0.001" lon="10.0"><name>W</name>{inside}</wpt>', track(line()))).waypoints
    assert (place.name, place.kind, place.description) == ("W", kind, description)


def test_a_waypoint_that_is_not_on_earth_is_left_out_and_that_is_said() -> None:
    odd = '<wpt lat="nan" lon="10"/><wpt lat="0" lon="400"/><wpt lat="0" lon="10"><name>Here</name></wpt>'
    course = read_course(gpx(odd, track(line())))
    assert [place.name for place in course.waypoints] == ["Here"]
    assert course.repairs == ("2 waypoints beyond ±90 or ±180 degrees left out",)


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


def test_lost_elevation_is_said_and_its_limit_can_be_set() -> None:
    points = [north(m, None if 200 <= m < 600 else 100.0 + m / 10) for m in np.arange(100) * 10.0]
    course = read_course(gpx(track(points)))
    assert course.repairs == ("elevation interpolated at 40 of 100 points",)
    np.testing.assert_allclose(course.recorded[c.ALTITUDE], 100.0 + course.table[c.DISTANCE] / 10, atol=1e-9)
    error = refusal(gpx(track(points)), CourseConfig(max_missing_elevation=0.39))
    assert (error.found, error.expected) == ("no elevation at 40% of the points", "at most 39%")


@pytest.mark.parametrize("void", [-32_768.0, -9_999.0, -12_000.0, 9_999.0, 1e300])
def test_a_void_of_an_elevation_model_is_filled_in_and_that_is_said(void: float) -> None:
    points = [north(m, 100.0 + m / 10) for m in np.arange(0.0, 1_001.0, 20.0)]
    points[7] = north(140.0, void)
    course = read_course(gpx(track(points)))
    assert course.repairs == ("1 elevation that cannot be left out", "elevation interpolated at 1 of 51 points")
    np.testing.assert_allclose(course.recorded_m, 100.0 + course.columns[c.DISTANCE] / 10, atol=1e-6)


def test_times_do_not_matter_not_even_when_they_run_backwards() -> None:
    plain = gpx(track(line()))
    clocks = iter(f"</ele><time>2024-05-01T10:{59 - i:02d}:00Z</time>".encode() for i in range(51))
    timed = b"".join(part + next(clocks, b"") for part in plain.split(b"</ele>"))
    assert timed.count(b"<time>") == 51
    for content in (timed, plain.replace(b"</ele>", b"</ele><time>yesterday</time>")):
        course = read_course(content)
        assert (course.length_km, course.repairs) == (1.0, ())


def test_a_spike_and_a_cliff_are_said() -> None:
    # Points every 5 m, as only those can make a spike narrower than 55 m but of full height.
    spike = [north(m, 400.0 if m == 300 else 200.0) for m in np.arange(0, 1001, 5.0)]
    assert read_course(gpx(track(spike))).repairs == ("spikes of more than 20 m in the altitude removed along 5 m",)
    cliff = [north(m, 400.0 if m > 300 else 200.0) for m in np.arange(0, 1001, 5.0)]
    (said,) = read_course(gpx(track(cliff))).repairs
    assert said.startswith("slopes of more than 60% cut along ")


def test_a_position_far_off_is_said_as_gaps() -> None:
    points = line()
    points[25] = (points[25][0] + 0.05, points[25][1], points[25][2])  # 5.6 km away and back
    (said,) = read_course(gpx(track(points))).repairs
    assert said.startswith("2 gaps of up to 55") and said.endswith("m bridged in a straight line")


# --- ascent ------------------------------------------------------------------------------------------------------
def test_ascent_and_descent_are_counted_and_the_network_sees_what_it_did() -> None:
    noisy = np.random.default_rng(4).normal(300.0, 1.0, 2_001)
    course = read_course(gpx(track([north(m, ele) for m, ele in zip(np.arange(2_001) * 5.0, noisy, strict=True)])))
    assert (course.climb_m, course.descent_m) == (0.0, 0.0)
    assert course.columns[c.CLIMB][-1] > 20.0
    again = course_columns(course.recorded_m)
    np.testing.assert_array_equal(course.columns[c.CLIMB_DONE], again[c.CLIMB] / 1000.0)


def test_what_is_counted_stands_at_its_steps() -> None:
    up_down = [north(m, 100.0 + min(m, 2_000.0 - m) / 10) for m in np.arange(0.0, 2_001.0, 10.0)]
    course = read_course(gpx(track(up_down)))
    assert course.counted.ascent_m.shape == course.counted.descent_m.shape == (400,)
    assert course.counted.ascent_m[99] == pytest.approx(49.5)  # from the end of the first step
    assert course.counted.descent_m[99] == 0.0
    assert course.climb_m == pytest.approx(99.5, abs=2.0) and course.descent_m == pytest.approx(100.0, abs=2.0)


# --- a model of the elevation ------------------------------------------------------------------------------------
def terrain(lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
    """Hills of some kilometres, 100 to 900 m."""
    return 500.0 + 400.0 * np.sin(lat * 150.0) * np.cos(lon * 90.0)


def write_terrain(folder: Path, west: int = 4) -> Path:
    """`terrain` as an SRTM tile: 54 to 55° N, and a degree of longitude from so many degrees west."""
    lat, lon = np.meshgrid(np.linspace(55.0, 54.0, 1201), np.linspace(-west, 1.0 - west, 1201), indexing="ij")
    path = folder / f"N54W{west:03d}.hgt"
    path.write_bytes(np.rint(terrain(lat, lon)).astype(">i2").tobytes())
    return path


def test_a_model_gives_a_course_without_elevation_its_own(tmp_path: Path) -> None:
    path = write_terrain(tmp_path)
    content = gpx(track([(float(54.2 + m / DEGREE_M), -3.5, None) for m in np.arange(0.0, 5_001.0, 20.0)]))
    course = read_course(content, elevation_model=path)
    expected = terrain(course.columns[c.LATITUDE], course.columns[c.LONGITUDE])
    np.testing.assert_allclose(course.recorded_m, expected, atol=1.5)  # of cells of some 90 m in whole metres
    assert course.repairs == ("elevation at 251 of 251 points from N54W004.hgt: the file has none",)
    saved = tmp_path / "c.gpx"
    saved.write_bytes(content)
    np.testing.assert_array_equal(load_course(saved, elevation_model=tmp_path).recorded_m, course.recorded_m)


def test_a_model_is_not_read_where_the_file_has_elevation(tmp_path: Path) -> None:
    content = gpx(track(line()))
    (tmp_path / "no model.tif").write_text("not read")
    course = read_course(content, elevation_model=tmp_path / "no model.tif")
    np.testing.assert_array_equal(course.recorded_m, read_course(content).recorded_m)


@pytest.mark.parametrize("ele", [None, 300.0])
def test_a_model_that_does_not_exist_is_refused_even_if_it_is_not_needed(tmp_path: Path, ele: float | None) -> None:
    with pytest.raises(InputError, match=r"No such file: .*dem\.tif"):
        read_course(gpx(track(line(ele=ele))), elevation_model=tmp_path / "dem.tif")


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


def test_undeclared_prefixes_are_no_obstacle() -> None:
    plain = gpx(track(line()))
    hr = b"</ele><extensions><gpxtpx:Ext at:x='1'><gpxtpx:hr>99</gpxtpx:hr></gpxtpx:Ext></extensions>"
    for content in (plain.replace(b"</ele>", hr), plain.replace(b"<gpx ", b"<gpx xsi:schemaLocation='a b' ")):
        assert read_course(content).length_km == 1.0


def test_elements_may_have_a_prefix() -> None:
    prefixed = re.sub(rb"(</?)(gpx|trk|trkseg|trkpt|ele|name)\b", rb"\1g:\2", gpx(track(line(), "P")))
    course = read_course(prefixed.replace(b"xmlns=", b"xmlns:g="))
    assert (course.name, course.length_km, course.repairs) == ("P", 1.0, ())


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_byte_order_marks_are_no_obstacle(encoding: str) -> None:
    text = gpx(track(line(), "Über")).decode().replace("UTF-8", encoding[:6].rstrip("-"))
    assert read_course(text.encode(encoding)).name == "Über"


@pytest.mark.parametrize("place", [("95.0", "10"), ("nan", "10"), ("0", "inf"), ("0", "361"), ("-1e300", "10")])
def test_places_that_are_not_on_earth_are_refused(place: tuple[str, str]) -> None:
    odd = f'<trk><trkseg>{points_xml(line(), "trkpt")}<trkpt lat="{place[0]}" lon="{place[1]}"><ele>1</ele></trkpt>'
    assert refusal(gpx(odd + "</trkseg></trk>")).found.startswith("a point at latitude ")


@pytest.mark.parametrize("elevation", ["inf", "-inf", "1e300"])
def test_an_infinite_elevation_is_left_out_and_that_is_said(elevation: str) -> None:
    odd = gpx(track(line())).replace(b"<ele>100.0</ele>", f"<ele>{elevation}</ele>".encode(), 1)
    course = read_course(odd)
    assert course.repairs[0] == "1 elevation that cannot be left out" and (course.recorded_m == 100.0).all()


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
    with pytest.raises(InputError, match="No such file"):
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


# --- real files: (km, ascent in m, number of repairs), or how the refusal begins -------------------------------------
NO_TRACK = "no points, but no track or route"
NO_ELEVATION = "no elevation at any point"
Outcome = tuple[float, int, int] | str

OUTCOMES: dict[str, Outcome] = {
    "Trail365/ExtendedRult-HD.gpx": (25.02, 868, 2),
    "Trail365/MultiFile3Sample.gpx": (18.32, 882, 2),
    "Trail365/kieneck.gpx": (31.24, 1948, 0),
    "Trail365/shared-route.gpx": (37.45, 1353, 0),
    "Trail365/sky.gpx": (44.27, 2945, 2),
    "Trail365/wut.gpx": (42.17, 1430, 2),
    "gpx-data-analysis/RouteBstd.gpx": NO_ELEVATION,
    "gpxpy/Mojstrovka.gpx": (2.69, 422, 2),
    "gpxpy/around-visnjan-with-car.gpx": (2.73, 44, 1),
    "gpxpy/cerknicko-jezero-no-creator.gpx": (13.66, 162, 4),
    "gpxpy/cerknicko-jezero-with-elevations-zero.gpx": "elevation 0 at every point",
    "gpxpy/cerknicko-jezero-without-elevations.gpx": NO_ELEVATION,
    "gpxpy/cerknicko-jezero.gpx": (13.66, 162, 4),
    "gpxpy/cerknicko-without-times.gpx": (13.66, 162, 4),
    "gpxpy/custom_schema_locations.gpx": NO_TRACK,
    "gpxpy/default_schema_locations.gpx": NO_TRACK,
    "gpxpy/first_and_last_elevation.gpx": "no elevation at 89% of the points",
    "gpxpy/gpx-with-node-with-comments.gpx": NO_TRACK,
    "gpxpy/gpx1.0_with_all_fields.gpx": "no elevation at 80% of the points",
    "gpxpy/gpx1.1_with_all_fields.gpx": "no elevation at 80% of the points",
    "gpxpy/gpx1.1_with_extensions.gpx": "1 waypoints, but no track or route",
    "gpxpy/gpx1.1_with_extensions_without_namespaces.gpx": "1 waypoints, but no track or route",
    "gpxpy/gpx_with_garmin_extension.gpx": "1 waypoints, but no track or route",
    "gpxpy/korita-zbevnica.gpx": (27.61, 689, 4),
    "gpxpy/route.gpx": NO_ELEVATION,
    "gpxpy/track-with-empty-segment.gpx": "a course of 0.09 km",
    "gpxpy/track-with-extremes.gpx": (2.20, 28, 0),
    "gpxpy/track-with-less-sec-time.gpx": "a course of 0.00 km",
    "gpxpy/track-with-small-floats.gpx": (9.46, 0, 2),
    "gpxpy/track_with_dilution_errors.gpx": "1 waypoints, but no track or route",
    "gpxpy/track_with_speed.gpx": "a course of 0.02 km",
    "gpxpy/unicode.gpx": "6 waypoints, but no track or route",
    "gpxpy/unicode2.gpx": NO_TRACK,
    "gpxpy/unicode_with_bom.gpx": "1 waypoints, but no track or route",
    "gpxpy/unicode_with_bom_noencoding.gpx": "1 waypoints, but no track or route",
    "running-routes/allermuir-hill-race.gpx": NO_ELEVATION,
    "running-routes/bob-graham-round-waypoints.gpx": "52 waypoints, but no track or route",
    "running-routes/bob-graham-round.gpx": NO_ELEVATION,
    "running-routes/manchester-marathon-2026.gpx": (42.23, 93, 1),
    "trail-running-predictor/Berkeley-50K.gpx": (49.05, 1925, 2),
    "trail-running-predictor/lake-sonoma-55k.gpx": (51.48, 1869, 0),
    "trail-running-predictor/shasta.gpx": (19.02, 2289, 0),
}
ACTIVITIES: dict[str, Outcome] = {
    "gpx-data-analysis/Afternoon_Walk_Polar_Watch.gpx": (2.23, 28, 2),
    "gpx-data-analysis/Morning_Run_with_H10.gpx": (13.63, 33, 2),
    "mansfield-double-up/mansfield-double-up-course.gpx": (17.52, 1402, 0),
    "runpandas/gpx/garmin_connect.gpx": "a course of 0.00 km",
    "runpandas/gpx/nike_run.gpx": "no elevation at 60% of the points",
    "runpandas/gpx/run.gpx": (4.80, 43, 0),
    "runpandas/gpx/stopped_example.gpx": (12.60, 18, 1),
    "runpandas/gpx/strava_export.gpx": (12.60, 18, 1),
    "sport-activities-features/broken1.gpx": (27.01, 610, 1),
    "sport-activities-features/broken2.gpx": (33.38, 827, 1),
    "sport-activities-features/broken3.gpx": (33.70, 746, 1),
    "sport-activities-features/broken4.gpx": (33.63, 725, 1),
    "sport-activities-features/broken5.gpx": (19.05, 525, 1),
    "sport-activities-features/test.gpx": (1.17, 0, 2),
    "sweatpy/activity_5039744860.gpx": (0.90, 0, 0),
}
"""Recordings, read as courses."""

TABLES = {"courses": OUTCOMES, "activities": ACTIVITIES}


@pytest.mark.parametrize("table", TABLES)
def test_every_real_course_has_a_known_outcome(shared_data: Path, table: str) -> None:
    folder = shared_data / table
    assert {str(path.relative_to(folder)) for path in folder.rglob("*.gpx")} == set(TABLES[table])


@pytest.mark.parametrize(("table", "name"), [(table, name) for table, names in TABLES.items() for name in names])
def test_a_real_course_is_read_or_refused(shared_data: Path, table: str, name: str) -> None:
    path, outcome = shared_data / table / name, TABLES[table][name]
    if isinstance(outcome, str):
        with pytest.raises(InputError) as raised:
            load_course(path)
        assert raised.value.found == outcome
        assert raised.value.source is not None and raised.value.source.endswith(path.name)
        return
    course = load_course(path)
    assert (round(course.length_km, 2), round(course.climb_m), len(course.repairs)) == outcome
    assert np.isfinite(course.table.to_numpy()).all()
    assert (np.diff(course.counted.ascent_m) >= 0).all() and (np.diff(course.counted.descent_m) >= 0).all()
    assert course.climb_m <= course.columns[c.CLIMB][-1]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Trail365/MultiFile3Sample.gpx", "3 tracks begin at the same place and are taken for alternatives: only the "),
        ("gpxpy/cerknicko-jezero.gpx", "7 tracks joined in the order of the file, from one to the next up to 5.3 km"),
        ("gpxpy/korita-zbevnica.gpx", "3 tracks joined in the order of the file, from one to the next up to 12.7 km"),
        ("trail-running-predictor/Berkeley-50K.gpx", "1 gap of up to 635 m bridged in a straight line"),
        ("Trail365/wut.gpx", "elevation interpolated at 439 of 1619 points"),
    ],
)
def test_what_is_odd_about_a_real_course_is_said(shared_data: Path, name: str, said: str) -> None:
    assert any(repair.startswith(said) for repair in load_course(shared_data / "courses" / name).repairs)


def test_the_legs_of_a_round_and_a_model_make_a_course(shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "courses/running-routes/bob-graham-round.gpx"
    tiles = tmp_path / "tiles"
    tiles.mkdir()
    for west in (3, 4):
        write_terrain(tiles, west)
    course = load_course(path, elevation_model=tiles)
    assert course.length_km == pytest.approx(101.0, abs=0.1)
    # To whole metres, between the values of a grid of some 90 m; and straight over 4 gaps of up to 349 m.
    off_m = np.abs(course.recorded_m - terrain(course.columns[c.LATITUDE], course.columns[c.LONGITUDE]))
    assert np.quantile(off_m, 0.9) < 1.0 and off_m.max() < 6.0
    assert course.name == "bob-graham-round"
    assert course.repairs[0] == "5 tracks joined in the order of the file"
    assert course.repairs[-1] == "elevation at 5923 of 5923 points from tiles: the file has none"
    assert course.climb_m > 1_000.0
    assert len(course.waypoints) == 52 and {place.kind for place in course.waypoints} == {"Summit", "Flag"}


def test_the_shipped_courses_need_no_repair() -> None:
    paths = sorted((Path(__file__).parents[2] / "data" / "courses").glob("*.gpx"))
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


# --- laps --------------------------------------------------------------------------------------------------------
def square(gap_m: float = 0.0) -> bytes:
    """A loop of 2 km with a hill, whose end lies `gap_m` before its start."""
    along = np.arange(0.0, 2000.1 - gap_m, 10.0)
    side = along % 500.0
    x = np.select([along < 500, along < 1000, along < 1500], [0.0 * side, side, 500.0 + 0.0 * side], 500.0 - side)
    y = np.select([along < 500, along < 1000, along < 1500], [side, 500.0 + 0.0 * side, 500.0 - side], 0.0 * side)
    x, y = np.where(along == 2000.0, 0.0, x), np.where(along == 2000.0, 0.0, y)
    points = "".join(
        f'<trkpt lat="{b / DEGREE_M:.8f}" lon="{a / DEGREE_M:.8f}"><ele>{100 + 40 * np.sin(np.pi * m / 2000) ** 2:.3f}'
        "</ele></trkpt>"
        for a, b, m in zip(x.tolist(), y.tolist(), along.tolist(), strict=True)
    )
    return gpx(f"<trk><name>Loop</name><trkseg>{points}</trkseg></trk>")


@pytest.mark.parametrize("gap_m", [0.0, 40.0])
def test_a_loop_is_run_several_times(gap_m: float) -> None:
    once, thrice = read_course(square(gap_m)), read_course(square(gap_m), laps=3)
    assert thrice.laps == 3 and once.laps == 1 and not thrice.repairs
    assert thrice.length_km == pytest.approx(3 * once.length_km + 2 * gap_m / 1000.0, abs=0.011)
    assert thrice.climb_m == pytest.approx(3 * once.climb_m, rel=0.02)
    assert once.lap_gap_m == 0.0 and thrice.lap_gap_m == pytest.approx(gap_m, abs=0.01)
    again = thrice.recorded_m[thrice.steps // 3 :][: once.steps]
    np.testing.assert_allclose(again[:350], once.recorded_m[:350], atol=2.0)


def test_what_is_no_loop_has_no_laps() -> None:
    with pytest.raises(InputError, match=r"2 laps of a course whose end lies 1,000 m from its start"):
        read_course(gpx(track(line(1_000.0))), laps=2)
    for laps in (0, 201):
        with pytest.raises(InputError, match="1 to 200"):
            read_course(square(), laps=laps)
    assert [laps_of(text) for text in ("", " 3 ")] == [1, 3]
    with pytest.raises(InputError, match="a whole number"):
        laps_of("two")

"""Plots of a race plan: maps true to shape, chances and aid stations in place."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from lib.core import schema as c
from lib.core.geodesy import EARTH_RADIUS_M, haversine_m, plane_m
from lib.plan.goal import Goal
from lib.plan.moving_plan import plan_from
from lib.plan.race_plan import RacePlan
from lib.race.config import RaceConfig
from lib.race.stations import Station
from lib.report.chances import finish_chances, round_times_s
from lib.report.notes import percent
from tests.support.plans import BAND, DEGREE_M, make_prediction
from tests.support.races import UNHURRIED, known_bundle, placed, race_of
from utils.plots.axes import MOST_POINTS, SLOPES, VERMILLION
from utils.plots.race_plots import plot_chance, plot_map, race_figure, station_marks

TURN = np.linspace(0.0, 2 * np.pi, 1_001)[1:]


@pytest.fixture(autouse=True)
def no_screen() -> Iterator[None]:
    plt.switch_backend("Agg")
    yield
    plt.close("all")


def race_through(lat: np.ndarray, lon: np.ndarray, *stations: Station, altitude_m: object = 100.0) -> RacePlan:
    altitude = np.broadcast_to(np.asarray(altitude_m, dtype=np.float64), lat.shape)
    plan = plan_from(placed(altitude, lat, lon), make_prediction(np.full(lat.size, 2.0)), BAND)
    return race_of(plan, replace(UNHURRIED, stations=stations))


def round_at(lat: float, lon: float, radius_m: float = 5_000.0 / (2 * np.pi)) -> tuple[np.ndarray, np.ndarray]:
    """A round of 5 km from the east over the north; near a pole in degrees that no map without care can draw."""
    pole = np.radians(90.0 - lat)
    east, north = radius_m * np.cos(TURN) / EARTH_RADIUS_M, radius_m * np.sin(TURN) / EARTH_RADIUS_M
    x, y, z = -np.sin(north), east, np.cos(north)  # about the pole, then tilted to the latitude
    x, z = x * np.cos(pole) + z * np.sin(pole), z * np.cos(pole) - x * np.sin(pole)
    found = np.degrees(np.arctan2(z, np.hypot(x, y))), np.degrees(np.arctan2(y, x)) + lon
    return found[0], (found[1] + 180.0) % 360.0 - 180.0


def line_of(*stations: Station, steps: int = 1_000, **more: object) -> RacePlan:
    return race_through(np.zeros(steps), np.arange(1, steps + 1) * 5.0 / DEGREE_M, *stations, **more)  # type: ignore[arg-type]


def drawn(figure: Figure) -> bytes:
    file = BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure.savefig(file, format="png", dpi=40)
    return file.getvalue()


def texts(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


# --- the plane ---------------------------------------------------------------------------------------------------
def test_a_degree_is_as_long_as_it_is_on_the_ground() -> None:
    found = plane_m(np.array([46.0, 46.01, 46.0]), np.array([7.0, 7.0, 7.02]))
    assert found[0].tolist() == [0.0, 0.0]
    assert found[1] == pytest.approx([0.0, haversine_m(46.0, 7.0, 46.01, 7.0)], abs=1.0)
    assert found[2] == pytest.approx([haversine_m(46.0, 7.0, 46.0, 7.02), 0.0], abs=1.0)


@pytest.mark.parametrize(
    ("lat", "lon"), [(0, 0), (46, 7), (-17, 180), (65, -179.99), (89.99, 40), (90, 0), (-90, 120), (-89.9, 180)]
)
def test_a_round_is_one_wherever_it_is(lat: float, lon: float) -> None:
    places = plane_m(*round_at(lat, lon))
    middle = (places.max(axis=0) + places.min(axis=0)) / 2
    radii = np.hypot(*(places - middle).T)
    assert radii == pytest.approx(np.full(1_000, 5_000 / (2 * np.pi)), rel=0.01)
    steps_m = np.hypot(*np.diff(places, axis=0).T)
    assert steps_m == pytest.approx(np.full(999, 5.0), rel=0.02)


def test_east_is_right_and_north_is_up_across_the_antimeridian() -> None:
    places = plane_m(np.array([-17.0, -16.99]), np.array([179.99, -179.99]))
    assert places[1, 0] == pytest.approx(0.02 * DEGREE_M * np.cos(np.radians(17)), rel=0.01)
    assert places[1, 1] == pytest.approx(0.01 * DEGREE_M, rel=0.01)


# --- the map -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("lat", "lon"), [(46, 7), (-17, 180), (89.99, 40), (-90, 0)])
def test_a_map_is_drawn_wherever_it_is(lat: float, lon: float) -> None:
    ax = plot_map(race_through(*round_at(lat, lon), Station("Hut", 2_500.0)))
    assert drawn(ax.figure)  # type: ignore[arg-type]
    assert ax.get_aspect() == 1.0
    assert {"start, finish", "Hut", "N", "200 m", "1", "2", "3", "4"} <= set(texts(ax))


def test_the_map_goes_on_the_axes_that_are_given() -> None:
    _, ax = plt.subplots()
    assert plot_map(line_of(), ax=ax) is ax


def test_the_course_is_coloured_by_its_slope() -> None:
    """500 m on the flat, then up at 10%."""
    altitude_m = 100.0 + np.maximum(np.arange(400) - 100, 0) * 0.5
    ax = plot_map(line_of(steps=400, altitude_m=altitude_m))
    lengths = {}
    for part in ax.collections:
        assert isinstance(part, LineCollection)
        length_m = sum(np.hypot(*np.diff(line, axis=0).T).sum() for line in part.get_segments())
        lengths[tuple(part.get_edgecolor()[0])] = length_m
    flat, gentle = (to_rgba(SLOPES[i][2]) for i in (2, 3))
    assert lengths[flat] == pytest.approx(500.0, abs=60.0) and lengths[gentle] == pytest.approx(1_500.0, abs=60.0)


def test_a_course_of_one_slope_has_one_colour_and_no_gap() -> None:
    ax = plot_map(line_of())
    (line,) = [line for part in ax.collections for line in part.get_segments()]  # type: ignore[attr-defined]
    assert np.hypot(*np.diff(line, axis=0).T).sum() == pytest.approx(4_995.0, abs=1.0)


def test_a_long_course_is_drawn_with_fewer_points_from_start_to_finish() -> None:
    steps = 20_000
    ax = plot_map(line_of(steps=steps))
    x = np.asarray(ax.get_lines()[0].get_xdata())
    assert x.size <= MOST_POINTS + 1 and x[-1] - x[0] == pytest.approx((steps - 1) * 5.0, rel=1e-3)
    assert drawn(ax.figure)  # type: ignore[arg-type]


def test_kilometres_are_marked_a_dozen_at_most_and_not_under_names() -> None:
    ax = plot_map(line_of(Station("Hut", 3_000.0), steps=2_000))
    marks = [text for text in texts(ax) if text.isdigit()]
    assert marks == ["1", "2", "4", "5", "6", "7", "8", "9"]
    far = [text for text in texts(plot_map(line_of(steps=20_000))) if text.isdigit()]
    assert far == ["10", "20", "30", "40", "50", "60", "70", "80", "90"]


def test_start_and_finish_have_names_of_their_own_if_they_are_apart() -> None:
    assert {"start", "finish"} <= set(texts(plot_map(line_of())))
    names = texts(plot_map(race_through(*round_at(46, 7))))
    assert "start, finish" in names and "finish" not in names


def test_names_are_text_short_and_within_the_map() -> None:
    names = ["$\\frac{", "A very long name of a place somewhere", "<b>x</b>"]
    stations = [Station(name, 1_000.0 + 1_250.0 * i) for i, name in enumerate(names)]
    ax = plot_map(race_through(*round_at(46, 7), *stations))
    shown = {text.get_text(): text for text in ax.texts}
    assert {"$\\frac{", "A very long name …", "<b>x</b>"} <= set(shown)
    assert drawn(ax.figure)  # type: ignore[arg-type]
    frame = ax.figure.bbox
    for name, text in shown.items():
        box = text.get_window_extent()
        assert frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 and box.y1 <= frame.y1, name


def test_of_crowded_stations_all_are_marked_and_some_named() -> None:
    ax = plot_map(line_of(*(Station(f"S{i}", 1_000.0 + 50.0 * i) for i in range(20))))
    named = [text for text in texts(ax) if text.startswith("S")]
    assert 1 < len(named) < 8
    assert sum(line.get_marker() == "D" for line in ax.get_lines()) == 20


@pytest.mark.parametrize("steps", [2, 100])
def test_a_very_short_course_is_drawn(steps: int) -> None:
    assert drawn(plot_map(line_of(steps=steps)).figure)  # type: ignore[arg-type]


def test_a_course_that_stays_where_it_is_is_drawn() -> None:
    assert drawn(plot_map(race_through(np.full(200, 46.0), np.full(200, 7.0))).figure)  # type: ignore[arg-type]


# --- chances -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("low_s", "high_s", "expected"),
    [
        (3_500.0, 4_300.0, [3_600, 3_900, 4_200]),
        (7_000.0, 9_000.0, [7_200, 7_800, 8_400, 9_000]),
        (50_000.0, 90_000.0, [50_400, 57_600, 64_800, 72_000, 79_200, 86_400]),
        (100.0, 100.5, []),
        (1e5, 9e5, [172_800, 259_200, 345_600, 432_000, 518_400, 604_800, 691_200, 777_600, 864_000]),
    ],
)
def test_round_times_are_few_and_round(low_s: float, high_s: float, expected: list[float]) -> None:
    assert round_times_s(low_s, high_s) == pytest.approx(expected)


def test_chances_are_those_of_the_race_at_round_times() -> None:
    race = line_of(steps=4_000)
    found = finish_chances(race)
    assert 3 <= len(found) <= 8
    for seconds, chance in found:
        assert seconds % 60 == 0
        assert chance == race.chance(np.array([seconds]), np.array([3_999]))[0]
    assert found[0][1] < 0.1 < 0.5 < found[-1][1]


def test_a_curve_of_chances_shows_interval_plan_and_goal() -> None:
    race = line_of(steps=4_000)
    race = race_of(race.plan, RaceConfig(), known_bundle())
    ax = plot_chance(replace(race, goal=Goal(9_000.0, math.nan, 0.5, None)))  # asked for on the way
    minutes, chances = (np.asarray(values) for values in ax.get_lines()[0].get_data())
    last = np.full(minutes.size, 3_999)
    np.testing.assert_allclose(chances, race.chance(minutes * 60.0, last))
    assert np.all(np.diff(chances) >= 0)
    low_s, high_s = race.finish_interval_s
    (span,) = ax.patches
    assert [span.get_x() * 60, (span.get_x() + span.get_width()) * 60] == pytest.approx([low_s, high_s])  # type: ignore[attr-defined]
    lines = {line.get_label(): line.get_xdata()[0] * 60 for line in ax.get_lines()}  # type: ignore[index]
    assert lines["this plan"] == pytest.approx(race.finish_s) and lines["goal time"] == pytest.approx(9_000.0)
    assert ax.get_ylim() == (0.0, 1.0) and ax.get_xlabel() == "race time (h:mm)"
    assert ax.xaxis.get_major_formatter()(135.0, 0) == "2:15"
    assert drawn(ax.figure)  # type: ignore[arg-type]


def test_named_times_say_their_chance() -> None:
    race = line_of(steps=4_000)
    ax = plot_chance(race)
    chances = {f"under {int(s // 3600)}:{int(s % 3600 // 60):02d}: {percent(x)}" for s, x in finish_chances(race, 5)}
    assert len(texts(ax)) >= 2 and set(texts(ax)) <= chances


# --- along the course --------------------------------------------------------------------------------------------
def test_stations_on_the_way_are_marked_on_all_four() -> None:
    race = line_of(Station("Square", 0.0), Station("Hut", 2_000.0), Station("Home", 5_000.0))
    marks = station_marks(race)
    assert (marks[c.WAYPOINT].tolist(), marks[c.DISTANCE].tolist()) == (["Hut"], [2_000.0])
    figure = race_figure(race)
    assert [ax.get_xlabel() for ax in figure.axes] == ["", "", "", "distance (km)"]
    assert {ax.get_xlim() for ax in figure.axes} == {(0.0, 5.0)}
    for ax in figure.axes:
        assert [2.0, 2.0] in [list(line.get_xdata()) for line in ax.get_lines()]  # type: ignore[arg-type]
    assert drawn(figure)


def test_what_has_been_run_is_shaded() -> None:
    race = line_of()
    half = race_figure(replace(race, plan=replace(race.plan, done=400)))
    for ax in half.axes:
        assert [patch.get_width() for patch in ax.patches] == pytest.approx([2.0])  # type: ignore[attr-defined]
    assert all(not ax.patches for ax in race_figure(race).axes)


def test_a_heart_rate_that_was_not_measured_is_not_drawn_as_if_it_were() -> None:
    race = line_of()
    measured = {c.HEART_RATE: np.full(400, False), c.CADENCE: np.full(400, True)}
    plan = replace(race.plan, done=400, measured=measured)
    heart_rate, cadence = (ax.get_lines()[0].get_ydata() for ax in race_figure(replace(race, plan=plan)).axes[2:])
    assert np.isnan(heart_rate[:390]).all() and np.isfinite(heart_rate[400:]).all()
    assert np.isfinite(cadence).all()
    nothing = {c.HEART_RATE: np.full(race.course.steps, False)}
    plan = replace(race.plan, done=race.course.steps, measured=nothing)
    ax = race_figure(replace(race, plan=plan)).axes[2]
    assert texts(ax) == ["not measured"] and ax.get_ylabel() == "heart rate (bpm)"


@pytest.mark.parametrize(("width_in", "rows"), [(10.0, 1), (4.8, 2)])
def test_on_a_phone_the_key_is_narrow_and_within_the_figure(width_in: float, rows: int) -> None:
    altitude_m = 900.0 + 300.0 * np.sin(np.arange(2_000) / 200.0) + 60.0 * np.sin(np.arange(2_000) / 30.0)
    figure = race_figure(line_of(steps=2_000, altitude_m=altitude_m), width_in, 8.0)
    assert drawn(figure)
    legend = figure.axes[0].get_legend()
    assert len(legend.get_texts()) == 5
    places = {round(text.get_window_extent().y0) for text in legend.get_texts()}
    assert len(places) == rows
    assert legend.get_window_extent().x1 <= figure.bbox.x1


def test_start_finish_and_stations_have_colours_of_their_own() -> None:
    ax = plot_map(line_of(Station("Hut", 2_000.0)))
    squares = [line for line in ax.get_lines() if line.get_marker() == "s"]
    assert len(squares) == 2 and {line.get_color() for line in squares} == {VERMILLION}

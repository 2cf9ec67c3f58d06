"""The climbs that a runner would name are found."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.core import schema as c
from lib.core.errors import InputError
from lib.course.climbs import Climb, ClimbRule, _maximal_rises, find_climbs, find_descents, rule_for
from lib.course.course import load_course
from lib.course.terrain_features import MAX_SLOPE, cumulative_climb, smooth_altitude


def profile(*legs: tuple[float, float]) -> np.ndarray:
    """Altitude of legs of (length in m, gain in m), from 500 m; the first value is the foot of the first leg."""
    parts = [np.full(round(length / c.STEP_M), gain / round(length / c.STEP_M)) for length, gain in legs]
    return 500.0 + np.concatenate([[0.0], np.cumsum(np.concatenate(parts))])


@st.composite
def wild(draw: st.DrawFn) -> np.ndarray:
    """Altitudes without ties: hills of all sizes under a random walk."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    steps = draw(st.integers(2, 1_500))
    walk = np.cumsum(rng.normal(0.0, draw(st.floats(0.05, 3.0)), steps))
    hills = draw(st.floats(0.0, 200.0)) * np.sin(np.arange(steps) / draw(st.floats(5.0, 300.0)))
    return 800.0 + walk + hills


RULES = st.builds(ClimbRule, min_gain_m=st.floats(1.0, 150.0), min_slope=st.floats(0.005, 0.2))


def gains(climbs: list[Climb]) -> list[float]:
    return [pytest.approx(x.gain_m) for x in climbs]


def test_a_climb_by_hand() -> None:
    # 1 km flat, 1 km of 10%, 200 m of 30%, 1 km flat
    (climb,) = find_climbs(profile((1_000, 0), (1_000, 100), (200, 60), (1_000, 0)))
    assert (climb.start_step, climb.end_step) == (201, 441)
    assert climb.length_m == 1_200.0
    assert climb.gain_m == pytest.approx(160.0)
    assert climb.mean_slope == pytest.approx(160 / 1_200)
    assert climb.max_slope == pytest.approx(0.3)


def test_a_descent_is_a_climb_with_negative_numbers() -> None:
    course = profile((1_000, 0), (1_000, -100), (200, -60), (1_000, 0))
    assert find_climbs(course) == []
    (descent,) = find_descents(course)
    assert (descent.start_step, descent.end_step) == (201, 441)
    assert descent.length_m == 1_200.0
    assert descent.gain_m == pytest.approx(-160.0)
    assert descent.mean_slope == pytest.approx(-160 / 1_200)
    assert descent.max_slope == pytest.approx(-0.3)


def test_the_durations_of_its_steps_are_those_of_the_climb() -> None:
    altitude = profile((500, 0), (600, 60), (500, 0))
    (climb,) = find_climbs(altitude)
    rises = np.diff(altitude, prepend=altitude[0])[climb.start_step : climb.end_step]
    assert rises.sum() == pytest.approx(climb.gain_m) == pytest.approx(60.0)
    assert rises.size * c.STEP_M == climb.length_m
    assert rises.min() > 0.0


def test_a_small_dip_does_not_divide_a_climb() -> None:
    climbs = find_climbs(profile((1_000, 100), (200, -20), (1_000, 100)))
    assert gains(climbs) == [180.0]


def test_a_dip_that_is_a_descent_itself_divides_it() -> None:
    course = profile((1_000, 100), (400, -40), (1_000, 100))
    assert gains(find_climbs(course)) == [100.0, 100.0]
    assert gains(find_descents(course)) == [-40.0]


def test_a_short_flat_does_not_divide_a_climb_and_a_long_one_does() -> None:
    # 35 m below a ramp of 3% after 1,167 m
    assert gains(find_climbs(profile((1_000, 100), (1_100, 0), (1_000, 100)))) == [200.0]
    assert gains(find_climbs(profile((1_000, 100), (1_200, 0), (1_000, 100)))) == [100.0, 100.0]


def test_a_gentle_way_to_its_foot_is_not_part_of_a_climb() -> None:
    (climb,) = find_climbs(profile((3_000, 60), (1_000, 100), (3_000, 60)))
    assert (climb.start_step, climb.end_step) == (601, 801)


def test_a_gentle_rise_is_a_climb_from_3_percent() -> None:
    assert find_climbs(profile((10_000, 299))) == []
    assert gains(find_climbs(profile((10_000, 301)))) == [301.0]
    assert find_climbs(profile((2_000, 0), (1_000, 34.9), (2_000, 0))) == []
    assert gains(find_climbs(profile((2_000, 0), (1_000, 35.1), (2_000, 0)))) == [35.1]


def test_a_rise_between_two_climbs_that_is_too_small_is_left_out() -> None:
    course = profile((1_000, 100), (1_000, -60), (200, 20), (1_000, -60), (1_000, 100))
    assert gains(find_climbs(course)) == [100.0, 100.0]
    assert gains(find_descents(course)) == [-100.0]


def test_the_steepest_slope_is_cut_where_it_is_an_error() -> None:
    (climb,) = find_climbs(profile((500, 0), (100, 200), (500, 0)))
    assert climb.max_slope == MAX_SLOPE
    assert climb.gain_m == pytest.approx(200.0)


def test_of_a_climb_of_less_than_100_m_the_steepest_slope_is_the_mean() -> None:
    (climb,) = find_climbs(profile((500, 0), (80, 40), (500, 0)))
    assert climb.length_m == 80.0
    assert climb.max_slope == pytest.approx(climb.mean_slope) == pytest.approx(0.5)


def test_a_flat_noisy_track_has_no_climb() -> None:
    noisy = 300.0 + np.random.default_rng(1).normal(0.0, 3.0, 8_000)
    assert find_climbs(smooth_altitude(noisy)) == []
    assert find_descents(smooth_altitude(noisy)) == []


@pytest.mark.parametrize("altitude", [[], [100.0], [100.0, 100.0], [100.0, 100.2], np.full(500, 7.0)])
def test_a_course_without_climbs_has_none(altitude: list[float]) -> None:
    assert find_climbs(altitude) == []
    assert find_descents(altitude) == []


def test_missing_altitudes_are_refused() -> None:
    with pytest.raises(InputError, match="No altitude at 2 of 3 steps"):
        find_climbs([np.nan, 100.0, np.inf])


@pytest.mark.parametrize("values", [{"min_gain_m": 0.0}, {"min_slope": -0.1}, {"min_gain_m": np.nan}])
def test_a_rule_that_makes_no_sense_is_refused(values: dict[str, float]) -> None:
    with pytest.raises(InputError, match=next(iter(values))):
        ClimbRule(**values)


@settings(max_examples=150, deadline=None)
@given(wild(), RULES)
def test_climbs_keep_their_rule_and_do_not_overlap(altitude: np.ndarray, rule: ClimbRule) -> None:
    climbs = find_climbs(altitude, rule)
    end = 0
    for climb in climbs:
        assert end <= climb.start_step - 1  # a climb may begin where the last one ended
        end = climb.end_step - 1
        foot, top = climb.start_step - 1, climb.end_step - 1
        inside = altitude[foot : top + 1]
        assert inside.min() == inside[0] and inside.max() == inside[-1]
        assert climb.gain_m == altitude[top] - altitude[foot] >= rule.min_gain_m
        assert climb.length_m == (top - foot) * c.STEP_M
        assert climb.mean_slope >= rule.min_slope
        # Nowhere in it does the course fall as far as counts.
        assert (np.maximum.accumulate(inside) - inside).max() < rule.min_gain_m
    assert end <= altitude.size - 1
    assert sum(x.gain_m for x in climbs) <= cumulative_climb(altitude)[-1] + 1e-9


@settings(max_examples=150, deadline=None)
@given(wild(), RULES)
def test_climbs_and_descents_do_not_overlap(altitude: np.ndarray, rule: ClimbRule) -> None:
    both = sorted((x.start_step, x.end_step) for x in find_climbs(altitude, rule) + find_descents(altitude, rule))
    assert all(end <= start for (_, end), (start, _) in pairwise(both))


@settings(max_examples=150, deadline=None)
@given(wild(), RULES)
def test_what_is_climbed_one_way_is_descended_the_other(altitude: np.ndarray, rule: ClimbRule) -> None:
    back = find_climbs(altitude[::-1], rule)
    turned = [(altitude.size + 1 - x.end_step, altitude.size + 1 - x.start_step, -x.gain_m) for x in reversed(back)]
    assert [(x.start_step, x.end_step, x.gain_m) for x in find_descents(altitude, rule)] == turned


@settings(max_examples=60, deadline=None)
@given(wild(), st.floats(-500.0, 3_000.0))
def test_the_level_of_the_sea_does_not_matter(altitude: np.ndarray, shift_m: float) -> None:
    altitude, shift_m = np.rint(altitude * 64) / 64, round(shift_m * 64) / 64
    rule = ClimbRule(min_slope=1 / 32)  # exact in binary, as altitudes are
    assert find_climbs(altitude + shift_m, rule) == find_climbs(altitude, rule)


@settings(max_examples=60, deadline=None)
@given(wild(), st.integers(1, 60))
def test_a_rule_for_some_lines_gives_no_more(altitude: np.ndarray, lines: int) -> None:
    assert len(find_climbs(altitude, rule_for(float(cumulative_climb(altitude)[-1]), lines))) <= lines


def test_a_rule_for_a_course_with_little_climb_is_the_usual_one() -> None:
    assert rule_for(300.0) == ClimbRule()
    assert rule_for(4_000.0).min_gain_m == 100.0


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=40))
def test_maximal_rises_are_those_of_their_definition(heights: list[int]) -> None:
    def rises(i: int, j: int) -> bool:
        return all(heights[i] < x for x in heights[i + 1 : j + 1]) and all(x < heights[j] for x in heights[i:j])

    found = [(i, j) for i in range(len(heights)) for j in range(i + 1, len(heights)) if rises(i, j)]
    longest = [(i, j) for i, j in found if not any(a <= i and j <= b and (a, b) != (i, j) for a, b in found)]
    assert _maximal_rises([float(x) for x in heights]) == sorted(longest)


def test_the_climbs_of_mount_mansfield(shared_data: Path) -> None:
    """Twice up Vermont's highest mountain, by two ways."""
    course = load_course(shared_data / "activities/mansfield-double-up/mansfield-double-up-course.gpx")
    large = [x for x in find_climbs(course.columns[c.ALTITUDE]) if x.gain_m > 300.0]
    assert [round(x.gain_m, -1) for x in large] == [680.0, 560.0]
    assert [round(x.end_step * c.STEP_M / 1000, 1) for x in large] == [3.6, 10.7]


def test_the_climbs_of_lake_sonoma(shared_data: Path) -> None:
    course = load_course(shared_data / "courses/trail-running-predictor/lake-sonoma-55k.gpx")
    climbs = find_climbs(course.columns[c.ALTITUDE], rule_for(course.climb_m))
    assert 5 <= len(climbs) <= 20
    assert max(climbs, key=lambda x: x.gain_m).gain_m == pytest.approx(211.0, abs=5.0)

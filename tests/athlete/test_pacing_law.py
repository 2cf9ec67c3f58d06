"""The pacing law spreads a time over a course as its numbers say."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.athlete.pacing_law import (
    NO_NIGHT,
    SLOPES,
    USUAL_PACING,
    CourseCost,
    Night,
    PacingLaw,
    Strategy,
    course_cost,
    fading_curve,
    mean_fading,
    segment_times,
    smoothed_slope,
    step_times,
    time_at,
)
from lib.core.errors import InputError

LAW = PacingLaw()
EVEN = replace(LAW, fading=1e-9, level_fading=0.0, descent_fading=0.0, slump_log=0.0)


def flat(km: float, law: PacingLaw = LAW, ground: str = "") -> CourseCost:
    steps = round(km * 200)
    return course_cost(law, np.ones(steps), np.zeros(steps), np.full(steps, ground))


def there_and_back(km: float, slope: float, law: PacingLaw = LAW) -> CourseCost:
    half = round(km * 100)
    line_m = np.concatenate([np.arange(half + 1) * 5.0 * slope, np.arange(half - 1, -1, -1) * 5.0 * slope])
    slopes = smoothed_slope(line_m, law.smoothing_m)
    return course_cost(law, np.interp(slopes, SLOPES, law.slope_factor), slopes)


def halves(cost: CourseCost, moving_s: float, law: PacingLaw = LAW, **more: object) -> tuple[float, float]:
    edges_s, _ = segment_times(law, cost, moving_s, **more)  # type: ignore[arg-type]
    half_s = float(time_at(cost, edges_s, np.array([cost.length_m / 2]))[0, 0])
    return half_s, moving_s - half_s


@settings(max_examples=30, deadline=None)
@given(st.floats(1.0, 60.0), st.floats(600.0, 200_000.0), st.floats(-0.3, 0.3))
def test_steps_sum_to_the_time_and_none_takes_nothing(km: float, moving_s: float, slope: float) -> None:
    cost = there_and_back(km, slope)
    edges_s, base_pace = segment_times(LAW, cost, moving_s)
    seconds = step_times(cost, edges_s[0])
    assert seconds.shape == cost.step_m.shape
    assert seconds.sum() == pytest.approx(moving_s)
    assert seconds.min() > 0
    assert base_pace[0] > 0


def test_without_fading_a_flat_course_is_run_evenly() -> None:
    first_s, second_s = halves(flat(40), 20_000.0, EVEN)
    assert first_s == pytest.approx(second_s, rel=1e-6)


def test_the_second_half_takes_longer_the_longer_the_run() -> None:
    ratios = [second / first for first, second in (halves(flat(km), km * 600.0) for km in (10, 40, 160))]
    assert 1.0 < ratios[0] < ratios[1] < ratios[2]


def test_slow_finishers_fade_more_than_fast_ones() -> None:
    fast, slow = (second / first for first, second in (halves(flat(160), h * 3600.0) for h in (18, 36)))
    assert slow > fast


def test_even_pacing_takes_away_the_fading_and_half_of_it_half() -> None:
    usual, part, none = (halves(flat(100), 50_000.0, strategy=Strategy(share)) for share in (1.0, 0.5, 0.0))
    assert none[1] / none[0] == pytest.approx(1.0, abs=1e-6)
    assert 1.0 < part[1] / part[0] < usual[1] / usual[0]


def test_a_slower_first_third_is_slower_there_and_meets_the_time() -> None:
    cost = flat(60)
    third = np.array([cost.length_m / 3, cost.length_m])
    usual_s = time_at(cost, segment_times(LAW, cost, 30_000.0)[0], third)[0]
    slower_s = time_at(cost, segment_times(LAW, cost, 30_000.0, strategy=Strategy(1.0, -0.05))[0], third)[0]
    assert slower_s[0] / usual_s[0] == pytest.approx(1.03, abs=0.02)
    assert slower_s[1] == usual_s[1] == pytest.approx(30_000.0)


def test_the_dark_slows_by_its_factor() -> None:
    night = Night(np.array([0.0, 7_200.0, 7_201.0, 1e6]), np.array([0.0, 0.0, 1.0, 1.0]))
    law = replace(EVEN, night=1.10)
    day_s, dark_s = halves(flat(40), 14_400.0, law, night=night)
    assert day_s < 7_200.0 < dark_s
    assert halves(flat(40), 14_400.0, law) == pytest.approx((7_200.0, 7_200.0))


def test_grounds_have_their_factors_and_unknown_is_trail() -> None:
    sums = {ground: flat(1, ground=ground).step_m.sum() for ground in ("", "road", "track", "trail", "technical")}
    assert sums["road"] == pytest.approx(1000.0)
    assert sums[""] == sums["trail"] == pytest.approx(1120.0)
    assert sums["track"] == pytest.approx(1060.0)


def test_a_ground_that_is_no_word_is_refused_with_the_words() -> None:
    with pytest.raises(InputError, match="road, track, trail, technical"):
        flat(1, ground="sand")


def test_a_climb_takes_longer_than_its_descent() -> None:
    first_s, second_s = halves(there_and_back(10, 0.15), 5_400.0)
    assert first_s > 1.5 * second_s


def test_the_fading_curve_starts_at_one_and_rises_but_for_the_end_of_the_slump() -> None:
    hours = np.linspace(0, 30, 31)
    curve = fading_curve(LAW, hours, 30.0, 5.0)
    assert curve[0] == 1.0
    assert np.all(np.diff(fading_curve(replace(LAW, slump_log=0.0), hours, 30.0, 5.0)) > 0)
    falls = hours[1:][np.diff(curve) < 0]
    assert falls.size
    assert np.all((falls > 0.65 * 30.0) & (falls < 0.85 * 30.0 + 1.0))


@pytest.mark.parametrize(("hours", "base_pace"), [(1.0, 5.0), (10.0, 5.0), (40.0, 7.0)])
def test_the_mean_of_the_fading_is_that_of_its_curve(hours: float, base_pace: float) -> None:
    at = (np.arange(20_000) + 0.5) / 20_000 * hours
    assert mean_fading(LAW, hours, base_pace) == pytest.approx(fading_curve(LAW, at, hours, base_pace).mean(), rel=1e-3)


@pytest.mark.parametrize("name", [item.name for item in fields(PacingLaw) if item.name != "slope_factor"])
def test_a_number_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(InputError, match=f"(?i){name}"):
        PacingLaw(**{name: float("nan")})


@pytest.mark.parametrize("change", [{"slope_factor": (1.0,)}, {"fading": -0.1}, {"night": 0.0}])
def test_a_law_that_makes_no_sense_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(InputError):
        PacingLaw(**change)  # type: ignore[arg-type]


@pytest.mark.parametrize("change", [(-0.1, 0.0), (4.0, 0.0), (1.0, 0.5)])
def test_a_strategy_beyond_what_people_do_is_refused(change: tuple[float, float]) -> None:
    with pytest.raises(InputError):
        Strategy(*change)


def test_no_time_is_refused() -> None:
    with pytest.raises(InputError, match=r"(?i)moving time"):
        segment_times(LAW, flat(5), 0.0)


def test_what_is_usual_is_no_night_and_the_whole_fading() -> None:
    assert not NO_NIGHT.dark.any()
    assert Strategy(1.0, 0.0) == USUAL_PACING


def leg_share(moving_s: float, law: PacingLaw, begin: float, end: float, **more: object) -> float:
    """Share of the time that a part of a flat course takes, over the share of its length."""
    cost = flat(moving_s / 600.0)
    edges_s, _ = segment_times(law, cost, moving_s, **more)  # type: ignore[arg-type]
    at_s = time_at(cost, edges_s, np.array([begin, end]) * cost.length_m)[0]
    return float((at_s[1] - at_s[0]) / moving_s / (end - begin))


def test_the_slump_is_past_half_way_and_over_before_the_finish() -> None:
    law, moving_s = replace(EVEN, slump_log=0.1), 24 * 3600.0
    before, within, after = (leg_share(moving_s, law, *part) for part in ((0.0, 0.45), (0.6, 0.7), (0.85, 1.0)))
    assert before == pytest.approx(after, rel=1e-3)
    assert within / before == pytest.approx(np.exp(0.0875), abs=0.003)


def test_the_slump_grows_with_the_hours_up_to_twenty() -> None:
    law = replace(EVEN, slump_log=0.1)
    low, half, whole, more = (leg_share(h * 3600.0, law, 0.6, 0.7) - 1.0 for h in (2.0, 10.0, 20.0, 40.0))
    assert low < 0.2 * half
    assert half == pytest.approx(whole / 2, rel=0.05)
    assert more == pytest.approx(whole, rel=1e-3)


def test_an_even_effort_has_no_slump() -> None:
    law = replace(EVEN, slump_log=0.1)
    assert leg_share(72_000.0, law, 0.6, 0.7, strategy=Strategy(0.0)) == pytest.approx(1.0, rel=1e-6)

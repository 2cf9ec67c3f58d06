"""Given hand-made pasts: the reference follows from them, and effort or a given pace shift it as stated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.athlete.expected_pace import expect
from lib.athlete.prior import Effort, Prior
from lib.athlete.profile import AthleteProfile, expected_log_pace, grade_curve, profile_after, update
from lib.athlete.reference import MAX_EFFORT, reference
from lib.athlete.run_history import kind_of
from lib.core import schema as c
from lib.core.errors import InputError
from lib.course.grade_factors import SLOPE_KNOTS
from lib.course.terrain_features import course_table
from tests.support.steady import flat, many, session

PRIOR = Prior(effort=Effort(heart_rate_sd=0.07, pace_per_effort=-0.04, pace_sd_left=0.8, effort_per_pace=-6.0))
ROLLING = course_table(40 * np.sin(np.arange(1600) / 60))


def athlete(**kwargs: float) -> AthleteProfile:
    """Somebody who has run 20 times."""
    return profile_after(many(20, **({"pace_s": 1.7, "heart_rate": 150.0} | kwargs)), PRIOR, scored=False)


def test_nobody_gets_the_prior() -> None:
    ref = reference(AthleteProfile(), PRIOR, flat(2000))
    expected, spread, _ = expected_log_pace(AthleteProfile(), PRIOR, kind_of(flat(2000)), 3.0)
    assert ref.duration_s == pytest.approx(np.full(2000, np.exp(expected)))
    assert np.exp(expected + spread**2) == pytest.approx(1.8)
    assert ref.heart_rate_bpm == pytest.approx(150.0)
    assert ref.cadence_rpm == pytest.approx(84.0)
    assert ref.heart_rate_spread_bpm == PRIOR.heart_rate_spread_bpm
    assert ref.log_sd == pytest.approx(spread)
    assert ref.static[c.LOG_RUNS] == 0


def test_every_column_that_is_known_of_a_session_is_there() -> None:
    assert tuple(reference(athlete(), PRIOR, ROLLING).static) == c.STATIC_REALS


def test_steady_runs_become_the_reference() -> None:
    profile = profile_after(many(60, pace_s=1.5, heart_rate=155.0), PRIOR, scored=False)
    ref = reference(profile, PRIOR, flat(2000))
    # A run may be far slower than usual, never far faster: so it leans to the fast side by the variance.
    assert ref.duration_s.mean() == pytest.approx(1.5 * np.exp(-(ref.log_sd**2)), rel=0.005)
    assert ref.heart_rate_bpm == pytest.approx(155.0, abs=0.5)
    assert ref.cadence_rpm == pytest.approx(82.0, abs=0.2)
    assert ref.heart_rate_spread_bpm < PRIOR.heart_rate_spread_bpm
    assert ref.log_sd < reference(AthleteProfile(), PRIOR, flat(2000)).log_sd


def test_recent_form_moves_the_reference_but_not_all_the_way() -> None:
    before = profile_after(many(60, pace_s=1.8), PRIOR, scored=False)
    slow = pd.concat([session(2000, 2.0, number=60 + i, day=120 + 2 * i) for i in range(8)])
    after = profile_after(slow, PRIOR, before, scored=False)
    one, other = (reference(p, PRIOR, flat(2000)) for p in (before, after))
    moved = np.log(other.duration_s.sum() / one.duration_s.sum()) / np.log(2.0 / 1.8)
    assert 0.3 < moved < 1.0


def test_the_shape_is_the_personal_curve_and_the_sum_the_expected_level() -> None:
    profile = athlete()
    ref = reference(profile, PRIOR, ROLLING)
    factors = np.interp(ROLLING[c.SLOPE_25M], SLOPE_KNOTS, grade_curve(profile, PRIOR))
    assert np.ptp(ref.duration_s / factors) == pytest.approx(0, abs=1e-9)
    day = profile.last_day + profile.gap_days
    expected, _, _ = expected_log_pace(profile, PRIOR, kind_of(ROLLING), day)
    population = np.interp(ROLLING[c.SLOPE_25M], SLOPE_KNOTS, PRIOR.curve).sum()
    assert ref.duration_s.sum() == pytest.approx(np.exp(expected) * population)


def test_an_effort_raises_heart_rate_and_speeds_up_by_the_stated_amounts() -> None:
    profile = athlete()
    usual, hard, harder = (reference(profile, PRIOR, ROLLING, effort=e) for e in (0.0, 1.0, 2.0))
    assert hard.heart_rate_bpm / usual.heart_rate_bpm == pytest.approx(np.exp(0.07))
    assert harder.heart_rate_bpm / usual.heart_rate_bpm == pytest.approx(np.exp(0.14))
    assert hard.duration_s / usual.duration_s == pytest.approx(np.exp(-0.04))
    assert harder.duration_s / usual.duration_s == pytest.approx(np.exp(-0.08))
    assert (hard.static[c.EFFORT], hard.static[c.EFFORT_KNOWN]) == (1.0, 1.0)
    assert hard.static[c.HEART_RATE_LEVEL] == pytest.approx(hard.heart_rate_bpm.mean())


def test_an_effort_that_is_known_leaves_less_uncertain_and_less_to_lean() -> None:
    """The median stays where it was at an effort of 0; the value of least relative error is nearer to it."""
    profile = athlete()
    left_open, usual = reference(profile, PRIOR, ROLLING), reference(profile, PRIOR, ROLLING, effort=0.0)
    assert usual.log_sd == pytest.approx(0.8 * left_open.log_sd)
    medians = [np.log(ref.duration_s.sum()) + ref.log_sd**2 for ref in (left_open, usual)]
    assert medians[0] == pytest.approx(medians[1])
    assert left_open.static[c.EFFORT_KNOWN] == 0.0


def test_a_faster_pace_than_expected_raises_the_heart_rate_as_stated() -> None:
    profile = athlete()
    open_pace = reference(profile, PRIOR, ROLLING)
    median_s = open_pace.duration_s * np.exp(open_pace.log_sd**2)
    for log_ratio in (-0.1, 0.0, 0.1):
        ref = reference(profile, PRIOR, ROLLING, given_s=median_s * np.exp(log_ratio))
        shift = np.exp(0.07 * -6.0 * log_ratio)
        assert ref.heart_rate_bpm / open_pace.heart_rate_bpm == pytest.approx(shift)
        assert ref.static[c.PACE_KNOWN] == 1.0


def test_a_pace_beyond_belief_moves_the_heart_rate_no_further_than_half() -> None:
    profile = athlete()
    open_pace = reference(profile, PRIOR, ROLLING)
    slow, crawl = (reference(profile, PRIOR, ROLLING, given_s=open_pace.duration_s * by) for by in (5.0, 50.0))
    assert crawl.heart_rate_bpm == pytest.approx(slow.heart_rate_bpm)
    assert crawl.heart_rate_bpm / open_pace.heart_rate_bpm == pytest.approx(np.exp(0.07 * -6.0 * 0.5))


def test_a_given_pace_is_told_relative_to_the_reference_which_stays() -> None:
    profile = athlete()
    open_pace = reference(profile, PRIOR, ROLLING)
    ref = reference(profile, PRIOR, ROLLING, given_s=open_pace.duration_s * 1.1)
    assert np.array_equal(ref.duration_s, open_pace.duration_s)
    assert ref.given_log_ratio == pytest.approx(np.full(1600, np.log(1.1)))
    assert not open_pace.given_log_ratio.any()


def test_a_given_pace_is_summed_over_50_m() -> None:
    given_s = np.full(200, 1.8)
    given_s[100] += 18.0
    ref = reference(AthleteProfile(), PRIOR, flat(200), given_s=given_s)
    level = np.log(1.8 / ref.duration_s[0])
    assert np.exp(ref.given_log_ratio - level).max() == pytest.approx(2.0)
    assert (ref.given_log_ratio - level > 1e-9).sum() == 10


def test_a_given_pace_may_stand_in_time_for_a_while() -> None:
    """Steps of no time, as a rounded plan has them, give no infinite number."""
    given_s = np.where(np.arange(200) < 40, 0.0, 1.8)
    assert np.isfinite(reference(AthleteProfile(), PRIOR, flat(200), given_s=given_s).given_log_ratio).all()


def test_effort_and_pace_together_are_refused() -> None:
    with pytest.raises(InputError, match="one of the two"):
        reference(AthleteProfile(), PRIOR, flat(100), effort=1.0, given_s=np.full(100, 1.8))


@pytest.mark.parametrize("effort", [np.nan, np.inf, MAX_EFFORT + 0.1, -MAX_EFFORT - 0.1])
def test_an_effort_without_sense_is_refused(effort: float) -> None:
    with pytest.raises(InputError, match="effort"):
        reference(AthleteProfile(), PRIOR, flat(100), effort=effort)


@pytest.mark.parametrize(
    "given_s",
    [np.full(99, 1.8), np.full(100, -1.8), np.zeros(100), np.full(100, np.nan), np.full(100, np.inf)],
)
def test_a_pace_that_is_not_of_the_course_is_refused(given_s: np.ndarray) -> None:
    with pytest.raises(InputError, match="A pace of shape"):
        reference(AthleteProfile(), PRIOR, flat(100), given_s=given_s)


def test_load_and_gap_are_those_of_the_day_of_the_start() -> None:
    profile = athlete()
    soon = reference(profile, PRIOR, flat(2000), day=profile.last_day + 1)
    late = reference(profile, PRIOR, flat(2000), day=profile.last_day + 30)
    assert late.static[c.LOAD_SHORT] < 0.1 * soon.static[c.LOAD_SHORT]
    assert late.static[c.LOG_GAP] == pytest.approx(np.log(31))
    assert late.log_sd > soon.log_sd
    assert reference(profile, PRIOR, flat(2000)).static[c.LOG_GAP] == pytest.approx(np.log1p(profile.gap_days))


def test_heart_rate_and_cadence_are_the_medians_of_their_level() -> None:
    profile, day = athlete(), 60
    runs, kind = profile.memory.runs, kind_of(ROLLING)
    ref = reference(profile, PRIOR, ROLLING, day)
    mean, _ = expect(PRIOR.heart_rate, runs, np.log(runs.heart_rate_bpm), day, kind)
    assert ref.heart_rate_bpm == pytest.approx(np.exp(mean))
    mean, _ = expect(PRIOR.cadence, runs, np.log(runs.cadence_rpm), day, kind)
    assert ref.cadence_rpm == pytest.approx(np.exp(mean))


def test_an_athlete_without_heart_rate_gets_anybodys() -> None:
    ref = reference(athlete(heart_rate=np.nan), PRIOR, flat(2000))
    assert ref.heart_rate_bpm == pytest.approx(150.0)
    assert ref.heart_rate_spread_bpm == PRIOR.heart_rate_spread_bpm


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0.3, 20.0), min_size=1, max_size=6), st.integers(3, 400), st.floats(-5, 5))
def test_any_paces_give_a_finite_reference(paces: list[float], steps: int, effort: float) -> None:
    runs = [session(steps, pace, number=i, day=i) for i, pace in enumerate(paces)]
    profile = profile_after(pd.concat(runs), PRIOR)
    for asked in ({}, {"effort": effort}, {"given_s": np.full(300, paces[0])}):
        ref = reference(profile, PRIOR, flat(300), **asked)
        assert np.isfinite(ref.duration_s).all()
        assert (ref.duration_s > 0).all()
        assert np.isfinite(ref.given_log_ratio).all()
        assert np.isfinite(list(ref.static.values())).all()
        assert np.isfinite([*ref.heart_rate_bpm, ref.cadence_rpm, ref.log_sd]).all()


def test_the_static_pace_is_the_references_over_six_minutes_per_km() -> None:
    profile = replace(AthleteProfile(), longest_km=100.0)
    ref = reference(profile, PRIOR, flat(2000))
    assert ref.static[c.LOG_PACE] == pytest.approx(np.log(ref.duration_s.sum() / 2000 / 1.8))


def test_heart_rate_goes_along_the_course_as_it_did_on_earlier_ones() -> None:
    """Runs whose heart rate rises on climbs: the next course's does too, about the same mean."""
    at = np.arange(2000)
    altitude = 20 * np.sin(at / 80)
    slope = course_table(altitude)[c.SLOPE_100M].to_numpy()
    profile = AthleteProfile()
    for number in range(8):
        run = session(2000, 1.8, number=number, day=3 * number)
        run = run.assign(**{c.ALTITUDE: altitude, c.HEART_RATE: 150.0 + 200.0 * slope})
        profile = update(profile, PRIOR, run, course_table(altitude))
    ref = reference(profile, PRIOR, course_table(altitude[::-1].copy()))
    backwards = course_table(altitude[::-1].copy())[c.SLOPE_100M].to_numpy()
    assert np.corrcoef(ref.heart_rate_bpm, backwards)[0, 1] > 0.95
    assert ref.heart_rate_bpm.std() == pytest.approx(200.0 * backwards.std(), rel=0.25)  # 8 runs: still pulled to 0
    assert ref.heart_rate_bpm.mean() == pytest.approx(150.0, abs=1.0)

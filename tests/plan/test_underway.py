"""Given runs of which a part is done: lib/plan/underway.py moves the rest, and is as sure of it as it says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.athlete.conformal import Calibration
from lib.athlete.prior import Prior
from lib.athlete.profile import AthleteProfile, profile_after
from lib.athlete.reference import Reference, reference
from lib.athlete.time_distribution import TimeDistribution
from lib.core import schema as c
from lib.core.errors import InputError
from lib.course.terrain_features import course_columns
from lib.plan.underway import Carry, RestDistribution, rest_of
from tests.support.small import small_sessions

pytestmark = pytest.mark.slow

STEPS = 2000
PRIOR = Prior()
CALIBRATION = PRIOR.calibration
BAND = TimeDistribution(0.1, (), CALIBRATION)

Table = dict[str, np.ndarray]


def before(steps: int = STEPS) -> Reference:
    altitude = 300 + 60 * np.sin(np.arange(steps) / 90)
    return reference(AthleteProfile(), PRIOR, course_columns(altitude))


REF = before()


def as_said(ref: Reference = REF) -> Table:
    cadence = np.full(ref.duration_s.size, ref.cadence_rpm)
    return {c.DURATION: ref.duration_s.copy(), c.HEART_RATE: ref.heart_rate_bpm.copy(), c.CADENCE: cadence}


def off(done: int, log_pace: float = 0.0, bpm: float = 0.0, rpm: float = 0.0) -> tuple[Table, Table]:
    """What is said, and what was measured of the first steps: evenly off what is said."""
    said = as_said()
    part = {name: values[:done].copy() for name, values in said.items()}
    part[c.DURATION] *= np.exp(log_pace)
    part[c.HEART_RATE] += bpm
    part[c.CADENCE] += rpm
    return {name: np.concatenate([part[name], said[name][done:]]) for name in c.TARGETS}, part


def moved(done: int, **how: float) -> tuple[Table, RestDistribution]:
    said, part = off(done, **how)
    return rest_of(said, part, REF, BAND)


# --- what is carried over -------------------------------------------------------------------------------------------
def test_a_run_as_expected_goes_on_as_expected() -> None:
    columns, _ = moved(800)
    for name in c.TARGETS:
        np.testing.assert_allclose(columns[name], as_said()[name], rtol=1e-9)


def test_what_is_done_stays() -> None:
    said, part = off(800, 0.2, 8, -3)
    columns, band = rest_of(said, part, REF, BAND)
    for name in c.TARGETS:
        assert np.array_equal(columns[name][:800], part[name])
    assert band.done_s == pytest.approx(part[c.DURATION].sum())


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_a_deviation_is_carried_over_in_part_and_more_of_a_longer_one(sign: float) -> None:
    shares = []
    for done in (20, 200, 800, 1600):
        columns, _ = moved(done, log_pace=0.15 * sign, bpm=6 * sign, rpm=3 * sign)
        share = np.log(columns[c.DURATION][done:].sum() / REF.duration_s[done:].sum()) / (0.15 * sign)
        beats = (columns[c.HEART_RATE][done:] - REF.heart_rate_bpm[done:]).mean() / (6 * sign)
        strides = (columns[c.CADENCE][done:] - REF.cadence_rpm).mean() / (3 * sign)
        shares.append((share, beats, strides))
    for carried in np.array(shares).T:
        assert 0 < carried[0] < carried[1] < carried[2] < 1.05
    assert shares[2][0] > 0.5 and shares[2][1] > 0.6


def test_what_comes_next_is_moved_more_than_what_is_far() -> None:
    columns, _ = moved(400, log_pace=0.15)
    ratio = columns[c.DURATION] / REF.duration_s
    assert ratio[401] > ratio[900] > ratio[-1] > 1.0
    assert np.abs(np.diff(ratio[400:])).max() < 0.01


def test_the_network_says_where_time_is_and_what_is_carried_over_how_much() -> None:
    said, part = off(800, 0.1)
    wave = np.exp(0.3 * np.sin(np.arange(STEPS - 800) / 20.0))
    shaped = said | {c.DURATION: np.concatenate([part[c.DURATION], 3.0 * said[c.DURATION][800:] * wave])}
    plain, _ = rest_of(said, part, REF, BAND)
    columns, _ = rest_of(shaped, part, REF, BAND)
    assert columns[c.DURATION].sum() == pytest.approx(plain[c.DURATION].sum())
    ratio = columns[c.DURATION][800:] / plain[c.DURATION][800:] / wave
    assert np.ptp(ratio) < 1e-9


def test_the_networks_level_of_heart_rate_is_not_carried_over_twice() -> None:
    said, part = off(800, bpm=8)
    seen = said | {c.HEART_RATE: np.concatenate([part[c.HEART_RATE], said[c.HEART_RATE][800:] + 5.0])}
    plain, _ = rest_of(said, part, REF, BAND)
    columns, _ = rest_of(seen, part, REF, BAND)
    np.testing.assert_allclose(columns[c.HEART_RATE], plain[c.HEART_RATE])


def test_without_a_sensor_the_network_has_the_word() -> None:
    said, part = off(800, log_pace=0.1)
    part |= {c.HEART_RATE: np.full(800, np.nan), c.CADENCE: np.full(800, np.nan)}
    said[c.HEART_RATE][800:] += 5.0
    said[c.CADENCE][800:] -= 1.0
    columns, _ = rest_of(said, part, REF, BAND)
    for name in (c.HEART_RATE, c.CADENCE):
        assert np.array_equal(columns[name], said[name])


def test_a_detour_of_one_step_is_not_a_slow_day() -> None:
    said, part = off(800)
    part[c.DURATION][500] += 600.0
    columns, _ = rest_of(said, part, REF, BAND)
    assert columns[c.DURATION][800:].sum() == pytest.approx(REF.duration_s[800:].sum(), rel=0.01)


# --- how sure -------------------------------------------------------------------------------------------------------
def test_what_is_done_is_sure_and_what_is_to_come_is_less_and_less() -> None:
    columns, band = moved(800, log_pace=0.1)
    elapsed = np.cumsum(columns[c.DURATION])
    at = np.arange(STEPS)
    low, high = band.interval(elapsed, (at + 1) / STEPS)
    assert np.array_equal(low[:800], elapsed[:800]) and np.array_equal(high[:800], elapsed[:800])
    assert (low[800:] < elapsed[800:]).all() and (high[800:] > elapsed[800:]).all()
    assert (np.diff(high - low)[800:] > -1e-6).all()
    assert (np.diff(low) > 0).all() and (np.diff(high) > 0).all()


def test_the_longer_the_run_went_the_surer_is_its_finish() -> None:
    widths = []
    for done in (1, 100, 400, 1000, 1600, 1990):
        columns, band = moved(done)
        low, high = band.interval(columns[c.DURATION].sum())
        widths.append(float(high - low))
    low, high = BAND.interval(REF.duration_s.sum())
    assert (np.diff([float(high - low), *widths]) < 0).all()


def test_the_chance_of_the_ends_of_the_interval_is_a_tenth() -> None:
    columns, band = moved(800, log_pace=-0.1)
    finish = float(columns[c.DURATION].sum())
    low, high = band.interval(finish)
    assert band.chance([low, high], finish) == pytest.approx([0.1, 0.9], abs=1e-6)
    half = float(columns[c.DURATION][:1200].sum())
    ends = band.interval(half, 0.6)
    assert band.chance(np.array(ends), half, 0.6) == pytest.approx([0.1, 0.9], abs=1e-6)


def test_the_chance_of_what_is_done_is_none_or_all() -> None:
    _, band = moved(800)
    at = band.done_s / 2
    assert band.chance([at - 1, at, at + 1], at, 0.2).tolist() == [0.0, 1.0, 1.0]
    assert band.chance(band.done_s - 1, band.done_s + 500, 0.6) == 0
    grid = band.chance(np.full((3, 5), band.done_s + 500), np.full((3, 1), band.done_s + 500), np.full((3, 1), 0.6))
    assert grid.shape == (3, 5)


def test_an_athlete_whose_runs_are_off_more_is_less_sure_on_the_way_too() -> None:
    said, part = off(800)
    wide = TimeDistribution(0.1, tuple(np.linspace(-3, 3, 60)), CALIBRATION)
    narrow = TimeDistribution(0.1, tuple(np.linspace(-0.3, 0.3, 60)), CALIBRATION)
    (low, high), (lower, higher) = (
        rest_of(said, part, REF, band)[1].interval(said[c.DURATION].sum()) for band in (narrow, wide)
    )
    assert lower < low < high < higher


def test_the_finished_run_has_nothing_unsure() -> None:
    said, part = off(STEPS, log_pace=0.1)
    columns, band = rest_of(said, part, REF, BAND)
    finish = float(columns[c.DURATION].sum())
    assert [float(x) for x in band.interval(finish)] == [finish, finish]
    assert band.chance([finish - 1, finish], finish).tolist() == [0, 1]


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 399), st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_whatever_happened_the_rest_is_finite_and_in_order(done: int, seed: int, missing: float) -> None:
    ref, rng = before(400), np.random.default_rng(seed)
    said = as_said(ref)
    part = {
        c.DURATION: ref.duration_s[:done] * np.exp(rng.normal(0, 1.5, done)),
        c.HEART_RATE: np.where(rng.random(done) < missing, np.nan, rng.uniform(40, 220, done)),
        c.CADENCE: np.where(rng.random(done) < missing, np.nan, rng.uniform(0, 130, done)),
    }
    said[c.DURATION][:done] = part[c.DURATION]
    columns, band = rest_of(said, part, ref, BAND)
    assert all(np.isfinite(columns[name][done:]).all() for name in c.TARGETS)
    assert (columns[c.DURATION] > 0).all()
    elapsed = np.cumsum(columns[c.DURATION])
    low, high = band.interval(elapsed, (np.arange(400) + 1) / 400)
    assert (low <= high).all() and low[:done] == pytest.approx(high[:done], abs=1e-6)


def test_a_profile_made_of_runs_does_as_well() -> None:
    sessions = small_sessions(8, 400)
    profile = profile_after(sessions, PRIOR)
    ref = reference(profile, PRIOR, course_columns(np.linspace(300, 330, 400)))
    said = as_said(ref)
    part = {name: values[:200] for name, values in said.items()}
    _, band = rest_of(said, part, ref, TimeDistribution(ref.log_sd, profile.scores, CALIBRATION))
    assert band.widths[-1] > 0


def test_constants_that_make_no_sense_are_refused() -> None:
    with pytest.raises(InputError, match="caution"):
        Carry(caution=0.0)
    assert replace(Carry(), caution=1.0).caution == 1.0
    assert isinstance(CALIBRATION, Calibration)

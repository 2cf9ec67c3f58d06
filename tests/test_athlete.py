"""In: hand-made sessions. Out: that the athlete's profile learns what they say, and only from the past."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import columns as c
from lib.athlete import AthleteProfile, distance_exponent, grade_curve, profile_after, reference, update
from lib.errors import InputError
from lib.prior import SLOPE_KNOTS, Prior, population_curve
from lib.profile import course_table


def session(
    steps: int,
    pace_s: float | np.ndarray,
    *,
    number: int = 0,
    day: int = 0,
    slope: float = 0.0,
    heart_rate: float = 140.0,
) -> pd.DataFrame:
    """A steady run."""
    return pd.DataFrame(
        {
            c.SESSION_ID: number,
            c.DAY: day,
            c.STEP: np.arange(steps),
            c.ALTITUDE: slope * c.STEP_M * np.arange(steps),
            c.DURATION: np.full(steps, pace_s) if np.isscalar(pace_s) else pace_s,
            c.STOP: 0.0,
            c.HEART_RATE: heart_rate,
            c.CADENCE: 82.0,
        }
    )


def many(n: int, **kwargs: float) -> pd.DataFrame:
    return pd.concat([session(2000, number=i, day=2 * i, **kwargs) for i in range(n)], ignore_index=True)


def flat(steps: int) -> pd.DataFrame:
    return course_table(np.zeros(steps))


def test_nobody_gets_the_prior() -> None:
    prior = Prior()
    ref = reference(AthleteProfile(), prior, flat(2000))
    assert ref.duration_s == pytest.approx(np.full(2000, prior.flat_pace_s))  # 10 km, where the exponent has no effect
    assert ref.heart_rate_bpm == prior.heart_rate_bpm
    assert ref.finish_error == pytest.approx(prior.finish_error)
    assert ref.static[c.LOG_RUNS] == 0


def test_the_distance_exponent_of_the_prior_is_riegels() -> None:
    prior = Prior()
    ref = reference(AthleteProfile(), prior, flat(4000))
    assert ref.duration_s.sum() == pytest.approx(prior.flat_pace_s * 2000 * 2**1.06)


def test_the_curve_of_the_population_has_the_published_factors() -> None:
    factors = dict(zip(SLOPE_KNOTS.round(2).tolist(), population_curve(), strict=True))
    assert factors[0.0] == 1.0
    assert factors[0.1] == pytest.approx(1.459)
    assert factors[-0.1] == pytest.approx(0.876)


def test_steady_runs_become_the_reference() -> None:
    prior = Prior()
    profile = profile_after(many(60, pace_s=1.5, heart_rate=155.0), prior)
    ref = reference(profile, prior, flat(2000))
    assert ref.duration_s.mean() == pytest.approx(1.5, rel=0.01)
    assert ref.heart_rate_bpm == pytest.approx(155.0, abs=1.0)
    assert ref.finish_error < prior.finish_error
    assert profile.runs == 60
    assert profile.last_day == 118


def test_recent_form_moves_faster_than_the_level() -> None:
    prior = Prior()
    before = profile_after(many(60, pace_s=1.8), prior)
    slow = pd.concat([session(2000, 2.0, number=60 + i, day=120 + 2 * i) for i in range(8)])
    after = profile_after(slow, prior, before)
    ref = reference(after, prior, flat(2000))
    moved = (ref.duration_s.mean() - 1.8) / 0.2
    assert 0.4 < moved < 1.0
    assert ref.static[c.FORM] > 0.02


def test_a_slow_climber_gets_a_steeper_curve() -> None:
    """The curve is learned within a run, between its slopes; a day's level does not touch it."""
    prior = Prior()
    up = np.arange(2000) < 1000
    altitude = np.where(up, 0.1 * c.STEP_M * np.arange(2000), 0.1 * c.STEP_M * 1000)
    runs = []
    for i in range(30):
        day_level = 1.2 if i % 2 else 1.0
        run = session(2000, day_level * np.where(up, 1.8 * 2.2, 1.8), number=i, day=i)
        runs.append(run.assign(**{c.ALTITUDE: altitude}))
    profile = profile_after(pd.concat(runs), prior)
    at = SLOPE_KNOTS.searchsorted(0.1)
    assert grade_curve(profile, prior)[at] == pytest.approx(2.2, rel=0.08)


def test_longer_runs_that_are_slower_raise_the_exponent() -> None:
    prior = Prior(exponent=0.0)
    rows = []
    for i in range(40):
        steps = 1000 if i % 2 else 4000
        pace = 1.8 * (steps / 2000) ** 0.1
        rows.append(session(steps, pace, number=i, day=2 * i))
    assert distance_exponent(profile_after(pd.concat(rows), prior), prior) > 0.05


def test_a_run_without_heart_rate_leaves_the_heart_rate_as_it_was() -> None:
    prior = Prior()
    before = profile_after(many(5, pace_s=1.8), prior)
    after = update(before, prior, session(2000, 1.8, day=20, heart_rate=np.nan), flat(2000))
    assert after.heart_rate_sum == before.heart_rate_sum
    assert after.runs == before.runs + 1


def test_the_reference_does_not_depend_on_what_comes_later() -> None:
    prior = Prior()
    sessions = many(10, pace_s=1.7)
    first = sessions[sessions[c.SESSION_ID] < 5]
    changed = sessions.assign(**{c.DURATION: np.where(sessions[c.SESSION_ID] < 5, sessions[c.DURATION], 9.0)})
    alone = profile_after(first, prior)
    beside = profile_after(changed[changed[c.SESSION_ID] < 5], prior)
    assert alone == beside


def test_load_fades_with_the_days_and_the_gap_is_known_only_with_a_day() -> None:
    prior = Prior()
    profile = profile_after(many(10, pace_s=1.8), prior)
    soon = reference(profile, prior, flat(2000), day=profile.last_day + 1)
    late = reference(profile, prior, flat(2000), day=profile.last_day + 30)
    assert late.static[c.LOAD_SHORT] < 0.1 * soon.static[c.LOAD_SHORT]
    assert late.static[c.LOG_GAP] == pytest.approx(np.log(31))
    assert reference(profile, prior, flat(2000)).static[c.LOG_GAP] == pytest.approx(np.log1p(profile.gap_days))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0.3, 20.0), min_size=1, max_size=6), st.integers(3, 400))
def test_any_paces_give_a_finite_reference(paces: list[float], steps: int) -> None:
    prior = Prior()
    runs = [session(steps, pace, number=i, day=i) for i, pace in enumerate(paces)]
    ref = reference(profile_after(pd.concat(runs), prior), prior, flat(300))
    assert np.isfinite(ref.duration_s).all()
    assert (ref.duration_s > 0).all()
    assert np.isfinite(list(ref.static.values())).all()


@pytest.mark.parametrize("field", ["flat_pace_s", "form_half_life", "finish_error"])
def test_a_prior_without_sense_is_refused(field: str) -> None:
    with pytest.raises(InputError, match=field):
        Prior(**{field: -1.0})


def test_a_profile_with_a_number_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="level_sum"):
        AthleteProfile(level_sum=float("nan"))

"""Given hand-made sessions: the athlete's profile learns what they say, and only from the past."""

from __future__ import annotations

import json
from dataclasses import fields

import numpy as np
import pandas as pd
import pytest

from lib.athlete.conformal import SCORES_KEPT
from lib.athlete.expected_pace import beyond_experience, expect
from lib.athlete.prior import Prior
from lib.athlete.profile import (
    BEYOND_SD,
    AthleteProfile,
    expected_log_pace,
    flat_steps,
    grade_curve,
    load_after,
    mean_of_known,
    profile_after,
    update,
)
from lib.athlete.run_history import CAPACITY, Kind, kind_of
from lib.athlete.stopped_time import KEPT_RUNS
from lib.core import schema as c
from lib.core.errors import InputError
from lib.course.grade_factors import SLOPE_KNOTS, population_curve
from lib.course.terrain_features import course_table
from tests.support.steady import flat, many, session


def test_the_curve_of_the_population_has_the_published_factors() -> None:
    factors = dict(zip(SLOPE_KNOTS.round(2).tolist(), population_curve(), strict=True))
    assert factors[0.0] == 1.0
    assert factors[0.1] == pytest.approx(1.459)
    assert factors[-0.1] == pytest.approx(0.876)


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
    profile = profile_after(pd.concat(runs), prior, scored=False)
    at = SLOPE_KNOTS.searchsorted(0.1)
    assert grade_curve(profile, prior)[at] == pytest.approx(2.2, rel=0.08)


def test_a_flat_course_is_as_many_flat_steps_and_a_climb_more() -> None:
    assert flat_steps(Prior(), flat(300)) == pytest.approx(300)
    assert flat_steps(Prior(), course_table(0.1 * c.STEP_M * np.arange(300))) == pytest.approx(300 * 1.459, rel=1e-3)


def test_one_run_is_kept_as_it_was() -> None:
    profile = profile_after(session(2000, 1.5, day=4, heart_rate=155.0), Prior())
    runs = profile.memory.runs
    assert profile.runs == 1
    assert profile.last_day == 4
    assert runs.day.tolist() == [4]
    assert runs.log_pace == pytest.approx([np.log(1.5)], abs=5e-4)
    assert runs.heart_rate_bpm.tolist() == [155.0]
    assert runs.cadence_rpm.tolist() == [82.0]
    assert profile.longest_km == 10.0


def test_pace_is_kept_free_of_the_climb_that_it_took() -> None:
    slow = session(1000, 1.8 * 1.459, slope=0.1)
    assert profile_after(slow, Prior()).memory.runs.log_pace == pytest.approx([np.log(1.8)], abs=2e-3)


def test_what_is_expected_is_the_level_less_its_variance_and_slower_beyond_experience() -> None:
    prior = Prior()
    profile = profile_after(many(12, pace_s=1.7), prior, scored=False)
    runs = profile.memory.runs
    for km in (10.0, 20.0, 80.0):
        kind = Kind(float(np.log(km / 10)), 0.0, 0.0)
        mean, sd = expect(prior.pace, runs, runs.log_pace, 30, kind)
        beyond = beyond_experience(prior.pacing, 10.0, kind, mean)
        assert (beyond > 0.0) == (km > 10.0)
        expected, spread, lean = expected_log_pace(profile, prior, kind, 30)
        assert expected == pytest.approx(mean - sd**2 + beyond)
        assert spread == pytest.approx(np.hypot(sd, BEYOND_SD * beyond))
        assert lean == pytest.approx(sd**2)


def test_a_short_run_is_expected_as_usual_but_less_surely() -> None:
    prior = Prior()
    profile = profile_after(many(12, pace_s=1.7), prior, scored=False)
    _, spread, lean = expected_log_pace(profile, prior, kind_of(flat(400)), 30)
    assert spread > 2 * np.sqrt(lean)


def test_the_longest_run_so_far_is_experience_for_good() -> None:
    profile = profile_after(pd.concat([session(4000, 1.8), many(3, pace_s=1.8, first=1)]), Prior(), scored=False)
    assert profile.longest_km == 20.0


def test_a_score_is_how_far_a_finish_was_from_what_was_expected_before_it() -> None:
    prior = Prior()
    before = profile_after(many(5, pace_s=1.8), prior)
    expected, spread, _ = expected_log_pace(before, prior, kind_of(flat(2000)), 20)
    after = update(before, prior, session(2000, 2.1, number=9, day=20), flat(2000))
    assert after.scores[:-1] == before.scores
    assert after.scores[-1] == pytest.approx((np.log(2.1) - expected) / spread, rel=0.01)


def test_without_scores_everything_else_is_the_same() -> None:
    sessions = many(4, pace_s=1.8)
    scored, unscored = (profile_after(sessions, Prior(), scored=flag) for flag in (True, False))
    assert len(scored.scores) == 4
    assert unscored.scores == ()
    for field in fields(AthleteProfile):
        if field.name != "scores":
            assert getattr(scored, field.name) == getattr(unscored, field.name)


def test_a_run_without_heart_rate_leaves_the_heart_rate_as_it_was() -> None:
    prior = Prior()
    before = profile_after(many(5, pace_s=1.8), prior)
    after = update(before, prior, session(2000, 1.8, day=20, heart_rate=np.nan), flat(2000))
    assert after.heart_rate_spread_sum == before.heart_rate_spread_sum
    assert after.heart_rate_weight == before.heart_rate_weight
    assert np.isnan(after.memory.runs.heart_rate_bpm[-1])
    assert after.cadence_weight > before.cadence_weight
    assert after.runs == before.runs + 1


@pytest.mark.parametrize(("known", "found"), [(0, None), (4, None), (5, (2.0, 0.0)), (10, (2.0, 0.0))])
def test_a_mean_is_known_where_half_of_the_values_are(known: int, found: tuple[float, float] | None) -> None:
    assert mean_of_known(np.where(np.arange(10) < known, 2.0, np.nan)) == found


def test_the_mean_of_nothing_is_unknown() -> None:
    assert mean_of_known(np.array([])) is None


def test_a_profile_does_not_depend_on_what_comes_later() -> None:
    """The athlete after five runs, gone on from, is the athlete after ten; the first stays as it was."""
    prior = Prior()
    sessions = many(10, pace_s=1.7)
    early = sessions[c.SESSION_ID] < 5
    alone = profile_after(sessions[early], prior)
    assert profile_after(sessions[~early], prior, alone) == profile_after(sessions, prior)
    assert alone == profile_after(sessions[early], prior)


def test_load_fades_with_the_days() -> None:
    assert load_after(100.0, 7.0, 7.0) == pytest.approx(100 / np.e)
    profile = profile_after(pd.concat([session(2000, 1.8), session(1000, 1.8, number=1, day=7)]), Prior(), scored=False)
    assert profile.load_short_km == pytest.approx(10 / np.e + 5)
    assert profile.load_long_km == pytest.approx(10 * np.exp(-7 / 42) + 5)


def test_the_usual_gap_follows_the_days_between_runs() -> None:
    assert profile_after(many(60, pace_s=1.8, every_days=5), Prior(), scored=False).gap_days == pytest.approx(
        5, abs=0.1
    )


def test_standing_is_kept_of_the_latest_runs() -> None:
    runs = [session(2000, 1.8, number=i, day=i, stop_s=10.0 * i) for i in range(20)]
    kept = profile_after(pd.concat(runs), Prior(), scored=False).standing_at_one_hour_s
    assert kept == tuple(10 * i for i in range(20))[-KEPT_RUNS:]


def test_a_long_past_is_kept_in_few_numbers() -> None:
    profile = profile_after(many(CAPACITY + 20, pace_s=1.8, steps=400), Prior())
    assert profile.runs == CAPACITY + 20
    assert len(profile.memory) == CAPACITY
    assert len(profile.scores) == SCORES_KEPT
    assert len(json.dumps(profile.to_dict(), separators=(",", ":"))) < 6_000


@pytest.mark.parametrize("field", ["curve_weight_s", "spread_half_life", "heart_rate_spread_bpm"])
def test_a_prior_without_sense_is_refused(field: str) -> None:
    with pytest.raises(InputError, match=field):
        Prior(**{field: -1.0})


@pytest.mark.parametrize("field", ["longest_km", "load_long_km"])
def test_a_profile_with_a_number_that_is_none_is_refused(field: str) -> None:
    with pytest.raises(InputError, match=field):
        AthleteProfile(**{field: float("nan")})


def test_a_curve_of_another_length_is_refused() -> None:
    with pytest.raises(InputError, match="curve_actual_s = a list of 3; expected 21 values"):
        AthleteProfile(curve_actual_s=(1.0, 1.0, 1.0))


@pytest.mark.parametrize("kept", [(1,) * (KEPT_RUNS + 1), (1.5,), (-1,), (True,)])
def test_standing_times_without_sense_are_refused(kept: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="standing_at_one_hour_s"):
        AthleteProfile(standing_at_one_hour_s=kept)

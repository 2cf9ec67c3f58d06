"""The network sees in training what it will see at a cold start, and no more."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.athlete.prior import Prior
from lib.athlete.profile import AthleteProfile
from lib.athlete.reference import reference
from lib.core import schema as c
from lib.core.errors import InputError
from lib.course.terrain_features import course_table
from lib.inference.features import to_residuals
from lib.training.dataset import Told, athlete_frame, course_frame, scaled_zero
from tests.support.small import small_data, small_sessions

pytestmark = pytest.mark.slow


def test_the_start_row_is_the_same_in_training_and_at_a_cold_start() -> None:
    session = small_sessions(1)
    course = course_table(session[c.ALTITUDE].to_numpy())
    ref = reference(AthleteProfile(), Prior(), course)
    trained = course_frame(course, ref, "s", to_residuals(session, ref))
    cold = course_frame(course, ref, "s")
    pd.testing.assert_series_equal(trained.iloc[0], cold.iloc[0])
    known = [*c.KNOWN_REALS, *c.STATIC_REALS]
    pd.testing.assert_frame_equal(trained[known], cold[known])
    assert len(cold) == len(session) + 1


def test_no_known_column_changes_with_what_happened() -> None:
    session = small_sessions(4)
    other = session.copy()
    last = other[c.SESSION_ID] == 3
    other.loc[last, [c.DURATION, c.HEART_RATE, c.CADENCE]] *= 1.3
    known = [*c.KNOWN_REALS, *c.STATIC_REALS, c.REFERENCE_DURATION]
    one, _ = athlete_frame(session, Prior(), "a", min_km=0.5)
    two, _ = athlete_frame(other, Prior(), "a", min_km=0.5)
    pd.testing.assert_frame_equal(one[known], two[known])
    assert not one[list(c.TARGET_RESIDUALS)].equals(two[list(c.TARGET_RESIDUALS)])


def test_sessions_without_heart_rate_teach_the_profile_only() -> None:
    sessions = small_sessions(4)
    sessions.loc[sessions[c.SESSION_ID] == 2, c.HEART_RATE] = np.nan
    frame, profile = athlete_frame(sessions, Prior(), "a", min_km=0.5)
    assert sorted(frame[c.SESSION_ID].unique()) == [0, 1, 3]
    assert profile.runs == 4


def test_an_athlete_without_a_usable_session_is_refused() -> None:
    with pytest.raises(InputError, match="no session of 50"):
        athlete_frame(small_sessions(2), Prior(), "a", min_km=50)


def told_columns(**shares: float) -> pd.DataFrame:
    """Columns that say what is told, of an athlete's sessions; one row for each session."""
    frame, _ = athlete_frame(small_sessions(12), Prior(), "a", min_km=0.5, told=Told(**shares))
    return frame.groupby(c.SESSION_ID)[[c.EFFORT_KNOWN, c.PACE_KNOWN, c.EFFORT, c.GIVEN_PACE]].last()


def test_by_default_the_network_is_told_nothing() -> None:
    assert (told_columns() == 0).all(axis=None)


def test_it_is_told_an_effort_or_a_pace_never_both_and_for_some_sessions_neither() -> None:
    told = told_columns(effort_share=0.4, pace_share=0.3)
    assert set(zip(told[c.EFFORT_KNOWN], told[c.PACE_KNOWN], strict=True)) == {(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)}
    assert (told.loc[told[c.EFFORT_KNOWN] == 0, c.EFFORT] == 0).all()
    assert (told.loc[told[c.PACE_KNOWN] == 0, c.GIVEN_PACE] == 0).all()


@pytest.mark.parametrize(
    ("draw", "pace", "effort"), [(0.0, 1, 0), (0.29, 1, 0), (0.31, 0, 1), (0.69, 0, 1), (0.71, 0, 0), (0.99, 0, 0)]
)
def test_shares_of_what_is_told_are_as_stated(draw: float, pace: int, effort: int) -> None:
    session = small_sessions(1)
    course = course_table(session[c.ALTITUDE].to_numpy())
    static = Told(effort_share=0.4, pace_share=0.3).reference(AthleteProfile(), Prior(), session, course, draw).static
    assert (static[c.PACE_KNOWN], static[c.EFFORT_KNOWN]) == (pace, effort)


def test_what_is_told_of_a_session_is_the_same_every_time() -> None:
    pd.testing.assert_frame_equal(
        told_columns(effort_share=0.4, pace_share=0.3), told_columns(effort_share=0.4, pace_share=0.3)
    )


def test_the_effort_told_is_the_heart_rate_of_the_session_above_what_was_expected() -> None:
    """Told the effort, the reference expects the mean heart rate that came about."""
    session, prior = small_sessions(1), Prior()
    course = course_table(session[c.ALTITUDE].to_numpy())
    ref = Told(effort_share=1.0).reference(AthleteProfile(), prior, session, course, draw=0.5)
    assert ref.heart_rate_bpm == pytest.approx(session[c.HEART_RATE].mean(), rel=1e-6)
    assert ref.static[c.EFFORT_KNOWN] == 1.0


def test_an_effort_beyond_belief_is_told_as_three() -> None:
    session = small_sessions(1)
    session[c.HEART_RATE] += 80
    course = course_table(session[c.ALTITUDE].to_numpy())
    ref = Told(effort_share=1.0).reference(AthleteProfile(), Prior(), session, course, draw=0.5)
    assert ref.static[c.EFFORT] == 3.0


def test_the_pace_told_is_that_of_the_session() -> None:
    session = small_sessions(1)
    course = course_table(session[c.ALTITUDE].to_numpy())
    ref = Told(pace_share=1.0).reference(AthleteProfile(), Prior(), session, course, draw=0.5)
    by_hand = reference(AthleteProfile(), Prior(), course, 0, given_s=session[c.DURATION].to_numpy(np.float64))
    assert ref.given_log_ratio == pytest.approx(by_hand.given_log_ratio)
    assert np.abs(ref.given_log_ratio).max() > 0
    assert ref.static[c.PACE_KNOWN] == 1.0


def test_what_is_told_never_reaches_the_profile() -> None:
    _, told = athlete_frame(small_sessions(6), Prior(), "a", min_km=0.5, told=Told(0.5, 0.5))
    _, untold = athlete_frame(small_sessions(6), Prior(), "a", min_km=0.5)
    assert told == untold


def test_every_session_has_the_same_code_and_no_statistics_of_its_own() -> None:
    dataset = small_data().dataset
    scales = [dataset[i][0]["target_scale"] for i in (0, len(dataset) // 2, len(dataset) - 1)]
    assert all(np.array_equal(a, b) for scale in scales[1:] for a, b in zip(scales[0], scale, strict=True))


def test_relative_time_has_one_scaling_for_every_encoder_length() -> None:
    dataset = small_data().dataset
    position = dataset.reals.index("relative_time_idx")
    for index in range(0, len(dataset), max(1, len(dataset) // 40)):
        x = dataset[index][0]
        relative = x["x_cont"][:, position].numpy()
        assert relative[-1] == pytest.approx((x["decoder_length"] - 1) / 40)
        assert relative[0] == pytest.approx(-x["encoder_length"] / 40)


def test_exactly_as_the_reference_is_this_when_scaled() -> None:
    dataset = small_data().dataset
    zeros = scaled_zero(dataset)
    for name, value in zip(c.OBSERVED_REALS, zeros.tolist(), strict=True):
        scaler = dataset._scalers[name]
        assert value * scaler.scale_[0] + scaler.mean_[0] == pytest.approx(0, abs=1e-6)

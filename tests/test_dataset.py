"""In: small sessions. Out: that the network sees in training what it will see at a cold start, and no more."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib import columns as c
from lib.athlete import AthleteProfile, reference
from lib.dataset import (
    RATIO_LIMITS,
    WindowConfig,
    athlete_frame,
    course_frame,
    fed_columns,
    fit_prior,
    from_residuals,
    scaled_zero,
    split_by_date,
    to_residuals,
)
from lib.errors import InputError
from lib.prior import Prior
from lib.profile import course_table
from tests.small import small_data, small_sessions


def test_a_cold_start_meets_these_encoder_lengths() -> None:
    assert WindowConfig().rollout_encoder_lengths == (1, 201, 400)
    assert WindowConfig(40, 20).rollout_encoder_lengths == (1, 21, 40)


@pytest.mark.parametrize("lengths", [(200, 200), (400, 0), (10, 20)])
def test_windows_without_sense_are_refused(lengths: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="longer encoder"):
        WindowConfig(*lengths)


def test_residuals_and_back_give_the_session() -> None:
    session = small_sessions(1)
    ref = reference(AthleteProfile(), Prior(), course_table(session[c.ALTITUDE].to_numpy()))
    back = from_residuals(to_residuals(session, ref), ref)
    for name in c.TARGETS:
        assert back[name] == pytest.approx(session[name].to_numpy(), rel=1e-6)


def test_a_duration_beyond_belief_is_cut() -> None:
    session = small_sessions(1)
    session.loc[5, c.DURATION] = 1000.0
    ref = reference(AthleteProfile(), Prior(), course_table(session[c.ALTITUDE].to_numpy()))
    assert to_residuals(session, ref)[5, 0] == RATIO_LIMITS[1]


def test_what_is_fed_back_by_hand() -> None:
    residuals = np.array([[1.0, 0.0, 0.0], [2.0, 1.0, -1.0], [0.5, 3.0, 1.0]])
    fed = fed_columns(residuals, np.array([2.0, 2.0, 4.0]))
    assert fed[c.FED_DURATION] == pytest.approx(np.log([1, 2, 0.5]))
    assert fed[c.FED_MEAN_HEART_RATE] == pytest.approx([0, 0.5, 4 / 3])
    assert fed[c.FED_ELAPSED] == pytest.approx(np.log([1, 6 / 4, 8 / 8]))
    assert set(fed) == set(c.OBSERVED_REALS)


def test_a_run_exactly_as_its_reference_feeds_back_zeros() -> None:
    fed = fed_columns(np.tile([1.0, 0.0, 0.0], (50, 1)), np.linspace(1, 3, 50))
    assert max(np.abs(values).max() for values in fed.values()) == 0


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


def test_the_split_is_by_date_and_never_cuts_a_session() -> None:
    frame, _ = athlete_frame(small_sessions(10), Prior(), "a", min_km=0.5)
    earlier, later = split_by_date(frame, 0.2)
    assert earlier[c.SESSION_ID].max() == 7
    assert sorted(later[c.SESSION_ID].unique()) == [8, 9]
    with pytest.raises(InputError, match="1 session"):
        split_by_date(later[later[c.SESSION_ID] == 9])


def test_sessions_without_heart_rate_teach_the_profile_only() -> None:
    sessions = small_sessions(4)
    sessions.loc[sessions[c.SESSION_ID] == 2, c.HEART_RATE] = np.nan
    frame, profile = athlete_frame(sessions, Prior(), "a", min_km=0.5)
    assert sorted(frame[c.SESSION_ID].unique()) == [0, 1, 3]
    assert profile.runs == 4


def test_an_athlete_without_a_usable_session_is_refused() -> None:
    with pytest.raises(InputError, match="no session of 50"):
        athlete_frame(small_sessions(2), Prior(), "a", min_km=50)


def test_the_prior_of_a_population_lies_between_its_athletes() -> None:
    slow = small_sessions(8)
    slow[c.DURATION] *= 1.5
    fast = small_sessions(8)
    priors = [fit_prior({"x": slow}), fit_prior({"x": fast}), fit_prior({"x": slow, "y": fast})]
    assert priors[1].flat_pace_s < priors[2].flat_pace_s < priors[0].flat_pace_s
    assert priors[2].heart_rate_bpm == pytest.approx(145, abs=2)


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

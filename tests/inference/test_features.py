"""Residuals, feedback and settling, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.athlete.prior import Prior
from lib.athlete.profile import AthleteProfile
from lib.athlete.reference import reference
from lib.core import schema as c
from lib.core.errors import InputError
from lib.course.terrain_features import course_table
from lib.inference.features import (
    RATIO_LIMITS,
    WindowConfig,
    fed_columns,
    from_residuals,
    settled,
    to_residuals,
    to_rows,
    to_steps,
)
from tests.support.small import small_sessions

pytestmark = pytest.mark.slow


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


def test_the_first_steps_have_the_residuals_that_they_have_in_the_whole_and_need_no_table() -> None:
    session = small_sessions(1)
    ref = reference(AthleteProfile(), Prior(), course_table(session[c.ALTITUDE].to_numpy()))
    first = {name: session[name].to_numpy()[:40] for name in c.TARGETS}
    first[c.HEART_RATE] = np.full(40, np.nan)
    some, whole = to_residuals(first, ref), to_residuals(session, ref)
    assert some[:, [0, 2]] == pytest.approx(whole[:40, [0, 2]], rel=1e-6)
    assert np.isnan(some[:, 1]).all()


def test_the_longest_encoder_for_which_there_is_a_past() -> None:
    window = WindowConfig()
    assert [window.encoder_length_after(n) for n in (1, 200, 201, 399, 400, 5000)] == [1, 1, 201, 201, 400, 400]


def test_rows_hold_the_time_and_the_means_of_their_steps() -> None:
    residuals = np.column_stack([[1.0, 2.0, 1.5], [2.0, 4.0, -1.0], [0.0, 1.0, 3.0]])
    rows = to_rows(residuals, np.array([3.0, 1.0, 2.0]), 2)
    assert rows == pytest.approx(np.array([[5.0 / 4.0, 3.0, 0.5], [1.5, -1.0, 3.0]]))
    assert np.array_equal(to_rows(residuals, np.ones(3), 1), residuals)


def test_between_the_middles_of_rows_steps_follow_a_line() -> None:
    rows = np.array([[1.0, 0.0, 4.0], [2.0, 10.0, 4.0]])
    steps = to_steps(rows, 6, 4)  # middles at 1.5 and 4.5
    assert steps[:, 0] == pytest.approx([1.0, 1.0, 7.0 / 6.0, 1.5, 11.0 / 6.0, 2.0])
    assert steps[:, 2] == pytest.approx(np.full(6, 4.0))
    assert np.array_equal(to_steps(rows, 2, 1), rows)


def test_only_what_is_to_come_is_settled() -> None:
    ref = reference(AthleteProfile(), Prior(), course_table(np.linspace(100, 160, 60)))
    residuals = np.column_stack([np.linspace(0.5, 2.0, 60), np.ones(60), np.zeros(60)])
    done = settled(residuals, ref, 20)
    assert np.array_equal(done[:20], residuals[:20])
    assert (done[20:, 0] * ref.duration_s[20:]).sum() == pytest.approx(ref.duration_s[20:].sum())
    assert np.array_equal(settled(residuals, ref, 60), residuals)


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


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.floats(0.3, 3.0))
def test_settled_the_total_is_the_references_and_the_shape_the_networks(seed: int, level: float) -> None:
    ref = reference(AthleteProfile(), Prior(), course_table(np.zeros(100)))
    rng = np.random.default_rng(seed)
    residuals = np.column_stack([level * np.exp(rng.normal(0, 0.3, 100)), rng.normal(size=(100, 2))])
    after = settled(residuals, ref)
    assert (after[:, 0] * ref.duration_s).sum() == pytest.approx(ref.duration_s.sum())
    assert np.ptp(after[:, 0] / residuals[:, 0]) == pytest.approx(0, abs=1e-9)
    assert np.array_equal(after[:, 1:], residuals[:, 1:])

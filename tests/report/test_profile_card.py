"""What a profile card says follows from the runs, and from nothing after them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from lib.athlete.bundle import Bundle, load_bundle
from lib.athlete.profile import AthleteProfile, profile_after
from lib.core import schema as c
from lib.report.profile_card import ProfileCard, card_lines, missing, profile_card, years_or_days
from tests.support.served import ROOT
from tests.support.small import small_sessions

MODEL = load_bundle(ROOT / "checkpoints_v2" / "normalizers.json")


@cache
def bundle_of(n: int, slower_last: float = 1.0) -> Bundle:
    sessions = small_sessions(n, steps=600)
    last = sessions[c.SESSION_ID] == n - 1
    sessions.loc[last, c.DURATION] *= slower_last
    return MODEL.for_athlete(profile_after(sessions, MODEL.prior))


@cache
def card_of(n: int, slower_last: float = 1.0) -> ProfileCard:
    return profile_card(bundle_of(n, slower_last))


def test_it_counts_runs_days_and_kilometres() -> None:
    card = card_of(12)
    assert (card.runs, card.days, card.longest_km) == (12, 33, 10.0)  # nobody is believed to have run less before
    assert card.day.tolist() == list(range(0, 36, 3))
    lines = card_lines(card)
    assert lines["Runs"].startswith("12 in 33 days") and lines["Cadence"] == f"{card.cadence_spm:.0f} spm"


def test_a_slower_run_is_a_later_one_than_expected_and_changes_no_earlier_expectation() -> None:
    plain, slow = card_of(12), card_of(12, 1.3)
    assert np.array_equal(plain.expected_error[:-1], slow.expected_error[:-1], equal_nan=True)
    assert slow.expected_error[-1] - plain.expected_error[-1] == pytest.approx(
        0.3 * (1 + plain.expected_error[-1]), abs=2e-3
    )
    assert slow.flat_pace[-1] / plain.flat_pace[-1] == pytest.approx(1.3, abs=2e-3)
    assert np.isnan(plain.expected_error[0])


def test_form_at_a_day_knows_no_later_run() -> None:
    slow, plain = card_of(12), card_of(12, 0.8)  # the other way it would pass for an odd day
    earlier = plain.form_day < 33
    assert earlier.any() and np.array_equal(plain.form_pace[earlier], slow.form_pace[earlier])
    assert slow.form_pace[-1] > plain.form_pace[-1]


def test_only_slopes_that_were_run_are_told() -> None:
    card = card_of(12)
    assert card.slope.size and np.abs(card.slope).max() < 0.3
    assert (card.slope_s >= 120.0).all()
    flat = np.flatnonzero(card.slope == 0.0)
    assert card.slope_pace[flat] == pytest.approx(card.everybody_pace[flat])


def test_intervals_held_are_counted_from_scores_before() -> None:
    calm = bundle_of(12)
    scores = (0.0,) * 10 + (40.0,)
    card = profile_card(replace(calm, athlete=replace(calm.athlete, scores=scores)))
    assert card.held80 == pytest.approx(10 / 11) and card.scored == 11


def test_a_profile_without_runs_says_what_would_help() -> None:
    card = profile_card(MODEL.for_athlete(AthleteProfile()))
    assert card_lines(card) == {}
    assert any("RESULTS" in line for line in missing(card)) and "0 runs" in missing(card)[0]


def test_missing_heart_rate_is_named() -> None:
    sessions = small_sessions(8)
    sessions[c.HEART_RATE] = np.float32("nan")
    card = profile_card(MODEL.for_athlete(profile_after(sessions, MODEL.prior)))
    assert "Heart rate" not in card_lines(card)
    assert any("8 of 8 remembered runs lack heart rate" in line for line in missing(card))


@pytest.mark.parametrize(("days", "said"), [(1, "1 day"), (45, "45 days"), (300, "10 months"), (1461, "4.0 years")])
def test_stretches_of_time_are_written_in_a_fitting_unit(days: int, said: str) -> None:
    assert years_or_days(days) == said

"""LightGBM finds a pattern that no curve has, from the past alone, and repeatably."""

from __future__ import annotations

import numpy as np
import pytest

from lib.evaluation.baselines.boosting import FEATURES, Boosting, features
from lib.evaluation.baselines.past import PastRun
from lib.evaluation.baselines.personal_curve import LASTING, RECENT, personal_curve
from tests.support.past_runs import flat, noisy_past, past_run


def rested_runs(n: int) -> list[PastRun]:
    """Flat runs of 10 km, slower by a fifth after ten days of rest."""
    runs, day = [], 0
    for i in range(n):
        gap = 10 if i % 3 == 0 else 1
        day += gap
        runs.append(past_run(2000, 1.8 if gap == 10 else 1.5, day=day))
    return runs


def test_features_by_hand() -> None:
    past = [past_run(2000, 1.5, day=10), past_run(4000, 1.5, day=17)]
    table = features(past, km=5.0, climb_m=100.0, day=17, fit=RECENT)
    assert table.shape == (3, len(FEATURES))
    distance, climb, _, short, long, gap, known = table[1]
    assert (distance, climb) == (pytest.approx(np.log(2)), 0)
    assert short == pytest.approx(10 * np.exp(-1) / 7)
    assert long == pytest.approx(10 * np.exp(-7 / 42) / 42)
    assert (gap, known) == (pytest.approx(np.log(8)), pytest.approx(np.log(2)))
    distance, climb, _, short, _, gap, known = table[2]
    assert (distance, climb) == (pytest.approx(np.log(0.5)), 20)
    assert short == pytest.approx((10 * np.exp(-1) + 20) / 7)
    assert (gap, known) == (0, pytest.approx(np.log(3)))


def test_what_the_curve_cannot_know_is_learned() -> None:
    past, course = rested_runs(90), flat(2000)
    boosting = Boosting()
    last = past[-1].day
    rested, tired = (boosting(past, course, last + gap)[0] for gap in (10, 1))
    assert rested == pytest.approx(1.8, rel=0.03)
    assert tired == pytest.approx(1.5, rel=0.03)


def test_others_teach_an_athlete_without_a_past_of_their_own() -> None:
    past, course = rested_runs(12), flat(2000)
    boosting = Boosting([rested_runs(90)])
    rested, tired = (boosting(past, course, past[-1].day + gap)[0] for gap in (10, 1))
    assert rested / tired > 1.1


def test_too_little_to_learn_from_leaves_the_curve_alone() -> None:
    past, course = noisy_past(20), flat(1000)
    assert Boosting()(past, course, 50).tolist() == personal_curve(past, course, 50, RECENT).tolist()
    few = Boosting([noisy_past(3)])
    assert few([], course, 0).tolist() == personal_curve([], course, 0, LASTING).tolist()


def test_two_trainings_agree_exactly() -> None:
    past, course, others = noisy_past(80), flat(1000), [noisy_past(60, seed=9)]
    assert Boosting(others)(past, course, 170).tolist() == Boosting(others)(past, course, 170).tolist()


def test_a_shared_history_is_no_state() -> None:
    """Whether an earlier or a later past was asked for first makes no difference."""
    past, course = noisy_past(80), flat(1000)
    forwards, backwards = Boosting(), Boosting()
    a = [forwards(past[:n], course, 170)[0] for n in (50, 60, 80)]
    b = [backwards(past[:n], course, 170)[0] for n in (80, 60, 50)]
    assert a == b[::-1]

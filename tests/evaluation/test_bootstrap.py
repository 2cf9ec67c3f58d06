"""Paired differences of predictors: their interval covers what is random, and no more."""

from __future__ import annotations

import numpy as np
import pytest

from lib.core import schema as c
from lib.evaluation.bootstrap import differences, resampled_means


def records(ours: np.ndarray, theirs: np.ndarray) -> list[dict[str, object]]:
    """Errors (%) of two predictors, shape (athletes, runs)."""
    return [
        {"athlete": f"a{i}", c.SESSION_ID: j, "predictor": name, "finish_error_pct": errors[i, j]}
        for name, errors in (("ours", ours), ("theirs", theirs))
        for i in range(errors.shape[0])
        for j in range(errors.shape[1])
    ]


def test_a_constant_difference_is_certain() -> None:
    noise = np.random.default_rng(0).uniform(5, 20, (4, 30))
    (found,) = differences(records(noise, noise + 1.0), "ours")
    assert (found.difference, found.low, found.high) == pytest.approx((-1.0, -1.0, -1.0))
    assert (found.athletes, found.runs) == (4, 120)


def test_signs_do_not_count() -> None:
    (found,) = differences(records(np.full((2, 3), -4.0), np.full((2, 3), 4.0)), "ours")
    assert found.difference == 0.0


def test_predictors_that_are_alike_are_not_told_apart() -> None:
    rng = np.random.default_rng(1)
    (found,) = differences(records(rng.uniform(0, 10, (8, 40)), rng.uniform(0, 10, (8, 40))), "ours")
    assert found.low < 0 < found.high


def test_a_run_that_one_did_not_predict_counts_for_neither() -> None:
    ours, theirs = np.full((2, 3), 1.0), np.full((2, 3), 2.0)
    theirs[0, 0] = np.nan
    (found,) = differences(records(ours, theirs), "ours")
    assert found.runs == 5
    assert found.error_versus == 2.0


def test_athletes_count_alike_and_their_spread_widens_the_interval() -> None:
    athlete = np.repeat([0, 1], [90, 10])
    off = np.where(athlete == 0, 0.0, 2.0)
    drawn = resampled_means(off, athlete, draws=4000)
    assert drawn.mean() == pytest.approx(1.0, abs=0.05)
    assert drawn.std() == pytest.approx(np.sqrt(0.5), abs=0.03)


def test_runs_alone_scatter_as_their_mean_does() -> None:
    off = np.random.default_rng(2).normal(0, 3, 400)
    drawn = resampled_means(off, np.zeros(400, int), draws=4000)
    assert drawn.std() == pytest.approx(off.std() / 20, rel=0.1)

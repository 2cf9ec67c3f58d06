from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lib.evaluation import day_fit
from lib.evaluation.day_fit import PartlyRun, evenly, fit_day_spread, last_known
from lib.plan.day_state import SPREAD, Belief, DaySpread, pacing_covariance
from tests.support.long_race import BUNDLE

LEVEL = Belief(10.6, 0.16)


def made_up(spread: DaySpread, event: str, at: float, rng: np.random.Generator, weight: float = 0.0) -> PartlyRun:
    """Finishers whose level and pacing are as the model has them; with earlier editions of some weight."""
    share, ahead = np.linspace(0.05, at, 5), np.array([at + 0.1, 1.0])
    level = LEVEL.log_finish + LEVEL.sd * rng.normal(size=400)
    uneven, places = spread.of_race(12.0, 30.0, weight), np.r_[share, ahead]
    noise = pacing_covariance(places, places, uneven) + np.diag(np.r_[(uneven.place / share) ** 2, 0.0, 0.0])
    x = level[:, None] + rng.multivariate_normal(np.zeros(7), noise, size=400)
    return PartlyRun(event, event, LEVEL, 12.0, 30.0, share, ahead, x[:, :5], x[:, 5:], weight)


@pytest.mark.parametrize("weight", [0.0, 0.9])
def test_a_forecast_is_as_sure_as_it_says(weight: float) -> None:
    one = made_up(SPREAD, "a", 0.5, np.random.default_rng(1), weight)
    mean, sd = one.expected(SPREAD)
    np.testing.assert_allclose((one.to_come - mean).std(axis=0), sd, rtol=0.1)
    assert np.std(one.to_come[:, 1] - mean[:, 1]) < 0.95 * np.std(one.known[:, -1] - one.to_come[:, 1])


def test_the_fit_moves_towards_the_truth(monkeypatch: pytest.MonkeyPatch) -> None:
    truth, rng = replace(SPREAD, wander=0.3, late=1.0), np.random.default_rng(2)
    alone = {event: [made_up(truth, event, at, rng) for at in (0.25, 0.5, 0.75)] for event in "abc"}
    again = {event: [made_up(truth, event, at, rng, 0.9) for at in (0.25, 0.5)] for event in "abc"}
    monkeypatch.setattr(day_fit, "earlier_years", lambda race, races: races[:1])
    monkeypatch.setattr(day_fit, "partly_run", lambda race, prior, known=(): (again if known else alone)[race])
    found = fit_day_spread(list("abc"), BUNDLE.prior)  # type: ignore[arg-type]
    assert 0.2 < found.wander <= 0.32
    assert found.late < SPREAD.late
    assert found.place == SPREAD.place and found.goal_sd == SPREAD.goal_sd


def test_checkpoints_and_finishers_are_chosen() -> None:
    assert [last_known(np.array([0.0, 0.2, 0.45, 0.9, 1.0]), at) for at in (0.0, 0.25, 0.5, 1.0)] == [1, 1, 2, 3]
    times = np.arange(10.0)[::-1, None]
    assert evenly(times, 3).ravel().tolist() == [0.0, 4.0, 9.0]
    assert evenly(times, 40).ravel().tolist() == list(range(10))

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lib.evaluation import day_fit
from lib.evaluation.day_fit import PartlyRun, evenly, fit_day_spread, last_known
from lib.plan.day_state import SPREAD, DaySpread, pacing_covariance
from tests.support.long_race import BUNDLE


def made_up(spread: DaySpread, event: str, at: float, rng: np.random.Generator) -> PartlyRun:
    """Finishers whose level and pacing are as the model has them."""
    share = np.linspace(0.05, at, 5)
    log_pace = np.linspace(1.0, 2.2, 30)
    independent = spread.independent(12.0, 30.0)
    level = spread.level_log_pace + spread.level_sd * rng.normal(size=400)
    noise = pacing_covariance(share, share, spread, independent) + np.diag((spread.place / share) ** 2)
    seen = level[:, None] + rng.multivariate_normal(np.zeros(5), noise, size=400)
    return PartlyRun(event, event, log_pace, log_pace + 9.0, 12.0, 30.0, share, seen + 9.0, level + 9.0)


def test_a_forecast_is_as_sure_as_it_says() -> None:
    one = made_up(SPREAD, "a", 0.5, np.random.default_rng(1))
    mean, sd = one.expected(SPREAD)
    assert np.std(one.finish - mean) == pytest.approx(sd, rel=0.1)
    assert np.std(one.finish - mean) < 0.95 * np.std(one.on_the_way_to[:, -1] - one.finish)


def test_the_fit_moves_towards_the_truth(monkeypatch: pytest.MonkeyPatch) -> None:
    truth, rng = replace(SPREAD, wander=0.3, level_log_pace=1.75), np.random.default_rng(2)
    data = {event: [made_up(truth, event, at, rng) for at in (0.25, 0.5, 0.75)] for event in "abc"}
    monkeypatch.setattr(day_fit, "partly_run", lambda race, prior: data[race])
    found = fit_day_spread(list(data), BUNDLE.prior)  # type: ignore[arg-type]
    assert 0.2 < found.wander <= 0.32
    assert 1.62 < found.level_log_pace < 1.8
    assert found.place == SPREAD.place and found.goal_sd == SPREAD.goal_sd


def test_checkpoints_and_finishers_are_chosen() -> None:
    assert [last_known(np.array([0.0, 0.2, 0.45, 0.9, 1.0]), at) for at in (0.0, 0.25, 0.5, 1.0)] == [1, 1, 2, 3]
    times = np.arange(10.0)[::-1, None]
    assert evenly(times, 3).ravel().tolist() == [0.0, 4.0, 9.0]
    assert evenly(times, 40).ravel().tolist() == list(range(10))

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lib.evaluation import day_fit
from lib.evaluation.day_fit import PartlyRun, evenly, fit_day_spread, last_known
from lib.plan.day_state import SPREAD, DaySpread, pacing_covariance
from tests.support.long_race import BUNDLE


def made_up(
    spread: DaySpread, event: str, at: float, rng: np.random.Generator, earlier: float | None = None
) -> PartlyRun:
    """Finishers whose level and pacing are as the model has them; with a year before, whose field was so much later."""
    share, ahead = np.linspace(0.05, at, 5), np.array([at + 0.1, 1.0])
    log_pace = np.linspace(1.0, 2.2, 30)
    level = spread.level_log_pace + spread.level_sd * rng.normal(size=400)
    weight = 0.0 if earlier is None else 0.9
    uneven, places = spread.of_race(12.0, 30.0, weight), np.r_[share, ahead]
    noise = pacing_covariance(places, places, uneven) + np.diag(np.r_[(uneven.place / share) ** 2, 0.0, 0.0])
    x = 9.0 + level[:, None] + rng.multivariate_normal(np.zeros(7), noise, size=400)
    years = () if earlier is None else (9.0 + level + earlier,)
    return PartlyRun(
        event, event, log_pace, log_pace + 9.0, 12.0, 30.0, share, ahead, x[:, :5], x[:, 5:], weight, years
    )


@pytest.mark.parametrize("earlier", [None, 0.03])
def test_a_forecast_is_as_sure_as_it_says(earlier: float | None) -> None:
    one = made_up(SPREAD, "a", 0.5, np.random.default_rng(1), earlier)
    mean, sd = one.expected(SPREAD)
    np.testing.assert_allclose((one.to_come - mean).std(axis=0), sd, rtol=0.1)
    assert np.std(one.to_come[:, 1] - mean[:, 1]) < 0.95 * np.std(one.known[:, -1] - one.to_come[:, 1])


def test_the_fit_moves_towards_the_truth(monkeypatch: pytest.MonkeyPatch) -> None:
    truth, rng = replace(SPREAD, wander=0.3, level_log_pace=1.75, late=1.0), np.random.default_rng(2)
    off = dict(zip("abc", (0.06, -0.06, 0.06), strict=True))
    alone = {event: [made_up(truth, event, at, rng) for at in (0.25, 0.5, 0.75)] for event in off}
    again = {event: [made_up(truth, event, at, rng, later) for at in (0.25, 0.5)] for event, later in off.items()}
    monkeypatch.setattr(day_fit, "earlier_years", lambda race, races: races[:1])
    monkeypatch.setattr(day_fit, "partly_run", lambda race, prior, known=(): (again if known else alone)[race])
    found = fit_day_spread(list(off), BUNDLE.prior)  # type: ignore[arg-type]
    assert 0.2 < found.wander <= 0.32
    assert SPREAD.level_log_pace < found.level_log_pace < 1.8
    assert found.late < SPREAD.late
    assert found.year_sd == pytest.approx(0.06, abs=0.002)
    assert 0 < found.field_sd < 0.15
    assert found.place == SPREAD.place and found.goal_sd == SPREAD.goal_sd


def test_a_year_that_is_the_same_leaves_some_doubt() -> None:
    again = [made_up(SPREAD, "a", 0.5, np.random.default_rng(3), 0.0)]
    assert day_fit._with_fields(SPREAD, again).year_sd == 0.005


def test_checkpoints_and_finishers_are_chosen() -> None:
    assert [last_known(np.array([0.0, 0.2, 0.45, 0.9, 1.0]), at) for at in (0.0, 0.25, 0.5, 1.0)] == [1, 1, 2, 3]
    times = np.arange(10.0)[::-1, None]
    assert evenly(times, 3).ravel().tolist() == [0.0, 4.0, 9.0]
    assert evenly(times, 40).ravel().tolist() == list(range(10))

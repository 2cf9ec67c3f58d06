"""Given deviations worked out by hand, or drawn: lib/plan/persistence.py carries them over as it says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lib.core.errors import InputError
from lib.plan.persistence import NOTHING, Blocks, Persistence, block_edges, block_means, blocks, expect_rest

STEADY = Persistence(0.1, 1e-6, 3.0, 0.1, restless_sd=1e-3, finish_sd=0.0, limit=10.0)
"""A level and noise alone, of known size: what a mean says of it is in every textbook."""


def stretch(first_km: float, last_km: float) -> Blocks:
    return blocks(block_edges(round(first_km * 200), round(last_km * 200)))


def mean_of_rest(p: Persistence, values: np.ndarray, done_km: float, km: float = 10.0) -> tuple[float, float]:
    ahead = stretch(done_km, km)
    said = expect_rest(p, values, stretch(0, done_km), ahead)
    weights = ahead.length_km / ahead.length_km.sum()
    return float(weights @ said.mean), float(said.sd(weights[None])[0])


@pytest.mark.parametrize("km", [0.5, 1.0, 4.0])
def test_of_a_level_in_noise_as_much_is_carried_as_the_mean_of_so_many_km_tells(km: float) -> None:
    n = round(km / 0.5)
    mean, sd = mean_of_rest(STEADY, np.full(n, 0.2), km)
    # Variances 0.1² of the level and 0.1²/km of the mean so far; of the rest 0.1²/(10 - km) comes on top.
    assert mean == pytest.approx(0.2 * km / (km + 1), rel=1e-3)
    assert sd**2 == pytest.approx(0.01 / (1 + km) + 0.01 / (10 - km), rel=1e-3)


def test_before_the_start_nothing_is_expected_and_all_is_unsure() -> None:
    mean, sd = mean_of_rest(STEADY, np.empty(0), 0.0)
    assert mean == 0 and sd**2 == pytest.approx(0.01 + 0.001, rel=1e-3)
    assert expect_rest(STEADY, np.empty(0), NOTHING, stretch(0, 3)).covariance.shape == (6, 6)


def test_what_wanders_is_forgotten_and_what_lasts_is_not() -> None:
    wandering = Persistence(1e-6, 0.1, 2.0, 1e-3, restless_sd=1e-3, finish_sd=0.0, limit=10.0)
    said = expect_rest(wandering, np.array([0.0, 0.0, 0.1]), stretch(0, 1.5), stretch(1.5, 20))
    assert said.mean[0] == pytest.approx(0.1 * np.exp(-0.5 / 2.0), rel=1e-2)
    assert said.mean[-1] < 1e-4
    assert (np.diff(said.mean) < 0).all()
    lasting = expect_rest(STEADY, np.array([0.1, 0.1, 0.1]), stretch(0, 1.5), stretch(1.5, 20))
    assert np.ptp(lasting.mean) < 1e-6


def test_an_uneven_run_is_believed_less_than_an_even_one() -> None:
    p = replace(STEADY, restless_sd=0.7)
    even = np.full(8, 0.1)
    uneven = even + np.tile([0.5, -0.5], 4)
    (mean, sd), (less, wider) = mean_of_rest(p, even, 4.0), mean_of_rest(p, uneven, 4.0)
    assert 0 < less < 0.9 * mean
    assert wider > 1.5 * sd


def test_one_odd_stretch_is_cut() -> None:
    p = replace(STEADY, limit=0.3)
    odd, cut = np.zeros(8), np.zeros(8)
    odd[3], cut[3] = 50.0, 0.3
    assert mean_of_rest(p, odd, 4.0) == mean_of_rest(p, cut, 4.0)


def test_the_finish_has_something_of_its_own() -> None:
    p = replace(STEADY, finish_sd=0.2)
    plain, said = (expect_rest(x, np.zeros(8), stretch(0, 4), stretch(4, 10)) for x in (STEADY, p))
    assert np.array_equal(plain.mean, said.mean)
    more = np.diag(said.covariance - plain.covariance)
    assert more[-1] == pytest.approx((0.2 * np.exp(-0.25)) ** 2)
    assert more[0] == pytest.approx((0.2 * np.exp(-5.75)) ** 2)


def test_drawn_runs_are_off_by_as_much_as_is_said() -> None:
    p = Persistence(0.05, 0.08, 3.0, 0.05, restless_sd=0.4, finish_sd=0.05, limit=2.0)
    rng, z = np.random.default_rng(0), []
    whole = stretch(0, 10)
    to_finish = 10.0 - whole.middle_km
    for _ in range(600):
        factor = np.exp(rng.normal(0, p.restless_sd))
        wander = p.wander_sd**2 * np.exp(-np.abs(whole.middle_km[:, None] - whole.middle_km) / p.wander_km)
        y = rng.normal(0, p.level_sd) + factor * rng.multivariate_normal(np.zeros(20), wander)
        y += factor * rng.normal(0, p.noise_sd / np.sqrt(0.5), 20)
        y[8:] += rng.normal(0, p.finish_sd) * np.exp(-to_finish[8:])
        mean, sd = mean_of_rest(p, y[:8], 4.0)
        z.append((y[8:].mean() - mean) / sd)
    assert np.mean(z) == pytest.approx(0, abs=0.12)
    assert np.std(z) == pytest.approx(1, abs=0.1)
    assert np.mean(np.abs(z) < 1.2816) == pytest.approx(0.8, abs=0.05)


def test_blocks_begin_with_whole_ones_or_end_with_them() -> None:
    assert block_edges(0, 250).tolist() == [0, 100, 200, 250]
    assert block_edges(0, 250, backwards=True).tolist() == [0, 50, 150, 250]
    assert block_edges(50, 250).tolist() == [50, 150, 250]
    assert block_edges(0, 7, backwards=True).tolist() == [0, 7]
    part = blocks(block_edges(0, 250, backwards=True))
    assert part.middle_km == pytest.approx([0.125, 0.5, 1.0])
    assert part.length_km == pytest.approx([0.25, 0.5, 0.5])


def test_means_are_of_what_was_measured() -> None:
    values = np.r_[np.full(50, 1.0), np.full(100, np.nan), np.full(60, 2.0), np.full(40, np.nan)]
    weights = np.r_[np.full(150, 1.0), np.full(30, 3.0), np.full(70, 1.0)]
    values[150:180] = 4.0
    means, part = block_means(values, weights)
    assert means == pytest.approx([1.0, (30 * 3 * 4 + 30 * 2) / (30 * 3 + 30)])
    assert part.middle_km == pytest.approx([0.125, 1.0])
    assert part.length_km == pytest.approx([0.25, 0.3])
    assert block_means(np.full(30, np.nan), np.ones(30))[0].size == 0


@pytest.mark.parametrize("change", [{"level_sd": 0.0}, {"wander_km": np.inf}, {"finish_sd": -0.1}, {"limit": np.nan}])
def test_numbers_that_make_no_sense_are_refused(change: dict[str, float]) -> None:
    with pytest.raises(InputError):
        replace(STEADY, **change)

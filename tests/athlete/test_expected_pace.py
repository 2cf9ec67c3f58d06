"""Given a few runs: the level expected of the next is what the textbook's formulas say, from the past alone."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.athlete.expected_pace import Kernel, beyond_experience, covariance, expect, one_ahead, spread_when_short
from lib.athlete.pacing_law import PacingLaw, mean_fading
from lib.athlete.run_history import Kind, Runs
from lib.core.errors import InputError
from tests.support.remembered import KERNEL, first, kind_at, some_runs

pytestmark = pytest.mark.slow

NOBODY = some_runs(0)


def covariance_by_hand(k: Kernel, a: Runs, i: int, b: Runs, j: int) -> float:
    """Sum of the six parts, written out for one pair."""
    days = abs(a.day[i] - b.day[j])
    d, u, n = ((getattr(a, s)[i] - getattr(b, s)[j]) for s in ("distance", "climb", "net"))
    gauss = lambda *pairs: np.exp(-0.5 * sum((x / length) ** 2 for x, length in pairs))  # noqa: E731
    return (
        k.athlete_sd**2
        + k.drift_sd**2 * np.exp(-days / k.drift_days)
        + k.kind_sd**2 * gauss((d, k.kind_distance), (u, k.kind_climb))
        + (k.recent_sd**2 + (k.weekday_sd**2 if days % 7 == 0 else 0.0))
        * gauss((d, k.recent_distance), (u, k.recent_climb))
        * np.exp(-days / k.recent_days)
        + k.route_sd**2
        * gauss((d, k.route_distance), (u, k.route_climb), (n, k.route_net))
        * np.exp(-days / k.route_days)
    )


def posterior(k: Kernel, runs: Runs, level: np.ndarray, noise: np.ndarray, target: Runs, j: int) -> tuple[float, float]:
    """Mean and variance of what comes about run `j` of `target` (Rasmussen & Williams 2006, eq. 2.23 and 2.24)."""
    n = level.size
    between = np.array([[covariance_by_hand(k, runs, a, runs, b) for b in range(n)] for a in range(n)])
    to_next = np.array([covariance_by_hand(k, runs, a, target, j) for a in range(n)])
    inverse = np.linalg.inv(between.reshape(n, n) + np.diag(noise))
    own = covariance_by_hand(k, target, j, target, j)
    mean = k.mean + to_next @ inverse @ (level - k.mean)
    return float(mean), float(own - to_next @ inverse @ to_next + k.noise_sd**2)


@pytest.mark.parametrize("n", [1, 3, 5])
def test_it_is_the_posterior_of_the_textbook_where_no_day_is_odd(n: int) -> None:
    runs = some_runs(n + 1, seed=n)
    level = KERNEL.mean + np.linspace(-0.03, 0.03, n)
    mean, sd = expect(KERNEL, first(runs, n), level, runs.day[n], kind_at(runs, n))
    by_hand = posterior(KERNEL, first(runs, n), level, np.full(n, KERNEL.noise_sd**2), runs, n)
    scatter = one_ahead(KERNEL, covariance(KERNEL, first(runs, n), first(runs, n)), level).scatter[n]
    assert mean == pytest.approx(by_hand[0], abs=2e-5)  # but for a jitter of 1e-6
    assert sd**2 == pytest.approx(scatter * by_hand[1], rel=1e-3)


def test_every_run_is_expected_from_those_before_it_and_no_other() -> None:
    """One factorization says what a loop over the runs says that leaves out each and all after it."""
    runs = some_runs(14, seed=3)
    level = runs.log_pace.copy()
    level[6] += 0.6
    ahead = one_ahead(KERNEL, covariance(KERNEL, runs, runs), level)
    for i in range(14):
        mean, spread = posterior(KERNEL, first(runs, i), level[:i], ahead.noise[:i], runs, i)
        assert ahead.expected[i] == pytest.approx(mean, abs=5e-5)
        assert ahead.variance[i] == pytest.approx(ahead.scatter[i] * spread, rel=1e-3)


def test_expecting_the_next_run_and_expecting_all_ahead_agree() -> None:
    runs = some_runs(12, seed=4)
    ahead = one_ahead(KERNEL, covariance(KERNEL, runs, runs), runs.log_pace)
    for i in (1, 5, 11):
        past = first(runs, i)
        mean, sd = expect(KERNEL, past, past.log_pace, runs.day[i], kind_at(runs, i))
        assert mean == pytest.approx(ahead.expected[i], abs=1e-9)
        assert sd**2 == pytest.approx(ahead.variance[i], abs=2e-6)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 11), st.floats(-2, 2))
def test_what_happens_later_changes_no_earlier_expectation(seed: int, at: int, by: float) -> None:
    runs = some_runs(12, seed)
    changed = runs.log_pace.copy()
    changed[at:] += by
    between = covariance(KERNEL, runs, runs)
    one, other = one_ahead(KERNEL, between, runs.log_pace), one_ahead(KERNEL, between, changed)
    for name in ("expected", "variance", "scatter"):
        assert getattr(other, name)[: at + 1] == pytest.approx(getattr(one, name)[: at + 1], abs=1e-12)
    assert other.noise[:at] == pytest.approx(one.noise[:at], abs=1e-12)


def test_an_odd_day_weighs_less_than_it_is_far_off() -> None:
    runs = some_runs(10, seed=5)
    level = np.full(10, KERNEL.mean)

    def moved(by: float) -> float:
        changed = level.copy()
        changed[-1] += by
        return expect(KERNEL, runs, changed, runs.day[-1] + 2, kind_at(runs, 9))[0] - KERNEL.mean

    assert 0 < moved(1.0) < 2 * moved(0.1)
    noise = one_ahead(KERNEL, covariance(KERNEL, runs, runs), np.r_[level[:-1], KERNEL.mean + 1.0]).noise
    assert noise[-1] > 10 * noise[0]
    assert noise[:-1] == pytest.approx(np.full(9, KERNEL.noise_sd**2))


def test_who_runs_each_day_alike_gets_a_narrow_spread_and_who_does_not_a_wide_one() -> None:
    """Of the same oddity less is believed in who is always even; the spread tells of the athlete."""
    runs, rng = some_runs(120, seed=5), np.random.default_rng(5)
    next_run = (runs.day[-1] + 2, kind_at(runs, 119))
    spreads, moved = [], []
    for scatter in (0.3, 1.0, 3.0):
        level = KERNEL.mean + scatter * KERNEL.noise_sd * rng.standard_normal(120)
        mean, sd = expect(KERNEL, runs, level, *next_run)
        spreads.append(sd)
        level[-1] += 5 * KERNEL.noise_sd
        moved.append(expect(KERNEL, runs, level, *next_run)[0] - mean)
    assert spreads == sorted(spreads)
    assert spreads[2] > 2 * spreads[0]
    assert moved[0] < 0.9 * moved[2]


def test_the_scatter_of_somebody_unknown_is_as_usual_and_recent_runs_say_most_of_it() -> None:
    runs = some_runs(200, seed=6)
    noise = KERNEL.noise_sd * np.random.default_rng(6).standard_normal(200)
    early, late = np.where(np.arange(200) < 100, 3.0, 0.3) * noise, np.where(np.arange(200) < 100, 0.3, 3.0) * noise
    scatter = [one_ahead(KERNEL, covariance(KERNEL, runs, runs), KERNEL.mean + off).scatter for off in (early, late)]
    assert scatter[0][0] == scatter[1][0] == 1.0
    assert scatter[0][-1] < scatter[1][-1]


def test_a_run_of_the_same_weekday_says_more_than_its_neighbours() -> None:
    """Seven runs of a week, all of one kind, one of them slow: it shows most on the same day of the next week."""
    week = replace(some_runs(7), day=np.arange(7.0), **{name: np.zeros(7) for name in ("distance", "climb", "net")})
    level = np.where(np.arange(7) == 2, KERNEL.mean + 0.1, KERNEL.mean)
    next_week = [expect(KERNEL, week, level, day, Kind(0.0, 0.0, 0.0))[0] for day in (8.0, 9.0, 10.0)]
    assert next_week[1] > next_week[0] + 0.003
    assert next_week[1] > next_week[2] + 0.003
    unknown = expect(KERNEL, week, level, 9.5, Kind(0.0, 0.0, 0.0))[0]
    assert unknown < next_week[1]


def test_before_the_first_run_anybodys_level_is_expected() -> None:
    mean, sd = expect(KERNEL, NOBODY, NOBODY.log_pace, 0.0, Kind(0.0, 1.0, 0.0))
    names = ("athlete_sd", "drift_sd", "kind_sd", "recent_sd", "weekday_sd", "route_sd", "noise_sd")
    assert mean == KERNEL.mean
    assert sd == pytest.approx(np.sqrt(sum(getattr(KERNEL, name) ** 2 for name in names)))


def test_runs_of_unknown_level_are_as_if_they_had_not_been() -> None:
    runs = some_runs(8, seed=6)
    known = np.arange(8) % 2 == 0
    less = Runs(**{field.name: getattr(runs, field.name)[known] for field in fields(Runs)})
    gaps = np.where(known, runs.log_pace, np.nan)
    next_run = (60.0, Kind(0.2, 1.1, 0.0))
    assert expect(KERNEL, runs, gaps, *next_run) == expect(KERNEL, less, less.log_pace, *next_run)
    assert expect(KERNEL, runs, np.full(8, np.nan), *next_run)[0] == KERNEL.mean


def test_runs_of_the_kind_and_of_late_say_most() -> None:
    """Two runs, one slow and one fast: the next is expected nearer to the one that it is like."""
    flat, steep = Kind(0.0, 0.3, 0.0), Kind(0.0, 2.5, 0.0)
    of_kinds = replace(some_runs(2), day=np.zeros(2), distance=np.zeros(2), climb=np.array([0.3, 2.5]), net=np.zeros(2))
    level = np.array([0.4, 0.8])
    assert expect(KERNEL, of_kinds, level, 1.0, flat)[0] < expect(KERNEL, of_kinds, level, 1.0, steep)[0]
    in_time = replace(of_kinds, day=np.array([0.0, 400.0]), climb=np.full(2, 0.3))
    fast_last, slow_last = (expect(KERNEL, in_time, one, 402.0, flat)[0] for one in (level[::-1], level))
    assert fast_last < slow_last


def test_more_runs_make_it_surer_but_no_surer_than_the_days_differ() -> None:
    spreads = []
    for n in (0, 3, 10, 60):
        runs = some_runs(n, seed=8)
        spreads.append(expect(KERNEL, runs, np.full(n, KERNEL.mean), 250.0, Kind(0.0, 1.2, 0.0))[1])
    assert spreads == sorted(spreads, reverse=True)
    assert spreads[-1] > 0.8 * KERNEL.noise_sd  # the days of this athlete hardly differ


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 40), st.integers(0, 1000), st.floats(0.0, 3.0))
def test_any_levels_give_a_finite_expectation_between_all_that_was_seen(n: int, seed: int, spread: float) -> None:
    runs = some_runs(n, seed)
    level = KERNEL.mean + spread * np.random.default_rng(seed).normal(size=n)
    mean, sd = expect(KERNEL, runs, level, runs.day[-1] + 1, Kind(3.0, 5.0, -2.0))
    assert np.isfinite([mean, sd]).all()
    assert sd >= 0.7 * KERNEL.noise_sd  # so even nobody is
    assert abs(mean - KERNEL.mean) <= np.abs(level - KERNEL.mean).sum()


def test_equal_runs_on_one_day_are_no_trouble() -> None:
    same = replace(some_runs(30), **{f.name: np.zeros(30) for f in fields(Runs) if f.name != "log_pace"})
    mean, sd = expect(KERNEL, same, np.full(30, 0.7), 0.0, Kind(0.0, 0.0, 0.0))
    assert mean == pytest.approx(0.7, abs=0.02)
    assert 0.7 * KERNEL.noise_sd < sd < KERNEL.noise_sd


def test_torch_and_numpy_say_the_same() -> None:
    runs = some_runs(9, seed=9)
    level = runs.log_pace + np.r_[np.zeros(8), 0.7]
    tensors = Runs(**{field.name: torch.as_tensor(getattr(runs, field.name)) for field in fields(Runs)})
    between, between_t = covariance(KERNEL, runs, runs), covariance(KERNEL, tensors, tensors, torch)
    assert between_t.numpy() == pytest.approx(between, rel=1e-12)
    numpy_says, torch_says = one_ahead(KERNEL, between, level), one_ahead(KERNEL, between_t, torch.tensor(level), torch)
    for name in ("expected", "variance", "noise", "scatter"):
        assert getattr(torch_says, name).numpy() == pytest.approx(getattr(numpy_says, name), rel=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 30), st.integers(0, 1000))
def test_a_covariance_is_symmetric_and_never_negative(n: int, seed: int) -> None:
    runs = some_runs(n, seed)
    between = covariance(KERNEL, runs, runs)
    assert between == pytest.approx(between.T)
    assert np.linalg.eigvalsh(between).min() > -1e-9
    assert between[0, -1] == pytest.approx(covariance_by_hand(KERNEL, runs, 0, runs, n - 1))


LAW = PacingLaw()


def test_within_experience_nothing_is_added() -> None:
    assert beyond_experience(LAW, 42.0, Kind(float(np.log(4.2)), 1.0, 0.0), np.log(1.8)) == 0.0
    assert beyond_experience(LAW, 42.0, Kind(0.0, 1.0, 0.0), np.log(1.8)) == 0.0


def test_beyond_experience_a_run_is_slower_by_what_the_law_says_of_lasting_longer() -> None:
    log_pace, flat = float(np.log(1.8)), Kind(float(np.log(2.0)), 0.0, 0.0)
    slower = np.exp(beyond_experience(LAW, 10.0, flat, log_pace))
    known = mean_fading(LAW, 1.0, 6.0 / LAW.trail)
    pace = 6.0 / LAW.trail / known
    assert slower == pytest.approx(mean_fading(LAW, 2.0 * slower, pace) / known, rel=1e-6)


def test_the_farther_beyond_experience_the_slower() -> None:
    found = [beyond_experience(LAW, 10.0, Kind(float(np.log(x)), 1.0, 0.0), np.log(1.8)) for x in (1.0, 2.0, 5.0, 17.0)]
    assert found[0] == 0.0
    assert found == sorted(found)
    assert found[-1] > 0.2


def test_short_runs_are_less_sure_and_long_ones_as_sure_as_ever() -> None:
    spreads = [spread_when_short(km) for km in (0.5, 2.0, 4.0, 6.0, 50.0)]
    assert spreads == sorted(spreads, reverse=True)
    assert spreads[0] > 1.0
    assert spreads[-2:] == [1.0, 1.0]


def test_mean_less_variance_is_the_value_of_least_relative_error_of_a_lognormal() -> None:
    """The expectation that `lib.athlete.profile.expected_log_pace` and `fit_kernel` lean to, by trial on a sample."""
    mean, sd = 0.5, 0.3
    level = mean + sd * np.random.default_rng(0).standard_normal(200_000)
    tried = mean + np.linspace(-3, 1, 81) * sd**2
    error = [np.abs(np.exp(value - level) - 1).mean() for value in tried]
    assert tried[int(np.argmin(error))] == pytest.approx(mean - sd**2, abs=0.1 * sd**2)


@pytest.mark.parametrize("value", [0.0, -0.1, float("nan"), float("inf")])
def test_a_kernel_without_sense_is_refused(value: float) -> None:
    with pytest.raises(InputError, match="drift_days"):
        replace(KERNEL, drift_days=value)

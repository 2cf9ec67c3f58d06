"""The fit finds what makes runs alike, and invents nothing."""

from __future__ import annotations

from dataclasses import astuple, fields, replace
from functools import cache

import numpy as np
import pytest

from lib.athlete.expected_pace import Kernel, covariance, one_ahead
from lib.athlete.run_history import Runs
from lib.training.level_fit import MIN_RUNS, fit_kernel, surprises
from tests.support.remembered import KERNEL, first, some_runs, with_levels

pytestmark = pytest.mark.slow

ROUTES = replace(KERNEL, kind_sd=0.01, recent_sd=0.01, drift_sd=0.01, route_sd=0.25, route_days=3000.0, noise_sd=0.02)
DRIFT = replace(KERNEL, kind_sd=0.01, recent_sd=0.01, route_sd=0.01, drift_sd=0.25, drift_days=60.0, noise_sd=0.02)


def drawn(kernel: Kernel, seed: int, n: int = 150) -> Runs:
    """Runs on a few courses whose levels are drawn from the Gaussian process itself."""
    rng = np.random.default_rng(seed)
    runs, courses = some_runs(n, seed), rng.integers(0, 12, n)
    names = ("distance", "climb", "net")
    runs = replace(runs, **{name: getattr(runs, name)[courses] for name in names})
    between = covariance(kernel, runs, runs) + np.diag(np.full(n, kernel.noise_sd**2 + 1e-9))
    return with_levels(runs, kernel.mean + np.linalg.cholesky(between) @ rng.standard_normal(n))


@cache
def fitted_to(kernel: Kernel) -> Kernel:
    """Kernel fitted to two athletes of that kernel."""
    athletes = {name: drawn(kernel, seed) for seed, name in enumerate("ab")}
    return fit_kernel(athletes, {name: runs.log_pace for name, runs in athletes.items()}, KERNEL)


def error_ahead(kernel: Kernel, runs: Runs) -> float:
    """Mean absolute relative error of the later half, each expected from all before it."""
    expected = one_ahead(kernel, covariance(kernel, runs, runs), runs.log_pace).expected
    return float(np.abs(np.exp(expected - runs.log_pace) - 1)[runs.day.size // 2 :].mean())


@pytest.mark.parametrize("truth", [ROUTES, DRIFT], ids=["routes", "drift"])
def test_it_finds_what_matters_and_expects_an_unseen_athlete_better(truth: Kernel) -> None:
    fitted, unseen = fitted_to(truth), drawn(truth, seed=99)
    assert error_ahead(fitted, unseen) < 0.9 * error_ahead(KERNEL, unseen)
    assert error_ahead(fitted, unseen) < 1.3 * error_ahead(truth, unseen)


def test_where_routes_differ_they_are_told_apart_from_drift() -> None:
    assert fitted_to(ROUTES).route_sd > fitted_to(DRIFT).route_sd
    assert fitted_to(ROUTES).drift_sd < fitted_to(DRIFT).drift_sd


@pytest.mark.parametrize("n", [1, MIN_RUNS - 1])
def test_too_few_runs_leave_the_kernel_as_it_was_but_for_its_mean(n: int) -> None:
    runs = some_runs(n)
    fitted = fit_kernel({"a": runs}, {"a": np.full(n, 0.9)}, KERNEL)
    assert fitted.mean == pytest.approx(0.9)
    assert astuple(fitted)[1:] == pytest.approx(astuple(KERNEL)[1:])


def test_without_any_known_level_the_kernel_stays() -> None:
    runs = some_runs(60)
    assert fit_kernel({"a": runs}, {"a": np.full(60, np.nan)}, KERNEL).mean == pytest.approx(KERNEL.mean, rel=1e-4)


def test_unknown_levels_count_as_if_those_runs_had_not_been() -> None:
    runs = some_runs(80, seed=2)
    known = np.arange(80) % 4 > 0
    less = Runs(**{field.name: getattr(runs, field.name)[known] for field in fields(Runs)})
    with_gaps = fit_kernel({"a": runs}, {"a": np.where(known, runs.log_pace, np.nan)}, KERNEL)
    assert with_gaps == fit_kernel({"a": less}, {"a": less.log_pace}, KERNEL)


def test_without_a_lean_the_level_itself_goes_below_what_comes() -> None:
    """Relative errors are least below the median: either the level is fitted there, or what leans from it is."""
    runs = some_runs(150, seed=2)
    level = 0.6 + 0.4 * np.random.default_rng(2).standard_normal(150)
    kernels = [fit_kernel({"a": runs}, {"a": level}, KERNEL, lean) for lean in (0.0, 1.0)]
    without, leaning = (surprises(kernel, runs, level).log_error[50:].mean() for kernel in kernels)
    assert abs(leaning) < 0.5 * without


def test_its_values_are_short_in_a_bundle() -> None:
    assert all(len(repr(value)) <= 10 for value in astuple(fitted_to(ROUTES)))


def test_fitting_twice_gives_the_same_kernel() -> None:
    runs = some_runs(50, seed=1)
    assert fit_kernel({"a": runs}, {"a": runs.log_pace}, KERNEL) == fit_kernel(
        {"a": runs}, {"a": runs.log_pace}, KERNEL
    )


def test_a_surprise_is_what_came_less_what_was_expected_and_follows_the_order_of_runs() -> None:
    runs = some_runs(20, seed=3)
    level = runs.log_pace.copy()
    level[[2, 11]] = np.nan
    found = surprises(KERNEL, runs, level)
    known = np.isfinite(level)
    past = Runs(**{field.name: getattr(runs, field.name)[known] for field in fields(Runs)})
    ahead = one_ahead(KERNEL, covariance(KERNEL, past, past), level[known])
    assert found.log_error[known] == pytest.approx(level[known] - ahead.expected)
    assert found.sd[known] ** 2 == pytest.approx(ahead.variance)
    assert np.isnan(found.log_error[[2, 11]]).all()
    assert np.isnan(found.sd[[2, 11]]).all()


def test_surprises_of_nothing_known_are_nothing_known() -> None:
    found = surprises(KERNEL, some_runs(4), np.full(4, np.nan))
    assert np.isnan(found.log_error).all()
    assert np.isnan(found.sd).all()


def test_a_surprise_does_not_depend_on_later_runs() -> None:
    runs = some_runs(15, seed=4)
    shorter = first(runs, 9)
    assert surprises(KERNEL, runs, runs.log_pace).log_error[:9] == pytest.approx(
        surprises(KERNEL, shorter, shorter.log_pace).log_error
    )

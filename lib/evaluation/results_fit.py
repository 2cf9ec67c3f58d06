"""Fit of the level from results: a few spreads, the cost of a course, and how wide intervals are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import gammaln

from lib.athlete.results_level import Features, LevelParams, RaceEffects, condition
from lib.evaluation.result_tables import ResultTable
from lib.evaluation.result_targets import Asked, KnownRaces, Predicted, Targets, ask, predict

Floats = NDArray[np.float64]

START: Final = LevelParams(
    level_sd=0.16, endurance_sd=0.035, level_endurance_corr=-0.1, steep_sd=0.08, drift_sd=0.055, drift_years=4.0,
    likeness_sd=0.075, likeness_log_size=1.4, likeness_steepness=0.25, same_race_sd=0.02, noise_sd=0.06,
    noise_by_size=-0.2, noise_by_steepness=0.1, noise_by_size2=0.05, race_sd=0.075, edition_sd=0.045, region_share=0.2,
    rating_var_scale=0.7, dof=6.0, least_error_shift=1.0, rank_spread=0.21, rank_field_mean=0.0, rank_field_sd=0.10,
    cost=(9.98, 0.15, 1.28, 0.04, 0.13, 0.11, 0.26, -0.04, -0.07, 0.03, 0.0, 0.0), interval_cells={},
)  # fmt: skip
"""Where fits begin."""
_POSITIVE: Final = (
    "level_sd", "endurance_sd", "steep_sd", "drift_sd", "drift_years", "likeness_sd", "likeness_log_size",
    "likeness_steepness", "same_race_sd", "noise_sd", "race_sd", "edition_sd", "rating_var_scale",
)  # fmt: skip
_SHARES: Final = ("level_endurance_corr", "region_share")
_PLAIN: Final = ("noise_by_size", "noise_by_steepness", "noise_by_size2")
_FREE: Final = (*_POSITIVE, *_SHARES, *_PLAIN)
_PULL: Final = 2e-4
_MOST_PAST: Final = 15
_TYPICAL: Final = 0.1
"""Weight of predictions without any result: they fix the level of a typical runner, and say little of size."""
_LEAN: Final = 300.0
"""Targets at which a cell of the intervals weighs as much as all cells of its state and age."""
_STEP: Final = 1e-3


@dataclass(frozen=True, eq=False)
class States:
    """The same targets in three states of knowledge: no race known, past races rated, the coming one too."""

    unnamed: list[Asked]
    past: list[Asked]
    both: list[Asked]

    @classmethod
    def of(cls, table: ResultTable, parts: Sequence[Targets], known: KnownRaces) -> States:
        """Targets of runners who share what is known of races."""
        both = [ask(table, part, known) for part in parts]
        return cls([ask(table, part, None) for part in parts], list(map(_coming_unknown, both)), both)

    @property
    def each(self) -> tuple[list[Asked], ...]:
        """The three of them."""
        return self.unnamed, self.past, self.both

    @classmethod
    def joined(cls, states: Sequence[States]) -> States:
        """Several as one."""
        return cls(*([a for s in states for a in getattr(s, name)] for name in ("unnamed", "past", "both")))


def _coming_unknown(asked: Asked) -> Asked:
    """The coming race unrated; so are past results there."""
    races = asked.past_races
    rated = races.rated & (asked.same_next <= 0.5)
    past = RaceEffects(rated, *(np.where(rated, x, 0.0) for x in (races.effect, races.var, races.shared)))
    return replace(asked, past_races=past, next_race=RaceEffects.unknown(asked.coming.size.shape))


def _linear(params: LevelParams, asked: Asked) -> tuple[Floats, Floats, Floats]:
    """A prediction is the first less features times cost: what needs no cost, features, squared scale."""
    seen = condition(
        params, asked.past, asked.past_races, asked.same_past, asked.coming, asked.next_race, asked.same_next
    )
    told = seen.effect_next + np.einsum("bn,bn->b", seen.weights, asked.past_log_s - seen.effect)
    return told, asked.cost - np.einsum("bn,bnf->bf", seen.weights, asked.past_cost), seen.var


def _cost(log_s: Floats, features: Floats, var: Floats, weight: Floats, dof: float) -> Floats:
    """Weights of the features: least squares, reweighted for a Student-t."""
    pull = weight / var
    ridge = 1e-6 * pull.sum() * np.eye(features.shape[1])
    for _ in range(6):
        scaled = (features * pull[:, None]).T
        cost = np.linalg.solve(scaled @ features + ridge, scaled @ log_s)
        pull = weight / var * (dof + 1) / (dof + (log_s - features @ cost) ** 2 / var)
    return np.asarray(cost)


def _encode(params: LevelParams) -> Floats:
    values = {name: getattr(params, name) for name in _FREE}
    return np.array([np.log(v) if n in _POSITIVE else np.arctanh(v) if n in _SHARES else v for n, v in values.items()])


def _decode(x: Floats, params: LevelParams) -> LevelParams:
    values = zip(_FREE, x.tolist(), strict=True)
    return replace(
        params,
        **{n: float(np.exp(v) if n in _POSITIVE else np.tanh(v) if n in _SHARES else v) for n, v in values},
    )


def fit_level(
    table: ResultTable, states: States, iterations: int = 8, per_file: int = 1_000, seed: int = 0
) -> LevelParams:
    """Fit spreads and cost: least mean loss of a Student-t; the three states and the files weigh alike.

    Parameters
    ----------
    table : ResultTable
        What targets are rows of.
    states : States
        Targets.
    iterations : int
        Steps of the descent.
    per_file : int
        Targets of each file, drawn at random.
    seed : int
        Of the draw.
    """
    rng = np.random.default_rng(seed)
    sizes = np.bincount(np.concatenate([table.file[a.targets.row] for a in states.both]), minlength=2)
    share = np.minimum(1.0, per_file / np.maximum(sizes, 1))
    drawn = [rng.random(a.targets.row.size) < share[table.file[a.targets.row]] for a in states.both]
    small = [
        [_some(a, m) for a, m in zip(state, drawn, strict=True) if m.any() and a.past.size.shape[1] <= _MOST_PAST]
        for state in states.each
    ]
    if not small[0]:
        return START
    rows = np.concatenate([a.targets.row for a in small[0]])
    weight = 1.0 / np.bincount(table.file[rows], minlength=2)[table.file[rows]]
    weight = np.tile(weight / weight.mean(), 3)
    # Runners of whom nothing is known fix the typical level.
    alone = Features.of(table.km[rows], table.climb_m[rows], table.at[rows])
    alone_columns = alone.cost_columns(table.female[rows])
    log_s, weights = np.tile(table.log_s[rows], 3), np.concatenate([weight, _TYPICAL * weight[: rows.size]])

    def parts(params: LevelParams) -> tuple[Floats, Floats, Floats, Floats]:
        found = [_linear(params, asked) for state in small for asked in state]
        told, features, var = (np.concatenate([part[i] for part in found]) for i in range(3))
        left = log_s - told
        spread = params.level_sd**2 + params.drift_sd**2 + params.likeness_sd**2
        alone_var = spread + params.race_sd**2 + params.edition_sd**2 + params.noise_var(alone.size, alone.steep)
        cost = _cost(
            np.concatenate([left, table.log_s[rows]]), np.concatenate([features, alone_columns]),
            np.concatenate([var, alone_var]), weights, params.dof,
        )  # fmt: skip
        return left, features, var, cost

    start = _encode(START)

    def loss(x: Floats) -> float:
        left, features, var, cost = parts(_decode(x, START))
        if not np.all(var > 1e-6):
            return 10.0
        off, dof = left - features @ cost, START.dof
        density = gammaln((dof + 1) / 2) - gammaln(dof / 2) - 0.5 * np.log(dof * np.pi * var)
        density = density - (dof + 1) / 2 * np.log1p(off**2 / (dof * var))
        return float(-np.average(density, weights=weight) + _PULL * np.sum((x - start) ** 2))

    def slope(x: Floats) -> Floats:
        base = loss(x)
        return np.array([(loss(x + _STEP * unit) - base) / _STEP for unit in np.eye(x.size)])

    bounds = [(v - 2.0, v + 2.0) for v in start]
    found = minimize(loss, start, jac=slope, method="L-BFGS-B", bounds=bounds, options={"maxiter": iterations})
    params = _decode(found.x, START)
    return replace(params, cost=tuple(map(float, parts(params)[3])))


def _some(asked: Asked, chosen: NDArray[np.bool_]) -> Asked:
    """Some of the targets."""
    races = (
        RaceEffects(*(getattr(effects, name)[chosen] for name in ("rated", "effect", "var", "shared")))
        for effects in (asked.past_races, asked.next_race)
    )
    past_races, next_race = races
    return Asked(
        asked.targets.where(chosen), asked.past[chosen], past_races, asked.same_past[chosen], asked.coming[chosen],
        next_race, asked.same_next[chosen], asked.past_log_s[chosen], asked.past_cost[chosen], asked.cost[chosen],
    )  # fmt: skip


def calibrate(table: ResultTable, params: LevelParams, states: States) -> LevelParams:
    """The same numbers with intervals that hold 80% of the targets, by cell, and the shift of least relative error.

    The files weigh alike; a cell with few targets leans on all of its state and age.
    """
    known = Predicted.joined([predict(params, asked) for asked in states.both])
    rated = np.flatnonzero(known.rated)
    known = Predicted(*(getattr(known, name)[rated] for name in ("row", "mean", "var", "cell", "rated")))
    found = Predicted.joined(
        [*(predict(params, a) for a in states.unnamed), *(predict(params, a) for a in states.past), known]
    )
    off, file = table.log_s[found.row] - found.mean, table.file[found.row]
    weight = off.size / 2.0 / np.bincount(file, minlength=2)[file]
    shifts = np.arange(0.0, 2.51, 0.25)
    misses = [np.average(np.abs(np.exp(-off - shift * found.var) - 1.0), weights=weight) for shift in shifts]
    scores = off / np.sqrt(found.var)
    words = np.array([cell.split() for cell in found.cell.tolist()])
    cells = {}
    for cell in _cells():
        state, _, _, age = cell.split()
        own, base = found.cell == cell, words[:, 0] == state
        aged = base & (words[:, 3] == age)
        base = aged if aged.sum() >= 150 else base if base.any() else np.ones(off.size, bool)
        lean = own.sum() / (own.sum() + _LEAN)
        low, high = (
            (lean * _quantile(scores[own], weight[own], q) if own.any() else 0.0)
            + (1.0 - lean) * _quantile(scores[base], weight[base], q)
            for q in (0.1, 0.9)
        )
        cells[cell] = (round(low, 3), round(high, 3))
    return replace(params, least_error_shift=float(shifts[int(np.argmin(misses))]), interval_cells=cells)


def _cells() -> list[str]:
    states, numbers = ("known", "unknown"), ("1", "2-3", "4+")
    ages = ("new", "old", "older")
    return [f"{s} {n} {like} {age}" for s in states for n in numbers for like in ("like", "unlike") for age in ages]


def _quantile(values: Floats, weight: Floats, level: float) -> float:
    order = np.argsort(values)
    summed = np.cumsum(weight[order])
    return float(values[order][np.searchsorted(summed, level * summed[-1])])


def calibrate_alone(table: ResultTable, params: LevelParams) -> LevelParams:
    """The same numbers with the interval of a runner without any result."""
    at = Features.of(table.km, table.climb_m, table.at)
    spread = params.level_sd**2 + params.drift_sd**2 + params.likeness_sd**2 + params.race_sd**2 + params.edition_sd**2
    score = (table.log_s - at.log_cost(params, table.female)) / np.sqrt(spread + params.noise_var(at.size, at.steep))
    weight = 1.0 / np.bincount(table.file, minlength=2)[table.file]
    ends = (round(_quantile(score, weight, 0.1), 3), round(_quantile(score, weight, 0.9), 3))
    return replace(params, interval_cells=params.interval_cells | {"0": ends})

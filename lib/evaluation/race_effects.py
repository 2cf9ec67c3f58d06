"""Effects of races and editions, from runners with results of at least two of them: a mixed model, solved exactly."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve, lapack

from lib.athlete.race_ratings import RaceRating
from lib.athlete.results_level import Features, LevelParams, RaceEffects
from lib.evaluation.result_tables import ResultTable
from lib.evaluation.result_targets import EDITION_SD, RACE_SD, KnownRaces

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_LEVEL_SD: Final = 0.40
"""Wide, so that races are compared by the runners they share, not by the fields they draw."""
_PASSES: Final = 3
_COST_PRECISION: Final = 1e-2
_CENTRE_YEAR: Final = 2023.0
_LEAST: Final = 2
"""Results below which a race or an edition is not in the table that is shipped."""
_NAMES: Final = 4


@dataclass(frozen=True, eq=False)
class FittedEffects:
    """Effects of the races and editions of a table; arrays by their numbers.

    Parameters
    ----------
    race, edition : RaceEffects
        `shared` of an edition is its race's.
    race_n, edition_n : ndarray of int
        Results on which each rests.
    """

    race: RaceEffects
    edition: RaceEffects
    race_n: Ints
    edition_n: Ints

    def known(self, table: ResultTable, params: LevelParams) -> KnownRaces:
        """What they tell of all races and editions of the table: a new edition is as its race."""
        race_of = np.zeros(self.edition.effect.size, np.int64)
        race_of[table.edition] = table.race
        seen, race = self.edition, self.race
        usual_var = race.var + params.edition_sd**2 / params.rating_var_scale
        edition = RaceEffects(
            race.rated[race_of],
            np.where(seen.rated, seen.effect, race.effect[race_of]),
            np.where(seen.rated, seen.var, usual_var[race_of]),
            race.shared[race_of],
        )
        return KnownRaces(np.arange(len(table.names)), race, edition)


def fit_effects(table: ResultTable, params: LevelParams, chosen: NDArray[np.bool_]) -> FittedEffects:
    """Fit effects of races and editions on some results.

    Logarithm of time = cost + race + edition + the runner's Gaussian process + noise; results that fit badly weigh
    less, as a Student-t asks for. The years pass for all: times change with the date alike.

    Parameters
    ----------
    table : ResultTable
        R results.
    params : LevelParams
        Spreads of runners and days.
    chosen : ndarray of bool, shape (R,)
        Results that are known; runners with one edition only say nothing.
    """
    races, editions = len(table.names), int(table.edition.max()) + 1
    use = np.flatnonzero(chosen)
    _, of_pair = np.unique(np.stack([table.runner[use], table.edition[use]]), axis=1, return_index=True)
    ran = np.bincount(table.runner[use[of_pair]], minlength=int(table.runner.max()) + 1)
    use = use[ran[table.runner[use]] > 1]
    race, edition = RaceEffects.unknown((races,)), RaceEffects.unknown((editions,))
    race_n, edition_n = np.zeros(races, np.int64), np.zeros(editions, np.int64)
    if not use.size:
        return FittedEffects(race, edition, race_n, edition_n)
    numbers, at = np.unique(table.edition[use], return_inverse=True)
    race_of = np.zeros(numbers.size, np.int64)
    race_of[at] = table.race[use]
    effect, cov = _solved(table, params, use, at, race_of)
    edition.rated[numbers], edition.effect[numbers], edition.var[numbers] = True, effect, np.diag(cov)
    edition_n[numbers] = np.bincount(at)
    for number in np.unique(race_of).tolist():
        own = np.flatnonzero(race_of == number)
        pull = RACE_SD**2 / (EDITION_SD**2 + own.size * RACE_SD**2)
        race.rated[number], race.effect[number] = True, pull * effect[own].sum()
        race.var[number] = pull * EDITION_SD**2 + pull**2 * cov[np.ix_(own, own)].sum()
        race.shared[number] = min(race.var[number], np.diag(cov)[own].min())
        edition.shared[numbers[own]] = race.shared[number]
        race_n[number] = edition_n[numbers[own]].sum()
    return FittedEffects(race, edition, race_n, edition_n)


def _solved(table: ResultTable, params: LevelParams, use: Ints, at: Ints, race_of: Ints) -> tuple[Floats, Floats]:
    """Effects of E editions, shape (E,), and their covariance; `at` is the edition of each used result."""
    editions = race_of.size
    features = Features.of(table.km[use], table.climb_m[use], table.at[use])
    columns = features.cost_columns(table.female[use])
    columns[:, -2] = table.at[use] - _CENTRE_YEAR
    costs = columns.shape[1]
    log_s, runner, race = table.log_s[use], table.runner[use], table.race[use]
    first = np.flatnonzero(np.r_[True, np.diff(runner) != 0])
    count = np.diff(np.r_[first, runner.size])
    groups = [first[count == n][:, None] + np.arange(n) for n in np.unique(count).tolist()]
    ends = np.arange(editions, editions + costs)
    prior = np.zeros((editions + costs, editions + costs))
    for number in np.unique(race_of).tolist():
        own = np.flatnonzero(race_of == number)
        tie = RACE_SD**2 / EDITION_SD**2 / (EDITION_SD**2 + own.size * RACE_SD**2)
        prior[np.ix_(own, own)] = np.eye(own.size) / EDITION_SD**2 - tie
    prior[ends, ends] = _COST_PRECISION
    wide = replace(
        params, level_sd=_LEVEL_SD, level_endurance_corr=params.level_endurance_corr * params.level_sd / _LEVEL_SD
    )
    day = params.noise_var(features.size, features.steep)
    factor = np.ones(use.size)
    for step in range(_PASSES):
        normal, right, inverses = prior.copy(), np.zeros(editions + costs), []
        cross = np.zeros((editions, costs))
        for ix in groups:
            part, diagonal = features[ix], np.arange(ix.shape[1])
            same = (race[ix][:, :, None] == race[ix][:, None, :]).astype(np.float64)
            cov = wide.level_cov(part[:, :, None], part[:, None, :], same)
            cov[:, diagonal, diagonal] += day[ix] * factor[ix]
            inverse = np.linalg.inv(cov)
            inverses.append(inverse)
            number, x = at[ix], columns[ix]
            weighted_x, weighted_y = inverse @ x, np.einsum("bij,bj->bi", inverse, log_s[ix])
            np.add.at(normal, (number[:, :, None], number[:, None, :]), inverse)
            np.add.at(cross, number, weighted_x)
            normal[editions:, editions:] += np.einsum("bnf,bng->fg", x, weighted_x)
            np.add.at(right, number, weighted_y)
            right[editions:] += np.einsum("bnf,bn->f", x, weighted_y)
        normal[:editions, editions:] += cross
        normal[editions:, :editions] += cross.T
        lower = cho_factor(normal, lower=True, overwrite_a=True)
        solution = cho_solve(lower, right)
        if step == _PASSES - 1:
            break
        residual = log_s - solution[at] - columns @ solution[editions:]
        for ix, inverse in zip(groups, inverses, strict=True):
            diagonal = np.arange(ix.shape[1])
            off = np.einsum("bij,bj->bi", inverse, residual[ix]) ** 2 / inverse[:, diagonal, diagonal]
            factor[ix] = np.maximum((params.dof + off) / (params.dof + 1.0), 1.0)
    half, _ = lapack.dpotri(lower[0], lower=1)
    half = np.tril(half)[:editions, :editions]
    return solution[:editions], half + np.tril(half, -1).T


def ratings_of(table: ResultTable, fitted: FittedEffects) -> list[RaceRating]:
    """Ratings of the races that rest on two results or more, by name."""
    found = []
    for number in np.flatnonzero(fitted.race_n >= _LEAST).tolist():
        rows = np.flatnonzero(table.race == number)
        latest = rows[table.year[rows] == table.year[rows].max()]
        editions = {}
        for edition in np.unique(table.edition[rows]).tolist():
            if fitted.edition_n[edition] >= _LEAST:
                year = int(table.year[rows][table.edition[rows] == edition][0])
                seen = fitted.edition
                editions[year] = (float(seen.effect[edition]), float(np.sqrt(seen.var[edition])))
        found.append(
            RaceRating(
                table.names[number][:_NAMES],
                float(np.median(table.km[latest])),
                float(np.median(table.climb_m[latest])),
                float(fitted.race.effect[number]),
                float(np.sqrt(fitted.race.var[number])),
                float(np.sqrt(fitted.race.shared[number])),
                int(fitted.race_n[number]),
                dict(sorted(editions.items())),
            )
        )
    return sorted(found, key=lambda rating: rating.names)


def ratings_csv(ratings: list[RaceRating]) -> str:
    """Ratings as the CSV that `lib.athlete.race_ratings.read_ratings` reads."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(["names", "km", "climb_m", "effect", "sd", "shared_sd", "n", "editions"])
    for r in ratings:
        editions = "|".join(f"{year}:{effect:.3f}:{sd:.3f}" for year, (effect, sd) in r.editions.items())
        numbers = (f"{r.km:.1f}", f"{r.climb_m:.0f}", *(f"{x:.3f}" for x in (r.effect, r.sd, r.shared_sd)))
        out.writerow(["|".join(r.names), *numbers, r.n, editions])
    return text.getvalue()

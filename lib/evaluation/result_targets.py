"""Results to predict, each with the same runner's results of earlier years, many at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lib.athlete.race_ratings import AmbiguousRaceError, RaceRating, RaceTable
from lib.athlete.results_level import (
    MAX_RESULTS,
    Features,
    LevelParams,
    RaceEffects,
    condition,
    interval_cell,
    likeness,
)
from lib.evaluation.result_tables import ResultTable

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RACE_SD: Final = 0.075
"""Spread of the effects of races, where races are rated."""
EDITION_SD: Final = 0.06
"""Spread of one edition about its race, where races are rated."""


@dataclass(frozen=True, eq=False)
class Targets:
    """Results to predict that have the same number N of earlier ones: rows of a `ResultTable`.

    Parameters
    ----------
    row : ndarray of int, shape (B,)
    past : ndarray of int, shape (B, N)
        Rows of the earlier ones, by date.
    """

    row: Ints
    past: Ints

    def where(self, chosen: NDArray[np.bool_]) -> Targets:
        """Some of them."""
        return Targets(self.row[chosen], self.past[chosen])


def targets_of(table: ResultTable, years: dict[int, tuple[int, ...]], most: int = MAX_RESULTS) -> list[Targets]:
    """Results of some years of each file, each with the runner's latest `most` of earlier years (one at least)."""
    new_runner = np.r_[True, np.diff(table.runner) != 0]
    new_year = new_runner | np.r_[True, np.diff(table.year) != 0]
    first = np.maximum.accumulate(np.where(new_runner, np.arange(table.runner.size), 0))
    first_of_year = np.maximum.accumulate(np.where(new_year, np.arange(table.runner.size), 0))
    count = np.minimum(first_of_year - first, most)
    asked = np.zeros(count.size, bool)
    for file, chosen in years.items():
        asked |= (table.file == file) & np.isin(table.year, chosen)
    found = []
    for n in np.unique(count[asked & (count > 0)]).tolist():
        row = np.flatnonzero(asked & (count == n))
        found.append(Targets(row, first_of_year[row][:, None] - n + np.arange(n)))
    return found


@dataclass(frozen=True, eq=False)
class KnownRaces:
    """What ratings tell of the races of a table.

    Parameters
    ----------
    group : ndarray of int, shape (number of races,)
        Races of one group are one race.
    race : RaceEffects, shape (number of races,)
    edition : RaceEffects, shape (number of editions,)
        `shared` is the race's.
    """

    group: Ints
    race: RaceEffects
    edition: RaceEffects

    @classmethod
    def nothing(cls, table: ResultTable) -> KnownRaces:
        """No race is rated."""
        races = len(table.names)
        editions = int(table.edition.max()) + 1
        return cls(np.arange(races), RaceEffects.unknown((races,)), RaceEffects.unknown((editions,)))


def without_year(rating: RaceRating, year: int) -> RaceRating | None:
    """A rating as the other editions alone make it; None where there are none."""
    if year not in rating.editions:
        return rating
    others = {at: found for at, found in rating.editions.items() if at != year}
    if not others:
        return None
    effects, sds = np.array(list(others.values())).T
    pull = RACE_SD**2 / (EDITION_SD**2 + len(others) * RACE_SD**2)
    var = pull * EDITION_SD**2 + pull**2 * float((sds**2).sum())
    shared = min(var, float(sds.min()) ** 2)
    return RaceRating(
        rating.names, rating.km, rating.climb_m, pull * float(effects.sum()), var**0.5, shared**0.5, rating.n, others
    )


def known_races(table: ResultTable, ratings: RaceTable, params: LevelParams, years: tuple[int, ...]) -> KnownRaces:
    """What a table of ratings, found by name, tells of the races of results; years that are predicted left out."""
    known = KnownRaces.nothing(table)
    rated: dict[int, int] = {}
    races, first = np.unique(table.race, return_index=True)
    for race, row in zip(races.tolist(), first.tolist(), strict=True):
        found = _found(ratings, table.names[race], float(table.km[row]), float(table.climb_m[row]))
        if found is None:
            continue
        known.group[race] = known.group[rated.setdefault(id(found), race)]
        rating: RaceRating | None = found
        for year in years:
            rating = None if rating is None else without_year(rating, year)
        if rating is None:
            continue
        _write(known.race, race, rating.effect, rating.sd**2, rating.shared_sd**2)
        usual = (rating.effect, (rating.sd**2 + params.edition_sd**2 / params.rating_var_scale) ** 0.5)
        of_race = table.race == race
        for edition, at in set(zip(table.edition[of_race].tolist(), table.year[of_race].tolist(), strict=True)):
            effect, sd = rating.editions.get(at, usual)
            _write(known.edition, edition, effect, sd**2, rating.shared_sd**2)
    return known


def _found(ratings: RaceTable, names: tuple[str, ...], km: float, climb_m: float) -> RaceRating | None:
    for name in names:
        try:
            if (rating := ratings.get(name, km, climb_m)) is not None:
                return rating
        except AmbiguousRaceError:
            continue
    return None


def _write(effects: RaceEffects, index: int, effect: float, var: float, shared: float) -> None:
    effects.rated[index], effects.effect[index] = True, effect
    effects.var[index], effects.shared[index] = var, shared


def _at(effects: RaceEffects, index: Ints, known: NDArray[np.bool_] | bool = True) -> RaceEffects:
    """Effects of races or editions, those that are not known blanked."""
    rated = effects.rated[index] & known
    return RaceEffects(
        rated, *(np.where(rated, part[index], 0.0) for part in (effects.effect, effects.var, effects.shared))
    )


@dataclass(frozen=True, eq=False)
class Asked:
    """Targets as the level's closed form takes them (`lib.athlete.results_level.condition`)."""

    targets: Targets
    past: Features
    past_races: RaceEffects
    same_past: Floats
    coming: Features
    next_race: RaceEffects
    same_next: Floats
    past_log_s: Floats
    past_cost: Floats
    cost: Floats

    @property
    def nearest_log_size(self) -> Floats:
        """How far the past result of the most similar size lies (logarithm), shape (B,)."""
        return np.asarray(np.abs(self.past.size - self.coming.size[:, None]).min(axis=1))


def ask(table: ResultTable, targets: Targets, known: KnownRaces | None) -> Asked:
    """Targets with what is known of their races; with None races have no names, and likeness tells which are one."""
    row, past = targets.row, targets.past
    features = Features.of(table.km, table.climb_m, table.at)
    at, coming = features[past], features[row]
    if known is None:
        km, climb_m = table.km, table.climb_m
        rows, columns, last = past[:, :, None], past[:, None, :], row[:, None]
        same_past = likeness(km[rows], climb_m[rows], km[columns], climb_m[columns])
        same_next = likeness(km[past], climb_m[past], km[last], climb_m[last])
        past_races, next_race = RaceEffects.unknown(past.shape), RaceEffects.unknown(row.shape)
    else:
        group = known.group[table.race]
        same_past = (group[past][:, :, None] == group[past][:, None, :]).astype(np.float64)
        same_next = (group[past] == group[row][:, None]).astype(np.float64)
        next_race = _at(known.race, table.race[row])
        # Where the coming race has no rating, a result there tells its effect best untouched.
        past_races = _at(known.edition, table.edition[past], next_race.rated[:, None] | (same_next <= 0.5))
    return Asked(
        targets, at, past_races, same_past, coming, next_race, same_next, table.log_s[past],
        at.cost_columns(table.female[past], coming.year[:, None] - at.year),
        coming.cost_columns(table.female[row]),
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Predicted:
    """Predicted logarithms of race times (s), shape (B,): middle, squared scale, and the cell of the interval."""

    row: Ints
    mean: Floats
    var: Floats
    cell: NDArray[np.str_]
    rated: NDArray[np.bool_]

    @classmethod
    def joined(cls, parts: list[Predicted]) -> Predicted:
        """Several as one."""
        names = ("row", "mean", "var", "cell", "rated")
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))

    def interval(self, params: LevelParams) -> tuple[Floats, Floats]:
        """Ends of the 80% interval (logarithm)."""
        multiples = np.array([params.interval_cells[cell] for cell in self.cell.tolist()]).reshape(-1, 2)
        scale = np.sqrt(self.var)
        return self.mean + multiples[:, 0] * scale, self.mean + multiples[:, 1] * scale

    def point(self, params: LevelParams) -> Floats:
        """The time of least expected relative error (logarithm)."""
        return self.mean - params.least_error_shift * self.var


def predict(params: LevelParams, asked: Asked) -> Predicted:
    """Predict targets, as `lib.athlete.results_level.predict_race` predicts each."""
    cost = np.array(params.cost)
    residual = asked.past_log_s - asked.past_cost @ cost
    seen = condition(
        params, asked.past, asked.past_races, asked.same_past, asked.coming, asked.next_race, asked.same_next, residual
    )
    level = np.einsum("bn,bn->b", seen.weights, residual - seen.effect)
    mean = asked.cost @ cost + seen.effect_next + level
    ages = asked.coming.year - asked.past.year[:, -1]
    cells = map(
        interval_cell, [asked.past.size.shape[1]] * mean.size, asked.nearest_log_size.tolist(), ages.tolist(),
        asked.next_race.rated.tolist(),
    )  # fmt: skip
    return Predicted(asked.targets.row, mean, seen.var, np.array(list(cells)), asked.next_race.rated)


def by_fold(parts: list[Targets], fold: Ints, number: int) -> Iterator[Targets]:
    """Targets of the runners of one fold."""
    for part in parts:
        chosen = part.where(fold[part.row] == number)
        if chosen.row.size:
            yield chosen

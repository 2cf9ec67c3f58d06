"""How good predictions from earlier results are: each result of the last year from the same runner's earlier years."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lib.athlete.race_ratings import RaceTable
from lib.athlete.results_level import LevelParams
from lib.evaluation.race_effects import FittedEffects, fit_effects
from lib.evaluation.result_tables import FILES, ResultTable
from lib.evaluation.result_targets import (
    KnownRaces,
    Predicted,
    Targets,
    ask,
    by_fold,
    known_races,
    predict,
    targets_of,
)
from lib.evaluation.results_fit import START, States, calibrate, calibrate_alone, fit_level

Floats = NDArray[np.float64]

OURS: Final = "trailcast"
UNKNOWN: Final = "trailcast, race unknown"
EFFORT_KM: Final = "effort-km"
EFFECTS: Final = "runner and race effects"
RIEGEL: Final = "Riegel"
PREDICTORS: Final = (OURS, UNKNOWN, EFFORT_KM, EFFECTS, RIEGEL)
ALL: Final = "all"
RATED: Final = "rated"
SHIPPED: Final = "shipped"
LEFT_OUT: Final = "left out"

FOLDS: Final = 5
_EXPONENT: Final = 1.14
_RIEGEL: Final = 1.06
_RUNNER_SD, _RACE_SD, _NOISE_SD = 0.2, 0.12, 0.12
_PASSES: Final = 40
_FOLD_STEPS: Final = 8
_SHIPPED_STEPS: Final = 22
_SHIPPED_TARGETS: Final = 3_500


@dataclass(frozen=True)
class ResultRow:
    """One file and predictor.

    Parameters
    ----------
    part : str
        ``"results"``.
    file : str
        ``"results"``: what runners list themselves; ``"finishes"``: whole fields.
    year : int
        The last year of the file, whose results are predicted.
    predictor : str
        By what.
    races : str
        ``"all"``, or ``"rated"``: those that have a rating.
    n : int
        Results that were predicted.
    mape, bias_pct : float
        Mean absolute and mean error (% of the real time); above 0 predictions are slow.
    coverage80 : float
        Share (%) of real times within the 80% interval.
    width80_pct : float
        Mean width of the interval (% of its middle).
    scheme : str
        ``"shipped"``, or ``"left out"`` where numbers and ratings come from other runners' results of this folder.
    """

    part: str
    file: str
    year: int
    predictor: str
    races: str
    n: int
    mape: float
    bias_pct: float
    coverage80: float
    width80_pct: float
    scheme: str = SHIPPED

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class Forecasts:
    """Logarithms of race times (s), shape (B,), of one predictor: point, ends of the interval, its middle."""

    point: Floats
    low: Floats
    high: Floats
    middle: Floats

    def where(self, chosen: NDArray[Any]) -> Forecasts:
        """Some of them, by a mask or by numbers."""
        return Forecasts(self.point[chosen], self.low[chosen], self.high[chosen], self.middle[chosen])


def fold_of(table: ResultTable) -> NDArray[np.int64]:
    """Fold of each result's runner, from a hash of the number."""
    return table.fold_key * 2654435761 % 2**32 // 65536 % FOLDS


def figures(true: Floats, found: Forecasts) -> tuple[int, float, float, float, float]:
    """`n`, `mape`, `bias_pct`, `coverage80` and `width80_pct` of logarithms of times."""
    off = np.exp(found.point - true) - 1.0
    inside = (true >= found.low) & (true <= found.high)
    width = np.exp(found.high - found.middle) - np.exp(found.low - found.middle)
    shares = (np.abs(off), off, inside, width)
    return (true.size, *(round(100.0 * float(np.mean(share)), 3) for share in shares))


def of_level(params: LevelParams, predicted: Predicted) -> Forecasts:
    """What the level from results gives."""
    return Forecasts(predicted.point(params), *predicted.interval(params), predicted.mean)


def baselines(table: ResultTable, targets: Sequence[Targets]) -> dict[str, Forecasts]:
    """Rules of thumb: the mean of past times, each times the ratio of sizes to an exponent; and additive effects.

    Their mean error, and their intervals, are those of the other folds' runners: better than anybody could know them.
    """
    row = np.concatenate([part.row for part in targets])
    log_km, found = np.log(table.km), {}
    for name, exponent, size in ((EFFORT_KM, _EXPONENT, table.size), (RIEGEL, _RIEGEL, log_km)):
        flat = table.log_s - exponent * size
        found[name] = exponent * size[row] + np.concatenate([flat[part.past].mean(axis=1) for part in targets])
    found[EFFECTS] = _effects(table)[row]
    fold, true = fold_of(table)[row], table.log_s[row]
    return {name: _calibrated(found[name], true, fold, table.file[row]) for name in (EFFORT_KM, EFFECTS, RIEGEL)}


def _calibrated(log_s: Floats, true: Floats, fold: NDArray[np.int64], file: NDArray[np.int64]) -> Forecasts:
    """Predictions less the mean error of the other folds, with these errors' 10% and 90% as interval."""
    point, low, high = (np.empty_like(log_s) for _ in range(3))
    for number in range(FOLDS):
        for at in np.unique(file).tolist():
            chosen, others = (file == at) & (fold == number), (file == at) & (fold != number)
            off = (true - log_s)[others]
            off = off if off.size else np.zeros(1)
            point[chosen] = log_s[chosen] + off.mean()
            low[chosen], high[chosen] = (log_s[chosen] + np.quantile(off, level) for level in (0.1, 0.9))
    return Forecasts(point, low, high, point)


def _effects(table: ResultTable) -> Floats:
    """Logarithms of times from random effects of runner and race, fitted on all years before the last of each file."""
    before = np.zeros(table.file.size, bool)
    for file, (last,) in last_years(table).items():
        before |= (table.file == file) & (table.year < last)
    flat, runner, race = (x[before] for x in (table.log_s - _EXPONENT * table.size, table.runner, table.race))
    runners, races = int(table.runner.max()) + 1, len(table.names)
    mean = float(flat.mean()) if flat.size else 0.0
    of_runner, of_race = np.zeros(runners), np.zeros(races)
    by_runner = np.bincount(runner, minlength=runners) + (_NOISE_SD / _RUNNER_SD) ** 2
    by_race = np.bincount(race, minlength=races) + (_NOISE_SD / _RACE_SD) ** 2
    for _ in range(_PASSES if flat.size else 0):
        of_runner = np.bincount(runner, flat - mean - of_race[race], runners) / by_runner
        of_race = np.bincount(race, flat - mean - of_runner[runner], races) / by_race
        mean += float(np.mean(flat - mean - of_runner[runner] - of_race[race]))
    return np.asarray(mean + _EXPONENT * table.size + of_runner[table.runner] + of_race[table.race])


def rows_of(
    table: ResultTable, row: NDArray[np.int64], rated: NDArray[np.bool_], found: dict[str, Forecasts], scheme: str
) -> list[ResultRow]:
    """Rows of all predictors, for each file, of all races and of those that are rated."""
    out = []
    for file in np.unique(table.file[row]).tolist():
        for races, chosen in ((ALL, table.file[row] == file), (RATED, (table.file[row] == file) & rated)):
            if not chosen.any():
                continue
            for name in (name for name in PREDICTORS if name in found):
                measured = figures(table.log_s[row][chosen], found[name].where(chosen))
                out.append(ResultRow("results", FILES[file], table.last_year(file), name, races, *measured, scheme))
    return out


def score_results(table: ResultTable, params: LevelParams, ratings: RaceTable) -> list[ResultRow]:
    """Rows of the last year of each file, by the numbers and ratings that are shipped.

    Of the ratings, what the predicted years tell is left out; races are found by name, as a plan finds them.
    """
    targets = targets_of(table, last_years(table))
    if not targets:
        return []
    years = tuple(sorted({year for last in last_years(table).values() for year in last}))
    known = known_races(table, ratings, params, years)
    named = predicted(table, targets, params, known)
    unnamed = predicted(table, targets, params, None)
    found = {OURS: of_level(params, named), UNKNOWN: of_level(params, unnamed)} | baselines(table, targets)
    return rows_of(table, named.row, named.rated, found, SHIPPED)


def fit_results(
    table: ResultTable, steps: int = _SHIPPED_STEPS, per_file: int = _SHIPPED_TARGETS
) -> tuple[LevelParams, FittedEffects]:
    """Fit the numbers of the level, and the effects of races, on all results: what is shipped."""
    everybody = np.ones(table.file.size, bool)
    states = _states(table, _known_before(table, everybody), everybody)
    params = fit_level(table, states, steps, per_file)
    params = calibrate_alone(table, calibrate(table, params, states))
    return params, fit_effects(table, params, everybody)


@dataclass(frozen=True, eq=False)
class LeftOut:
    """What other runners' results say of a fold's: numbers, and predictions with the races known and unknown."""

    params: LevelParams
    named: Predicted
    unnamed: Predicted


def predict_fold(table: ResultTable, number: int, steps: int = _FOLD_STEPS) -> LeftOut | None:
    """Predict the last year of each file for the runners of one fold; None where there is nothing to predict.

    Numbers and intervals come from the other runners' results of the last two years, ratings from their results of
    years before that of the result that is predicted.
    """
    fold = fold_of(table)
    test = list(by_fold(targets_of(table, last_years(table)), fold, number))
    if not test:
        return None
    known = _known_before(table, fold != number)
    states = _states(table, known, fold != number)
    params = calibrate(table, fit_level(table, states, steps, seed=number), states)
    parts = [
        (year, part.where(np.isin(table.file[part.row], [f for f, last in last_years(table).items() if year in last])))
        for part in test
        for year in known
    ]
    named = [predict(params, ask(table, part, known[year])) for year, part in parts if part.row.size]
    unnamed = [predict(params, ask(table, part, None)) for _, part in parts if part.row.size]
    return LeftOut(params, Predicted.joined(named), Predicted.joined(unnamed))


def score_left_out(
    table: ResultTable, progress: Callable[[str], None] = lambda _: None, steps: int = _FOLD_STEPS
) -> list[ResultRow]:
    """Rows of the last year of each file, by numbers and ratings of the other folds' runners."""
    folds = []
    for number in range(FOLDS):
        folds.append(predict_fold(table, number, steps))
        progress(f"fold {number + 1}")
    parts = [fold for fold in folds if fold is not None]
    if not parts:
        return []
    targets = targets_of(table, last_years(table))
    row = np.concatenate([part.row for part in targets])
    named = Predicted.joined([part.named for part in parts])
    order = np.argsort(named.row)[np.searchsorted(np.sort(named.row), row)]
    found = {}
    for name, each in ((OURS, [p.named for p in parts]), (UNKNOWN, [p.unnamed for p in parts])):
        forecasts = [of_level(part.params, predicted) for part, predicted in zip(parts, each, strict=True)]
        arrays = zip(*((f.point, f.low, f.high, f.middle) for f in forecasts), strict=True)
        found[name] = Forecasts(*map(np.concatenate, arrays)).where(order)
    return rows_of(table, row, named.rated[order], found | baselines(table, targets), LEFT_OUT)


def last_years(table: ResultTable, count: int = 1) -> dict[int, tuple[int, ...]]:
    """The last years of each file, the last of all at the end."""
    last = {int(file): table.last_year(int(file)) for file in np.unique(table.file)}
    return {file: tuple(range(year - count + 1, year + 1)) for file, year in last.items()}


def _known_before(table: ResultTable, who: NDArray[np.bool_]) -> dict[int, KnownRaces]:
    """What results of some runners tell of races before each of the last two years."""
    years = sorted({year for two in last_years(table, 2).values() for year in two})
    return {year: fit_effects(table, START, who & (table.year < year)).known(table, START) for year in years}


def _states(table: ResultTable, known: Mapping[int, KnownRaces], who: NDArray[np.bool_]) -> States:
    """Targets of some runners in the last two years, each with what was known of races before its year."""
    found = []
    for year, races in known.items():
        asked = {file: (year,) for file, two in last_years(table, 2).items() if year in two}
        parts = [part.where(who[part.row]) for part in targets_of(table, asked)]
        found.append(States.of(table, [part for part in parts if part.row.size], races))
    return States.joined(found)


def predicted(
    table: ResultTable, targets: Iterable[Targets], params: LevelParams, known: KnownRaces | None
) -> Predicted:
    """Predict all targets."""
    return Predicted.joined([predict(params, ask(table, part, known)) for part in targets])


def results_summary(rows: Sequence[ResultRow]) -> str:
    """Mean absolute error (%) by file and predictor, as text."""
    lines = []
    for scheme, file, races in dict.fromkeys((row.scheme, row.file, row.races) for row in rows):
        chosen = [row for row in rows if (row.scheme, row.file, row.races) == (scheme, file, races)]
        lines.append(f"{file} of {chosen[0].year}, {scheme}, {races} races, {chosen[0].n:,} results:")
        lines += [
            f"  {row.predictor:27s} {row.mape:6.1f}%  bias {row.bias_pct:+5.1f}%  80% interval holds "
            f"{row.coverage80:.1f}%, {row.width80_pct:.0f}% wide"
            for row in chosen
        ]
    return "\n".join(lines)

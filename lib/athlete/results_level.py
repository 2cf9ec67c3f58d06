"""The level of a runner from race results alone, and the race time that it lets expect.

The logarithm of a race time is the cost of the course, the effect of the race, the level of the runner and the noise of
the day. The level is a Gaussian process over the runner's results: an overall level, an endurance (more or less loss
with size), a taste for steep ground, a part that fades with the years between two results, and a part that fades as
size and steepness differ. Arrays may have any leading axes; past results are the last one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from statistics import NormalDist
from typing import Annotated, Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lib.athlete.race_ratings import RaceRating, RaceTable, log_effort_km, race_key, shipped_ratings
from lib.core.errors import InputError, NoSuchFileError
from lib.core.fields import Length, Range, check_fields

Floats = NDArray[np.float64]

PARAMS_FILE: Final = "results.json"
"""Fitted numbers in the folder of the model."""
MAX_RESULTS: Final = 40
"""The latest results that are used."""
MIN_FIELD: Final = 20
"""Finishers from which on a rank tells something of the race."""
_SHIPPED: Final = Path(__file__).resolve().parents[2] / "checkpoints_v2" / PARAMS_FILE
_SIZE_REF: Final = 4.2
"""Logarithm of the effort-kilometres that features are centred on: 67 km."""
_STEEPNESS_REF: Final = 0.5
_MAX_STEEPNESS: Final = 1.3
_MAX_AGE_YEARS: Final = 3.0
_FEMALE_UNKNOWN: Final = 0.25
"""Share of women, where sex is not known."""
_ALONE: Final = "0"
"""Cell of the intervals without any result."""


@dataclass(frozen=True)
class RaceAt:
    """A race: when, how long and how high.

    Parameters
    ----------
    year : float
        With decimals; 2024.5 is the middle of 2024, taken where only the year is known.
    km, climb_m : float
        Distance and climb.
    race : str, optional
        What it is called.
    effort_km : float, optional
        Effort-kilometres by the course itself (`lib.athlete.course_size`); by default km + climb / 100 m.
    """

    year: Annotated[float, Range(1800, 2200)]
    km: Annotated[float, Range(1e-3, 1e5)]
    climb_m: Annotated[float, Range(0, 1e6)]
    race: Annotated[str, Length(0, 10_000)] | None = None
    effort_km: Annotated[float, Range(1e-3, 1e6)] | None = None

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def size(self) -> float:
        """Effort-kilometres."""
        return self.km + self.climb_m / 100.0 if self.effort_km is None else self.effort_km


@dataclass(frozen=True)
class Result(RaceAt):
    """What a runner reached in a race.

    Parameters
    ----------
    time_s : float
        Race time (s).
    rank, finishers : int, optional
        Place among all finishers.
    """

    time_s: Annotated[float, Range(1e-3, 1e8)] = math.nan
    rank: Annotated[int, Range(1, 1_000_000)] | None = None
    finishers: Annotated[int, Range(1, 1_000_000)] | None = None


@dataclass(frozen=True)
class LevelPrediction:
    """Race time to expect from earlier results: a Student-t of the logarithm of seconds.

    Parameters
    ----------
    mean_log_s, scale_log, dof : float
        Center, scale and degrees of freedom.
    low80_s, high80_s : float
        80% interval, from how far off such predictions were.
    least_error_s : float
        Of least expected relative error: what measures of errors in percent are given.
    weights : tuple of float
        Pull of each result, in the order given; 0 for results that were not used.
    race_known : bool
        Whether the coming race has a rating.
    results_known : int
        Results whose race is rated, or told by their rank.
    level_log : float
        The runner against a typical one on this course; negative is faster.
    nearest_log_size, age_years : float
        How far the result of the most similar size lies (logarithm), and the age of the latest.
    archive_share : float
        How much recorded runs count beside the results, from 0 to 1.
    """

    mean_log_s: float
    scale_log: float
    dof: float
    low80_s: float
    high80_s: float
    least_error_s: float
    weights: tuple[float, ...]
    race_known: bool
    results_known: int
    level_log: float
    nearest_log_size: float = math.inf
    age_years: float = math.inf
    archive_share: float = 0.0

    @property
    def median_s(self) -> float:
        """Race time that is as often exceeded as not (s)."""
        return math.exp(self.mean_log_s)

    def times(self, factor: float) -> LevelPrediction:
        """The prediction with its times taken times a factor: heat, thin air."""
        scaled = {name: getattr(self, name) * factor for name in ("low80_s", "high80_s", "least_error_s")}
        return replace(self, mean_log_s=self.mean_log_s + math.log(factor), **scaled)

    @property
    def results(self) -> int:
        """Results that were used."""
        return sum(weight != 0.0 for weight in self.weights)


@dataclass(frozen=True)
class LevelParams:
    """Fitted numbers.

    ``*_sd`` are spreads of the logarithm of time; ``*_years``, ``*_log_size`` and ``*_steepness`` distances over which
    likeness fades. `race_sd` is the spread of race effects without a rating, of which one runner's races share
    `region_share`; `edition_sd` that of one edition about its race. `interval_cells` holds the multiples of the scale
    at 10% and 90%, by `interval_cell`.
    """

    level_sd: float
    endurance_sd: float
    level_endurance_corr: float
    steep_sd: float
    drift_sd: float
    drift_years: float
    likeness_sd: float
    likeness_log_size: float
    likeness_steepness: float
    same_race_sd: float
    noise_sd: float
    noise_by_size: float
    noise_by_steepness: float
    noise_by_size2: float
    race_sd: float
    edition_sd: float
    region_share: float
    rating_var_scale: float
    dof: float
    least_error_shift: float
    rank_spread: float
    rank_field_mean: float
    rank_field_sd: float
    cost: tuple[float, ...]
    interval_cells: dict[str, tuple[float, float]]

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            numbers = [x for pair in value.values() for x in pair] if isinstance(value, dict) else value
            if not np.all(np.isfinite(numbers)):
                raise InputError(f"{item.name} = {value}", "finite numbers", "Fit the level again.")

    def noise_var(self, size: ArrayLike, steep: ArrayLike) -> Floats:
        """Variance of the day, by size and steepness (both centred)."""
        z = np.clip(np.asarray(size, np.float64), -2.5, 2.0)
        log_sd = self.noise_by_size * z + self.noise_by_steepness * np.asarray(steep) + self.noise_by_size2 * z * z
        return self.noise_sd**2 * np.exp(2.0 * log_sd)

    def level_cov(self, a: Features, b: Features, same: ArrayLike) -> Floats:
        """Covariance of the level at two results; `same` is 1 where both are of the same race, down to 0."""
        cross = self.level_endurance_corr * self.level_sd * self.endurance_sd
        unlike = np.abs(a.size - b.size) / self.likeness_log_size + np.abs(a.steep - b.steep) / self.likeness_steepness
        return (
            self.level_sd**2
            + cross * (a.size + b.size)
            + self.endurance_sd**2 * a.size * b.size
            + self.steep_sd**2 * a.steep * b.steep
            + self.drift_sd**2 * np.exp(-np.abs(a.year - b.year) / self.drift_years)
            + self.likeness_sd**2 * np.exp(-unlike)
            + self.same_race_sd**2 * np.asarray(same)
        )


@dataclass(frozen=True, eq=False)
class Features:
    """What the level depends on (arrays): size and steepness, both centred, and year."""

    size: Floats
    steep: Floats
    year: Floats

    @classmethod
    def of(cls, km: ArrayLike, climb_m: ArrayLike, year: ArrayLike, effort_km: ArrayLike | None = None) -> Features:
        """Features of races; effort-kilometres by default by km and climb."""
        size = log_effort_km(km, climb_m) if effort_km is None else np.log(np.asarray(effort_km, np.float64))
        steep = np.minimum(np.asarray(climb_m, np.float64) / np.asarray(km, np.float64) / 100.0, _MAX_STEEPNESS)
        return cls(size - _SIZE_REF, steep - _STEEPNESS_REF, np.asarray(year, np.float64))

    def __getitem__(self, index: Any) -> Features:
        return Features(self.size[index], self.steep[index], self.year[index])

    def cost_columns(self, female: ArrayLike, age_years: ArrayLike = 0.0) -> Floats:
        """What the cost is a weighted sum of, shape (..., 12).

        `age_years` is 0 for the coming race; what a past result says of it shifts with its age, and by a constant.
        """
        s, g, f, age = np.broadcast_arrays(self.size, self.steep, female, age_years)
        columns = (
            np.ones_like(s), f, s, s * s, g, g * s, g * g, f * s, np.maximum(s - 0.7, 0.0) ** 2,
            np.maximum(-0.7 - s, 0.0) ** 2, -np.clip(age, 0.0, _MAX_AGE_YEARS), (age > 0.0).astype(np.float64),
        )  # fmt: skip
        return np.stack(columns, axis=-1)

    def log_cost(self, params: LevelParams, female: ArrayLike, age_years: ArrayLike = 0.0) -> Floats:
        """Logarithm of the time (s) of a typical runner; arguments as for `cost_columns`."""
        return self.cost_columns(female, age_years) @ np.array(params.cost)


@dataclass(frozen=True, eq=False)
class RaceEffects:
    """What is known of races (arrays): whether anything is, effect, its variance, the part that editions share."""

    rated: NDArray[np.bool_]
    effect: Floats
    var: Floats
    shared: Floats

    @classmethod
    def unknown(cls, shape: tuple[int, ...]) -> RaceEffects:
        """Races of which nothing is known."""
        return cls(np.zeros(shape, bool), np.zeros(shape), np.zeros(shape), np.zeros(shape))


@dataclass(frozen=True, eq=False)
class Conditioned:
    """What past results say of the coming one (arrays)."""

    weights: Floats
    var: Floats
    effect: Floats
    effect_next: Floats


def condition(
    params: LevelParams,
    past: Features,
    races: RaceEffects,
    same_past: Floats,
    coming: Features,
    race_next: RaceEffects,
    same_next: Floats,
    residual: Floats | None = None,
) -> Conditioned:
    """Weigh past results for the coming race.

    Parameters
    ----------
    params : LevelParams
        Fitted numbers.
    past, races : Features, RaceEffects
        Of the past results, shape (..., N).
    same_past : ndarray, shape (..., N, N)
        1 where two results are of the same race, down to 0.
    coming, race_next : Features, RaceEffects
        Of the coming race, shape (...).
    same_next : ndarray, shape (..., N)
        The same of each result and the coming race.
    residual : ndarray, shape (..., N), optional
        Logarithm of each time over its cost: results that fit badly weigh less, as a Student-t asks for.
    """
    p, share, race_var, n = params, params.region_share, params.race_sd**2, past.size.shape[-1]
    diagonal = np.arange(n)
    # A runner's races lie in the same region: rated ones tell something of the others.
    count = races.rated.sum(-1)
    pull = share * count / (1.0 + share * np.maximum(count - 1, 0))
    region = pull * np.where(races.rated, races.effect, 0.0).sum(-1) / np.maximum(count, 1)
    effect = np.where(races.rated, races.effect, region[..., None])
    effect_next = np.where(race_next.rated, race_next.effect, region)
    shared = np.where(races.rated, p.rating_var_scale * races.shared, 0.0)
    shared_next = np.where(race_next.rated, p.rating_var_scale * race_next.shared, 0.0)
    var = np.where(races.rated, np.maximum(p.rating_var_scale * races.var - shared, 0.0), p.edition_sd**2)
    var_next = np.where(race_next.rated, p.rating_var_scale * race_next.var, race_var) + p.edition_sd**2

    def race_cov(open_a: Any, open_b: Any, shared_a: Any, shared_b: Any, same: Floats) -> Floats:
        return np.where(open_a & open_b, race_var * (share + (1.0 - share) * same), np.sqrt(shared_a * shared_b) * same)

    rows, columns, one = (..., slice(None), None), (..., None, slice(None)), (..., None)
    cov = p.level_cov(past[rows], past[columns], same_past)
    cov = cov + race_cov(~races.rated[rows], ~races.rated[columns], shared[rows], shared[columns], same_past)
    cov[..., diagonal, diagonal] += var
    cov_next = p.level_cov(past, coming[one], same_next)
    cov_next = cov_next + race_cov(~races.rated, ~race_next.rated[one], shared, shared_next[one], same_next)
    day, day_next = p.noise_var(past.size, past.steep), p.noise_var(coming.size, coming.steep)
    full = cov.copy()
    full[..., diagonal, diagonal] += day
    if n > 1 and residual is not None:  # one step of reweighting, by residuals with each result left out
        inverse = np.linalg.inv(full)
        off = np.einsum("...ij,...j->...i", inverse, residual - effect) ** 2 / inverse[..., diagonal, diagonal]
        full = cov
        full[..., diagonal, diagonal] += day * np.maximum((p.dof + off) / (p.dof + 1.0), 1.0)
    weights = np.linalg.solve(full, cov_next[..., None])[..., 0]
    left = p.level_cov(coming, coming, 1.0) + var_next + day_next - np.einsum("...n,...n->...", weights, cov_next)
    return Conditioned(weights, np.maximum(left, day_next + p.edition_sd**2), effect, effect_next)


def likeness(km: ArrayLike, climb_m: ArrayLike, other_km: ArrayLike, other_climb_m: ArrayLike) -> Floats:
    """How alike two courses without names are: 1 for the same km and climb, 0.6 for 1% apart in both."""
    apart = np.abs(np.log(np.asarray(km, np.float64) / np.asarray(other_km, np.float64)))
    return np.exp(-(apart + np.abs(log_effort_km(km, climb_m) - log_effort_km(other_km, other_climb_m))) / 0.04)


def interval_cell(results: int, nearest_log_size: float, age_years: float, race_known: bool) -> str:
    """Cell of the intervals: number of results, likeness of the nearest, age of the latest, race known or not."""
    if results == 0:
        return _ALONE
    number = "1" if results == 1 else "2-3" if results <= 3 else "4+"
    age = "new" if age_years < 1.6 else "old" if age_years < 2.2 else "older"
    return f"{'known' if race_known else 'unknown'} {number} {'like' if nearest_log_size < 0.3 else 'unlike'} {age}"


def read_params(path: Path | str) -> LevelParams:
    """Read fitted numbers from JSON.

    Raises
    ------
    InputError
        If the file is not there, or a number is missing, unknown or not finite.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        cells = {name: (float(low), float(high)) for name, (low, high) in content["interval_cells"].items()}
        known = {name: value for name, value in content.items() if not name.startswith("_")}
        return LevelParams(**known | {"cost": tuple(map(float, content["cost"])), "interval_cells": cells})
    except FileNotFoundError as error:
        raise NoSuchFileError(path) from error
    except InputError:
        raise
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        expected = "the fitted numbers of the level from results"
        raise InputError(f"a file that is damaged ({error})", expected, "Install trailcast again.", path) from error


@cache
def shipped_params() -> LevelParams:
    """Fitted numbers that come with trailcast."""
    return read_params(_SHIPPED)


def predict_race(
    results: Sequence[Result],
    coming: RaceAt,
    *,
    sex: str | None = None,
    params: LevelParams | None = None,
    races: RaceTable | None = None,
) -> LevelPrediction:
    """Predict the race time of a runner from earlier results.

    Parameters
    ----------
    results : sequence of Result
        Only those before the coming race count; without any, a typical runner is predicted.
    coming : RaceAt
        What is to be run.
    sex : str, optional
        ``"F"`` or ``"M"``.
    params, races : LevelParams, RaceTable, optional
        By default those that are shipped. With an empty table names are compared, but no rating is used.

    Raises
    ------
    AmbiguousRaceError
        If a name means several races.
    """
    p = params or shipped_params()
    table = shipped_ratings() if races is None else races
    order = sorted((i for i, r in enumerate(results) if r.year < coming.year), key=lambda i: results[i].year)
    order = order[-MAX_RESULTS:]
    past = [results[i] for i in order]
    female = {"F": 1.0, "M": 0.0}.get((sex or "").upper()[:1], _FEMALE_UNKNOWN)
    at = Features.of(*([getattr(r, name) for r in past] for name in ("km", "climb_m", "year", "size")))
    at_next = Features.of(coming.km, coming.climb_m, coming.year, coming.size)
    residual = np.log([r.time_s for r in past]) - at.log_cost(p, female, coming.year - at.year)
    found = [table.get(r.race, r.km, r.climb_m) for r in past]
    target = table.get(coming.race, coming.km, coming.climb_m)
    keys = [_key(rating, race) for rating, race in zip(found, past, strict=True)]
    key_next = _key(target, coming)
    n = len(past)
    same = np.array([[_same(keys[i], keys[j], past[i], past[j]) for j in range(n)] for i in range(n)]).reshape(n, n)
    # Of a coming race without a name, likeness decides.
    asked = [None if key_next is None else key for key in keys]
    same_next = np.array([_same(k, key_next, r, coming) for k, r in zip(asked, past, strict=True)], np.float64)
    # Where the coming race has no rating, a result there tells its effect best untouched.
    alone = (same_next > 0.5) & (target is None)
    known = [
        (False, 0.0, 0.0, 0.0) if skip else _effect_of(p, rating, result, left, female)
        for rating, result, left, skip in zip(found, past, residual.tolist(), alone, strict=True)
    ]
    columns = np.array(known, np.float64).reshape(n, 4).T
    effects = RaceEffects(columns[0] > 0, *columns[1:])
    numbers = (0.0, 0.0, 0.0) if target is None else (target.effect, target.sd**2, target.shared_sd**2)
    effects_next = RaceEffects(np.array(target is not None), *map(np.array, numbers))
    seen = condition(p, at, effects, same, at_next, effects_next, same_next, residual)
    level = float(seen.weights @ (residual - seen.effect))
    mean = float(at_next.log_cost(p, female)) + float(seen.effect_next) + level
    scale = math.sqrt(float(seen.var))
    nearest = float(np.min(np.abs(at.size - at_next.size))) if past else math.inf
    age = coming.year - past[-1].year if past else math.inf
    low, high = p.interval_cells[interval_cell(n, nearest, age, target is not None)]
    weights = np.zeros(len(results))
    weights[order] = seen.weights
    return LevelPrediction(
        mean_log_s=mean,
        scale_log=scale,
        dof=p.dof,
        low80_s=math.exp(mean + low * scale),
        high80_s=math.exp(mean + high * scale),
        least_error_s=math.exp(mean - p.least_error_shift * scale**2),
        weights=tuple(weights.tolist()),
        race_known=target is not None,
        results_known=int(effects.rated.sum()),
        level_log=level,
        nearest_log_size=nearest,
        age_years=age,
    )


def _effect_of(
    p: LevelParams, rating: RaceRating | None, result: Result, residual: float, female: float
) -> tuple[bool, float, float, float]:
    """What a rating, and the rank in the field, tell of the edition a result was run in, as `RaceEffects` has it."""
    known, effect, var, shared = False, 0.0, p.race_sd**2 + p.edition_sd**2, 0.0
    if rating is not None:
        known, shared = True, rating.shared_sd**2
        usual = (rating.effect, math.sqrt(rating.sd**2 + p.edition_sd**2 / p.rating_var_scale))
        effect, sd = rating.editions.get(int(result.year), usual)
        var = sd**2
    if result.rank and result.finishers and result.finishers >= MIN_FIELD:
        # The rank tells what the middle of the field ran, whose own level is `rank_field_sd` unsure.
        z = NormalDist().inv_cdf((min(result.rank, result.finishers) - 0.5) / result.finishers)
        seen = residual + (female - _FEMALE_UNKNOWN) * p.cost[1] - p.rank_spread * z - p.rank_field_mean
        gain = var / (var + p.rank_field_sd**2 + 2.0 * p.rank_spread**2 / result.finishers)
        known, effect, var = True, effect + gain * (seen - effect), var * (1.0 - gain)
        shared = min(shared, var)
    return known, effect, var, shared


def _key(rating: RaceRating | None, race: RaceAt) -> object:
    """What a race is told by: its rating, else its name, else nothing."""
    return rating or (race_key(race.race) if race.race else None)


def _same(key: object, other_key: object, race: RaceAt, other: RaceAt) -> float:
    """1 where two names mean the same race, 0 where they differ; without names, the likeness of the courses."""
    if key is None and other_key is None:
        return float(likeness(race.km, race.climb_m, other.km, other.climb_m))
    return float(key is not None and other_key is not None and key == other_key)

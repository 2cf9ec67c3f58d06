"""Conformal intervals of times, calibrated on how far an athlete's earlier predictions were off.

A *score* is ``(log actual - log predicted) / sd``: by how many of its own standard deviations a prediction was off,
positive where the athlete was slower. A predictor without an ``sd`` uses 1. Scores of the past are taken as the
distribution of the next: split conformal prediction (Vovk, Gammerman & Shafer 2005), as a predictive distribution.

- The athlete's last `SCORES_KEPT` scores count with weights that halve every `SCORE_HALF_LIFE` runs, for form and
  habits drift (Barber, Candès, Ramdas & Tibshirani 2023, "Conformal prediction beyond exchangeability").
- `POPULATION_WEIGHT` pseudo-observations are spread as other athletes' scores are in units of each one's usual size,
  times this athlete's usual size. Without runs they are all there is; they fade as runs come in.
- The run to predict has weight 1 and may lie anywhere: half of that is kept for each side. Of n scores of weight 1
  the k-th smallest then is the ``k / (n + 1)`` quantile; between scores, quantiles are interpolated.

What is guaranteed:

- Of n exchangeable scores with equal weights and no pseudo-observations, a q quantile holds for the next with a
  probability from ``k / (n + 1)`` to ``(k + 1) / (n + 1)``, ``k = floor((n + 1) q)`` from 1 to n - 1, whatever the
  distribution (no ties). Where ``(n + 1) q`` is whole this is the usual ``ceil((n + 1) q)``-th smallest, and exact;
  elsewhere the usual rule rounds outwards, which costs width, and this one does not.
- Fading weights make this approximate: by theorem 2 of Barber et al. coverage falls by at most the weighted mean of how
  far (total variation) swapping a past run with the next changes the distribution, beside a weight for interpolation.
- Pseudo-observations move it further, by about their share of all weights times the largest difference between their
  distribution function and the athlete's, at most. The share is 94% without runs, a third with 60.
- Without runs it rests on the athlete being one of the population; a few athletes make no finite guarantee.
- Coverage is an average over runs, not for one course or day. Beyond the outermost points tails are exponential, an
  assumption, which only high coverages of athletes with few runs rest on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

import numpy as np
from numpy.typing import ArrayLike

from lib.core.errors import InputError
from lib.core.fields import Length, Range, check_fields

SCORES_KEPT: Final = 60
"""Scores of an athlete that are remembered; older ones would weigh a quarter or less."""
SCORE_HALF_LIFE: Final = 30.0
POPULATION_WEIGHT: Final = 16.0
"""Runs that the population's distribution is worth."""
SCALE_HALF_LIFE: Final = 15.0
"""As `SCORE_HALF_LIFE`, for the usual size of a score: a mean takes fewer runs than a quantile."""
SCALE_WEIGHT: Final = 5.0
_SCALE_LIMIT: Final = 4.0
"""In the usual size no score counts as more than this many: one broken recording must not widen all that follow."""
FRACTIONS: Final = tuple(k / 10 for k in range(1, 11))
"""Fractions of the course at which multipliers are kept."""
COVERAGES: Final = (0.5, 0.95)
_POPULATION_POINTS: Final = 25
_FEWEST_ERRORS: Final = 20
SCORE: Final = Range(-50.0, 50.0)
"""Beyond it a score is held: a run that broke off counts as that."""
_Positive = Annotated[float, Range(1e-6, 1e3)]


@dataclass(frozen=True)
class Calibration:
    """How predictions of athletes in general are off; lives in the bundle beside the prior, some 300 bytes.

    Parameters
    ----------
    population : tuple of float, ascending
        Points of equal weight: scores of athletes in general, over the usual size of each one's scores.
    scale : float
        Usual (mean absolute) size of a score, a mean over athletes.
    multipliers : tuple of 10 floats
        Spread of the logarithmic error of elapsed time at `FRACTIONS` of the course, over the finish's: ends with 1.
    """

    population: Annotated[tuple[Annotated[float, SCORE], ...], Length(2, 100)]
    scale: _Positive
    multipliers: Annotated[tuple[_Positive, ...], Length(len(FRACTIONS), len(FRACTIONS))] = (1.0,) * len(FRACTIONS)

    def __post_init__(self) -> None:
        check_fields(self)
        if np.any(np.diff(self.population) < 0):
            raise InputError(f"population = {self.population}", "an ascending order", "Fit them anew.")
        if self.multipliers[-1] != 1.0:
            raise InputError(f"multipliers = {self.multipliers}", "1 at the end", "Fit them anew.")


def _numbers(values: ArrayLike, name: str, low: float = -np.inf, high: float = np.inf) -> np.ndarray:
    """Read finite numbers from `low` to `high`."""
    array = np.asarray(values, np.float64)
    good = np.isfinite(array) & (array >= low) & (array <= high)
    if not good.all():
        limits = f" from {low:g} to {high:g}" if np.isfinite(low) else ""
        raise InputError(f"{name} = {array[~good].flat[0]}", f"finite numbers{limits}", "Correct the value.")
    return array


def _positive(values: ArrayLike, name: str) -> np.ndarray:
    return _numbers(values, name, np.finfo(np.float64).tiny)


def _known_scores(scores: ArrayLike) -> np.ndarray:
    return _numbers(scores, "score").reshape(-1)[-SCORES_KEPT:]


def remember(scores: Sequence[float], actual_s: float, predicted_s: float, sd: float) -> tuple[float, ...]:
    """Take in one more run.

    Parameters
    ----------
    scores : sequence of float
        The athlete's scores so far, in order of date.
    actual_s, predicted_s : float
        Time of the run, and what was predicted of it before its start (s).
    sd : float
        Predictive standard deviation of the logarithm of its time; 1 for a predictor without one.

    Returns
    -------
    tuple of float, `SCORES_KEPT` or fewer
        Three significant digits: enough for a quantile, and some 400 bytes as JSON.
    """
    off = np.log(_positive(actual_s, "actual_s")) - np.log(_positive(predicted_s, "predicted_s"))
    score = np.clip(off / _positive(sd, "sd"), SCORE.low, SCORE.high)
    return (*scores, float(f"{score:.3g}"))[-SCORES_KEPT:]


def _weights(n: int, half_life: float) -> np.ndarray:
    """Weights of n runs in order of date, shape (n,): 1 for the last."""
    return 0.5 ** (np.arange(n - 1, -1, -1) / half_life)


def usual_size(scores: ArrayLike, population_scale: float) -> float:
    """Mean absolute score of an athlete, recent ones weighing more, pulled towards the population's."""
    size = np.minimum(np.abs(_known_scores(scores)), _SCALE_LIMIT * population_scale)
    weights = _weights(size.size, SCALE_HALF_LIFE)
    return float((weights @ size + SCALE_WEIGHT * population_scale) / (weights.sum() + SCALE_WEIGHT))


def fit_calibration(
    scores_by_athlete: Sequence[ArrayLike], multipliers: Sequence[float] = (1.0,) * len(FRACTIONS)
) -> Calibration:
    """Measure how predictions of athletes in general are off; each athlete counts the same, however many runs it has.

    Parameters
    ----------
    scores_by_athlete : sequence of arrays, shapes (N_a,)
        For each athlete the scores of all its runs, in order of date, each predicted from the runs before alone.
    multipliers : sequence of 10 floats
        From `measure_multipliers`.
    """
    athletes = [_numbers(scores, "score").reshape(-1) for scores in scores_by_athlete]
    athletes = [scores for scores in athletes if scores.size]
    scale = float(np.mean([np.abs(scores).mean() for scores in athletes])) if athletes else 0.0
    if scale <= 0:
        raise InputError(f"{len(athletes)} athletes, all scores 0", "others", "Calibrate on more runs.")
    # Divided by the size known before each run, as in use: so how uncertain that size is, is part of the distribution.
    relative = np.concatenate([[s[i] / usual_size(s[:i], scale) for i in range(s.size)] for s in athletes])
    weights = np.concatenate([np.full(s.size, 1.0 / s.size) for s in athletes]) / len(athletes)
    order = np.argsort(relative, kind="stable")
    levels = np.cumsum(weights[order]) - weights[order] / 2.0
    middles = (np.arange(_POPULATION_POINTS) + 0.5) / _POPULATION_POINTS
    points = np.interp(middles, levels, relative[order])
    return Calibration(tuple(float(f"{x:.3g}") for x in points), float(f"{scale:.4g}"), tuple(multipliers))


def measure_multipliers(log_errors: ArrayLike) -> tuple[float, ...]:
    """Measure how wide errors on the way are, relative to the finish's: ratios of the 10% to 90% range.

    Parameters
    ----------
    log_errors : array, shape (N, 10)
        ``log(actual / predicted)`` of the elapsed time at `FRACTIONS` of the course, of N runs; best over each run's
        ``sd``, lest erratic athletes outweigh steady ones.

    Returns
    -------
    tuple of 10 floats, the last 1
    """
    errors = _numbers(log_errors, "log error")
    if errors.ndim != 2 or errors.shape[1] != len(FRACTIONS) or len(errors) < _FEWEST_ERRORS:
        expected = f"({_FEWEST_ERRORS} or more, {len(FRACTIONS)})"
        raise InputError(f"errors of shape {errors.shape}", expected, "Measure each tenth of more runs.")
    spread = np.subtract(*np.quantile(errors, (0.9, 0.1), axis=0))
    if np.any(spread <= 0):
        raise InputError("the same error in most runs", "errors that differ", "Measure predictions, not recordings.")
    return (*(float(f"{x:.3g}") for x in spread[:-1] / spread[-1]), 1.0)


def multiplier(fraction: ArrayLike, calibration: Calibration) -> np.ndarray:
    """Spread of the logarithmic error at a fraction of the course, over the finish's; any shape.

    A quantile ``q`` of the finish, as a score or a logarithm, is ``q * multiplier(f)`` at fraction f. Before the first
    tenth its value holds. Fractions are of distance, or of predicted time, as in `measure_multipliers`.
    """
    return np.interp(_numbers(fraction, "fraction", 0.0, 1.0), FRACTIONS, calibration.multipliers)


@dataclass(frozen=True)
class _Predictive:
    """Distribution function of the next score: linear between ``points`` (M,), where it is ``levels`` (M,)."""

    points: np.ndarray
    levels: np.ndarray

    def _tails(self) -> tuple[float, float]:
        """Exponential tails, each as steep as it takes to come from the median to the outermost point."""
        median = np.interp(0.5, self.levels, self.points)
        low = (median - self.points[0]) / np.log(0.5 / self.levels[0])
        high = (self.points[-1] - median) / np.log(0.5 / (1.0 - self.levels[-1]))
        return max(float(low), 1e-9), max(float(high), 1e-9)  # scores that are all the same leave a step

    def quantile(self, level: np.ndarray) -> np.ndarray:
        first, last = self.levels[[0, -1]]
        low, high = self._tails()
        inside = np.interp(level, self.levels, self.points)
        inside += low * np.log(np.minimum(level, first) / first)
        return inside - high * np.log(np.minimum(1.0 - level, 1.0 - last) / (1.0 - last))

    def below(self, score: np.ndarray) -> np.ndarray:
        first, last = self.points[[0, -1]]
        low, high = self._tails()
        inside = np.interp(score, self.points, self.levels)
        below_first = self.levels[0] * np.exp((np.minimum(score, first) - first) / low)
        above_last = (1.0 - self.levels[-1]) * np.exp((last - np.maximum(score, last)) / high)
        return np.where(score < first, below_first, np.where(score > last, 1.0 - above_last, inside))


def _predictive(scores: ArrayLike, calibration: Calibration) -> _Predictive:
    own = _known_scores(scores)
    others = np.array(calibration.population) * usual_size(own, calibration.scale)
    points = np.concatenate([own, others])
    of_others = np.full(others.size, POPULATION_WEIGHT / others.size)
    weights = np.concatenate([_weights(own.size, SCORE_HALF_LIFE), of_others])
    order = np.argsort(points, kind="stable")
    points, weights = points[order], weights[order]
    # Half a weight below each point is its own, half a run is what the next one may add on that side.
    levels = (np.cumsum(weights) - weights / 2.0 + 0.5) / (weights.sum() + 1.0)
    return _Predictive(points, levels)


def interval(
    predicted_s: ArrayLike,
    sd: ArrayLike,
    scores: ArrayLike,
    calibration: Calibration,
    coverage: float = 0.8,
    fraction: ArrayLike = 1.0,
    center: float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Between which times a share `coverage` of runs ends, as many beyond the one as beyond the other.

    Parameters
    ----------
    predicted_s : array or float
        Predicted moving time to a place (s), 0 or more.
    sd : array or float
        Predictive standard deviation of the logarithm of the *finish* time; 1 for a predictor without one.
    scores : array, shape (n,)
        The athlete's, in order of date (`remember`); none if nothing is known of it.
    calibration : Calibration
        The population.
    coverage : float
        From 0.5 to 0.95.
    fraction : array or float
        Fraction of the course at which the place is; 1 is the finish.
    center : float
        Score at which ``predicted_s`` stands: `median_score` where it is the median.

    Returns
    -------
    lower_s, upper_s : arrays
        Shapes as `predicted_s`, `sd` and `fraction` broadcast (s). Where predictions were mostly off to one side, both
        can be on that side of `predicted_s`. What is guaranteed stands at the head of this module.
    """
    share = float(_numbers(coverage, "coverage", *COVERAGES))
    time_s = _numbers(predicted_s, "predicted_s", 0.0)
    spread = _positive(sd, "sd") * multiplier(fraction, calibration)
    low, high = _predictive(scores, calibration).quantile(np.array([0.5 - share / 2.0, 0.5 + share / 2.0]))
    return time_s * np.exp((low - center) * spread), time_s * np.exp((high - center) * spread)


def median_score(scores: ArrayLike, calibration: Calibration) -> float:
    """Score that the next run is as likely to be above as below; arguments as for `interval`."""
    return float(_predictive(scores, calibration).quantile(np.array(0.5)))


def probability_below(
    seconds: ArrayLike,
    predicted_s: ArrayLike,
    sd: ArrayLike,
    scores: ArrayLike,
    calibration: Calibration,
    fraction: ArrayLike = 1.0,
    center: float = 0.0,
) -> np.ndarray:
    """Chance of being at a place within `seconds`, of the distribution whose quantiles `interval` returns.

    ``seconds``, 0 or more, and the other arguments, as in `interval` but with ``predicted_s`` above 0, broadcast. The
    result, from 0 to 1, never falls as ``seconds`` grow; beyond the slowest known runs it rests on an assumed tail.
    """
    time_s = _numbers(seconds, "seconds", 0.0)
    expected_s = _positive(predicted_s, "predicted_s")
    spread = _positive(sd, "sd") * multiplier(fraction, calibration)
    with np.errstate(divide="ignore"):  # no time at all: a score of minus infinity, a chance of 0
        score = (np.log(time_s) - np.log(expected_s)) / spread
    return _predictive(scores, calibration).below(score + center)

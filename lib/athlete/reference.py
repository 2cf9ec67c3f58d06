"""The causal reference: pace, heart rate and cadence of a course as the athlete's past suggests them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from lib.athlete.conformal import median_score
from lib.athlete.expected_pace import expect
from lib.athlete.heart_rate_model import fallen, features, offset_bpm
from lib.athlete.pacer import law_weight, pacer
from lib.athlete.pacing_law import USUAL, Pacing
from lib.athlete.prior import Prior
from lib.athlete.profile import (
    LONG_DAYS,
    SHORT_DAYS,
    AthleteProfile,
    expected_log_pace,
    flat_steps,
    grade_curve,
    load_after,
)
from lib.athlete.run_history import kind_of
from lib.core import schema as c
from lib.core.errors import InputError
from lib.course.grade_factors import SLOPE_KNOTS

_LOG_6_MIN_PER_KM: Final = float(np.log(1.8))
_GIVEN_STEPS: Final = 10
_GIVEN_LIMITS: Final = (0.2, 6.0)
_LONGEST: Final = 2.0
"""A given pace counts as no more than so many times the expected time where heart rate falls with the hours."""
MAX_EFFORT: Final = 5.0


@dataclass(frozen=True)
class Reference:
    """What the past says of one session before it starts.

    ``duration_s`` and ``heart_rate_bpm`` have shape (T,); ``log_sd`` is the standard deviation expected of the
    logarithm of the total time;
    ``given_log_ratio``, shape (T,), is the logarithm of a given pace over it, 0 where none is; ``static`` holds a
    value for each of `columns.STATIC_REALS`; ``law_weight`` is how much the pacing law decides where the time is, and
    ``base_pace`` the level in its terms (min/km on flat road, fresh). ``center`` is the score
    (`lib.athlete.conformal`) at which the total time stands: 0 where it is the value of least expected relative error.
    """

    duration_s: np.ndarray
    heart_rate_bpm: np.ndarray
    heart_rate_spread_bpm: float
    cadence_rpm: float | np.ndarray
    cadence_spread_rpm: float
    log_sd: float
    given_log_ratio: np.ndarray
    static: dict[str, float]
    law_weight: float = 0.0
    base_pace: float = float("nan")
    center: float = 0.0

    @property
    def mean_heart_rate_bpm(self) -> float:
        """Mean heart rate over time (bpm), as watches give it; over distance it differs on hilly courses."""
        return float(np.average(self.heart_rate_bpm, weights=self.duration_s))


def _mean(total: float, weight: float, prior: float, prior_weight: float) -> float:
    return (total + prior * prior_weight) / (weight + prior_weight)


def _smoothed_log_ratio(given_s: np.ndarray, duration_s: np.ndarray) -> np.ndarray:
    """Logarithm of given over reference duration, both summed over 50 m around each step, shape (T,)."""
    window = np.ones(min(_GIVEN_STEPS, given_s.size))
    ratio = np.convolve(given_s, window, "same") / np.convolve(duration_s, window, "same")
    return np.log(np.clip(ratio, *_GIVEN_LIMITS))


def reference(
    profile: AthleteProfile,
    prior: Prior,
    course: c.Columns,
    day: int | None = None,
    *,
    effort: float | None = None,
    given_s: np.ndarray | None = None,
    pacing: Pacing = USUAL,
    moving_s: float | None = None,
    median: bool = False,
) -> Reference:
    """The next session as the past suggests it.

    Parameters
    ----------
    profile, prior : AthleteProfile, Prior
        The athlete before the start.
    course : Columns, T rows
        From `lib.course.terrain_features.course_columns`.
    day : int, optional
        Day of the start, counted as in the athlete's sessions; by default the usual gap after the last run.
    effort : float, optional
        Intended effort (`lib.athlete.prior.Effort`); left open, the effort is as usual.
    given_s : ndarray, shape (T,), optional
        Duration of each step (s), if the pace is given and only heart rate and cadence are asked for.
    pacing : Pacing
        Night, ground and strategy.
    moving_s : float, optional
        Moving time of the whole course (s), if a goal sets it.
    median : bool
        Take the median of the total time, as plans do, not the value of least expected relative error.

    Returns
    -------
    Reference
        Durations have shape (T,).

    Raises
    ------
    InputError
        If both an effort and a pace are given, or the pace is not of this course.
    """
    if effort is not None and given_s is not None:
        raise InputError("an effort and a pace", "one of the two", "Leave one open: each follows from the other.")
    if effort is not None and not abs(effort) <= MAX_EFFORT:
        raise InputError(f"an effort of {effort}", "a number from -5 to 5, 0 as usual", "Change the effort.")
    steps = np.asarray(course[c.SLOPE_25M]).size
    if given_s is not None and (
        given_s.shape != (steps,) or not np.all(given_s >= 0) or not 0 < given_s.sum() < np.inf
    ):
        raise InputError(
            f"a pace of shape {given_s.shape}",
            f"{steps} durations that add up to some time",
            "Give one per step.",
        )
    gap = profile.gap_days if day is None else float(max(day - profile.last_day, 0))
    start_day = profile.last_day + gap
    kind, runs = kind_of(course), profile.memory.runs
    log_pace, log_sd, lean = expected_log_pace(profile, prior, kind, start_day)
    heart_rate, _ = expect(prior.heart_rate, runs, np.log(runs.heart_rate_bpm), start_day, kind)
    cadence, _ = expect(prior.cadence, runs, np.log(runs.cadence_rpm), start_day, kind)
    total_s = np.exp(log_pace) * flat_steps(prior, course)
    if effort is not None:
        # What is left of the lean towards fast days is as much smaller as the variance is.
        total_s *= np.exp(prior.effort.pace_per_effort * effort + lean * (1 - prior.effort.pace_sd_left**2))
        log_sd *= prior.effort.pace_sd_left
        heart_rate += prior.effort.heart_rate_sd * effort
    if given_s is not None:
        against = np.clip(np.log(given_s.sum() / total_s) - lean, -0.5, 0.5)
        heart_rate += prior.effort.heart_rate_sd * prior.effort.effort_per_pace * against
    center = median_score(profile.scores, prior.calibration) if median else 0.0
    total_s *= np.exp(center * log_sd)
    to_a_goal = moving_s is not None
    whole_s = float(total_s) if moving_s is None else moving_s
    duration_s, base_pace = pacer(profile, prior, course).spread(whole_s, pacing, to_a_goal)
    given, table, passing_s = np.zeros(steps), features(course, duration_s), duration_s
    if given_s is not None:
        passing_s = given_s * min(1.0, _LONGEST * duration_s.sum() / given_s.sum())
        given = _smoothed_log_ratio(given_s, duration_s)
        factors = np.interp(course[c.SLOPE_25M], SLOPE_KNOTS, grade_curve(profile, prior))
        table = features(course, given_s, given_s / (factors * (given_s.sum() / factors.sum())))
    return Reference(
        duration_s=duration_s,
        heart_rate_bpm=(float(np.exp(heart_rate)) + offset_bpm(profile.response, prior.response, table))
        * fallen(np.cumsum(passing_s)),
        heart_rate_spread_bpm=_mean(
            profile.heart_rate_spread_sum, profile.heart_rate_weight, prior.heart_rate_spread_bpm, 1.0
        ),
        cadence_rpm=float(np.exp(cadence)),
        cadence_spread_rpm=_mean(profile.cadence_spread_sum, profile.cadence_weight, prior.cadence_spread_rpm, 1.0),
        log_sd=log_sd,
        law_weight=law_weight(whole_s, to_a_goal),
        base_pace=base_pace,
        center=center,
        given_log_ratio=given,
        static={
            c.LOG_DISTANCE: kind.distance,
            c.CLIMB_PER_KM: 10.0 * kind.climb**2,
            c.LOG_GAP: float(np.log1p(gap)),
            c.LOAD_SHORT: load_after(profile.load_short_km, gap, SHORT_DAYS) / SHORT_DAYS,
            c.LOAD_LONG: load_after(profile.load_long_km, gap, LONG_DAYS) / LONG_DAYS,
            c.LOG_RUNS: float(np.log1p(profile.runs)),
            c.LOG_PACE: log_pace - _LOG_6_MIN_PER_KM,
            c.HEART_RATE_LEVEL: float(np.exp(heart_rate)),
            c.CADENCE_LEVEL: float(np.exp(cadence)),
            c.PACE_KNOWN: float(given_s is not None),
            c.EFFORT: 0.0 if effort is None else float(effort),
            c.EFFORT_KNOWN: float(effort is not None),
        },
    )

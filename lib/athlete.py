"""In: an athlete's earlier sessions, one by one. Out: what they say of the next: reference pace, heart rate, cadence.

The recursion is causal by construction: `reference` reads a profile, `update` returns the next one, and nothing
else is kept. Training and inference run the same two functions. See `lib.normalizers` for how they are used.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace

import numpy as np
import pandas as pd

from lib import columns as c
from lib.errors import InputError
from lib.prior import SLOPE_KNOTS, Prior
from lib.profile import course_table

_SHORT_DAYS, _LONG_DAYS = 7.0, 42.0


@dataclass(frozen=True)
class AthleteProfile:
    """Fading sums over an athlete's past; with a `Prior` they are all that is known before the next start."""

    runs: int = 0
    last_day: int = 0
    gap_days: float = 3.0
    load_short_km: float = 0.0
    load_long_km: float = 0.0
    level_sum: float = 0.0
    level_weight: float = 0.0
    form_sum: float = 0.0
    form_weight: float = 0.0
    curve_actual_s: tuple[float, ...] = (0.0,) * SLOPE_KNOTS.size
    curve_flat_s: tuple[float, ...] = (0.0,) * SLOPE_KNOTS.size
    exponent_xx: float = 0.0
    exponent_xy: float = 0.0
    exponent_x: float = 0.0
    exponent_y: float = 0.0
    exponent_n: float = 0.0
    heart_rate_sum: float = 0.0
    heart_rate_spread_sum: float = 0.0
    heart_rate_weight: float = 0.0
    cadence_sum: float = 0.0
    cadence_spread_sum: float = 0.0
    cadence_weight: float = 0.0
    finish_error_sum: float = 0.0
    finish_error_weight: float = 0.0
    moving_h: float = 0.0
    standing_h: float = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            values = np.atleast_1d(getattr(self, field.name))
            if not np.all(np.isfinite(values)):
                raise InputError(f"{field.name} = {values}", "finite numbers", "Make the athlete's bundle again.")
        for name in ("curve_actual_s", "curve_flat_s"):
            if len(getattr(self, name)) != SLOPE_KNOTS.size:
                raise InputError(
                    f"{len(getattr(self, name))} values of {name}", f"{SLOPE_KNOTS.size}", "Make the bundle again."
                )

    def to_dict(self) -> dict[str, float | int | list[float]]:
        """Plain values that JSON keeps exactly."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}


@dataclass(frozen=True)
class Reference:
    """What the past says of one session before it starts.

    ``duration_s`` has shape (T,); ``finish_error`` is the standard error of the logarithm of its sum, from how far the
    athlete's earlier finishes were off; ``static`` holds a value for each of `columns.STATIC_REALS`.
    """

    duration_s: np.ndarray
    heart_rate_bpm: float
    heart_rate_spread_bpm: float
    cadence_rpm: float
    cadence_spread_rpm: float
    finish_error: float
    static: dict[str, float]


def _mean(total: float, weight: float, prior: float, prior_weight: float) -> float:
    return (total + prior * prior_weight) / (weight + prior_weight)


def _fade(half_life: float) -> float:
    return 0.5 ** (1.0 / half_life)


def grade_curve(profile: AthleteProfile, prior: Prior) -> np.ndarray:
    """Personal time factors at `SLOPE_KNOTS`, 1 on the flat."""
    actual = np.array(profile.curve_actual_s) + prior.curve_weight_s * np.array(prior.curve)
    factors = actual / (np.array(profile.curve_flat_s) + prior.curve_weight_s)
    return factors / np.interp(0.0, SLOPE_KNOTS, factors)


def distance_exponent(profile: AthleteProfile, prior: Prior) -> float:
    """How pace slows with distance: slope of log pace on log distance, pulled towards the prior."""
    n = max(profile.exponent_n, 1e-9)
    xx = profile.exponent_xx - profile.exponent_x**2 / n
    xy = profile.exponent_xy - profile.exponent_x * profile.exponent_y / n
    return (xy + prior.exponent_weight * prior.exponent) / (max(xx, 0.0) + prior.exponent_weight)


def _load(km: float, days: float, constant_days: float) -> float:
    return km * float(np.exp(-days / constant_days))


def reference(profile: AthleteProfile, prior: Prior, course: pd.DataFrame, day: int | None = None) -> Reference:
    """The next session as the past suggests it.

    Parameters
    ----------
    profile, prior : AthleteProfile, Prior
        The athlete before the start.
    course : DataFrame, T rows
        From `lib.profile.course_table`.
    day : int, optional
        Day of the start, counted as in the athlete's sessions; by default the usual gap after the last run.

    Returns
    -------
    Reference
        Durations have shape (T,).
    """
    gap = profile.gap_days if day is None else float(max(day - profile.last_day, 0))
    km = len(course) * c.STEP_M / 1000.0
    log_distance = float(np.log(km / 10.0))
    level = _mean(profile.level_sum, profile.level_weight, float(np.log(prior.flat_pace_s)), prior.level_weight)
    form = _mean(profile.form_sum, profile.form_weight, 0.0, prior.form_weight)
    log_pace = level + form + distance_exponent(profile, prior) * log_distance
    factors = np.interp(course[c.SLOPE_25M].to_numpy(), SLOPE_KNOTS, grade_curve(profile, prior))
    heart_rate = _mean(profile.heart_rate_sum, profile.heart_rate_weight, prior.heart_rate_bpm, 1.0)
    heart_rate_spread = _mean(
        profile.heart_rate_spread_sum, profile.heart_rate_weight, prior.heart_rate_spread_bpm, 1.0
    )
    cadence = _mean(profile.cadence_sum, profile.cadence_weight, prior.cadence_rpm, 1.0)
    cadence_spread = _mean(profile.cadence_spread_sum, profile.cadence_weight, prior.cadence_spread_rpm, 1.0)
    return Reference(
        duration_s=np.exp(log_pace) * factors,
        heart_rate_bpm=heart_rate,
        heart_rate_spread_bpm=heart_rate_spread,
        cadence_rpm=cadence,
        cadence_spread_rpm=cadence_spread,
        finish_error=float(
            np.sqrt(
                _mean(
                    profile.finish_error_sum,
                    profile.finish_error_weight,
                    prior.finish_error**2,
                    prior.finish_error_weight,
                )
            )
        ),
        static={
            c.LOG_DISTANCE: log_distance,
            c.CLIMB_PER_KM: float(course[c.CLIMB].iloc[-1]) / km,
            c.LOG_GAP: float(np.log1p(gap)),
            c.LOAD_SHORT: _load(profile.load_short_km, gap, _SHORT_DAYS) / _SHORT_DAYS,
            c.LOAD_LONG: _load(profile.load_long_km, gap, _LONG_DAYS) / _LONG_DAYS,
            c.LOG_RUNS: float(np.log1p(profile.runs)),
            c.LOG_PACE: log_pace - float(np.log(1.8)),
            c.FORM: form,
            c.HEART_RATE_LEVEL: heart_rate,
            c.CADENCE_LEVEL: cadence,
        },
    )


def _level_and_spread(values: np.ndarray) -> tuple[float, float] | None:
    known = values[np.isfinite(values)]
    if known.size < 0.5 * values.size or known.size == 0:
        return None
    return float(known.mean()), float(known.std())


def update(profile: AthleteProfile, prior: Prior, session: pd.DataFrame, course: pd.DataFrame) -> AthleteProfile:
    """The athlete after one more session.

    Parameters
    ----------
    session : DataFrame, T rows
        One session of the session contract (`lib.columns.SESSION_COLUMNS`).
    course : DataFrame, T rows
        `course_table` of its altitude.
    """
    day = int(session[c.DAY].iloc[0])
    before = reference(profile, prior, course, day)
    duration_s = session[c.DURATION].to_numpy(np.float64)
    km = len(session) * c.STEP_M / 1000.0
    error = float(np.log(duration_s.sum() / before.duration_s.sum()))
    form = before.static[c.FORM]
    exponent = distance_exponent(profile, prior)
    log_distance = before.static[c.LOG_DISTANCE]
    level = before.static[c.LOG_PACE] + float(np.log(1.8)) - form - exponent * log_distance

    # Time in each slope, at the session's own level, split between the two knots around it.
    slope = np.clip(course[c.SLOPE_25M].to_numpy(), SLOPE_KNOTS[0], SLOPE_KNOTS[-1])
    left = np.clip(np.searchsorted(SLOPE_KNOTS, slope, side="right") - 1, 0, SLOPE_KNOTS.size - 2)
    share = (slope - SLOPE_KNOTS[left]) / (SLOPE_KNOTS[left + 1] - SLOPE_KNOTS[left])
    flat_s = float(np.exp(before.static[c.LOG_PACE] + np.log(1.8)))
    at_level_s = duration_s * np.exp(-error)

    def by_knot(seconds: np.ndarray) -> np.ndarray:
        n = SLOPE_KNOTS.size
        return np.bincount(left, seconds * (1 - share), n) + np.bincount(left + 1, seconds * share, n)

    fade_curve, fade_level = _fade(prior.curve_half_life), _fade(prior.level_half_life)
    fade_form, fade_exponent = _fade(prior.form_half_life), _fade(prior.exponent_half_life)
    fade_error = _fade(prior.finish_error_half_life)
    gap = float(max(day - profile.last_day, 0)) if profile.runs else profile.gap_days
    # log pace of this session without distance effect: what the long-term level should have been
    own_level = level + form + error
    heart_rate = _level_and_spread(session[c.HEART_RATE].to_numpy(np.float64))
    cadence = _level_and_spread(session[c.CADENCE].to_numpy(np.float64))
    after = replace(
        profile,
        runs=profile.runs + 1,
        last_day=day,
        gap_days=profile.gap_days * fade_form + gap * (1 - fade_form),
        load_short_km=_load(profile.load_short_km, gap, _SHORT_DAYS) + km,
        load_long_km=_load(profile.load_long_km, gap, _LONG_DAYS) + km,
        level_sum=profile.level_sum * fade_level + own_level,
        level_weight=profile.level_weight * fade_level + 1.0,
        form_sum=profile.form_sum * fade_form + form + error,
        form_weight=profile.form_weight * fade_form + 1.0,
        curve_actual_s=tuple((np.array(profile.curve_actual_s) * fade_curve + by_knot(at_level_s)).tolist()),
        curve_flat_s=tuple(
            (np.array(profile.curve_flat_s) * fade_curve + by_knot(np.full(slope.size, flat_s))).tolist()
        ),
        exponent_xx=profile.exponent_xx * fade_exponent + log_distance**2,
        exponent_xy=profile.exponent_xy * fade_exponent + log_distance * (error + exponent * log_distance),
        exponent_x=profile.exponent_x * fade_exponent + log_distance,
        exponent_y=profile.exponent_y * fade_exponent + error + exponent * log_distance,
        exponent_n=profile.exponent_n * fade_exponent + 1.0,
        finish_error_sum=profile.finish_error_sum * fade_error + error**2,
        finish_error_weight=profile.finish_error_weight * fade_error + 1.0,
        moving_h=profile.moving_h * fade_level + float(duration_s.sum()) / 3600.0,
        standing_h=profile.standing_h * fade_level + float(session[c.STOP].sum()) / 3600.0,
    )
    if heart_rate is not None:
        after = replace(
            after,
            heart_rate_sum=after.heart_rate_sum * fade_form + heart_rate[0],
            heart_rate_spread_sum=after.heart_rate_spread_sum * fade_form + heart_rate[1],
            heart_rate_weight=after.heart_rate_weight * fade_form + 1.0,
        )
    if cadence is not None:
        after = replace(
            after,
            cadence_sum=after.cadence_sum * fade_form + cadence[0],
            cadence_spread_sum=after.cadence_spread_sum * fade_form + cadence[1],
            cadence_weight=after.cadence_weight * fade_form + 1.0,
        )
    return after


def profile_after(sessions: pd.DataFrame, prior: Prior, start: AthleteProfile | None = None) -> AthleteProfile:
    """The athlete after all of `sessions` (session contract, in order of date)."""
    profile = start or AthleteProfile()
    for _, session in sessions.groupby(c.SESSION_ID, sort=True):
        profile = update(profile, prior, session, course_table(session[c.ALTITUDE].to_numpy()))
    return profile

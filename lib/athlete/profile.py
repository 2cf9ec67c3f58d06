"""The athlete profile: everything that is kept of an athlete's sessions, one after the other.

The recursion is causal by construction: `lib.athlete.reference.reference` reads a profile, `update` returns the next
one, and nothing else is kept. Training and inference run the same two functions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Annotated, Final

import numpy as np

from lib.athlete.conformal import SCORE, SCORES_KEPT
from lib.athlete.conformal import remember as remember_score
from lib.athlete.expected_pace import beyond_experience, expect, spread_when_short
from lib.athlete.heart_rate_model import HALF_LIFE, features
from lib.athlete.own_fading import LONG_RUN_S, fading_of_run
from lib.athlete.pace_shape import after_run
from lib.athlete.pacing_law import course_cost_of
from lib.athlete.prior import Prior
from lib.athlete.response import Response, learned
from lib.athlete.results_level import Result
from lib.athlete.run_history import Kind, Memory, kind_of, remember
from lib.athlete.stopped_time import KEPT_RUNS, STOPPED_S, with_run
from lib.core import schema as c
from lib.core.fields import Length, Range, check_fields
from lib.course.grade_factors import SLOPE_KNOTS
from lib.course.terrain_features import course_columns

if TYPE_CHECKING:
    import pandas as pd

SHORT_DAYS, LONG_DAYS = 7.0, 42.0
"""Time constants of training load."""
BEYOND_SD: Final = 0.35
"""Standard deviation of what going beyond the longest run costs, as a share of what it is expected to cost."""
KEPT_RESULTS: Final = 12
"""Race results that are kept, the latest."""
_KEPT_NAME: Final = 60
_USUAL_GAP_RUNS: Final = 8.0
_EXPERIENCE_KM: Final = 10.0
"""What anybody is believed to have run before."""
_Count = Annotated[int, Range(0, 100_000)]
_Km = Annotated[float, Range(0, 100_000)]
_Sum = Annotated[float, Range(0, 100_000)]
_Curve = Annotated[tuple[Annotated[float, Range(0, 1e9)], ...], Length(SLOPE_KNOTS.size, SLOPE_KNOTS.size)]


@dataclass(frozen=True)
class AthleteProfile:
    """What is kept of an athlete's past; with a `Prior` it is all that is known before the next start.

    Sums fade; `memory` holds the runs from which the level of the next follows, `scores` how far the latest finishes
    were from what was expected (`lib.athlete.conformal`), `standing_at_one_hour_s` how long the latest stood
    (`lib.athlete.stopped_time`), `response` how heart rate goes along a run (`lib.athlete.heart_rate_model`),
    `pace_response` where the athlete is faster or slower than the grade curve says (`lib.athlete.pace_shape`),
    `long_runs` and `fading_sum` how much long runs slowed down (`lib.athlete.own_fading`), `results` the latest race
    results, which set the level of a race (`lib.athlete.results_level`).
    """

    runs: _Count = 0
    last_day: _Count = 0
    gap_days: Annotated[float, Range(0, 1e5)] = 3.0
    load_short_km: _Km = 0.0
    load_long_km: _Km = 0.0
    longest_km: _Km = _EXPERIENCE_KM
    long_runs: _Count = 0
    fading_sum: Annotated[float, Range(-1e6, 1e6)] = 0.0
    curve_actual_s: _Curve = (0.0,) * SLOPE_KNOTS.size
    curve_flat_s: _Curve = (0.0,) * SLOPE_KNOTS.size
    heart_rate_spread_sum: _Sum = 0.0
    heart_rate_weight: _Sum = 0.0
    cadence_spread_sum: _Sum = 0.0
    cadence_weight: _Sum = 0.0
    standing_at_one_hour_s: Annotated[tuple[Annotated[int, STOPPED_S], ...], Length(0, KEPT_RUNS)] = ()
    scores: Annotated[tuple[Annotated[float, SCORE], ...], Length(0, SCORES_KEPT)] = ()
    response: Response = field(default_factory=Response)
    pace_response: Response = field(default_factory=Response)
    memory: Memory = field(default_factory=Memory)
    results: Annotated[tuple[Result, ...], Length(0, KEPT_RESULTS)] = ()

    def __post_init__(self) -> None:
        check_fields(self)

    def to_dict(self) -> dict[str, object]:
        """Plain values that JSON keeps exactly; what has fields of its own as a list of them, the memory as a text."""
        lists = {item.name: value for item, value in zip(fields(self), astuple(self), strict=True)}
        return lists | {"memory": self.memory.to_text()}


def with_results(profile: AthleteProfile, results: Iterable[Result]) -> AthleteProfile:
    """The athlete with more race results, each once; the latest are kept."""
    named = (replace(result, race=result.race and result.race[:_KEPT_NAME]) for result in results)
    known = sorted(dict.fromkeys((*profile.results, *named)), key=lambda result: result.year)
    return replace(profile, results=tuple(known[-KEPT_RESULTS:]))


def _fade(half_life: float) -> float:
    return 0.5 ** (1.0 / half_life)


def grade_curve(profile: AthleteProfile, prior: Prior) -> np.ndarray:
    """Personal time factors at `SLOPE_KNOTS`, 1 on the flat."""
    actual = np.array(profile.curve_actual_s) + prior.curve_weight_s * np.array(prior.curve)
    factors = actual / (np.array(profile.curve_flat_s) + prior.curve_weight_s)
    return factors / np.interp(0.0, SLOPE_KNOTS, factors)


def flat_steps(prior: Prior, course: c.Columns) -> float:
    """Steps on the flat that take anybody as long as the course."""
    return float(np.interp(course[c.SLOPE_25M], SLOPE_KNOTS, prior.curve).sum())


def load_after(km: float, days: float, constant_days: float) -> float:
    """What is left of a training load (km) after some days."""
    return km * float(np.exp(-days / constant_days))


def expected_log_pace(profile: AthleteProfile, prior: Prior, kind: Kind, day: float) -> tuple[float, float, float]:
    """Logarithm of the pace on the flat (s per 5 m) to expect, its standard deviation, and its lean.

    The first is the value of least expected relative error, which for a lognormal is exp(mean - variance): a day may
    be far slower than usual, never far faster. The lean is that variance.
    """
    mean, sd = expect(prior.pace, profile.memory.runs, profile.memory.runs.log_pace, day, kind)
    spread = sd * spread_when_short(10.0 * float(np.exp(kind.distance)))
    beyond = beyond_experience(prior.pacing, profile.longest_km, kind, mean)
    return mean - sd**2 + beyond, float(np.hypot(spread, BEYOND_SD * beyond)), sd**2


def mean_of_known(values: np.ndarray) -> tuple[float, float] | None:
    """Mean and standard deviation of the finite ones, if they are half of all or more."""
    known = values[np.isfinite(values)]
    if known.size < 0.5 * values.size or known.size == 0:
        return None
    return float(known.mean()), float(known.std())


def _learned_fading(
    profile: AthleteProfile, prior: Prior, course: c.Columns, duration_s: np.ndarray
) -> dict[str, float]:
    """Long runs so far, and the sum of their fading; shorter runs say nothing of it."""
    if duration_s.sum() < LONG_RUN_S:
        return {}
    found = fading_of_run(prior.pacing, course_cost_of(prior.pacing, course), duration_s)
    return {"long_runs": profile.long_runs + 1, "fading_sum": float(f"{profile.fading_sum + found:.4g}")}


def _learned_curve(
    profile: AthleteProfile, prior: Prior, duration_s: np.ndarray, slope: np.ndarray
) -> dict[str, tuple[float, ...]]:
    """Time in each slope, at the session's own level, split between the two knots around it."""
    slope = np.clip(slope, SLOPE_KNOTS[0], SLOPE_KNOTS[-1])
    n = SLOPE_KNOTS.size
    left = np.clip(np.searchsorted(SLOPE_KNOTS, slope, side="right") - 1, 0, n - 2)
    share = (slope - SLOPE_KNOTS[left]) / (SLOPE_KNOTS[left + 1] - SLOPE_KNOTS[left])
    flat_s = float(duration_s.sum() / np.interp(slope, SLOPE_KNOTS, grade_curve(profile, prior)).sum())
    fade = _fade(prior.curve_half_life)

    def learned(before: tuple[float, ...], seconds: np.ndarray) -> tuple[float, ...]:
        by_knot = np.bincount(left, seconds * (1 - share), n) + np.bincount(left + 1, seconds * share, n)
        # Tenths of a second are plenty, and short in a bundle.
        return tuple(float(x) for x in (np.array(before) * fade + by_knot).round(1))

    return {
        "curve_actual_s": learned(profile.curve_actual_s, duration_s),
        "curve_flat_s": learned(profile.curve_flat_s, np.full(slope.size, flat_s)),
    }


def update(
    profile: AthleteProfile, prior: Prior, session: pd.DataFrame, course: c.Columns, *, scored: bool = True
) -> AthleteProfile:
    """The athlete after one more session.

    Parameters
    ----------
    session : DataFrame, T rows
        One session of the session contract (`lib.core.schema.SESSION_COLUMNS`).
    course : Columns, T rows
        `course_columns` of its altitude.
    scored : bool
        Keep how far its finish was from what was expected; it takes most of the time, and only intervals need it.
    """
    day = int(session[c.DAY].iloc[0])
    duration_s = session[c.DURATION].to_numpy(np.float64)
    kind, km = kind_of(course), len(session) * c.STEP_M / 1000.0
    log_pace = float(np.log(duration_s.sum() / flat_steps(prior, course)))
    scores = profile.scores
    if scored:
        expected, sd, _ = expected_log_pace(profile, prior, kind, day)
        scores = remember_score(scores, np.exp(log_pace), np.exp(expected), sd)
    gap = float(max(day - profile.last_day, 0)) if profile.runs else profile.gap_days
    fade_gap, fade_spread = _fade(_USUAL_GAP_RUNS), _fade(prior.spread_half_life)
    heart_rate, cadence = (mean_of_known(session[name].to_numpy(np.float64)) for name in (c.HEART_RATE, c.CADENCE))
    spreads = {
        name: value
        for stem, found in (("heart_rate", heart_rate), ("cadence", cadence))
        if found is not None
        for name, value in (
            (f"{stem}_spread_sum", getattr(profile, f"{stem}_spread_sum") * fade_spread + found[1]),
            (f"{stem}_weight", getattr(profile, f"{stem}_weight") * fade_spread + 1.0),
        )
    }
    response = profile.response
    factors = np.interp(course[c.SLOPE_25M], SLOPE_KNOTS, grade_curve(profile, prior))
    if heart_rate is not None:
        pace = duration_s / (factors * (duration_s.sum() / factors.sum()))
        table = features(course, duration_s, pace)
        response = learned(response, table, session[c.HEART_RATE].to_numpy(np.float64), HALF_LIFE)
    return replace(
        profile,
        runs=profile.runs + 1,
        last_day=day,
        gap_days=profile.gap_days * fade_gap + gap * (1 - fade_gap),
        load_short_km=load_after(profile.load_short_km, gap, SHORT_DAYS) + km,
        load_long_km=load_after(profile.load_long_km, gap, LONG_DAYS) + km,
        longest_km=max(profile.longest_km, km),
        **_learned_fading(profile, prior, course, duration_s),
        standing_at_one_hour_s=with_run(
            profile.standing_at_one_hour_s, float(duration_s.sum()), float(session[c.STOP].sum())
        ),
        scores=scores,
        response=response,
        pace_response=after_run(profile.pace_response, course, duration_s, factors),
        memory=remember(
            profile.memory,
            day,
            kind,
            log_pace,
            None if heart_rate is None else heart_rate[0],
            None if cadence is None else cadence[0],
        ),
        **spreads,
        **_learned_curve(profile, prior, duration_s, np.asarray(course[c.SLOPE_25M])),
    )


def profile_after(
    sessions: pd.DataFrame, prior: Prior, start: AthleteProfile | None = None, *, scored: bool = True
) -> AthleteProfile:
    """The athlete after all of `sessions` (session contract, in order of date)."""
    profile = start or AthleteProfile()
    for _, session in sessions.groupby(c.SESSION_ID, sort=True):
        profile = update(profile, prior, session, course_columns(session[c.ALTITUDE].to_numpy()), scored=scored)
    return profile

"""The prior: what is believed of an athlete nobody has seen run, fitted on the sessions of several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace

import numpy as np
import pandas as pd

from lib.athlete.conformal import FRACTIONS, Calibration, fit_calibration, measure_multipliers
from lib.athlete.expected_pace import spread_when_short
from lib.athlete.prior import Effort, Prior
from lib.athlete.profile import AthleteProfile, flat_steps, grade_curve, mean_of_known, update
from lib.athlete.response import mean_response
from lib.athlete.run_history import Runs, kind_of
from lib.athlete.stopped_time import fit_habit
from lib.core import schema as c
from lib.course.grade_factors import SLOPE_KNOTS
from lib.course.terrain_features import course_table
from lib.training.level_fit import MIN_RUNS, Surprises, fit_kernel, surprises

_TAIL = 3.0
"""Surprises beyond so many usual ones are cut before they are compared with each other."""


def _without_level(athletes: Mapping[str, pd.DataFrame], prior: Prior) -> Prior:
    """Mean over the athletes of what their profiles hold beside the level."""
    profiles = []
    for sessions in athletes.values():
        profile = AthleteProfile()
        for _, session in sessions.groupby(c.SESSION_ID, sort=True):
            profile = update(profile, prior, session, course_table(session[c.ALTITUDE].to_numpy()), scored=False)
        profiles.append(profile)
    curve = np.mean([grade_curve(p, prior) for p in profiles], axis=0)
    measured: dict[str, object] = {"curve": tuple(float(f"{x:.6g}") for x in curve)}
    for stem, unit in (("heart_rate", "bpm"), ("cadence", "rpm")):
        known = [p for p in profiles if getattr(p, f"{stem}_weight") > 0]
        if known:
            spread = np.mean([getattr(p, f"{stem}_spread_sum") / getattr(p, f"{stem}_weight") for p in known])
            measured[f"{stem}_spread_{unit}"] = max(float(f"{spread:.5g}"), 0.1)
    responses = {name: mean_response([getattr(p, name) for p in profiles]) for name in ("response", "pace_response")}
    return replace(prior, **responses, **measured)


def _shares(duration_s: np.ndarray, course: pd.DataFrame, prior: Prior) -> np.ndarray:
    """Logarithm of the share of the time that is done at `FRACTIONS` of the course, over what the curve says, (10,)."""
    at = np.maximum(np.round(np.array(FRACTIONS) * len(course)).astype(int) - 1, 0)
    factors = np.interp(course[c.SLOPE_25M].to_numpy(), SLOPE_KNOTS, prior.curve)
    done, said = np.cumsum(duration_s)[at] / duration_s.sum(), np.cumsum(factors)[at] / factors.sum()
    return np.log(np.maximum(done, 1e-6) / said)


def runs_of(sessions: pd.DataFrame, prior: Prior) -> tuple[Runs, np.ndarray]:
    """Every session of an athlete as the level model sees it, and how its time was spread, shape (N, 10)."""
    rows, shares = [], []
    for _, session in sessions.groupby(c.SESSION_ID, sort=True):
        course = course_table(session[c.ALTITUDE].to_numpy())
        kind = kind_of(course)
        duration_s = session[c.DURATION].to_numpy(np.float64)
        log_pace = np.log(duration_s.sum() / flat_steps(prior, course))
        shares.append(_shares(duration_s, course, prior))
        means = [mean_of_known(session[name].to_numpy(np.float64)) for name in (c.HEART_RATE, c.CADENCE)]
        known = [np.nan if mean is None else mean[0] for mean in means]
        rows.append((session[c.DAY].iloc[0], kind.distance, kind.climb, kind.net, log_pace, *known))
    return Runs(*np.array(rows, dtype=np.float64).T), np.array(shares)


def _without_tails(surprise: Surprises) -> np.ndarray:
    return np.clip(surprise.log_error, -_TAIL * surprise.sd, _TAIL * surprise.sd)


def fit_effort(pace: np.ndarray, heart_rate: np.ndarray, start: Effort) -> Effort:
    """How unexpected pace and unexpected heart rate go together, from surprises of shape (N,), NaN where unknown."""
    known = np.isfinite(pace) & np.isfinite(heart_rate)
    if known.sum() < MIN_RUNS:
        return start
    pace, heart_rate = pace[known] - pace[known].mean(), heart_rate[known] - heart_rate[known].mean()
    sd = float(heart_rate.std())
    if sd == 0 or pace.std() == 0:
        return start
    effort = heart_rate / sd
    together = float((pace * effort).mean())
    correlation = together / float(pace.std())
    easy, steady, race = np.quantile(effort, [0.15, 0.5, 0.95])
    values = Effort(
        heart_rate_sd=sd,
        pace_per_effort=together,
        pace_sd_left=float(np.sqrt(max(1.0 - correlation**2, 0.05))),
        effort_per_pace=together / float(pace.var()),
        easy=float(easy),
        steady=float(steady),
        race=float(race),
    )
    return Effort(**{f.name: float(f"{getattr(values, f.name):.5g}") for f in fields(Effort)})


def _calibration(
    pace: Mapping[str, Surprises], runs: Mapping[str, Runs], shares: Mapping[str, np.ndarray], start: Prior
) -> Calibration:
    """How far off times are, at the finish and on the way, from the surprises of each athlete's runs."""
    # As `lib.athlete.profile.expected_log_pace` has it: the mean less the variance, and less sure of short runs.
    spread = {
        name: s.sd * [spread_when_short(km) for km in 10.0 * np.exp(runs[name].distance)] for name, s in pace.items()
    }
    scores = {name: (s.log_error + s.sd**2) / spread[name] for name, s in pace.items()}
    if sum(score.size for score in scores.values()) < MIN_RUNS:
        return start.calibration
    on_the_way = np.concatenate([scores[name][:, None] + shares[name] / spread[name][:, None] for name in scores])
    return fit_calibration(list(scores.values()), measure_multipliers(on_the_way))


def _times_s(sessions: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Moving and stopped time of each session (s), shape (N,) each."""
    sums = sessions.groupby(c.SESSION_ID, sort=True)[[c.DURATION, c.STOP]].sum()
    return sums[c.DURATION].to_numpy(np.float64), sums[c.STOP].to_numpy(np.float64)


def fit_prior(athletes: Mapping[str, pd.DataFrame], start: Prior | None = None) -> Prior:
    """What to believe of an athlete nobody has seen, from those in `athletes` (session tables by name).

    The grade curve is their mean, the kernels those that would have expected their runs best, effort what unexpected
    pace and heart rate had in common, the calibration how far off expected times were, standing habits the
    mean of theirs.
    """
    prior = _without_level(athletes, start or Prior())
    known = {name: runs_of(sessions, prior) for name, sessions in athletes.items()}
    runs, shares = ({name: pair[i] for name, pair in known.items()} for i in (0, 1))
    levels = {
        "pace": {name: r.log_pace for name, r in runs.items()},
        "heart_rate": {name: np.log(r.heart_rate_bpm) for name, r in runs.items()},
        "cadence": {name: np.log(r.cadence_rpm) for name, r in runs.items()},
    }
    kernels = {
        # Only of pace an error is judged relative to what happened; see `lib.athlete.profile.expected_log_pace`.
        target: fit_kernel(runs, level, getattr(prior, target), lean=1.0 if target == "pace" else 0.0)
        for target, level in levels.items()
    }
    found = {
        target: {name: surprises(kernels[target], runs[name], levels[target][name]) for name in runs}
        for target in ("pace", "heart_rate")
    }
    pace, heart_rate = (np.concatenate([_without_tails(s) for s in found[t].values()]) for t in ("pace", "heart_rate"))
    return replace(
        prior,
        **kernels,
        effort=fit_effort(pace, heart_rate, prior.effort),
        standing=fit_habit({name: _times_s(sessions) for name, sessions in athletes.items()}, prior.standing),
        calibration=_calibration(found["pace"], runs, shares, prior),
    )

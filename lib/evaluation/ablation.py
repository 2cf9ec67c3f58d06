"""What each part of a prediction is worth, and how error and coverage fall with the runs that are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd

from lib.athlete.bundle import Bundle
from lib.athlete.conformal import interval
from lib.athlete.effort import effort_at
from lib.athlete.pacing_law import course_cost_of, segment_times, step_times
from lib.athlete.prior import Prior
from lib.athlete.reference import Reference, reference
from lib.athlete.response import Response
from lib.core import schema as c
from lib.evaluation.backtest import MIN_KM, reference_prediction
from lib.evaluation.cases import Case, walk
from lib.evaluation.metrics import prediction_errors
from lib.inference.rollout import Backend, Start, predict_many

LAW, CURVE, REFERENCE, NETWORK = "law of the hours alone", "grade curve alone", "reference", "network"
EFFORT_GIVEN, PACE_GIVEN = "network, effort given", "network, pace given"
KNOWN_RUNS: Final = (5, 10, 20, 50, 100)
_MEASURES: Final = (
    "finish_error_pct", "split_mae_pct", "arrival_mae_pct", "heart_rate_mae_bpm", "heart_rate_shape_mae_bpm",
    "cadence_mae_rpm",
)  # fmt: skip


def _by_the_law(case: Case, prior: Prior, ref: Reference) -> pd.DataFrame:
    """The reference's time spread by the pacing law alone, and its constant heart rate and cadence."""
    cost = course_cost_of(prior.pacing, case.course)
    edges_s, _ = segment_times(prior.pacing, cost, float(ref.duration_s.sum()))
    flat = np.full(ref.duration_s.size, ref.mean_heart_rate_bpm)
    return pd.DataFrame({c.DURATION: step_times(cost, edges_s[0]), c.HEART_RATE: flat, c.CADENCE: ref.cadence_rpm})


def predictions_by_part(backend: Backend, bundle: Bundle, case: Case) -> dict[str, pd.DataFrame]:
    """Predict a session by more and more parts; the last two are told what nobody knows before the start."""
    prior, profile = bundle.prior, case.profile
    ref = reference(profile, prior, case.course, case.day)
    bare = reference(replace(profile, pace_response=Response()), replace(prior, pace_response=Response()), case.course,
                     case.day)  # fmt: skip
    duration_s, heart_rate = (case.session[name].to_numpy(np.float64) for name in (c.DURATION, c.HEART_RATE))
    start = Start(case.course, case.day, athlete=profile)
    starts = {NETWORK: start, PACE_GIVEN: replace(start, given_s=duration_s)}
    known = np.isfinite(heart_rate)
    if known.any():
        mean_bpm = float(np.average(heart_rate[known], weights=duration_s[known]))
        starts[EFFORT_GIVEN] = replace(start, effort=effort_at(profile, prior, case.course, mean_bpm, case.day))
    said = predict_many(backend, bundle, list(starts.values()))
    parts = {LAW: _by_the_law(case, prior, ref), CURVE: reference_prediction(bare)}
    return (
        parts
        | {REFERENCE: reference_prediction(ref)}
        | {name: pd.DataFrame(table) for name, table in zip(starts, said, strict=True)}
    )


def ablation(backend: Backend, bundle: Bundle, athletes: Mapping[str, pd.DataFrame], last: int) -> pd.DataFrame:
    """Measure every part on the last sessions of each athlete, each predicted from what came before it.

    Returns
    -------
    DataFrame
        A row for each part and a column for each measure of `lib.evaluation.metrics.prediction_errors`: means over
        athletes of their means over runs, errors of the finish by magnitude; not a number where a part was told it.
    """
    records: list[dict[str, Any]] = []
    for name, sessions in athletes.items():
        first = int(np.sort(sessions[c.SESSION_ID].unique())[-last:][0])
        for case in walk(name, sessions, bundle.prior, first):
            if case.km < MIN_KM:
                continue
            for part, said in predictions_by_part(backend, bundle, case).items():
                errors = {key: abs(value) for key, value in prediction_errors(said, case.session).items()}
                if part == PACE_GIVEN:
                    errors |= dict.fromkeys(("finish_error_pct", "split_mae_pct", "arrival_mae_pct"), float("nan"))
                records.append({"athlete": name, "part": part} | errors)
    table = pd.DataFrame(records)
    means = table.groupby(["part", "athlete"], sort=False)[list(_MEASURES)].mean().groupby(level=0, sort=False).mean()
    return means.reindex([LAW, CURVE, REFERENCE, NETWORK, EFFORT_GIVEN, PACE_GIVEN])


def learning_curve(
    athletes: Mapping[str, pd.DataFrame], prior: Prior, known: Sequence[int] = KNOWN_RUNS
) -> pd.DataFrame:
    """Error of the finish and coverage of its 80% interval, by how many runs of the athlete were known.

    Parameters
    ----------
    athletes : mapping of str to DataFrame
        All sessions of each.
    prior : Prior
        The model's.
    known : sequence of int, ascending
        Where groups begin; each reaches to the next.

    Returns
    -------
    DataFrame
        A row for each group that has a run: mean absolute error (%), coverage (share), width of the interval (% of the
        prediction), runs.
    """
    rows = []
    for name, sessions in athletes.items():
        ids = np.sort(sessions[c.SESSION_ID].unique())
        for case in walk(name, sessions, prior, int(ids[min(known[0], ids.size - 1)])):
            if case.km < MIN_KM:
                continue
            ref = reference(case.profile, prior, case.course, case.day)
            said_s = float(ref.duration_s.sum())
            low_s, high_s = interval(said_s, ref.log_sd, case.profile.scores, prior.calibration, 0.8)
            rows.append(
                {
                    "known_runs": known[int(np.searchsorted(known, case.past, side="right")) - 1],
                    "mape": 100.0 * abs(said_s / case.moving_s - 1.0),
                    "coverage80": float(low_s <= case.moving_s <= high_s),
                    "width80_pct": 100.0 * (high_s - low_s) / said_s,
                }
            )
    groups = pd.DataFrame(rows).groupby("known_runs")
    return groups.mean().assign(runs=groups.size())

"""Cold predictions of later sessions from earlier ones, by the model and by every baseline.

Each session is predicted knowing only what came before it: the athlete's earlier sessions, and of its own the course.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lib.athlete.bundle import Bundle
from lib.athlete.conformal import Calibration, fit_calibration, interval, remember
from lib.athlete.effort import effort_at
from lib.athlete.prior import Prior
from lib.athlete.reference import Reference, reference
from lib.core import schema as c
from lib.core.errors import InputError
from lib.course.terrain_features import course_table
from lib.evaluation.baselines.baseline import Baseline, baseline_prediction, baselines_of
from lib.evaluation.baselines.past import PastRun, summarise
from lib.evaluation.bootstrap import differences
from lib.evaluation.cases import Case, joined, walk
from lib.evaluation.metrics import (
    EFFORT_KNOWN,
    HEART_RATE_GIVEN_PACE,
    LEVELS,
    heart_rate_error_bpm,
    leaderboard_rows,
    prediction_errors,
)
from lib.evaluation.original.baseline import original_records
from lib.evaluation.original.recipe import OriginalConfig
from lib.inference.rollout import Backend, Start, predict_many

logger = logging.getLogger(__name__)

OURS, REFERENCE = "trailcast", "causal reference"
MIN_KM: Final = 5.0
"""Shorter sessions teach, but are not judged."""
_MOSTLY_KNOWN: Final = 0.9
_CALIBRATED_ON: Final = 60
"""Sessions of the history by whose errors the interval of a baseline is calibrated before the first test."""


Predict = Callable[[Sequence[Case], bool], list[pd.DataFrame]]
"""Of cases, and whether their true pace is given: T rows of `schema.TARGETS` for each."""


def predictor(backend: Backend, bundle: Bundle, batch_size: int = 16) -> Predict:
    """The model as a function of cases, courses of about the same length in step."""

    def run(cases: Sequence[Case], paced: bool) -> list[pd.DataFrame]:
        starts = [
            Start(
                case.course,
                case.day,
                given_s=case.session[c.DURATION].to_numpy(np.float64) if paced else None,
                athlete=case.profile,
            )
            for case in cases
        ]
        order = sorted(range(len(cases)), key=lambda i: len(cases[i].course))
        said: dict[int, pd.DataFrame] = {}
        for i in range(0, len(order), batch_size):
            some = order[i : i + batch_size]
            tables = predict_many(backend, bundle, [starts[j] for j in some])
            said |= {j: pd.DataFrame(table) for j, table in zip(some, tables, strict=True)}
            logger.info("%d of %d predicted", len(said), len(cases))
        return [said[i] for i in range(len(cases))]

    return run


def reference_prediction(ref: Reference) -> pd.DataFrame:
    """Give the causal reference itself as a prediction, T rows: what the network must improve on."""
    return pd.DataFrame({c.DURATION: ref.duration_s, c.HEART_RATE: ref.heart_rate_bpm, c.CADENCE: ref.cadence_rpm})


def _record(
    case: Case, predictor: str, said: pd.DataFrame, spread: float, scores: ArrayLike, calibration: Calibration
) -> dict[str, Any]:
    """What was predicted, with intervals of the spread `spread` and the calibration, and how far off it was."""
    total_s = float(said[c.DURATION].to_numpy(np.float64).sum())
    record = case.about() | {"predictor": predictor, "predicted_s": total_s}
    for percent, names in LEVELS.items():
        ends = interval(total_s, spread, scores, calibration, percent / 100.0)
        record |= dict(zip(names, map(float, ends), strict=True))
    return record | prediction_errors(said, case.session)


def effort_known_s(case: Case, prior: Prior) -> float:
    """Moving time (s) predicted by the reference for the mean heart rate that the session had; NaN if it has none."""
    heart_rate, duration = (case.session[name].to_numpy(np.float64) for name in (c.HEART_RATE, c.DURATION))
    known = np.isfinite(heart_rate)
    if known.mean() < _MOSTLY_KNOWN:
        return float("nan")
    mean_bpm = float(np.average(heart_rate[known], weights=duration[known]))
    effort = effort_at(case.profile, prior, case.course, mean_bpm, case.day)
    return float(reference(case.profile, prior, case.course, case.day, effort=effort).duration_s.sum())


def our_records(cases: Sequence[Case], prior: Prior, predict: Predict) -> list[dict[str, Any]]:
    """Predictions of the model, cold and given the true pace, and of its reference, by case."""
    records = []
    for case, cold, paced in zip(cases, predict(cases, False), predict(cases, True), strict=True):
        ref = reference(case.profile, prior, case.course, case.day)
        plain = reference_prediction(ref)
        for name, said in ((OURS, cold), (REFERENCE, plain)):
            records.append(_record(case, name, said, ref.log_sd, case.profile.scores, prior.calibration))
        records[-2][HEART_RATE_GIVEN_PACE] = heart_rate_error_bpm(paced, case.session)
        records[-2][EFFORT_KNOWN] = 100.0 * (effort_known_s(case, prior) / case.moving_s - 1.0)
    return records


def baseline_records(
    baselines: Mapping[str, Baseline],
    cases: Mapping[str, Sequence[Case]],
    past: Mapping[str, Sequence[PastRun]],
    first: Mapping[str, int],
    nothing_known: Calibration,
    min_km: float = MIN_KM,
) -> list[dict[str, Any]]:
    """Predictions of one baseline for all athletes, its interval calibrated on its own errors so far.

    Parameters
    ----------
    baselines : mapping of str to Baseline
        For each athlete.
    cases : mapping of str to sequence of Case
        For each athlete the last sessions of the history, to calibrate on, and those of the test.
    past : mapping of str to sequence of PastRun
        All sessions of each athlete.
    first : mapping of str to int
        For each athlete the number of the first session of the test.
    nothing_known : Calibration
        Of its errors, where no athlete has a history.
    """
    said = {
        name: [baseline_prediction(baselines[name], past[name][: case.past], case.course, case.day) for case in of_one]
        for name, of_one in cases.items()
    }
    earlier = {}
    for name, of_one in cases.items():
        earlier[name] = ()
        for case, table in zip(of_one, said[name], strict=True):
            if case.number < first[name]:
                earlier[name] = remember(earlier[name], case.moving_s, float(table[c.DURATION].sum()), case.spread)
    scored = any(len(scores) for scores in earlier.values())
    population = fit_calibration(list(earlier.values())) if scored else nothing_known
    records = []
    for name, of_one in cases.items():
        scores = earlier[name]
        for case, table in zip(of_one, said[name], strict=True):
            if case.number < first[name]:
                continue
            total_s = float(table[c.DURATION].sum())
            if case.km >= min_km:
                records.append(_record(case, baselines[name].name, table, case.spread, scores, population))
            scores = remember(scores, case.moving_s, total_s, case.spread)
    return records


def backtest(
    history: Mapping[str, pd.DataFrame],
    test: Mapping[str, pd.DataFrame],
    prior: Prior,
    predict: Predict,
    min_km: float = MIN_KM,
    original_config: OriginalConfig | None = None,
) -> dict[str, Any]:
    """Predict all sessions of the test, by trailcast and by the baselines.

    Parameters
    ----------
    history, test : mapping of str to DataFrame
        Session tables by athlete; those of `test` follow those of `history`.
    prior : Prior
        The model's.
    predict : callable
        The model.
    min_km : float
        Shorter sessions are not judged.
    original_config : OriginalConfig, optional
        Train the original pipeline too, for each athlete: minutes for each.

    Returns
    -------
    dict
        ``rows``, the leaderboard by athlete and predictor, ``reference``, the same of our reference without the
        network, ``differences`` between predictors (`lib.evaluation.bootstrap`), and ``sessions``, a record of each
        prediction by name.
    """
    athletes = joined(history, test)
    first = {name: number for name, (_, number) in athletes.items()}
    cases: dict[str, list[Case]] = {}
    for name, (sessions, number) in athletes.items():
        cases[name] = list(walk(name, sessions, prior, number, _CALIBRATED_ON))
        logger.info("%s: %d sessions", name, len(cases[name]))
    past = {name: _summaries(sessions) for name, (sessions, _) in athletes.items()}
    known = {name: _summaries(sessions) for name, sessions in history.items()}
    judged = [case for name in cases for case in cases[name] if case.number >= first[name] and case.km >= min_km]
    if not judged:
        raise InputError("no session to predict", f"one of {min_km:g} km or more", "Give TEST longer sessions.")
    records = our_records(judged, prior, predict)
    # In units of the model's standard deviations, while a baseline's errors have 1.
    nothing_known = replace(prior.calibration, scale=prior.calibration.scale * prior.pace.noise_sd)
    of_each = {name: baselines_of([known[other] for other in known if other != name]) for name in athletes}
    for baselines in zip(*of_each.values(), strict=True):
        logger.info("baseline: %s", baselines[0].name)
        records += baseline_records(
            dict(zip(of_each, baselines, strict=True)), cases, past, first, nothing_known, min_km
        )
    if original_config is not None:
        by_athlete = {name: [case for case in judged if case.athlete == name] for name in athletes}
        records += original_records(history, by_athlete, original_config)
    # The reference is a part of trailcast, not a baseline: it is reported apart.
    predictors = [record for record in records if record["predictor"] != REFERENCE]
    return {
        "rows": leaderboard_rows(predictors),
        "reference": leaderboard_rows(record for record in records if record["predictor"] == REFERENCE),
        "differences": [row.to_dict() for row in differences(records, OURS)],
        "sessions": {f"{r['athlete']}/{r[c.SESSION_ID]}/{r['predictor']}": r for r in predictors},
    }


def _summaries(sessions: pd.DataFrame) -> list[PastRun]:
    return [
        summarise(session, course_table(session[c.ALTITUDE].to_numpy()))
        for _, session in sessions.groupby(c.SESSION_ID, sort=True)
    ]


def cold_starts(predict: Predict, prior: Prior, athletes: Mapping[str, pd.DataFrame], last: int) -> pd.DataFrame:
    """Predict the last sessions of each athlete cold, each from what came before it.

    Returns
    -------
    DataFrame
        A row for each session and predictor (trailcast, and the causal reference).
    """
    records = []
    for name, sessions in athletes.items():
        first = int(np.sort(sessions[c.SESSION_ID].unique())[-last:][0])
        records += our_records(list(walk(name, sessions, prior, first)), prior, predict)
    return pd.DataFrame(records)

"""In: a model and athletes' sessions. Out: how far cold predictions of their last sessions were off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from pytorch_forecasting import TemporalFusionTransformer

from lib import columns as c
from lib.athlete import AthleteProfile, Reference, reference, update
from lib.errors import InputError
from lib.model import evaluate_full_session_sequential
from lib.profile import course_table

OURS, REFERENCE = "trailcast", "causal reference"


def prediction_errors(prediction: pd.DataFrame, session: pd.DataFrame) -> dict[str, float]:
    """Compare a prediction with what happened.

    Parameters
    ----------
    prediction, session : DataFrame, T rows
        With `columns.TARGETS`; times are moving times.

    Returns
    -------
    dict
        Signed error of the total time (%), mean absolute error of a step's duration (s), the same once the total is
        scaled to the true one (s), of heart rate (bpm) and of cadence (rpm).
    """
    if len(prediction) != len(session):
        raise InputError(f"{len(prediction)} and {len(session)} steps", "the same course", "Predict this session.")
    said, was = prediction[c.DURATION].to_numpy(np.float64), session[c.DURATION].to_numpy(np.float64)
    scaled = said * was.sum() / said.sum()

    def error(name: str) -> float:
        difference = np.abs(prediction[name].to_numpy(np.float64) - session[name].to_numpy(np.float64))
        return float(np.nanmean(difference)) if np.isfinite(difference).any() else float("nan")

    return {
        "finish_error_pct": float(100 * (said.sum() / was.sum() - 1)),
        "step_mae_s": float(np.abs(said - was).mean()),
        "shape_mae_s": float(np.abs(scaled - was).mean()),
        "heart_rate_mae_bpm": error(c.HEART_RATE),
        "cadence_mae_rpm": error(c.CADENCE),
    }


def reference_prediction(ref: Reference) -> pd.DataFrame:
    """Give the causal reference itself as a prediction, T rows: what the network must improve on."""
    return pd.DataFrame({c.DURATION: ref.duration_s, c.HEART_RATE: ref.heart_rate_bpm, c.CADENCE: ref.cadence_rpm})


def cold_starts(
    model: TemporalFusionTransformer, fitted: Mapping[str, Any], athletes: Mapping[str, pd.DataFrame], last: int
) -> pd.DataFrame:
    """Predict the last sessions of each athlete cold, each from what came before it.

    Parameters
    ----------
    model : TemporalFusionTransformer
        Trained network.
    fitted : mapping
        Fields of `normalizers.pkl`; whose athlete does not matter.
    athletes : mapping of str to DataFrame
        Session tables.
    last : int
        How many sessions of each athlete.

    Returns
    -------
    DataFrame
        A row for each session and predictor: athlete, session id, km, climb (m/km), predictor, `prediction_errors`.
    """
    rows = []
    for name, sessions in athletes.items():
        profile, prior = AthleteProfile(), fitted["prior"]
        chosen = set(np.sort(sessions[c.SESSION_ID].unique())[-last:])
        for session_id, session in sessions.groupby(c.SESSION_ID, sort=True):
            course = course_table(session[c.ALTITUDE].to_numpy())
            day = int(session[c.DAY].iloc[0])
            if session_id in chosen:
                ref = reference(profile, prior, course, day)
                ours = evaluate_full_session_sequential(model, session, fitted, athlete=profile, day=day)
                about = {
                    "athlete": name,
                    c.SESSION_ID: session_id,
                    "km": len(session) * c.STEP_M / 1000,
                    c.CLIMB_PER_KM: ref.static[c.CLIMB_PER_KM],
                }
                for predictor, said in ((OURS, ours), (REFERENCE, reference_prediction(ref))):
                    rows.append(about | {"predictor": predictor} | prediction_errors(said, session))
            profile = update(profile, prior, session, course)
    return pd.DataFrame(rows)

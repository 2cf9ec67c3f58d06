"""Errors of a prediction, and the rows of a leaderboard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from lib.core import schema as c
from lib.core.errors import InputError

HILLY_M_PER_KM: Final = 20.0
"""From this climb on a session counts as hilly."""

HEART_RATE_GIVEN_PACE: Final = "heart_rate_given_pace_mae_bpm"


def _mean_absolute(said: pd.Series, was: pd.Series) -> float:
    difference = np.abs(said.to_numpy(np.float64) - was.to_numpy(np.float64))
    known = difference[np.isfinite(difference)]
    return float(known.mean()) if known.size else float("nan")


def heart_rate_error_bpm(prediction: pd.DataFrame, session: pd.DataFrame) -> float:
    """Mean absolute error of heart rate over the steps that have one (bpm); NaN if none has."""
    return _mean_absolute(prediction[c.HEART_RATE], session[c.HEART_RATE])


def prediction_errors(prediction: pd.DataFrame, session: pd.DataFrame) -> dict[str, float]:
    """Compare a prediction with what happened.

    Parameters
    ----------
    prediction, session : DataFrame, T rows
        With `schema.TARGETS`; times are moving times.

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
    return {
        "finish_error_pct": float(100 * (said.sum() / was.sum() - 1)),
        "step_mae_s": float(np.abs(said - was).mean()),
        "shape_mae_s": float(np.abs(scaled - was).mean()),
        "heart_rate_mae_bpm": heart_rate_error_bpm(prediction, session),
        "cadence_mae_rpm": _mean_absolute(prediction[c.CADENCE], session[c.CADENCE]),
    }


def _mean(values: pd.Series) -> float | None:
    """Mean of what is known; None, which JSON has, where nothing is."""
    return float(values.mean()) if values.notna().any() else None


def leaderboard_rows(sessions: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Sum up predictions by athlete and predictor.

    Parameters
    ----------
    sessions : iterable of mappings
        One for each prediction: athlete, predictor, `prediction_errors`, climb (m/km), true and predicted moving time
        and its 80% interval (s).

    Returns
    -------
    list of dict
        Athlete, predictor, number of sessions, mean absolute and signed error of the finish (%), the former of hilly
        sessions too, errors of steps, coverage (share) and width (% of the predicted time) of the interval. None
        where there was nothing to measure.
    """
    table = pd.DataFrame(list(sessions))
    rows = []
    for (athlete, predictor), group in table.groupby(["athlete", "predictor"], sort=False):
        error = group["finish_error_pct"]
        was, low, high = group["moving_s"], group["low_s"], group["high_s"]
        row = {
            "athlete": athlete,
            "predictor": predictor,
            "n": len(group),
            "mape": _mean(error.abs()),
            "bias": _mean(error),
            "n_hilly": int((group[c.CLIMB_PER_KM] >= HILLY_M_PER_KM).sum()),
            "mape_hilly": _mean(error.abs()[group[c.CLIMB_PER_KM] >= HILLY_M_PER_KM]),
        }
        for name in ("step_mae_s", "shape_mae_s", "heart_rate_mae_bpm", "cadence_mae_rpm"):
            row[name] = _mean(group[name])
        row["coverage80"] = _mean(((was >= low) & (was <= high)).where(low.notna()).astype(float))
        row["width80_pct"] = _mean(100.0 * (high - low) / group["predicted_s"])
        row[HEART_RATE_GIVEN_PACE] = _mean(group[HEART_RATE_GIVEN_PACE]) if HEART_RATE_GIVEN_PACE in group else None
        rows.append(row)
    return rows


def leaderboard(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Means over athletes of each predictor, the best finish time first; each athlete counts the same."""
    table = pd.DataFrame(list(rows))
    numbers = [name for name in table.columns if name not in ("athlete", "predictor")]
    means = table.groupby("predictor", sort=False)[numbers].agg(lambda v: v.astype(float).mean())
    return means.sort_values("mape", key=lambda mape: mape.round(6), kind="stable")

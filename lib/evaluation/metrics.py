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
EFFORT_KNOWN: Final = "effort_known_error_pct"

LEVELS: Final = {50: ("low50_s", "high50_s"), 80: ("low_s", "high_s"), 95: ("low95_s", "high95_s")}
"""Percent that an interval is meant to hold, and the names of its ends in a record."""

SHAPE_ERRORS: Final = ("split_mae_pct", "arrival_mae_pct", "heart_rate_shape_mae_bpm")
_STEPS_PER_KM: Final = 200


def _mean_absolute(said: pd.Series, was: pd.Series) -> float:
    difference = np.abs(said.to_numpy(np.float64) - was.to_numpy(np.float64))
    known = difference[np.isfinite(difference)]
    return float(known.mean()) if known.size else float("nan")


def heart_rate_error_bpm(prediction: pd.DataFrame, session: pd.DataFrame) -> float:
    """Mean absolute error of heart rate over the steps that have one (bpm); NaN if none has."""
    return _mean_absolute(prediction[c.HEART_RATE], session[c.HEART_RATE])


def shape_errors(prediction: pd.DataFrame, session: pd.DataFrame) -> dict[str, float]:
    """Compare shapes: times scaled to the true total, heart rate moved to the true mean.

    Single steps are mostly noise of the recording; kilometres and quarters are what a runner plans by.

    Parameters
    ----------
    prediction, session : DataFrame, T rows
        As for `prediction_errors`.

    Returns
    -------
    dict
        Mean absolute error of whole kilometres (% of their mean time; not a number below 2 km), of arrivals at a
        quarter, half and three quarters of the way (% of the total), and of heart rate (bpm).
    """
    said, was = (table[c.DURATION].to_numpy(np.float64) for table in (prediction, session))
    said = said * was.sum() / said.sum()
    whole = was.size // _STEPS_PER_KM
    split = float("nan")
    if whole >= 2:
        said_km, was_km = (
            values[: whole * _STEPS_PER_KM].reshape(whole, _STEPS_PER_KM).sum(axis=1) for values in (said, was)
        )
        split = float(100.0 * np.abs(said_km - was_km).mean() / was_km.mean())
    quarters = (np.array([0.25, 0.5, 0.75]) * was.size).round().astype(int) - 1
    late = (np.cumsum(said) - np.cumsum(was))[np.maximum(quarters, 0)]
    off = prediction[c.HEART_RATE].to_numpy(np.float64) - session[c.HEART_RATE].to_numpy(np.float64)
    off = off[np.isfinite(off)]
    heart_rate = float(np.abs(off - off.mean()).mean()) if off.size else float("nan")
    return dict(zip(SHAPE_ERRORS, (split, float(100.0 * np.abs(late).mean() / was.sum()), heart_rate), strict=True))


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
        scaled to the true one (s), of heart rate (bpm) and of cadence (rpm); and `shape_errors`.
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
        **shape_errors(prediction, session),
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
        and its intervals (s, `LEVELS`).

    Returns
    -------
    list of dict
        Athlete, predictor, number of sessions, mean absolute and signed error of the finish (%), the former of hilly
        sessions too, errors of steps and shapes, coverage (share) of intervals and width (% of the predicted time) of
        that of 80%, and the error of the finish (%) where the mean heart rate was given. None where there was nothing
        to measure.
    """
    table = pd.DataFrame(list(sessions))
    rows = []
    for (athlete, predictor), group in table.groupby(["athlete", "predictor"], sort=False):
        error = group["finish_error_pct"]
        was = group["moving_s"]
        row = {
            "athlete": athlete,
            "predictor": predictor,
            "n": len(group),
            "mape": _mean(error.abs()),
            "bias": _mean(error),
            "n_hilly": int((group[c.CLIMB_PER_KM] >= HILLY_M_PER_KM).sum()),
            "mape_hilly": _mean(error.abs()[group[c.CLIMB_PER_KM] >= HILLY_M_PER_KM]),
        }
        for name in ("step_mae_s", "shape_mae_s", "heart_rate_mae_bpm", "cadence_mae_rpm", *SHAPE_ERRORS):
            row[name] = _mean(group[name])
        for percent, (low, high) in LEVELS.items():
            held = (was >= group[low]) & (was <= group[high])
            row[f"coverage{percent}"] = _mean(held.where(group[low].notna()).astype(float))
        row["width80_pct"] = _mean(100.0 * (group["high_s"] - group["low_s"]) / group["predicted_s"])
        row["mape_effort_known"] = _mean(group[EFFORT_KNOWN].abs()) if EFFORT_KNOWN in group else None
        row[HEART_RATE_GIVEN_PACE] = _mean(group[HEART_RATE_GIVEN_PACE]) if HEART_RATE_GIVEN_PACE in group else None
        rows.append(row)
    return rows


def leaderboard(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Means over athletes of each predictor, the best finish time first; each athlete counts the same."""
    table = pd.DataFrame(list(rows))
    numbers = [name for name in table.columns if name not in ("athlete", "predictor")]
    means = table.groupby("predictor", sort=False)[numbers].agg(lambda v: v.astype(float).mean())
    return means.sort_values("mape", key=lambda mape: mape.round(6), kind="stable")

"""Prediction of a whole course by the network, a TimeSeriesDataSet per chunk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import torch
from pytorch_forecasting import TemporalFusionTransformer, TimeSeriesDataSet

from lib.athlete.prior import Prior
from lib.athlete.profile import AthleteProfile
from lib.athlete.reference import reference
from lib.core import schema as c
from lib.core.errors import InputError
from lib.core.warnings_filter import without_harmless_warnings
from lib.course.course import Course
from lib.course.terrain_features import course_table
from lib.inference.features import fed_columns, from_residuals, settled, to_steps
from lib.training.dataset import course_frame
from lib.training.normalizers import require_fitted


def chunk_dataset(frame: pd.DataFrame, first: int, fitted: Mapping[str, Any]) -> TimeSeriesDataSet:
    """One window of a rollout as a TimeSeriesDataSet that fits nothing.

    Parameters
    ----------
    frame : DataFrame
        Encoder rows, then decoder rows, from `course_frame`.
    first : int
        Time index of the first decoder row.
    fitted : mapping
        The fields of `checkpoints_v2/normalizers.pkl`.
    """
    length = len(frame) - int((frame[c.TIME_IDX] < first).sum())
    return TimeSeriesDataSet(
        frame,
        time_idx=c.TIME_IDX,
        target=list(fitted["target_names"]),
        group_ids=list(fitted["group_ids"]),
        # The same geometry for every chunk: relative time and encoder length are scaled by the maximum.
        min_encoder_length=1,
        max_encoder_length=fitted["max_encoder_length"],
        min_prediction_length=length,
        max_prediction_length=fitted["max_prediction_length"],
        min_prediction_idx=first,
        static_reals=list(fitted["static_reals"]),
        time_varying_known_reals=list(fitted["time_varying_known_reals"]),
        time_varying_unknown_reals=list(fitted["time_varying_unknown_reals"]),
        target_normalizer=fitted["target_normalizer"],
        categorical_encoders=fitted["categorical_encoders"],
        scalers=fitted.get("scalers"),
        add_relative_time_idx=True,
        add_encoder_length=True,
        predict_mode=True,
    )


def _chunk_from_training(frame: pd.DataFrame, first: int, dataset: TimeSeriesDataSet) -> TimeSeriesDataSet:
    """The same window the notebooks' old way: a copy of everything the whole training dataset was built with."""
    length = len(frame) - int((frame[c.TIME_IDX] < first).sum())
    return TimeSeriesDataSet.from_dataset(
        dataset, frame, predict=True, stop_randomization=True, min_prediction_idx=first, min_prediction_length=length
    )


def _predict(model: TemporalFusionTransformer, chunk: TimeSeriesDataSet) -> np.ndarray:
    """Target residuals of a chunk's decoder, shape (T, 3)."""
    x, _ = next(iter(chunk.to_dataloader(train=False, batch_size=1, num_workers=0)))
    with torch.inference_mode():
        prediction = model(x)["prediction"]  # 3 x (1, T, 1)
    return torch.stack([p[0, :, 0] for p in prediction], dim=1).double().numpy()


def _course_of(test_data: Course | pd.DataFrame) -> pd.DataFrame:
    """Course table, T rows: a course's own, or one made of the altitude as recorded."""
    if isinstance(test_data, Course):
        return test_data.table
    if c.ALTITUDE not in test_data or not np.isfinite(test_data[c.ALTITUDE].to_numpy(np.float64)).all():
        raise InputError("no altitude at some or all steps", f"{c.ALTITUDE} at each", "Read it by lib.course.course.")
    return course_table(test_data[c.ALTITUDE].to_numpy())


def evaluate_full_session_sequential(
    model: TemporalFusionTransformer,
    test_data: Course | pd.DataFrame,
    normalizers_data: Mapping[str, Any] | None = None,
    training_dataset: TimeSeriesDataSet | None = None,
    *,
    prior: Prior | None = None,
    athlete: AthleteProfile | None = None,
    day: int | None = None,
    effort: float | None = None,
    given_s: np.ndarray | None = None,
    refit_missing: bool = False,
) -> pd.DataFrame:
    """Predict a whole course from a cold start, a chunk of a kilometre at a time.

    Each chunk's predictions, and everything that follows from them, become the encoder of the next.

    Parameters
    ----------
    model : TemporalFusionTransformer
        Trained network.
    test_data : Course, or DataFrame of T rows
        What is run: a course, or a row for each 5 m with `schema.ALTITUDE` as recorded. It is cleaned here, so never
        give a course's own table, whose altitude is cleaned already. Other columns are not read.
    normalizers_data : mapping, optional
        Fitted state: `normalizers.pkl` as read, or `lib.training.normalizers.normalizers_data`.
    training_dataset : TimeSeriesDataSet, optional
        The old way: the whole training dataset, from which the fitted state is copied. Needs `prior` and `athlete`.
    prior, athlete : Prior, AthleteProfile, optional
        The athlete; by default the one in `normalizers_data`.
    day : int, optional
        Day of the start, counted as in the athlete's sessions; by default the usual gap after the last run.
    effort : float, optional
        Intended effort (`lib.athlete.prior.Effort`); left open, the effort is as usual.
    given_s : ndarray, shape (T,), optional
        Duration of each step (s), if the pace is given and only heart rate and cadence are asked for.
    refit_missing : bool
        Fit what `normalizers_data` lacks on each chunk instead of refusing it, as the original pipeline did; for
        comparison.

    Returns
    -------
    DataFrame, T rows
        Step, distance (m), duration (s), heart rate (bpm), cadence (rpm).

    Raises
    ------
    InputError
        If neither way of passing fitted state is used, or both are, or a course has no altitude.
    """
    if (normalizers_data is None) == (training_dataset is None):
        raise InputError(
            "neither normalizers_data nor training_dataset" if normalizers_data is None else "both of them",
            "one of the two: without fitted state every prediction is flat",
            "Pass the bundle's normalizers_data.",
        )
    if normalizers_data is not None:
        prior = prior or normalizers_data["prior"]
        athlete = athlete or normalizers_data["athlete"]
        # The original pipeline's fields have none: its rows are single steps.
        row_steps, decoder_length = normalizers_data.get("row_steps", 1), normalizers_data["max_prediction_length"]
        encoder_length = normalizers_data["max_encoder_length"]
        if not refit_missing:
            require_fitted(normalizers_data)
    else:
        row_steps, decoder_length = getattr(training_dataset, "row_steps", 1), training_dataset.max_prediction_length
        encoder_length = training_dataset.max_encoder_length
    if prior is None or athlete is None:
        raise InputError("no athlete", "prior and athlete beside training_dataset", "Pass both.")

    course = _course_of(test_data)
    ref = reference(athlete, prior, course, day, effort=effort, given_s=given_s)
    frame = course_frame(course, ref, series="course", row_steps=row_steps)
    residuals = frame[list(c.TARGET_RESIDUALS)].to_numpy(copy=True)  # (R + 1, 3), row 0 is the start row
    ref_s = frame[c.REFERENCE_DURATION].to_numpy()
    model.eval()
    for first in range(1, len(frame), decoder_length):
        last = min(first + decoder_length, len(frame))
        window = frame.iloc[max(0, first - encoder_length) : last].copy()
        with without_harmless_warnings():
            chunk = (
                chunk_dataset(window, first, normalizers_data)
                if training_dataset is None
                else _chunk_from_training(window, first, training_dataset)
            )
        residuals[first:last] = _predict(model, chunk)
        frame.loc[: last - 1, list(c.TARGET_RESIDUALS)] = residuals[:last]
        for name, values in fed_columns(residuals[:last], ref_s[:last]).items():
            frame.loc[: last - 1, name] = values
    said = from_residuals(settled(to_steps(residuals[1:], len(course), row_steps), ref), ref)
    if given_s is not None:
        said[c.DURATION] = given_s
    return pd.DataFrame({c.STEP: course[c.STEP], c.DISTANCE: course[c.DISTANCE]} | said)

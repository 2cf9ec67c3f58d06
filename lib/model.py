"""In: a trained network, what was fitted with it, and a course. Out: duration, heart rate, cadence of every step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import torch
from pytorch_forecasting import TemporalFusionTransformer, TimeSeriesDataSet
from pytorch_forecasting.data import MultiNormalizer
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from lib import columns as c
from lib.athlete import AthleteProfile
from lib.dataset import course_frame
from lib.errors import InputError
from lib.network import TrailRunningTFT
from lib.prior import Prior
from lib.profile import course_table
from lib.quiet import without_harmless_warnings
from lib.reference import reference
from lib.residuals import WindowConfig, fed_columns, from_residuals, settled

__all__ = [
    "SEED_FIELDS",
    "TrailRunningTFT",
    "chunk_dataset",
    "count_parameters",
    "evaluate_full_session_sequential",
    "fitted_fields",
    "require_fitted",
    "window_of",
]


def count_parameters(model: torch.nn.Module) -> int:
    """Number of trainable parameters."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def require_fitted(fitted: Mapping[str, Any]) -> None:
    """Refuse state that a dataset would silently fit again on the chunk at hand: the root of flat predictions.

    Raises
    ------
    InputError
        If a scaler or normalizer is missing or unfitted, and which.
    """
    automatic = ["relative_time_idx", "encoder_length"]
    reals = [*fitted["time_varying_known_reals"], *fitted["time_varying_unknown_reals"], *fitted["static_reals"]]
    parts = {f"scaler of {name!r}": fitted.get("scalers", {}).get(name) for name in [*reals, *automatic]}
    parts |= {f"encoder of {name!r}": fitted["categorical_encoders"].get(name) for name in fitted["group_ids"]}
    parts |= {"target normalizer": fitted["target_normalizer"]}
    parts |= {f"normalizer of target {i}": n for i, n in enumerate(fitted["target_normalizer"].normalizers)}
    for name, part in parts.items():
        try:
            if part is None:
                raise NotFittedError
            check_is_fitted(part)
        except NotFittedError as error:
            raise InputError(
                f"no fitted {name}", "one for each feature and target", "Extract the normalizers again."
            ) from error


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


def evaluate_full_session_sequential(
    model: TemporalFusionTransformer,
    test_data: pd.DataFrame,
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
    """Predict a whole course from a cold start, a chunk of 200 steps at a time.

    Each chunk's predictions, and everything that follows from them, become the encoder of the next.

    Parameters
    ----------
    model : TemporalFusionTransformer
        Trained network.
    test_data : DataFrame, T rows
        A row for each 5 m with `columns.ALTITUDE`; of other columns nothing is read.
    normalizers_data : mapping, optional
        Fitted state: `normalizers.pkl` as read, or `lib.bundle.Bundle.normalizers_data`.
    training_dataset : TimeSeriesDataSet, optional
        The old way: the whole training dataset, from which the fitted state is copied. Needs `prior` and `athlete`.
    prior, athlete : Prior, AthleteProfile, optional
        Who runs; by default the one in `normalizers_data`.
    day : int, optional
        Day of the start, counted as in the athlete's sessions; by default the usual gap after the last run.
    effort : float, optional
        Intended effort (`lib.prior.Effort`); left open, the day is as it comes.
    given_s : ndarray, shape (T,), optional
        Duration of each step (s), if the pace is given and only heart rate and cadence are asked for.
    refit_missing : bool
        Fit what `normalizers_data` lacks on each chunk instead of refusing it, as the seed system did; for comparison.

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
    if c.ALTITUDE not in test_data or not np.isfinite(test_data[c.ALTITUDE].to_numpy(np.float64)).all():
        raise InputError("no altitude at some or all steps", f"{c.ALTITUDE} at each", "Read it by lib.course.")
    if normalizers_data is not None:
        prior = prior or normalizers_data["prior"]
        athlete = athlete or normalizers_data["athlete"]
        decoder_length = normalizers_data["max_prediction_length"]
        encoder_length = normalizers_data["max_encoder_length"]
        if not refit_missing:
            require_fitted(normalizers_data)
    else:
        decoder_length = training_dataset.max_prediction_length
        encoder_length = training_dataset.max_encoder_length
    if prior is None or athlete is None:
        raise InputError("no athlete", "prior and athlete beside training_dataset", "Pass both.")

    course = course_table(test_data[c.ALTITUDE].to_numpy())
    ref = reference(athlete, prior, course, day, effort=effort, given_s=given_s)
    frame = course_frame(course, ref, series="course")
    residuals = frame[list(c.TARGET_RESIDUALS)].to_numpy(copy=True)  # (T + 1, 3), row 0 is the start row
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
    said = from_residuals(settled(residuals[1:], ref), ref)
    if given_s is not None:
        said[c.DURATION] = given_s
    return pd.DataFrame({c.STEP: course[c.STEP], c.DISTANCE: course[c.DISTANCE]} | said)


SEED_FIELDS = (
    "target_normalizer",
    "categorical_encoders",
    "time_varying_known_reals",
    "time_varying_unknown_reals",
    "static_reals",
    "target_names",
    "group_ids",
    "max_encoder_length",
    "max_prediction_length",
)
"""What the seed system's bundle held: everything but the scalers of the covariates (and who runs)."""


def fitted_fields(dataset: TimeSeriesDataSet, prior: Prior, athlete: AthleteProfile) -> dict[str, Any]:
    """Everything fitted that inference needs, under the field names of `checkpoints_v2/normalizers.pkl`."""
    assert isinstance(dataset.target_normalizer, MultiNormalizer)
    automatic = ("relative_time_idx", "encoder_length")
    return {
        "target_normalizer": dataset.target_normalizer,
        "categorical_encoders": {c.SERIES: dataset._categorical_encoders[c.SERIES]},
        "scalers": {name: dataset._scalers[name] for name in dataset.reals if name in dataset._scalers},
        "time_varying_known_reals": [n for n in dataset._time_varying_known_reals if n not in automatic],
        "time_varying_unknown_reals": list(dataset._time_varying_unknown_reals),
        "static_reals": [n for n in dataset._static_reals if n not in automatic],
        "target_names": list(dataset.target_names),
        "group_ids": list(dataset.group_ids),
        "max_encoder_length": dataset.max_encoder_length,
        "max_prediction_length": dataset.max_prediction_length,
        "prior": prior,
        "athlete": athlete,
    }


def window_of(fitted: Mapping[str, Any]) -> WindowConfig:
    """Geometry of the windows that fitted state belongs to."""
    return WindowConfig(fitted["max_encoder_length"], fitted["max_prediction_length"])

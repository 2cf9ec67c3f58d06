"""Fitted normalizers as an athlete profile, as pytorch-forecasting takes them, and as pickles."""

from __future__ import annotations

import pickle
import pickletools
from collections.abc import Mapping
from copy import copy
from pathlib import Path
from typing import Any

import numpy as np
from pytorch_forecasting import TimeSeriesDataSet
from pytorch_forecasting.data import MultiNormalizer, NaNLabelEncoder, TorchNormalizer
from sklearn.exceptions import NotFittedError
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted

from lib.athlete.bundle import Bundle
from lib.athlete.prior import Prior
from lib.athlete.profile import AthleteProfile
from lib.core import schema as c
from lib.core.errors import InputError
from lib.core.files import sha256, write_atomically
from lib.inference.features import WindowConfig


def _normalizer(center: float, scale: float, transformation: str | None) -> TorchNormalizer:
    normalizer = TorchNormalizer(transformation=transformation)
    # NumPy scalars, as fitting leaves them: torch would make a Python float single precision.
    normalizer.center_, normalizer.scale_ = np.float64(center), np.float64(scale)
    return normalizer


def _normalizers(entries: Mapping[str, tuple[float, float, str | None]]) -> MultiNormalizer:
    normalizer = MultiNormalizer([_normalizer(*entry) for entry in entries.values()])
    normalizer.fitted_ = True  # else the next dataset would fit it again
    return normalizer


def _scaler(name: str, center: float, scale: float) -> StandardScaler:
    scaler = StandardScaler()
    scaler.mean_, scaler.scale_ = np.array([center]), np.array([scale])
    scaler.var_ = scaler.scale_**2
    scaler.n_features_in_, scaler.n_samples_seen_ = 1, 1
    scaler.feature_names_in_ = np.array([name], dtype=object)
    return scaler


def _encoder(classes: Mapping[str, int]) -> NaNLabelEncoder:
    encoder = NaNLabelEncoder(add_nan="nan" in classes, warn=False)
    encoder.classes_ = dict(classes)
    encoder.classes_vector_ = np.array(list(classes))
    return encoder


def normalizers_data(bundle: Bundle) -> dict[str, Any]:
    """The fields of `normalizers.pkl`, as `lib.model.evaluate_full_session_sequential` takes them."""
    return {
        "target_normalizer": _normalizers(bundle.target_normalizer),
        "categorical_encoders": {k: _encoder(v) for k, v in bundle.categorical_encoders.items()},
        "scalers": {k: _scaler(k, *v) for k, v in bundle.scalers.items()},
        "time_varying_known_reals": list(bundle.time_varying_known_reals),
        "time_varying_unknown_reals": list(bundle.time_varying_unknown_reals),
        "static_reals": list(bundle.static_reals),
        "target_names": list(bundle.target_names),
        "group_ids": list(bundle.group_ids),
        "max_encoder_length": bundle.max_encoder_length,
        "max_prediction_length": bundle.max_prediction_length,
        "row_steps": bundle.row_steps,
        "prior": bundle.prior,
        "athlete": bundle.athlete,
    }


def extract(fitted: Mapping[str, Any], checkpoint: Path) -> Bundle:
    """The bundle of `lib.model.fitted_fields`, tied to the weights in `checkpoint`, before these are exported."""
    return Bundle(
        checkpoint_sha256=sha256(checkpoint),
        onnx_sha256="",
        max_encoder_length=fitted["max_encoder_length"],
        max_prediction_length=fitted["max_prediction_length"],
        row_steps=fitted.get("row_steps", 1),
        time_varying_known_reals=tuple(fitted["time_varying_known_reals"]),
        time_varying_unknown_reals=tuple(fitted["time_varying_unknown_reals"]),
        static_reals=tuple(fitted["static_reals"]),
        target_names=tuple(fitted["target_names"]),
        group_ids=tuple(fitted["group_ids"]),
        scalers={k: (float(s.mean_[0]), float(s.scale_[0])) for k, s in fitted["scalers"].items()},
        target_normalizer={
            name: (float(n.center_), float(n.scale_), n.transformation)
            for name, n in zip(fitted["target_names"], fitted["target_normalizer"].normalizers, strict=True)
        },
        categorical_encoders={
            k: {str(label): int(code) for label, code in e.classes_.items()}
            for k, e in fitted["categorical_encoders"].items()
        },
        prior=fitted["prior"],
        athlete=AthleteProfile(),
    ).for_athlete(fitted["athlete"])


def save_pickle(fitted: Mapping[str, Any], path: Path) -> int:
    """Write `normalizers.pkl` (v2), for readers of the original pipeline's format; returns its size in bytes."""
    slim = dict(fitted) | {"scalers": {name: _slim(scaler) for name, scaler in fitted["scalers"].items()}}
    content = pickletools.optimize(pickle.dumps(slim, protocol=pickle.HIGHEST_PROTOCOL))
    write_atomically(path, content)
    return len(content)


def _slim(scaler: StandardScaler) -> StandardScaler:
    """The same scaler without what only further fitting would need."""
    slim = copy(scaler)
    for name in ("var_", "n_samples_seen_", "feature_names_in_"):
        vars(slim).pop(name, None)
    return slim


def save_training_pickle(dataset: TimeSeriesDataSet, fitted: Mapping[str, Any], path: Path) -> int:
    """Write the whole training dataset (v1), the reference for equality, on demand only; returns its size in bytes."""
    content = {"dataset": dataset, "prior": fitted["prior"], "athlete": fitted["athlete"]}
    data = pickle.dumps(content, protocol=pickle.HIGHEST_PROTOCOL)
    write_atomically(path, data)
    return len(data)


ORIGINAL_FIELDS = (
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
"""What the original pipeline's bundle held: everything but the scalers of the covariates (and the athlete)."""


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
        "row_steps": dataset.row_steps,
        "prior": prior,
        "athlete": athlete,
    }


def window_of(fitted: Mapping[str, Any]) -> WindowConfig:
    """Geometry of the windows that fitted state belongs to."""
    return WindowConfig(fitted["max_encoder_length"], fitted["max_prediction_length"], fitted.get("row_steps", 1))


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

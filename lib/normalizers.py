"""In: what training fitted. Out: its bundle; back from it what pytorch-forecasting takes; pickles of both."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from copy import copy
from pathlib import Path
from typing import Any

import numpy as np
from pytorch_forecasting import TimeSeriesDataSet
from pytorch_forecasting.data import MultiNormalizer, NaNLabelEncoder, TorchNormalizer
from sklearn.preprocessing import StandardScaler

from lib.athlete import AthleteProfile
from lib.bundle import Bundle
from lib.files import sha256, write_atomically


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
        "prior": bundle.prior,
        "athlete": bundle.athlete,
    }


def extract(fitted: Mapping[str, Any], checkpoint: Path) -> Bundle:
    """The bundle of `lib.model.fitted_fields`, tied to the weights in `checkpoint`."""
    return Bundle(
        checkpoint_sha256=sha256(checkpoint),
        max_encoder_length=fitted["max_encoder_length"],
        max_prediction_length=fitted["max_prediction_length"],
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
    """Write `normalizers.pkl` (v2), for readers of the seed's format; returns its size in bytes."""
    slim = dict(fitted) | {"scalers": {name: _slim(scaler) for name, scaler in fitted["scalers"].items()}}
    content = pickle.dumps(slim, protocol=pickle.HIGHEST_PROTOCOL)
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

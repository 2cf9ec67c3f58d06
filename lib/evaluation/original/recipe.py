"""The original pipeline: its table, its dataset, its network, and what it fits.

Kept to be looked at, not to be used: `lib.evaluation.original.rollout` shows its six defects one by one. What its
document leaves open (which known reals, which loss) is chosen as simply as it can be. What this project does instead
is in `lib.training.dataset`.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import lightning.pytorch as pl
import numpy as np
import pandas as pd
import torch
from pytorch_forecasting import TemporalFusionTransformer, TimeSeriesDataSet
from pytorch_forecasting.data import GroupNormalizer, MultiNormalizer, NaNLabelEncoder
from pytorch_forecasting.metrics import MAE, MultiLoss

from lib.core import schema as c
from lib.core.errors import InputError
from lib.course.terrain_features import course_table

PLACEHOLDERS: Final = {c.DURATION: 4.0, c.HEART_RATE: 140.0, c.CADENCE: 80.0}
"""What stands in the target columns of a course that nobody has run yet (the original pipeline's values)."""

KNOWN: Final = (c.ALTITUDE, c.SLOPE_25M, c.SLOPE_100M, c.SLOPE_AHEAD, c.DISTANCE, c.CLIMB)
OBSERVED: Final = (*c.TARGETS, c.SPEED, c.MEAN_HEART_RATE, c.ELAPSED)

UNSEEN: Final = int(np.iinfo(np.int32).max)
"""Session id of whatever was not in training; the largest, so that training sessions are numbered from 0."""

GROUP_ENCODER: Final = f"__group_id__{c.SESSION_ID}"
"""pytorch-forecasting's own second encoder of the group id, by which a prediction finds its statistics."""

RELATIVE_TIME: Final = "relative_time_idx"
_AUTOMATIC: Final = (RELATIVE_TIME, "encoder_length")


@dataclass(frozen=True)
class OriginalConfig:
    """Size and training of the replica.

    Parameters
    ----------
    encoder_length, decoder_length : int
        Steps of 5 m.
    hidden_size, hidden_continuous_size, attention_head_size : int
        Of the network; the original pipeline's had 476,000 parameters.
    steps, batch_size : int
        Batches of training, windows in each.
    learning_rate : float
        Of Adam.
    seed : int
        Of weights and draws.
    """

    encoder_length: int = 400
    decoder_length: int = 200
    hidden_size: int = 8
    hidden_continuous_size: int = 4
    attention_head_size: int = 1
    steps: int = 300
    batch_size: int = 12
    learning_rate: float = 0.01
    seed: int = 7

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            kind = float | int if field.name == "learning_rate" else int
            if not isinstance(value, kind) or isinstance(value, bool) or not value > 0:
                raise InputError(f"{field.name} = {value!r}", "a positive number", "Change the parameter.")
        if self.hidden_size % self.attention_head_size:
            raise InputError(
                f"hidden_size {self.hidden_size}, attention_head_size {self.attention_head_size}",
                "a hidden size divisible by the number of heads",
                "Change one of them.",
            )


def observed(targets: np.ndarray) -> dict[str, np.ndarray]:
    """Give speed (m/s), running mean heart rate (bpm) and elapsed time (s), each (T,), from targets of shape (T, 3)."""
    duration_s, heart_rate_bpm, _ = targets.T
    return {
        c.SPEED: c.STEP_M / duration_s,
        c.MEAN_HEART_RATE: np.cumsum(heart_rate_bpm) / np.arange(1, len(targets) + 1),
        c.ELAPSED: np.cumsum(duration_s),
    }


def _rows(altitude_m: np.ndarray, targets: np.ndarray, session_id: int) -> pd.DataFrame:
    course = course_table(altitude_m)
    data: dict[str, object] = {c.TIME_IDX: np.arange(len(course)), c.SESSION_ID: np.int64(session_id)}
    data |= {name: course[name].to_numpy(np.float64) for name in KNOWN}
    return pd.DataFrame(data | dict(zip(c.TARGETS, targets.T, strict=True)) | observed(targets))


def original_frame(sessions: pd.DataFrame) -> pd.DataFrame:
    """Sessions (`schema.SESSION_COLUMNS`) as the original pipeline's network sees them, one after the other.

    Raises
    ------
    InputError
        If a session lacks heart rate or cadence somewhere.
    """
    frames = []
    for session_id, session in sessions.groupby(c.SESSION_ID, sort=True):
        targets = session[list(c.TARGETS)].to_numpy(np.float64)
        if not np.isfinite(targets).all():
            raise InputError(
                f"session {session_id} with gaps in {', '.join(c.TARGETS)}", "none", "Leave the session out."
            )
        frames.append(_rows(session[c.ALTITUDE].to_numpy(), targets, int(session_id)))
    return pd.concat(frames, ignore_index=True)


def placeholder_frame(altitude_m: np.ndarray) -> pd.DataFrame:
    """Lay out a course of T altitudes (m) before the start, placeholders in every column that only a run can fill.

    Returns
    -------
    DataFrame, T + 1 rows
        Its first row stands twice: the first chunk needs one row of history.
    """
    altitude = np.asarray(altitude_m, np.float64)
    rows = _rows(altitude, np.tile([*PLACEHOLDERS.values()], (altitude.size, 1)), UNSEEN)
    rows = rows.iloc[np.r_[0, : len(rows)]].reset_index(drop=True)
    rows[c.TIME_IDX] = np.arange(len(rows))
    return rows.assign(**observed(rows[list(c.TARGETS)].to_numpy()))


def group_normalizer() -> MultiNormalizer:
    """Unfitted normalizers of the targets: the mean and the spread of each session."""
    return MultiNormalizer([GroupNormalizer(groups=[c.SESSION_ID]) for _ in c.TARGETS])


def own_normalizer(frame: pd.DataFrame) -> MultiNormalizer:
    """Fit normalizers that know the mean and spread of one session alone: those of its own rows in `frame`."""
    with warnings.catch_warnings():
        # A spread of 0 is what placeholders have, and what is to be shown.
        warnings.filterwarnings("ignore", message="scale is below", category=UserWarning)
        return group_normalizer().fit(frame[list(c.TARGETS)], frame.assign(**{c.SESSION_ID: 0}))


def session_encoder(session_ids: Sequence[int]) -> NaNLabelEncoder:
    """Make an encoder of the session ids of training, numbered from 0, and of `UNSEEN`.

    ``NaNLabelEncoder(add_nan=True)`` would know unseen sessions too, but numbers from 1, while the second encoder
    (`GROUP_ENCODER`) numbers from 0: in pytorch-forecasting 1.8.0 each session's answer would be denormalized by the
    statistics of the session before it. That is a trap of its own, and would hide the defects to be shown.
    """
    return NaNLabelEncoder().fit(np.array([*session_ids, UNSEEN], dtype=np.int64))


def original_dataset(frame: pd.DataFrame, config: OriginalConfig) -> TimeSeriesDataSet:
    """Build the original pipeline's training dataset over `original_frame`; it fits everything there is to fit."""
    ids = frame[c.SESSION_ID].unique()
    return TimeSeriesDataSet(
        frame,
        time_idx=c.TIME_IDX,
        target=list(c.TARGETS),
        group_ids=[c.SESSION_ID],
        min_encoder_length=1,
        max_encoder_length=config.encoder_length,
        min_prediction_length=config.decoder_length,
        max_prediction_length=config.decoder_length,
        time_varying_known_reals=list(KNOWN),
        time_varying_unknown_reals=list(OBSERVED),
        target_normalizer=group_normalizer(),
        categorical_encoders={c.SESSION_ID: session_encoder(ids)},
        add_target_scales=True,
        add_relative_time_idx=True,
        add_encoder_length=True,
    )


def train_original(dataset: TimeSeriesDataSet, config: OriginalConfig) -> TemporalFusionTransformer:
    """Train a plain Temporal Fusion Transformer for ``config.steps`` batches of random windows, on the CPU."""
    pl.seed_everything(config.seed, verbose=False)
    model = TemporalFusionTransformer.from_dataset(
        dataset,
        hidden_size=config.hidden_size,
        hidden_continuous_size=config.hidden_continuous_size,
        attention_head_size=config.attention_head_size,
        learning_rate=config.learning_rate,
        output_size=[1] * len(c.TARGETS),
        # A step's seconds are a tenth of its beats and strides: without weights the network would not learn to pace.
        loss=MultiLoss([MAE() for _ in c.TARGETS], weights=[10.0, 1.0, 1.0]),
        logging_metrics=torch.nn.ModuleList([]),
        optimizer="adam",
    )
    draws = np.random.default_rng(config.seed).integers(len(dataset), size=(config.steps, config.batch_size))
    trainer = pl.Trainer(
        max_steps=config.steps,
        max_epochs=1,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        gradient_clip_val=0.5,
    )
    with warnings.catch_warnings():
        # Worker processes would cost more than they save on windows this small.
        warnings.filterwarnings("ignore", message=".*does not have many workers")
        trainer.fit(model, dataset.to_dataloader(train=True, batch_sampler=draws.tolist(), num_workers=0))
    return model.eval()


def original_state(dataset: TimeSeriesDataSet) -> dict[str, Any]:
    """Everything that `dataset` has fitted; the original bundle lacked ``scalers`` and `GROUP_ENCODER`."""
    return {
        "target_normalizer": dataset.target_normalizer,
        "categorical_encoders": {name: dataset._categorical_encoders[name] for name in (c.SESSION_ID, GROUP_ENCODER)},
        "scalers": dict(dataset._scalers),
        "time_varying_known_reals": [n for n in dataset._time_varying_known_reals if n not in _AUTOMATIC],
        "time_varying_unknown_reals": list(dataset._time_varying_unknown_reals),
        "target_names": list(dataset.target_names),
        "group_ids": list(dataset.group_ids),
        "max_encoder_length": dataset.max_encoder_length,
        "max_prediction_length": dataset.max_prediction_length,
    }


def session_statistics(dataset: TimeSeriesDataSet, frame: pd.DataFrame) -> pd.DataFrame:
    """Compare what `dataset` tells the network of each session's pace with what that pace was.

    Returns
    -------
    DataFrame, a row for each session
        ``told_s``: the input `duration_s_center` before scaling (s a step); ``own_s``: the session's mean duration (s).
    """
    name = f"{c.DURATION}_center"
    scaler = dataset._scalers[name]
    told = dataset.data["reals"][:, dataset.reals.index(name)].numpy() * scaler.scale_[0] + scaler.mean_[0]
    by_session = pd.DataFrame({"told_s": told, "own_s": frame[c.DURATION], c.SESSION_ID: frame[c.SESSION_ID]})
    return by_session.groupby(c.SESSION_ID).mean()

"""In: session tables. Out: the frame that the network sees, the TimeSeriesDataSet over it, loaders, splits by date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import torch
from pytorch_forecasting import TimeSeriesDataSet
from pytorch_forecasting.data import MultiNormalizer, NaNLabelEncoder, TorchNormalizer

from lib import columns as c
from lib.athlete import (
    AthleteProfile,
    Reference,
    distance_exponent,
    grade_curve,
    profile_after,
    reference,
    update,
)
from lib.errors import InputError
from lib.prior import Prior
from lib.profile import course_table
from lib.quiet import without_harmless_warnings

RATIO_LIMITS = (0.2, 6.0)
"""Durations are cut to this multiple of their reference: beyond it stands a sensor's fault, not a runner."""

ANY_SERIES = "any"
"""The only known value of the series id: no session is special, so none has statistics of its own."""


@dataclass(frozen=True)
class WindowConfig:
    """Geometry of the windows, in steps of 5 m."""

    encoder_length: int = 400
    decoder_length: int = 200

    def __post_init__(self) -> None:
        if self.decoder_length < 1 or self.encoder_length <= self.decoder_length:
            raise InputError(
                f"encoder {self.encoder_length} and decoder {self.decoder_length}",
                "a decoder of 1 step or more, and a longer encoder",
                "Change the lengths.",
            )

    @property
    def rollout_encoder_lengths(self) -> tuple[int, ...]:
        """The encoder lengths that a cold start meets, chunk after chunk; training sees exactly these."""
        lengths = [1]
        while lengths[-1] < self.encoder_length:
            lengths.append(min(lengths[-1] + self.decoder_length, self.encoder_length))
        return tuple(lengths)


def fed_columns(residuals: np.ndarray, reference_duration_s: np.ndarray) -> dict[str, np.ndarray]:
    """What a runner (or the rollout) knows of the steps already done; the one definition for training and rollout.

    Parameters
    ----------
    residuals : ndarray, shape (T, 3)
        `columns.TARGET_RESIDUALS` of the start row and the steps done, in order.
    reference_duration_s : ndarray, shape (T,)
        Reference durations (s) of the same rows.

    Returns
    -------
    dict
        An array of shape (T,) for each of `columns.OBSERVED_REALS`; 0 everywhere means "exactly as the reference".
    """
    ratio, heart_rate, cadence = residuals.T
    elapsed_s = np.cumsum(ratio * reference_duration_s)
    return {
        c.FED_DURATION: np.log(ratio),
        c.FED_HEART_RATE: heart_rate,
        c.FED_CADENCE: cadence,
        c.FED_MEAN_HEART_RATE: np.cumsum(heart_rate) / np.arange(1, len(residuals) + 1),
        c.FED_ELAPSED: np.log(elapsed_s / np.cumsum(reference_duration_s)),
    }


def to_residuals(session: pd.DataFrame, ref: Reference) -> np.ndarray:
    """Targets relative to the reference, shape (T, 3), in the order of `columns.TARGET_RESIDUALS`."""
    ratio = np.clip(session[c.DURATION].to_numpy(np.float64) / ref.duration_s, *RATIO_LIMITS)
    heart_rate = (session[c.HEART_RATE].to_numpy(np.float64) - ref.heart_rate_bpm) / ref.heart_rate_spread_bpm
    cadence = (session[c.CADENCE].to_numpy(np.float64) - ref.cadence_rpm) / ref.cadence_spread_rpm
    return np.stack([ratio, heart_rate, cadence], axis=1)


def from_residuals(residuals: np.ndarray, ref: Reference) -> dict[str, np.ndarray]:
    """Inverse of `to_residuals`: duration (s), heart rate (bpm), cadence (rpm), each of shape (T,)."""
    return {
        c.DURATION: residuals[:, 0] * ref.duration_s,
        c.HEART_RATE: residuals[:, 1] * ref.heart_rate_spread_bpm + ref.heart_rate_bpm,
        c.CADENCE: residuals[:, 2] * ref.cadence_spread_rpm + ref.cadence_rpm,
    }


def course_frame(
    course: pd.DataFrame, ref: Reference, series: str, residuals: np.ndarray | None = None
) -> pd.DataFrame:
    """The rows that the network sees of one session.

    Row 0 is a *start row*, before the first step, where nothing has happened yet: targets at their reference, the
    same in training and at a cold start. Row i holds step i - 1.

    Parameters
    ----------
    course : DataFrame, T rows
        From `course_table`.
    ref : Reference
        The athlete before the start.
    series : str
        Name of the session.
    residuals : ndarray, shape (T, 3), optional
        What happened; left out, targets stand at their reference.

    Returns
    -------
    DataFrame, T + 1 rows
        Time index, series, known and static reals, target residuals, observed reals, reference duration (s).
    """
    n = len(course)
    start = np.array([[1.0, 0.0, 0.0]])
    done = np.tile(start, (n, 1)) if residuals is None else residuals
    done = np.concatenate([start, done])  # (T + 1, 3)
    ref_s = np.concatenate([ref.duration_s[:1], ref.duration_s])
    rows = np.concatenate([[0], np.arange(n)])
    data: dict[str, object] = {c.TIME_IDX: np.arange(n + 1), c.SERIES: series}
    for name in c.KNOWN_REALS:
        data[name] = course[name].to_numpy(np.float64)[rows]
    data |= ref.static
    data |= dict(zip(c.TARGET_RESIDUALS, done.T, strict=True))
    data |= fed_columns(done, ref_s)
    data[c.REFERENCE_DURATION] = ref_s
    return pd.DataFrame(data)


def athlete_frame(
    sessions: pd.DataFrame, prior: Prior, name: str, min_km: float = 1.5
) -> tuple[pd.DataFrame, AthleteProfile]:
    """All sessions of one athlete as the network sees them, each relative to what was known before it.

    Sessions shorter than `min_km`, or without heart rate or cadence, still teach the profile but give no rows.

    Returns
    -------
    frame : DataFrame
        `course_frame` of each session, one after the other, with `columns.SESSION_ID`.
    profile : AthleteProfile
        The athlete after the last session.
    """
    profile, frames = AthleteProfile(), []
    for session_id, session in sessions.groupby(c.SESSION_ID, sort=True):
        course = course_table(session[c.ALTITUDE].to_numpy())
        complete = np.isfinite(session[list(c.TARGETS)].to_numpy()).all()
        if complete and len(session) * c.STEP_M >= 1000.0 * min_km:
            ref = reference(profile, prior, course, int(session[c.DAY].iloc[0]))
            frame = course_frame(course, ref, f"{name}/{session_id}", to_residuals(session, ref))
            frames.append(frame.assign(**{c.SESSION_ID: session_id}))
        profile = update(profile, prior, session, course)
    if not frames:
        raise InputError(
            f"no session of {min_km} km or more with heart rate and cadence",
            "at least one",
            "Add recordings with a heart-rate and a cadence sensor.",
            name,
        )
    return pd.concat(frames, ignore_index=True), profile


def fit_prior(athletes: Mapping[str, pd.DataFrame], start: Prior | None = None) -> Prior:
    """What to believe of an athlete nobody has seen: the mean over the training athletes' profiles."""
    prior = start or Prior()
    profiles = [profile_after(sessions, prior) for sessions in athletes.values()]

    def mean(total: str, weight: str) -> float:
        return float(np.mean([getattr(p, total) / getattr(p, weight) for p in profiles if getattr(p, weight) > 0]))

    levels = [p.level_sum / p.level_weight for p in profiles]
    own_error = mean("finish_error_sum", "finish_error_weight")
    measured: dict[str, object] = {
        # Of a stranger nothing is known: neither how fast, by what athletes differ, nor the day, by what each varies.
        "finish_error": float(np.sqrt(own_error + (np.var(levels, ddof=1) if len(levels) > 1 else 0.0))),
        "flat_pace_s": float(np.exp(mean("level_sum", "level_weight"))),
        "curve": tuple(np.mean([grade_curve(p, prior) for p in profiles], axis=0).tolist()),
        "exponent": float(np.mean([distance_exponent(p, prior) for p in profiles])),
    }
    for stem in ("heart_rate", "cadence"):
        if any(getattr(p, f"{stem}_weight") > 0 for p in profiles):
            unit = "bpm" if stem == "heart_rate" else "rpm"
            measured[f"{stem}_{unit}"] = mean(f"{stem}_sum", f"{stem}_weight")
            measured[f"{stem}_spread_{unit}"] = mean(f"{stem}_spread_sum", f"{stem}_weight")
    return replace(prior, **measured)


def split_by_date(frame: pd.DataFrame, last_share: float = 0.15) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The athlete's last sessions apart from the earlier ones; a session is never divided.

    Returns
    -------
    earlier, later : DataFrame
        `later` holds the last `last_share` of the sessions, at least one.
    """
    ids = np.sort(frame[c.SESSION_ID].unique())
    if ids.size < 2:
        raise InputError(f"{ids.size} session", "2 or more", "Add recordings: one to learn from, one to check with.")
    first_later = ids[-max(1, round(ids.size * last_share))]
    later = frame[c.SESSION_ID] >= first_later
    return frame[~later].reset_index(drop=True), frame[later].reset_index(drop=True)


def target_normalizer() -> MultiNormalizer:
    """Unfitted normalizers of the three target residuals; durations are positive, so theirs is multiplicative."""
    return MultiNormalizer([TorchNormalizer(transformation="log"), TorchNormalizer(), TorchNormalizer()])


def series_encoder() -> NaNLabelEncoder:
    """Encoder of the series id that knows no session at all: every one, seen or not, gets the same code."""
    return NaNLabelEncoder(add_nan=True, warn=False).fit(pd.Series([ANY_SERIES]))


def training_dataset(frame: pd.DataFrame, window: WindowConfig) -> TimeSeriesDataSet:
    """TimeSeriesDataSet over `frame`; fits the scalers of the covariates and of the targets."""
    with without_harmless_warnings():
        return TimeSeriesDataSet(
            frame,
            time_idx=c.TIME_IDX,
            target=list(c.TARGET_RESIDUALS),
            group_ids=[c.SERIES],
            min_encoder_length=1,
            max_encoder_length=window.encoder_length,
            min_prediction_length=window.decoder_length,
            max_prediction_length=window.decoder_length,
            static_reals=list(c.STATIC_REALS),
            time_varying_known_reals=list(c.KNOWN_REALS),
            time_varying_unknown_reals=list(c.OBSERVED_REALS),
            target_normalizer=target_normalizer(),
            categorical_encoders={c.SERIES: series_encoder()},
            add_relative_time_idx=True,
            add_encoder_length=True,
        )


def scaled_zero(dataset: TimeSeriesDataSet) -> torch.Tensor:
    """The scaled value of "exactly as the reference" for each of `columns.OBSERVED_REALS`, shape (O,)."""
    scalers = [dataset._scalers[name] for name in c.OBSERVED_REALS]
    return torch.tensor([float(-s.mean_[0] / s.scale_[0]) for s in scalers], dtype=torch.float32)

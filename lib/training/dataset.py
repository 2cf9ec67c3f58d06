"""The table that the network sees of each session, and the TimeSeriesDataSet over it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from pytorch_forecasting import TimeSeriesDataSet
from pytorch_forecasting.data import MultiNormalizer, NaNLabelEncoder, TorchNormalizer

from lib.athlete.prior import Prior
from lib.athlete.profile import AthleteProfile, update
from lib.athlete.reference import Reference, reference
from lib.core import schema as c
from lib.core.errors import InputError
from lib.core.warnings_filter import without_harmless_warnings
from lib.course.terrain_features import course_table
from lib.inference.features import WindowConfig, course_rows, to_residuals

ANY_SERIES = "any"
"""The only known value of the series id: no session is special, so none has statistics of its own."""


def course_frame(
    course: pd.DataFrame, ref: Reference, series: str, residuals: np.ndarray | None = None, row_steps: int = 1
) -> pd.DataFrame:
    """The rows that the network sees of one session, as `lib.inference.features.course_rows` makes them.

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
    row_steps : int
        Steps of a row.

    Returns
    -------
    DataFrame, R + 1 rows
        Time index, series, known and static reals, target residuals, observed reals, reference duration (s).
    """
    rows = course_rows(course, ref, residuals, row_steps)
    return pd.DataFrame({c.TIME_IDX: np.arange(np.size(rows[c.REFERENCE_DURATION])), c.SERIES: series} | rows)


@dataclass(frozen=True)
class Told:
    """Shares of the training sessions whose effort, or whose pace, the network is told before the start."""

    effort_share: float = 0.0
    pace_share: float = 0.0

    def reference(
        self, profile: AthleteProfile, prior: Prior, session: pd.DataFrame, course: pd.DataFrame, draw: float
    ) -> Reference:
        """Reference of one session; ``draw``, from 0 to 1, says what is told."""
        day = int(session[c.DAY].iloc[0])
        if draw < self.pace_share:
            return reference(profile, prior, course, day, given_s=session[c.DURATION].to_numpy(np.float64))
        ref = reference(profile, prior, course, day)
        if draw >= self.pace_share + self.effort_share:
            return ref
        mean = float(np.nanmean(session[c.HEART_RATE].to_numpy(np.float64)))
        effort = np.log(mean / ref.heart_rate_bpm.mean()) / prior.effort.heart_rate_sd
        return reference(profile, prior, course, day, effort=float(np.clip(effort, -3.0, 3.0)))


def athlete_frame(
    sessions: pd.DataFrame,
    prior: Prior,
    name: str,
    min_km: float = 1.5,
    told: Told | None = None,
    row_steps: int = 1,
) -> tuple[pd.DataFrame, AthleteProfile]:
    """All sessions of one athlete as the network sees them, each relative to what was known before it.

    Sessions shorter than `min_km`, or without heart rate or cadence, still teach the profile but give no rows. What
    the network is `told` is drawn for one session after the other, from the athlete's name; by default nothing.

    Returns
    -------
    frame : DataFrame
        `course_frame` of each session, one after the other, with `schema.SESSION_ID`.
    profile : AthleteProfile
        The athlete after the last session.
    """
    profile, frames, told = AthleteProfile(), [], told or Told()
    rng = np.random.default_rng(list(name.encode()))
    for session_id, session in sessions.groupby(c.SESSION_ID, sort=True):
        course = course_table(session[c.ALTITUDE].to_numpy())
        complete = np.isfinite(session[list(c.TARGETS)].to_numpy()).all()
        draw = float(rng.random())
        if complete and len(session) * c.STEP_M >= 1000.0 * min_km:
            ref = told.reference(profile, prior, session, course, draw)
            frame = course_frame(course, ref, f"{name}/{session_id}", to_residuals(session, ref), row_steps)
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


def target_normalizer() -> MultiNormalizer:
    """Unfitted normalizers of the three target residuals; durations are positive, so theirs is multiplicative."""
    return MultiNormalizer([TorchNormalizer(transformation="log"), TorchNormalizer(), TorchNormalizer()])


def series_encoder() -> NaNLabelEncoder:
    """Encoder of the series id that knows no session at all: every one, seen or not, gets the same code."""
    return NaNLabelEncoder(add_nan=True, warn=False).fit(pd.Series([ANY_SERIES]))


def training_dataset(frame: pd.DataFrame, window: WindowConfig) -> TimeSeriesDataSet:
    """TimeSeriesDataSet over `frame`; fits the scalers of the covariates and of the targets."""
    with without_harmless_warnings():
        dataset = TimeSeriesDataSet(
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
    dataset.row_steps = window.row_steps  # the library's class knows nothing of it, and a pickle keeps it
    return dataset


def scaled_zero(dataset: TimeSeriesDataSet) -> torch.Tensor:
    """The scaled value of "exactly as the reference" for each of `schema.OBSERVED_REALS`, shape (O,)."""
    scalers = [dataset._scalers[name] for name in c.OBSERVED_REALS]
    return torch.tensor([float(-s.mean_[0] / s.scale_[0]) for s in scalers], dtype=torch.float32)

"""The rows that the network sees of a course, and targets relative to the reference and back.

The one definition for training and rollout. It does without torch and pandas: what serves a model need not have torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from lib.core import schema as c
from lib.core.errors import InputError

if TYPE_CHECKING:
    from lib.athlete.reference import Reference

RATIO_LIMITS = (0.2, 6.0)
"""Durations are cut to this multiple of their reference: beyond it stands a sensor's fault, not a runner."""

AS_REFERENCE: Final = (1.0, 0.0, 0.0)
"""`schema.TARGET_RESIDUALS` of a step that is exactly as the reference."""


@dataclass(frozen=True)
class WindowConfig:
    """Geometry of the windows, in rows of `row_steps` steps of 5 m."""

    encoder_length: int = 400
    decoder_length: int = 200
    row_steps: int = 1

    def __post_init__(self) -> None:
        if self.row_steps < 1:
            raise InputError(f"rows of {self.row_steps} steps", "1 step or more", "Change row_steps.")
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

    def encoder_length_after(self, rows: int) -> int:
        """The longest of these lengths for which there are rows: the start row and the steps done."""
        return max(length for length in self.rollout_encoder_lengths if length <= rows)


def fed_columns(residuals: np.ndarray, reference_duration_s: np.ndarray) -> dict[str, np.ndarray]:
    """What a runner (or the rollout) knows of the steps already done; the one definition for training and rollout.

    Parameters
    ----------
    residuals : ndarray, shape (..., T, 3)
        `schema.TARGET_RESIDUALS` of the start row and the steps done, in order; of one course, or of many.
    reference_duration_s : ndarray, shape (..., T)
        Reference durations (s) of the same rows.

    Returns
    -------
    dict
        An array of shape (..., T) for each of `schema.OBSERVED_REALS`; 0 everywhere means "exactly as the reference".
    """
    ratio, heart_rate, cadence = np.moveaxis(residuals, -1, 0)  # 3 x (..., T)
    elapsed_s = np.cumsum(ratio * reference_duration_s, axis=-1)
    return {
        c.FED_DURATION: np.log(ratio),
        c.FED_HEART_RATE: heart_rate,
        c.FED_CADENCE: cadence,
        c.FED_MEAN_HEART_RATE: np.cumsum(heart_rate, axis=-1) / np.arange(1, heart_rate.shape[-1] + 1),
        c.FED_ELAPSED: np.log(elapsed_s / np.cumsum(reference_duration_s, axis=-1)),
    }


def to_residuals(measured: c.Columns, ref: Reference) -> np.ndarray:
    """Targets relative to the reference, in the order of `schema.TARGET_RESIDUALS`; NaN stays.

    Parameters
    ----------
    measured : Columns, n rows
        `schema.TARGETS` of all of the T steps, or of the first n.
    ref : Reference
        The athlete before the start.

    Returns
    -------
    ndarray, shape (n, 3)
    """
    duration_s, heart_rate_bpm, cadence_rpm = (np.asarray(measured[name], np.float64) for name in c.TARGETS)
    done = slice(duration_s.size)
    ratio = np.clip(duration_s / ref.duration_s[done], *RATIO_LIMITS)
    heart_rate = (heart_rate_bpm - ref.heart_rate_bpm[done]) / ref.heart_rate_spread_bpm
    cadence = (cadence_rpm - ref.cadence_rpm) / ref.cadence_spread_rpm
    return np.stack([ratio, heart_rate, cadence], axis=1)


def from_residuals(residuals: np.ndarray, ref: Reference) -> dict[str, np.ndarray]:
    """Inverse of `to_residuals`: duration (s), heart rate (bpm), cadence (rpm), each of shape (T,)."""
    return {
        c.DURATION: residuals[:, 0] * ref.duration_s,
        c.HEART_RATE: residuals[:, 1] * ref.heart_rate_spread_bpm + ref.heart_rate_bpm,
        c.CADENCE: residuals[:, 2] * ref.cadence_spread_rpm + ref.cadence_rpm,
    }


def settled(residuals: np.ndarray, ref: Reference, done: int = 0) -> np.ndarray:
    """Residuals (T, 3) whose total time is the reference's: it sets the level, the network where the time is.

    The network's own total is no better on runs that it has not seen, and the athlete's past errors, on which intervals
    are calibrated, are the reference's. Of the first `done` steps nothing is to be settled; the others get the
    reference's time for them. Where the pacing law decides, the network, trained on short runs, does not.
    """
    rest, ref_s = residuals[done:, 0], ref.duration_s[done:]
    if rest.size == 0:
        return residuals
    if ref.law_weight > 0.0:
        rest = rest ** (1.0 - ref.law_weight)
    own = (rest * ref_s).sum() / ref_s.sum()
    ratio = np.concatenate([residuals[:done, 0], rest / own])
    return np.column_stack([ratio, residuals[:, 1:]])


def row_sums(values: np.ndarray, row_steps: int) -> np.ndarray:
    """Sums of steps (T, ...) over rows of `row_steps` steps, shape (R, ...); the last row may have fewer."""
    return np.add.reduceat(values, np.arange(0, len(values), row_steps), axis=0)


def _row_means(values: np.ndarray, row_steps: int) -> np.ndarray:
    steps = row_sums(np.ones(len(values)), row_steps)
    return row_sums(values, row_steps) / steps.reshape(-1, *(1,) * (values.ndim - 1))


def to_rows(residuals: np.ndarray, ref_s: np.ndarray, row_steps: int) -> np.ndarray:
    """Residuals of rows (R, 3) from those of steps (n, 3) and their reference durations (n,)."""
    ratio = row_sums(residuals[:, 0] * ref_s, row_steps) / row_sums(ref_s, row_steps)
    return np.column_stack([ratio, _row_means(residuals[:, 1:], row_steps)])


def to_steps(residuals: np.ndarray, steps: int, row_steps: int) -> np.ndarray:
    """Residuals of steps (T, 3) from those of rows (R, 3), by lines between the middles of rows."""
    if row_steps == 1:
        return residuals
    first = np.arange(0, steps, row_steps)
    middle = 0.5 * (first + np.minimum(first + row_steps, steps) - 1.0)
    return np.column_stack([np.interp(np.arange(steps), middle, values) for values in residuals.T])


def course_rows(
    course: c.Columns, ref: Reference, residuals: np.ndarray | None = None, row_steps: int = 1
) -> dict[str, np.ndarray | float]:
    """The rows that the network sees of one session.

    Row 0 is a *start row*, before the first step, where nothing has happened yet: targets at their reference, the
    same in training and at a cold start. Each of the R rows after it holds `row_steps` steps, the last maybe fewer.

    Parameters
    ----------
    course : Columns, T rows
        From `lib.course.terrain_features.course_columns`.
    ref : Reference
        The athlete before the start.
    residuals : ndarray, shape (T, 3), optional
        What happened; left out, targets stand at their reference.
    row_steps : int
        Steps of a row.

    Returns
    -------
    dict
        Known reals, target residuals, observed reals and reference duration (s), each of shape (R + 1,), and a number
        for each static real.
    """
    ref_s = row_sums(ref.duration_s, row_steps)  # (R,)
    done = np.tile(AS_REFERENCE, (ref_s.size + 1, 1))  # (R + 1, 3)
    if residuals is not None:
        done[1:] = to_rows(residuals, ref.duration_s, row_steps)
    ref_s = np.concatenate([ref_s[:1], ref_s])
    rows = np.concatenate([[0], np.arange(ref_s.size - 1)])
    known = {c.GIVEN_PACE: ref.given_log_ratio}
    known |= {name: np.asarray(course[name], np.float64) for name in c.KNOWN_REALS if name != c.GIVEN_PACE}
    return (
        {name: _row_means(known[name], row_steps)[rows] for name in c.KNOWN_REALS}
        | ref.static
        | dict(zip(c.TARGET_RESIDUALS, done.T, strict=True))
        | fed_columns(done, ref_s)
        | {c.REFERENCE_DURATION: ref_s}
    )

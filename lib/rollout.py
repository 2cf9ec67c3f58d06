"""In: a backend that runs the network, a bundle, courses. Out: duration, heart rate, cadence of every step of each.

The same cold start as `lib.model.evaluate_full_session_sequential`, in arrays alone: what serves a model needs neither
torch nor pytorch-forecasting, nor a table for each chunk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from lib import columns as c
from lib.athlete import AthleteProfile
from lib.bundle import ENCODER_LENGTH, RELATIVE_TIME, Bundle
from lib.errors import InputError
from lib.reference import Reference, reference
from lib.residuals import AS_REFERENCE, WindowConfig, course_rows, fed_columns, from_residuals, settled

Backend = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Runs the network: encoder (B, E, F) and decoder (B, D, F), float32 and contiguous, to outputs (B, D, 3), normalized.

F counts `Bundle.x_reals`, in their order. The three are `Bundle.target_names`, as the last layer gives them: `rollout`
takes normalization back. All of a batch have encoders of one length; decoders are padded at their end, so an output
must not depend on what comes after its step.
"""

_RESTORE: Final[Mapping[str | None, Callable[[np.ndarray], np.ndarray]]] = {None: np.asarray, "log": np.exp}


@dataclass(frozen=True)
class Start:
    """A course about to be run.

    Parameters
    ----------
    course : Columns, T rows
        From `lib.profile.course_columns`.
    day : int, optional
        Day of the start, counted as in the athlete's sessions; by default the usual gap after the last run.
    effort : float, optional
        Intended effort (`lib.prior.Effort`); left open, the day is as it comes.
    given_s : ndarray, shape (T,), optional
        Duration of each step (s), if the pace is given and only heart rate and cadence are asked for.
    athlete : AthleteProfile, optional
        Who runs; by default the one in the bundle.
    """

    course: c.Columns
    day: int | None = None
    effort: float | None = None
    given_s: np.ndarray | None = None
    athlete: AthleteProfile | None = None


def _scaled_rows(bundle: Bundle, course: c.Columns, ref: Reference) -> np.ndarray:
    """What the network reads of a course before it is run, shape (T + 1, F); `_window` sets the automatic two."""
    rows = course_rows(course, ref) | {RELATIVE_TIME: 0.0, ENCODER_LENGTH: 0.0}
    n = ref.duration_s.size + 1
    values = np.stack([np.broadcast_to(rows[name], n) for name in bundle.x_reals], axis=1)  # (T + 1, F)
    center, scale = np.array([bundle.scalers[name] for name in bundle.x_reals]).T  # 2 x (F,)
    scaled = ((values - center) / scale).astype(np.float32)  # (T + 1, F)
    if not np.isfinite(scaled).all():
        name = bundle.x_reals[int(np.argmin(np.isfinite(scaled).all(axis=0)))]
        raise InputError(f"no usable {name} at some or all steps", "a number at each", "Read the course by lib.course.")
    return scaled


def _restored(bundle: Bundle, outputs: np.ndarray) -> np.ndarray:
    """Target residuals (B, D, 3) of normalized outputs (B, D, 3)."""
    entries = [bundle.target_normalizer[name] for name in bundle.target_names]
    values = [
        _RESTORE[transformation](outputs[..., i].astype(np.float64) * scale + center)  # (B, D)
        for i, (center, scale, transformation) in enumerate(entries)
    ]
    return np.stack(values, axis=-1)


def _window(bundle: Bundle, rows: np.ndarray, known: int) -> tuple[np.ndarray, np.ndarray]:
    """Encoder (B, E, F) and decoder (B, D, F) of rows (B, E + D, F) of which the first `known` are done."""
    longest = bundle.max_encoder_length
    window = rows.copy()  # (B, E + D, F)
    # Neither is scaled: pytorch-forecasting sets both after it has scaled the rest.
    window[..., bundle.x_reals.index(RELATIVE_TIME)] = np.arange(-known, rows.shape[1] - known) / longest
    window[..., bundle.x_reals.index(ENCODER_LENGTH)] = 2.0 * (known - 0.5 * longest) / longest
    return np.ascontiguousarray(window[:, :known]), np.ascontiguousarray(window[:, known:])


def rollout(
    backend: Backend,
    bundle: Bundle,
    courses: Sequence[c.Columns],
    references: Sequence[Reference],
) -> list[np.ndarray]:
    """Run courses from a cold start, all in step, a chunk at a time.

    Each chunk's predictions, and everything that follows from them, become the encoder of the next. A course that is
    done drops out; the last chunk of one that ends sooner than others is padded to theirs.

    Parameters
    ----------
    backend : callable
        Runs the network.
    bundle : Bundle
        What was fitted with it.
    courses : sequence of Columns, T rows each
        From `lib.profile.course_columns`.
    references : sequence of Reference
        The athlete before the start, for each course.

    Returns
    -------
    list of ndarray, shape (T, 3) each
        `columns.TARGET_RESIDUALS`, settled on the reference's time.

    Raises
    ------
    InputError
        If a covariate of a course is no number, or the bundle's targets are transformed in an unknown way.
    """
    unknown = {entry[2] for entry in bundle.target_normalizer.values()} - set(_RESTORE)
    if unknown:
        raise InputError(f"a target transformed by {unknown.pop()!r}", "'log' or none", "Make the bundle again.")
    if not references:
        return []
    window = WindowConfig(bundle.max_encoder_length, bundle.max_prediction_length)
    fed = [bundle.x_reals.index(name) for name in c.OBSERVED_REALS]
    scales = np.array([bundle.scalers[name] for name in c.OBSERVED_REALS])  # (O, 2)
    ends = np.array([ref.duration_s.size + 1 for ref in references])  # (B,), rows with the start row
    shape = (len(ends), int(ends.max()))
    rows = np.zeros((*shape, len(bundle.x_reals)), np.float32)  # (B, R, F)
    ref_s = np.ones(shape)  # (B, R)
    residuals = np.tile(AS_REFERENCE, (*shape, 1))  # (B, R, 3)
    for i, (course, ref) in enumerate(zip(courses, references, strict=True)):
        rows[i, : ends[i]] = _scaled_rows(bundle, course, ref)
        ref_s[i, : ends[i]] = np.concatenate([ref.duration_s[:1], ref.duration_s])
    for first in range(1, shape[1], window.decoder_length):
        on = np.flatnonzero(ends > first)  # (b,), courses not yet done
        begin, last = max(0, first - window.encoder_length), min(first + window.decoder_length, shape[1])
        outputs = backend(*_window(bundle, rows[on, begin:last], first - begin))  # (b, D, 3)
        residuals[on, first:last] = _restored(bundle, outputs)
        done = fed_columns(residuals[on, :last], ref_s[on, :last])
        for position, name, (center, scale) in zip(fed, c.OBSERVED_REALS, scales, strict=True):
            rows[on, :last, position] = (done[name] - center) / scale  # (b, last)
    return [settled(said[1:end], ref) for said, end, ref in zip(residuals, ends, references, strict=True)]


def predict_many(backend: Backend, bundle: Bundle, starts: Sequence[Start]) -> list[dict[str, np.ndarray]]:
    """Predict many courses at once; each gets what `predict` says of it alone.

    Parameters
    ----------
    backend : callable
        Runs the network.
    bundle : Bundle
        What was fitted with it.
    starts : sequence of Start
        What is about to be run, and by whom.

    Returns
    -------
    list of dict
        Duration (s), heart rate (bpm) and cadence (rpm) of each step, each of shape (T,).

    Raises
    ------
    InputError
        As `lib.reference.reference` and `rollout`.
    """
    references = [
        reference(s.athlete or bundle.athlete, bundle.prior, s.course, s.day, effort=s.effort, given_s=s.given_s)
        for s in starts
    ]
    residuals = rollout(backend, bundle, [s.course for s in starts], references)
    predictions = [from_residuals(r, ref) for r, ref in zip(residuals, references, strict=True)]
    return [
        said if s.given_s is None else said | {c.DURATION: s.given_s}
        for s, said in zip(starts, predictions, strict=True)
    ]


def predict(
    backend: Backend,
    bundle: Bundle,
    course: c.Columns,
    day: int | None = None,
    effort: float | None = None,
    given_s: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """Predict one course for the bundle's athlete; see `predict_many`, and `Start` for what is asked."""
    return predict_many(backend, bundle, [Start(course, day, effort, given_s)])[0]

"""Rollout of the network along courses, in arrays: duration, heart rate and cadence of every step.

The same cold start as `lib.model.evaluate_full_session_sequential`, in arrays alone: what serves a model needs neither
torch nor pytorch-forecasting, nor a table for each chunk. On the way the network sees what happened instead of what it
said itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from lib.athlete.bundle import ENCODER_LENGTH, RELATIVE_TIME, Bundle
from lib.athlete.profile import AthleteProfile
from lib.athlete.reference import Reference, reference
from lib.core import schema as c
from lib.core.errors import InputError
from lib.inference.features import (
    AS_REFERENCE,
    WindowConfig,
    course_rows,
    fed_columns,
    from_residuals,
    row_sums,
    settled,
    to_residuals,
    to_rows,
    to_steps,
)

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
        From `lib.course.terrain_features.course_columns`.
    day : int, optional
        Day of the start, counted as in the athlete's sessions; by default the usual gap after the last run.
    effort : float, optional
        Intended effort (`lib.athlete.prior.Effort`); left open, the effort is as usual.
    given_s : ndarray, shape (T,), optional
        Duration of each step (s), if the pace is given and only heart rate and cadence are asked for.
    athlete : AthleteProfile, optional
        The athlete; by default the one in the bundle.
    so_far : Columns, n rows, optional
        `schema.TARGETS` of the first n steps, if they are done; heart rate and cadence may be NaN.
    before : Reference, optional
        The athlete before the start, if that is worked out already.
    """

    course: c.Columns
    day: int | None = None
    effort: float | None = None
    given_s: np.ndarray | None = None
    athlete: AthleteProfile | None = None
    so_far: c.Columns | None = None
    before: Reference | None = None


def _scaled_rows(bundle: Bundle, course: c.Columns, ref: Reference) -> np.ndarray:
    """What the network reads of a course before it is run, shape (R + 1, F); `_window` sets the automatic two."""
    rows = course_rows(course, ref, row_steps=bundle.row_steps) | {RELATIVE_TIME: 0.0, ENCODER_LENGTH: 0.0}
    n = np.size(rows[c.REFERENCE_DURATION])
    values = np.stack([np.broadcast_to(rows[name], n) for name in bundle.x_reals], axis=1)  # (R + 1, F)
    center, scale = np.array([bundle.scalers[name] for name in bundle.x_reals]).T  # 2 x (F,)
    scaled = ((values - center) / scale).astype(np.float32)  # (R + 1, F)
    if not np.isfinite(scaled).all():
        name = bundle.x_reals[int(np.argmin(np.isfinite(scaled).all(axis=0)))]
        raise InputError(
            f"no usable {name} at some or all steps", "a number at each", "Read the course by lib.course.course."
        )
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


def _known(residuals: np.ndarray, ref: Reference) -> np.ndarray:
    """Residuals (n, 3) of the steps done, as the network is to see them: what was not measured as the reference."""
    done = np.asarray(residuals, np.float64)
    if done.ndim != 2 or done.shape[1] != len(AS_REFERENCE) or len(done) > ref.duration_s.size:
        raise InputError(
            f"residuals of shape {done.shape} so far", f"three for each of {ref.duration_s.size} steps at most",
            "Follow the recording along this course.",
        )  # fmt: skip
    if not (done[:, 0] > 0).all():
        raise InputError("steps done in no time", "a time above 0 for each", "Follow the recording again.")
    return np.where(np.isfinite(done), done, AS_REFERENCE)


def rollout(
    backend: Backend,
    bundle: Bundle,
    courses: Sequence[c.Columns],
    references: Sequence[Reference],
    so_far: Sequence[np.ndarray | None] | None = None,
) -> list[np.ndarray]:
    """Run courses from a cold start or on the way, all in step, a chunk at a time.

    Each chunk's predictions, and everything that follows from them, become the encoder of the next. A course that is
    done drops out; the last chunk of one that ends sooner than others is padded to theirs. Encoders have the lengths
    that a cold start meets, the longest that there is a past for: the network was trained on no others.

    Parameters
    ----------
    backend : callable
        Runs the network.
    bundle : Bundle
        What was fitted with it.
    courses : sequence of Columns, T rows each
        From `lib.course.terrain_features.course_columns`.
    references : sequence of Reference
        The athlete before the start, for each course.
    so_far : sequence of ndarray, shape (n, 3) each, optional
        `schema.TARGET_RESIDUALS` of the first n steps of a course, None of one that has not begun. What is no number
        counts as the reference's.

    Returns
    -------
    list of ndarray, shape (T, 3) each
        `schema.TARGET_RESIDUALS`: of the steps done as given, of those to come settled on the reference's time for
        them.

    Raises
    ------
    InputError
        If a covariate of a course is no number, or what is done is not of its course.
    """
    if not references:
        return []
    window = WindowConfig(bundle.max_encoder_length, bundle.max_prediction_length, bundle.row_steps)
    each_s = [row_sums(ref.duration_s, window.row_steps) for ref in references]  # B x (R,)
    ends = np.array([ref_s.size + 1 for ref_s in each_s])  # (B,), rows with the start row
    at = np.ones(len(ends), np.int64)  # (B,), rows done, with the start row
    shape = (len(ends), int(ends.max()))
    rows = np.zeros((*shape, len(bundle.x_reals)), np.float32)  # (B, R, F)
    ref_s = np.ones(shape)  # (B, R)
    residuals = np.tile(AS_REFERENCE, (*shape, 1))  # (B, R, 3)
    for i, (course, ref) in enumerate(zip(courses, references, strict=True)):
        rows[i, : ends[i]] = _scaled_rows(bundle, course, ref)
        ref_s[i, : ends[i]] = np.concatenate([each_s[i][:1], each_s[i]])
    begun = [
        np.empty((0, len(AS_REFERENCE))) if done is None else _known(done, ref)  # B x (n, 3)
        for done, ref in zip(so_far or [None] * len(ends), references, strict=True)
    ]
    for i, (done, ref) in enumerate(zip(begun, references, strict=True)):
        # A row that is not yet done as a whole counts as to come, unless it is the last.
        n = len(done) if len(done) == ref.duration_s.size else len(done) // window.row_steps * window.row_steps
        if n:
            whole = to_rows(done[:n], ref.duration_s[:n], window.row_steps)
            at[i] = len(whole) + 1
            residuals[i, 1 : at[i]] = whole
            _feed(bundle, rows, residuals, ref_s, np.array([i]), int(at[i]))
    while (at < ends).any():
        first = int(at[at < ends].min())
        on = np.flatnonzero((at == first) & (ends > first))  # (b,), courses in step and not yet done
        begin, last = (
            first - window.encoder_length_after(first),
            min(first + window.decoder_length, int(ends[on].max())),
        )
        outputs = backend(*_window(bundle, rows[on, begin:last], first - begin))  # (b, D, 3)
        residuals[on, first:last] = _restored(bundle, outputs)
        _feed(bundle, rows, residuals, ref_s, on, last)
        at[on] = last
    return [
        _settled_steps(said[1:end], ref, done, window.row_steps)
        for said, end, ref, done in zip(residuals, ends, references, begun, strict=True)
    ]


def _settled_steps(said: np.ndarray, ref: Reference, done: np.ndarray, row_steps: int) -> np.ndarray:
    """Residuals of steps (T, 3) from those of rows (R, 3): those done (n, 3) as given, the others settled."""
    steps = to_steps(said, ref.duration_s.size, row_steps)
    return settled(np.concatenate([done, steps[len(done) :]]), ref, len(done))


def _feed(
    bundle: Bundle, rows: np.ndarray, residuals: np.ndarray, ref_s: np.ndarray, on: np.ndarray, last: int
) -> None:
    """Tell the network of courses `on` what is done before row `last`."""
    done = fed_columns(residuals[on, :last], ref_s[on, :last])
    for name in c.OBSERVED_REALS:
        center, scale = bundle.scalers[name]
        rows[on, :last, bundle.x_reals.index(name)] = (done[name] - center) / scale  # (b, last)


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
        Duration (s), heart rate (bpm) and cadence (rpm) of each step, each of shape (T,). Of steps done they are what
        was measured, and the reference's where nothing was.

    Raises
    ------
    InputError
        As `lib.athlete.reference.reference` and `rollout`; or if both a pace and what is done are given.
    """
    if any(s.given_s is not None and s.so_far is not None for s in starts):
        raise InputError("a pace and what is done", "one of the two", "Leave one out.")
    references = [
        s.before
        or reference(s.athlete or bundle.athlete, bundle.prior, s.course, s.day, effort=s.effort, given_s=s.given_s)
        for s in starts
    ]
    so_far = [
        None if s.so_far is None else to_residuals(s.so_far, ref) for s, ref in zip(starts, references, strict=True)
    ]
    residuals = rollout(backend, bundle, [s.course for s in starts], references, so_far)
    predictions = [from_residuals(r, ref) for r, ref in zip(residuals, references, strict=True)]
    return [_as_given(s, said) for s, said in zip(starts, predictions, strict=True)]


def _as_given(start: Start, said: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The prediction with the pace that was given, or with what was measured on the way."""
    if start.given_s is not None:
        return said | {c.DURATION: start.given_s}
    if start.so_far is None:
        return said
    measured = {name: np.asarray(start.so_far[name], np.float64) for name in c.TARGETS}
    return {
        name: np.concatenate([np.where(np.isfinite(done), done, said[name][: done.size]), said[name][done.size :]])
        for name, done in measured.items()
    }


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

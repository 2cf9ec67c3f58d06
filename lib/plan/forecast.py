"""The prediction of a course for an athlete, before the start or on the way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from lib.athlete.bundle import Bundle
from lib.athlete.reference import Reference, reference
from lib.athlete.time_distribution import distribution_of
from lib.core import schema as c
from lib.core.errors import InputError
from lib.course.course import Course
from lib.inference.rollout import Backend, Start, predict_many
from lib.plan.moving_plan import TICKS_PER_S, Plan, plan_from
from lib.plan.underway import rest_of

if TYPE_CHECKING:
    from lib.recordings.align import Followed


def forecast(
    backend: Backend,
    bundle: Bundle,
    course: Course,
    day: int | None = None,
    effort: float | None = None,
    so_far: Followed | None = None,
    before: Reference | None = None,
) -> Plan:
    """Predict a course for the bundle's athlete, from a cold start or on the way.

    Parameters
    ----------
    backend : callable
        Runs the network (`lib.inference.onnx_backend`, `lib.training.torch_backend`).
    bundle : Bundle
        What was fitted with it, and the athlete.
    course : Course
        What is to be run, T steps.
    day : int, optional
        Day of the start, counted as in the athlete's sessions; by default the usual gap after the last run.
    effort : float, optional
        Intended effort (`lib.athlete.prior.Effort`); left open, as usual.
    so_far : Followed, optional
        What happened on the first n steps (`lib.recordings.align.follow`). The plan has them as they were, with the
        reference's heart rate and cadence where none was measured, and `Plan.done` says how many; the rest is
        predicted from there (`lib.plan.underway`), and `Plan.band` is of that alone.
    before : Reference, optional
        The athlete before the start, if that is worked out already.

    Raises
    ------
    InputError
        If what happened is of a course of another length; or as `lib.inference.rollout.predict_many`.
    """
    before = before or reference(bundle.athlete, bundle.prior, course.columns, day, effort=effort)
    band = distribution_of(before, bundle)
    start = Start(course.columns, day, effort, before=before)
    if so_far is None:
        return plan_from(course, predict_many(backend, bundle, [start])[0], band, bundle.athlete.runs)
    if so_far.of != course.steps:
        raise InputError(
            f"what happened on a course of {so_far.of} steps", f"on this one, of {course.steps}",
            "Follow the recording along this course.", course.name,
        )  # fmt: skip
    cold, said = predict_many(backend, bundle, [start, replace(start, so_far=so_far.columns)])
    # What happened is off what was predicted before the start: a run to plan changes nothing.
    predicted = replace(
        before,
        duration_s=cold[c.DURATION],
        heart_rate_bpm=cold[c.HEART_RATE],
        cadence_rpm=cold[c.CADENCE][: so_far.steps],
    )
    said, left = rest_of(said, so_far.columns, predicted, band)
    # No step takes less than a plan can hold: a piece of the course that was cut short may.
    said[c.DURATION] = np.maximum(said[c.DURATION], 1.0 / TICKS_PER_S)
    plan = plan_from(course, said, band, bundle.athlete.runs)
    # The plan's times are rounded: what is done is exactly what it says.
    left = replace(left, done_s=float(plan.columns[c.ELAPSED][so_far.steps - 1]))
    measured = {name: np.isfinite(so_far.columns[name]) for name in (c.HEART_RATE, c.CADENCE)}
    return replace(plan, band=left, done=so_far.steps, measured=measured)

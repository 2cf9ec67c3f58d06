"""In: a backend, a bundle, a course. Out: its plan, by the rollout in arrays: what serving says of a course."""

from __future__ import annotations

from lib.band import Band
from lib.bundle import Bundle
from lib.course import Course
from lib.plan import Plan, plan_from
from lib.reference import reference
from lib.rollout import Backend, predict


def forecast(
    backend: Backend, bundle: Bundle, course: Course, day: int | None = None, effort: float | None = None
) -> Plan:
    """Predict a course for the bundle's athlete, from a cold start.

    Parameters
    ----------
    backend : callable
        Runs the network (`lib.onnx_backend`, `lib.torch_backend`).
    bundle : Bundle
        What was fitted with it, and who runs.
    course : Course
        What is to be run.
    day : int, optional
        Day of the start, counted as in the athlete's sessions; by default the usual gap after the last run.
    effort : float, optional
        Intended effort (`lib.prior.Effort`); left open, the day is as it comes.
    """
    said = predict(backend, bundle, course.columns, day, effort)
    before = reference(bundle.athlete, bundle.prior, course.columns, day, effort=effort)
    band = Band(before.log_sd, bundle.athlete.scores, bundle.prior.calibration)
    return plan_from(course, said, band, bundle.athlete.runs)

"""In: how hard a run is meant, as a name or a heart rate. Out: the effort in the model's own measure."""

from __future__ import annotations

from typing import Final

import numpy as np

from lib.athlete.bundle import Bundle
from lib.athlete.reference import MAX_EFFORT, reference
from lib.core import schema as c
from lib.core.errors import InputError

EFFORTS: Final = ("easy", "steady", "race")
USUAL: Final = "usual"
HEART_RATES_BPM: Final = (60.0, 220.0)


def effort_for(bundle: Bundle, course: c.Columns, asked: str | None, day: int | None = None) -> float | None:
    """The effort that is asked for.

    Parameters
    ----------
    bundle : Bundle
        The model's, with the athlete.
    course : Columns, T rows
        From `lib.course.terrain_features.course_columns`: the same mean heart rate is another effort on another course.
    asked : str, optional
        ``"usual"`` or nothing (the day as it comes), one of `EFFORTS`, or a mean heart rate in bpm.
    day : int, optional
        Day of the start, counted as in the athlete's sessions.

    Returns
    -------
    float or None
        See `lib.athlete.prior.Effort`; None stays open.

    Raises
    ------
    InputError
        If it is none of these, or a heart rate beyond what the model can be asked.
    """
    if asked is None or asked in ("", USUAL):
        return None
    if asked in EFFORTS:
        return float(getattr(bundle.prior.effort, asked))
    try:
        heart_rate_bpm = float(asked)
    except ValueError:
        heart_rate_bpm = float("nan")
    low, high = HEART_RATES_BPM
    if not low <= heart_rate_bpm <= high:
        expected = f"{USUAL}, {', '.join(EFFORTS)}, or a mean heart rate from {low:.0f} to {high:.0f} bpm"
        raise InputError(f"the effort {asked!r}", expected, "Use one of these, or leave it open.")
    usual_bpm = reference(bundle.athlete, bundle.prior, course, day).static[c.HEART_RATE_LEVEL]
    effort = float(np.log(heart_rate_bpm / usual_bpm) / bundle.prior.effort.heart_rate_sd)
    if abs(effort) > MAX_EFFORT:
        reach = [usual_bpm * np.exp(sign * MAX_EFFORT * bundle.prior.effort.heart_rate_sd) for sign in (-1, 1)]
        raise InputError(
            f"a mean heart rate of {heart_rate_bpm:.0f} bpm, where {usual_bpm:.0f} is usual",
            f"one from {reach[0]:.0f} to {reach[1]:.0f} bpm",
            "Ask for less of a change.",
        )
    return effort

"""The intended effort of a run, from a name or a mean heart rate to the model's own measure."""

from __future__ import annotations

import math
from typing import Final

from lib.athlete.bundle import Bundle
from lib.athlete.prior import Prior
from lib.athlete.profile import AthleteProfile
from lib.athlete.reference import MAX_EFFORT, reference
from lib.core import schema as c
from lib.core.errors import InputError

USUAL: Final = "usual"
RACE: Final = "race"
EFFORTS: Final = ("easy", "steady", RACE)
HEART_RATES_BPM: Final = (60.0, 220.0)
_ROUNDS: Final = 4


def parse_effort(asked: str | None) -> str | float | None:
    """What an effort says: one of `EFFORTS`, a mean heart rate in bpm, or None for the usual one.

    Raises
    ------
    InputError
        If it is none of these, or a heart rate that nobody runs at.
    """
    if asked is None or asked in ("", USUAL):
        return None
    if asked in EFFORTS:
        return asked
    try:
        heart_rate_bpm = float(asked)
    except ValueError:
        heart_rate_bpm = float("nan")
    low, high = HEART_RATES_BPM
    if not low <= heart_rate_bpm <= high:
        expected = f"{USUAL}, {', '.join(EFFORTS)}, or a mean heart rate from {low:.0f} to {high:.0f} bpm"
        raise InputError(f"the effort {asked[:40]!r}", expected, "Use one of these, or leave it open.", "effort")
    return heart_rate_bpm


def effort_for(bundle: Bundle, course: c.Columns, asked: str | None, day: int | None = None) -> float | None:
    """The effort that is asked for.

    Parameters
    ----------
    bundle : Bundle
        The model's, with the athlete.
    course : Columns, T rows
        From `lib.course.terrain_features.course_columns`: the same mean heart rate is another effort on another course.
    asked : str, optional
        ``"usual"`` or nothing, one of `EFFORTS`, or a mean heart rate in bpm, over time.
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
    said = parse_effort(asked)
    if said is None:
        return None
    if isinstance(said, str):
        return float(getattr(bundle.prior.effort, said))
    heart_rate_bpm = said
    low_bpm, usual_bpm, high_bpm = heart_rates(bundle, course, day)
    if not low_bpm <= heart_rate_bpm <= high_bpm:
        raise InputError(
            f"a mean heart rate of {heart_rate_bpm:.0f} bpm, where {usual_bpm:.0f} is usual",
            f"one from {math.ceil(low_bpm)} to {math.floor(high_bpm)} bpm",
            "Ask for less of a change.",
            "effort",
        )
    return effort_at(bundle.athlete, bundle.prior, course, heart_rate_bpm, day)


def effort_at(
    profile: AthleteProfile, prior: Prior, course: c.Columns, heart_rate_bpm: float, day: int | None = None
) -> float:
    """Find the effort that has a mean heart rate (bpm, over time), or the nearest that can be asked for."""
    effort = 0.0
    for _ in range(_ROUNDS):  # heart rate is nearly exponential in the effort
        mean_bpm = reference(profile, prior, course, day, effort=effort).mean_heart_rate_bpm
        effort += math.log(heart_rate_bpm / mean_bpm) / prior.effort.heart_rate_sd
        effort = min(max(effort, -MAX_EFFORT), MAX_EFFORT)
    return effort


def heart_rates(bundle: Bundle, course: c.Columns, day: int | None = None) -> tuple[float, float, float]:
    """Lowest mean heart rate that can be asked for on a course, the usual one, and the highest (bpm, over time)."""
    low, usual, high = (
        reference(bundle.athlete, bundle.prior, course, day, effort=effort).mean_heart_rate_bpm
        for effort in (-MAX_EFFORT, None, MAX_EFFORT)
    )
    return max(low, HEART_RATES_BPM[0]), usual, min(high, HEART_RATES_BPM[1])


def is_heart_rate(asked: str) -> bool:
    """Whether an effort that can be used is a mean heart rate."""
    return asked not in ("", USUAL, *EFFORTS)

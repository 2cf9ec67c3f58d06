"""What was recorded: samples in order of time, as far as they can be believed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from lib.core.errors import InputError
from lib.core.gpx import number_in
from lib.core.schema import DISTANCE, LATITUDE, LONGITUDE, PAUSED, SAMPLE_COLUMNS, TEMPERATURE, TIME
from lib.recordings.doubt import judge
from lib.recordings.planned import is_planned
from lib.recordings.sports import sport_name

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")


class NoRecordingError(InputError):
    """A sound file that holds no recording: settings, a workout, a planned course, a table of something else."""


@dataclass(frozen=True, eq=False)
class Activity:
    """One recorded activity.

    Parameters
    ----------
    source : str
        Name of the file it came from, with `` #2`` for the second activity of a file, and so on.
    sport : str
        Lower case with underscores; ``running`` for every kind of run, ``""`` where the file does not say.
    start : datetime or None
        Time of the first sample, UTC; None where the device had no clock.
    samples : pandas.DataFrame
        `lib.core.schema.SAMPLE_COLUMNS` (time in s since the first sample, strictly rising; NaN where nothing was
        measured), ``temperature_c`` where known and ``paused_s`` where the timer was stopped, float64.
    device : str or None
        What recorded it, as the file says.
    warnings : tuple of str
        What was left out or put right while reading; never empty where something was.
    """

    source: str
    sport: str
    start: datetime | None
    samples: pd.DataFrame
    device: str | None = None
    warnings: tuple[str, ...] = ()


def build_activity(
    source: str,
    sport: object,
    epoch_s: Sequence[float] | np.ndarray,
    values: Mapping[str, Sequence[object]],
    *,
    device: str | None = None,
    clock: bool = True,
    warnings: Sequence[str] = (),
    parts: Sequence[int] | None = None,
    pauses: Sequence[tuple[float, float]] = (),
) -> Activity:
    """Judge and order what a reader found.

    Parameters
    ----------
    source, sport, device, warnings
        As in `Activity`.
    epoch_s : sequence of float, shape (n,)
        Time of each sample in s since 1970 (or since any instant if not `clock`); NaN where unknown.
    values : mapping of column name to sequence, shape (n,) each
        None or NaN where nothing was measured.
    clock : bool
        Whether `epoch_s` is a calendar time.
    parts, pauses
        As in `lib.recordings.doubt.judge`.

    Returns
    -------
    Activity

    Raises
    ------
    InputError
        Fewer than two samples with a time, a clock that `lib.recordings.doubt.judge` refuses, neither positions nor
        distances, or a planned course with made-up times.
    """
    import pandas as pd  # here: a course is read without

    time = np.asarray(epoch_s, dtype=float)
    known = np.isfinite(time)
    if known.sum() < 2:
        raise (InputError if len(time) == 0 or known.any() else NoRecordingError)(
            f"times at {int(known.sum())} of {len(time)} samples", "a time at two samples or more",
            "A planned route holds no times; export the recorded activity.", source,
        )  # fmt: skip
    numbers = {name: _numbers(column) for name, column in values.items()}
    columns = {name: numbers[name][0] if name in numbers else np.full(time.size, np.nan) for name in SAMPLE_COLUMNS[1:]}
    if TEMPERATURE in numbers:
        columns[TEMPERATURE] = numbers[TEMPERATURE][0]
    judged = judge(time, columns, source, parts, pauses, {name: unread for name, (_, unread) in numbers.items()})
    frame = pd.DataFrame({TIME: judged.time, **judged.columns})
    if not (np.diff(judged.time) > 0).all():
        # Samples of one instant are parts of one (a device writes position and distance apart): last known wins.
        frame = frame.groupby(TIME, sort=True, as_index=False).last()
    positions = int((frame[LATITUDE].notna() & frame[LONGITUDE].notna()).sum())
    if positions < 2 and int(frame[DISTANCE].notna().sum()) < 2:
        raise InputError(
            "neither positions nor distances", "one of them at two samples or more",
            "Heart rate alone makes no session; leave this file out.", source,
        )  # fmt: skip
    at = frame[TIME].to_numpy(float)
    try:
        start = datetime.fromtimestamp(float(at[0]), UTC) if clock else None
    except (OverflowError, ValueError, OSError) as error:
        raise InputError("a start outside the calendar", "a date", "Export the activity again.", source) from error
    if len(frame) < 2:
        raise InputError("samples of one instant only", "two samples or more", "Leave this file out.", source)
    if is_planned(at, {name: frame[name].to_numpy(float) for name in frame.columns}):
        raise planned_course("times that a planner made up", source)
    paused = judged.paused_s(at)
    if paused.any():
        frame[PAUSED] = paused
    frame[TIME] = at - at[0]
    return Activity(source, sport_name(sport), start, frame, device, (*warnings, *judged.said))


def planned_course(found: str, source: str) -> NoRecordingError:
    """What is said of a plan that was given for a run."""
    return NoRecordingError(
        f"a planned course ({found})", "a recorded activity", "Leave it out, or give the recording of the run.", source
    )


def _numbers(column: Sequence[object]) -> tuple[np.ndarray, int]:
    """Numbers and texts of numbers as float, everything else and infinities as NaN; how many were none."""
    nan, unread = float("nan"), 0
    try:
        out = np.array([nan if value is None else value for value in column], dtype=float)
        if out.ndim != 1:
            raise ValueError
    except (ValueError, TypeError, OverflowError):
        out = np.full(len(column), nan)
        for i, value in enumerate(column):
            number = number_in(str(value).strip()) if isinstance(value, int | float | str) else None
            if number is not None:
                out[i] = number
            elif value is not None:
                unread += 1
    endless = np.isinf(out)
    out[endless] = np.nan
    return out, unread + int(endless.sum())


def join_readable(read: Callable[[T], Activity], parts: Iterable[T]) -> list[Activity]:
    """Read every part of a file; those refused are named in the warnings of the first that was read.

    Raises
    ------
    InputError
        That of the first part, if no part can be read.
    """
    activities: list[Activity] = []
    refused: list[InputError] = []
    for part in parts:
        try:
            activities.append(read(part))
        except InputError as error:
            refused.append(error)
    if not activities:
        raise refused[0]
    said = tuple(f"a part left out: {error}" for error in refused)
    return [replace(activities[0], warnings=activities[0].warnings + said), *activities[1:]]


def epoch_s(text: object) -> float:
    """Return the s since 1970 of an ISO time, NaN if it is none; a time without a zone is taken as UTC."""
    try:
        time = datetime.fromisoformat(str(text).strip())
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return float("nan")


def column_of(rows: Sequence[Mapping[str, object]], name: str) -> list[object]:
    """Values of one column of a list of mappings; None where absent."""
    return [row.get(name) for row in rows]

"""What was recorded: samples in order of time, physically possible."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from lib.core.errors import InputError
from lib.core.schema import (
    ALTITUDE,
    CADENCE,
    DISTANCE,
    HEART_RATE,
    LATITUDE,
    LONGITUDE,
    SAMPLE_COLUMNS,
    TEMPERATURE,
    TIME,
)
from lib.core.text import counted_noun

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")

BACKSTEP_MAX_S = 5.0
"""Times may step back by this much (laps that share a point) and are sorted; more is refused."""

ELAPSED_MAX_S = 7 * 86_400.0
"""Longest recording accepted; beyond it a clock was wrong."""

NOT_STATED = frozenset({"", "other", "generic", "unknown", "sport", "all", "none", "uncategorized", "activity"})
"""Words that devices write where a sport should stand."""

# What a sensor can measure; outside it, and at a heart rate of 0, the sensor had no contact.
_PLAUSIBLE: Mapping[str, tuple[float, float]] = {
    DISTANCE: (0.0, 2e6),
    ALTITUDE: (-500.0, 9_000.0),
    HEART_RATE: (25.0, 250.0),
    CADENCE: (0.0, 300.0),
    LATITUDE: (-90.0, 90.0),
    LONGITUDE: (-180.0, 180.0),
    TEMPERATURE: (-60.0, 70.0),
}


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
        measured) and ``temperature_c`` where known, float64.
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


def sport_name(text: object) -> str:
    """Sport as `Activity.sport` has it, e.g. ``"Trail Run"`` → ``"running"``, ``"Other"`` → ``""``."""
    name = re.sub(r"(?<=[a-z])(?=[A-Z])|[^A-Za-z0-9]+", "_", str(text or "")).strip("_").lower()
    if name in NOT_STATED:
        return ""
    if re.search(r"(^|_)(run|running|jog|jogging|trailrunning|trailrun)($|_)", name):
        return "running"
    return "cycling" if name in ("biking", "ride", "bike", "virtual_ride") else name[:60]


def build_activity(
    source: str,
    sport: object,
    epoch_s: Sequence[float] | np.ndarray,
    values: Mapping[str, Sequence[object]],
    *,
    device: str | None = None,
    clock: bool = True,
    warnings: Sequence[str] = (),
) -> Activity:
    """Check and order what a reader found.

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

    Returns
    -------
    Activity

    Raises
    ------
    InputError
        Fewer than two samples with a time, times that run backwards by more than `BACKSTEP_MAX_S`, a recording
        longer than `ELAPSED_MAX_S`, or neither positions nor distances.
    """
    import pandas as pd  # here: a course is read without

    said = list(warnings)
    time = np.asarray(epoch_s, dtype=float)
    frame = pd.DataFrame({name: _numbers(column) for name, column in values.items()}, index=range(len(time)))
    frame = frame.reindex(columns=[*SAMPLE_COLUMNS[1:], *([TEMPERATURE] if TEMPERATURE in frame else [])]).astype(float)
    known = np.isfinite(time)
    if known.sum() < 2:
        raise (InputError if len(time) == 0 or known.any() else NoRecordingError)(
            f"times at {int(known.sum())} of {len(time)} samples", "a time at two samples or more",
            "A planned route holds no times; export the recorded activity.", source,
        )  # fmt: skip
    if not known.all():
        said.append(f"{counted_noun((~known).sum(), 'sample')} without a time left out")
        time, frame = time[known], frame[known]
    back = float(-np.diff(time).min())
    if back > BACKSTEP_MAX_S:
        raise InputError(
            f"times that run backwards by {back:.0f} s", f"times in order (up to {BACKSTEP_MAX_S:.0f} s are sorted)",
            "Export the activity again from where it was recorded.", source,
        )  # fmt: skip
    if back > 0:
        said.append(f"times stepped back by up to {back:.1f} s; samples sorted")
    days = float(time.max() - time.min()) / 86_400
    if days > ELAPSED_MAX_S / 86_400:
        raise InputError(
            f"a recording of {days:.1f} days", f"at most {ELAPSED_MAX_S / 86_400:.0f} days",
            "A wrong clock looks like this; split or correct the file.", source,
        )  # fmt: skip
    for name in frame.columns:
        low, high = _PLAUSIBLE[name]
        bad = frame[name].notna() & ~frame[name].between(low, high)
        told = bad & (frame[name] != 0)
        if told.any():
            said.append(f"{counted_noun(told.sum(), 'value')} of {name} outside {low:g} to {high:g} left out")
        frame.loc[bad, name] = np.nan
    frame.insert(0, TIME, time)
    # Several samples of one instant are parts of one (a device writes position and distance apart): last known wins.
    frame = frame.groupby(TIME, sort=True, as_index=False).last()
    positions = int((frame[LATITUDE].notna() & frame[LONGITUDE].notna()).sum())
    if positions < 2 and int(frame[DISTANCE].notna().sum()) < 2:
        raise InputError(
            "neither positions nor distances", "one of them at two samples or more",
            "Heart rate alone makes no session; leave this file out.", source,
        )  # fmt: skip
    first = float(frame[TIME].iloc[0])
    try:
        start = datetime.fromtimestamp(first, UTC) if clock else None
    except (OverflowError, ValueError, OSError) as error:
        raise InputError("a start outside the calendar", "a date", "Export the activity again.", source) from error
    frame[TIME] -= first
    if len(frame) < 2:
        raise InputError("samples of one instant only", "two samples or more", "Leave this file out.", source)
    return Activity(source, sport_name(sport), start, frame, device, tuple(said))


def _numbers(column: Sequence[object]) -> np.ndarray:
    """Numbers and texts of numbers as float; everything else, and infinities, as NaN."""
    out = np.full(len(column), np.nan)
    for i, value in enumerate(column):
        if isinstance(value, int | float | str):
            try:
                out[i] = float(value)
            except (ValueError, OverflowError):
                continue
    out[np.isinf(out)] = np.nan
    return out


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

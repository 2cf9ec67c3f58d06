"""What is kept of each run, in a few whole numbers, and which runs are forgotten."""

from __future__ import annotations

import base64
from dataclasses import astuple, dataclass, fields
from typing import Annotated, Final

import numpy as np

from lib.core import schema as c
from lib.core.errors import InputError
from lib.core.fields import Length, Range, check_fields

CAPACITY: Final = 200
"""Runs that are kept: their record must fit in a bundle of a few KB."""
RECENT: Final = 150
"""The newest of them are never forgotten while older ones can be."""

_ALIKE: Final = 0.3
"""Runs this far apart in `Kind` (either number) have little to say of each other."""
_MISSING: Final = 0
_KEPT: Final = Length(0, CAPACITY)
_DAY, _KIND = Range(0, 32_000), Range(-10_000, 10_000)
_BPM, _RPM_TENTHS = Range(0, 300), Range(0, 3_000)
_PACE: Final = Range(-2_000, 4_000)
"""From 40 s to 3 h a km on the flat."""
_HUNDREDTHS, _THOUSANDTHS, _TENTHS = 100.0, 1000.0, 10.0
_TWO_BYTES: Final = "<i2"
_LONGEST_TEXT: Final = 100_000


@dataclass(frozen=True)
class Kind:
    """What kind of run a course asks for, each number about 1 apart where runs feel different.

    ``distance`` is the logarithm of the length over 10 km, ``climb`` the square root of climb (m/km) over 10, ``net``
    what the finish lies above the start (m) per km, over 20.
    """

    distance: float
    climb: float
    net: float


def kind_of(course: c.Columns) -> Kind:
    """Kind of a course from `lib.course.terrain_features.course_columns`."""
    altitude, climb_m = np.asarray(course[c.ALTITUDE]), np.asarray(course[c.CLIMB])
    km = altitude.size * c.STEP_M / 1000.0
    return Kind(
        distance=float(np.log(km / 10.0)),
        climb=float(np.sqrt(climb_m[-1] / km / 10.0)),
        net=float((altitude[-1] - altitude[0]) / km / 20.0),
    )


@dataclass(frozen=True)
class Runs:
    """Past runs as numbers, oldest first; every array has shape (N,).

    Day, `Kind`, logarithm of pace on the flat (s per 5 m), mean heart rate (bpm) and cadence (rpm), NaN if unknown.
    """

    day: np.ndarray
    distance: np.ndarray
    climb: np.ndarray
    net: np.ndarray
    log_pace: np.ndarray
    heart_rate_bpm: np.ndarray
    cadence_rpm: np.ndarray


@dataclass(frozen=True)
class Memory:
    """`Runs` in whole numbers: hundredths of `Kind`, thousandths of log pace, bpm, tenths of an rpm (0: unknown)."""

    day: Annotated[tuple[Annotated[int, _DAY], ...], _KEPT] = ()
    distance: Annotated[tuple[Annotated[int, _KIND], ...], _KEPT] = ()
    climb: Annotated[tuple[Annotated[int, _KIND], ...], _KEPT] = ()
    net: Annotated[tuple[Annotated[int, _KIND], ...], _KEPT] = ()
    pace: Annotated[tuple[Annotated[int, _PACE], ...], _KEPT] = ()
    heart_rate: Annotated[tuple[Annotated[int, _BPM], ...], _KEPT] = ()
    cadence: Annotated[tuple[Annotated[int, _RPM_TENTHS], ...], _KEPT] = ()

    def __post_init__(self) -> None:
        check_fields(self)
        lengths = {field.name: len(getattr(self, field.name)) for field in fields(self)}
        if len(set(lengths.values())) > 1:
            raise InputError(f"runs remembered: {lengths}", "the same number of each", "Make it again.")

    def __len__(self) -> int:
        return len(self.day)

    def to_text(self) -> str:
        """All numbers, of two bytes each, column by column, in base 85: 17.5 characters a run."""
        return base64.b85encode(np.array(astuple(self), _TWO_BYTES).tobytes()).decode()

    @classmethod
    def from_text(cls, text: str) -> Memory:
        """The memory that `to_text` wrote.

        Raises
        ------
        InputError
            If it is no such text, or a number is out of its range.
        """
        unreadable = InputError("runs that cannot be read", "runs as they were written", "Make it again.")
        try:
            numbers = np.frombuffer(base64.b85decode(text[:_LONGEST_TEXT]), _TWO_BYTES)
            read = cls(*map(tuple, numbers.reshape(len(fields(cls)), -1).tolist()))
        except ValueError as error:
            raise unreadable from error
        if read.to_text() != text:
            raise unreadable
        return read

    @property
    def runs(self) -> Runs:
        """The numbers that it stands for."""

        def known(values: tuple[int, ...], unit: float) -> np.ndarray:
            array = np.array(values, dtype=np.float64)
            return np.where(array == _MISSING, np.nan, array / unit)

        def scaled(values: tuple[int, ...], unit: float) -> np.ndarray:
            return np.array(values, dtype=np.float64) / unit

        return Runs(
            day=scaled(self.day, 1.0),
            distance=scaled(self.distance, _HUNDREDTHS),
            climb=scaled(self.climb, _HUNDREDTHS),
            net=scaled(self.net, _HUNDREDTHS),
            log_pace=scaled(self.pace, _THOUSANDTHS),
            heart_rate_bpm=known(self.heart_rate, 1.0),
            cadence_rpm=known(self.cadence, _TENTHS),
        )


def forget(memory: Memory) -> Memory:
    """Memory without the run that is missed least: of those not recent, the one with most newer runs of its kind."""
    runs = memory.runs
    older = max(1, len(memory) - RECENT)
    apart = (runs.distance[:older, None] - runs.distance[None]) ** 2 + (runs.climb[:older, None] - runs.climb) ** 2
    newer = np.arange(len(memory))[None] > np.arange(older)[:, None]
    lost = int(np.argmax((np.exp(-0.5 * apart / _ALIKE**2) * newer).sum(axis=1)))
    columns = {f.name: getattr(memory, f.name) for f in fields(Memory)}
    return Memory(**{name: values[:lost] + values[lost + 1 :] for name, values in columns.items()})


def remember(
    memory: Memory, day: int, kind: Kind, log_pace: float, heart_rate_bpm: float | None, cadence_rpm: float | None
) -> Memory:
    """Memory with one more run; one of a kind that newer runs tell more of is forgotten when it is full."""

    def whole(value: float | None, unit: float, limit: Range = _KIND) -> int:
        return _MISSING if value is None else int(np.clip(round(value * unit), limit.low, limit.high))

    added = Memory(
        (whole(day, 1.0, _DAY),),
        (whole(kind.distance, _HUNDREDTHS),),
        (whole(kind.climb, _HUNDREDTHS),),
        (whole(kind.net, _HUNDREDTHS),),
        (whole(log_pace, _THOUSANDTHS, _PACE),),
        (whole(heart_rate_bpm, 1.0, _BPM),),
        (whole(cadence_rpm, _TENTHS, _RPM_TENTHS),),
    )
    before = forget(memory) if len(memory) == CAPACITY else memory
    return Memory(**{f.name: getattr(before, f.name) + getattr(added, f.name) for f in fields(Memory)})

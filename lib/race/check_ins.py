"""Check-ins: when a runner was seen at a station, or left it, on the day of the race."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Final

from lib.core import schema as c
from lib.core.errors import InputError
from lib.core.units import IMPERIAL, METRIC
from lib.course.course import Course
from lib.race.clock import MAX_ELAPSED_S, read_duration
from lib.race.stations import Station, metres_of
from lib.race.stations_csv import cutoff_seconds

CHECKINS: Final = "checkins"
_FINISH: Final = "Finish"
_DAY_S: Final = 86_400.0
_LONGEST_STOP_S: Final = 6 * 3600.0
_TIME: Final = r"(?:[A-Za-z]{3,9}\.?\s+)?\d{1,3}:\d{2}(?::\d{2})?|\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}\S*"
_TO: Final = r"\s*(?:[-\N{EN DASH}\N{EM DASH}]|\bto\b)\s*"
_ENTRY: Final = re.compile(
    rf"(?P<left>left\s+)?(?P<name>.+?)\s+(?P<first>{_TIME})(?:{_TO}(?P<last>{_TIME}))?\s*(?P<sure>!)?", re.I
)
_DISTANCE: Final = re.compile(r"(km|mi|miles?)?\s*(\d+(?:\.\d+)?)\s*(km|mi)?", re.I)
_COLUMNS: Final[Mapping[str, str]] = {
    "name": "name", "station": "name", "checkpoint": "name", "aid_station": "name", "km": "km", "distance_km": "km",
    "in": "in", "arrived": "in", "arrival": "in", "time": "in", "out": "out", "left": "out", "departure": "out",
}  # fmt: skip
_EXPECTED: Final = "a station and a time, such as Courmayeur 02:31, or Courmayeur 02:31 to 02:50"
_EXPECTED_CSV: Final = "a CSV with the columns name or km, in, and out where it is known"


@dataclass(frozen=True)
class CheckIn:
    """When a runner was at a place of the course.

    Parameters
    ----------
    name : str
        The station's.
    distance_m : float
        Distance from the start (m).
    arrived_s, left_s : float, optional
        Race times (s) of arriving and leaving; one of them is known.
    sure : bool
        Whether it is to be taken as it is, however odd.
    """

    name: str
    distance_m: float
    arrived_s: float | None = None
    left_s: float | None = None
    sure: bool = False

    def __post_init__(self) -> None:
        known = [s for s in (self.arrived_s, self.left_s) if s is not None]
        if not known or not all(0 < s <= MAX_ELAPSED_S for s in known) or sorted(known) != known:
            raise InputError(
                f"{self.name} from {self.arrived_s} to {self.left_s} s", "times after the start that rise",
                "Correct it.", CHECKINS,
            )  # fmt: skip

    @property
    def first_s(self) -> float:
        """The earliest race time (s) that is known of it."""
        return self.left_s if self.arrived_s is None else self.arrived_s  # type: ignore[return-value]

    @property
    def last_s(self) -> float:
        """The latest race time (s) that is known of it."""
        return self.arrived_s if self.left_s is None else self.left_s  # type: ignore[return-value]


def check_ins_from_text(
    text: str, course: Course, stations: Sequence[Station], start: datetime | None
) -> tuple[CheckIn, ...]:
    """Read check-ins.

    Parameters
    ----------
    text : str
        ``Courmayeur 02:31, Champex 08:05 to 08:50``: arrival, or arrival and leaving; ``left Courmayeur 02:31`` where
        only that is known. A place is a station's name or a distance (``km 78``). Or the text of a CSV (columns
        ``name`` or ``km``, ``in``, ``out``). Times are those of clocks, each the first after the one before it, with a
        weekday where that is more than a day; without a start they are race times. An exclamation mark after an entry
        says that it is right, however odd.
    course : Course
        What is run.
    stations : sequence of Station
        Places with a name.
    start : datetime, optional
        Of the race, with its zone.

    Returns
    -------
    tuple of CheckIn
        In order along the course.

    Raises
    ------
    InputError
        If it is no such text, a place is unknown, two are of one place, or times do not rise along the course.
    """
    found: list[CheckIn] = []
    for name, arrived, left, sure in _csv_rows(text) if "\n" in text.strip() else _entries(text):
        after_m, after_s = (found[-1].distance_m, found[-1].last_s) if found else (0.0, 0.0)
        place, distance_m = _place(name, course, stations, after_m)
        if found and distance_m <= after_m:
            raise InputError(
                f"{place} after {found[-1].name}, which lies before it", "check-ins in the order of the course",
                "Put them in order.", CHECKINS,
            )  # fmt: skip
        times: list[float | None] = []
        for said in (arrived, left):
            seconds = _seconds(said, start, after_s) if said else None
            if seconds is not None and seconds <= after_s:
                raise InputError(
                    f"{place} {said}, not after the time before it", "times that rise along the course",
                    "Correct it, or add the weekday.", CHECKINS,
                )  # fmt: skip
            after_s = after_s if seconds is None else seconds
            times.append(seconds)
        first_s, last_s = times
        if first_s is not None and last_s is not None and last_s - first_s > _LONGEST_STOP_S:
            raise InputError(
                f"{place} {arrived} to {left}, a stop of {(last_s - first_s) / 3600:.0f} h", "a stop of 6 h at most",
                f"Was it left before it was reached? Write {left} to {arrived}, or give the arrival alone.", CHECKINS,
            )  # fmt: skip
        found.append(CheckIn(place, distance_m, first_s, last_s, sure))
    return tuple(found)


def _entries(text: str) -> list[tuple[str, str, str, bool]]:
    rows = []
    for part in re.split(r"[,;]", text):
        if not part.strip():
            continue
        match = _ENTRY.fullmatch(part.strip())
        if match is None:
            raise InputError(repr(part.strip()[:60]), _EXPECTED, "Write it so.", CHECKINS)
        first, last = match["first"], match["last"] or ""
        if match["left"] and last:
            raise InputError(repr(part.strip()[:60]), _EXPECTED, "Leave out the word left.", CHECKINS)
        times = ("", first) if match["left"] else (first, last)
        rows.append((match["name"], *times, bool(match["sure"])))
    return rows


def _csv_rows(text: str) -> list[tuple[str, str, str, bool]]:
    lines = text.removeprefix("\ufeff").strip()
    head = lines.split("\n", 1)[0]
    try:
        rows = list(csv.reader(io.StringIO(lines), delimiter=max(",;\t", key=head.count), strict=True))
    except csv.Error as error:
        raise InputError(f"no CSV ({error})", _EXPECTED_CSV, "Correct it.", CHECKINS) from error
    names = [_COLUMNS.get(re.sub(r"\W+", "_", cell.strip().lower()), "") for cell in rows[0]]
    if not {"name", "km"} & set(names) or not {"in", "out"} & set(names):
        raise InputError(f"the columns {', '.join(rows[0])[:80]}", _EXPECTED_CSV, "Correct the first line.", CHECKINS)
    out = []
    for row in rows[1:]:
        values = {name: cell.strip() for name, cell in zip(names, row, strict=False) if name}
        arrived, left = values.get("in", ""), values.get("out", "")
        if arrived or left:  # a station that is still ahead has neither
            km = values.get("km", "").replace(",", ".")
            sure = "!" in arrived + left
            out.append((values.get("name") or f"km {km}", arrived.rstrip("! "), left.rstrip("! "), sure))
    return out


def _place(name: str, course: Course, stations: Sequence[Station], after_m: float) -> tuple[str, float]:
    """Name and distance of a place: at the next pass where the course comes there more than once."""
    end_m = course.steps * c.STEP_M
    places = [(s.name, s.distance_m) for s in stations if s.distance_m > 0]
    if not any(s.last_step(course.steps) == course.steps - 1 for s in stations):
        places.append((_FINISH, end_m))
    wanted = name.strip().casefold()
    if wanted == _FINISH.casefold():
        return _FINISH, end_m
    by_distance = _DISTANCE.fullmatch(name.strip())
    exact = [place for place in places if place[0].casefold() == wanted]
    if by_distance is not None and not exact:
        unit = (by_distance[1] or by_distance[3] or METRIC.long).lower()
        kilometre = (METRIC if unit == METRIC.long else IMPERIAL).long_m / 1000.0
        metres = metres_of(repr(float(by_distance[2]) * kilometre), course, CHECKINS)
        near = [place for place in places if abs(place[1] - metres) <= 300.0]
        return min(near, key=lambda place: abs(place[1] - metres), default=(name.strip(), metres))
    matching = exact or [place for place in places if place[0].casefold().startswith(wanted)]
    if not matching or len({place[0] for place in matching}) > 1:
        known = list(dict.fromkeys(place[0] for place in places))
        near_names = get_close_matches(name.strip(), known, n=1, cutoff=0.5)
        remedy = f"Did you mean {near_names[0]}?" if near_names else "Use one of these, or a distance such as km 78."
        raise InputError(f"no station {name.strip()[:60]!r}", ", ".join(known)[:300], remedy, CHECKINS)
    ahead = [place for place in matching if place[1] > after_m]
    return ahead[0] if ahead else matching[-1]


def _seconds(text: str, start: datetime | None, after_s: float) -> float:
    """Race time (s) of a time: the first after another, where it names no day."""
    if start is None:
        seconds = read_duration(text)
        if seconds is None:
            raise InputError(repr(text[:40]), "a race time, h:mm, as no start is known", "Correct it.", CHECKINS)
        return seconds
    seconds = cutoff_seconds(re.sub(r"(\d{1,2}:\d{2}):\d{2}\Z", r"\1", text.replace(".", "")), start, CHECKINS)
    if re.fullmatch(r"\d{1,2}:\d{2}(?::\d{2})?", text.strip()):
        while seconds <= after_s:
            seconds += _DAY_S
    return seconds

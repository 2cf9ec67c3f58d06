"""Race results as people write them: a line of text each, or a CSV."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

import numpy as np

from lib.athlete.results_level import Result
from lib.core.durations import h_mm, h_mm_ss
from lib.core.errors import InputError
from lib.core.text import one_line
from lib.core.units import METRIC, Units
from lib.race.clock import read_duration

RESULTS: Final = "results"
MAX_STATED: Final = 200
_KM_PER_MILE: Final = 1.609344
_M_PER_FOOT: Final = 0.3048
_KM: Final = (3.0, 700.0)
_MAX_CLIMB_M: Final = 45_000.0
_MAX_CLIMB_PER_KM: Final = 550.0
_EARLIEST: Final = 1970
_EFFORT_KM: Final = (3.0, 12.0, 30.0, 53.0, 100.0, 160.0, 270.0, 330.0, 1000.0)
_FASTEST: Final = (2.0, 2.0, 2.35, 2.45, 2.95, 3.3, 3.8, 4.0, 4.6)
"""Minutes for each effort-kilometre (km + climb / 100 m) that no human runs: a tenth below the records of road and
mountain races of each size."""
_SLOWEST: Final = 30.0
_NEAR_EFFORT: Final = 1.3
_NUMBER: Final = r"\d[\d.,'\u2019\u202f\xa0 ]*"
_DISTANCE: Final = re.compile(rf"({_NUMBER}?)\s*(km|kms|k|mi|miles?)", re.IGNORECASE)
_CLIMB: Final = re.compile(rf"\+?({_NUMBER}?)\s*(m|ft|feet)\s*(?:d\+|\+|up|of climb|climb)?", re.IGNORECASE)
_RANK: Final = re.compile(r"(\d{1,5})(?:st|nd|rd|th)?\s*(?:/|of)\s*(\d{1,5})", re.IGNORECASE)
_HOURS: Final = re.compile(
    r"(?:(\d{1,3})\s*h)\s*(?:(\d{1,2})\s*(?:m|min|')?\s*(?:(\d{1,2})\s*(?:s|''|\")?)?)?", re.IGNORECASE
)
_MINUTES: Final = re.compile(r"(\d{1,4})\s*(?:min|')\s*(?:(\d{1,2})\s*(?:s|''|\")?)?", re.IGNORECASE)
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_LINE: Final = "a distance, a climb, a race time and a date, such as 50 km, 2300 m, 6:41, 2026-06-14"
_TABLE: Final = "a CSV with the columns date (or year), km, climb and time; optionally race, rank and finishers"
_HEADS: Final[Mapping[str, tuple[str, str]]] = {
    "date": ("date", ""), "year": ("date", ""), "km": ("distance", "km"), "distance": ("distance", "km"),
    "distance_km": ("distance", "km"), "mi": ("distance", "mi"), "miles": ("distance", "mi"),
    "distance_mi": ("distance", "mi"), "climb": ("climb", "m"), "climb_m": ("climb", "m"), "gain": ("climb", "m"),
    "gain_m": ("climb", "m"), "ascent": ("climb", "m"), "d+": ("climb", "m"), "climb_ft": ("climb", "ft"),
    "gain_ft": ("climb", "ft"), "time": ("time", ""), "race": ("race", ""), "name": ("race", ""),
    "race_name": ("race", ""), "effort_km": ("effort", ""),
    "rank": ("rank", ""), "place": ("rank", ""), "finishers": ("finishers", ""),
}  # fmt: skip
"""Heads of columns, what they hold, and the unit of numbers that have none."""


def result_text(result: Result, units: Units = METRIC) -> str:
    """A result in words: ``"6:41 for 50 km and 2,300 m, June 2026"``."""
    r, year = result, int(result.year)
    time = h_mm(r.time_s) if r.time_s % 60 == 0 else h_mm_ss(r.time_s)
    race = f" at {one_line(r.race, 60)}" if r.race else ""
    rank = f", {r.rank:,} of {r.finishers:,}" if r.rank and r.finishers else ""
    # The middle of a year stands for a year of which no more is known.
    day = date(year, 1, 1) + timedelta(days=round((r.year - year) * 365.25))
    when = str(year) if r.year == year + 0.5 else f"{_MONTHS[day.month - 1]} {day.year}"
    far, high = f"{1000.0 * r.km / units.long_m:.4g} {units.long}", f"{r.climb_m / units.high_m:,.0f} {units.high}"
    return f"{time} for {far} and {high}{race}{rank}, {when}"


def year_of(day: date) -> float:
    """A day as a year with decimals, of which as many as tell days apart."""
    return round(day.year + (day.timetuple().tm_yday - 1) / 365.25, 4)


def results_from_text(text: str, today: date | None = None, source: str = RESULTS) -> tuple[Result, ...]:
    """Read race results.

    Parameters
    ----------
    text : str
        Results divided by ``;`` or lines, each of fields divided by commas, in any order: distance, climb and race
        time with their units, date or year, and optionally the race's name and the rank (``12/300``). Or a CSV.
    today : date, optional
        Later dates are refused; by default the date of today.
    source : str
        For errors.

    Raises
    ------
    InputError
        With the result: a field is missing, given twice or cannot be, and what was expected.
    """
    now = today or datetime.now(UTC).date()
    lines = text.removeprefix("\ufeff").strip()
    head = {cell.strip().strip('"').lower() for cell in re.split(r"[,;\t]", lines.split("\n", 1)[0])}
    if {"time"} < head and head & set(_HEADS) > {"time"}:
        return _from_csv(lines, now, source)
    stated = [part.strip() for part in re.split(r"[;\n]", lines) if part.strip()]
    if not 1 <= len(stated) <= MAX_STATED:
        raise InputError(f"{len(stated)} results", f"1 to {MAX_STATED}", f"Write {_LINE}.", source)
    return tuple(_result(_fields(part, source), now, f"{source}: {part[:60]}") for part in stated)


def _fields(part: str, source: str) -> dict[str, str]:
    """Fields of a result in a line, by what they are."""
    found: dict[str, str] = {}
    for field in re.split(r"(?<!\d),|,(?!\d)|(?<=[:-]\d\d),", part):  # others belong to numbers
        cell = field.strip()
        if not cell:
            continue
        kind = _kind(cell)
        if kind in found:
            expected = "one name of a race" if kind == "race" else f"one {kind}"
            raise InputError(f"{found[kind][:40]!r} and {cell[:40]!r}", expected, f"Write {_LINE}.", source)
        found[kind] = cell
    if rank := _RANK.fullmatch(found.get("rank", "")):
        found |= {"rank": rank[1], "finishers": rank[2]}
    return found


def _kind(cell: str) -> str:
    if _RANK.fullmatch(cell):
        return "rank"
    if _seconds(cell) is not None:
        return "time"
    if _DISTANCE.fullmatch(cell):
        return "distance"
    if _CLIMB.fullmatch(cell):
        return "climb"
    # What begins like a date or is a bare number is taken for a date, so that its mistake is named.
    return "date" if _date(cell) or re.fullmatch(r"[\d./-]+", cell) else "race"


def _from_csv(text: str, today: date, source: str) -> tuple[Result, ...]:
    head = text.split("\n", 1)[0]
    divider = next((mark for mark in ";\t" if mark in head), ",")
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=divider, strict=True))
    except csv.Error as error:
        raise InputError(f"no CSV ({error})", _TABLE, "Correct it.", source) from error
    columns = [_HEADS.get(name.strip().lower()) for name in rows[0]]
    kinds = [column[0] for column in columns if column]
    if lacking := [kind for kind in ("date", "distance", "climb", "time") if kinds.count(kind) != 1]:
        raise InputError(f"not one column for {' and '.join(lacking)}", _TABLE, "Add or leave out columns.", source)
    if not 2 <= len(rows) <= MAX_STATED + 1:
        raise InputError(f"{len(rows) - 1} results", f"1 to {MAX_STATED}", "Correct the table.", source)
    found = []
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        said = {}
        for column, cell in zip(columns, row, strict=False):
            if column and cell.strip():
                bare = re.fullmatch(_NUMBER, cell.strip()) and column[1]
                said[column[0]] = f"{cell.strip()} {column[1]}" if bare else cell.strip()
        found.append(_result(said, today, f"{source}, line {number}"))
    return tuple(found)


def _result(said: Mapping[str, str], today: date, where: str) -> Result:
    """A result from its fields."""
    names = {"distance": "distance (50 km)", "climb": "climb (2300 m)", "time": "race time (6:41)",
             "date": "date (2026-06-14) or year"}  # fmt: skip
    if lacking := [name for kind, name in names.items() if kind not in said]:
        raise InputError(f"no {' and no '.join(lacking)}", _LINE, "Add it, each with its unit.", where)
    km, climb_m = _size(said, where)
    time_s = _seconds(said["time"])
    if time_s is None:
        raise InputError(f"{said['time'][:40]!r}", "a race time such as 6:41, 6:41:05 or 6h41", "Write it so.", where)
    _check_time(time_s, km, climb_m, where)
    year = _year(said["date"], today, where)
    rank, finishers = (_count(said.get(name), name, where) for name in ("rank", "finishers"))
    if rank and finishers and rank > finishers:
        raise InputError(f"rank {rank} of {finishers} finishers", "a rank among them", "Correct it.", where)
    race = one_line(said.get("race"), 120) or None
    effort_km = _effort_km(said.get("effort"), km, climb_m, where)
    return Result(year, km, climb_m, race, effort_km, time_s=time_s, rank=rank, finishers=finishers)


def _size(said: Mapping[str, str], where: str) -> tuple[float, float]:
    """Distance (km) and climb (m)."""
    distance, climb = _DISTANCE.fullmatch(said["distance"]), _CLIMB.fullmatch(said["climb"])
    if distance is None:
        raise InputError(f"{said['distance'][:40]!r}", "a distance such as 50 km or 31 mi", "Write it so.", where)
    if climb is None:
        raise InputError(f"{said['climb'][:40]!r}", "a climb such as 2300 m or 7500 ft", "Write it so.", where)
    km = _number(distance[1]) * (_KM_PER_MILE if distance[2].lower().startswith("mi") else 1.0)
    climb_m = _number(climb[1], thousands=True) * (1.0 if climb[2].lower() == "m" else _M_PER_FOOT)
    if km > _KM[1] and _KM[0] <= climb_m <= _KM[1]:
        found = f"{km:,.0f} km with a climb of {climb_m:,.0f} m"
        raise InputError(found, "the distance in km and the climb in m", "They look swapped: write them so.", where)
    if not _KM[0] <= km <= _KM[1]:
        expected = f"a race of {_KM[0]:g} to {_KM[1]:g} km"
        raise InputError(f"a distance of {km:,.4g} km", expected, "Correct it or leave it out.", where)
    if not climb_m <= min(_MAX_CLIMB_M, _MAX_CLIMB_PER_KM * km):
        expected = f"at most {min(_MAX_CLIMB_M, _MAX_CLIMB_PER_KM * km):,.0f} m: no race climbs more"
        raise InputError(f"a climb of {climb_m:,.0f} m in {km:.4g} km", expected, "Check km, climb and units.", where)
    return km, climb_m


def _effort_km(text: str | None, km: float, climb_m: float, where: str) -> float | None:
    """Effort-kilometres by the course itself, near those by km and climb."""
    if text is None:
        return None
    usual, found = km + climb_m / 100.0, _number(text)
    if not usual / _NEAR_EFFORT <= found <= usual * _NEAR_EFFORT:
        expected = (
            f"{usual / _NEAR_EFFORT:.0f} to {usual * _NEAR_EFFORT:.0f} effort-km for {km:.4g} km and {climb_m:,.0f} m"
        )
        raise InputError(f"{text[:40]} effort-km", expected, "Check km, climb and the course file.", where)
    return found


def _number(text: str, thousands: bool = False) -> float:
    """A number with a decimal point or comma; NaN if it is none. Groups of three digits may be thousands."""
    plain = re.sub(r"['\u2019\u202f\xa0 ]", "", text)
    if thousands and re.fullmatch(r"\d{1,3}([.,]\d{3})+", plain):
        return float(re.sub("[.,]", "", plain))
    try:
        return float(plain.replace(",", "."))
    except ValueError:
        return math.nan


def _seconds(text: str) -> float | None:
    """Race time (s): ``6:41``, ``6:41:05``, ``6h41``, ``401 min``; None if it is none."""
    cell = text.strip()
    if (seconds := read_duration(cell)) is not None:
        return seconds
    if found := _HOURS.fullmatch(cell):
        hours, minutes, rest = (int(part or 0) for part in found.groups())
    elif found := _MINUTES.fullmatch(cell):
        hours, (minutes, rest) = 0, (int(part or 0) for part in found.groups())
        return 60.0 * minutes + rest if rest < 60 else None
    else:
        return None
    return 3600.0 * hours + 60.0 * minutes + rest if minutes < 60 and rest < 60 else None


def _check_time(time_s: float, km: float, climb_m: float, where: str) -> None:
    """Refuse times that nobody has run, and those of no race."""
    effort_km = km + climb_m / 100.0
    least_s = 60.0 * effort_km * float(np.interp(math.log(effort_km), np.log(_EFFORT_KM), _FASTEST))
    most_s = 60.0 * effort_km * _SLOWEST
    found = f"{h_mm_ss(time_s)} (h:mm:ss) for {km:.4g} km and {climb_m:,.0f} m"
    if time_s < least_s:
        expected = f"{h_mm(60.0 * math.ceil(least_s / 60.0))} or more: no human is known to be faster"
        raise InputError(found, expected, "Check the time, its units and the distance.", where)
    if time_s > most_s:
        expected = f"a race time, at most {h_mm(most_s)}"
        raise InputError(found, expected, "Write minutes and seconds as 0:41:30; leave out what was no race.", where)


def _date(text: str) -> tuple[float, date] | None:
    """A date or year: as a year with decimals, and its first day."""
    cell = text.strip()
    try:
        if re.fullmatch(r"\d{4}", cell):
            return int(cell) + 0.5, date(int(cell), 1, 1)
        if found := re.fullmatch(r"(\d{4})-(\d{1,2})", cell):
            day, middle = date(int(found[1]), int(found[2]), 1), 15
        elif found := re.fullmatch(r"([A-Za-z]{3,9})\.? (\d{4})", cell):
            month = next(i for i, name in enumerate(_MONTHS, 1) if name.lower().startswith(found[1].lower()))
            day, middle = date(int(found[2]), month, 1), 15
        else:
            day = date.fromisoformat(cell)
            middle = day.day
    except (ValueError, StopIteration):
        return None
    return year_of(day.replace(day=middle)), day


def _year(text: str, today: date, where: str) -> float:
    """When a result was run, as a year with decimals."""
    found = _date(text)
    if found is None:
        raise InputError(f"{text[:40]!r}", "a date such as 2026-06-14, June 2026 or 2026", "Write it so.", where)
    year, first = found
    if first > today:
        raise InputError(f"the date {text[:40]}", f"one until today, {today}", "A result is of the past.", where)
    if first.year < _EARLIEST:
        raise InputError(f"the year {first.year}", f"{_EARLIEST} or later", "Correct it.", where)
    # Of a month or year that is not over, the middle may lie ahead.
    return min(year, year_of(today))


def _count(text: str | None, name: str, where: str) -> int | None:
    if text is None:
        return None
    if not re.fullmatch(r"\d{1,6}", text) or int(text) == 0:
        raise InputError(f"{name} {text[:40]!r}", "a whole number, 1 or more", "Correct it.", where)
    return int(text)

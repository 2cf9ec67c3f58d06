"""Aid stations from a CSV, with cut-offs as organisers tell them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from typing import Final

from lib.athlete.pacing_law import GROUNDS
from lib.core.errors import InputError
from lib.core.text import one_line, without_accents
from lib.course.course import Course
from lib.race.clock import MAX_ELAPSED_S, read_duration
from lib.race.stations import (
    Station,
    few_enough,
    metres_of,
    number_of,
    place_name,
    stations_from_waypoints,
    tidy_name,
    usual_stop,
)

MAX_CSV_BYTES: Final = 100_000
COLUMNS: Final = (
    "name", "km", "stop_min", "cutoff", "cutoff_after", "ground", "drive_min", "water", "crew", "dropbag",
    "note",
)  # fmt: skip
"""Columns that a CSV may have."""
_EXPECTED: Final = f"a CSV with the columns {', '.join(COLUMNS)} (name or km, the others as needed)"
_PASSED_OVER: Final = "(passed over)"
_ALIASES: Final[Mapping[str, str]] = {
    alias: name
    for name, aliases in {
        "name": "station aid_station aidstation checkpoint location ort nom nombre nome ravitaillement verpflegung",
        "km": "distance distance_km dist dist_km kms kilometer kilometers kilometre kilometres distanz entfernung "
        "strecke distancia distanza",
        "mile": "miles mi distance_mi distance_mile distance_miles dist_mi",
        "stop_min": "stop stop_minutes stop_mins minutes pause pause_min",
        "cutoff": "cut_off cutoff_time cut_off_time time_limit limit zeitlimit cierre barriere_horaire",
        "time": "uhrzeit zeit heure hora ora",
        "drive_min": "drive drive_minutes driving driving_min fahrzeit",
        "note": "notes bring",
        "dropbag": "drop_bag dropbags drop_bags bag bags",
        _PASSED_OVER: "remark remarks comment comments bemerkung description info elevation altitude ele lat lon "
        "latitude longitude services",
    }.items()
    for alias in aliases.split()
}
"""What spreadsheets call the columns, words joined by a low line; a unit in brackets counts as a word."""
_YES: Final = ("yes", "y", "x", "1", "true", "ja", "oui", "si", "sí")
_NO: Final = ("no", "n", "0", "-", "false", "nein", "non")
_SPARE: Final = {"mile": "km", "time": "cutoff"}
"""A column that says what another says as well."""
_MAX_NOTE: Final = 200
_MILE_KM: Final = 1.609344
_CLOCK: Final = re.compile(r"(?:([A-Za-z]{3,9})\s+)?(\d{1,2}):(\d{2})")
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_EXPECTED_CUTOFF: Final = "a time such as 14:30, Sun 04:00 or 2026-06-21T04:00"
_LATER: Final = "a time after the start, within 60 days"
_FAR: Final = timedelta(days=62)


def stations_from_csv(
    text: str, course: Course, start: datetime | None = None, stop_s: float | None = None, source: str = "stations"
) -> tuple[Station, ...]:
    """Read stations from a CSV.

    Parameters
    ----------
    text : str
        With a line of names: ``name`` (as runners call it), ``km`` (from the start; without it the place of the
        waypoint of that name, at every pass), ``stop_min`` (minutes), ``cutoff`` (`cutoff_seconds`) or
        ``cutoff_after`` (race time, h:mm), ``ground`` of the leg that ends there (`GROUNDS`). Also by usual names:
        ``distance`` (km), ``mile``, ``time`` (a cut-off; of race time if there is no start). For the crew
        ``drive_min`` (minutes of driving there) and ``note`` (what to bring). Yes or no: ``water``, ``crew``,
        ``dropbag``, for what is taken on there.
        Commas, semicolons or tabs divide; where commas do not, they are decimal.
    course : Course
        On which they lie.
    start : datetime, optional
        With its zone, for cut-offs on the clock.
    stop_s : float
        Planned stop where none is given (s), but for the start and the finish.
    source : str
        For errors.

    Returns
    -------
    tuple of Station
        In order along the course.

    Raises
    ------
    InputError
        With the line: an unknown column or waypoint, a value that is no number or time, a place beyond the finish.
    """
    if len(text) > MAX_CSV_BYTES:
        raise InputError(f"{len(text)} characters", f"{MAX_CSV_BYTES} at most", "Leave some out.", source)
    lines = re.sub(r"\A\s*sep=.\r?\n", "", text.removeprefix("\ufeff")).rstrip()  # spreadsheets say what divides
    head = lines.lstrip().split("\n", 1)[0]
    divider = max(",;\t", key=head.count)
    try:
        reader = csv.reader(io.StringIO(lines), delimiter=divider, strict=True)
        rows = [(row, reader.line_num) for row in reader]
    except csv.Error as error:
        raise InputError(f"no CSV ({error})", _EXPECTED, "Correct it.", source) from error
    rows = [(row, number) for row, number in rows if any(cell.strip() for cell in row)]
    names = [_column(name) for name in rows[0][0]] if rows else []
    names = [_PASSED_OVER if _SPARE.get(name) in names else name for name in names]
    told = [name for name in names if name != _PASSED_OVER]
    unknown = [name for name in told if name not in (*COLUMNS, *_SPARE)]
    if unknown or not {"name", "km", "mile"} & set(told) or len(set(told)) < len(told):
        found = f"the column {unknown[0][:40]!r}" if unknown else f"the columns {', '.join(names)[:80] or 'of nothing'}"
        raise InputError(found, _EXPECTED, "Correct the first line.", source)
    few_enough(len(rows) - 1, "rows", "Leave some out.", source)

    @cache
    def waypoints() -> Sequence[Station]:
        """They are looked for along the whole course: only if a row asks for one."""
        return stations_from_waypoints(course)[0]

    found_stations: list[Station] = []
    for row, number in rows[1:]:
        where = f"{source}, line {number}"
        if len(row) > len(names):
            raise InputError(f"{len(row)} values", f"{len(names)}, as in the first line", "Correct it.", where)
        values = {name: cell.strip() for name, cell in zip(names, row, strict=False) if cell.strip()}
        for name in ("cutoff", "time"):  # spreadsheets add seconds
            if name in values:
                values[name] = re.sub(r"(\d{1,2}:\d{2}):00\Z", r"\1", values[name])
        if divider != ",":  # then a comma is decimal
            values |= {
                name: values[name].replace(",", ".")
                for name in ("km", "mile", "stop_min", "drive_min")
                if name in values
            }
        try:
            found_stations += _stations_of_row(values, waypoints, course, start, stop_s, where)
        except InputError as error:
            if error.source == where:
                raise
            raise InputError(error.found, error.expected, error.remedy, where) from error
    few_enough(len(found_stations), "stations", "Leave some out.", source)
    return tuple(sorted(found_stations, key=lambda station: station.distance_m))


def _column(name: str) -> str:
    """What a column is called here; an unknown name as it stands."""
    plain = name.strip().lower()
    words = re.sub(r"[\s_.()\[\]/-]+", "_", without_accents(plain).encode("ascii", "ignore").decode())
    words = words.strip("_")
    return words if words in (*COLUMNS, *_SPARE) else _ALIASES.get(words, plain)


def _mark(text: str | None, name: str, where: str) -> bool | None:
    """Read yes or no; None where nothing is said."""
    if text is None:
        return None
    if text.casefold() not in (*_YES, *_NO):
        raise InputError(f"{name} {text[:40]!r}", "yes or no", "Correct it, or leave it empty.", where)
    return text.casefold() in _YES


def _stations_of_row(
    values: Mapping[str, str],
    waypoints: Callable[[], Sequence[Station]],
    course: Course,
    start: datetime | None,
    stop_s: float | None,
    where: str,
) -> list[Station]:
    if "cutoff" in values and "cutoff_after" in values:
        raise InputError("cutoff and cutoff_after", "one of the two", "Leave one empty.", where)
    cutoff_s = None
    if "cutoff" in values:
        cutoff_s = cutoff_seconds(values["cutoff"], start, where)
    elif "cutoff_after" in values:
        cutoff_s = after_seconds(values["cutoff_after"], where)
    elif "time" in values:  # of day, or, where no start is known, of the race
        cutoff_s = cutoff_seconds(values["time"], start, where) if start else after_seconds(values["time"], where)
    planned_s = 60.0 * number_of(values["stop_min"], "minutes", where) if "stop_min" in values else None

    ground = values.get("ground", "").lower()
    if ground not in GROUNDS:
        raise InputError(f"the ground {ground[:40]!r}", ", ".join(GROUNDS[1:]), "Use one of these words.", where)

    drive_s = 60.0 * number_of(values["drive_min"], "minutes", where) if "drive_min" in values else None
    note = one_line(values.get("note", ""), _MAX_NOTE)
    marks = {name: _mark(values.get(name), name, where) for name in ("water", "crew", "dropbag")}

    def station(name: str, metres: float) -> Station:
        stop = usual_stop(metres, course, stop_s) if planned_s is None else {"stop_s": planned_s}
        return Station(name, metres, **stop, cutoff_s=cutoff_s, ground=ground, drive_s=drive_s, note=note, **marks)

    km = values.get("km")
    if km is None and "mile" in values:
        km = repr(_MILE_KM * number_of(values["mile"], "a distance in miles", where))
    if km is not None:
        metres = metres_of(km, course, where)
        return [station(tidy_name(values.get("name", ""), place_name(metres)), metres)]
    name = tidy_name(values.get("name", ""), "")
    passed = [known.distance_m for known in waypoints() if known.name.casefold() == name.casefold()]
    if not passed:
        names = ", ".join(dict.fromkeys(known.name for known in waypoints())) or "none"
        raise InputError(
            f"no km, and no waypoint {name!r} on the course",
            f"one of its waypoints: {names[:300]}",
            "Add its km.",
            where,
        )
    return [station(name, metres) for metres in passed]


def _refused(text: str, expected: str, remedy: str, source: str) -> InputError:
    return InputError(f"the cut-off {text[:40]!r}", expected, remedy, source)


def _shown_at(clock: datetime, zone: tzinfo) -> list[float]:
    """When clocks in a zone show a date and time, as seconds since 1970-01-01 UTC: once, never, or twice."""
    both = (clock.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    # A time that clocks skip comes back as another one.
    return sorted({x.timestamp() for x in both if x.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == clock})


def cutoff_seconds(text: str, start: datetime | None, source: str) -> float:
    """Read a cut-off on the clock: race time (s) at which it is.

    Parameters
    ----------
    text : str
        ``14:30``, the first after the start; ``Sun 04:00``, the first on that weekday; or a date and time, ISO 8601,
        in the zone of the start where it has no offset.
    start : datetime, optional
        With its zone; a cut-off on the clock says nothing without it.
    source : str
        For errors.

    Raises
    ------
    InputError
        If it is none of these, not after the start, skipped by clocks, or a date with a time that they show twice.
    """
    if start is None:
        raise InputError(
            f"the cut-off {text[:40]!r} without a start",
            "a start",
            "Say when the run starts, or use cutoff_after.",
            source,
        )
    assert start.tzinfo is not None
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        return _dated(text, start, start.tzinfo, source)
    weekday, hours, minutes = (found[1] or "").lower(), int(found[2]), int(found[3])
    days = [i for i, name in enumerate(_DAYS) if name.startswith(weekday)]
    whole_day = hours == 24 and minutes == 0  # midnight at the end of a day
    if (hours > 23 and not whole_day) or minutes > 59 or not days:
        raise _refused(text, _EXPECTED_CUTOFF, "Write it so.", source)
    begin = start.replace(tzinfo=None, fold=0)
    for ahead in range(9):
        day = begin.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=ahead)
        clock = day + timedelta(hours=hours, minutes=minutes)
        if day.weekday() in days:
            times = _shown_at(clock, start.tzinfo)
            if not times and clock > begin:
                raise _refused(text, f"a time that clocks show on {clock:%Y-%m-%d}", "Give another.", source)
            after = [time - start.timestamp() for time in times if time > start.timestamp()]
            if after:
                return after[0]
    raise AssertionError("every weekday comes within nine days")


def _dated(text: str, start: datetime, zone: tzinfo, source: str) -> float:
    try:
        at = re.sub(r"([T ])24:00\b", r"\g<1>00:00", text.strip())
        when = datetime.fromisoformat(at) if ":" in text else None  # a date alone would be midnight
        when = when + timedelta(days=1) if when and at != text.strip() else when
    except (ValueError, OverflowError):
        when = None
    if when is None:
        raise _refused(text, _EXPECTED_CUTOFF, "Write it so.", source)
    if when.tzinfo is None and abs(when - start.replace(tzinfo=None, fold=0)) > _FAR:
        raise _refused(text, _LATER, "Correct it.", source)
    times = _shown_at(when, zone) if when.tzinfo is None else [when.timestamp()]
    if len(times) != 1:
        which = "a time that clocks show" if not times else "one of the two times at which clocks show it"
        raise _refused(text, which, "Give it with its offset (+02:00).", source)
    seconds = times[0] - start.timestamp()
    if not 0 < seconds <= MAX_ELAPSED_S:
        raise _refused(text, _LATER, "Correct it.", source)
    return seconds


def after_seconds(text: str, source: str) -> float:
    """Read a cut-off after the start, ``h:mm`` or ``h:mm:ss``, as race time (s)."""
    seconds = read_duration(text)
    if seconds is None:
        raise InputError(f"the cut-off {text[:40]!r} after the start", "h:mm or h:mm:ss", "Write it so.", source)
    return seconds

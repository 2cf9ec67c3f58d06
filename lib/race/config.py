"""What is intended of a race, read from text: start, stations, effort or goal, heat.

A notebook, the commands and the API all make their `RaceConfig` by `race_config`, so each takes the same words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from lib.athlete.effort import USUAL
from lib.athlete.pacing_law import Strategy
from lib.athlete.results_level import Result
from lib.core.errors import InputError, NoSuchFileError
from lib.core.units import IMPERIAL, METRIC, Units, units_of
from lib.course.course import Course
from lib.course.heat_altitude import Conditions
from lib.race.check_ins import CHECKINS, CheckIn, check_ins_from_text
from lib.race.clock import parse_start, read_duration
from lib.race.edition import Edition
from lib.race.edition_csv import MAX_EDITION_BYTES, edition_from_csv, with_km
from lib.race.edition_tables import splits_of_tables
from lib.race.options import HABIT, NETWORK, REFERENCE
from lib.race.results_courses import with_courses
from lib.race.results_text import results_from_text
from lib.race.stations import Station, on_each_lap, stations_at, stations_from_waypoints
from lib.race.stations_csv import MAX_CSV_BYTES, stations_from_csv
from lib.race.words import race_words

_GOAL_S: Final = (60.0, 10 * 86_400.0)
_MAX_STANDING_S: Final = 2 * 86_400.0
_PACINGS: Final = {USUAL: 1.0, "even": 0.0}


@dataclass(frozen=True)
class RaceConfig:
    """What is intended of a race.

    Parameters
    ----------
    start : datetime, optional
        With its zone. Without it there are no clocks, no night, and no cut-offs on the clock.
    stations : tuple of Station
        In order along the course: names, planned stops, cut-offs.
    effort : str
        ``"usual"``, ``"easy"``, ``"steady"``, ``"race"``, or a mean heart rate in bpm.
    goal_s : float, optional
        Goal time (s of race time); the effort then follows from it.
    standing_s : float, optional
        Other stops (s), besides planned ones; by default what the athlete's habits say.
    conditions : Conditions
        Heat and altitude; by default nothing is adjusted.
    strategy : Strategy
        How the effort is spread: share of the usual fading, and a slower start.
    night : bool
        Whether the dark makes slower.
    editions : tuple of Edition
        Splits of earlier years of the race, which correct the pacing law.
    results : tuple of Result
        Race results; they set the level of a race.
    race : str, optional
        What the coming race is called, to find its rating.
    check_ins : tuple of CheckIn
        When the runner was seen on the way, on the day itself.
    carbs_g_h, water_ml_h : float, optional
        Carbohydrate (g) and water (ml) an hour of race time.
    day : int, optional
        Day of the start, counted as in the athlete's sessions; by default the usual gap after the last run.
    model : str
        ``"network"``, or ``"reference"`` for the reference alone.
    notes : tuple of str
        What was left out or looks odd in what was said.
    units : Units
        In which distances, heights and paces are shown.
    """

    start: datetime | None = None
    stations: tuple[Station, ...] = ()
    effort: str = USUAL
    goal_s: float | None = None
    standing_s: float | None = None
    conditions: Conditions = field(default_factory=Conditions)
    strategy: Strategy = field(default_factory=Strategy)
    night: bool = True
    editions: tuple[Edition, ...] = ()
    results: tuple[Result, ...] = ()
    race: str | None = None
    check_ins: tuple[CheckIn, ...] = ()
    carbs_g_h: float | None = None
    water_ml_h: float | None = None
    day: int | None = None
    model: str = NETWORK
    notes: tuple[str, ...] = ()
    units: Units = METRIC

    def __post_init__(self) -> None:
        if self.start is not None and self.start.tzinfo is None:
            raise InputError(f"the start {self.start} without a zone", "one with its zone", "Add it.", "start")
        if self.goal_s is not None and self.effort != USUAL:
            raise InputError(
                f"a goal time and the effort {self.effort!r}",
                "one of the two",
                "Leave one open: each follows from the other.",
                "goal",
            )
        if self.goal_s is not None and not _GOAL_S[0] <= self.goal_s <= _GOAL_S[1]:
            raise InputError(f"a goal of {self.goal_s:g} s", "1 minute to 10 days", "Correct it.", "goal")
        if self.standing_s is not None and not 0 <= self.standing_s <= _MAX_STANDING_S:
            raise InputError(f"{self.standing_s:g} s of standing", "0 to 2 days", "Correct it.", "other_stops")
        if self.model not in (NETWORK, REFERENCE):
            raise InputError(
                f"the model {self.model[:40]!r}", f"{NETWORK} or {REFERENCE}", "Use one of these.", "model"
            )
        metres = [station.distance_m for station in self.stations]
        if metres != sorted(metres):
            raise InputError("stations out of order", "stations in order of their distance", "Sort them.", "stations")


def parse_duration(text: str, source: str) -> float:
    """Read ``h:mm`` or ``h:mm:ss`` as seconds.

    Raises
    ------
    InputError
        If it is neither.
    """
    seconds = read_duration(text)
    if seconds is None:
        raise InputError(f"{text[:40]!r}", "a time such as 3:45 or 3:45:00 (h:mm or h:mm:ss)", "Write it so.", source)
    return seconds


def _number(text: str, low: float, high: float, unit: str, source: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise InputError(f"{text[:40]!r}", f"a number from {low:g} to {high:g} ({unit})", "Correct it.", source)
    return value


def _metres(text: str) -> str:
    """A height in metres, where it may be told in feet: ``"4300 ft"``."""
    feet = re.fullmatch(r"\s*(-?\d+(?:\.\d+)?)\s*ft\s*", text)
    return text if feet is None else repr(float(feet[1]) * IMPERIAL.high_m)


def stations_text(given: str, max_bytes: int = MAX_CSV_BYTES) -> str:
    """Stations as `race_config` takes them, where a file may be named instead: its text, or what is given itself.

    Raises
    ------
    InputError
        If what is given looks like a file's name and there is none, it is too large, or no text.
    """
    if not re.search(r"[^\d\s.,;]", given) or "\n" in given:
        return given
    return _file_text(given, "Check the path, or give distances in km such as 8.5, 17, 25.", max_bytes)


def race_texts(words: Mapping[str, str]) -> dict[str, str]:
    """Options of a race with the content of files in place of their names: stations, an earlier edition, results.

    Raises
    ------
    InputError
        As `stations_text`.
    """
    edition = words.get("edition", "")
    texts = {"stations": stations_text(words.get("stations", ""))}
    if edition.strip() and "\n" not in edition:
        texts["edition"] = _edition_text(edition)
    check_ins = words.get(CHECKINS, "").strip()
    if check_ins.lower().endswith(".csv"):
        texts[CHECKINS] = _file_text(check_ins, "Check the path; a CSV of check-ins is expected.", MAX_CSV_BYTES)
    return dict(words) | texts | {"results": results_given(words.get("results", ""))}


def results_given(given: str) -> str:
    """Results as `lib.race.results_text.results_from_text` takes them, where a CSV may be named instead: its text.

    Raises
    ------
    InputError
        As `stations_text`.
    """
    name = given.strip()
    if not name.lower().endswith(".csv"):
        return given
    text = _file_text(name, "Check the path; a CSV of results is expected.", MAX_CSV_BYTES)
    return with_courses(text, Path(name).expanduser().parent)


def _edition_text(given: str) -> str:
    """Splits of an earlier edition as a CSV: a file, a file and one of distances, or race tables with race and year."""
    parts = [part.strip() for part in given.split(";")]
    if len(parts) == 3:
        return splits_of_tables(Path(parts[0]).expanduser(), parts[1], parts[2])
    if len(parts) > 3:
        raise InputError(
            f"{len(parts)} parts",
            "splits.csv, splits.csv;checkpoints.csv or folder;race;year",
            "Correct it.",
            "edition",
        )
    texts = [_file_text(part, "Check the path; a CSV of splits is expected.", MAX_EDITION_BYTES) for part in parts]
    return with_km(*texts) if len(texts) == 2 else texts[0]


def _file_text(given: str, remedy: str, max_bytes: int) -> str:
    """Text of the file of that name."""
    path = Path(given).expanduser()
    try:
        found = path.is_file()
    except OSError:  # a name that no file can have
        found = False
    if not found:
        raise NoSuchFileError(given[:80], remedy)
    if path.stat().st_size > max_bytes:
        raise InputError(f"{path.stat().st_size} bytes", f"{max_bytes} at most", "Leave some out.", path)
    content = path.read_bytes()
    wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252"):  # as spreadsheets save it
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError("bytes that are no text", "a CSV in UTF-8", "Save it as UTF-8.", path)


def race_config(course: Course, *, stations_source: str = "stations", **words: str) -> RaceConfig:
    """Read what a runner says of a race; whatever is left empty is left open.

    Parameters
    ----------
    course : Course
        What is to be run.
    stations_source : str
        Where the stations come from, for errors.
    **words : str
        Options of a race by their names, as the table says (`lib.race.options`): ``start="2026-06-20T05:30+02:00"``.
        Stations are distances in km, or the text of a CSV (`lib.race.stations_csv.stations_from_csv`).

    Raises
    ------
    InputError
        With the name of what cannot be used, or is no word of a race.
    """
    said = race_words(words)
    start, zone, stations, stop_min = said["start"], said["zone"], said["stations"], said["stop_min"]
    goal, other_stops = said["goal"], said["other_stops"]
    begins = parse_start(start, zone or None) if start.strip() else None
    if zone.strip() and begins is None:
        raise InputError(f"the zone {zone[:40]!r} without a start", "a start", "Say when the run starts.", "zone")
    stop_s = 60.0 * _number(stop_min, 0.0, 1440.0, "minutes", "stop_min") if stop_min.strip() else None
    notes: tuple[str, ...] = ()
    units = units_of(said["units"])
    if not stations.strip():
        places, notes = stations_from_waypoints(course, stop_s)
    elif re.search(r"[^\d\s.,;]", stations):
        places = stations_from_csv(stations, course, begins, stop_s, stations_source)
    else:
        places = stations_at(stations, course, stop_s, stations_source, units)
    places = on_each_lap(places, course, units)
    conditions = {
        name: _number(text, low, high, unit, name)
        for name, text, low, high, unit in (
            ("temperature_c", said["temperature_c"], -50.0, 60.0, "°C"),
            ("usual_temperature_c", said["usual_temperature_c"], -50.0, 60.0, "°C"),
            ("usual_altitude_m", _metres(said["usual_altitude_m"]), -450.0, 9000.0, "m"),
        )
        if text.strip()
    }
    an_hour = {
        name: _number(said[name], low, high, unit, name)
        for name, low, high, unit in (
            ("carbs_g_h", 0.0, 250.0, "g an hour"),
            ("water_ml_h", 0.0, 3000.0, "ml an hour"),
        )
        if said[name].strip()
    }
    return RaceConfig(
        start=begins,
        stations=places,
        effort=said["effort"].strip() or USUAL,
        goal_s=parse_duration(goal, "goal") if goal.strip() else None,
        standing_s=None
        if other_stops.strip() in ("", HABIT)
        else 60.0 * _number(other_stops, 0.0, 2880.0, "minutes, or habit", "other_stops"),
        conditions=Conditions(**conditions),
        strategy=_strategy(said["pacing"], said["first"]),
        night=_yes(said["night"], "night"),
        editions=(edition_from_csv(said["edition"]),) if said["edition"].strip() else (),
        results=results_from_text(said["results"]) if said["results"].strip() else (),
        race=said["race"].strip() or None,
        check_ins=check_ins_from_text(said[CHECKINS], course, places, begins) if said[CHECKINS].strip() else (),
        model=said["model"].strip().lower() or NETWORK,
        notes=notes,
        units=units,
        **an_hour,
    )


def _strategy(pacing: str, first: str) -> Strategy:
    """Read how the effort is spread."""
    word = pacing.strip().lower() or USUAL
    if word in _PACINGS:
        share = _PACINGS[word]
    else:
        share = _number(word.replace(",", "."), 0.0, 3.0, "usual, even, or a share of the usual fading", "pacing")
    text = first.strip().replace(",", ".").replace("\N{MINUS SIGN}", "-")
    if not text:
        return Strategy(share)
    percent = text.removesuffix("%").strip()
    return Strategy(share, _number(percent, -30.0, 30.0, "% of speed in the first third", "first") / 100.0)


def _yes(text: str, source: str) -> bool:
    """Read yes or no."""
    word = text.strip().lower()
    if word not in ("", "yes", "no"):
        raise InputError(f"{text[:40]!r}", "yes or no", "Correct it.", source)
    return word != "no"

"""Files that a plan can be had as, by name: what each is called, and what makes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from lib.athlete.bundle import Bundle
from lib.plan.race_plan import RacePlan
from lib.report.export.csv import legs_csv, steps_csv
from lib.report.export.fit import fit_bytes
from lib.report.export.gpx import gpx_bytes
from lib.report.export.ics import calendar_bytes
from lib.report.export.json import json_bytes
from lib.report.export.tcx import tcx_bytes

Maker = Callable[[RacePlan, Bundle, Mapping[str, str] | None], bytes]
"""Makes a file of the plan, the athlete's bundle, and what was asked for."""


@dataclass(frozen=True)
class Format:
    """A kind of file.

    Parameters
    ----------
    ending : str
        What follows the plan's name: ``_legs.csv``.
    media_type : str
        For HTTP.
    help : str
        What is in it.
    make : Maker
        Gives its content.
    clocked : bool
        Whether it tells times of day, and so needs a start.
    """

    ending: str
    media_type: str
    help: str
    make: Maker
    clocked: bool = False


def _of_race(make: Callable[[RacePlan], bytes]) -> Maker:
    return lambda race, _bundle, _options: make(race)


FORMATS: Final[Mapping[str, Format]] = {
    "fit": Format(".fit", "application/vnd.ant.fit", "a course for watches", _of_race(fit_bytes)),
    "gpx": Format(".gpx", "application/gpx+xml", "the course with times", _of_race(gpx_bytes), clocked=True),
    "tcx": Format(".tcx", "application/vnd.garmin.tcx+xml", "a course for watches", _of_race(tcx_bytes), clocked=True),
    "ics": Format(
        ".ics", "text/calendar; charset=utf-8", "stations for a calendar", _of_race(calendar_bytes), clocked=True
    ),
    "legs": Format("_legs.csv", "text/csv; charset=utf-8", "a row for each aid station", _of_race(legs_csv)),
    "csv": Format(".csv", "text/csv; charset=utf-8", "every step", _of_race(steps_csv)),
    "json": Format(".json", "application/json", "everything", json_bytes),
}

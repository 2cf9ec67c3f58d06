"""The race time that a runner's earlier results let expect of a course."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from lib.athlete.race_ratings import AmbiguousRaceError, shipped_ratings
from lib.athlete.results_level import LevelPrediction, RaceAt, predict_race
from lib.core.errors import InputError
from lib.course.course import Course
from lib.race.config import RaceConfig
from lib.race.results_text import RESULTS, year_of

_SOON_YEARS: Final = 0.02
"""When a race without a date is run: a week from now."""


def race_name(config: RaceConfig, course: Course) -> str | None:
    """Name of the coming race: as it was stated, else the course's where that is the name of a rated race."""
    if config.race:
        return config.race
    try:
        rated = shipped_ratings().get(course.name, course.length_km, course.climb_m)
    except AmbiguousRaceError:
        return None
    return None if rated is None else course.name


def level_from_results(config: RaceConfig, course: Course, runs: int) -> LevelPrediction:
    """Race time to expect of a course, from the results that were stated.

    Parameters
    ----------
    config : RaceConfig
        With results.
    course : Course
        What is to be run.
    runs : int
        Recorded runs that are known of the athlete.

    Raises
    ------
    InputError
        If there is an archive of runs too, no result lies before the start, or a name means several races.
    """
    if runs:
        raise InputError(
            f"results and an athlete profile of {runs} runs",
            "one of the two",
            "Leave out the results, or plan without a profile.",
            RESULTS,
        )
    results = [stated.result for stated in config.results]
    day = datetime.now(UTC).date() if config.start is None else config.start.date()
    coming = RaceAt(year_of(day), course.length_km, course.climb_m, race_name(config, course))
    if config.start is None:
        coming = replace(coming, year=coming.year + _SOON_YEARS)
    if not any(result.year < coming.year for result in results):
        raise InputError(f"no result before {day}", "one or more", "State earlier results, or a later start.", RESULTS)
    return predict_race(results, coming)

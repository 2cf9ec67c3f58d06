"""The race time that a runner's earlier results let expect of a course."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from lib.athlete.course_size import effort_km
from lib.athlete.race_ratings import AmbiguousRaceError, shipped_ratings
from lib.athlete.results_level import Features, LevelPrediction, RaceAt, Result, predict_race, shipped_params
from lib.core.errors import InputError
from lib.course.course import Course
from lib.race.config import RaceConfig
from lib.race.results_text import RESULTS, year_of

_SCORES_OF_80: Final = 2.5631
"""Standard deviations between the ends of an 80% interval of a normal distribution."""
_LEAST_VAR: Final = 1e-4
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


def level_from_results(config: RaceConfig, course: Course, known: Sequence[Result] = ()) -> LevelPrediction | None:
    """Race time to expect of a course, from race results.

    Parameters
    ----------
    config : RaceConfig
        With the results that were stated.
    course : Course
        What is to be run.
    known : sequence of Result
        Those of the athlete profile.

    Returns
    -------
    LevelPrediction or None
        None without any result before the start.

    Raises
    ------
    InputError
        If results were stated and none lies before the start, or a name means several races.
    """
    results = tuple(dict.fromkeys((*known, *config.results)))
    if not results:
        return None
    day = datetime.now(UTC).date() if config.start is None else config.start.date()
    effort = effort_km(course.columns, course.length_km, course.climb_m)
    coming = RaceAt(year_of(day), course.length_km, course.climb_m, race_name(config, course), effort)
    if config.start is None:
        coming = replace(coming, year=coming.year + _SOON_YEARS)
    if not any(result.year < coming.year for result in results):
        if not config.results:
            return None
        raise InputError(f"no result before {day}", "one or more", "State earlier results, or a later start.", RESULTS)
    return predict_race(results, coming)


def with_archive(
    level: LevelPrediction, course: Course, median_s: float, low_s: float, high_s: float
) -> LevelPrediction:
    """The level from results and what the archive expects of a race, each weighed by how sure it is.

    How the day goes is in both of their spreads, and stays: only what is not known of the runner gets less.

    Parameters
    ----------
    level : LevelPrediction
        From results.
    course : Course
        What is to be run.
    median_s, low_s, high_s : float
        Race time that the archive lets expect at the effort race, and its 80% interval (s).
    """
    params = shipped_params()
    at = Features.of(course.length_km, course.climb_m, 0.0)
    day = float(params.noise_var(at.size, at.steep)) + params.edition_sd**2
    spreads = [
        math.log(ends[1] / ends[0]) / _SCORES_OF_80 for ends in ((level.low80_s, level.high80_s), (low_s, high_s))
    ]
    of_results, of_archive = (max(spread**2 - day, _LEAST_VAR) for spread in spreads)
    share = of_archive / (of_results + of_archive)
    spread = math.sqrt(share * of_results + day)
    mean = share * level.mean_log_s + (1.0 - share) * math.log(median_s)
    narrower = min(spread / spreads[0], 1.0)
    ends = {
        name: math.exp(mean + narrower * (math.log(getattr(level, name)) - level.mean_log_s))
        for name in ("low80_s", "high80_s", "least_error_s")
    }
    return replace(level, mean_log_s=mean, scale_log=narrower * level.scale_log, archive_share=1.0 - share, **ends)

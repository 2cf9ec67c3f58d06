"""``trailcast plan``: the page of a race and its files, in seconds.

The same as notebook 06, without Jupyter: both make their plan by `lib.plan.race_plan.plan_race`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lib.athlete.bundle import Bundle, load_profile
from lib.core import schema as c
from lib.core.errors import InputError
from lib.core.files import write_atomically
from lib.core.text import file_stem
from lib.course.course import Course, load_course
from lib.inference.onnx_backend import ONNX, onnx_backend
from lib.inference.rollout import Backend
from lib.plan.compare import load_athletes
from lib.plan.race_plan import RacePlan, plan_race
from lib.race.config import RaceConfig, race_config, race_texts
from lib.race.options import SHIPPED_MODEL
from lib.race.stations import tidy_name
from lib.race.words import Words
from lib.recordings.activities import load_activity
from lib.recordings.align import follow
from lib.report.notes import notes
from lib.report.summary import totals
from lib.report.tables import title_lines
from utils.cli.notebook import run_notebook
from utils.cli.plan_options import options_to_keep
from utils.cli.predict import BUNDLE

_INDEX: Final = "index"
"""What the page that lists plans is called, after the course."""


@dataclass(frozen=True, eq=False)
class Asked:
    """What a plan is made of, read from the words of a command.

    Parameters
    ----------
    course : Course
        What is to be run.
    config : RaceConfig
        What is intended.
    bundle : Bundle
        Athlete profile.
    backend : callable
        Runs the network.
    options : dict of str to str
        The words, to be kept with the plan.
    """

    course: Course
    config: RaceConfig
    bundle: Bundle
    backend: Backend
    options: dict[str, str]


def asked_for(words: Words) -> Asked:
    """Read course, options, athlete and model of a plan or a review."""
    course = load_course(words["gpx"], elevation_model=words["elevation_model"], laps=words["laps"])
    course = course.called(words["name"])
    race = race_texts(words.race)
    config = race_config(course, **race)
    model_dir: Path = words["model_dir"] or SHIPPED_MODEL
    bundle = load_profile(words["athlete"], model_dir / BUNDLE)
    return Asked(course, config, bundle, onnx_backend(model_dir / ONNX, bundle), options_to_keep(words, race))


def planned(words: Words) -> tuple[list[Path], list[str]]:
    """Make the plan; gives the files, and lines to say."""
    asked = asked_for(words)
    so_far = follow(load_activity(words["so_far"]), asked.course) if words["so_far"] else None
    race = plan_race(asked.backend, asked.bundle, asked.course, asked.config, so_far)
    name = "" if words["athlete"] is None else tidy_name(words["athlete"].stem, "")
    files = _written(words, asked, race, asked.bundle, name)
    effort = asked.bundle.prior.effort
    lines = [f"{key + ':':18s}{value}" for key, value in title_lines(race, effort).items()]
    lines += [f"repaired: {repair}" for repair in asked.course.repairs]
    return files, [*lines, *(f"note: {note}" for note in notes(race, effort))]


def planned_for_each(words: Words) -> tuple[Path, list[str]]:
    """Make a plan for each of several athletes, and a page that lists them; gives that page, and lines to say.

    Raises
    ------
    InputError
        If something is said that is of one athlete, or a profile cannot be used.
    """
    for name in ("athlete", "so_far", "checkins"):
        if words.given.get(name):
            raise InputError(f"athletes and {name}", "one of the two", "Plan for one athlete.", "athletes")
    asked = asked_for(words)
    athletes = load_athletes([str(path) for path in words["athletes"]], (words["model_dir"] or SHIPPED_MODEL) / BUNDLE)
    stems = [_INDEX, *map(file_stem, athletes)]
    if len(set(stems)) < len(stems):
        raise InputError("athletes whose files would have one name", "names that differ", "Rename one.", "athletes")
    rows, lines = [], []
    for name, bundle in athletes.items():
        race = plan_race(asked.backend, bundle, asked.course, asked.config)
        page, *_ = _written(words, asked, race, bundle, name)
        rows.append({c.ATHLETE: name, c.COURSE: asked.course.name, c.PAGE: page.name} | totals(race))
        lines.append(f"{name + ':':18s}{title_lines(race, bundle.prior.effort)['Finish']} → {page}")

    from utils.plan_page.index_page import index_page

    path = words["out"] / f"{words['gpx'].stem}_{_INDEX}.html"
    write_atomically(path, index_page(asked.course.name, rows, asked.bundle, asked.config.units).encode())
    return path, lines


def _written(words: Words, asked: Asked, race: RacePlan, bundle: Bundle, name: str) -> list[Path]:
    """Write the files of a plan, named after the course's file and the athlete."""
    from utils.plan_page.files import write_plan  # draws: not before the words are known to be good

    stem = f"{words['gpx'].stem}_{file_stem(name)}" if name else words["gpx"].stem
    return write_plan(race, bundle, words["out"], stem, asked.options, name)


def run(words: Words) -> int:
    """Plan, and say what came of it."""
    if words["notebook"]:
        if words["athletes"]:
            raise InputError("athletes and notebook", "one of the two", "Leave one out.", "notebook")
        return run_notebook("06_plan_course", words, words["gpx"].stem, "_notebook", out=words["out"])
    if words["athletes"]:
        page, lines = planned_for_each(words)
    else:
        (page, *_), lines = planned(words)
    sys.stdout.write("\n".join([*lines, f"→ {page}"]) + "\n")
    return 0

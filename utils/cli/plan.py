"""``trailcast plan``: the page of a race and its files, in seconds.

The same as notebook 06, without Jupyter: both make their plan by `lib.plan.race_plan.plan_race`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from lib.athlete.bundle import Bundle, load_profile
from lib.course.course import Course, load_course
from lib.inference.onnx_backend import ONNX, onnx_backend
from lib.inference.rollout import Backend
from lib.plan.race_plan import plan_race
from lib.race.config import RaceConfig, race_config, race_texts
from lib.race.options import SHIPPED_MODEL
from lib.race.words import Words
from lib.recordings.activities import load_activity
from lib.recordings.align import follow
from lib.report.notes import notes
from lib.report.tables import title_lines
from utils.cli.notebook import run_notebook
from utils.cli.plan_options import options_to_keep
from utils.cli.predict import BUNDLE


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
    course = load_course(words["gpx"], elevation_model=words["elevation_model"]).called(words["name"])
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

    from utils.plan_page.files import write_plan  # draws: not before the words are known to be good

    files = write_plan(race, asked.bundle, words["out"], words["gpx"].stem, asked.options)
    effort = asked.bundle.prior.effort
    lines = [f"{key + ':':18s}{value}" for key, value in title_lines(race, effort).items()]
    lines += [f"repaired: {repair}" for repair in asked.course.repairs]
    return files, [*lines, *(f"note: {note}" for note in notes(race, effort))]


def run(words: Words) -> int:
    """Plan, and say what came of it."""
    if words["notebook"]:
        return run_notebook("06_plan_course", words, words["gpx"].stem, "_notebook", out=words["out"])
    files, lines = planned(words)
    sys.stdout.write("\n".join([*lines, f"→ {files[0]}"]) + "\n")
    return 0

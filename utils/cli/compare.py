"""``trailcast compare``: plans of a race side by side."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from lib.athlete.bundle import load_bundle
from lib.athlete.effort import USUAL
from lib.core.errors import InputError
from lib.core.files import sha256
from lib.course.course import load_course
from lib.inference.onnx_backend import ONNX, onnx_backend
from lib.plan.compare import load_athletes, variants
from lib.race.config import parse_duration, race_texts
from lib.race.options import SHIPPED_MODEL
from lib.race.words import Words
from lib.report.compare_tables import reading
from utils.cli.notebook import run_notebook
from utils.cli.predict import BUNDLE

_LISTS: Final = {"efforts": "effort", "athletes": "athlete", "starts": "start", "temperatures_c": "temperature_c"}
"""What is compared, and the option that is a list of one of it."""
_THREE: Final = ("easy", "steady", "race")


def lists_of(words: Words) -> dict[str, list[Any]]:
    """What is to be compared, by name; an option that says one value is a list of one.

    Raises
    ------
    InputError
        If something is given both as a list and as one value, or a temperature is no number.
    """
    lists: dict[str, list[Any]] = {}
    for name, single in _LISTS.items():
        values = list(words[name])
        if single in words.given:
            if values:
                raise InputError(f"{name} and {single}", "one of the two", "Leave one out.", name)
            values = [words[single]]
        lists[name] = values
    if not lists["efforts"]:
        several = any(len(values) > 1 for values in lists.values())
        lists["efforts"] = [USUAL] if several else list(_THREE)
    lists["temperatures_c"] = [_degrees(text) for text in lists["temperatures_c"]]
    return lists


def _degrees(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        expected = "temperatures in °C such as 10,25"
        raise InputError(f"{text[:40]!r}", expected, "Correct them.", "temperatures_c") from error


def run(words: Words) -> int:
    """Compare, write the page, and say in some lines what it says."""
    lists = lists_of(words)
    gpx: Path = words["gpx"]
    if words["notebook"]:
        kept = {name: text for name, text in words.given.items() if name not in _LISTS.values()}
        return run_notebook("07_compare_plans", Words(words.values, kept), gpx.stem, "_compared", **lists)
    model_dir: Path = words["model_dir"] or SHIPPED_MODEL
    athletes = load_athletes(lists.pop("athletes"), model_dir / BUNDLE)
    same = {name: text for name, text in words.race.items() if name not in (*_LISTS.values(), "goal")}
    found = variants(
        onnx_backend(model_dir / ONNX, load_bundle(model_dir / BUNDLE)),
        load_course(gpx, elevation_model=words["elevation_model"], laps=words["laps"]),
        athletes,
        **lists,
        **race_texts(same),
    )
    goal_s = parse_duration(words["goal"], "goal") if words["goal"] else None

    from utils.plan_page.compare_page import write_compare  # draws: not before the words are known to be good

    first = next(iter(athletes.values()))
    page, *_ = write_compare(found, first, words["out"], gpx.stem, goal_s, course_sha256=sha256(gpx))
    sys.stdout.write("\n".join([*reading(found), f"→ {page}"]) + "\n")
    return 0

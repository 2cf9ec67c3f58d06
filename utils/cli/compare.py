"""``trailcast compare``: plans of a race side by side."""

from __future__ import annotations

from typing import Any, Final

from lib.athlete.effort import USUAL
from lib.core.errors import InputError
from lib.race.words import Words
from utils.cli.notebook import run_notebook

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
    """Compare, and write the page."""
    kept = {name: text for name, text in words.given.items() if name not in _LISTS.values()}
    return run_notebook(
        "07_compare_plans", Words(words.values, kept), words["gpx"].stem, "_compared", **lists_of(words)
    )

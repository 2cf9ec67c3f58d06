"""The options of a plan as its JSON keeps them, and read back, so that a review asks for none of them again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from lib.core.errors import InputError, NoSuchFileError
from lib.core.files import sha256
from lib.race.options import Kind, Option, options_of
from lib.race.words import Words

_OF_THE_RUN: Final = ("out", "notebook", "model_dir")
_WHOLE: Final = ("stations", "edition", "results", "checkins")
"""A file may be named for them; a plan keeps its content."""
_SHA256: Final = "_sha256"
_MAX_BYTES: Final = 200_000_000


def options_to_keep(words: Words, race: Mapping[str, str]) -> dict[str, str]:
    """Options of a plan as they were given, and the SHA-256 of each file, for its JSON; of `race` what is text."""
    kept = {name: text for name, text in words.given.items() if name not in _OF_THE_RUN}
    kept |= {name: race[name] for name in _WHOLE if race.get(name)}
    files = {name: words[name] for name in kept if isinstance(words[name], Path) and words[name].is_file()}
    return kept | {f"{name}{_SHA256}": sha256(path) for name, path in files.items()}


def options_of_plan(plan: Path, given: Mapping[str, str]) -> dict[str, str]:
    """Options of a review, from the JSON of a plan; what is given wins.

    Parameters
    ----------
    plan : Path
        JSON that ``trailcast plan`` wrote.
    given : mapping of str to str
        Options of the review by `lib.race.options.Option.name`.

    Raises
    ------
    InputError
        If it is no plan with its options, or a file that it names is gone or another one now.
    """
    read = _read(plan)
    found: dict[str, str] = {}
    for option in options_of("review"):
        text = read.get(option.name)
        if not isinstance(text, str) or option.name in given:
            continue
        is_file = option.kind in (Kind.FILE, Kind.PLACE)
        found[option.name] = str(_file(option, text, read, plan)) if is_file else text
    return found | dict(given)


def _read(plan: Path) -> Mapping[str, Any]:
    expected, remedy = "the JSON of a plan, with its options", "Make the plan again, or give the options here."
    if plan.stat().st_size > _MAX_BYTES:
        raise InputError(f"{plan.stat().st_size} bytes", expected, remedy, plan)
    try:
        read = json.loads(plan.read_bytes())
    except (ValueError, RecursionError) as error:
        raise InputError("a file that is no JSON", expected, remedy, plan) from error
    options = read.get("options") if isinstance(read, dict) else None
    if not isinstance(options, dict) or not options:
        raise InputError("no options in it", expected, remedy, plan)
    return options


def _file(option: Option, text: str, read: Mapping[str, Any], plan: Path) -> Path:
    """A file that a plan names: where it was, else beside the plan."""
    wanted = read.get(option.name + _SHA256)
    other = None
    for path in (Path(text).expanduser(), plan.parent / Path(text).name):
        if path.exists():
            if wanted is None or (path.is_file() and sha256(path) == wanted):
                return path
            other = path
    name = Path(text).name
    remedy = f"Put it beside the plan, or say where it is: {option.word}=…/{name} (--{option.word.lower()})."
    if other is None:
        raise NoSuchFileError(text, remedy)
    raise InputError(f"another file than {plan.name} was made of", name, remedy, other)

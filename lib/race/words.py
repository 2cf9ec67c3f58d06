"""What was said to a command, in words of the table of options, read and checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lib.core.errors import InputError, NoSuchFileError
from lib.race.options import (
    COMMANDS,
    MAKE_OPTIONS,
    Command,
    Kind,
    Option,
    Surface,
    example_of,
    options_of,
    plain_name,
    race_options,
    shown_name,
)

_TRUE: Final = ("yes", "true", "1")
_FALSE: Final = ("no", "false", "0")


class UnknownWordError(InputError):
    """A word that is in no table, with the one that may have been meant."""

    def __init__(self, word: str, nearest: str | None, known: Sequence[str]) -> None:
        self.word, self.nearest = word[:60], nearest
        remedy = f"Did you mean {nearest}?" if nearest else "Leave it out."
        super().__init__(f"{self.word}, which is unknown", f"one of {', '.join(known)}", remedy)

    def __str__(self) -> str:
        if self.nearest:
            return f"{self.word} is unknown; did you mean {self.nearest}?"
        return f"{self.word} is unknown; expected {self.expected}."


def unknown(word: str, known: Sequence[str]) -> UnknownWordError:
    """The error for a word that is none of those known."""
    from difflib import get_close_matches  # here: only mistakes need it

    plain = {plain_name(name): name for name in known}
    near = get_close_matches(plain_name(word), plain, n=1, cutoff=0.5)
    return UnknownWordError(word, plain[near[0]] if near else None, known)


def command_named(name: str) -> Command:
    """Find a command by its name.

    Raises
    ------
    UnknownWordError
        If there is none.
    """
    for command in COMMANDS:
        if command.name == name:
            return command
    raise unknown(name, [command.name for command in COMMANDS])


def sorted_out(
    pairs: Iterable[tuple[str, str]], options: Sequence[Option], surface: Surface
) -> dict[str, tuple[Option, str]]:
    """Say which option each pair of word and value is.

    Parameters
    ----------
    pairs : iterable of (str, str)
        As given; an empty value leaves an option open.
    options : sequence of Option
        Those that may be given.
    surface : Surface
        Where they were said, for errors.

    Returns
    -------
    dict
        Option and text by `Option.name`.

    Raises
    ------
    InputError
        If a word is unknown, given twice (by a former name too), or its text too long.
    """
    by_name = {name: option for option in options for name in option.names}
    found: dict[str, tuple[Option, str]] = {}
    seen: dict[str, str] = {}
    for word, text in pairs:
        option = by_name.get(word if surface is Surface.API else plain_name(word))
        if option is None:
            known = [*(option.shown(surface) for option in options), *(MAKE_OPTIONS if surface is Surface.MAKE else ())]
            raise unknown(shown_name(word, surface), known)
        if option.name in seen:
            one, other = shown_name(seen[option.name], surface), shown_name(word, surface)
            twice = "two values" if one == other else f"{one} and {other}, which is the same"
            raise InputError(twice, "one", "Leave one out.", option.shown(surface))
        seen[option.name] = word
        if len(text) > option.max_length:
            found_characters = f"{len(text)} characters"
            raise InputError(found_characters, f"{option.max_length} at most", "Shorten it.", option.shown(surface))
        if text.strip():
            found[option.name] = (option, text)
    return found


@dataclass(frozen=True)
class Words:
    """What was said to a command, read and checked.

    Parameters
    ----------
    values : mapping of str to object
        By `Option.name`: as its kind reads it; None where it is left open, an empty text of a `Kind.TEXT`.
    given : mapping of str to str
        The texts as they were given, of those that were.
    """

    values: Mapping[str, Any]
    given: Mapping[str, str]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    @property
    def race(self) -> dict[str, str]:
        """What `lib.race.config.race_config` takes."""
        return {option.name: self.values[option.name] for option in race_options() if option.name in self.values}


def read_words(
    command: str, pairs: Iterable[tuple[str, str]], surface: Surface = Surface.COMMAND, check: bool = True
) -> Words:
    """Read what was said to a command.

    Parameters
    ----------
    command : str
        Which one.
    pairs : iterable of (str, str)
        Words and values.
    surface : Surface
        Where they were said.
    check : bool
        Whether everything that is needed must be there.

    Raises
    ------
    InputError
        If a word is unknown or given twice, a needed one is missing, a value is of another kind, a file is not
        there, or an output is one of the inputs.
    """
    options = options_of(command)
    said = sorted_out(pairs, options, surface)
    values: dict[str, Any] = {}
    for option in options:
        text = said[option.name][1] if option.name in said else option.default
        values[option.name] = _read(option, text, surface)
    if check:
        _check_needed(command, options, said, surface)
    _check_outputs(options, values, surface)
    return Words(values, {name: text for name, (_, text) in said.items()})


def _check_needed(
    command: str, options: Sequence[Option], said: Mapping[str, tuple[Option, str]], surface: Surface
) -> None:
    about = next((known for known in COMMANDS if known.name == command), None)
    if about is None:  # a goal of make that is no command takes no words
        return
    given = {option.word for option in options if option.name in said}
    missing = [needed.split("|") for needed in about.needed if not given & set(needed.split("|"))]
    if missing:
        names = " and ".join(" or ".join(shown_name(word, surface) for word in words) for words in missing)
        raise InputError(f"no {names}", example_of(about, surface), "Add what is missing.", command)


def _read(option: Option, text: str, surface: Surface) -> Any:
    """The value that a text says, as its kind has it."""
    if option.kind is Kind.TEXT:
        return text
    if option.kind in (Kind.LIST, Kind.FILES):
        parts = tuple(part.strip() for part in text.split(",") if part.strip())
        if option.kind is Kind.LIST:
            return parts
        return tuple(path for part in parts for path in _files(part, option, surface))
    if not text.strip():
        return None
    if option.kind is Kind.OUTPUT:
        return _output(text, option, surface)
    if option.kind in (Kind.FILE, Kind.PLACE):
        return _existing(text, option, surface)
    if option.kind is Kind.FLAG:
        if plain_name(text) not in (*_TRUE, *_FALSE):
            raise InputError(f"{text[:40]!r}", "yes or no", "Correct it.", option.shown(surface))
        return plain_name(text) in _TRUE
    return _number(text, option, surface)


def _number(text: str, option: Option, surface: Surface) -> float | int:
    whole = option.kind is Kind.COUNT
    try:
        value = int(text) if whole else float(text)
    except ValueError:
        value = -1
    if not 0 <= value < 1e9:
        what = "a whole number, 0 or more" if whole else "a number, 0 or more"
        raise InputError(f"{text[:40]!r}", what, "Correct it.", option.shown(surface))
    return value


def _files(text: str, option: Option, surface: Surface) -> list[Path]:
    """A file, or those of a folder that end as the option's example does."""
    folder, ending = Path(text).expanduser(), Path(option.example).suffix
    if not folder.is_dir():
        return [_existing(text, option, surface)]
    found = sorted(path for path in folder.glob(f"*{ending}") if path.is_file() and not path.name.startswith("."))
    if not found:
        raise InputError(f"no *{ending} in it", option.help, "Check the path.", text[:200])
    return found


def _existing(text: str, option: Option, surface: Surface) -> Path:
    path = Path(text).expanduser()
    try:
        there = path.is_file() or (option.kind is Kind.PLACE and path.exists())
        is_folder = path.is_dir()
    except (OSError, ValueError):  # a name that no file can have
        there = is_folder = False
    if not there:
        if not is_folder:
            raise NoSuchFileError(text[:200])
        raise InputError("a folder", f"{option.help} ({option.shown(surface)})", "Check the path.", text[:200])
    return path


def _output(text: str, option: Option, surface: Surface) -> Path:
    path = Path(text).expanduser()
    if option.ending and path.suffix.lower() != option.ending:
        expected = f"a name that ends in {option.ending}"
        raise InputError(f"{text[:200]!r}", expected, f"Write {option.example}, say.", option.shown(surface))
    return path


def _check_outputs(options: Sequence[Option], values: Mapping[str, Any], surface: Surface) -> None:
    """What is written must not take the place of what is read."""
    read = {option.shown(surface): values[option.name] for option in options if option.kind in (Kind.FILE, Kind.PLACE)}
    for option in options:
        path = values[option.name]
        if option.kind is not Kind.OUTPUT or path is None:
            continue
        for name, other in read.items():
            if other is not None and other.is_file() and path.exists() and path.samefile(other):
                found = f"{name} and {option.shown(surface)} of the same name"
                raise InputError(found, "two names", "Write to another file.", option.shown(surface))


def race_words(words: Mapping[str, str]) -> dict[str, str]:
    """Everything that may be said of a race, by `Option.name`, with the defaults of what is not said.

    Raises
    ------
    InputError
        If a word is unknown, or given twice.
    """
    said = sorted_out(words.items(), race_options(), Surface.API)
    return {o.name: said[o.name][1] if o.name in said else o.default for o in race_options()}

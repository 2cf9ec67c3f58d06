"""The trailcast command: reads the words of every subcommand, runs it, and says a user's mistake in one line.

It is started for single predictions: each command imports what it needs when it runs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Final

from lib.core.errors import InputError
from lib.race.options import Command, Surface, options_of, shown_name
from lib.race.words import command_named, read_words
from utils.cli.help import command_help, general_help
from utils.cli.mistakes import says_mistakes

FROM_MAKE: Final = "--from-make"
CHECK: Final = "--check"
WORDS: Final = "TRAILCAST_WORDS"
WORD: Final = "TRAILCAST_WORD_"
"""What make passes on: the names of the words on its command line, and each one's value as it is."""
_HELP: Final = ("-h", "--help")


def words_of_make(environment: Mapping[str, str]) -> list[tuple[str, str]]:
    """Words and values as make passes them on; nothing else is taken from the environment."""
    return [(name, environment.get(WORD + name, "")) for name in environment.get(WORDS, "").split()]


def words_of(command: Command, arguments: Sequence[str]) -> list[tuple[str, str]]:
    """Words and values of a command line: ``--word value``, ``--word=value``, or values in the command's order.

    Raises
    ------
    InputError
        If a word has no value, or there are more values than the command takes without their words.
    """
    pairs: list[tuple[str, str]] = []
    plain: list[str] = []
    left = list(arguments)
    while left:
        token = left.pop(0)
        if token == "--":
            plain += left
            break
        word, equals, value = token.partition("=")
        if not token.startswith("-") or token == "-":
            if equals and any(word in (option.word, *option.aliases) for option in options_of(command.name)):
                meant = shown_name(word, Surface.COMMAND)
                raise InputError(
                    f"{token[:80]!r}", f"{meant} {value[:60]}", "Words before = are for make.", command.name
                )
            plain.append(token)
            continue
        if not equals:
            if word.startswith("--") and (not left or left[0].startswith("--")):
                read_words(command.name, [(word, "")], check=False)  # an unknown word is said first
                raise InputError("no value", f"{word} and its value", "Add it.", word)
            value = left.pop(0) if left else ""
        pairs.append((word, value))
    if len(plain) > len(command.arguments):
        names = ", ".join(command.arguments) or "words with their values only"
        found = f"{plain[len(command.arguments)][:80]!r} without its word"
        raise InputError(found, names, f"See trailcast {command.name} --help.", command.name)
    return [*zip(command.arguments, plain, strict=False), *pairs]


def in_words_of(error: InputError, command: str, surface: Surface) -> InputError:
    """The error with its source named as the user names it: ``STOP`` where Python says ``stop_min``."""
    for option in options_of(command):
        if error.source is not None and error.source in (option.name, *(alias.lower() for alias in option.aliases)):
            return InputError(error.found, error.expected, error.remedy, option.shown(surface))
    return error


def _run(command: Command, pairs: Sequence[tuple[str, str]], surface: Surface) -> int:
    try:
        words = read_words(command.name, pairs, surface)
        return int(import_module(f"utils.cli.{command.name}").run(words))
    except InputError as error:
        raise in_words_of(error, command.name, surface) from error
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] in ("lib", "utils", "api"):
            raise
        remedy = "pip install 'trailcast[train,lab,cluster]', or in a clone: make setup."
        raise InputError(f"no {error.name}", f"what {command.name} needs", remedy) from error


@says_mistakes
def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit status: 0 done, 1 failed, 2 a user's mistake, 130 interrupted."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    surface = Surface.MAKE if given[:1] == [FROM_MAKE] else Surface.COMMAND
    if surface is Surface.MAKE:
        del given[0]
    if not given or given[0] in (*_HELP, "help"):
        sys.stdout.write(general_help(surface))
        return 0
    if given[0] == CHECK:
        read_words(given[1], words_of_make(os.environ), surface)
        return 0
    command = command_named(given[0])
    if surface is Surface.MAKE:
        return _run(command, words_of_make(os.environ), surface)
    asked = given[1 : given.index("--")] if "--" in given else given[1:]
    if any(token in _HELP for token in asked):
        sys.stdout.write(command_help(command, surface))
        return 0
    return _run(command, words_of(command, given[1:]), surface)

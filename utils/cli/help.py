"""What the command and make say of themselves, made of the table of options."""

from __future__ import annotations

from textwrap import fill, wrap
from typing import Final

from lib.race.options import COMMANDS, MAKE_OPTIONS, Command, Option, Surface, example_of, options_of

_WIDTH: Final = 110


def _entry(name: str, text: str, column: int) -> str:
    lines = wrap(text, _WIDTH - column) or [""]
    head = name.ljust(column) if len(name) < column else f"{name}\n{' ' * column}"
    return head + f"\n{' ' * column}".join(lines)


def _said(option: Option) -> str:
    default = f" (default {option.default})" if option.default else ""
    example = f"; for example {option.example}" if option.example else ""
    return f"{option.help}{default}{example}"


def command_help(command: Command, surface: Surface) -> str:
    """Help on a command: what it does, its words with units, an example."""
    shape = " ".join(f"[{word}]" if word not in command.needed else word for word in command.arguments)
    options = options_of(command.name)
    column = max(len(option.shown(surface)) for option in options) + 4
    lines = [
        f"trailcast {command.name} {shape}".rstrip() + " --word value …",
        "",
        fill(command.help[0].upper() + command.help[1:] + ".", _WIDTH),
        "",
        *(_entry(f"  {option.shown(surface)}", _said(option), column) for option in options),
        "",
        f"Example: {example_of(command, surface)}",
        f"In a clone, the same: {example_of(command, Surface.MAKE)}",
    ]
    return "\n".join(lines) + "\n"


def general_help(surface: Surface) -> str:
    """Help on all commands, with the words that each takes."""
    make = surface is Surface.MAKE
    column = 14
    head = "make TARGET WORD=value …" if make else "trailcast COMMAND --word value …"
    lines = [head, ""]
    for command in COMMANDS:
        words = " ".join(option.shown(surface) for option in options_of(command.name))
        lines += [_entry(f"  {command.name}", command.help, column), _entry("", words, column)]
    if make:
        lines += ["", "Words of make itself:"]
        lines += [_entry(f"  {word}", text, column) for word, text in MAKE_OPTIONS.items()]
    lines += ["", "trailcast COMMAND --help says what the words mean, with units and an example."]
    return "\n".join(lines) + "\n"

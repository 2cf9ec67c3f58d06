"""Subcommands of trailcast, to be called as a terminal would."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from utils.cli.main import main


def command(name: str) -> Callable[[Sequence[str]], int]:
    """Give the entry of a subcommand: it takes the words after its name, and returns the exit status."""
    return lambda words: main([name, *words])

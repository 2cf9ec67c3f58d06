"""A user's mistake said in one line instead of a traceback: the one place of every command."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import wraps

from lib.core.errors import InputError

MISTAKE, INTERRUPTED = 2, 130
Main = Callable[[Sequence[str] | None], int]


def says_mistakes(main: Main) -> Callable[..., int]:
    """Decorate the main function of a command: it returns 2 after a user's mistake, 130 when interrupted."""

    @wraps(main)
    def saying(arguments: Sequence[str] | None = None) -> int:
        try:
            return main(arguments)
        except InputError as error:
            sys.stderr.write(f"{' '.join(str(error).split())}\n")
            return MISTAKE
        except KeyboardInterrupt:
            sys.stderr.write("interrupted; nothing half-written is left\n")
            return INTERRUPTED

    return saying

"""What ends a command said in one line instead of a traceback: a mistake, a full disk, Ctrl-C."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps

from lib.core.errors import InputError

FAILED, MISTAKE, INTERRUPTED = 1, 2, 130
Main = Callable[[Sequence[str] | None], int]


def says_mistakes(main: Main) -> Callable[..., int]:
    """Decorate the main function of a command: it returns 2 after a user's mistake, 130 when interrupted.

    Where the system refuses something else (standard output on a full disk, say) it returns 1.
    """

    @wraps(main)
    def saying(arguments: Sequence[str] | None = None) -> int:
        with _interrupts() as interrupts:
            try:
                status = main(arguments)
                sys.stdout.flush()  # here: what is left for the end of the process fails there with a traceback
                return status
            except (Exception, KeyboardInterrupt) as error:
                if interrupts or isinstance(error, KeyboardInterrupt):
                    sys.stderr.write("interrupted; nothing half-written is left\n")
                    return INTERRUPTED
                if isinstance(error, InputError):
                    sys.stderr.write(f"{' '.join(str(error).split())}\n")
                    return MISTAKE
                if not isinstance(error, OSError):
                    raise
                if not isinstance(error, BrokenPipeError):  # who read what it says has read enough
                    where = f"{error.filename}: " if error.filename else ""
                    sys.stderr.write(f"{where}{error.strerror or error}. Make room, or correct the path.\n")
                _drop_output()
                return FAILED

    return saying


@contextmanager
def _interrupts() -> Iterator[list[int]]:
    """Note each Ctrl-C: a library that is just being loaded may turn it into an error of another kind."""
    noted: list[int] = []

    def note(number: int, _: object) -> None:
        noted.append(number)
        raise KeyboardInterrupt

    usual = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # else it is ignored, or another's
    if usual and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, note)
    try:
        yield noted
    finally:
        if signal.getsignal(signal.SIGINT) is note:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def _drop_output() -> None:
    """Give up what is still to be said, else the process says at its end that it could not."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

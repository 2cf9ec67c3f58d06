"""Work of requests in processes of their own: what takes too long, or too much memory, is stopped."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final, Protocol

from api.answers import Answer
from api.service import Service
from api.settings import Settings
from lib.core.errors import InputError
from lib.core.processes import interrupts_held

_STARTS: Final = multiprocessing.get_context("forkserver" if sys.platform != "win32" else "spawn")
_STARTS.set_forkserver_preload([__name__])


class TimeUpError(Exception):
    """Work took longer than it may."""


class StoppedError(Exception):
    """A process was stopped from outside."""


class Working(Protocol):
    """What a process makes once, and then asks."""

    def answer(self, asked: Any) -> Answer:
        """Answer a request."""


class Workers:
    """Processes, each for one request at a time; they start when they are first needed.

    Parameters
    ----------
    settings : Settings
        What they serve, and how much memory a request may take.
    count : int
        How many.
    make : callable
        What answers in each, made of the settings; of a module, as it travels by its name.
    kept : bool
        Whether a process goes on to the next request, or another one starts for it.
    """

    def __init__(
        self, settings: Settings, count: int, make: Callable[[Settings], Working] = Service, kept: bool = True
    ) -> None:
        self._kept = kept
        self._all = [_Worker(settings, make) for _ in range(count)]
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        for worker in self._all:
            self._idle.put(worker)

    def start(self) -> None:
        """Start them, so that the first request need not wait."""
        for worker in self._all:
            worker.start()

    def stop(self) -> None:
        """Stop them, whatever they do."""
        for worker in self._all:
            worker.stop()

    def answer(self, asked: object, until: float) -> Answer:
        """What answers gives; waits for a process to be free.

        Parameters
        ----------
        asked : object
            For `Working.answer`.
        until : float
            When to give up (`time.monotonic`): its process is then stopped, and another takes its place.

        Raises
        ------
        InputError
            As there, or if it takes more memory than it may.
        TimeUpError
            If it takes too long.
        StoppedError
            If the process was stopped from outside.
        """
        worker = self._idle.get()
        try:
            return worker.answer(asked, until)
        finally:
            if not self._kept:
                worker.stop()
            self._idle.put(worker)


class _Worker:
    """One of them."""

    def __init__(self, settings: Settings, make: Callable[[Settings], Working]) -> None:
        self.settings, self.make = settings, make
        self._process: BaseProcess | None = None

    def start(self) -> None:
        self._pipe, theirs = _STARTS.Pipe()
        self._process = _STARTS.Process(target=_serve, args=(theirs, self.settings, self.make), daemon=True)
        with interrupts_held():
            self._process.start()
        theirs.close()

    def stop(self) -> None:
        if self._process is not None:
            self._kill(self._process)
            self._process.join()
            self._pipe.close()
            self._process = None

    @staticmethod
    def _kill(process: BaseProcess) -> None:
        """Kill it with whatever it started."""
        if sys.platform != "win32" and process.pid is not None:
            with suppress(ProcessLookupError):  # it has ended, or not yet got as far as its group
                os.killpg(process.pid, signal.SIGKILL)
        process.kill()

    def answer(self, asked: object, until: float) -> Answer:
        if self._process is None:
            self.start()
        said: object
        try:
            self._pipe.send(asked)
            in_time = self._pipe.poll(max(0.0, until - time.monotonic()))
            said = self._pipe.recv() if in_time else TimeUpError()
        except (EOFError, OSError):
            said = StoppedError()
        if isinstance(said, TimeUpError | StoppedError):
            self.stop()
        if isinstance(said, Exception):
            raise said
        assert isinstance(said, Answer)
        return said


def _serve(pipe: Connection, settings: Settings, make: Callable[[Settings], Working]) -> None:
    """Answer one request after another until the server is gone."""
    if sys.platform != "win32":
        os.setpgid(0, 0)
    working = make(settings)
    try:
        while True:
            asked = pipe.recv()
            pipe.send(_answered(working, asked, settings.max_memory_mb))
    except (EOFError, OSError):
        return  # it is


def _answered(working: Working, asked: object, most_mb: int) -> Answer | Exception:
    try:
        with _bounded_memory(most_mb):
            return working.answer(asked)
    except InputError as error:
        return error
    except MemoryError:
        return InputError(f"a request that takes more than {most_mb} MB of memory", "less", "Send less.", "gpx")
    except Exception as error:
        logging.getLogger(__name__).exception("a request failed")
        return RuntimeError(f"a request failed: {type(error).__name__}")


@contextmanager
def _bounded_memory(most_mb: int) -> Iterator[None]:
    """In the block this process may take so much more memory than it has; what is above fails in it."""
    if sys.platform != "linux":
        yield
        return
    import resource

    held = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (held + most_mb * 2**20, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)

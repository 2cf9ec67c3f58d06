"""Predictions in processes of their own: one that takes too long, or too much memory, is stopped."""

from __future__ import annotations

import logging
import multiprocessing
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from api.service import Asked, Service
from api.settings import Settings
from lib.core.errors import InputError
from lib.core.processes import interrupts_held

_STARTS: Final = multiprocessing.get_context("forkserver" if sys.platform != "win32" else "spawn")
_STARTS.set_forkserver_preload([__name__])


class TimeUpError(Exception):
    """A prediction took longer than it may."""


class StoppedError(Exception):
    """The process of a prediction was stopped from outside."""


class Workers:
    """Processes with the model, each for one prediction at a time; they start when they are first needed.

    Parameters
    ----------
    settings : Settings
        How many, what they serve, and how much memory a prediction may take.
    """

    def __init__(self, settings: Settings) -> None:
        self._all = [_Worker(settings) for _ in range(settings.workers)]
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

    def answer(self, asked: Asked, form: str, until: float) -> bytes:
        """What `api.service.Service.answer` gives; waits for a process to be free.

        Parameters
        ----------
        asked, form
            As there.
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
            return worker.answer(asked, form, until)
        finally:
            self._idle.put(worker)


class _Worker:
    """One of them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._process: BaseProcess | None = None

    def start(self) -> None:
        self._pipe, theirs = _STARTS.Pipe()
        self._process = _STARTS.Process(target=_serve, args=(theirs, self.settings), daemon=True)
        with interrupts_held():
            self._process.start()
        theirs.close()

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._pipe.close()
            self._process = None

    def answer(self, asked: Asked, form: str, until: float) -> bytes:
        if self._process is None:
            self.start()
        try:
            self._pipe.send((asked, form))
            in_time = self._pipe.poll(max(0.0, until - time.monotonic()))
            said = self._pipe.recv() if in_time else TimeUpError()
        except (EOFError, OSError):
            said = StoppedError()
        if isinstance(said, TimeUpError | StoppedError):
            self.stop()
        if isinstance(said, Exception):
            raise said
        return said


def _serve(pipe: Connection, settings: Settings) -> None:
    """Answer one request after another until the server is gone."""
    service = Service(settings)
    try:
        while True:
            asked, form = pipe.recv()
            pipe.send(_answered(service, asked, form))
    except (EOFError, OSError):
        return  # it is


def _answered(service: Service, asked: Asked, form: str) -> bytes | Exception:
    try:
        with _bounded_memory(service.settings.max_memory_mb):
            return service.answer(asked, form)
    except InputError as error:
        return error
    except MemoryError:
        most = f"{service.settings.max_memory_mb} MB"
        return InputError(f"a request that takes more than {most} of memory", "less", "Send a shorter course.", "gpx")
    except Exception as error:
        logging.getLogger(__name__).exception("a prediction failed")
        return RuntimeError(f"a prediction failed: {type(error).__name__}")


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

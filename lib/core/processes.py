"""Work on many things in processes of their own, in order; one that ends or hangs costs one thing."""

from __future__ import annotations

import os
import pickle
import signal
import struct
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any, BinaryIO, Final, TypeVar, cast

A = TypeVar("A")
B = TypeVar("B")
_AHEAD: Final = 4
"""Things for each process that are taken before the first of them is done."""
_SIZE: Final = struct.Struct("<Q")
_START: Final = "from lib.core.processes import serve; serve()"


class LostError(Exception):
    """The process of a piece of work ended before the work did, or took too long."""


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_processes(
    work: Callable[[A], B],
    items: Iterable[A],
    lost: Callable[[A, str], B],
    limit_s: float,
    processes: int | None = None,
) -> Iterator[B]:
    """Results of `work`, in order of the items.

    Parameters
    ----------
    work : callable
        Of a module, or a `functools.partial` of one, as `pickle` names it; so are items and results pickled. What it
        raises is raised here.
    items : iterable
        Taken a few at a time.
    lost : callable
        The result of an item whose process ended or was stopped, and why, in words.
    limit_s : float
        Time for an item.
    processes : int, optional
        How many; by default one for each core.
    """
    n = processes or cores()
    idle: SimpleQueue[_Process] = SimpleQueue()
    started = [_Process() for _ in range(n)]
    for process in started:
        idle.put(process)

    def one(item: A) -> B:
        process = idle.get()
        try:
            return cast(B, process.ask(work, item, limit_s))
        except LostError as error:
            return lost(item, str(error))
        finally:
            idle.put(process)

    threads = ThreadPoolExecutor(n)
    ahead: deque[Future[B]] = deque()
    try:
        for item in items:
            ahead.append(threads.submit(one, item))
            if len(ahead) >= _AHEAD * n:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
    finally:
        for process in started:
            process.stop()
        threads.shutdown(cancel_futures=True)


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back until the block ends; threads and processes that it starts never see one.

    Such a process would die of it with a traceback in the middle of its start; ending it is for who started it.
    """
    if sys.platform == "win32":  # it has no such signals
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # its own start, within the block, would let interrupts through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Process:
    """A process that works on one thing at a time; it starts when it is first needed, and again after it ended."""

    def __init__(self) -> None:
        self._running: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def _started(self) -> subprocess.Popen[bytes]:
        if self._running is None or self._running.poll() is not None:
            one_thread = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
            environment = os.environ | one_thread | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
            with interrupts_held():
                self._running = subprocess.Popen(
                    [sys.executable, "-c", _START], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
                )
        return self._running

    def ask(self, work: Callable[[Any], object], item: object, limit_s: float) -> object:
        if self._stopped:
            raise LostError("stopped")
        running = self._started()
        assert running.stdin is not None and running.stdout is not None
        late = threading.Event()

        def too_late() -> None:
            late.set()
            running.kill()

        timer = threading.Timer(limit_s, too_late)
        timer.start()
        try:
            _send(running.stdin, pickle.dumps((work, item), pickle.HIGHEST_PROTOCOL))
            raised, result = pickle.loads(_receive(running.stdout))
        except (OSError, EOFError) as error:
            running.kill()
            code = running.wait()
            raise LostError(
                f"it took longer than {limit_s:g} s" if late.is_set() else f"its process ended (status {code})"
            ) from error
        finally:
            timer.cancel()
        if raised is not None:
            raise raised
        return result

    def stop(self) -> None:
        """End it, whatever it does."""
        self._stopped = True
        if self._running is not None:
            self._running.kill()
            self._running.communicate()


def _send(stream: BinaryIO | Any, content: bytes) -> None:
    stream.write(_SIZE.pack(len(content)))
    stream.write(content)
    stream.flush()


def _receive(stream: BinaryIO | Any) -> bytes:
    head = stream.read(_SIZE.size)
    if len(head) < _SIZE.size:
        raise EOFError
    (size,) = _SIZE.unpack(head)
    content = stream.read(size)
    if len(content) < size:
        raise EOFError
    return cast(bytes, content)


def serve() -> None:
    """Work on what comes on the standard input until it ends; the other side of `in_processes`."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the work prints is no answer
    while True:
        try:
            work, item = pickle.loads(_receive(sys.stdin.buffer))
        except EOFError:
            return
        raised, result = None, None
        try:
            result = work(item)
        except Exception as error:
            raised = error
        _send(out, pickle.dumps((raised, result), pickle.HIGHEST_PROTOCOL))

"""Work of a batch on a Dask cluster, whichever workers come and go.

Workers need this package, with the same code and libraries, but no folder of the caller's: a task carries what it
works on, the network travels to each worker once, and content of files comes back, for the caller to write. So a
cluster needs no file system in common, and one process alone writes. Few tasks are on their way at a time, however many
there are. A worker is asked what it runs before it gets any: if that is something else it is refused by its name, since
its results would be taken for ours.

A scheduler must be trusted, and so must the network to it: Dask sends pickles, so whoever can speak to a scheduler runs
code here and on its workers. Use one that listens on loopback or behind TLS (``tls://…``, set up in Dask's own way).

Workers may die: Dask runs their tasks elsewhere, `distributed.scheduler.allowed-failures` times.
"""

from __future__ import annotations

import logging
import time
from asyncio import CancelledError
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import dask
from distributed import Client, Future, LocalCluster, wait

from lib.core.errors import InputError
from lib.core.processes import interrupts_held
from utils.batch.files import one_line
from utils.batch.identity import differences, identity
from utils.batch.predict_pairs import Network, loads

_SELDOM: Final = {
    "distributed.worker.profile.enabled": False,
    "distributed.worker.memory.monitor-interval": "1s",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.admin.tick.interval": "2s",
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.scheduler.work-stealing-interval": "1s",
    "distributed.client.scheduler-info-interval": "60s",
}
"""How often a cluster here watches itself: by default many times a second, on a core that a worker could use."""

T = TypeVar("T")
R = TypeVar("R")

_AHEAD: Final = 2
"""Tasks on their way for each thread of the cluster: one runs, one waits."""
_WAIT_S: Final = 10.0
"""How long a scheduler may take to answer, and then to have a worker."""
_LOOK_S: Final = 1.0
"""How often it is looked which workers there are."""


@contextmanager
def cluster(scheduler: str | None, workers: int | None) -> Iterator[Client]:
    """Connect to a scheduler, or to a cluster of processes here that ends with the block.

    Parameters
    ----------
    scheduler : str, optional
        Its address, as ``tcp://host:8786``.
    workers : int, optional
        Processes of a cluster here; by default one for each core.

    Raises
    ------
    InputError
        If that is no address, no scheduler answers there, or it has no worker.
    """
    if scheduler is not None:
        _check_address(scheduler)
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters of it is said in sentences
    with ExitStack() as stack:
        if scheduler is None:
            stack.enter_context(dask.config.set(_SELDOM))
            with interrupts_held():
                here = LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    processes=True,
                    dashboard_address=None,
                    silence_logs=logging.CRITICAL,  # a worker that ends while it connects would log a traceback
                )
                stack.enter_context(here)
            yield stack.enter_context(Client(here, set_as_default=False))
            return
        try:
            client = stack.enter_context(Client(scheduler, timeout=_WAIT_S, set_as_default=False))
        except OSError as error:
            remedy = "Start one (dask scheduler), or leave the scheduler out to use this machine."
            raise InputError("no Dask scheduler that answers", "one", remedy, one_line(scheduler)) from error
        try:
            client.wait_for_workers(1, timeout=_WAIT_S)
        except TimeoutError as error:
            remedy = f"Start one: dask worker {one_line(scheduler)} --nthreads 1."
            raise InputError("no worker", "one or more", remedy, one_line(scheduler)) from error
        yield client


def _check_address(scheduler: str) -> None:
    """Refuse what is no address before Dask tries it, which takes its time to give up."""
    try:
        parts = urlsplit(scheduler)
        good = parts.scheme in ("tcp", "tls") and bool(parts.hostname) and parts.port is not None
    except ValueError:
        good = False
    if not good:
        found = f"the scheduler {one_line(scheduler)!r}"
        raise InputError(found, "an address as tcp://host:8786 or tls://host:8786", "Correct it.")


class Fleet:
    """The workers of a cluster that run what this process runs, and the network on them.

    Parameters
    ----------
    client : Client
        Of the cluster.
    network : Network
        What predicts.
    say : callable
        Told once of each worker that is refused, and why.

    Raises
    ------
    InputError
        If all workers run something else or cannot run the network, or the scheduler goes away.
    """

    def __init__(self, client: Client, network: Network, say: Callable[[str], None]) -> None:
        self.client, self._network, self._say = client, network, say
        self.threads: dict[str, int] = {}
        """Of each worker that may be given work, by address."""
        self._refused: dict[str, str] = {}
        self._looked_s = -_LOOK_S
        self._there: tuple[Future, frozenset[str]] | None = None
        self.look()
        able = self.submit(loads)
        if _settled(able.future).status == "error":
            remedy = "Install the same release of trailcast on every worker."
            raise InputError(f"workers that cannot run the network ({_reason(able.future)})", "ones that can", remedy)

    def look(self) -> None:
        """See which workers there are, if that was a while ago, and ask new ones what they run."""
        if self.threads and time.monotonic() - self._looked_s < _LOOK_S:
            return
        try:
            threads = self.client.nthreads()
            known = self.threads.keys() | self._refused.keys()
            good = self.threads.keys() | self._ask([address for address in threads if address not in known])
        except OSError as error:
            raise _gone() from error
        self.threads = {address: count for address, count in threads.items() if address in good}
        refused = [self._refused[address] for address in threads if address in self._refused]
        if refused and not self.threads:
            raise InputError(refused[0], "one that runs this code", "Install the same release of trailcast there.")
        self._looked_s = time.monotonic()

    def _ask(self, addresses: list[str]) -> set[str]:
        """Those that run what this process runs; the others are refused."""
        if not addresses:
            return set()
        said = self.client.run(identity, workers=addresses, on_error="return")
        names = {at: worker["name"] for at, worker in self.client.scheduler_info(n_workers=-1)["workers"].items()}
        good: set[str] = set()
        for address, answer in said.items():
            if isinstance(answer, OSError):
                continue  # it has gone; if it comes back it is asked again
            other = differences(identity(), answer) if isinstance(answer, dict) else f"no answer ({answer})"
            if not other:
                good.add(address)
                continue
            name = one_line(str(names.get(address, address)))
            shown = name if name == address else f"{name} ({address})"
            self._refused[address] = one_line(f"the worker {shown} runs something else: {other}")
            self._say(f"refused: {self._refused[address]}")
        return good

    def submit(self, function: Callable[..., Any], *arguments: object) -> Task:
        """Start a task on one of the workers; the network is its first argument."""
        where = frozenset(self.threads)
        if self._there is None or not self._there[1] & where:
            # A task, not scattered data: should every worker that holds it die, Dask makes it again.
            args = (self._network.content, self._network.bundle_text)
            self._there = self.client.submit(Network, *args, pure=False, workers=list(where)), where
        future = self.client.submit(function, self._there[0], *arguments, pure=False, workers=list(where))
        return Task(future, where)


@dataclass(frozen=True)
class Task:
    """Work on its way, and the workers that may do it."""

    future: Future
    workers: frozenset[str]


def each(
    fleet: Fleet,
    function: Callable[..., list[R]],
    work: Iterator[Sequence[T]],
    failed: Callable[[T, str], R],
    *more: object,
) -> Iterator[R]:
    """What ``function(network, items, *more)`` makes of every item, as it comes.

    A task that fails altogether, or takes its workers down, is taken apart when all others are done: each item by
    itself and nothing beside it, so that the one to blame is known and the others are finished.

    Parameters
    ----------
    fleet : Fleet
        Who works.
    function : callable
        Importable there; returns a list with a result for each item, and raises on none of its own accord.
    work : iterator of sequences
        Items of a task each; asked for the next one only when there is room for it.
    failed : callable
        The result of an item that could not be had, from the item and the reason.
    more
        Further arguments.

    Raises
    ------
    InputError
        If the scheduler goes away, or all workers that are left run something else.
    """
    suspects: list[T] = []
    for items, future in _ended(fleet, function, work, more):
        if future.status == "finished":
            yield from _result(future)
        else:
            suspects += items
    for (item,), future in _ended(fleet, function, ([item] for item in suspects), more, alone=True):
        yield from _result(future) if future.status == "finished" else [failed(item, _reason(future))]


def _ended(
    fleet: Fleet,
    function: Callable[..., list[R]],
    work: Iterator[Sequence[T]],
    more: Sequence[object],
    alone: bool = False,
) -> Iterator[tuple[Sequence[T], Future]]:
    """Items and their task, once it is finished or failed; workers may come and go."""
    running: dict[Task, Sequence[T]] = {}
    exhausted = False
    while running or not exhausted:
        fleet.look()
        if not fleet.threads:  # for now there is nobody
            time.sleep(_LOOK_S)
            continue
        for task in [task for task in running if not task.workers & fleet.threads.keys()]:
            task.future.cancel()
            items = running.pop(task)
            running[fleet.submit(function, items, *more)] = items
        while not exhausted and len(running) < (1 if alone else _AHEAD * sum(fleet.threads.values())):
            items = next(work, None)
            exhausted = items is None
            if items:
                running[fleet.submit(function, items, *more)] = items
        if running:
            for task in _some_ended(fleet.client, running):
                yield running.pop(task), _settled(task.future)


def _some_ended(client: Client, tasks: Mapping[Task, Any]) -> list[Task]:
    """Those that are finished or failed, after a while at the latest."""
    try:
        with client.as_current():
            wait([task.future for task in tasks], timeout=_LOOK_S, return_when="FIRST_COMPLETED")
    except TimeoutError:
        return []
    except CancelledError as error:
        raise _gone() from error
    return [task for task in tasks if task.future.done()]


def _settled(future: Future) -> Future:
    """The future once it is finished or failed."""
    future.exception()  # waits, also where nothing failed
    if future.status not in ("finished", "error"):
        raise _gone()
    return future


def _result(future: Future) -> list[Any]:
    try:
        return future.result()
    except (OSError, CancelledError) as error:
        raise _gone() from error


def _gone() -> InputError:
    return InputError("a scheduler that went away", "one that stays", "Run this again to go on where it stopped.")


def _reason(future: Future) -> str:
    error = future.exception()
    return one_line(f"{type(error).__name__}: {error}")

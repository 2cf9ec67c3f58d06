"""Work of a batch on a Dask cluster, whichever workers come and go.

Workers need this package, of the same release, but no folder of the caller's: a task carries what it works on, the
network travels to each worker once, and content of files comes back, for the caller to write. So a cluster needs no
file system in common, and one process alone writes. Few tasks are on their way at a time, however many there are.

A scheduler must be trusted, and so must the network to it: Dask sends pickles, so whoever can speak to a scheduler runs
code here and on its workers. Use one that listens on loopback or behind TLS (``tls://…``, set up in Dask's own way).

Workers may die: Dask runs their tasks elsewhere, `distributed.scheduler.allowed-failures` times.
"""

from __future__ import annotations

import logging
from asyncio import CancelledError
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from distributed import Client, Future, LocalCluster, as_completed

from lib.core.errors import InputError
from utils.batch.files import one_line
from utils.batch.predict_pairs import Network, loads

T = TypeVar("T")
R = TypeVar("R")

_AHEAD: Final = 2
"""Tasks on their way for each thread of the cluster: one runs, one waits."""
_WAIT_S: Final = 10.0
"""How long a scheduler may take to answer, and then to have a worker."""


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
            here = LocalCluster(n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None)
            yield stack.enter_context(Client(stack.enter_context(here), set_as_default=False))
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


def delivered(client: Client, network: Network) -> Future:
    """The network on the cluster, known to run there.

    Raises
    ------
    InputError
        If the workers cannot run it, or the scheduler goes away.
    """
    # A task, not scattered data: should every worker that holds it die, Dask makes it again.
    there = client.submit(Network, network.content, network.bundle_text, pure=False)
    able = client.submit(loads, there, pure=False)
    if _settled(able).status == "error":
        remedy = "Install the same release of trailcast on every worker."
        raise InputError(f"workers that cannot run the network ({_reason(able)})", "ones that can", remedy)
    return there


def each(
    client: Client,
    function: Callable[..., list[R]],
    network: Future,
    work: Iterator[Sequence[T]],
    failed: Callable[[T, str], R],
    *more: object,
) -> Iterator[R]:
    """What ``function(network, items, *more)`` makes of every item, as it comes.

    A task that fails altogether, or takes its workers down, is taken apart when all others are done: each item by
    itself and nothing beside it, so that the one to blame is known and the others are finished.

    Parameters
    ----------
    client : Client
        Of the cluster.
    function : callable
        Importable there; returns a list with a result for each item, and raises on none of its own accord.
    network : Future
        From `delivered`.
    work : iterator of sequences
        Items of a task each; asked for the next one only when there is room for it.
    failed : callable
        The result of an item that could not be had, from the item and the reason.
    more
        Further arguments.

    Raises
    ------
    InputError
        If the scheduler goes away.
    """
    running: dict[str, Sequence[T]] = {}
    suspects: list[T] = []
    queue = as_completed(loop=client.loop, raise_errors=False)
    exhausted = False
    while running or not exhausted:
        while not exhausted and len(running) < _width(client):
            items = next(work, None)
            exhausted = items is None
            if items:
                future = client.submit(function, network, items, *more, pure=False)
                running[future.key] = items
                queue.add(future)
        if running:
            future = _settled(next(queue))
            items = running.pop(future.key)
            if future.status == "finished":
                yield from _result(future)
            else:
                suspects += items
    for item in suspects:
        future = _settled(client.submit(function, network, [item], *more, pure=False))
        yield from _result(future) if future.status == "finished" else [failed(item, _reason(future))]


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


def _width(client: Client) -> int:
    """How many tasks may be on their way; workers come and go."""
    try:
        return _AHEAD * max(1, sum(client.nthreads().values()))
    except OSError as error:
        raise _gone() from error

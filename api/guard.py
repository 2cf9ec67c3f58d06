"""Limits on the requests of anybody: what exceeds them is refused early, with a reason."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, TypeVar

from fastapi import HTTPException
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.settings import Settings
from api.workers import StoppedError, TimeUpError

T = TypeVar("T")

HEALTH: Final = "/health"
ATHLETE: Final = "/athlete"

_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "frame-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class RefusedError(HTTPException):
    """A request that is not served, in the words of `api.schemas.Fault`."""

    def __init__(
        self, status: int, found: str, expected: str, remedy: str, headers: dict[str, str] | None = None
    ) -> None:
        fault = {"found": found, "expected": expected, "remedy": remedy}
        super().__init__(status, fault, headers)


@dataclass
class _Bodies:
    """Limits of the bodies of some requests, and how many bytes of them there are now.

    Parameters
    ----------
    max_bytes : int
        Of one.
    max_held_bytes : int
        Of all together.
    limit_s : float
        Time in which one must have come.
    remedy : str
        What to do with one that is too large.
    """

    max_bytes: int
    max_held_bytes: int
    limit_s: float
    remedy: str
    held_bytes: int = 0

    @property
    def too_large(self) -> RefusedError:
        """Why one is refused."""
        return RefusedError(
            413, f"a request of more than {self.max_bytes} bytes", f"{self.max_bytes} at most", self.remedy
        )


class Guard:
    """Middleware: bounds requests at once, their bodies and the time in which these come; sets headers of every answer.

    HEAD is answered as GET, without the body.

    Whatever else is taken, ``/health`` is answered: what watches a server must not take a busy one for a dead one.

    Parameters
    ----------
    app : ASGIApp
        What is guarded.
    settings : Settings
        How many requests at once; size of a body, counted as it comes, whatever its header claims, and the time in
        which it must have come. All bodies together are bounded by what all places could take; archives are counted
        by themselves.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.max_requests, self.requests = settings.max_requests, 0
        most, archive = settings.max_upload_bytes, settings.max_archive_bytes
        places, limit_s = settings.workers + settings.waiting, settings.body_limit_s
        self._bodies = _Bodies(most, most * places, limit_s, "Thin out its points.")
        self._archives = _Bodies(
            archive, archive * 2 * settings.imports, limit_s * max(archive / most, 1.0), "Send the latest recordings."
        )
        self.headers = _HEADERS | _shared(settings.cors_origin)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        bodies = self._archives if scope["path"] == ATHLETE else self._bodies
        until, size, whole = time.monotonic() + bodies.limit_s, 0, False
        bodiless = scope["method"] == "HEAD"

        async def guarded() -> Message:
            nonlocal size, whole
            if whole:  # what comes now is that the other side has gone
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), max(until - time.monotonic(), 0.0))
            except TimeoutError as error:
                found = f"half a request after {bodies.limit_s:g} s"
                raise RefusedError(408, found, "all of it", "Try a faster connection.") from error
            came = len(message.get("body", b""))
            size += came
            bodies.held_bytes += came
            whole = not message.get("more_body", False)
            if size > bodies.max_bytes:
                raise bodies.too_large
            if bodies.held_bytes > bodies.max_held_bytes:
                raise _busy(f"{bodies.held_bytes} bytes of requests at once")
            return message

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if bodied and not whole:
                    # Answered early: else the rest of the body would be read for as long as it comes.
                    headers["Connection"] = "close"
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            elif bodiless:
                message = {**message, "body": b""}
            await send(message)

        head = Headers(scope=scope)
        claimed = head.get("content-length", "0")
        bodied = claimed != "0" or "transfer-encoding" in head
        refused = None
        if not claimed.isdecimal() or int(claimed[:18]) > bodies.max_bytes:
            refused = bodies.too_large
        elif self.requests >= self.max_requests and scope["path"] != HEALTH:
            refused = _busy(f"{self.requests} requests at once")
        if refused is not None:
            await JSONResponse(refused.detail, refused.status_code, refused.headers)(scope, receive, headed)
            return
        self.requests += 1
        try:
            await self.app({**scope, "method": "GET"} if bodiless else scope, guarded, headed)
        finally:
            self.requests -= 1
            bodies.held_bytes -= size


def _shared(origin: str) -> dict[str, str]:
    """Headers that let pages of another web site read answers; none for no site."""
    if not origin:
        return {}
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": "Content-Disposition, Retry-After",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }


def _busy(found: str) -> RefusedError:
    return RefusedError(503, found, "fewer", "Try again in a few seconds.", {"Retry-After": "3"})


class Slots:
    """Work off the event loop, some at once, some more waiting, no more than that.

    Work is told until when it has, and holds its place until it has really ended, so that no number of requests
    starts more.

    Parameters
    ----------
    workers, waiting : int
        At once, and waiting.
    limit_s : float
        Time of each, waiting included.
    remedy : str
        What to do if that was not enough.
    """

    def __init__(self, workers: int, waiting: int, limit_s: float, remedy: str) -> None:
        self.workers, self.waiting, self.limit_s, self.remedy = workers, waiting, limit_s, remedy
        self.taken, self._lock = 0, threading.Lock()
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="request")

    def _free(self, _: object) -> None:
        with self._lock:
            self.taken -= 1

    def _take(self) -> None:
        with self._lock:
            if self.taken >= self.workers + self.waiting:
                raise _busy(f"{self.taken} requests at work or waiting")
            self.taken += 1

    async def run(self, work: Callable[[float], T]) -> T:
        """Result of `work`, which is given the time (`time.monotonic`) at which it must give up.

        Raises
        ------
        RefusedError
            If all places are taken, or it took too long.
        """
        self._take()
        until = time.monotonic() + self.limit_s

        def in_time() -> T:
            if time.monotonic() > until:
                raise TimeUpError
            return work(until)

        work_done = self._pool.submit(in_time)
        work_done.add_done_callback(self._free)  # in its thread, so whatever becomes of whoever waits
        future = asyncio.wrap_future(work_done)
        try:
            return await asyncio.wait_for(asyncio.shield(future), self.limit_s)
        except (TimeoutError, TimeUpError) as error:
            future.add_done_callback(_looked_at)
            raise RefusedError(504, f"work of more than {self.limit_s:g} s", "less", self.remedy) from error
        except StoppedError as error:
            raise _busy("work that was stopped") from error


def _looked_at(future: asyncio.Future[object]) -> None:
    """Nobody waits for it any more; what it raises is no news."""
    if not future.cancelled():
        future.exception()

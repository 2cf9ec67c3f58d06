"""HTTP/1.1 as uvicorn reads it, with a limit on the time that the head of a request may take."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


class _Connection(H11Protocol):
    """A connection that is closed if it asks nothing, or goes on beginning to ask.

    Parameters
    ----------
    limit_s : float
        Time for the head of a request: its first line and its headers.
    **given
        Of `H11Protocol`.
    """

    def __init__(self, limit_s: float, **given: Any) -> None:
        super().__init__(**given)
        self.limit_s = limit_s
        self._late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head."""
        super().connection_made(transport)
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        """Take what has come."""
        super().data_received(data)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        super().connection_lost(exc)
        self._stop_waiting()

    def _wait_for_head(self) -> None:
        if self.conn.their_state is not h11.IDLE:
            self._stop_waiting()
        elif self._late is None:
            self._late = self.loop.call_later(self.limit_s, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


def connections(limit_s: float) -> Callable[..., asyncio.Protocol]:
    """What makes a protocol of each connection, for uvicorn's ``http``; see `_Connection`."""

    def made(**given: Any) -> asyncio.Protocol:
        return _Connection(limit_s, **given)

    return made

"""Waiting for what other processes do."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_S = 120.0
"""Only so that a test that has gone wrong ends; nothing is expected to take a certain time."""


def wait_until(true: Callable[[], bool]) -> None:
    """Wait for something that is going to be so."""
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, "it never came to be so"
        time.sleep(0.02)

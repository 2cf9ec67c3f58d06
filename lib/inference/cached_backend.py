"""A backend that remembers answers: what was asked before is not run again."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from typing import Final

import numpy as np

from lib.inference.rollout import Backend

MOST_BYTES: Final = 64_000_000
"""Answers kept: a course of 100 km is 0.24 MB, so this is some hundreds of efforts."""


def recalling(backend: Backend, most_bytes: int = MOST_BYTES) -> Backend:
    """Give a backend that answers from memory what it was asked before.

    A rollout asks the same of the network whenever course, athlete, day and effort are the same, and nothing else that
    makes a race plan reaches the network: stops, start and temperature are free.

    Parameters
    ----------
    backend : callable
        Runs the network; the same question has the same answer.
    most_bytes : int
        Answers that are kept; those not asked for the longest go first.
    """
    known: OrderedDict[bytes, np.ndarray] = OrderedDict()
    size = 0

    def run(encoder_cont: np.ndarray, decoder_cont: np.ndarray) -> np.ndarray:
        nonlocal size
        asked = hashlib.blake2b(f"{encoder_cont.shape} {decoder_cont.shape}".encode(), digest_size=16)
        for part in (encoder_cont, decoder_cont):
            asked.update(np.ascontiguousarray(part).tobytes())
        key = asked.digest()
        if key in known:
            known.move_to_end(key)
            return known[key].copy()
        said = backend(encoder_cont, decoder_cont)
        known[key] = said.copy()
        size += said.nbytes
        while size > most_bytes:
            size -= known.popitem(last=False)[1].nbytes
        return said

    return run

"""Athlete profiles made from sessions in a batch, kept under a hash of what they were made of."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from lib.athlete.profile import profile_after
from lib.core.errors import InputError
from lib.core.files import write_atomically
from utils.batch.files import Source, one_line
from utils.batch.identity import identity
from utils.batch.predict_pairs import Network

_SHOWN: Final = 16
"""Digits of a hash that stand in a file's name."""


def made(network: Network, athletes: Sequence[Source]) -> list[Source]:
    """Make athletes' bundles, as ``make athlete`` does.

    Parameters
    ----------
    network : Network
        With the bundle of the model that they are for.
    athletes : sequence of Source
        Parquet of sessions (`lib.recordings.sessions`).

    Returns
    -------
    list of Source
        The bundles as JSON, in their order, or why there is none.
    """
    return [_made(network, athlete) for athlete in athletes]


def _made(network: Network, athlete: Source) -> Source:
    from lib.recordings.sessions import read_sessions  # here: who brings bundles does without pandas

    name = f"{athlete.label}.parquet"
    try:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "sessions.parquet"
            path.write_bytes(athlete.content)
            sessions = read_sessions(path)
        bundle = network.bundle.for_athlete(profile_after(sessions, network.bundle.prior))
    except InputError as error:
        said = InputError(error.found, error.expected, error.remedy, name)
        return Source(athlete.label, error=one_line(str(said)))
    return Source(athlete.label, bundle.to_json().encode())


def _stem(network: Network, sessions: Source) -> str:
    """What a bundle's file is called for what it was made of."""
    inputs = f"{identity()} {sessions.sha256} {network.bundle_text}"
    return f"bundle-{hashlib.sha256(inputs.encode()).hexdigest()[:_SHOWN]}"


def keep(folder: Path, network: Network, sessions: Source, bundle: Source) -> None:
    """Write a bundle that was made of these sessions."""
    write_atomically(folder / f"{_stem(network, sessions)}-{bundle.sha256[:_SHOWN]}.json", bundle.content)


def kept(folder: Path, network: Network, sessions: Source) -> Source | None:
    """The bundle that was made of the same sessions for the same model, if there is one and it is whole."""
    for path in sorted(folder.glob(f"{_stem(network, sessions)}-*.json")):
        bundle = Source(sessions.label, path.read_bytes())
        if path.stem.endswith(f"-{bundle.sha256[:_SHOWN]}"):
            return bundle
    return None

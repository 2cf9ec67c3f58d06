"""A batch makes the profiles that `trailcast athlete` makes, and keeps them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lib.recordings.sessions import write_sessions
from tests.support.batches import model_in
from tests.support.command import command
from tests.support.small import small_sessions
from utils.batch.athletes import keep, kept, made
from utils.batch.files import Source
from utils.batch.predict_pairs import Network

pytestmark = pytest.mark.slow

main = command("athlete")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("athletes")


@pytest.fixture(scope="module")
def network(folder: Path) -> Network:
    return model_in(folder / "model")


@pytest.fixture(scope="module")
def sessions(folder: Path, network: Network) -> Source:
    write_sessions(small_sessions(3), folder / "me.parquet")
    return Source("me", (folder / "me.parquet").read_bytes())


def test_it_is_what_make_athlete_makes(folder: Path, network: Network, sessions: Source) -> None:
    assert main([str(folder / "me.parquet"), str(folder / "me.json"), "--model-dir", str(folder / "model")]) == 0
    assert made(network, [sessions]) == [Source("me", (folder / "me.json").read_bytes())]


def test_what_is_no_table_of_sessions_fails_alone_and_by_name(network: Network, sessions: Source) -> None:
    bad, good = made(network, [Source("you", b"PAR1"), sessions])
    assert bad.error is not None and bad.error.startswith("you.parquet: parquet that cannot be read")
    assert bad.error.isprintable()
    assert good.error is None


def test_a_bundle_is_found_again_for_the_same_sessions_and_model_only(
    network: Network, sessions: Source, tmp_path: Path
) -> None:
    bundle = made(network, [sessions])[0]
    assert kept(tmp_path / "me", network, sessions) is None
    keep(tmp_path / "me", network, sessions, bundle)
    assert kept(tmp_path / "me", network, sessions) == bundle
    assert kept(tmp_path / "me", network, replace(sessions, content=b"others")) is None
    other = replace(network.bundle, max_prediction_length=19)
    assert kept(tmp_path / "me", replace(network, bundle_text=other.to_json()), sessions) is None


def test_a_damaged_bundle_is_not_found(network: Network, sessions: Source, tmp_path: Path) -> None:
    keep(tmp_path, network, sessions, made(network, [sessions])[0])
    path = next(tmp_path.iterdir())
    path.write_bytes(path.read_bytes().replace(b"1", b"2", 1))
    assert kept(tmp_path, network, sessions) is None

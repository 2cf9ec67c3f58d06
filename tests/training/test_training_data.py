"""Training data is divided by date, and a model knows its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.core import schema as c
from lib.core.errors import InputError
from lib.recordings.sessions import write_sessions
from lib.training.checkpoint import MANIFEST
from lib.training.config import TrainingConfig
from lib.training.training_data import data_of, fingerprint, training_athletes, training_data
from tests.support.small import CONFIG, small_data, small_folder, small_sessions

pytestmark = pytest.mark.slow


def test_with_one_athlete_the_bundle_is_that_athletes_with_several_nobodys() -> None:
    sessions = small_sessions()
    assert small_data().athlete.runs == 6
    assert training_data({"a": sessions, "b": sessions}, CONFIG).athlete.runs == 0


def test_the_sessions_to_test_with_are_not_seen() -> None:
    config = TrainingConfig(**{**CONFIG.__dict__, "test_share": 0.34})
    data = training_data({"small": small_sessions()}, config)
    assert data.later[c.SESSION_ID].max() == 3
    assert data.athlete.runs == 4


def test_a_model_knows_the_data_that_it_was_trained_on(tmp_path: Path) -> None:
    folder = small_folder(tmp_path)
    assert data_of(folder, {"small": small_sessions()}).fingerprint == small_data().fingerprint
    with pytest.raises(InputError, match="trained on sessions"):
        data_of(folder, {"small": small_sessions(seed=8)})
    with pytest.raises(InputError, match=f"no {MANIFEST}"):
        data_of(tmp_path / "nothing", {"small": small_sessions()})


def test_the_fingerprint_depends_on_content_and_names() -> None:
    one = small_sessions(2)
    assert fingerprint({"a": one}) == fingerprint({"a": one.copy()})
    assert fingerprint({"a": one}) != fingerprint({"b": one})
    assert fingerprint({"a": one}) != fingerprint({"a": one.assign(duration_s=one[c.DURATION] + 1)})


def test_sessions_are_read_from_a_file_of_an_athlete(tmp_path: Path) -> None:
    write_sessions(small_sessions(2), tmp_path / "me.parquet")
    assert list(training_athletes(str(tmp_path / "me.parquet"), tmp_path)) == ["me"]


@pytest.mark.parametrize(
    "settings",
    [{"batch_size": 0}, {"dropout": 1.0}, {"hidden_size": 9, "attention_head_size": 2}, {"encoder_length": 5}],
)
def test_a_configuration_without_sense_is_refused(settings: dict[str, float]) -> None:
    with pytest.raises(InputError):
        _ = TrainingConfig(**settings).window

"""In: small sessions. Out: that a training leaves a whole model, goes on where it stopped, and knows its data."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from lib import columns as c
from lib import training as training_module
from lib.checkpoint import WEIGHTS, load_model
from lib.errors import InputError
from lib.normalizers import load_bundle
from lib.sessions import write_sessions
from lib.training import BUNDLE, MANIFEST, TrainingConfig, data_of, fingerprint, train, training_athletes, training_data
from tests.small import CONFIG, small_data, small_folder, small_sessions

QUIET = {"accelerator": "cpu", "progress": False}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    folder = tmp_path_factory.mktemp("trained")
    return folder, train(small_data(), CONFIG, folder, **QUIET)


def test_a_training_leaves_a_whole_model_and_nothing_else(trained: tuple[Path, dict]) -> None:
    folder, manifest = trained
    assert sorted(p.name for p in folder.iterdir()) == ["model.json", WEIGHTS, BUNDLE, MANIFEST]
    load_bundle(folder / BUNDLE, folder / WEIGHTS)
    load_model(folder)
    assert json.loads((folder / MANIFEST).read_text()) == manifest
    assert [row["epoch"] for row in manifest["epochs"]] == [0, 1]
    assert manifest["windows"] == len(small_data().dataset)
    assert manifest["best_validation_loss"] == min(row["val_loss"] for row in manifest["epochs"])


def test_an_interrupted_training_ends_as_if_it_had_not_been(
    trained: tuple[Path, dict], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class PowerCut(Exception):
        pass

    original = training_module._History.on_train_epoch_start

    def cut(self: object, trainer: object, module: object) -> None:
        original(self, trainer, module)
        if trainer.current_epoch == 1:
            raise PowerCut

    with monkeypatch.context() as patch:
        patch.setattr(training_module._History, "on_train_epoch_start", cut)
        with pytest.raises(PowerCut):
            train(small_data(), CONFIG, tmp_path, **QUIET)
    assert not (tmp_path / WEIGHTS).exists()
    manifest = train(small_data(), CONFIG, tmp_path, **QUIET)
    folder, whole = trained
    assert manifest["epochs"] == whole["epochs"]
    one, two = load_model(folder).state_dict(), load_model(tmp_path).state_dict()
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_a_training_lowers_its_loss(trained: tuple[Path, dict]) -> None:
    epochs = trained[1]["epochs"]
    assert np.isfinite([row["train_loss_epoch"] for row in epochs]).all()
    assert epochs[-1]["val_loss"] < epochs[0]["val_loss"]


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

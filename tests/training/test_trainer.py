"""A training leaves a whole model folder, and resumes where it stopped."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from lib.athlete.bundle import load_bundle
from lib.inference.onnx_backend import ONNX, onnx_backend
from lib.training import trainer as trainer_module
from lib.training.checkpoint import BUNDLE, MANIFEST, WEIGHTS, load_model
from lib.training.trainer import train
from tests.support.small import CONFIG, small_data

pytestmark = pytest.mark.slow  # trains networks

QUIET = {"accelerator": "cpu", "progress": False}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    folder = tmp_path_factory.mktemp("trained")
    return folder, train(small_data(), CONFIG, folder, **QUIET)


def test_a_training_leaves_a_whole_model_and_nothing_else(trained: tuple[Path, dict]) -> None:
    folder, manifest = trained
    assert sorted(p.name for p in folder.iterdir()) == ["model.json", ONNX, WEIGHTS, BUNDLE, MANIFEST]
    onnx_backend(folder / ONNX, load_bundle(folder / BUNDLE, folder / WEIGHTS))
    load_model(folder)
    assert json.loads((folder / MANIFEST).read_text()) == manifest
    assert [row["epoch"] for row in manifest["epochs"]] == [0, 1]
    assert manifest["windows"] == len(small_data().dataset)
    assert manifest["best_validation_loss"] == min(row["val_loss"] for row in manifest["epochs"])


@pytest.mark.parametrize(
    ("damaged", "said"),
    [
        ((), ""),
        (("last",), "going on with the training after epoch 0, from .*best.ckpt"),
        (("last", "best"), "best.ckpt is damaged"),
    ],
)
def test_an_interrupted_training_ends_as_if_it_had_not_been(
    trained: tuple[Path, dict],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    damaged: tuple[str, ...],
    said: str,
) -> None:
    class PowerCut(Exception):
        pass

    original = trainer_module._History.on_train_epoch_start

    def cut(self: object, trainer: object, module: object) -> None:
        original(self, trainer, module)
        if trainer.current_epoch == 1:
            raise PowerCut

    with monkeypatch.context() as patch:
        patch.setattr(trainer_module._History, "on_train_epoch_start", cut)
        with pytest.raises(PowerCut):
            train(small_data(), CONFIG, tmp_path, **QUIET)
    assert not (tmp_path / WEIGHTS).exists()
    for name in damaged:
        (path,) = tmp_path.glob(f"*/{name}.ckpt")
        path.write_bytes(path.read_bytes()[:-5_000])
    manifest = train(small_data(), CONFIG, tmp_path, **QUIET)
    folder, whole = trained
    warned = "\n".join(x.getMessage() for x in caplog.records if x.levelname == "WARNING" and "ckpt" in x.getMessage())
    assert re.search(said, warned) if said else not warned
    assert manifest["epochs"] == whole["epochs"]
    one, two = load_model(folder).state_dict(), load_model(tmp_path).state_dict()
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_a_training_lowers_its_loss(trained: tuple[Path, dict]) -> None:
    epochs = trained[1]["epochs"]
    assert np.isfinite([row["train_loss_epoch"] for row in epochs]).all()
    assert epochs[-1]["val_loss"] < epochs[0]["val_loss"]

"""Model folders give a network back exactly, and broken ones are refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from lib.core.errors import InputError
from lib.core.files import sha256
from lib.training.checkpoint import ARCHITECTURE, WEIGHTS, load_model, save_model
from tests.support.small import small_model

pytestmark = pytest.mark.slow


def test_a_saved_network_comes_back_exactly(tmp_path: Path) -> None:
    model, _ = small_model()
    save_model(model, tmp_path)
    back = load_model(tmp_path)
    assert not back.training
    for name, value in model.state_dict().items():
        assert torch.equal(back.state_dict()[name], value), name
    assert sorted(p.name for p in tmp_path.iterdir()) == [ARCHITECTURE, WEIGHTS]


def test_the_same_weights_have_the_same_hash(tmp_path: Path) -> None:
    model, _ = small_model()
    assert sha256(save_model(model, tmp_path / "a")) == sha256(save_model(model, tmp_path / "b"))


@pytest.mark.parametrize("missing", [ARCHITECTURE, WEIGHTS])
def test_a_folder_that_lacks_a_file_is_refused(tmp_path: Path, missing: str) -> None:
    save_model(small_model()[0], tmp_path)
    (tmp_path / missing).unlink()
    with pytest.raises(InputError, match=f"no {missing}"):
        load_model(tmp_path)


def test_weights_of_another_architecture_are_refused(tmp_path: Path) -> None:
    save_model(small_model()[0], tmp_path)
    architecture = json.loads((tmp_path / ARCHITECTURE).read_text())
    (tmp_path / ARCHITECTURE).write_text(json.dumps(architecture | {"hidden_size": 16}))
    with pytest.raises(InputError, match="does not load"):
        load_model(tmp_path)


@pytest.mark.parametrize("content", ["[]", "{", "{}", '{"hidden_size": 8}'])
def test_an_architecture_that_is_none_is_refused(tmp_path: Path, content: str) -> None:
    save_model(small_model()[0], tmp_path)
    (tmp_path / ARCHITECTURE).write_text(content)
    with pytest.raises(InputError, match="does not load"):
        load_model(tmp_path)


def test_weights_that_are_none_are_refused(tmp_path: Path) -> None:
    save_model(small_model()[0], tmp_path)
    (tmp_path / WEIGHTS).write_bytes(b"\x80\x04not safetensors")
    with pytest.raises(InputError, match="does not load"):
        load_model(tmp_path)

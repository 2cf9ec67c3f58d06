"""The exported network gives what torch gives, or is not written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from lib.athlete.bundle import load_bundle
from lib.athlete.reference import reference
from lib.core.errors import InputError
from lib.core.files import sha256
from lib.inference.onnx_backend import INPUTS, ONNX, OUTPUT, onnx_backend
from lib.inference.rollout import rollout
from lib.training import onnx_export as export_module
from lib.training.checkpoint import BUNDLE, WEIGHTS
from lib.training.onnx_export import OPSET, export_network, windows_of
from lib.training.torch_backend import torch_backend
from tests.support.exported import folder_of, full_window_data, loaded, rolling_course, shaken, shaken_folder
from utils.studies import export_model

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = shaken_folder(tmp_path_factory.mktemp("small"))
    export_network(folder)
    return folder


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    model, fitted = full_window_data()
    folder = folder_of(shaken(model), fitted, tmp_path_factory.mktemp("full"))
    export_network(folder)
    return folder


@pytest.mark.parametrize("batch", [1, 8])
@pytest.mark.parametrize("decoder", [1, 57, 200])
@pytest.mark.parametrize("encoder", [1, 201, 400])
def test_one_file_serves_every_length_and_batch(full: Path, encoder: int, decoder: int, batch: int) -> None:
    model, bundle = loaded(full)
    rng = np.random.default_rng(encoder + decoder)
    window = [rng.normal(size=(batch, n, len(bundle.x_reals))).astype(np.float32) for n in (encoder, decoder)]
    said = onnx_backend(full / ONNX, bundle)(*window)
    assert said.shape == (batch, decoder, 3) and said.dtype == np.float32
    assert np.abs(said - torch_backend(model)(*window)).max() < 1e-4


@pytest.mark.parametrize("steps", [[1], [7], [20], [21], [67], [45, 7, 20, 90]])
def test_a_rollout_says_what_it_says_in_torch(small: Path, steps: list[int]) -> None:
    check_rollout(small, steps)


@pytest.mark.parametrize("steps", [[130], [530], [830, 201, 640]])
def test_a_rollout_of_full_windows_says_what_it_says_in_torch(full: Path, steps: list[int]) -> None:
    check_rollout(full, steps)


def check_rollout(folder: Path, steps: list[int]) -> None:
    model, bundle = loaded(folder)
    courses = [rolling_course(n, seed) for seed, n in enumerate(steps)]
    references = [reference(bundle.athlete, bundle.prior, course) for course in courses]
    ours = rollout(onnx_backend(folder / ONNX, bundle), bundle, courses, references)
    theirs = rollout(torch_backend(model), bundle, courses, references)
    scales = np.array([scale for _, scale, _ in bundle.target_normalizer.values()])  # (3,)
    for mine, other, n in zip(ours, theirs, steps, strict=True):
        assert mine.shape == (n, 3)
        assert (np.abs(mine - other) / scales).max() < 1e-3
    assert np.ptp(theirs[-1][:, 1]) > 1e-3 or steps == [1], "a network that says nothing would pass as well"


def test_windows_to_check_have_every_length_that_a_rollout_meets(full: Path) -> None:
    model, bundle = loaded(full)
    shapes = {(e.shape[0], e.shape[1], d.shape[1]) for e, d in windows_of(torch_backend(model), bundle)}
    assert {(1, 1, 40), (1, 41, 40), (1, 80, 1), (1, 80, 40), (8, 1, 40), (8, 80, 40)} <= shapes


def test_the_file_says_what_it_is(small: Path) -> None:
    network = onnx.load(small / ONNX)
    assert network.opset_import[0].version == OPSET
    assert [item.name for item in network.graph.input] == list(INPUTS)
    assert [item.name for item in network.graph.output] == [OUTPUT]
    assert {item.key: item.value for item in network.metadata_props} == {"weights_sha256": sha256(small / WEIGHTS)}
    bundle = load_bundle(small / BUNDLE)
    assert (bundle.checkpoint_sha256, bundle.onnx_sha256) == (sha256(small / WEIGHTS), sha256(small / ONNX))
    assert "encoder_cont" in network.doc_string


def test_the_same_model_gives_the_same_file(small: Path) -> None:
    before = (small / ONNX).read_bytes()
    export_network(small)
    assert (small / ONNX).read_bytes() == before


def test_a_network_that_differs_is_refused_and_the_old_file_stays(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Wrong(export_module.LeanNetwork):
        def forward(self, encoder_cont: torch.Tensor, decoder_cont: torch.Tensor) -> torch.Tensor:
            return super().forward(encoder_cont, decoder_cont) + 2e-3

    before = (small / ONNX).read_bytes()
    monkeypatch.setattr(export_module, "LeanNetwork", Wrong)
    with pytest.raises(InputError, match=r"differ from torch's by 2\.0e-03"):
        export_network(small)
    assert (small / ONNX).read_bytes() == before
    assert not list(small.glob(".*.part"))


def test_outputs_that_are_no_numbers_are_as_far_off_as_can_be(small: Path) -> None:
    _, bundle = loaded(small)
    window = (np.zeros((1, 1, len(bundle.x_reals)), np.float32),) * 2
    good = onnx_backend(small / ONNX)
    assert export_module.largest_difference(lambda e, d: good(e, d) * np.nan, good, [window]) == np.inf


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a trained model"):
        export_network(tmp_path)


def test_a_bundle_of_other_weights_is_refused(small: Path, tmp_path: Path) -> None:
    model, fitted = full_window_data()
    folder = folder_of(shaken(model), fitted, tmp_path)
    (folder / BUNDLE).write_bytes((small / BUNDLE).read_bytes())
    with pytest.raises(InputError, match="a bundle for the weights"):
        export_network(folder)


def test_the_command_says_where_and_how_near(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert export_model.main(["--model-dir", str(small)]) == 0
    assert "of torch in every normalized output" in capsys.readouterr().out


def test_the_command_refuses_with_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert export_model.main(["--model-dir", str(tmp_path)]) == 2
    assert "a trained model" in capsys.readouterr().err

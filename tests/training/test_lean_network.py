"""The lean network gives what the library's forward gives, at any length."""

from __future__ import annotations

from copy import deepcopy
from functools import cache

import pytest
import torch

from lib.core.errors import InputError
from lib.model import TrailRunningTFT
from lib.training.lean_network import LeanNetwork
from lib.training.torch_backend import NormalizedNetwork
from tests.support.exported import full_window_data, shaken
from tests.support.small import CONFIG, small_data

pytestmark = pytest.mark.slow


def windows(model: TrailRunningTFT, batch: int, encoder: int, decoder: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator, features = torch.Generator().manual_seed(batch + encoder + decoder), len(model.hparams.x_reals)
    return tuple(torch.randn(batch, steps, features, generator=generator) for steps in (encoder, decoder))


@cache
def full_windows() -> TrailRunningTFT:
    return shaken(full_window_data()[0])


@cache
def networks(model: TrailRunningTFT) -> tuple[LeanNetwork, NormalizedNetwork]:
    return LeanNetwork(model).eval(), NormalizedNetwork(model).eval()


def difference(model: TrailRunningTFT, *window: torch.Tensor) -> float:
    lean, whole = networks(model)
    with torch.inference_mode():
        return float((lean(*window) - whole(*window)).abs().max())


@pytest.mark.parametrize("batch", [1, 8])
@pytest.mark.parametrize("decoder", [1, 2, 57, 199, 200])
@pytest.mark.parametrize("encoder", [1, 201, 400])
def test_it_gives_what_the_librarys_forward_gives(encoder: int, decoder: int, batch: int) -> None:
    model = full_windows()
    assert difference(model, *windows(model, batch, encoder, decoder)) < 2e-5


@pytest.mark.parametrize(
    "settings",
    [
        {"lstm_layers": 2},
        {"attention_head_size": 1},
        {"hidden_continuous_size": 8},  # as wide as the hidden layer: no skip connection is resampled
        {"hidden_continuous_size": 1},
    ],
)
def test_other_architectures_are_folded_as_well(settings: dict[str, int]) -> None:
    torch.manual_seed(2)
    model = TrailRunningTFT.for_dataset(small_data().dataset, CONFIG.network | settings, {}, learning_rate=1e-3)
    model = shaken(model)
    assert difference(model, *windows(model, 3, 21, 20)) < 2e-5


def test_far_covariates_stay_exact() -> None:
    model = full_windows()
    encoder, decoder = windows(model, 2, 21, 20)
    assert difference(model, 30.0 * encoder, 30.0 * decoder) < 1e-3


def test_the_model_it_was_made_of_stays_as_it_was() -> None:
    model = shaken(full_window_data()[0])
    weights = deepcopy(model.state_dict())
    difference(model, *windows(model, 2, 21, 20))
    assert all(torch.equal(value, weights[name]) for name, value in model.state_dict().items())


def test_a_network_of_a_single_variable_is_refused() -> None:
    model = shaken(full_window_data()[0])
    model.decoder_variable_selection.input_sizes = {"slope_25m": 4}
    with pytest.raises(InputError, match="two numbers or more"):
        LeanNetwork(model)

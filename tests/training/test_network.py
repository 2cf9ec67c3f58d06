"""What each kind of training window is told of the run so far, and the loss by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

from lib.core import schema as c
from lib.core.errors import InputError
from lib.inference.features import fed_columns
from lib.model import TrailRunningTFT, count_parameters
from lib.training.config import TrainingConfig
from lib.training.network import LeaningHuber, trail_running_loss
from lib.training.windows import training_loader
from tests.support.small import CONFIG, small_data, small_model

pytestmark = pytest.mark.slow


def batch(encoder_length: int) -> dict[str, Any]:
    """The first batch of windows with this encoder length."""
    loader = training_loader(small_data().dataset, CONFIG.window, batch_size=4, batches=40, seed=1)
    return next(x for x, _ in loader if int(x["encoder_lengths"][0]) == encoder_length)


def test_the_full_network_has_the_size_of_the_original() -> None:
    network = TrailRunningTFT.for_dataset(small_data().dataset, TrainingConfig().network, {})
    assert count_parameters(network) == pytest.approx(476_000, rel=0.05)


def test_a_blind_window_is_told_only_the_reference() -> None:
    model, _ = small_model()
    positions = model._positions(c.OBSERVED_REALS)
    x = batch(40)
    blind = model._told(x, 1.0, 0.0)["encoder_cont"]
    assert torch.equal(blind[0, 0, positions], torch.tensor(model.hparams.blind_values))
    others = [i for i in range(blind.size(-1)) if i not in positions]
    assert torch.equal(blind[..., others], x["encoder_cont"][..., others])


def test_a_window_that_is_neither_blind_nor_self_fed_is_told_what_was_recorded() -> None:
    model, _ = small_model()
    x = batch(40)
    assert torch.equal(model._told(x, 0.0, 0.0)["encoder_cont"], x["encoder_cont"])


def test_the_shares_are_kept() -> None:
    model, _ = small_model()
    torch.manual_seed(0)
    x = batch(40)
    many = {k: v.repeat(100, *[1] * (v.dim() - 1)) for k, v in x.items() if isinstance(v, torch.Tensor)}
    many["target_scale"] = [scale.repeat(100, 1) for scale in x["target_scale"]]
    told = model._told(many, 0.3, 0.5)["encoder_cont"]
    positions = model._positions(c.OBSERVED_REALS)
    recorded = (told == many["encoder_cont"]).all(-1).all(-1).float().mean()
    blind = (told[..., positions] == torch.tensor(model.hparams.blind_values)).all(-1).all(-1).float().mean()
    assert float(recorded) == pytest.approx(0.2, abs=0.07)
    assert float(blind) == pytest.approx(0.3, abs=0.07)


def test_a_self_fed_window_from_the_start_sees_what_a_rollout_would_have_fed() -> None:
    """One chunk after the start row: predicted from the start row alone, then counted as the rollout counts."""
    model, _ = small_model()
    x = batch(21)
    told = model._told(x, 0.0, 1.0)["encoder_cont"]
    with torch.inference_mode():
        first = model(model._shifted(model._told(x, 1.0, 0.0), 1, 21))["prediction"]
    residuals = np.concatenate([[[1.0, 0.0, 0.0]], torch.cat(list(first), -1)[0].numpy()])
    fed = fed_columns(residuals, np.ones(21))
    dataset = small_data().dataset
    for name, position in zip(c.OBSERVED_REALS, model._positions(c.OBSERVED_REALS), strict=True):
        scaler = dataset._scalers[name]
        expected = (fed[name] - scaler.mean_[0]) / scaler.scale_[0]
        assert told[0, :, position].numpy() == pytest.approx(expected, abs=1e-4), name


def test_a_self_fed_window_holds_nothing_that_was_recorded() -> None:
    model, _ = small_model()
    x = batch(40)
    other = x | {"encoder_cont": x["encoder_cont"].clone()}
    other["encoder_cont"][..., model._positions(c.OBSERVED_REALS)] += 1.0
    one, two = (model._told(each, 0.0, 1.0)["encoder_cont"] for each in (x, other))
    assert torch.equal(one, two)
    assert not model.training


def test_a_shifted_window_has_the_geometry_of_its_own_length() -> None:
    model, _ = small_model()
    shifted = model._shifted(batch(40), 10, 30)
    relative = model.hparams.x_reals.index("relative_time_idx")
    length = model.hparams.x_reals.index("encoder_length")
    assert (shifted["encoder_cont"].shape[1], shifted["decoder_cont"].shape[1]) == (10, 20)
    assert shifted["decoder_cont"][0, :, relative].tolist() == pytest.approx([i / 40 for i in range(20)])
    assert shifted["encoder_cont"][0, 0, length].item() == pytest.approx((10 - 20) / 40 * 2)


def test_noise_touches_the_static_reals_only() -> None:
    model, _ = small_model()
    x = batch(40)
    model.hparams.static_noise, before = 0.5, model.hparams.static_noise
    try:
        noisy = model._with_static_noise(x)["encoder_cont"]
    finally:
        model.hparams.static_noise = before
    static = model._positions(c.STATIC_REALS)
    others = [i for i in range(noisy.size(-1)) if i not in static]
    assert torch.equal(noisy[..., others], x["encoder_cont"][..., others])
    assert not torch.equal(noisy[..., static], x["encoder_cont"][..., static])


def loss_of(error: float, **kwargs: float) -> float:
    prediction = torch.tensor([[[1.0 + error]]])
    return float(LeaningHuber(**kwargs)(prediction, torch.tensor([[1.0]])))


def test_the_loss_is_the_smooth_huber() -> None:
    assert loss_of(3.0) == pytest.approx(math.sqrt(10) - 1)
    assert loss_of(0.0) == 0.0
    assert loss_of(0.5, scale=0.5) == pytest.approx(math.sqrt(2) - 1)


def test_under_prediction_costs_more_where_it_leans() -> None:
    assert loss_of(-1.0, lean=1.5) == pytest.approx(1.5 * loss_of(1.0, lean=1.5))
    assert loss_of(-1.0) == pytest.approx(loss_of(1.0))


def test_the_loss_of_the_three_targets_is_weighted() -> None:
    loss = trail_running_loss(duration_weight=5.0, lean=1.2)
    assert loss.weights == [5.0, 1.0, 1.0]
    assert [m.lean for m in loss.metrics] == [1.2, 1.0, 1.0]


@pytest.mark.parametrize("settings", [{"scale": 0.0}, {"lean": -1.0}])
def test_a_loss_without_sense_is_refused(settings: dict[str, float]) -> None:
    with pytest.raises(InputError, match="positive"):
        LeaningHuber(**settings)

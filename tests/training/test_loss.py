"""In: errors chosen by hand. Out: the loss of each, by hand."""

from __future__ import annotations

import math

import pytest
import torch

from lib.core.errors import InputError
from lib.training.loss import LeaningHuber, trail_running_loss


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

"""The backend of the rollout that runs the network in torch."""

from __future__ import annotations

from copy import copy
from typing import Any

import numpy as np
import torch

from lib.inference.rollout import Backend
from lib.training.network import TrailRunningTFT


def _left_normalized(prediction: list[torch.Tensor], **_: Any) -> list[torch.Tensor]:
    return prediction


class NormalizedNetwork(torch.nn.Module):
    """The network as a function of its real covariates, with outputs as its last layer gives them.

    Parameters
    ----------
    model : TrailRunningTFT
        Trained network. It is shared, not copied.
    """

    def __init__(self, model: TrailRunningTFT) -> None:
        super().__init__()
        self.network = copy(model)  # shares all weights, so that the caller's goes on to give denormalized outputs
        self.network.transform_output = _left_normalized

    def covariates(self, encoder_cont: torch.Tensor, decoder_cont: torch.Tensor) -> dict[str, Any]:
        """What the library's network takes, of encoder (B, E, F) and decoder (B, D, F)."""
        batch, encoder_length, _ = encoder_cont.shape
        decoder_length = decoder_cont.size(1)
        none = torch.zeros(batch, 0, dtype=torch.long, device=encoder_cont.device)
        return {
            "encoder_cont": encoder_cont,
            "decoder_cont": decoder_cont,
            "encoder_cat": none[:, None].expand(-1, encoder_length, -1),  # (B, E, 0): the series is no covariate
            "decoder_cat": none[:, None].expand(-1, decoder_length, -1),  # (B, D, 0)
            "encoder_lengths": none.new_full((batch,), encoder_length),
            "decoder_lengths": none.new_full((batch,), decoder_length),
            "target_scale": None,
        }

    def forward(self, encoder_cont: torch.Tensor, decoder_cont: torch.Tensor) -> torch.Tensor:
        """Normalized outputs (B, D, 3) of encoder (B, E, F) and decoder (B, D, F)."""
        x = self.covariates(encoder_cont, decoder_cont)
        return torch.cat(list(self.network(x)["prediction"]), dim=-1)  # (B, D, 3)


def torch_backend(model: TrailRunningTFT) -> Backend:
    """Backend that runs `model` where its weights are."""
    network = NormalizedNetwork(model)

    def run(encoder_cont: np.ndarray, decoder_cont: np.ndarray) -> np.ndarray:
        network.eval()
        with torch.inference_mode():
            said = network(*(torch.from_numpy(part).to(model.device) for part in (encoder_cont, decoder_cont)))
        return said.cpu().numpy()  # (B, D, 3)

    return run

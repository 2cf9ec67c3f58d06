"""What the network looks at: weights of its variables, and how far back its attention goes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch

from lib.athlete.bundle import Bundle
from lib.inference.rollout import Start, predict_many
from lib.training.network import TrailRunningTFT
from lib.training.torch_backend import NormalizedNetwork

PARTS = ("static", "encoder", "decoder")


def interpretation(
    model: TrailRunningTFT, bundle: Bundle, starts: Sequence[Start]
) -> tuple[dict[str, pd.Series], pd.Series]:
    """Variable selection weights and attention of rollouts, as Lim et al. 2021 read them.

    Parameters
    ----------
    model, bundle : TrailRunningTFT, Bundle
        The network, and what was fitted with it.
    starts : sequence of Start
        Courses to predict.

    Returns
    -------
    weights : dict of str to Series
        For each of `PARTS` the mean weight of each variable, the largest first; they sum to 1.
    attention : Series
        Mean attention that the first predicted row pays to each row before it, by rows back, of full encoders.
    """
    network = NormalizedNetwork(model)
    names = {part: list(getattr(model, f"{part}_variables")) for part in PARTS}
    sums: dict[str, list[np.ndarray]] = defaultdict(list)
    paid: list[np.ndarray] = []

    def watched(encoder_cont: np.ndarray, decoder_cont: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            x = network.covariates(torch.from_numpy(encoder_cont), torch.from_numpy(decoder_cont))
            said = network.network(x)
        for part in PARTS:
            weights = said[f"{part}_variables"]  # (B, T, 1, V), or (B, 1, V) of static ones
            sums[part].append(weights.reshape(-1, len(names[part])).numpy())
        if encoder_cont.shape[1] == bundle.max_encoder_length:
            paid.append(said["encoder_attention"][:, 0].mean(1).numpy())  # (B, E): over heads
        return torch.cat(list(said["prediction"]), dim=-1).numpy()

    model.eval()
    predict_many(watched, bundle, starts)
    means = {part: np.concatenate(sums[part]).mean(axis=0) for part in PARTS}
    weights = {part: pd.Series(means[part], names[part]).sort_values(ascending=False) for part in PARTS}
    back = np.arange(bundle.max_encoder_length, 0, -1)
    none = np.full(back.size, np.nan)
    return weights, pd.Series(np.concatenate(paid).mean(axis=0) if paid else none, back)

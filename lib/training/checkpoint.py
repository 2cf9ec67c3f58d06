"""Model folders: weights as safetensors, architecture as JSON, no pickle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from lib.core import schema as c
from lib.core.errors import InputError
from lib.core.files import replacing, write_atomically
from lib.core.warnings_filter import without_harmless_warnings
from lib.training.dataset import target_normalizer
from lib.training.network import TrailRunningTFT, trail_running_loss

WEIGHTS = "model.safetensors"
ARCHITECTURE = "model.json"
BUNDLE = "normalizers.json"
MANIFEST = "training.json"
"""Names of files in a model folder; the last is the record of the training."""

_PLAIN = (
    "hidden_size",
    "lstm_layers",
    "attention_head_size",
    "hidden_continuous_size",
    "dropout",
    "max_encoder_length",
    "static_reals",
    "time_varying_reals_encoder",
    "time_varying_reals_decoder",
    "x_reals",
    "blind_share",
    "self_fed_share",
    "blind_values",
    "fed_scales",
    "static_noise",
)


def save_model(model: TrailRunningTFT, folder: Path) -> Path:
    """Write weights and architecture; returns the weights' path, whose hash identifies the model."""
    folder.mkdir(parents=True, exist_ok=True)
    architecture = {name: model.hparams[name] for name in _PLAIN}
    with replacing(folder / WEIGHTS) as temporary:
        save_file({name: value.contiguous().clone() for name, value in model.state_dict().items()}, temporary)
        write_atomically(folder / ARCHITECTURE, (json.dumps(architecture, indent=1) + "\n").encode())
    return folder / WEIGHTS


def load_model(folder: Path) -> TrailRunningTFT:
    """The network of `save_model`, ready to predict; no pickle is read.

    Raises
    ------
    InputError
        If a file is missing, is not what it should be, or weights and architecture differ.
    """
    for name in (ARCHITECTURE, WEIGHTS):
        if not (folder / name).is_file():
            raise InputError(f"no {name}", "a trained model", "Train one: make reports.", folder)
    try:
        architecture: dict[str, Any] = json.loads((folder / ARCHITECTURE).read_text())
        if not isinstance(architecture, dict) or set(architecture) != set(_PLAIN):
            raise ValueError("other fields than expected")
        with without_harmless_warnings():
            model = TrailRunningTFT(
                output_size=[1] * len(c.TARGET_RESIDUALS),
                loss=trail_running_loss(),
                logging_metrics=torch.nn.ModuleList([]),
                output_transformer=target_normalizer(),
                **architecture,
            )
        model.load_state_dict(load_file(folder / WEIGHTS))
    except (ValueError, TypeError, RuntimeError, OSError, SafetensorError) as error:
        message = str(error).splitlines()[0][:200]
        raise InputError(
            f"a model that does not load ({message})",
            f"{ARCHITECTURE} and {WEIGHTS} of one training",
            "Copy both files again, or train anew.",
            folder,
        ) from error
    return model.eval()

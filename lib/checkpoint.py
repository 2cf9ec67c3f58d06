"""In: a trained network. Out: a folder with its weights (safetensors) and architecture (JSON), and the network back."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from lib import columns as c
from lib.dataset import target_normalizer
from lib.errors import InputError
from lib.loss import trail_running_loss
from lib.model import TrailRunningTFT
from lib.quiet import without_harmless_warnings

WEIGHTS = "model.safetensors"
ARCHITECTURE = "model.json"

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
    "blind_values",
    "static_noise",
)


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def save_model(model: TrailRunningTFT, folder: Path) -> Path:
    """Write weights and architecture; returns the weights' path, whose hash identifies the model."""
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".{WEIGHTS}.{os.getpid()}.part"
    save_file({name: value.contiguous().clone() for name, value in model.state_dict().items()}, temporary)
    temporary.chmod(0o644)  # the library writes for the owner alone; weights are for everyone who has the folder
    architecture = {name: model.hparams[name] for name in _PLAIN}
    write_atomically(folder / ARCHITECTURE, (json.dumps(architecture, indent=1) + "\n").encode())
    os.replace(temporary, folder / WEIGHTS)
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

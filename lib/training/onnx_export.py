"""Export of a model's network as an ONNX file, checked against torch."""

from __future__ import annotations

import hashlib
import io
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import onnx
import torch

from lib.athlete.bundle import Bundle, load_bundle
from lib.core.errors import InputError
from lib.core.files import write_together
from lib.course.terrain_features import course_columns
from lib.inference.features import WindowConfig
from lib.inference.onnx_backend import INPUTS, ONNX, OUTPUT, backend_from
from lib.inference.rollout import Backend, Start, predict_many
from lib.training.checkpoint import BUNDLE, WEIGHTS, load_model
from lib.training.lean_network import LeanNetwork
from lib.training.network import TrailRunningTFT
from lib.training.torch_backend import torch_backend

WEIGHTS_HASH: Final = "weights_sha256"
"""Key of the file's metadata under which the hash of the weights stands that were exported."""

OPSET: Final = 17
"""The first with layer normalization as one operation."""

DESCRIPTION: Final = """The network of trailcast, for windows of any length.

The graph takes float32 tensors; batch B, encoder E and decoder D are free, each 1 or more:

* encoder_cont (B, E, F): scaled covariates of the steps already done, F in the order of the normalizers' x_reals;
* decoder_cont (B, D, F): of those to predict;
* normalized (B, D, 3): the targets, still normalized.

Its metadata has the SHA-256 of the weights' file (weights_sha256), which the normalizers name as checkpoint_sha256.
"""
"""Text inside the file; a change of it changes the file's hash."""

TOLERANCE: Final = 1e-3
"""Largest difference of a normalized output from torch's."""

_HARMLESS: Final = (
    # The newer exporter fixes the lengths that a recurrent network runs over.
    "You are using the legacy TorchScript-based ONNX export",
    "The feature will be removed",
    # Of recurrent networks: initial states are given; their checks of sizes are no part of the graph.
    "Exporting a model to ONNX with a batch_size other than 1",
    "Converting a tensor to a Python boolean",
)

Window = tuple[np.ndarray, np.ndarray]
"""Encoder (B, E, F) and decoder (B, D, F)."""


def graph(model: TrailRunningTFT, weights_sha256: str) -> bytes:
    """The network as an ONNX file.

    Parameters
    ----------
    model : TrailRunningTFT
        Trained network, in evaluation mode.
    weights_sha256 : str
        Hash of the file that it comes from.
    """
    network, content = LeanNetwork(model).eval(), io.BytesIO()
    features = len(model.hparams.x_reals)
    sizes = [{0: "batch", 1: "encoder"}, {0: "batch", 1: "decoder"}, {0: "batch", 1: "decoder"}]
    with warnings.catch_warnings():
        for message in _HARMLESS:
            warnings.filterwarnings("ignore", message)
        torch.onnx.export(
            network,
            (torch.zeros(2, 3, features), torch.zeros(2, 5, features)),
            content,
            dynamo=False,
            opset_version=OPSET,
            input_names=list(INPUTS),
            output_names=[OUTPUT],
            dynamic_axes=dict(zip((*INPUTS, OUTPUT), sizes, strict=True)),
        )
    exported = onnx.load_model_from_string(content.getvalue())
    onnx.helper.set_model_props(exported, {WEIGHTS_HASH: weights_sha256})
    exported.doc_string = DESCRIPTION
    onnx.checker.check_model(exported)
    return exported.SerializeToString(deterministic=True)


def windows_of(backend: Backend, bundle: Bundle, courses: int = 8) -> list[Window]:
    """Windows that rollouts give the network: every length of an encoder, short decoders; one course, then many."""
    window = WindowConfig(bundle.max_encoder_length, bundle.max_prediction_length, bundle.row_steps)
    chunks = len(window.rollout_encoder_lengths)
    met: list[Window] = []

    def watched(encoder_cont: np.ndarray, decoder_cont: np.ndarray) -> np.ndarray:
        met.append((encoder_cont, decoder_cont))
        return backend(encoder_cont, decoder_cont)

    starts = []
    for number in range(courses):
        # Chunks that end in every way, from one step to a full one.
        steps = (chunks - 1) * window.decoder_length + 1 + number * (window.decoder_length - 1) // max(1, courses - 1)
        at = np.arange(steps * window.row_steps)
        altitude_m = 300.0 + 40.0 * np.sin(at / (20.0 + 9.0 * number)) + 6.0 * np.sin(at / 7.0 + number)
        starts.append(Start(course_columns(altitude_m)))
    for group in (*([start] for start in starts), starts):
        predict_many(watched, bundle, group)
    return met


def largest_difference(backend: Backend, other: Backend, windows: Sequence[Window]) -> float:
    """Largest difference of any normalized output; infinite where one gives no number."""
    differences = [float(np.abs(backend(*window) - other(*window)).max()) for window in windows]
    return max(difference if np.isfinite(difference) else np.inf for difference in differences)


def export_network(folder: Path, tolerance: float = TOLERANCE) -> tuple[Path, float]:
    """Write a model's network as `model.onnx` in its folder, once it is known to give what torch gives.

    The model's bundle, which then names the file by its hash, is written with it. Athlete profiles belong to the
    weights, so they stay good.

    Parameters
    ----------
    folder : Path
        Model folder: architecture, weights and bundle.
    tolerance : float
        Largest difference allowed of any normalized output.

    Returns
    -------
    Path, float
        The file, and the largest difference that was found.

    Raises
    ------
    InputError
        If the model or its bundle cannot be read, or the exported network differs; a file already there then stays.
    """
    model = load_model(folder)
    bundle = load_bundle(folder / BUNDLE, folder / WEIGHTS)
    reference = torch_backend(model)
    content = graph(model, bundle.checkpoint_sha256)
    exported = backend_from(content, folder / ONNX)
    difference = largest_difference(exported, reference, windows_of(reference, bundle))
    if not difference <= tolerance:
        raise InputError(
            f"outputs in ONNX Runtime that differ from torch's by {difference:.1e}",
            f"{tolerance:.0e} at most",
            "Install the versions of requirements.txt, and export again.",
            folder,
        )
    named = replace(bundle, onnx_sha256=hashlib.sha256(content).hexdigest())
    write_together({folder / ONNX: content, folder / BUNDLE: named.to_json().encode()})
    return folder / ONNX, difference

"""The backend of the rollout that runs an exported network in ONNX Runtime."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime

from lib.athlete.bundle import Bundle
from lib.core.errors import InputError, NoSuchFileError
from lib.inference.rollout import Backend

ONNX: Final = "model.onnx"
"""Name of the exported network in a model's folder."""

INPUTS: Final = ("encoder_cont", "decoder_cont")
OUTPUT: Final = "normalized"
WEIGHTS_HASH: Final = "weights_sha256"
"""Key of the file's metadata under which the hash of the weights stands that were exported."""

_AT_ONCE: Final = 8
"""Windows of one run: more at once take as long each, and 8 MB each of memory more."""

_EXPORT_AGAIN: Final = "Export it again: python -m utils.studies.export_model."


def _session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = False  # made for inputs of one size; a rollout's are of several
    options.log_severity_level = 3  # errors alone: what it says of devices that are not there asks nothing of anyone
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # it raises a kind of its own for every way in which a file can be wrong
        message = str(error).splitlines()[0][:200]
        raise InputError(f"a network that does not load ({message})", "an ONNX file", _EXPORT_AGAIN, path) from error


def onnx_backend(path: Path, bundle: Bundle | None = None, threads: int = 1) -> Backend:
    """Backend that runs the network in an ONNX file.

    Parameters
    ----------
    path : Path
        File of `lib.training.onnx_export.export_network`.
    bundle : Bundle, optional
        What it is going to be used with: refused if it belongs to other weights.
    threads : int
        Of one run; several runs at once may share the backend.

    Raises
    ------
    InputError
        If there is no such file, it is no such network, or it was exported from other weights than the bundle's.
    """
    if threads < 1:
        raise InputError(f"{threads} threads", "1 or more", "Change the number.")
    if not path.is_file():
        raise NoSuchFileError(path, _EXPORT_AGAIN)
    session = _session(path, threads)
    weights = session.get_modelmeta().custom_metadata_map.get(WEIGHTS_HASH)
    inputs = {item.name: item.shape for item in session.get_inputs()}
    if weights is None or tuple(inputs) != INPUTS or [item.name for item in session.get_outputs()] != [OUTPUT]:
        raise InputError("an ONNX file of another kind", "a network of lib.training.onnx_export", _EXPORT_AGAIN, path)
    if bundle is not None and weights != bundle.checkpoint_sha256:
        raise InputError(
            f"a network with the weights {weights[:12]}…",
            f"the bundle's ({bundle.checkpoint_sha256[:12]}…)",
            f"Use the bundle that was made with this model. {_EXPORT_AGAIN}",
            path,
        )

    def run(encoder_cont: np.ndarray, decoder_cont: np.ndarray) -> np.ndarray:
        said = np.empty((*decoder_cont.shape[:2], 3), np.float32)  # (B, D, 3)
        for first in range(0, len(said), _AT_ONCE):
            part = slice(first, first + _AT_ONCE)
            window = (encoder_cont[part], decoder_cont[part])  # (b, E, F) and (b, D, F)
            said[part] = session.run([OUTPUT], dict(zip(INPUTS, window, strict=True)))[0]  # (b, D, 3)
        return said

    return run

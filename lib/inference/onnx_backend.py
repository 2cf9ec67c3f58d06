"""The backend of the rollout that runs an exported network in ONNX Runtime."""

from __future__ import annotations

import hashlib
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
_AT_ONCE: Final = 8
"""Windows of one run: more at once take as long each, and 8 MB each of memory more."""

_EXPORT_AGAIN: Final = "Export it again: python -m utils.studies.export_model."


def _session(content: bytes, source: str | Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = False  # made for inputs of one size; a rollout's are of several
    options.log_severity_level = 3  # errors alone: what it says of devices that are not there asks nothing of anyone
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # it raises a kind of its own for every way in which a file can be wrong
        message = str(error).splitlines()[0][:200]
        raise InputError(f"a network that does not load ({message})", "an ONNX file", _EXPORT_AGAIN, source) from error


def onnx_backend(path: Path, bundle: Bundle | None = None, threads: int = 1) -> Backend:
    """Backend that runs the network in an ONNX file.

    Parameters
    ----------
    path : Path
        File of `lib.training.onnx_export.export_network`.
    bundle : Bundle, optional
        What it is going to be used with: refused if it names another file.
    threads : int
        Of one run; several runs at once may share the backend.

    Raises
    ------
    InputError
        If there is no such file, it is no such network, or not the one that the bundle names.
    """
    if not path.is_file():
        raise NoSuchFileError(path, _EXPORT_AGAIN)
    return backend_from(path.read_bytes(), path, bundle, threads)


def backend_from(content: bytes, source: str | Path, bundle: Bundle | None = None, threads: int = 1) -> Backend:
    """Backend that runs the network in the bytes of an ONNX file, which errors call `source`; see `onnx_backend`."""
    if threads < 1:
        raise InputError(f"{threads} threads", "1 or more", "Change the number.")
    found = hashlib.sha256(content).hexdigest()
    # Before anything of it is read: what a file says of itself proves nothing.
    if bundle is not None and found != bundle.onnx_sha256:
        raise InputError(
            f"a network with the hash {found[:12]}…",
            f"{bundle.onnx_sha256[:12]}…, which its normalizers name" if bundle.onnx_sha256 else "an exported one",
            f"Copy the model again, all its files. {_EXPORT_AGAIN}",
            source,
        )
    session = _session(content, source, threads)
    inputs = {item.name: item.shape for item in session.get_inputs()}
    if tuple(inputs) != INPUTS or [item.name for item in session.get_outputs()] != [OUTPUT]:
        raise InputError("an ONNX file of another kind", "a network of lib.training.onnx_export", _EXPORT_AGAIN, source)

    def run(encoder_cont: np.ndarray, decoder_cont: np.ndarray) -> np.ndarray:
        said = np.empty((*decoder_cont.shape[:2], 3), np.float32)  # (B, D, 3)
        for first in range(0, len(said), _AT_ONCE):
            part = slice(first, first + _AT_ONCE)
            window = (encoder_cont[part], decoder_cont[part])  # (b, E, F) and (b, D, F)
            said[part] = session.run([OUTPUT], dict(zip(INPUTS, window, strict=True)))[0]  # (b, D, 3)
        return said

    return run

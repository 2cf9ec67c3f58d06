"""Write what inference needs beside a model: normalizers.pkl (v2), and on demand v1 and a new normalizers.json."""

from __future__ import annotations

import sys
from pathlib import Path

from lib.athlete.bundle import load_bundle, save_bundle
from lib.core.errors import InputError
from lib.training.checkpoint import BUNDLE, WEIGHTS, load_model
from lib.training.normalizers import extract, normalizers_data, save_pickle, save_training_pickle
from lib.training.onnx_export import export_network
from lib.training.training_data import data_of, training_athletes

ROOT = Path(__file__).resolve().parents[1]
PICKLE = "normalizers.pkl"
TRAINING_PICKLE = "training_dataset_normalizers.pkl"


def save_normalizers(model_dir: Path, sessions: str | None = None, v1: bool = False) -> dict[str, int]:
    """Write what inference needs beside a model.

    Parameters
    ----------
    model_dir : Path
        Folder of the model; gets the files.
    sessions : str, optional
        The sessions that it was trained on (``"demo"`` or a path): everything is extracted from them anew. Without
        them `normalizers.pkl` is written from the verified `normalizers.json`.
    v1 : bool
        Also write the whole training dataset; needs `sessions`.

    Returns
    -------
    dict
        Size (bytes) of each file written.
    """
    if v1 and sessions is None:
        raise InputError("v1 without sessions", "the sessions of the training", "Add sessions: demo, or a path.")
    load_model(model_dir)
    checkpoint = model_dir / WEIGHTS
    if sessions is None:
        return {PICKLE: save_pickle(normalizers_data(load_bundle(model_dir / BUNDLE, checkpoint)), model_dir / PICKLE)}
    data = data_of(model_dir, training_athletes(sessions, ROOT / "build" / "demo"))
    save_bundle(extract(data.fitted, checkpoint), model_dir / BUNDLE)
    network, _ = export_network(model_dir)  # whose hash the bundle then has
    sizes = {path.name: path.stat().st_size for path in (model_dir / BUNDLE, network)}
    sizes[PICKLE] = save_pickle(data.fitted, model_dir / PICKLE)
    if v1:
        sizes[TRAINING_PICKLE] = save_training_pickle(data.dataset, data.fitted, model_dir / TRAINING_PICKLE)
    return sizes


if __name__ == "__main__":
    from utils.cli.main import main

    sys.exit(main(["normalizers", *sys.argv[1:]]))

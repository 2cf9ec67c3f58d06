"""Small sessions, a small configuration and an untrained model, for several test files."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from lib.athlete.bundle import save_bundle
from lib.core import schema as c
from lib.model import TrailRunningTFT
from lib.training.checkpoint import BUNDLE, MANIFEST, save_model
from lib.training.config import TrainingConfig
from lib.training.normalizers import extract
from lib.training.training_data import TrainingData, training_data

CONFIG = TrainingConfig(
    hidden_size=8,
    hidden_continuous_size=4,
    attention_head_size=2,
    batch_size=4,
    steps_per_epoch=3,
    max_epochs=2,
    validation_windows=8,
    encoder_length=40,
    decoder_length=20,
    held_back=0.2,
)


def small_sessions(n: int = 6, steps: int = 320, seed: int = 7) -> pd.DataFrame:
    """Sessions over rolling ground with noise, in the session contract."""
    rng = np.random.default_rng(seed)
    tables = []
    for number in range(n):
        at = np.arange(steps)
        altitude = 30 * np.sin(at / 40 + number) + rng.normal(0, 0.5, steps)
        slope = np.gradient(30 * np.sin(at / 40 + number), c.STEP_M)
        duration = 1.7 * np.exp(2.5 * slope) * np.exp(rng.normal(0, 0.1, steps) + rng.normal(0, 0.05))
        tables.append(
            pd.DataFrame(
                {
                    c.SESSION_ID: np.int32(number),
                    c.DAY: np.int32(3 * number),
                    c.STEP: at.astype(np.int32),
                    c.ALTITUDE: altitude.astype(np.float32),
                    c.DURATION: duration.astype(np.float32),
                    c.STOP: np.float32(0),
                    c.HEART_RATE: (145 + 60 * slope + rng.normal(0, 3, steps)).astype(np.float32),
                    c.CADENCE: (82 - 40 * slope + rng.normal(0, 1, steps)).astype(np.float32),
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


@cache
def small_data() -> TrainingData:
    """Training data of one small athlete; made once, never changed."""
    return training_data({"small": small_sessions()}, CONFIG)


@cache
def small_model() -> tuple[TrailRunningTFT, dict[str, Any]]:
    """Untrained network for `small_data`, with seeded weights, and what was fitted."""
    torch.manual_seed(1)
    data = small_data()
    model = TrailRunningTFT.for_dataset(data.dataset, CONFIG.network, {}, learning_rate=1e-3)
    return model.eval(), data.fitted


def small_folder(folder: Path) -> Path:
    """Model folder with weights, bundle and the record of a training that never ran."""
    model, fitted = small_model()
    data = small_data()
    checkpoint = save_model(model, folder)
    save_bundle(extract(fitted, checkpoint), folder / BUNDLE)
    record = {"config": asdict(CONFIG), "data": data.fingerprint}
    (folder / MANIFEST).write_text(json.dumps(record))
    return folder

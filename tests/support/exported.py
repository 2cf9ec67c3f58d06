"""Small untrained networks with all weights moved, and exported, for several test files."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lib.athlete.bundle import Bundle, load_bundle, save_bundle
from lib.course.terrain_features import course_table
from lib.model import TrailRunningTFT
from lib.training.checkpoint import BUNDLE, WEIGHTS, load_model, save_model
from lib.training.normalizers import extract
from lib.training.training_data import training_data
from tests.support.small import CONFIG, small_model, small_sessions


def shaken(model: TrailRunningTFT) -> TrailRunningTFT:
    """A copy none of whose weights is what it started from: before training offsets are 0, and scales of norms 1."""
    model, generator = deepcopy(model), torch.Generator().manual_seed(5)
    with torch.no_grad():
        for weight in model.parameters():
            weight += 0.3 * torch.randn(weight.shape, generator=generator)
    return model.eval()


def folder_of(model: TrailRunningTFT, fitted: Mapping[str, Any], folder: Path) -> Path:
    """Model folder with weights and bundle."""
    save_bundle(extract(fitted, save_model(model, folder)), folder / BUNDLE)
    return folder


def shaken_folder(folder: Path) -> Path:
    """Encoders of 1, 21 and 40 steps, decoders of 20."""
    model, fitted = small_model()
    return folder_of(shaken(model), fitted, folder)


def loaded(folder: Path) -> tuple[TrailRunningTFT, Bundle]:
    """Network and bundle of a model folder."""
    return load_model(folder), load_bundle(folder / BUNDLE, folder / WEIGHTS)


@cache
def full_window_data() -> tuple[TrailRunningTFT, Mapping[str, Any]]:
    """Encoders of 1, 41 and 80 rows of 5 steps, decoders of 40, of a network as small; with what was fitted."""
    torch.manual_seed(3)
    config = replace(CONFIG, encoder_length=80, decoder_length=40, row_steps=5)
    data = training_data({"small": small_sessions(4, 450)}, config)
    return TrailRunningTFT.for_dataset(data.dataset, config.network, {}, learning_rate=1e-3), data.fitted


def rolling_course(steps: int, seed: int = 0) -> Any:
    """Course over rolling ground with noise."""
    noise = np.random.default_rng(seed).normal(0, 0.4, steps).cumsum()
    return course_table(300 + 40 * np.sin(np.arange(steps) / (30 + seed)) + noise)

"""Loaders of training windows, drawn as a cold start meets them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import torch
from pytorch_forecasting import TimeSeriesDataSet
from torch.utils.data import DataLoader, Sampler

from lib.inference.features import WindowConfig


class EncoderLengthSampler(Sampler[list[int]]):
    """Batches of windows of one encoder length each, drawn from those that a cold start meets.

    Parameters
    ----------
    dataset : TimeSeriesDataSet
        Source of the windows.
    window : WindowConfig
        Their geometry.
    batch_size, batches : int
        Windows a batch, batches an epoch.
    seed : int
        Draws of epoch e follow from ``(seed, e, rank)``, so that an interrupted training goes on as it would have.
    """

    def __init__(
        self, dataset: TimeSeriesDataSet, window: WindowConfig, batch_size: int, batches: int, seed: int
    ) -> None:
        length = (dataset.index["sequence_length"] - window.decoder_length).to_numpy()
        at_start = dataset.index["time"].to_numpy() == 0
        full = length == window.encoder_length
        self.pools = [
            np.flatnonzero(full if n == window.encoder_length else (length == n) & at_start)
            for n in window.rollout_encoder_lengths
        ]
        self.pools = [pool for pool in self.pools if pool.size]
        # As often as a cold start meets them: once a session, the full length once in every decoder length.
        weight = [p.size / (window.decoder_length if length[p[0]] == window.encoder_length else 1) for p in self.pools]
        self.shares = np.array(weight) / sum(weight)
        self.batch_size, self.batches, self.seed, self.epoch = batch_size, batches, seed, 0

    def set_epoch(self, epoch: int) -> None:
        """Draw the windows of `epoch` next."""
        self.epoch = epoch

    def __len__(self) -> int:
        return self.batches

    def __iter__(self) -> Iterator[list[int]]:
        distributed = torch.distributed.is_available() and torch.distributed.is_initialized()
        rank = torch.distributed.get_rank() if distributed else 0
        rng = np.random.default_rng([self.seed, self.epoch, rank])
        for _ in range(self.batches):
            pool = self.pools[rng.choice(len(self.pools), p=self.shares)]
            yield rng.choice(pool, size=self.batch_size, replace=pool.size < self.batch_size).tolist()


def training_loader(
    dataset: TimeSeriesDataSet, window: WindowConfig, batch_size: int, batches: int, seed: int, workers: int = 0
) -> DataLoader:
    """Loader of `batches` random batches an epoch."""
    sampler = EncoderLengthSampler(dataset, window, batch_size, batches, seed)
    return dataset.to_dataloader(train=True, batch_sampler=sampler, num_workers=workers)


def validation_loader(
    dataset: TimeSeriesDataSet,
    frame: pd.DataFrame,
    window: WindowConfig,
    batch_size: int,
    windows: int,
    workers: int = 0,
) -> DataLoader:
    """Loader of evenly spread windows of `frame`, scaled as `dataset` is, the same ones in every epoch."""
    held_back = TimeSeriesDataSet.from_dataset(dataset, frame, stop_randomization=True)
    batches = max(1, round(windows / batch_size))
    sampler = EncoderLengthSampler(held_back, window, batch_size, batches, seed=0)
    return held_back.to_dataloader(train=False, batch_sampler=list(sampler), num_workers=workers)

"""Batches hold windows of one length, drawn reproducibly."""

from __future__ import annotations

import pytest

from lib.training.windows import EncoderLengthSampler, training_loader, validation_loader
from tests.support.small import CONFIG, small_data

pytestmark = pytest.mark.slow


def test_every_batch_has_one_encoder_length_and_all_of_them_occur() -> None:
    data = small_data()
    loader = training_loader(data.dataset, CONFIG.window, batch_size=4, batches=60, seed=1)
    lengths = [set(x["encoder_lengths"].tolist()) for x, _ in loader]
    assert all(len(found) == 1 for found in lengths)
    assert {found.pop() for found in lengths} == set(CONFIG.window.rollout_encoder_lengths)


def test_partial_windows_begin_at_the_start_row() -> None:
    data = small_data()
    sampler = EncoderLengthSampler(data.dataset, CONFIG.window, 4, 1, seed=1)
    index = data.dataset.index
    for pool in sampler.pools[:-1]:
        assert (index["time"].iloc[pool] == 0).all()
    assert sum(sampler.shares) == 1


def test_draws_follow_from_seed_and_epoch() -> None:
    data = small_data()
    one, two = (EncoderLengthSampler(data.dataset, CONFIG.window, 4, 5, seed=3) for _ in range(2))
    assert list(one) == list(two)
    two.set_epoch(1)
    assert list(one) != list(two)


def test_the_check_uses_the_same_windows_every_time_and_the_scalers_of_training() -> None:
    data = small_data()
    loader = validation_loader(data.dataset, data.later, CONFIG.window, 4, 12)
    first, second = ([x["decoder_cont"].sum().item() for x, _ in loader] for _ in range(2))
    assert first == second
    held_back = loader.dataset
    for name, scaler in data.dataset._scalers.items():
        if scaler is not None:
            assert held_back._scalers[name].mean_ == scaler.mean_

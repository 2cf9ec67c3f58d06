"""Recordings keep what they must and err as watches do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lib.core.errors import InputError
from lib.demo.watch import EVERY_SECOND, SMART, Watch, persistent, record

STEPS = 2_000
TRUTH = (np.linspace(300, 400, STEPS), np.full(STEPS, 2.0), np.full(STEPS, 140.0), np.full(STEPS, 80.0))
PERFECT = replace(EVERY_SECOND, speed_sd=0.0, altitude_sd_m=0.0, drift_m_per_sqrt_h=0.0, dropouts_per_h=0.0)


def rng() -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(11))


def test_a_perfect_watch_records_an_even_run_as_it_was() -> None:
    altitude, duration, heart, cadence = record(rng(), PERFECT, *TRUTH)
    assert duration == pytest.approx(TRUTH[1])
    assert altitude == pytest.approx(TRUTH[0], abs=0.11)  # steps of 0.2 m
    assert heart.mean() == pytest.approx(140, abs=0.2)
    assert cadence.mean() == pytest.approx(80, abs=0.2)


@pytest.mark.parametrize("watch", [EVERY_SECOND, SMART])
def test_moving_time_is_kept_and_every_step_takes_time(watch: Watch) -> None:
    _, duration, _, _ = record(rng(), watch, *TRUTH)
    assert duration.sum() == pytest.approx(TRUTH[1].sum())
    assert duration.min() > 0.3


@pytest.mark.parametrize("watch", [EVERY_SECOND, SMART])
def test_pace_noise_is_that_of_real_watches(watch: Watch) -> None:
    # Recordings at 1 Hz on flat ground: spread 0.10 to 0.12, correlation of neighbours 0.55 to 0.66.
    noise = np.log(record(rng(), watch, *TRUTH)[1])
    assert 0.08 < noise.std() < 0.15
    neighbours = np.corrcoef(noise[1:], noise[:-1])[0, 1]
    assert 0.45 < neighbours < (0.75 if watch is EVERY_SECOND else 0.92)


def test_a_position_is_never_far_off() -> None:
    hours = tuple(np.tile(values, 10) for values in TRUTH)
    duration = record(rng(), EVERY_SECOND, *hours)[1]
    off_m = (np.cumsum(duration) - np.cumsum(hours[1])) * 2.5
    assert 1 < np.abs(off_m).max() < 30  # errors of speed that add up would lead some 100 m astray


def test_the_barometer_drifts_by_metres() -> None:
    error = record(rng(), EVERY_SECOND, *TRUTH)[0] - TRUTH[0]
    assert 0.3 < np.abs(error).max() < 15


def test_an_optical_sensor_lags() -> None:
    heart = np.linspace(100, 160, STEPS)
    late = record(rng(), replace(PERFECT, heart_lag_s=60.0), TRUTH[0], TRUTH[1], heart, TRUTH[3])[2]
    assert (heart - late)[200:].mean() == pytest.approx(60 / STEPS * 30, abs=0.3)


def test_heart_rate_stays_put_in_dropouts() -> None:
    heart = 140 + 20 * np.sin(np.arange(STEPS) / 20)
    kept = record(rng(), PERFECT, TRUTH[0], TRUTH[1], heart, TRUTH[3])[2]
    lost = record(rng(), replace(PERFECT, dropouts_per_h=40.0), TRUTH[0], TRUTH[1], heart, TRUTH[3])[2]
    assert (np.diff(lost) == 0).sum() > (np.diff(kept) == 0).sum() + 200


def test_persistent_noise_is_standard_and_forgets() -> None:
    noise = persistent(rng(), 200_000, 10.0)
    assert noise.std() == pytest.approx(1, abs=0.03)
    assert np.corrcoef(noise[10:], noise[:-10])[0, 1] == pytest.approx(np.exp(-1), abs=0.03)


def test_an_impossible_watch_is_refused() -> None:
    with pytest.raises(InputError, match="sampling_s"):
        Watch((6, 2))
    with pytest.raises(InputError):
        Watch(speed_sd=-0.1)

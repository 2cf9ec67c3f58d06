"""What a sports watch records of a run, per 5 m."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.signal import lfilter

from lib.core.errors import InputError
from lib.core.schema import STEP_M

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Watch:
    """A device.

    Parameters
    ----------
    sampling_s : tuple of int
        Shortest and longest time between samples (s): (1, 1) is a sample every second, (2, 6) "smart recording".
    speed_sd : float
        Error of speed, standard deviation of its logarithm (1).
    speed_memory_s : float
        Time in which that error is forgotten (s).
    altitude_sd_m, drift_m_per_sqrt_h : float
        Error of the barometer from sample to sample, and its drift with the weather.
    heart_lag_s : float
        Delay of an optical sensor (s).
    dropouts_per_h : float
        Spells in which heart rate stays at its last value (1/h).
    """

    sampling_s: tuple[int, int] = (1, 1)
    speed_sd: float = 0.13
    speed_memory_s: float = 2.5
    altitude_sd_m: float = 0.12
    drift_m_per_sqrt_h: float = 2.5
    heart_lag_s: float = 2.0
    dropouts_per_h: float = 0.5

    def __post_init__(self) -> None:
        if not 1 <= self.sampling_s[0] <= self.sampling_s[1]:
            raise InputError(f"{self.sampling_s}", "1 <= shortest <= longest", "Exchange them.", "sampling_s")
        if not (self.speed_memory_s > 0 and min(self.speed_sd, self.altitude_sd_m, self.drift_m_per_sqrt_h) >= 0):
            raise InputError("a negative spread or memory", "0 or more", "Give the watch's errors as spreads.", "Watch")


EVERY_SECOND = Watch()
SMART = Watch((2, 6), speed_sd=0.14, speed_memory_s=5.0, drift_m_per_sqrt_h=3.5, heart_lag_s=7.0, dropouts_per_h=1.5)


def persistent(rng: np.random.Generator, count: int, memory: float) -> Array:
    """Draw standard normal numbers, shape (count,), whose correlation falls to 1/e over `memory` of them."""
    keep = np.exp(-1 / memory)
    noise = rng.standard_normal(count)
    noise[1:] *= np.sqrt(1 - keep**2)
    return lfilter([1.0], [1.0, -keep], noise)


def record(
    rng: np.random.Generator,
    watch: Watch,
    altitude_m: Array,
    duration_s: Array,
    heart_rate_bpm: Array,
    cadence_rpm: Array,
) -> tuple[Array, Array, Array, Array]:
    """Record a run: sample it in time with errors, and lay the samples back on the grid of 5 m.

    Parameters
    ----------
    rng : numpy.random.Generator
    watch : Watch
    altitude_m, duration_s, heart_rate_bpm, cadence_rpm : ndarray, shape (n,)
        The truth at the end of each step; `duration_s` is the moving time in it.

    Returns
    -------
    tuple of four ndarrays, shape (n,)
        The same as recorded. Total distance and moving time are the true ones.
    """
    ends = np.cumsum(duration_s)
    distance = np.arange(1, len(ends) + 1) * STEP_M
    low, high = watch.sampling_s
    gaps = rng.integers(low, high + 1, size=int(ends[-1] / low) + 1)
    times = np.concatenate([[0.0], np.cumsum(gaps)])
    times = np.append(times[times < ends[-1] - 0.5], ends[-1])
    seconds = int(ends[-1]) + 2

    # Speed errors live in time, second by second, but a position is never far off for long: over a minute or so the
    # distance comes back to the true one. The bounds keep the worst of errors a slow step, not a stop.
    error = watch.speed_sd * persistent(rng, seconds, watch.speed_memory_s)
    grid = np.arange(seconds + 1)
    true = np.interp(grid, np.append(0, ends), np.append(0, distance))
    covered = np.diff(true) * np.exp(np.clip(error, -0.5, 0.5))
    astray = np.append(0, np.cumsum(covered)) - true
    covered = np.maximum(covered - np.diff(gaussian_filter1d(astray, 60.0)), 0.3 * np.diff(true))
    track = np.interp(times, grid, np.append(0, np.cumsum(covered)))
    track *= distance[-1] / track[-1]
    crossed = np.interp(distance, track, times)

    def sampled(values: Array, delay_s: float = 0.0) -> Array:
        return np.interp(times - delay_s, ends, values)

    drift = watch.drift_m_per_sqrt_h / 60 * np.cumsum(rng.standard_normal(seconds + 1))
    # A barometer drifts slowly: the weather's random walk without its steps from second to second.
    drift = gaussian_filter1d(drift, 60.0)
    altitude = sampled(altitude_m) + np.interp(times, grid, drift - drift[0])
    altitude += watch.altitude_sd_m * persistent(rng, len(times), 5.0)
    altitude = np.rint(altitude * 5) / 5

    heart = sampled(heart_rate_bpm, watch.heart_lag_s) + 1.0 * persistent(rng, len(times), 6.0)
    for at in rng.random(rng.poisson(watch.dropouts_per_h * ends[-1] / 3600)) * ends[-1]:
        held = (times >= at) & (times < at + rng.uniform(10, 60))
        heart[held] = heart[np.argmax(times >= at)]
    cadence = np.rint(sampled(cadence_rpm) + 0.9 * persistent(rng, len(times), 3.0))

    def on_grid(values: Array) -> Array:
        return np.interp(distance, track, values)

    return on_grid(altitude), np.diff(crossed, prepend=0.0), on_grid(np.rint(heart)), on_grid(cadence)

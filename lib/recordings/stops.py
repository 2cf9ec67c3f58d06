"""Moving and stopped time of a recording."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from lib.core.errors import InputError
from lib.core.geodesy import EARTH_RADIUS_M, gaps_m, haversine_m, unwrapped_lon
from lib.core.schema import CADENCE, DISTANCE, LATITUDE, LONGITUDE, PAUSED, TIME
from lib.core.text import counted_noun
from lib.recordings.catch_up import catch_ups

if TYPE_CHECKING:
    import pandas as pd


_EXCURSION_S: Final = 60.0


@dataclass(frozen=True)
class MotionConfig:
    """When a runner stands, and when a recording is no run.

    Parameters
    ----------
    standing_mps : float
        Slower than this over the window is standing. 0.25 m/s is 20 s for 5 m: below it even a walker on a 40% slope
        climbs less than 360 m an hour (hut signs count with 300 to 400); Strava's 30 min/mile (0.89 m/s,
        support.strava.com, "Moving Time, Speed, and Pace Calculations") would call mountain walkers standing.
    window_s : float
        Time over which standing is judged: two or more samples at 1 Hz and at 4 to 5 s alike.
    top_mps : float
        Faster than this is no runner but a jump of the position or a vehicle (the fastest 20 m of a 100 m world
        record were run at 12.4 m/s: Graubner & Nixdorf 2011, New Studies in Athletics 26).
    top_share : float
        Largest part of the way that may be such jumps before the recording is refused.
    """

    standing_mps: float = 0.25
    window_s: float = 10.0
    top_mps: float = 12.5
    top_share: float = 0.2

    def __post_init__(self) -> None:
        for name in ("standing_mps", "window_s", "top_mps"):
            if not getattr(self, name) > 0:
                raise InputError(f"{getattr(self, name)}", "a number above 0", "Correct the configuration.", name)
        if not 0 <= self.top_share <= 1:
            raise InputError(f"{self.top_share}", "a share from 0 to 1", "Correct the configuration.", "top_share")


@dataclass(frozen=True, eq=False)
class Motion:
    """Way and time of a recording of n samples.

    Parameters
    ----------
    distance_m : ndarray, shape (n,)
        Way covered while moving, from 0, never falling.
    moving_s, standing_s : ndarray, shape (n - 1,)
        Time of each interval between samples; one of the two is 0.
    notes : tuple of str
        What was left out, for users.
    positions : ndarray, shape (2, n), optional
        Latitude and longitude (degrees, beyond ±180 rather than with a leap), where any are known; those that the
        device held and caught up with stand where the runner was.
    """

    distance_m: np.ndarray
    moving_s: np.ndarray
    standing_s: np.ndarray
    notes: tuple[str, ...] = ()
    positions: np.ndarray | None = None


def _positions(samples: pd.DataFrame, time: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    lat, lon = samples[LATITUDE].to_numpy(float), samples[LONGITUDE].to_numpy(float)
    known = np.isfinite(lat) & np.isfinite(lon)
    if known.sum() < 2:
        return None
    return np.interp(time, time[known], lat[known]), np.interp(time, time[known], unwrapped_lon(lon[known]))


def _device_distance(
    samples: pd.DataFrame, time: np.ndarray, paused: np.ndarray, along_m: float | None
) -> np.ndarray | None:
    """Return the device's own distance if it is sane, else None.

    Sane: at half of the samples or more, never falling back by more than 5 m (a device starting anew), and within
    0.7 to 1.4 times the way along the positions where there are any.
    """
    values = samples[DISTANCE].to_numpy(float)
    known = np.isfinite(values)
    if known.sum() < max(2, len(values) / 2):
        return None
    found = values[known]
    if np.diff(found).min() < -5.0:
        return None
    device = np.interp(time, time[known], np.maximum.accumulate(found)) - found[0]
    total = float(np.diff(device)[~paused].sum())
    if total <= 0 or (along_m is not None and not 0.7 * along_m <= total <= 1.4 * along_m):
        return None
    return device


def _without_excursions(
    time: np.ndarray, lat: np.ndarray, lon: np.ndarray, config: MotionConfig
) -> tuple[np.ndarray, np.ndarray]:
    """Draw the way straight past positions far off, from which it comes back within a minute.

    Only where they make up so much of the way that the recording would be refused for them.
    """
    ds, dt = gaps_m(lat, lon), np.diff(time)
    jumps = np.flatnonzero(ds > config.top_mps * dt)
    if ds[jumps].sum() <= config.top_share * ds.sum():
        return lat, lon
    keep = np.ones(time.size, dtype=bool)
    for out, back in pairwise(jumps.tolist()):
        after_s = time[back + 1] - time[out]
        if keep[out] and after_s <= _EXCURSION_S:
            apart_m = float(haversine_m(lat[out], lon[out], lat[back + 1], lon[back + 1]))
            keep[out + 1 : back + 1] = apart_m > config.top_mps * after_s
    return np.interp(time, time[keep], lat[keep]), np.interp(time, time[keep], lon[keep])


def motion_of(samples: pd.DataFrame, config: MotionConfig | None = None, source: str | None = None) -> Motion:
    """Separate moving from stopped time.

    An interval between two samples is standing if, over a window of 10 s around it (the interval itself where it is
    longer, as in a pause), the runner came less far than `standing_mps` allows. How far is taken as the device's
    distance, or else as the straight ways from the beginning of the window to its middle and on to its end, which
    the jitter of satellites does not lengthen and a turning point does not shorten to nothing. Neighbouring intervals
    that are as slow by themselves belong to the stop. Places that the device held and caught up with are set where the
    runner was (`lib.recordings.catch_up`). While the timer is stopped nothing is way or moving time.
    Way that drifted together while standing is not counted.
    Stops shorter than the window stay moving time.

    Parameters
    ----------
    samples : pandas.DataFrame, shape (n, ≥ 7)
        As in `lib.recordings.formats.Activity`.
    config : MotionConfig, optional
        Limits.
    source : str, optional
        Name of the file, for messages.

    Returns
    -------
    Motion

    Raises
    ------
    InputError
        Neither positions nor distances, or too much of the way faster than any runner.
    """
    config = config or MotionConfig()
    time = samples[TIME].to_numpy(float)
    dt = np.diff(time)
    paused = 2.0 * samples[PAUSED].to_numpy(float)[1:] >= dt if PAUSED in samples else np.zeros(dt.size, dtype=bool)
    notes: list[str] = []
    positions = _positions(samples, time)
    along = None if positions is None else np.where(paused, 0.0, gaps_m(*positions))
    if positions is not None and along is not None:
        held = catch_ups(time, along, paused, config.standing_mps)
        positions = np.stack([held.moved(axis) for axis in positions])
    device = _device_distance(samples, time, paused, None if along is None else float(along.sum()))
    if device is not None:
        ds = np.where(paused, 0.0, np.diff(device))
        found = catch_ups(time, ds, paused, config.standing_mps)
        device = found.moved(np.concatenate([[0.0], np.cumsum(ds)]))
        ds, plane = np.diff(device), np.stack([device, np.zeros_like(device)])
    elif positions is not None and along is not None:
        found = held
        lat, lon = _without_excursions(time, *positions, config)
        ds = np.where(paused, 0.0, gaps_m(lat, lon))
        plane = EARTH_RADIUS_M * np.radians(np.stack([lat, lon * np.cos(np.radians(float(np.median(lat))))]))
        if samples[DISTANCE].notna().any():
            notes.append("the device's distance is not sane; taken along the positions")
    else:
        raise InputError("neither positions nor a distance that makes sense", "one of them", "Export it again.", source)
    middle, half = (time[1:] + time[:-1]) / 2, np.maximum(config.window_s, dt) / 2
    begin, end = np.maximum(middle - half, time[0]), np.minimum(middle + half, time[-1])

    def where(instants: np.ndarray) -> np.ndarray:
        return np.stack([np.interp(instants, time, axis) for axis in plane])

    jump = ds > config.top_mps * dt
    if device is not None:  # a device that catches up within the window (a filter, a lost fix) has the way right
        jump &= (where(end) - where(begin))[0] > config.top_mps * (end - begin)
    if jump.any():
        lost = float(ds[jump].sum())
        if lost > config.top_share * float(ds.sum()):
            raise InputError(
                f"{lost / max(float(ds.sum()), 1e-9):.0%} of the way faster than {config.top_mps:g} m/s",
                "a run", "A vehicle or a lost position looks like this; cut the recording.", source,
            )  # fmt: skip
        notes.append(
            f"{counted_noun(jump.sum(), 'jump')}, {lost:.0f} m in all, faster than {config.top_mps:g} m/s left out"
        )

    centre = where(middle)
    came = np.hypot(*(centre - where(begin))) + np.hypot(*(where(end) - centre))
    seed = came < config.standing_mps * (end - begin)
    slow = seed | (ds < config.standing_mps * dt)
    group = np.cumsum(np.concatenate([[True], slow[1:] != slow[:-1]]))
    slow[found.end :] = False  # held as long as a step of the device takes
    standing = (slow & np.isin(group, np.unique(group[seed]))) | jump | paused
    distance = np.concatenate([[0.0], np.cumsum(np.where(standing, 0.0, ds))])
    return Motion(distance, np.where(standing, 0.0, dt), np.where(standing, dt, 0.0), tuple(notes), positions)


# Fastest sustained running: the 10,000 m record is 26:11, 6.37 m/s (World Athletics).
_FAST_MPS = 6.4
_FAST_SHARE = 0.01
# People change from walking to running near 2.1 m/s (Hreljac 1993, Med Sci Sports Exerc 25: 2.07 m/s).
_RUN_MPS = 2.1
_RUN_SHARE = 0.1


_STRIDES_RPM = 40.0


def sport_by_motion(samples: pd.DataFrame, motion: Motion) -> str:
    """Name the sport of a recording that does not state one.

    Over stretches of 30 s while moving: more than 1% (and two or more) faster than 6.4 m/s, the pace of the 10,000 m
    record, is ``"riding, by its speed"``; else less than a tenth faster than 2.1 m/s, where people change from walking
    to running, is ``"walking, by its speed"``; else, where a sensor of strides was on, a median below 40 a minute is
    ``"no strides"`` (rowing, skiing); else ``"running"``. A mountain race that is mostly walked passes.

    Parameters
    ----------
    samples : pandas.DataFrame, shape (n, ≥ 7)
        As in `lib.recordings.formats.Activity`.
    motion : Motion
        Of the same samples.
    """
    clock = np.concatenate([[0.0], np.cumsum(motion.moving_s)])
    marks = np.arange(0.0, clock[-1] + 1e-9, 30.0)
    if len(marks) < 2:
        marks = np.array([0.0, max(float(clock[-1]), 1e-9)])
    keep = np.concatenate([[True], np.diff(clock) > 0])
    speed = np.diff(np.interp(marks, clock[keep], motion.distance_m[keep])) / np.diff(marks)
    fast = speed > _FAST_MPS
    if fast.sum() >= 2 and fast.mean() > _FAST_SHARE:
        return "riding, by its speed"
    if (speed > _RUN_MPS).mean() < _RUN_SHARE:
        return "walking, by its speed"
    cadence = samples[CADENCE]
    strides = cadence.notna().mean() > 0.5 and float(cadence.median()) < _STRIDES_RPM
    return "no strides" if strides else "running"

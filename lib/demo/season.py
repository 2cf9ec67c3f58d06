"""The demo athlete's months: day, form, effort and trail of every session."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, fields
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import CubicSpline

from lib.core.errors import InputError
from lib.demo.physiology import Athlete
from lib.demo.terrain import Array
from lib.demo.trails import TrailNetwork, trail_network
from lib.demo.watch import persistent

VERSION: Final = 1
"""Raised whenever the same configuration gives other sessions, so that no cache outlives the code that filled it."""
# Easy, steady, hard: how often, and the logarithm of power against the usual.
EFFORT_SHARES: Final = (0.35, 0.50, 0.15)
EFFORT_LEVELS: Final = (-0.08, 0.0, 0.10)
# Where the valley meets the mountains, as shares of the terrain's extent; how hilly runs are meant to be.
HOME: Final = (0.62, 0.45)
CLIMBS_M_PER_KM: Final = (5.0, 18.0, 32.0, 48.0)
CLIMB_SHARES: Final = (0.25, 0.3, 0.3, 0.15)
FORM_KNOT_D: Final = 30.0
# One random stream for each purpose: another length of run does not change the days.
CALENDAR, FORM, EFFORT, LENGTH, TRAIL, RUN = range(6)


@dataclass(frozen=True)
class SimulationConfig:
    """What makes a demo athlete.

    Parameters
    ----------
    seed : int
        The same configuration gives the same sessions, byte for byte.
    n_sessions : int
        1 to 2,000.
    mean_km, min_km, max_km : float
        Lengths of sessions: mean, and bounds of what is drawn (km).
    days_between : float
        Mean days from one session to the next, breaks apart.
    form_range : float
        From the athlete's worst to best form over a year or more, as a share of power (1).
    effort_sd, effort_memory : float
        Spread of the part of a day's effort that persists (1), and the sessions over which it is forgotten.
    heart_sd_bpm : float
        Spread of heart rate from day to day at the same effort (heat, sleep, coffee).
    wobble_sd : float
        Spread of pace on the way that neither slope nor fatigue explains (1).
    new_watch : float
        Share of sessions after which a watch with smart recording gives way to one that samples every second (1).
    athlete : Athlete
    """

    seed: int = 20240101
    n_sessions: int = 101
    mean_km: float = 22.3
    min_km: float = 8.0
    max_km: float = 45.0
    days_between: float = 5.6
    form_range: float = 0.13
    effort_sd: float = 0.03
    effort_memory: float = 4.0
    heart_sd_bpm: float = 3.0
    wobble_sd: float = 0.05
    new_watch: float = 0.3
    athlete: Athlete = field(default_factory=Athlete)

    def __post_init__(self) -> None:
        def check(name: str, ok: bool, expected: str) -> None:
            if not ok:
                raise InputError(repr(getattr(self, name)), expected, "Change it.", source=name)

        for item in fields(self):
            value, whole = getattr(self, item.name), item.name in ("seed", "n_sessions")
            if item.name == "athlete":
                check(item.name, isinstance(value, Athlete), "an Athlete")
            else:
                number = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
                check(item.name, number and np.isfinite(value), "an integer" if whole else "a finite number")
        check("seed", 0 <= self.seed < 2**63, "0 or more, below 2**63")
        check("n_sessions", 1 <= self.n_sessions <= 2_000, "1 to 2,000")
        check("min_km", 1 <= self.min_km < self.mean_km, "1 or more and less than mean_km")
        check("max_km", self.mean_km < self.max_km <= 60, "more than mean_km and 60 at most")
        check("days_between", 1 < self.days_between <= 60, "more than 1 and 60 at most")
        check("new_watch", 0 <= self.new_watch <= 1, "0 to 1")
        check("effort_memory", self.effort_memory > 0, "a positive number")
        for name, top in (("form_range", 0.5), ("effort_sd", 0.3), ("heart_sd_bpm", 20), ("wobble_sd", 0.3)):
            check(name, 0 <= getattr(self, name) <= top, f"0 to {top}")

    @property
    def key(self) -> str:
        """A name for what this configuration makes: 16 hexadecimal digits."""
        return hashlib.sha256(f"{VERSION} {self!r}".encode()).hexdigest()[:16]


def stream(config: SimulationConfig, *purpose: int) -> np.random.Generator:
    """Give the random numbers of one purpose (and session), independent of those of all others."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence((config.seed, *purpose))))


def session_days(config: SimulationConfig) -> np.ndarray:
    """Draw the day of each session, shape (n_sessions,), int: from 0, increasing, with breaks of weeks now and then."""
    rng = stream(config, CALENDAR)
    gaps = 1 + rng.negative_binomial(3, 3 / (2 + config.days_between), config.n_sessions)
    gaps += np.where(rng.random(config.n_sessions) < 0.03, rng.integers(14, 30, config.n_sessions), 0)
    gaps[0] = 0
    return np.cumsum(gaps)


def form_on(config: SimulationConfig, day: ArrayLike) -> Array:
    """Give the athlete's form, a factor on power around 1.

    Parameters
    ----------
    config : SimulationConfig
    day : array_like
        Days since the first session; after the last one by up to a year, form goes on by the same law.

    Returns
    -------
    ndarray
        The seasons (best in September) and a smooth random walk, stretched to span `form_range` over the sessions (less
        than that when they span less than a year).
    """
    last = float(session_days(config)[-1])
    rng = stream(config, FORM)
    knots = np.arange(0.0, last + 366 + 2 * FORM_KNOT_D, FORM_KNOT_D)
    walk = CubicSpline(knots, np.cumsum(rng.standard_normal(len(knots))))
    phase = rng.uniform(0, 2 * np.pi)

    def shape(at: Array) -> Array:
        return walk(at) + 1.5 * np.sin(2 * np.pi * at / 365.25 + phase)

    usual = shape(np.linspace(0, max(last, 1.0), 400))
    scale = config.form_range * min(1.0, max(last, 1.0) / 365.25) / np.ptp(usual)
    at = np.clip(np.asarray(day, dtype=float), 0, knots[-1])
    return 1 + scale * (shape(at) - usual.mean())


def session_efforts(config: SimulationConfig) -> Array:
    """Draw each session's effort, shape (n_sessions,): a factor on power whose reciprocal is 1 in the mean.

    Notes
    -----
    A part persists from session to session (a training block, a tired month), the rest is the day's intention: easy,
    steady or hard.
    """
    rng = stream(config, EFFORT)
    levels = np.array(EFFORT_LEVELS)[rng.choice(len(EFFORT_LEVELS), config.n_sessions, p=EFFORT_SHARES)]
    block = config.effort_sd * persistent(rng, config.n_sessions, config.effort_memory)
    centre = np.log(np.dot(EFFORT_SHARES, np.exp(-np.array(EFFORT_LEVELS)))) + config.effort_sd**2 / 2
    return np.exp(levels + block + centre)


def session_trails(config: SimulationConfig) -> list[Array]:
    """Lay the path of every session.

    Returns
    -------
    list of ndarray, shape (k, 2)
        Metres in the terrain's frame, a point every 5 m. Two in three are loops, the others out-and-backs; most start
        from home, some from anywhere; flat and hilly ones both.
    """
    network = trail_network()
    rng = stream(config, LENGTH)
    km = np.clip(np.exp(rng.normal(0, 0.42, config.n_sessions)) * 0.92 * config.mean_km, config.min_km, config.max_km)
    km = np.clip(km * config.mean_km / km.mean(), config.min_km, config.max_km)
    return [_trail(network, stream(config, TRAIL, number), 1000 * length) for number, length in enumerate(km)]


def _trail(network: TrailNetwork, rng: np.random.Generator, wanted_m: float) -> Array:
    home = np.array(network.terrain.size_m) * HOME
    away = np.hypot(*(network.junctions - home).T)
    homes = np.argsort(away)[:4]
    start = rng.choice(homes, p=(0.5, 0.25, 0.15, 0.1)) if rng.random() < 0.7 else rng.integers(len(away))
    climb = rng.choice(CLIMBS_M_PER_KM, p=CLIMB_SHARES)
    lay = network.loop if rng.random() < 0.65 else network.out_and_back
    return lay(rng, int(start), wanted_m, climb)

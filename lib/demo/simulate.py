"""Sessions of the demo athlete as watches record them, and their noise-free expectation."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.ndimage import gaussian_filter1d
from scipy.signal import find_peaks
from scipy.special import ndtr

from lib.core.errors import InputError
from lib.core.files import replacing
from lib.core.schema import (
    ALTITUDE,
    CADENCE,
    DAY,
    DURATION,
    HEART_RATE,
    SESSION_COLUMNS,
    SESSION_ID,
    STEP,
    STEP_M,
    STOP,
)
from lib.demo.physiology import Run, run_profile
from lib.demo.season import RUN, SimulationConfig, form_on, session_days, session_efforts, session_trails, stream
from lib.demo.terrain import Array
from lib.demo.trails import trail_network
from lib.demo.watch import EVERY_SECOND, SMART, persistent, record

log = logging.getLogger(__name__)

INTEGERS: Final = (SESSION_ID, DAY, STEP)
EXPECTED_COLUMNS: Final = (STEP, DURATION, HEART_RATE, CADENCE)
__all__ = [
    "SimulationConfig",
    "demo_sessions",
    "expected_run",
    "expected_sessions",
    "simulate_athlete",
    "simulate_run",
]


def _stops(rng: np.random.Generator, altitude_m: Array) -> Array:
    """Draw stopped time per step (s): at crests, for food on long runs, for whatever comes; more on long runs."""
    count = len(altitude_m)
    km = count * STEP_M / 1000
    stop = np.zeros(count)
    crests, _ = find_peaks(gaussian_filter1d(altitude_m, 12.0), prominence=40)
    crests = crests[rng.random(len(crests)) < 0.4]
    food = np.arange(1, int(km / 9) + 1) * 1800 + rng.integers(-150, 150, int(km / 9))
    food = food[(food < count - 400) & (rng.random(len(food)) < 0.7)] if km > 15 else food[:0]
    other = rng.integers(0, count, rng.poisson(0.35 * km * (km / 20) ** 0.5))
    for places, median_s, spread in ((crests, 30, 0.8), (food, 80, 0.6), (other, 9, 1.1)):
        stop[places] += np.minimum(median_s * np.exp(spread * rng.standard_normal(len(places))), 900)
    return np.rint(stop)


def expected_run(altitude_m: ArrayLike, config: SimulationConfig, day: float | None = None) -> pd.DataFrame:
    """Give the best possible prediction of a run: the athlete's law without noise, at the usual effort.

    Parameters
    ----------
    altitude_m : array_like, shape (n,)
        Altitude at the end of each step of 5 m.
    config : SimulationConfig
        The athlete.
    day : float, optional
        Day of the run, for the form; without it, the day after the last session.

    Returns
    -------
    pandas.DataFrame
        A row per step: ``step``, ``duration_s``, ``heart_rate_bpm``, ``cadence_rpm``.

    Raises
    ------
    InputError
        If the profile is not a row of two or more finite altitudes, or the day is before the first session.

    Notes
    -----
    Stops are not expected, nor their effect on the heart: stopped time is a matter of plans, not of physiology.
    """
    altitude = np.asarray(altitude_m, dtype=float)
    if altitude.ndim != 1 or len(altitude) < 2 or not np.isfinite(altitude).all():
        raise InputError(
            f"an array of shape {altitude.shape}, or gaps in it",
            "two or more finite altitudes in a row",
            "Give the altitude at the end of every 5 m.",
            source=ALTITUDE,
        )
    day = float(session_days(config)[-1]) + 1 if day is None else day
    if not 0 <= day < np.inf:
        raise InputError(f"{day}", "0 (the first session) or later", "Give another day.", source=DAY)
    run = run_profile(altitude, config.athlete, form=float(form_on(config, day)))
    return _expected_table(run)


def _expected_table(run: Run) -> pd.DataFrame:
    columns = (np.arange(len(run.duration_s)), run.duration_s, run.heart_rate_bpm, run.cadence_rpm)
    return _typed(dict(zip(EXPECTED_COLUMNS, columns, strict=True)))


def _typed(columns: dict[str, Array]) -> pd.DataFrame:
    kinds = {name: np.int32 if name in INTEGERS else np.float32 for name in columns}
    return pd.DataFrame({name: np.asarray(values, kinds[name]) for name, values in columns.items()})


def expected_sessions(config: SimulationConfig) -> pd.DataFrame:
    """Give `expected_run` on the true ground of every session of `simulate_athlete`, at the form of its day.

    Returns
    -------
    pandas.DataFrame
        ``session_id`` and the columns of `expected_run`; the rows are those of the sessions, in the same order.
    """
    tables, altitude = [], trail_network().terrain.altitude_m
    for number, (path, day) in enumerate(zip(session_trails(config), session_days(config), strict=True)):
        table = expected_run(altitude(path)[1:], config, float(day))
        table.insert(0, SESSION_ID, np.full(len(table), number, dtype=np.int32))
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def simulate_run(
    rng: np.random.Generator,
    altitude_m: Array,
    config: SimulationConfig,
    form: float,
    effort: float,
    smart: bool = False,
) -> pd.DataFrame:
    """Draw one recorded run.

    Parameters
    ----------
    rng : numpy.random.Generator
    altitude_m : ndarray, shape (n,)
        True altitude at the end of each step of 5 m.
    config : SimulationConfig
    form, effort : float
        Factors on power (1).
    smart : bool
        Whether the watch saves memory by sampling every 2 to 6 s.

    Returns
    -------
    pandas.DataFrame
        The columns of a session but for ``session_id`` and ``day``.
    """
    count = len(altitude_m)
    sd = config.wobble_sd / 2**0.5
    wobble = np.exp(sd * (persistent(rng, count, 20.0) + persistent(rng, count, 200.0)) - config.wobble_sd**2 / 2)
    gait = ndtr(persistent(rng, count, 12.0))
    stop = _stops(rng, altitude_m)
    run = run_profile(altitude_m, config.athlete, form, effort, gait, wobble, stop)
    heart = run.heart_rate_bpm + config.heart_sd_bpm * rng.standard_normal()
    watch = SMART if smart else EVERY_SECOND
    altitude, duration, heart, cadence = record(rng, watch, altitude_m, run.duration_s, heart, run.cadence_rpm)
    values = (np.arange(count), altitude, duration, stop, heart, cadence)
    return _typed(dict(zip((STEP, ALTITUDE, DURATION, STOP, HEART_RATE, CADENCE), values, strict=True)))


def simulate_athlete(config: SimulationConfig) -> pd.DataFrame:
    """Draw the athlete's sessions.

    Returns
    -------
    pandas.DataFrame
        A row per 5 m with the columns `lib.core.schema.SESSION_COLUMNS`: int32 for the first three, float32 for the
        others.
    """
    days, efforts, trails = session_days(config), session_efforts(config), session_trails(config)
    forms, altitude = form_on(config, days), trail_network().terrain.altitude_m
    tables = []
    for number, path in enumerate(trails):
        rng, smart = stream(config, RUN, number), number < config.new_watch * config.n_sessions
        table = simulate_run(rng, altitude(path)[1:], config, forms[number], efforts[number], smart)
        table[SESSION_ID], table[DAY] = np.int32(number), np.int32(days[number])
        tables.append(table)
    return pd.concat(tables, ignore_index=True)[list(SESSION_COLUMNS)]


def demo_sessions(cache: Path, config: SimulationConfig | None = None) -> pd.DataFrame:
    """Give the sessions of `simulate_athlete`, from a file if they were made before.

    Parameters
    ----------
    cache : Path
        Folder of such files, e.g. ``build/``; made if missing.
    config : SimulationConfig, optional
        The default athlete without it.

    Returns
    -------
    pandas.DataFrame
    """
    config = config or SimulationConfig()
    path = cache / f"demo_{config.key}.parquet"
    if not path.is_file():
        log.info("making %d demo sessions: %s", config.n_sessions, path)
        with replacing(path) as temporary:
            simulate_athlete(config).to_parquet(temporary, index=False)
    return pd.read_parquet(path)

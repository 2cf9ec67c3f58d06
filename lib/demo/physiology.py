"""Time, heart rate and cadence that an altitude profile costs an athlete, for every 5 m."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import gaussian_filter1d

from lib.core.errors import InputError
from lib.core.schema import STEP_M
from lib.course.cost import running_cost, walking_cost

Array = NDArray[np.float64]

OPTIMAL_WALK_M_S: Final = 1.3
"""Walking speed of least cost per metre on the flat (m/s; Ralston 1958)."""
EFFECTS: Final = ("distance_exponent", "fatigue_per_h", "push", "drift")


@dataclass(frozen=True)
class Athlete:
    """A runner of trails in numbers; the defaults are a trained amateur.

    Parameters
    ----------
    power_w_kg : float
        Usual net metabolic power on a run of `usual_km` of flat-equivalent distance (W/kg above rest).
    max_power_w_kg : float
        Net metabolic power at maximal oxygen uptake (W/kg; 18 is about 55 ml/kg/min).
    ground_factor : float
        Cost on trails over cost on a treadmill (1; Soule and Goldman 1972: 1.1 dirt road, 1.2 light brush).
    usual_km, distance_exponent : float
        Power falls with flat-equivalent distance (km + climb / 100 m) to this power (Riegel 1981: 0.06).
    fatigue_per_h : float
        Share of power lost per hour after the first three quarters of an hour (1/h).
    descent_fatigue_m : float
        Descent after which the speed of braking has fallen by 63% (m; eccentric damage, Giandolini et al. 2016).
    brake_m_s, brake_slope : float
        Fastest descent on the flat's limit (m/s), and the slope at which braking halves it (1).
    push : float
        Share of power added per unit of slope: runners work harder uphill than downhill (1).
    rest_bpm, max_bpm : float
        Heart rate at rest and at maximal oxygen uptake.
    heart_tau_s : float
        Time constant of heart rate after a change of power (s; 30-60 s, e.g. Bearden and Moffatt 2001).
    drift : float
        Share by which heart rate reserve rises in the long run at the same power (1; Coyle and Gonzalez-Alonso 2001).
    cadence_rpm : float
        Steps of one leg per minute when running 2.5 m/s on the flat.
    """

    power_w_kg: float = 11.8
    max_power_w_kg: float = 18.0
    ground_factor: float = 1.1
    usual_km: float = 25.0
    distance_exponent: float = 0.06
    fatigue_per_h: float = 0.035
    descent_fatigue_m: float = 8_000.0
    brake_m_s: float = 5.5
    brake_slope: float = 0.20
    push: float = 0.5
    rest_bpm: float = 48.0
    max_bpm: float = 186.0
    heart_tau_s: float = 45.0
    drift: float = 0.08
    cadence_rpm: float = 79.0

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            number = isinstance(value, int | float) and not isinstance(value, bool) and np.isfinite(value)
            # Effects may be switched off; a body without power, mass of ground or heart beats makes no sense.
            if not number or value < 0 or (value == 0 and item.name not in EFFECTS):
                raise InputError(repr(value), "a positive number", "Give one.", source=item.name)
        if self.power_w_kg >= self.max_power_w_kg or self.rest_bpm >= self.max_bpm:
            raise InputError("a usual value above the maximum", "less than the maximum", "Exchange them.", "Athlete")


@dataclass(frozen=True, eq=False)
class Run:
    """What happens on a run, step by step; every array has shape (n,).

    Parameters
    ----------
    duration_s : ndarray
        Moving time (s).
    walking : ndarray
        Share of the step that is walked (1).
    demand : ndarray
        Metabolic power that the heart follows, as a share of the maximum (1).
    heart_rate_bpm, cadence_rpm : ndarray
    """

    duration_s: Array
    walking: Array
    demand: Array
    heart_rate_bpm: Array
    cadence_rpm: Array


def walking_speed(slope: ArrayLike, power_w_kg: ArrayLike) -> Array:
    """Solve for the speed of walking that takes a power.

    Parameters
    ----------
    slope, power_w_kg : array_like
        Slope (1) and net metabolic power (W/kg).

    Returns
    -------
    ndarray
        m/s.

    Notes
    -----
    Faster than 1.3 m/s the cost per metre grows with the square of the excess, relative to 1.3 m/s: so walking and
    running cost the same on the flat at 2.2 m/s, where they were found to (Hreljac 1993, Med Sci Sports Exerc 25:1158).
    """
    cost, power = np.broadcast_arrays(walking_cost(slope), np.asarray(power_w_kg, dtype=float))
    speed = np.minimum(power / cost, 2.0)
    for _ in range(8):  # Newton: the function is increasing and nearly a line here
        excess = np.maximum(speed / OPTIMAL_WALK_M_S - 1, 0)
        value = cost * speed * (1 + excess**2) - power
        speed = speed - value / (cost * (1 + excess**2 + 2 * excess * speed / OPTIMAL_WALK_M_S))
    return speed


def step_slope(altitude_m: ArrayLike) -> Array:
    """Give the slope (1) that legs answer to: over some 20 m around each step of 5 m; shape (n,) for (n,) altitudes."""
    altitude = np.asarray(altitude_m, dtype=float)
    if len(altitude) < 2:
        return np.zeros(len(altitude))
    rise = np.diff(altitude, prepend=2 * altitude[0] - altitude[1])
    return gaussian_filter1d(rise / STEP_M, 2.0, mode="nearest")


def follow_heart(demand: Array, duration_s: Array, stop_s: Array, athlete: Athlete) -> Array:
    """Let heart rate follow the demand with its delay, and fall during stops.

    Parameters
    ----------
    demand : ndarray, shape (n,)
        Share of maximal metabolic power; drift is added here.
    duration_s, stop_s : ndarray, shape (n,)
        Moving and stopped time per step (s); a stop comes at the start of its step.
    athlete : Athlete

    Returns
    -------
    ndarray, shape (n,)
        bpm at the end of each step.

    Notes
    -----
    The share of heart rate reserve equals that of oxygen-uptake reserve (Swain and Leutholtz 1997).
    """
    reserve = athlete.max_bpm - athlete.rest_bpm
    hours = np.cumsum(duration_s) / 3600
    drift = 1 + athlete.drift * (1 - np.exp(-np.maximum(hours - 0.25, 0) / 1.5))
    target = athlete.rest_bpm + reserve * np.minimum(demand * drift, 0.98)
    moving = 1 - np.exp(-duration_s / athlete.heart_tau_s)
    standing = 1 - np.exp(-stop_s / athlete.heart_tau_s)
    floor = athlete.rest_bpm + 0.25 * reserve
    rate, out = athlete.rest_bpm + 0.3 * reserve, []
    for goal, move, stand in zip(target.tolist(), moving.tolist(), standing.tolist(), strict=True):
        if stand:
            rate += stand * (floor - rate)
        rate += move * (goal - rate)
        out.append(rate)
    return np.array(out)


def run_profile(
    altitude_m: ArrayLike,
    athlete: Athlete,
    form: float = 1.0,
    effort: float = 1.0,
    gait: Array | None = None,
    wobble: Array | None = None,
    stop_s: Array | None = None,
) -> Run:
    """Run a profile.

    Parameters
    ----------
    altitude_m : array_like, shape (n,)
        Altitude at the end of each step of 5 m.
    athlete : Athlete
    form, effort : float
        Factors on power: what the body can do now, and how much of it is asked today (1).
    gait : ndarray, shape (n,), optional
        Uniform numbers: a step is walked where its number is below the share of walking. Without it, steps are mixed.
    wobble : ndarray, shape (n,), optional
        Factor on the time of each step.
    stop_s : ndarray, shape (n,), optional
        Stopped time (s).

    Returns
    -------
    Run

    Notes
    -----
    Fatigue halves power, and descent the speed of braking, at most. Slopes beyond 100% are taken for 100%: nobody runs
    them, and what looks like one is an error of the profile.
    """
    slope = np.clip(step_slope(altitude_m), -1.0, 1.0)
    rise = slope * STEP_M
    descent = np.cumsum(np.maximum(-rise, 0))
    flat_km = len(slope) * STEP_M / 1000 + np.maximum(rise, 0).sum() / 100
    level = athlete.power_w_kg * form * effort * (max(flat_km, 5.0) / athlete.usual_km) ** -athlete.distance_exponent
    level = level * (1 + athlete.push * np.clip(slope, -0.15, 0.15))
    # Braking, not power, limits steep descents: speed at -20% is half that on the flat's limit.
    brake = athlete.brake_m_s * effort**0.5 * np.maximum(np.exp(-descent / athlete.descent_fatigue_m), 0.5)
    brake = brake / (1 + (np.maximum(-slope, 0) / athlete.brake_slope) ** 1.5)
    cost_run = running_cost(slope) * athlete.ground_factor
    duration = np.full(len(slope), 2.0)
    for _ in range(4):  # fatigue depends on elapsed time and time on fatigue, weakly: this settles to under 0.01%
        elapsed = np.cumsum(duration)
        fresh = np.maximum(np.exp(-athlete.fatigue_per_h * np.maximum(elapsed / 3600 - 0.75, 0)), 0.5)
        power = level * fresh * (1 - 0.06 * np.exp(-elapsed / 300))
        run = ((power / cost_run) ** -4 + brake**-4) ** -0.25
        walk = walking_speed(np.maximum(slope, -0.1), power / athlete.ground_factor)
        walk = (walk**-4 + (0.8 * brake) ** -4) ** -0.25
        # Walk what is walked faster, give or take habit; and hardly anyone runs slower than people walk.
        choice = (np.log(walk / run) - 0.04) / 0.03 + np.maximum(1.4 - run, 0) / 0.15
        walking = 1 / (1 + np.exp(-choice))
        if gait is not None:
            walking = gaussian_filter1d((gait < walking).astype(float), 1.0, mode="nearest")
        duration = STEP_M * (walking / walk + (1 - walking) / run)
        duration = gaussian_filter1d(duration, 1.5, mode="nearest")
        if wobble is not None:
            duration = duration * wobble
    # Braking takes little oxygen but the heart falls less than that on descents: half way to the power of the level.
    spent = walking * power + (1 - walking) * run * cost_run
    demand = 0.5 * (spent + power) / (athlete.max_power_w_kg * form)
    stops = np.zeros(len(slope)) if stop_s is None else stop_s
    cadence = cadence_rpm(STEP_M / duration, slope, walking, athlete)
    return Run(duration, walking, demand, follow_heart(demand, duration, stops, athlete), cadence)


def cadence_rpm(speed_m_s: Array, slope: Array, walking: Array, athlete: Athlete) -> Array:
    """Give steps of one leg per minute for a speed (m/s), slope (1) and share of walking (1); shape (n,) each.

    Notes
    -----
    Running, frequency grows little with speed, and a little uphill (Cavagna et al. 1997; Padulo et al. 2012). Walking,
    it grows with speed (Grieve and Gear 1966); the numbers fit walking uphill at 55-60 as runners' watches record it.
    """
    running = athlete.cadence_rpm + 3.5 * (speed_m_s - 2.5) + 15 * np.clip(slope, -0.1, 0.2)
    on_foot = np.clip(34 + 14 * speed_m_s + 20 * np.clip(slope, 0, 0.4), 42, 66)
    return walking * on_foot + (1 - walking) * np.clip(running, 66, 98)

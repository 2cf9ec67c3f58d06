"""Where a plan is least certain, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from lib.athlete.bundle import Bundle
from lib.core import schema as c
from lib.core.numeric import runs_of_true
from lib.core.units import METRIC, Units
from lib.course.grade_factors import SLOPE_KNOTS
from lib.plan.daylight import dark_steps
from lib.plan.race_plan import RacePlan

_STEEP: Final = 0.10
"""On gentler slopes the curves of people differ little."""
_JOIN_M: Final = 150.0
_LEAST_M: Final = 150.0
_HIGH_M: Final = 2_000.0
"""From here on altitude is called moderate, and acclimatization matters for performance (Bärtsch & Saltin 2008, Scand.
J. Med. Sci. Sports 18 Suppl. 1:1, https://doi.org/10.1111/j.1600-0838.2008.00827.x)."""
_SHOWN: Final = 4


@dataclass(frozen=True)
class Doubt:
    """A reason to trust the plan less, and where.

    Parameters
    ----------
    where : tuple of (float, float)
        Stretches (m from the start to m from the start); none: everywhere.
    moving_s : float
        Moving time that the plan has for them (s).
    why : str
        In words.
    code : str
        What it is about, for programs and tests: ``"beyond_longest_run"``.
    units : Units
        In which places are told.
    """

    where: tuple[tuple[float, float], ...]
    moving_s: float
    why: str
    code: str
    units: Units = METRIC

    @property
    def places(self) -> str:
        """Where, in words: ``"km 3.2 to 4.1, 7.0 to 7.9"``; the longest where there are many."""
        if not self.where:
            return "everywhere"
        longest = sorted(sorted(self.where, key=lambda part: part[0] - part[1])[:_SHOWN])
        parts = (f"{self.units.distance(first)} to {self.units.distance(last)}" for first, last in longest)
        said = f"{self.units.long} " + ", ".join(parts)
        more = len(self.where) - len(longest)
        return said + (f" and {more} shorter" if more else "")


def _stretches(marked: np.ndarray) -> tuple[tuple[float, float], ...]:
    """Stretches (m) of marked steps (T,); near ones are one, tiny ones none."""
    edges = runs_of_true(marked) * c.STEP_M
    joined: list[list[float]] = []
    for first, last in edges.tolist():
        if joined and first - joined[-1][1] <= _JOIN_M:
            joined[-1][1] = last
        else:
            joined.append([first, last])
    return tuple((first, last) for first, last in joined if last - first >= _LEAST_M)


def _doubt(race: RacePlan, marked: np.ndarray, code: str, why: str) -> list[Doubt]:
    where = _stretches(marked)
    duration_s = race.plan.columns[c.DURATION]
    moving_s = sum(float(duration_s[int(a / c.STEP_M) : int(b / c.STEP_M)].sum()) for a, b in where)
    return [Doubt(where, moving_s, why, code, race.config.units)] if where else []


def own_share(bundle: Bundle, slope: np.ndarray) -> np.ndarray:
    """How much of the grade curve at slopes, shape (T,), is the athlete's own, from 0 to 1; the rest is of runners."""
    known_s = np.array(bundle.athlete.curve_flat_s)
    return np.interp(slope, SLOPE_KNOTS, known_s / (known_s + bundle.prior.curve_weight_s))


def doubts(race: RacePlan, bundle: Bundle) -> tuple[Doubt, ...]:
    """Say where a plan is least sure, the most time first.

    Slopes on which the athlete's own runs weigh less than those of runners in general, ground steeper than the curves
    reach, distances beyond the longest run, thin air, the dark, and what was repaired in the file.

    Parameters
    ----------
    race : RacePlan
        T steps.
    bundle : Bundle
        The model's bundle, with the athlete profile.
    """
    columns, athlete = race.course.columns, bundle.athlete
    to_come = np.arange(race.course.steps) >= race.plan.done
    slope = np.where(to_come, columns[c.SLOPE_25M], 0.0)
    found: list[Doubt] = []
    units = race.config.units
    if athlete.runs == 0:
        found.append(
            Doubt(
                (),
                race.plan.finish_s,
                "no run of yours is known: habits are those of runners in general"
                if race.results
                else "nothing is known of you: level and habits are those of runners in general",
                "nobody_known",
            )
        )
    else:
        foreign = own_share(bundle, slope) < 0.5
        for marked, kind in ((slope > _STEEP, "climbs"), (slope < -_STEEP, "descents")):
            found += _doubt(
                race,
                marked & foreign,
                f"steep_{kind}_unknown",
                f"{kind} this steep are rare in your past: how they go is taken from runners in general",
            )
        longest_m = athlete.longest_km * 1000.0
        others = "finishers of long races" if race.law_weight > 0.0 else "runners in general"
        found += _doubt(
            race,
            to_come & (columns[c.DISTANCE] > longest_m),
            "beyond_longest_run",
            f"beyond the longest run that is known, {units.distance(longest_m)} {units.long}: "
            f"you slow down as {others}",
        )
    found += _doubt(
        race,
        np.abs(slope) > SLOPE_KNOTS[-1],
        "beyond_steepest",
        f"steeper than {SLOPE_KNOTS[-1]:.0%}: scrambling, or an error of the elevation",
    )
    if race.config.conditions.usual_altitude_m is None:
        found += _doubt(
            race,
            to_come & (columns[c.ALTITUDE] > _HIGH_M),
            "thin_air",
            f"above {_HIGH_M / units.high_m:,.0f} {units.high} the air is thin, "
            "and nothing is adjusted unless the usual altitude is given",
        )
    cost = bundle.prior.pacing.night - 1.0 if race.config.night else 0.0
    dark = f"in the dark, which is taken to cost {cost:.0%} of time: how much it slows you is not known"
    found += _doubt(race, dark_steps(race) & to_come, "dark", dark)
    found.sort(key=lambda doubt: -doubt.moving_s)
    if race.course.repairs:
        found.append(Doubt((), 0.0, f"the file was repaired: {'; '.join(race.course.repairs)}", "repaired"))
    return tuple(found)

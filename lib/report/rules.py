"""What rules of thumb say of the same course, for the same athlete."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.athlete.bundle import Bundle
from lib.athlete.profile import flat_steps, grade_curve
from lib.core import schema as c
from lib.course.grade_factors import SLOPE_KNOTS
from lib.course.pace_rules import FLAT_S, FORMULAS, RIEGEL_EXPONENT, naismith_langmuir
from lib.plan.race_plan import RacePlan

_WALKING_S = 3600.0 / 5000.0 * c.STEP_M
"""Naismith's hiker takes so long for 5 m on the flat (5 km/h)."""
_LABELS = {
    "median pace": "every km at your flat pace",
    "km + climb": "100 m of climb are a kilometre",
    "Naismith-Langmuir": "Naismith-Langmuir, at your flat pace",
    "Tobler": "Tobler, at your flat pace",
    "Minetti": "Minetti, at your flat pace",
    "grade factors": "grade factors, at your flat pace",
}


@dataclass(frozen=True)
class Rule:
    """What a rule says: its name, and the moving time of the course by it (s)."""

    name: str
    moving_s: float


def flat_pace_s(race: RacePlan, bundle: Bundle) -> float:
    """Seconds for 5 m on the flat at the level of this plan: its moving time over that of the athlete's grade curve."""
    factors = np.interp(race.course.columns[c.SLOPE_25M], SLOPE_KNOTS, grade_curve(bundle.athlete, bundle.prior))
    return race.plan.finish_s / float(factors.sum())


def rules(race: RacePlan, bundle: Bundle) -> tuple[Rule, ...]:
    """Say what rules of thumb make of a course, slowest first.

    The published formulas (`lib.course.pace_rules`) start from the pace on the flat that this plan rests on, so they
    differ from it in what they make of the hills alone. Beside them stand Naismith's hiker as he is in the book, and
    Riegel's rule from the longest run that is remembered.

    Parameters
    ----------
    race : RacePlan
        The plan.
    bundle : Bundle
        The model's bundle, with the athlete profile.
    """
    course = race.course.columns
    scale = flat_pace_s(race, bundle) / FLAT_S
    found = [Rule(_LABELS[name], scale * float(formula(course).sum())) for name, formula in FORMULAS.items()]
    hiker_s = float(naismith_langmuir(course).sum()) / FLAT_S * _WALKING_S
    found.append(Rule("Naismith-Langmuir, a hiker at 5 km/h", hiker_s))
    runs = bundle.athlete.memory.runs
    if runs.distance.size:
        longest = int(np.argmax(runs.distance))
        km = 10.0 * float(np.exp(runs.distance[longest]))
        even_s = float(np.exp(runs.log_pace[longest])) * flat_steps(bundle.prior, race.course.columns)
        slower = (race.course.length_km / km) ** RIEGEL_EXPONENT
        units = race.config.units
        length = f"{units.distance(1000.0 * km, 0)} {units.long}"
        found.append(Rule(f"Riegel, from your run of {length}", even_s * slower))
    return tuple(sorted(found, key=lambda rule: -rule.moving_s))

"""What a plan assumes of pacing, night and ground, in words, and what hours cost."""

from __future__ import annotations

from typing import Final

import numpy as np

from lib.athlete.bundle import Bundle
from lib.athlete.heart_rate_model import fallen
from lib.athlete.own_fading import own_fading
from lib.athlete.pacing_law import fading_curve
from lib.core import schema as c
from lib.core.numeric import SCORE_80
from lib.plan.daylight import dark_steps
from lib.plan.pacing import ground_of
from lib.plan.race_plan import RacePlan

_WORTH_SAYING: Final = 0.05


def fading_of(race: RacePlan, hours: np.ndarray) -> np.ndarray:
    """What the same effort costs after some moving hours in this plan, shape (N,): 1 is as at the start."""
    finish_h = race.plan.finish_s / 3600.0
    share = race.law_weight * race.config.strategy.fading
    return 1.0 + share * (fading_curve(race.law, hours, finish_h, race.base_pace) - 1.0)


def fades(race: RacePlan) -> bool:
    """Whether the hours matter: by the usual strategy they cost some percent at the end."""
    finish_h = race.plan.finish_s / 3600.0
    usual = race.law_weight > 0.0 and fading_curve(race.law, finish_h, finish_h, race.base_pace) - 1.0
    return bool(race.law_weight * usual >= _WORTH_SAYING)


def _strategy_lines(race: RacePlan, bundle: Bundle) -> list[str]:
    strategy, athlete, each = race.config.strategy, bundle.athlete, race.config.units.long_name
    lines = []
    if fades(race):
        end = float(fading_of(race, np.array([race.plan.finish_s / 3600.0]))[0]) - 1.0
        if strategy.fading == 0.0:
            lines.append("Even effort: no slowing down with the hours (PACING=even)")
        elif strategy.fading == 1.0:
            lines.append(f"You slow down as finishers of long races do: by the end a {each} costs {end:.0%} more time")
        else:
            lines.append(
                f"You slow down {strategy.fading:g} times as much as finishers of long races (PACING): a {each} "
                f"costs {end:.0%} more at the end"
            )
        if athlete.long_runs and strategy.fading:
            share = own_fading(athlete.long_runs, athlete.fading_sum)
            lines.append(f"Your own long runs ({athlete.long_runs}) make it {share:.2f} times the usual")
    if strategy.first_third:
        word = "faster" if strategy.first_third > 0 else "slower"
        lines.append(f"The first third is run {abs(strategy.first_third):.0%} {word} than usual (FIRST)")
    return lines


def _ground_lines(race: RacePlan) -> list[str]:
    ground = ground_of(race.config, race.course)
    if ground is None:
        return ["The ground is not stated and counts as trail"] if fades(race) else []
    words, steps = np.unique(ground, return_counts=True)
    units = race.config.units
    parts = sorted(((n * c.STEP_M, word) for n, word in zip(steps, words.tolist(), strict=True)), reverse=True)
    said = (f"{units.distance(metres)} {units.long} {word or 'not stated, as trail'}" for metres, word in parts)
    return ["Ground: " + ", ".join(said)]


def _heart_rate_lines(race: RacePlan) -> list[str]:
    """Say how far heart rate falls in the end, with its 80% band, where it falls by some percent."""
    left, low, high = (float(fallen(np.array([race.plan.finish_s]), sds)[0]) for sds in (0.0, SCORE_80, -SCORE_80))
    if 1.0 - left < _WORTH_SAYING:
        return []
    band = f"80% band {low:.0%} to {high:.0%}"
    return [f"Heart rate falls with the hours, to {left:.0%} of its early value at the end ({band})"]


def pacing_lines(race: RacePlan, bundle: Bundle) -> tuple[str, ...]:
    """Say what a plan assumes: how the effort is spread, night, ground; nothing of a short run by day.

    Parameters
    ----------
    race : RacePlan
        The plan.
    bundle : Bundle
        The model's bundle, with the athlete profile.
    """
    night = []
    if dark_steps(race).any():
        cost = bundle.prior.pacing.night - 1.0
        night = [
            f"In the dark a {race.config.units.long_name} takes {cost:.0%} longer (NIGHT=no leaves this out)"
            if race.config.night
            else "The dark makes nobody slower (NIGHT=no)"
        ]
    return (*_strategy_lines(race, bundle), *_heart_rate_lines(race), *night, *_ground_lines(race))

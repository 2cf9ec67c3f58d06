"""Tables of a comparison of plans, and what stands out in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lib.core import schema as c
from lib.core.durations import h_mm, h_mm_ss, in_words, m_ss, signed, whole
from lib.course.slope_classes import GROUNDS, by_ground, ground
from lib.plan.compare import STOPPED, Variant, gap_by_ground_s, gap_s, together
from lib.plan.daylight import dark_steps
from lib.plan.race_plan import RacePlan
from lib.plan.splits import legs
from lib.race.clock import clock_text
from lib.report.notes import percent
from lib.report.tables import Text

_EVEN_SHARE = 0.15
"""A part of a gap that differs by less than this from its share of the course is where one would expect it."""


def dark_share(race: RacePlan) -> float:
    """Share of the race time that is spent in the dark, from 0 to 1."""
    return float(np.diff(race.arrival_s, prepend=0.0)[dark_steps(race)].sum() / race.finish_s)


def chance_within(race: RacePlan, seconds: float) -> float:
    """Chance of being home within a race time."""
    return float(race.chance(np.array([seconds]), np.array([race.course.steps - 1]))[0])


def variants_table(found: Sequence[Variant], goal_s: float) -> dict[str, Text]:
    """One row for each variant, for reading; clocks, dark and cut-offs only where there are some.

    Parameters
    ----------
    found : sequence of Variant
        From `lib.plan.compare.variants`.
    goal_s : float
        Race time whose chance is given (s).
    """
    races = [variant.race for variant in found]
    units = races[0].config.units
    intervals = [race.finish_interval_s for race in races]
    out = {
        "variant": [variant.label for variant in found],
        "finish": [h_mm_ss(race.finish_s) for race in races],
        "to the first": [signed(race.finish_s - races[0].finish_s) for race in races],
        # In one line: the spaces do not break.
        "80% interval": [
            "goal" if race.to_a_goal else f"{h_mm(a)}\u00a0to\u00a0{h_mm(b)}"
            for race, (a, b) in zip(races, intervals, strict=True)
        ],
        f"under {h_mm_ss(goal_s).removesuffix(':00')}": [
            "goal" if race.to_a_goal else percent(chance_within(race, goal_s)) for race in races
        ],
        f"pace ({units.pace})": [
            m_ss(whole(race.plan.finish_s) / (race.course.length_km * 1000.0 / units.long_m)) for race in races
        ],
        "heart rate (bpm)": [f"{race.mean_heart_rate_bpm:.0f}" for race in races],
    }
    if all(race.start is not None for race in races):
        out["at"] = [clock_text(race.start, race.finish_s) for race in races if race.start is not None]
        out["in the dark"] = [f"{dark_share(race):.0%}" for race in races]
    tables = [legs(race) for race in races]
    if all(np.isfinite(table[c.CUTOFF]).any() for table in tables):
        out["least margin"] = [in_words(float(np.nanmin(table[c.MARGIN]))) for table in tables]
    return out


def side_by_side(found: Sequence[Variant]) -> dict[str, Text]:
    """When each variant is at each station, and how much later than the first one in race time."""
    tables = [legs(variant.race) for variant in found]
    first, units = tables[0], found[0].race.config.units
    out = {
        "to": [str(name) for name in first[c.WAYPOINT]],
        units.long: [units.distance(m) for m in first[c.END]],
    }
    for i, (variant, table) in enumerate(zip(found, tables, strict=True)):
        cells = []
        for row, arrival_s in enumerate(table[c.ARRIVAL].tolist()):
            start = variant.race.start
            text = h_mm_ss(arrival_s) if start is None else clock_text(start, arrival_s)
            later = signed(arrival_s - first[c.ARRIVAL][row])
            cells.append(text if i == 0 else f"{text}\u00a0({later})")
        out[variant.label] = cells
    return out


def ground_table(found: Sequence[Variant]) -> dict[str, Text]:
    """Where variants gain and lose on the first: a row for each kind of ground that the course has, and for stops."""
    first = found[0]
    kinds = ground(first.race.course)
    km = by_ground(kinds, np.full(kinds.size, c.STEP_M / 1000.0))
    rows = [*(name for name, length in zip(GROUNDS, km, strict=True) if length > 0), STOPPED]
    distance = dict(zip(GROUNDS, (f"{100 * length / km.sum():.0f}%" for length in km), strict=True))
    out = {"ground": [*rows, "all"], "of the way": [*(distance.get(name, "") for name in rows), "100%"]}
    for variant in found[1:]:
        parts = gap_by_ground_s(variant, first)
        out[variant.label] = [*(signed(parts[name]) for name in rows), signed(sum(parts.values()))]
    return out


def reading(found: Sequence[Variant]) -> tuple[str, ...]:
    """Say what stands out of a comparison, in sentences."""
    groups = sorted(together(found), key=lambda group: group[0].race.finish_s)
    fast, slow = groups[0][0], groups[-1][0]
    apart_s = slow.race.finish_s - fast.race.finish_s
    low_s, high_s = fast.race.finish_interval_s
    width = f"its 80% interval alone is {in_words(high_s - low_s)} wide"
    if apart_s < 1.0:
        lines = [f"All take the same time: {h_mm_ss(fast.race.finish_s)}."]
    else:
        lines = [
            f"Fastest: {_names(groups[0])}, in {h_mm_ss(fast.race.finish_s)} ({width}). "
            f"Slowest: {_names(groups[-1])}, {in_words(apart_s)} more.",
            "What a day brings by itself is more than that difference."
            if apart_s < high_s - low_s
            else "That difference is more than what a day brings by itself.",
            *_where(slow, fast),
        ]
    hardest, easiest = (pick(groups, key=lambda g: g[0].race.mean_heart_rate_bpm) for pick in (max, min))
    beats = hardest[0].race.mean_heart_rate_bpm - easiest[0].race.mean_heart_rate_bpm
    if beats >= 0.5:
        lines.append(f"Highest heart rate: {_names(hardest)}, {beats:.0f} bpm above {_names(easiest)}.")
    if all(variant.race.start is not None for variant in found):
        lines.append(_dark(found))
    return tuple(line for line in lines if line)


def _names(group: Sequence[Variant]) -> str:
    return " and ".join(variant.label for variant in group)


def _dark(found: Sequence[Variant]) -> str:
    dark = [dark_share(variant.race) for variant in found]
    if max(dark) < 0.005:
        return "None is in the dark."
    if max(dark) - min(dark) < 0.005:
        return f"All are in the dark for {max(dark):.0%} of the time."
    most, least = found[int(np.argmax(dark))], found[int(np.argmin(dark))]
    return f"Most in the dark: {most.label}, {max(dark):.0%} of the time; least: {least.label}, {min(dark):.0%}."


def _where(slow: Variant, fast: Variant) -> list[str]:
    """Say on which ground the gap arises, if not simply everywhere."""
    parts = gap_by_ground_s(slow, fast)
    total_s = float(gap_s(slow, fast)[-1])
    kinds = ground(fast.race.course)
    up_s, down_s = (sum(s for name, s in parts.items() if name.startswith(word)) for word in ("up", "down"))
    named = (("climbing (over 5%)", up_s, np.mean(kinds > 2)), ("descending (over 5%)", down_s, np.mean(kinds < 2)))
    lines = [
        f"{_part(slow, seconds, total_s, 'arises')} {name}, on {share:.0%} of the way."
        for name, seconds, share in named
        if abs(seconds / total_s - share) >= _EVEN_SHARE
    ]
    if abs(parts[STOPPED] / total_s) >= 0.05:
        lines.append(f"{_part(slow, parts[STOPPED], total_s, 'is')} stopped time.")
    return lines


def _part(slow: Variant, seconds: float, total_s: float, arises: str) -> str:
    """What a part of a gap is: a share of it where it is one, else the time that is lost or won."""
    if 0 <= seconds <= total_s:
        return f"{seconds / total_s:.0%} of the difference {arises}"
    return f"{slow.label} {'loses' if seconds > 0 else 'wins back'} {in_words(abs(seconds))}"

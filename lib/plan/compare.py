"""Race plans for every combination of efforts, athletes, starts and temperatures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Final

import numpy as np

from lib.athlete.bundle import Bundle, load_bundle, load_profile
from lib.athlete.effort import USUAL
from lib.core import schema as c
from lib.core.errors import InputError
from lib.course.course import Course
from lib.course.slope_classes import GROUNDS, by_ground, ground
from lib.inference.cached_backend import recalling
from lib.inference.rollout import Backend
from lib.plan.race_plan import RacePlan, plan_race
from lib.race.clock import WEEKDAYS, date_text
from lib.race.config import race_config
from lib.race.stations import tidy_name

FEWEST, MOST = 2, 6
"""How many variants one page holds: fewer are no comparison, more lines nobody tells apart."""
STOPPED: Final = "stops"
_LISTED: Final = ("athletes", "efforts", "starts", "temperatures_c")
BETWEEN: Final = " · "


@dataclass(frozen=True, eq=False)
class Variant:
    """One way to run the race.

    Parameters
    ----------
    label : str
        What differs from the others, in words.
    race : RacePlan
        What is to be expected of it.
    """

    label: str
    race: RacePlan


def load_athletes(files: Sequence[str], model: Path) -> dict[str, Bundle]:
    """Load bundles of athletes under the names of their files; the model's own where there are none.

    Parameters
    ----------
    files : sequence of str
        Bundles that ``make athlete`` wrote.
    model : Path
        Bundle of the model.

    Raises
    ------
    InputError
        If one cannot be used, or two have the same name, or one belongs to another model.
    """
    if not files:
        return {"the model's athlete": load_bundle(model)}
    found: dict[str, Bundle] = {}
    for file in map(Path, files):
        name = tidy_name(file.name.removesuffix(file.suffix), "athlete")
        if name in found:
            raise InputError(f"two athletes named {name}", "names that differ", "Rename one of the files.", file)
        found[name] = load_profile(file, model)
    return found


def start_label(start: datetime, others: Sequence[datetime]) -> str:
    """Say a start as briefly as it can be told from the others: ``"05:30"``, or with its day."""
    if len({other.date() for other in others}) == 1:
        return f"{start:%H:%M}"
    if len({other.date().isocalendar()[:2] for other in others}) == 1:
        return f"{WEEKDAYS[start.weekday()]} {start:%H:%M}"
    return date_text(start).rpartition(" ")[0]


def effort_label(effort: str) -> str:
    """Say an effort: ``"race"``, ``"as usual"``, ``"145 bpm"``, ``"goal 3:30"``."""
    if ":" in effort:
        return f"goal {effort}"
    return "as usual" if effort in ("", USUAL) else f"{effort} bpm" if effort[0].isdigit() else effort


def variants(
    backend: Backend,
    course: Course,
    athletes: Mapping[str, Bundle],
    *,
    efforts: Sequence[str] = (),
    starts: Sequence[str] = (),
    zone: str = "",
    temperatures_c: Sequence[float] = (),
    **said: str,
) -> tuple[Variant, ...]:
    """Plan the race in every combination of what is listed.

    Parameters
    ----------
    backend : callable
        Runs the network; it is asked once for each athlete and effort.
    course : Course
        What is to be run.
    athletes : mapping of str to Bundle
        Who may run, by name.
    efforts : sequence of str
        As `lib.race.config.race_config` takes them, or ``h:mm`` for a goal time.
    starts : sequence of str
        Dates and times; without any there are no clocks.
    zone : str
        In which clocks are told.
    temperatures_c : sequence of float
        Air temperatures (°C); without any, heat and cold are left out.
    **said : str
        What is the same for all: stations, stops, standing (`lib.race.config.race_config`).

    Raises
    ------
    InputError
        If the combinations are fewer than `FEWEST` or more than `MOST`, or two are the same; or as `race_config` and
        `lib.plan.race_plan.plan_race`.
    """
    lists = (list(athletes), list(efforts) or [USUAL], list(starts) or [""], list(temperatures_c) or [None])
    for name, values in zip(_LISTED, lists, strict=True):
        if len(set(values)) < len(values):
            raise InputError(f"{name} {values} with one twice", "each once", "Leave it out.", name)
    counts = [len(values) for values in lists]
    number = int(np.prod(counts))
    if not FEWEST <= number <= MOST:
        factors = " x ".join(f"{n} {name}" for n, name in zip(counts, _LISTED, strict=True))
        raise InputError(
            f"{number} variant{'' if number == 1 else 's'} ({factors})",
            f"{FEWEST} to {MOST}",
            "List what is to be compared, and leave the rest at one.",
            "compare",
        )
    run = recalling(backend)
    planned = []
    for who, effort, start, temperature_c in product(*lists):
        aimed = ":" in effort
        config = race_config(
            course,
            start=start,
            zone=zone,
            effort=USUAL if aimed else effort,
            goal=effort if aimed else "",
            temperature_c="" if temperature_c is None else f"{temperature_c:g}",
            **said,
        )
        planned.append(((who, effort, temperature_c), plan_race(run, athletes[who], course, config)))
    begins = [race.start for _, race in planned if race.start is not None]
    if len(set(begins)) < len(lists[2]) and begins:
        raise InputError(f"starts {lists[2]} with one instant twice", "each once", "Leave it out.", "starts")
    several = [count > 1 for count in counts]
    found = []
    for (who, effort, temperature_c), race in planned:
        clock = "" if race.start is None else start_label(race.start, begins)
        heat = "" if temperature_c is None else f"{temperature_c:g} °C"
        parts = (who, effort_label(effort), clock, heat)
        found.append(Variant(BETWEEN.join(part for part, many in zip(parts, several, strict=True) if many), race))
    return tuple(found)


def together(found: Sequence[Variant]) -> tuple[tuple[Variant, ...], ...]:
    """Group variants that are everywhere at the same race time with the same chances: they differ on the clock alone.

    Groups are in the order of their first; so are the variants in each.
    """
    groups: list[list[Variant]] = []
    for variant in found:
        ends = (variant.race.finish_s, *variant.race.finish_interval_s)
        for group in groups:
            other = group[0].race
            if np.array_equal(other.arrival_s, variant.race.arrival_s) and ends == (
                other.finish_s,
                *other.finish_interval_s,
            ):
                group.append(variant)
                break
        else:
            groups.append([variant])
    return tuple(tuple(group) for group in groups)


def gap_s(variant: Variant, first: Variant) -> np.ndarray:
    """How much later a variant is at the end of each step than the first (s of race time), shape (T,)."""
    return variant.race.arrival_s - first.race.arrival_s


def gap_by_ground_s(variant: Variant, first: Variant) -> dict[str, float]:
    """Divide the gap at the finish: moving on each kind of ground (`lib.course.slope_classes`), and `STOPPED` (s).

    The parts add up to the gap.
    """
    moving_s = variant.race.plan.columns[c.DURATION] - first.race.plan.columns[c.DURATION]
    parts = dict(zip(GROUNDS, by_ground(ground(first.race.course), moving_s).tolist(), strict=True))
    return parts | {STOPPED: float(gap_s(variant, first)[-1] - moving_s.sum())}


def middle_s(found: Sequence[Variant]) -> float:
    """A round race time (s) between the fastest and the slowest of the variants: whole 5 minutes, or 30 beyond 8 h."""
    finish_s = [variant.race.finish_s for variant in found]
    middle = (min(finish_s) + max(finish_s)) / 2
    unit_s = 300.0 if middle < 8 * 3600 else 1800.0
    return max(round(middle / unit_s), 1) * unit_s

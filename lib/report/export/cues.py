"""Short instructions at stations and climbs, as watches show them: when to be there, how fast and how hard to climb."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lib.core import schema as c
from lib.core.durations import h_mm
from lib.core.text import one_line
from lib.plan.race_plan import RacePlan
from lib.plan.splits import climbs
from lib.report.export.marks import Mark, marks, short_names

CLIMB: Final = "climb cue"
"""What a GPX calls the foot of a climb."""
_CATEGORIES_M: Final = ((800.0, "hors"), (500.0, "first"), (300.0, "second"), (150.0, "third"), (0.0, "fourth"))
"""Climbs of so many metres, and what watches call them."""
_CLOCK: Final = len(" 14:30")


@dataclass(frozen=True)
class Cue:
    """A place of the course with an instruction.

    Parameters
    ----------
    place : int
        How many steps of the course lie before it.
    lat, lon, altitude_m : float
        Where it is (degrees, WGS 84; m).
    race_s : float
        Race time at which it is reached (s).
    kind : str
        Of a station `lib.report.export.marks.Mark.kind`; of the foot of a climb its category and ``category``.
    note : str
        The whole instruction; of a station its name.
    name : str
        Of a station.
    texts : tuple of str
        The instruction, from long to short.
    """

    place: int
    lat: float
    lon: float
    altitude_m: float
    race_s: float
    kind: str
    note: str
    name: str
    texts: tuple[str, ...]

    @property
    def km(self) -> float:
        """Distance from the start (km)."""
        return self.place * c.STEP_M / 1000.0


def cues(race: RacePlan) -> tuple[Cue, ...]:
    """Stations, the finish, and the feet of climbs that are ahead, in order along the course."""
    found = [*(_at_station(race, mark) for mark in marks(race)), *climb_cues(race)]
    return tuple(sorted(found, key=lambda cue: cue.place))


def _at_station(race: RacePlan, mark: Mark) -> Cue:
    when = race.clock(mark.arrival_s)
    told = h_mm(mark.arrival_s) if when is None else f"{when:%H:%M}"
    place = (mark.place, mark.lat, mark.lon, mark.altitude_m, mark.arrival_s, mark.kind)
    return Cue(*place, mark.name, mark.name, (told,))


def climb_cues(race: RacePlan) -> list[Cue]:
    """Metres or feet climbed an hour, heart rate (bpm) and moving time of each climb ahead, at its foot."""
    table, columns, units, made = climbs(race), race.course.columns, race.config.units, []
    high = units.high
    for i, first in enumerate(table[c.FIRST_STEP].tolist()):
        if first < race.plan.done:
            continue
        at = max(first - 1, 0)
        gain_m, duration_s = float(table[c.GAIN][i]), float(table[c.DURATION][i])
        per_hour = gain_m / units.high_m / duration_s * 3600.0
        rate, beats, took = (
            round(per_hour / 10.0) * 10,
            round(float(table[c.HEART_RATE][i])),
            h_mm(duration_s),
        )
        kind = next(name for least_m, name in _CATEGORIES_M if gain_m >= least_m)
        lat, lon, altitude_m = (float(columns[key][at]) for key in (c.LATITUDE, c.LONGITUDE, c.ALTITUDE))
        made.append(
            Cue(
                at + 1, lat, lon, altitude_m, float(race.arrival_s[at]), f"{kind} category",
                f"Climb of {units.height(gain_m)} {high}: {rate} {high}/h, {beats} bpm, {took}", "",
                (f"{rate} {high}/h {beats} bpm {took}", f"{rate}{high}/h {beats} {took}", f"{rate}/h {beats} {took}",
                 f"{rate}{high}/h {beats}", f"{rate}/h {beats}"),
            )
        )  # fmt: skip
    return made


def cue_names(found: Sequence[Cue], most: int) -> list[str]:
    """Instructions of at most so many characters, none twice: of a station as much of its name as there is room for."""
    wanted: list[str] = []
    for cue in found:
        fitting = [text for text in cue.texts if len(text) <= most and text not in wanted]
        if cue.name:
            wanted.append(f"{one_line(cue.name, most - _CLOCK)} {cue.texts[0]}")
        else:
            wanted.append(fitting[0] if fitting else cue.texts[-1])
    return short_names(wanted, most)

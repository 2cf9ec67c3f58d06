"""Race tables: races, checkpoints, splits and courses of a folder, read and checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lib.core import schema as c
from lib.core.errors import InputError
from lib.core.schema import STEP_M
from lib.course.course import Course
from lib.course.terrain_features import course_columns

Floats = NDArray[np.float64]

LONGER = 0.06
"""A track may be this much shorter or longer (share) than the organizers' distance."""


@dataclass(frozen=True, eq=False)
class RaceYear:
    """One edition of a race.

    Parameters
    ----------
    race, year, event : str, int, str
        What it is.
    start : datetime
        Of the first wave, with its zone.
    lat, lon : float
        Of the course (degrees), NaN where unknown.
    distance_km : ndarray, shape (K,)
        Of the checkpoints by the organizers, from 0 at the start to the finish.
    aid : ndarray of bool, shape (K,)
        Where there is food or drink.
    course : Course
        T steps; checkpoint k lies at `share[k]` of it.
    source : str
        What the course is made of: a track, sections (gain and loss between checkpoints), or nothing (flat).
    runner : ndarray, shape (N,)
    elapsed_s, departed_s : ndarray, shape (N, K)
        Of finishers, NaN where not seen.
    marked : bool
        Whether the source marks finishers; else who has a time at the last checkpoint counts as one.
    """

    race: str
    year: int
    event: str
    start: datetime
    lat: float
    lon: float
    distance_km: Floats
    altitude_m: Floats
    aid: NDArray[np.bool_]
    course: Course
    source: str
    runner: NDArray[np.int64]
    elapsed_s: Floats
    departed_s: Floats
    marked: bool = True

    @property
    def name(self) -> str:
        """Race and year."""
        return f"{self.race} {self.year}"

    @property
    def share(self) -> Floats:
        """Of the course at each checkpoint, shape (K,)."""
        return self.distance_km / self.distance_km[-1]

    @property
    def finish_s(self) -> Floats:
        """Finish times, shape (N,)."""
        return self.elapsed_s[:, -1]


@dataclass(frozen=True)
class RaceFolder:
    """The races of a folder, and what was left out of it, in words."""

    races: tuple[RaceYear, ...]
    notes: tuple[str, ...] = field(default=())

    def __iter__(self) -> Iterator[RaceYear]:
        return iter(self.races)


GROUND_WORDS = {"R": "road", "F": "track", "T": "trail", "T1": "trail", "T2": "technical", "T3": "technical",
                "T4": "technical", "S": "technical", "U": ""}  # fmt: skip
"""Codes of the courses' `ground`, as words."""


def has_splits(folder: Path) -> bool:
    """Whether a folder has any of the tables of splits."""
    return any((folder / name).exists() for name in ("splits.parquet", "checkpoints.csv"))


def read_races(folder: Path) -> RaceFolder:
    """Read and check the race tables of a folder.

    Raises
    ------
    InputError
        If a file or column is missing, a time falls or is none, a checkpoint is unknown, checkpoints do not rise, or a
        course is shorter than its checkpoints by more than 6%.
    """
    races = _table(folder / "races.csv", ("race", "year", "event", "start_local", "utc_offset_h", "course"))
    points = _table(
        folder / "checkpoints.csv", ("race", "year", "checkpoint", "distance_km", "gain_m", "loss_m", "aid")
    )
    splits = _table(folder / "splits.parquet", ("race", "year", "runner", "finished", "checkpoint", "elapsed_s"))
    by_race = dict(iter(splits.groupby(["race", "year"], sort=False)))
    points_by_race = dict(iter(points.groupby(["race", "year"], sort=False)))
    unknown = set(by_race) - set(zip(races.race, races.year, strict=True))
    if unknown:
        raise InputError(
            f"splits of {min(unknown)}", "races of races.csv", "Add the race, or leave its splits out.", folder
        )
    out: list[RaceYear] = []
    notes: list[str] = []
    for row in races.itertuples():
        key = (row.race, row.year)
        name = f"{row.race} {row.year}"
        if key not in by_race or key not in points_by_race:
            notes.append(f"{name}: no splits or no checkpoints, left out.")
            continue
        race = _race_year(folder, row, points_by_race[key], by_race[key], notes)
        if race is not None:
            out.append(race)
    return RaceFolder(tuple(out), tuple(notes))


def _table(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    if not path.exists():
        raise InputError("no such file", "races.csv, checkpoints.csv and splits.parquet", "Check the folder.", path)
    table = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
    missing = [name for name in columns if name not in table]
    if missing:
        raise InputError(f"no column {missing[0]}", ", ".join(columns), "Add it.", path)
    return table


def _race_year(folder: Path, row, points: pd.DataFrame, splits: pd.DataFrame, notes: list[str]) -> RaceYear | None:
    name = f"{row.race} {row.year}"
    points = points.sort_values("checkpoint")
    number, km = points.checkpoint.to_numpy(), points.distance_km.to_numpy(float)
    if not np.all(np.diff(km) > 0):
        at = number[1:][~(np.diff(km) > 0)][0]
        raise InputError(
            f"checkpoint {at}, which is no farther than the one before it", "rising distances", "Correct it.", name
        )
    column = pd.Index(number).get_indexer(splits.checkpoint)
    if (column < 0).any():
        raise InputError(
            f"splits at checkpoint {splits.checkpoint[column < 0].iloc[0]}",
            "checkpoints of checkpoints.csv",
            "Add it.",
            name,
        )
    runners, line = np.unique(splits.runner.to_numpy(), return_inverse=True)
    elapsed = np.full((runners.size, number.size), np.nan)
    departed = elapsed.copy()
    elapsed[line, column] = splits.elapsed_s.to_numpy(float)
    if "departed_s" in splits:
        departed[line, column] = splits.departed_s.to_numpy(float)
    _refuse_falling(name, runners, number, elapsed)
    if km[0] > 0:
        notes.append(f"{name}: checkpoint 0, the start, lies at {km[0]:g} km; left out.")
        return None
    marked = bool(splits.finished.any())
    finished = np.isfinite(elapsed[:, -1])
    if marked:
        flagged = np.zeros(runners.size, bool)
        flagged[line] = splits.finished.to_numpy(bool)
        finished &= flagged
    else:
        notes.append(f"{name}: finishers are not marked; who has a time at the finish counts as one.")
    if not finished.any():
        notes.append(f"{name}: nobody has a time at the finish; left out.")
        return None
    elapsed, departed = elapsed[finished], departed[finished]
    elapsed[:, 0] = 0.0
    gain, loss, altitude = (points[c].to_numpy(float) if c in points else np.full(km.size, np.nan)
                            for c in ("gain_m", "loss_m", "altitude_m"))  # fmt: skip
    lat, lon = (float(getattr(row, c, np.nan)) for c in ("lat", "lon"))
    altitude_m, ground, source = _line(folder, name, row.course, km, gain, loss, altitude, notes)
    course = course_of(name, altitude_m, ground, lat, lon)
    zone = timezone(timedelta(hours=float(row.utc_offset_h)))
    return RaceYear(
        row.race, int(row.year), row.event, datetime.fromisoformat(row.start_local).replace(tzinfo=zone), lat, lon,
        km, altitude, points.aid.to_numpy(bool), course, source, runners[finished], elapsed, departed, marked,
    )  # fmt: skip


def _refuse_falling(name: str, runners: NDArray, number: NDArray, elapsed: Floats) -> None:
    latest = np.fmax.accumulate(np.where(np.isnan(elapsed), -np.inf, elapsed), axis=1)
    falls = np.zeros(elapsed.shape, bool)
    falls[:, 1:] = elapsed[:, 1:] < latest[:, :-1]
    falls |= elapsed < 0
    if falls.any():
        who, at = np.argwhere(falls)[0]
        raise InputError(
            f"runner {runners[who]} at checkpoint {number[at]} before an earlier one",
            "times that rise",
            "Correct or remove that time.",
            name,
        )


def course_of(
    name: str, altitude_m: Floats, ground: NDArray[np.str_] | None, lat: float = np.nan, lon: float = np.nan
) -> Course:
    """A course of its altitudes alone; all of it lies at one place, for the sun."""
    steps = altitude_m.size
    columns = course_columns(altitude_m) | {c.LATITUDE: np.full(steps, lat), c.LONGITUDE: np.full(steps, lon)}
    return Course(name, columns, altitude_m, ground=ground)


Line = tuple[Floats, NDArray[np.str_] | None, str]
"""Altitude (m) at the end of each step, ground of each step, what it is made of."""


def _line(
    folder: Path, name: str, course: object, km: Floats, gain: Floats, loss: Floats, altitude: Floats, notes: list[str]
) -> Line:
    if isinstance(course, str) and course:
        path = folder / "courses" / f"{course}.parquet"
        if not path.exists():
            raise InputError("no such file", "the course of the race", "Check the column course.", path)
        track = pd.read_parquet(path)
        along = track.distance_m.to_numpy(float)
        if along[-1] < km[-1] * 1000.0 * (1.0 - LONGER):
            raise InputError(
                f"a course of {along[-1] / 1000:.1f} km, shorter than its checkpoints",
                f"{km[-1]:.1f} km",
                "Use the whole course.",
                name,
            )
        steps = max(1, round((along[-1] - along[0]) / STEP_M))
        at = np.linspace(along[0], along[-1], steps + 1)
        words = (
            np.array([GROUND_WORDS.get(code, "") for code in track.ground.fillna("")]) if "ground" in track else None
        )
        middle = np.searchsorted(along, 0.5 * (at[1:] + at[:-1]), side="right") - 1
        ground = words[np.clip(middle, 0, len(along) - 1)] if words is not None else None
        return np.interp(at[1:], along, track.altitude_m.to_numpy(float)), ground, "track"
    return sections(km, gain, loss, altitude, name, notes)


def sections(km: Floats, gain: Floats, loss: Floats, altitude: Floats, name: str, notes: list[str]) -> Line:
    """Make a course from gain and loss between checkpoints: each section climbs first, then falls."""
    steps = max(1, round(km[-1] * 1000.0 / STEP_M))
    up, down = np.diff(gain), np.diff(loss)
    by_altitude = up - np.diff(altitude)
    down = np.where(np.isfinite(down), down, by_altitude)
    if not np.isfinite(up).all():
        notes.append(f"{name}: no track, and no gain by section: planned as flat.")
        return np.zeros(steps), None, "flat"
    balanced = np.interp(np.arange(down.size), np.flatnonzero(np.isfinite(down)), down[np.isfinite(down)]) \
        if np.isfinite(down).any() else up  # fmt: skip
    up, down = np.maximum(up, 0.0), np.maximum(np.where(np.isfinite(down), down, balanced), 0.0)
    length = np.diff(km) * 1000.0
    knots_m, knots_alt = [0.0], [0.0]
    for d, u, v in zip(length, up, down, strict=True):
        top = d * u / (u + v) if u + v > 0 else 0.5 * d
        if 0 < top < d:
            knots_m.append(knots_m[-1] + top)
            knots_alt.append(knots_alt[-1] + u)
            knots_m.append(knots_m[-1] + d - top)
            knots_alt.append(knots_alt[-1] - v)
        else:
            knots_m.append(knots_m[-1] + d)
            knots_alt.append(knots_alt[-1] + u - v)
    at = np.linspace(0.0, knots_m[-1], steps + 1)
    notes.append(f"{name}: no track; its profile is made from gain and loss by section.")
    return np.interp(at[1:], knots_m, knots_alt), None, "sections"

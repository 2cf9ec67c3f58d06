"""A recording aligned with the course that was run: time, heart rate and cadence of every step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from lib.core import schema as c
from lib.core.durations import in_words
from lib.core.errors import InputError
from lib.course.course import Course
from lib.recordings.places import Places, PlacesConfig, places_by_distance, places_by_position, without_waiting
from lib.recordings.resample import Edges, GridConfig, clock, reached, step_columns
from lib.recordings.stops import Motion, motion_of

if TYPE_CHECKING:
    from lib.recordings.formats.activity import Activity

MEASURED: Final = (c.DURATION, c.STOP, c.HEART_RATE, c.CADENCE)
_FEWEST_STEPS: Final = 20
_WORTH_SAYING_S: Final = 10.0


@dataclass(frozen=True)
class FollowConfig:
    """How a recording is laid along a course.

    Parameters
    ----------
    grid : GridConfig
        When a runner stands, and how gaps in heart rate and cadence are filled.
    places : PlacesConfig
        When it is a recording of that course.
    """

    grid: GridConfig = field(default_factory=GridConfig)
    places: PlacesConfig = field(default_factory=PlacesConfig)


@dataclass(frozen=True, eq=False)
class Followed:
    """What happened on the first n steps of a course.

    Parameters
    ----------
    columns : dict of ndarray, shape (n,) each
        Moving time (s, above 0), stopped time (s), heart rate (bpm) and cadence (rpm, one leg), the last two NaN where
        nothing was measured. Time on a detour is in the step where the course was left.
    off_course_m : ndarray, shape (n,)
        How far from the course the furthest position of each step was (m), NaN where none is known.
    of : int
        Steps of the whole course.
    start_unix_s : float, optional
        When the start line was crossed (s since 1970), if the device had a clock.
    after_s : float
        What was recorded after the last of these steps (s): standing there, off the course, or after the finish.
    notes : tuple of str
        What was left out, filled or odd, in words.
    """

    columns: Mapping[str, np.ndarray]
    off_course_m: np.ndarray
    of: int
    start_unix_s: float | None = None
    after_s: float = 0.0
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        n = self.off_course_m.size
        shapes = {name: np.shape(self.columns[name]) if name in self.columns else None for name in MEASURED}
        if not 0 < n <= self.of or set(shapes.values()) != {(n,)}:
            raise InputError(f"columns of shapes {shapes}, {n} steps of {self.of}", "one value for each step done",
                             "Align the recording again.")  # fmt: skip
        moving, standing = self.columns[c.DURATION], self.columns[c.STOP]
        if not (np.isfinite(moving) & (moving > 0) & np.isfinite(standing) & (standing >= 0)).all():
            raise InputError("steps without a time", "a moving time above 0 for each", "Align the recording again.")

    @property
    def steps(self) -> int:
        """How many steps were done."""
        return self.off_course_m.size

    @property
    def whole(self) -> bool:
        """Whether the finish was reached."""
        return self.steps == self.of

    @property
    def moving_s(self) -> float:
        """Moving time to the last place reached (s)."""
        return float(self.columns[c.DURATION].sum())

    @property
    def standing_s(self) -> float:
        """Stopped time before the last place reached (s)."""
        return float(self.columns[c.STOP].sum())

    @property
    def elapsed_s(self) -> np.ndarray:
        """Time since the start at the end of each step (s), stops included, shape (n,)."""
        return np.cumsum(self.columns[c.DURATION] + self.columns[c.STOP])

    def first(self, steps: int) -> Followed:
        """The same of fewer steps, as if the recording ended there."""
        columns = {name: values[:steps] for name, values in self.columns.items()}
        return replace(self, columns=columns, off_course_m=self.off_course_m[:steps], after_s=0.0)


def follow(activity: Activity, course: Course, config: FollowConfig | None = None) -> Followed:
    """Find out when each place of a course was reached.

    Positions are matched to the course in order (`lib.recordings.map_matching`); moving and stopped time are told apart
    as in sessions (`lib.recordings.stops.motion_of`). What comes before the start line and after the last place reached
    is left out; of what lies between nothing is lost. Without positions the distance is taken.

    Parameters
    ----------
    activity : Activity
        As `lib.recordings.activities.read_activity` gives it: of all of the course, or of its first part.
    course : Course
        T steps.
    config : FollowConfig, optional
        Limits.

    Raises
    ------
    InputError
        A recording of another course, of this one backwards, or one that begins on the way; or as `motion_of`.
    """
    config = config or FollowConfig()
    source = activity.source
    motion = motion_of(activity.samples, config.grid.motion, source)
    length_m = float(motion.distance_m[-1])
    if length_m < config.places.min_matched_m:
        raise InputError(
            f"{length_m:.0f} m of way", f"{config.places.min_matched_m:.0f} m or more of the course",
            "Give the recording of this run.", source,
        )  # fmt: skip
    points = _points(motion)
    if points is None:
        places = places_by_distance(length_m, course, config.places)
    else:
        places = places_by_position(points, course, config.places, source)
    standing_m = motion.distance_m[:-1][motion.standing_s > 0]
    places = without_waiting(places, standing_m, course.steps * c.STEP_M)
    return _laid_out(activity, motion, places, course.steps, config.grid)


def _points(motion: Motion) -> np.ndarray | None:
    """Latitude and longitude every 5 m of the recorded way, shape (M, 2); none without positions."""
    if motion.positions is None:
        return None
    way_m = np.arange(0.0, motion.distance_m[-1] + 1e-9, c.STEP_M)
    return np.stack([np.interp(way_m, motion.distance_m, axis) for axis in motion.positions], axis=1)


def _laid_out(activity: Activity, motion: Motion, places: Places, steps: int, grid: GridConfig) -> Followed:
    """Time, heart rate and cadence of the steps between the places."""
    begun = round(places.late_m / c.STEP_M)
    done = int(places.place_m[-1] / c.STEP_M + 1e-6)
    on_way = reached(places.place_m, np.arange(begun, done + 1) * c.STEP_M).values(places.way_m)  # (n + 1,)
    edges = reached(motion.distance_m, on_way)
    _leave_last(edges, motion.distance_m, float(on_way[0]))
    columns = step_columns(activity.samples, motion, edges, grid)
    columns = {name: columns[name] for name in MEASURED}
    for a, b in places.skips:
        _spread(columns, a - begun, min(b, done) - begun)
    instants = edges.values(clock(motion.moving_s + motion.standing_s))
    start_s, end_s = float(instants[0]), float(activity.samples[c.TIME].iloc[-1] - activity.samples[c.TIME].iloc[0])
    notes = [*motion.notes, *places.notes]
    if start_s > _WORTH_SAYING_S:
        notes.append(f"{in_words(start_s)} before the start line left out")
    off_m = _furthest(places, on_way)
    if begun:
        start_s -= _fill_start(columns, begun)
        off_m = np.concatenate([np.full(begun, np.nan), off_m])
        notes.append(f"recorded from {places.late_m:.0f} m after the start on; filled with the pace of what follows")
    after_s = end_s - float(instants[-1])
    if done == steps and after_s > _WORTH_SAYING_S:
        notes.append(f"{in_words(after_s)} after the finish left out")
    start = None if activity.start is None else activity.start.timestamp() + start_s
    return Followed(columns, off_m, steps, start, max(after_s, 0.0), tuple(notes))


def _leave_last(edges: Edges, way_m: np.ndarray, start_m: float) -> None:
    """Move the first edge to where the start is left, for standing on the start line is no part of the run."""
    at = min(int(np.searchsorted(way_m, start_m, side="right")) - 1, len(way_m) - 2)
    length_m = way_m[at + 1] - way_m[at]
    edges.at[0], edges.share[0] = at, (start_m - way_m[at]) / length_m if length_m > 0 else 0.0


def _spread(columns: Mapping[str, np.ndarray], a: int, b: int) -> None:
    """Spread the time of steps `a` to `b`, passed without being recorded, evenly over them.

    All of it was moving if it is no slower than standing is (`lib.recordings.stops`); of more time, what the run's own
    pace needs, and the rest was a stop where the recording breaks off.
    """
    if b <= a:
        return
    moving, standing = columns[c.DURATION], columns[c.STOP]
    total_s, length_m = float(moving[a:b].sum() + standing[a:b].sum()), (b - a) * c.STEP_M
    others = np.concatenate([moving[:a], moving[b:]])
    usual_s = (b - a) * float(np.median(others)) if others.size else total_s
    moved_s = total_s if length_m >= 0.25 * total_s else min(usual_s, total_s)
    moving[a:b] = moved_s / (b - a)
    standing[a:b] = 0.0
    standing[a] = total_s - moved_s


def _fill_start(columns: dict[str, np.ndarray], begun: int) -> float:
    """Put `begun` steps before the others, at the pace of as many that follow; returns the time that they take (s)."""
    pace_s = float(columns[c.DURATION][: max(begun, _FEWEST_STEPS)].mean())
    for name, value in zip(MEASURED, (pace_s, 0.0, np.nan, np.nan), strict=True):
        columns[name] = np.concatenate([np.full(begun, value), columns[name]])
    return pace_s * begun


def _furthest(places: Places, on_way: np.ndarray) -> np.ndarray:
    """Largest distance from the course in each step between edges along the way (n + 1,), shape (n,)."""
    n = on_way.size - 1
    middle = (on_way[1:] + on_way[:-1]) / 2
    nearest = np.clip(np.searchsorted(places.way_m, middle), 0, places.way_m.size - 1)
    furthest = places.away_m[nearest].copy()  # where no point lies within the step
    step = np.clip(np.searchsorted(on_way, places.way_m, side="right") - 1, 0, n - 1)
    np.fmax.at(furthest, step, places.away_m)
    return furthest

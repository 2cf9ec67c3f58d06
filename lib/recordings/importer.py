"""One athlete's session table from a folder or an archive, and what became of each file."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from tqdm.auto import tqdm

from lib.core.errors import InputError
from lib.core.files import write_atomically
from lib.core.processes import in_processes
from lib.core.schema import CADENCE, DAY, DISTANCE, HEART_RATE, SESSION_ID, TIME
from lib.core.text import no_formula
from lib.recordings.activities import read_activity
from lib.recordings.archive import ArchiveLimits, Entry, entries_of
from lib.recordings.formats.activity import Activity, NoRecordingError
from lib.recordings.resample import GridConfig
from lib.recordings.sessions import session_from_activity, validate_sessions
from lib.recordings.sports import is_known
from lib.recordings.stops import motion_of, sport_by_motion

if TYPE_CHECKING:
    import pandas as pd

_TOP_MPS: Final = 7.5
"""Nobody keeps it up for longer than a few minutes (1,500 m in 3:20): a vehicle, or a plan."""

Status = Literal["session", "other sport", "duplicate", "too short", "unreadable", "no recording"]


REPORT_COLUMNS: Final = ("file", "became", SESSION_ID, "reason", "notes")
"""Of the report of an import."""


@dataclass(frozen=True)
class ImportConfig:
    """What of an archive becomes sessions.

    Parameters
    ----------
    min_distance_m : float
        Shorter activities are left out and counted.
    same_start_s, same_distance, same_time : float
        Two activities are the same run if they start within these seconds (a phone and a watch are not started at
        once), their ways differ by at most this fraction, and they overlap for at least this part of the shorter.
    grid : GridConfig
        How samples become steps.
    limits : ArchiveLimits
        How much is unpacked.
    alone_bytes : int
        After recordings of so many bytes the others are read on all cores: starting processes takes a second.
    file_s : float
        Time for one of these; what takes longer is left out.
    """

    min_distance_m: float = 500.0
    same_start_s: float = 120.0
    same_distance: float = 0.06
    same_time: float = 0.8
    grid: GridConfig = field(default_factory=GridConfig)
    limits: ArchiveLimits = field(default_factory=ArchiveLimits)
    alone_bytes: int = 1_000_000
    file_s: float = 300.0

    def __post_init__(self) -> None:
        if not self.min_distance_m >= 5.0:
            raise InputError(f"{self.min_distance_m}", "5 m or more", "Correct the configuration.", "min_distance_m")
        for name in ("same_start_s", "file_s"):
            if not getattr(self, name) > 0:
                raise InputError(f"{getattr(self, name)}", "above 0", "Correct the configuration.", name)
        for name in ("same_distance", "same_time"):
            if not 0 < getattr(self, name) <= 1:
                raise InputError(f"{getattr(self, name)}", "a share from 0 to 1", "Correct the configuration.", name)


@dataclass(frozen=True)
class Outcome:
    """What became of an activity, or of a file in which none was found.

    Parameters
    ----------
    file : str
        Name inside the path that was imported.
    status : Status
        One of the six.
    reason : str
        The sport, the file that it doubles, the length, or the refusal in full; ``""`` for a session.
    session_id : int or None
        Where it went.
    warnings : tuple of str
        What was put right or left out while reading.
    """

    file: str
    status: Status
    reason: str = ""
    session_id: int | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImportSummary:
    """What became of every file.

    Parameters
    ----------
    outcomes : tuple of Outcome
        In order of file name; a file with several activities has several.
    """

    outcomes: tuple[Outcome, ...]

    def by_file(self) -> dict[str, Outcome]:
        """Choose the one outcome that stands for each file: a session if any, else the first."""
        chosen: dict[str, Outcome] = {}
        for outcome in self.outcomes:
            if outcome.file not in chosen or (outcome.status == "session" != chosen[outcome.file].status):
                chosen[outcome.file] = outcome
        return chosen

    @property
    def n_files(self) -> int:
        """Files found."""
        return len(self.by_file())

    @property
    def n_sessions(self) -> int:
        """Sessions made."""
        return sum(outcome.status == "session" for outcome in self.outcomes)

    def problems(self) -> tuple[Outcome, ...]:
        """Outcomes of files that should perhaps have been read: those that could not, and those with warnings."""
        return tuple(outcome for outcome in self.outcomes if outcome.status == "unreadable" or outcome.warnings)

    def line(self) -> str:
        """How many files became sessions, and why the others did not, in one line."""
        files = self.by_file().values()
        counts = Counter(outcome.status for outcome in files)
        sports = Counter(outcome.reason for outcome in files if outcome.status == "other sport")
        named = ", ".join(f"{sport} {n}" for sport, n in sports.most_common())
        texts = {
            "other sport": f"other sport ({named})",
            "duplicate": "the same run as another",
            "too short": "too short",
            "unreadable": "unreadable",
            "no recording": "no recording",
        }
        rest = ", ".join(f"{counts[status]} {text}" for status, text in texts.items() if counts[status])
        plural = "" if self.n_sessions == 1 else "s"
        became = f"{counts['session']} of {self.n_files} files became {self.n_sessions} session{plural}"
        return f"{became}; left out: {rest}" if rest else became


def write_report(summary: ImportSummary, out: Path) -> Path:
    """Write what became of every file as a CSV beside what was made of them: ``me.parquet`` gets ``me.files.csv``.

    A line for each file, or for each activity of a file with several: its name, what became of it, the number of its
    session, why it was left out, and what was put right or left out while reading.

    Returns
    -------
    Path
        The CSV.
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(REPORT_COLUMNS)
    for outcome in summary.outcomes:
        number = "" if outcome.session_id is None else outcome.session_id
        row = (outcome.file, outcome.status, number, outcome.reason, "; ".join(outcome.warnings))
        # a name from an archive is no formula
        table.writerow([no_formula(str(cell)) for cell in row])
    path = out.with_suffix(".files.csv")
    write_atomically(path, text.getvalue().encode())
    return path


@dataclass(eq=False)
class _Run:
    """An activity on its way to being a session."""

    file: str
    order: int
    start: datetime
    elapsed_s: float
    measured: float
    frame: pd.DataFrame
    warnings: tuple[str, ...]

    @property
    def richness(self) -> tuple[float, float, int]:
        """Share of steps with heart rate and with cadence, then of samples with a distance; then the earlier file."""
        known = self.frame[HEART_RATE].notna().mean() + self.frame[CADENCE].notna().mean()
        return round(float(known), 1), round(self.measured, 1), -self.order

    def doubles(self, other: _Run, config: ImportConfig) -> bool:
        apart = (other.start - self.start).total_seconds()
        if abs(apart) > config.same_start_s:
            return False
        shared = min(self.elapsed_s, apart + other.elapsed_s) - max(0.0, apart)
        if shared < config.same_time * min(self.elapsed_s, other.elapsed_s):
            return False
        mine, theirs = len(self.frame), len(other.frame)
        return abs(mine - theirs) <= config.same_distance * max(mine, theirs)


def _take(activity: Activity, file: str, order: int, config: ImportConfig) -> _Run | Outcome:
    warnings = activity.warnings
    try:
        if activity.sport != "running" and activity.sport and is_known(activity.sport):
            return Outcome(file, "other sport", activity.sport, warnings=warnings)
        motion = motion_of(activity.samples, config.grid.motion, activity.source)
        warnings += motion.notes
        if motion.distance_m[-1] < config.min_distance_m:
            way = f"{motion.distance_m[-1]:.0f} m, shorter than {config.min_distance_m:g} m"
            return Outcome(file, "too short", way, warnings=warnings)
        if motion.distance_m[-1] > _TOP_MPS * motion.moving_s.sum():
            return Outcome(file, "other sport", "faster than any runner", warnings=warnings)
        if activity.sport != "running":
            sport = sport_by_motion(activity.samples, motion)
            stated = f"the sport '{activity.sport}' is not known" if activity.sport else "the sport is not stated"
            if sport != "running":
                return Outcome(file, "other sport", sport, warnings=warnings)
            warnings += (f"{stated}; taken for running by its speed",)
        if activity.start is None or activity.start.year < 1995:
            when = "no date" if activity.start is None else f"a start in {activity.start.year}"
            raise InputError(
                f"{when}, a device without a clock", "the date of the run", "Set it and export again.", activity.source
            )
        frame = session_from_activity(activity, config.grid)
    except InputError as error:
        return Outcome(file, "unreadable", str(error), warnings=warnings)
    elapsed, measured = float(activity.samples[TIME].iloc[-1]), float(activity.samples[DISTANCE].notna().mean())
    return _Run(file, order, activity.start, elapsed, measured, frame, warnings)


def _read(numbered: tuple[int, Entry], config: ImportConfig) -> list[_Run | Outcome]:
    order, entry = numbered
    if entry.problem is not None:
        return [Outcome(entry.name, "unreadable", str(entry.problem))]
    if entry.content is None:
        return [Outcome(entry.name, "no recording", "not a name of a recording (.fit, .gpx, .tcx, .json, also .gz)")]
    try:
        activities = read_activity(entry.name, entry.content, config.limits.file_bytes)
    except NoRecordingError as error:
        return [Outcome(entry.name, "no recording", str(error))]
    except InputError as error:
        return [Outcome(entry.name, "unreadable", str(error))]
    return [_take(activity, entry.name, order, config) for activity in activities]


def _lost(numbered: tuple[int, Entry], why: str) -> list[_Run | Outcome]:
    name = numbered[1].name
    error = InputError(f"a file that could not be read ({why})", "a recording", "Leave it out.", name)
    return [Outcome(name, "unreadable", str(error))]


def _read_all(entries: Iterable[Entry], config: ImportConfig) -> Iterator[list[_Run | Outcome]]:
    """What became of each entry, in order: the first in this process, and where there is more, on all cores."""
    read = partial(_read, config=config)
    numbered = enumerate(entries)
    alone = config.alone_bytes
    for one in numbered:
        yield read(one)
        alone -= len(one[1].content or b"")
        if alone < 0:
            break
    following = next(numbered, None)
    if following is not None:
        yield from in_processes(read, chain([following], numbered), _lost, config.file_s)


def _without_doubles(runs: Iterable[_Run], config: ImportConfig) -> tuple[list[_Run], dict[int, str]]:
    """Separate runs to keep, in order of start, from the others: by identity, the file that each doubles."""
    kept: list[_Run] = []
    doubles: dict[int, str] = {}
    near: dict[int, list[_Run]] = {}
    for run in sorted(runs, key=lambda r: r.richness, reverse=True):
        slot = int(run.start.timestamp() // config.same_start_s)
        twin = next((k for s in (slot - 1, slot, slot + 1) for k in near.get(s, []) if run.doubles(k, config)), None)
        if twin is not None:
            doubles[id(run)] = twin.file
        else:
            kept.append(run)
            near.setdefault(slot, []).append(run)
    return sorted(kept, key=lambda r: (r.start, r.order)), doubles


def sessions_from_path(
    path: str | Path, progress: bool = True, config: ImportConfig | None = None, report: Path | None = None
) -> tuple[pd.DataFrame, ImportSummary]:
    """Make one athlete's session table of a file, a folder or a zip archive such as Strava's or Garmin's export.

    Runs are kept; other sports are counted. Where a file does not state its sport,
    `lib.recordings.stops.sport_by_motion` decides. Of several recordings of one run the one with most heart rate and
    cadence, then with the device's own distance, is kept. A broken file does not keep the others from being read. `day`
    counts calendar days (UTC) since the first session.

    Parameters
    ----------
    path : str or Path
        Where the recordings are.
    progress : bool
        Whether to show a progress bar.
    config : ImportConfig, optional
        Limits and thresholds.
    report : Path, optional
        What will be made of the sessions: beside it `write_report` says what became of every file, of no run too.

    Returns
    -------
    sessions : pandas.DataFrame
        `lib.core.schema.SESSION_COLUMNS` (and ``temperature_c`` where any run has it), validated.
    summary : ImportSummary
        What became of every file; `ImportSummary.line` is for the end of a run.

    Raises
    ------
    InputError
        Nothing is there, or no file of it became a session.
    """
    config = config or ImportConfig()
    found: list[_Run | Outcome] = []
    with tqdm(desc="recordings", unit=" files", disable=not progress) as bar:
        for items in _read_all(entries_of(path, config.limits), config):
            found += items
            bar.update()
    kept, doubles = _without_doubles((item for item in found if isinstance(item, _Run)), config)
    number = {id(run): i for i, run in enumerate(kept)}

    def outcome(item: _Run | Outcome) -> Outcome:
        if isinstance(item, Outcome):
            return item
        if id(item) in doubles:
            return Outcome(item.file, "duplicate", f"the same run as {doubles[id(item)]}", warnings=item.warnings)
        return Outcome(item.file, "session", session_id=number[id(item)], warnings=item.warnings)

    summary = ImportSummary(tuple(outcome(item) for item in found))
    if not kept:
        if report is not None:
            write_report(summary, report)
        only = summary.outcomes[0] if len(summary.outcomes) == 1 else None
        raise InputError(
            f"no run ({only.status}: {only.reason})" if only else f"no run ({summary.line()})",
            "at least one recorded run", "Check the path, or the reasons above.", path,
        )  # fmt: skip
    first = kept[0].start.date()
    for i, run in enumerate(kept):
        run.frame[SESSION_ID] = i
        run.frame[DAY] = (run.start.date() - first).days
    import pandas as pd  # here: what plans does without

    table = pd.concat([run.frame for run in kept], ignore_index=True)
    table = table.astype({SESSION_ID: "int32", DAY: "int32"})
    validate_sessions(table, path)
    if report is not None:
        write_report(summary, report)
    return table, summary

"""The session table: a row for every 5 m of every run, written and read as parquet."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lib.core.errors import InputError, NoSuchFileError
from lib.core.files import replacing
from lib.core.schema import (
    ALTITUDE,
    CADENCE,
    DAY,
    HEART_RATE,
    SESSION_COLUMNS,
    SESSION_ID,
    STEP,
    STEP_M,
    TEMPERATURE,
)
from lib.recordings.formats.activity import Activity
from lib.recordings.resample import GridConfig, reached, step_columns
from lib.recordings.stops import Motion, motion_of

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

_IDS = (SESSION_ID, DAY, STEP)


def _altitude(values: np.ndarray, motion: Motion, gap_m: float, source: str) -> np.ndarray:
    known = np.flatnonzero(np.isfinite(values))
    ends = np.concatenate([[0], known, [len(values) - 1]])
    lost = np.diff(ends) > (0 if known.size == 0 else 1)  # neighbouring samples that both know theirs lose nothing
    lost[[0, -1]] |= ~np.isfinite(values[[0, -1]])
    gap = float(np.where(lost, np.diff(motion.distance_m[ends]), 0.0).max())
    if known.size == 0 or gap > gap_m:
        raise InputError(
            f"{gap:.0f} m of way without altitude", f"at most {gap_m:.0f} m",
            "A run without altitude makes no session; leave it out or export it with elevation.", source,
        )  # fmt: skip
    way = motion.distance_m + np.arange(len(values)) * 1e-9  # so that samples of one place stay in their order
    return np.where(np.isfinite(values), values, np.interp(way, way[known], values[known]))


def session_from_activity(activity: Activity, config: GridConfig | None = None) -> pd.DataFrame:
    """Lay one activity onto the 5 m grid.

    Distance is the device's where it is sane, else along the positions; a runner stands by the rule of
    `lib.recordings.stops.motion_of`. Step i covers the way from 5i to 5(i+1) m; the whole way is a whole number of
    steps, so steps are longer or shorter than 5 m by at most 2.5 m shared among all of them, and no time is lost at the
    end.
    Altitude stands at the end of the step, not smoothed. Heart rate, cadence and temperature are means over the
    moving time of the step; a cadence of 0 while moving is a sensor without a reading and is left out; cadence that
    counts both feet is halved. Σ(duration_s + stop_s) is the time from the first to the last sample.

    Parameters
    ----------
    activity : Activity
        As `lib.recordings.activities.read_activity` gives it.
    config : GridConfig, optional
        Limits of the grid.

    Returns
    -------
    pandas.DataFrame, shape (n_steps, 8 or 9)
        `lib.core.schema.SESSION_COLUMNS` with session_id 0 and day 0; ``temperature_c`` where known.

    Raises
    ------
    InputError
        Less than one step of way, too much way without altitude, or faster than any runner.
    """
    config = config or GridConfig()
    samples, source = activity.samples, activity.source
    motion = motion_of(samples, config.motion, source)
    log.info("%s: %s", source, "; ".join(motion.notes) or "as recorded")
    way = motion.distance_m
    n = round(float(way[-1]) / STEP_M)
    if n < 1:
        raise InputError(f"{way[-1]:.1f} m of way", f"{STEP_M:g} m or more", "Leave this file out.", source)
    edges = reached(way, np.linspace(0.0, way[-1], n + 1))
    # stops before the first step and after the last belong to them
    edges.at[0], edges.share[0], edges.at[-1], edges.share[-1] = 0, 0.0, len(way) - 2, 1.0
    height = _altitude(samples[ALTITUDE].to_numpy(float), motion, config.altitude_gap_m, source)
    import pandas as pd  # here: what plans does without

    table = pd.DataFrame(
        {SESSION_ID: 0, DAY: 0, STEP: np.arange(n), ALTITUDE: edges.values(height)[1:]}
        | step_columns(samples, motion, edges, config)
    )
    return _typed(table)


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    others = [name for name in table.columns if name not in SESSION_COLUMNS]
    kinds = {name: "int32" if name in _IDS else "float32" for name in (*SESSION_COLUMNS, TEMPERATURE) if name in table}
    return table[[*SESSION_COLUMNS, *others]].astype(kinds)


def validate_sessions(df: pd.DataFrame, source: str | Path | None = None) -> None:
    """Check a session table against its contract.

    Parameters
    ----------
    df : pandas.DataFrame
        `lib.core.schema.SESSION_COLUMNS`, any further columns are left alone.
    source : str or Path, optional
        Where it came from, for messages.

    Raises
    ------
    InputError
        Names the column: missing, of the wrong kind, not finite, negative, steps that do not count 0, 1, 2…, ids
        that are not in order, days that fall or differ within a session; or an empty table.
    """

    def refuse(column: str, found: str, expected: str) -> None:
        raise InputError(f"column {column}: {found}", expected, "Import the recordings again.", source)

    for name in SESSION_COLUMNS:
        if name not in df.columns:
            refuse(name, "missing", f"the columns {', '.join(SESSION_COLUMNS)}")
        kind = getattr(df[name].dtype, "kind", "O")
        if name in _IDS and kind not in "iu":
            refuse(name, f"of type {df[name].dtype}", "whole numbers")
        if name not in _IDS and kind != "f":
            refuse(name, f"of type {df[name].dtype}", "floating-point numbers")
    if df.empty:
        refuse(STEP, "an empty table", "at least one step")
    for name in SESSION_COLUMNS[3:]:
        values = df[name].to_numpy(float)
        bad = np.isinf(values) if name in (HEART_RATE, CADENCE) else ~np.isfinite(values)
        if bad.any():
            refuse(name, f"{int(bad.sum())} values that are not finite, first in row {int(bad.argmax())}", "numbers")
    for name in SESSION_COLUMNS:
        negative = df[name].to_numpy() < 0
        if name != ALTITUDE and negative.any():
            refuse(name, f"a negative value in row {int(negative.argmax())}", "0 or more")
    ids, days, steps = (df[name].to_numpy(np.int64) for name in _IDS)
    if (np.diff(ids) < 0).any():
        row = int((np.diff(ids) < 0).argmax()) + 1
        refuse(SESSION_ID, f"{ids[row]} after {ids[row - 1]} in row {row}", "sessions in order of date")
    fresh = np.concatenate([[True], np.diff(ids) != 0])
    starts = np.flatnonzero(fresh)
    counted = np.arange(len(df)) - np.repeat(starts, np.diff(np.append(starts, len(df))))
    if (steps != counted).any():
        row = int((steps != counted).argmax())
        refuse(STEP, f"{steps[row]} in row {row}", f"{counted[row]} (0, 1, 2… in each session)")
    if (np.diff(days) < 0).any():
        row = int((np.diff(days) < 0).argmax()) + 1
        refuse(DAY, f"{days[row]} after {days[row - 1]} in row {row}", "days that do not fall")
    if (np.diff(days)[~fresh[1:]] != 0).any():
        refuse(DAY, "different days within a session", "one day a session")


def write_sessions(df: pd.DataFrame, path: str | Path) -> None:
    """Write a session table as parquet: validated, whole or not at all.

    Raises
    ------
    InputError
        The table breaks its contract, or the file cannot be written.
    """
    path = Path(path)
    validate_sessions(df, path)
    if not path.parent.is_dir():
        raise InputError(f"no folder {path.parent}", "a folder that is there", "Make the folder first.", path)
    with replacing(path) as temporary:
        _typed(df).to_parquet(temporary, index=False)


def read_sessions(path: str | Path) -> pd.DataFrame:
    """Read one athlete's parquet, validated: ids int32, values float32.

    Raises
    ------
    InputError
        Missing, not parquet, or a table that breaks the contract.
    """
    path = Path(path)
    if not path.is_file():
        raise NoSuchFileError(path, "Import recordings first (trailcast sessions), or check the path.")
    try:
        import pandas as pd

        df = pd.read_parquet(path)
    except Exception as error:  # pyarrow raises many kinds on damaged files
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"parquet that cannot be read ({first})", "parquet", "Import again.", path) from error
    validate_sessions(df, path)
    return _typed(df)


def read_athletes(path: str | Path) -> dict[str, pd.DataFrame]:
    """Read a folder of parquets, one per athlete, or one file.

    Returns
    -------
    dict
        Athlete (name of the file without suffix) → sessions, in order of name.

    Raises
    ------
    InputError
        No parquet there, or one that `read_sessions` refuses.
    """
    path = Path(path)
    files = sorted(p for p in path.glob("*.parquet") if p.is_file()) if path.is_dir() else [path]
    if not files:
        raise InputError("no parquet in it", "one parquet per athlete", "Import recordings first.", path)
    return {file.stem: read_sessions(file) for file in files}


def split_by_date(sessions: pd.DataFrame, last_share: float = 0.15) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Divide an athlete's sessions into the earlier and the last ones; a session is never divided.

    Parameters
    ----------
    sessions : DataFrame
        Any table with a column `SESSION_ID`.
    last_share : float
        Share of the sessions, from 0 to 1, that is to be last.

    Returns
    -------
    earlier, later : DataFrame
        Each of one session or more.
    """
    ids = np.sort(sessions[SESSION_ID].unique())
    if ids.size < 2:
        raise InputError(f"{ids.size} session", "2 or more", "Add recordings: one to learn from, one to check with.")
    count = min(max(1, round(ids.size * last_share)), ids.size - 1)
    later = sessions[SESSION_ID] >= ids[-count]
    return sessions[~later].reset_index(drop=True), sessions[later].reset_index(drop=True)

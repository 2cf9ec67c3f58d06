"""Tables of race results: results.parquet and finishes.parquet of a folder, checked, their races told apart by name."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lib.athlete.race_ratings import log_effort_km, race_key
from lib.core.errors import InputError

FILES: Final = ("results", "finishes")
"""Tables of results, without their ending: what runners list themselves, and whole fields."""
_COLUMNS: Final = ("runner", "race_name", "race_year", "distance_km", "gain_m", "time_s")
_OTHER_COURSE: Final = 0.12
"""Logarithm of effort-km by which a race of the same name is another race."""
_ONE_RACE: Final = 0.03
"""Logarithm of effort-km within which races of both tables and of one event are one race."""
_OTHER_YEAR: Final = 0.002
_EVENTS: Final = {
    "100milesofistria": "istria 100", "alsacegrandest": "trail alsace grand est", "andorrabyutmb": "trail 100 andorra",
    "aranbyutmb": "val d aran", "canyons": "canyons endurance runs", "chiangmai": "chiang mai thailand",
    "chianti": "chianti ultra trail", "desertrats": "desert rats", "eigerultratrail": "eiger ultra trail",
    "grandraidventoux": "grand raid ventoux", "grindstone": "grindstone", "julianalps": "julian alps trail run",
    "kat100": "kat100", "kodiak": "kodiak ultra marathons", "kosciuszko": "ultra trail kosciuszko",
    "kullamannen": "kullamannen", "lavaredo": "lavaredo ultra trail", "malaysia": "malaysia ultra trail",
    "mallorcabyutmb": "mallorca", "mountyun": "mount yun", "mozart100": "mozart 100", "mut": "mut",
    "nicebyutmb": "nice cote d azur", "paraty": "paraty brazil", "puertovallarta": "puerto vallarta mexico",
    "quitobyutmb": "quito", "restonica": "restonica trail", "speedgoatmountainraces": "speedgoat mountain races",
    "tarawera": "tarawera ultra trail", "transjeju": "trans jeju", "translantau": "translantau",
    "tvsb": "trail verbier st bernard", "uta": "ultra trail australia", "utmb": "utmb mont blanc",
    "uts": "ultra trail snowdonia", "valholl": "valholl", "whistler": "ultra trail whistler",
    "wildstrubel": "wildstrubel",
}  # fmt: skip
"""Events of finishes.parquet, which writes them in one word, as results.parquet writes them."""


@dataclass(frozen=True, eq=False)
class ResultTable:
    """Results of a folder, R of them, by runner and then by date.

    Parameters
    ----------
    file : ndarray of int, shape (R,)
        Which of `FILES` each is of.
    runner : ndarray of int, shape (R,)
        Numbers from 0; a runner is of one file.
    fold_key : ndarray of int, shape (R,)
        The runner's number in the file: what folds are made of.
    female : ndarray, shape (R,)
        1, 0, or the share of women where sex is not known.
    year : ndarray of int, shape (R,)
    at : ndarray, shape (R,)
        Date as a year with decimals.
    km, climb_m, log_s : ndarray, shape (R,)
        Distance, climb and the logarithm of the race time.
    race, edition : ndarray of int, shape (R,)
        Numbers of race, and of race and year.
    names : tuple of tuple of str
        Of each race, as `lib.athlete.race_ratings.race_key` writes them, the most used first.
    notes : tuple of str
        What was left out, in words.
    """

    file: NDArray[np.int64]
    runner: NDArray[np.int64]
    fold_key: NDArray[np.int64]
    female: NDArray[np.float64]
    year: NDArray[np.int64]
    at: NDArray[np.float64]
    km: NDArray[np.float64]
    climb_m: NDArray[np.float64]
    log_s: NDArray[np.float64]
    race: NDArray[np.int64]
    edition: NDArray[np.int64]
    names: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = field(default=())

    @property
    def size(self) -> NDArray[np.float64]:
        """Logarithm of effort-kilometres, shape (R,)."""
        return log_effort_km(self.km, self.climb_m)

    def last_year(self, file: int) -> int:
        """The last year in a file."""
        return int(self.year[self.file == file].max())


def has_results(folder: Path) -> bool:
    """Whether a folder has a table of results."""
    return any((folder / f"{name}.parquet").is_file() for name in FILES)


def read_results(folder: Path, female_unknown: float = 0.25) -> ResultTable:
    """Read and check the tables of results of a folder; one of them is enough.

    Raises
    ------
    InputError
        If there is none, a column is missing, or nothing usable is in them.
    """
    parts, notes = [], []
    for number, name in enumerate(FILES):
        path = folder / f"{name}.parquet"
        if not path.is_file():
            notes.append(f"No {path.name}: its results were not scored.")
            continue
        parts.append(_checked(pd.read_parquet(path), path, notes).assign(file=number))
    if not parts or not sum(map(len, parts)):
        raise InputError("no result", "results.parquet or finishes.parquet with results", "Check the folder.", folder)
    table = pd.concat(parts, ignore_index=True)
    table["at"] = _dates(table)
    table["size"] = log_effort_km(table.distance_km, table.gain_m)
    table, names = _named(table)
    table = table.sort_values(["file", "runner", "race_year", "at"], kind="stable", ignore_index=True)
    sex = table.sex.astype(str).str.upper().str[:1]
    return ResultTable(
        file=table.file.to_numpy(np.int64),
        runner=table.groupby(["file", "runner"], sort=False).ngroup().to_numpy(np.int64),
        fold_key=table.runner.to_numpy(np.int64),
        female=np.select([sex == "F", sex == "M"], [1.0, 0.0], female_unknown),
        year=table.race_year.to_numpy(np.int64),
        at=table["at"].to_numpy(np.float64),
        km=table.distance_km.to_numpy(np.float64),
        climb_m=table.gain_m.to_numpy(np.float64),
        log_s=np.log(table.time_s.to_numpy(np.float64)),
        race=table.race.to_numpy(np.int64),
        edition=pd.factorize(table.race.to_numpy(np.int64) * 10_000 + table.race_year.to_numpy(np.int64))[0],
        names=names,
        notes=tuple(notes),
    )


def _checked(table: pd.DataFrame, path: Path, notes: list[str]) -> pd.DataFrame:
    """The usable rows of a table, with the columns that may be missing."""
    if missing := [name for name in _COLUMNS if name not in table]:
        raise InputError(f"no column {missing[0]}", ", ".join(_COLUMNS), "Add it.", path)
    for name in ("sex", "date"):
        if name not in table:
            table[name] = None
    numbers = table[["runner", "race_year", "distance_km", "gain_m", "time_s"]].apply(pd.to_numeric, errors="coerce")
    usable = (
        np.isfinite(numbers.to_numpy(np.float64)).all(axis=1)
        & (numbers.distance_km > 0)
        & (numbers.gain_m >= 0)
        & (numbers.time_s > 0)
        & table.race_name.notna()
    )
    if not usable.all():
        notes.append(
            f"{path.name}: {(~usable).sum():,} of {len(table):,} results have no usable numbers and were left out."
        )
    table = table.assign(**{name: numbers[name] for name in numbers})[usable]
    return table[[*_COLUMNS, "sex", "date"]].astype({"race_name": str})


def _dates(table: pd.DataFrame) -> NDArray[np.float64]:
    """Date as a year with decimals; the middle of the year where it is unknown or contradicts the race's year."""
    day = pd.to_datetime(table.date, errors="coerce")
    known = day.notna() & (day.dt.year == table.race_year)
    return np.where(known, day.dt.year + (day.dt.dayofyear - 1) / 365.25, table.race_year + 0.5)


def _keys(names: pd.DataFrame) -> pd.DataFrame:
    """Event and key of each race name."""
    events, keys = [], []
    for name, file in names[["race_name", "file"]].itertuples(index=False):
        if FILES[file] == "finishes":
            slug, _, code = name.rpartition(" ")
            event = _EVENTS.get(slug, slug or code)
            key = f"{event} {code}"
        else:
            event, key = name.partition(" - ")[0], name
        words = race_key(event)
        events.append("utmb mont blanc" if words == "utmb" else words)
        keys.append(race_key(key) or "race")
    return names.assign(event=events, key=keys)


def _named(table: pd.DataFrame) -> tuple[pd.DataFrame, tuple[tuple[str, ...], ...]]:
    """The table with a number of each race (one name and about one size), and the names of each."""
    table = table.merge(_keys(table[["race_name", "file"]].drop_duplicates()), on=["race_name", "file"], how="left")
    by = ["key", "race_year", "event", "file", "size"]
    unit = table[by].drop_duplicates().sort_values(["key", "size"])
    other = (unit.key != unit.key.shift()) | (unit["size"].diff() > _OTHER_COURSE)
    unit["race"] = other.cumsum() - 1
    # A race of results is one with the race of finishes of the same event that is nearest in size.
    pairs = unit[unit.file == 0].merge(unit[unit.file == 1], on="event", suffixes=("", "_1"))
    pairs["gap"] = (pairs["size"] - pairs.size_1).abs() + _OTHER_YEAR * (pairs.race_year != pairs.race_year_1)
    pairs = pairs[pairs.gap < _ONE_RACE].sort_values(["gap", "race", "race_1"]).drop_duplicates("race")
    unit["race"] = pd.factorize(unit.race.replace(dict(zip(pairs.race, pairs.race_1, strict=True))))[0]
    table = table.merge(unit[[*by, "race"]], on=by, how="left")
    used = table.groupby(["race", "key"]).size().rename("n").reset_index()
    used = used.sort_values(["race", "n", "key"], ascending=[True, False, True])
    return table, tuple(tuple(group.key) for _, group in used.groupby("race"))

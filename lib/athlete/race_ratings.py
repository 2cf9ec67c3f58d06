"""Ratings of races: how much slower or faster each is than its distance and climb tell, found by name."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lib.core.errors import InputError, NoSuchFileError
from lib.core.text import without_accents

RATINGS_FILE: Final = "races.csv"
"""Ratings in the folder of the model."""
_SHIPPED: Final = Path(__file__).resolve().parents[2] / "checkpoints_v2" / RATINGS_FILE
_SAME_COURSE: Final = 0.15
"""A race whose size differs more (logarithm of effort-km) is another race of that name: courses change."""
_NEAR: Final = 0.03
_LISTED: Final = 8

_YEAR: Final = re.compile(r"\b(19|20)\d\d\b")
_SPONSORS: Final = (
    "by utmb", "asics", "dacia", "hoka", "ergysport", "la sportiva", "intersport", "salomon", "garmin", "bachcare",
    "i feel slovenia", "nissan", "columbia", "merrell", "compressport", "kiprun", "evadict",
)  # fmt: skip
_FILLER: Final = frozenset(
    ("a", "au", "aux", "d", "de", "del", "des", "di", "du", "en", "et", "l", "la", "le", "les", "of", "the")
)
_SIGNS: Final = str.maketrans("™®©", "   ")


def log_effort_km(km: ArrayLike, climb_m: ArrayLike) -> NDArray[np.float64]:
    """Logarithm of effort-kilometres: km + climb / 100 m."""
    return np.log(np.asarray(km, np.float64) + np.asarray(climb_m, np.float64) / 100.0)


def plain(name: str) -> str:
    """Write a race name in lower case, without accents, signs, year and sponsor."""
    text = without_accents(name.translate(_SIGNS)).casefold()
    text = f" {_YEAR.sub(' ', ' '.join(re.findall('[a-z0-9]+', text)))} "
    for sponsor in _SPONSORS:
        text = text.replace(f" {sponsor} ", " ")
    text = re.sub(r"(\d) (km|kms|k|m|miles?)\b", r"\1\2", text)
    return " ".join(re.sub(r"\b(\d+)kms?\b", r"\1k", text).split())


def race_key(name: str) -> str:
    """Words of a race name that tell it apart, each once, in order."""
    return " ".join(dict.fromkeys(word for word in plain(name).split() if word not in _FILLER))


@dataclass(frozen=True)
class RaceRating:
    """What is known of a race.

    Parameters
    ----------
    names : tuple of str
        Its names as `race_key` writes them, the most used first.
    km, climb_m : float
        Its latest course.
    effect : float
        Logarithm of the time over what km and climb tell: 0.10 is 10% slower.
    sd : float
        How sure the effect is.
    shared_sd : float
        Part of that uncertainty that its editions have in common.
    n : int
        Results on which it rests.
    editions : dict of int to (float, float)
        Effect and how sure it is, by year.
    """

    names: tuple[str, ...]
    km: float
    climb_m: float
    effect: float
    sd: float
    shared_sd: float
    n: int
    editions: dict[int, tuple[float, float]] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        numbers = (self.km, self.climb_m, self.effect, self.sd, self.shared_sd, *sum(self.editions.values(), ()))
        if not (all(self.names) and self.names and np.all(np.isfinite(numbers)) and self.km > 0 and self.sd > 0):
            raise InputError(f"the rating {self}", "a name and finite numbers", "Write the table of ratings again.")

    @property
    def name(self) -> str:
        """Name most used."""
        return self.names[0]

    def __str__(self) -> str:
        return f"{self.name} ({self.km:.0f} km, {self.climb_m:,.0f} m)"


class AmbiguousRaceError(InputError):
    """Several races answer to a name.

    Parameters
    ----------
    name : str
        As the user wrote it.
    candidates : sequence of RaceRating
        All of them, the best known first.
    """

    def __init__(self, name: str, candidates: Sequence[RaceRating]) -> None:
        self.candidates = tuple(candidates)
        more = len(self.candidates) - _LISTED
        listed = "; ".join(map(str, self.candidates[:_LISTED])) + (f"; and {more} more" if more > 0 else "")
        super().__init__(
            f"{len(self.candidates)} races called {name[:80]!r}: {listed}", "a name that means one of them",
            "Write more of the name.",
        )  # fmt: skip
        self.args = (name, candidates)


@dataclass(frozen=True)
class RaceTable:
    """Ratings of races, found by name.

    Parameters
    ----------
    ratings : tuple of RaceRating
        Empty, no race is known.
    """

    ratings: tuple[RaceRating, ...] = ()
    _by_key: dict[str, list[RaceRating]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        for rating in self.ratings:
            for name in rating.names:
                self._by_key.setdefault(name, []).append(rating)

    def find(self, text: str) -> list[RaceRating]:
        """Races that a text may mean: those of just that name first, then the best known.

        All words of the text must occur in a name, in any order; blanks do not matter.
        """
        key = race_key(text)
        if not key:
            return []
        words, joined = key.split(), key.replace(" ", "")

        def holds(name: str) -> bool:
            name = name.replace(" ", "")
            return joined in name or all(word in name for word in words)

        exact = self._by_key.get(key, [])
        hits = [r for r in self.ratings if r not in exact and any(map(holds, r.names))]
        return [*sorted(exact, key=lambda r: -r.n), *sorted(hits, key=lambda r: -r.n)]

    def get(self, name: str | None, km: float, climb_m: float) -> RaceRating | None:
        """Rating of a race of that name and about that size; None if there is none.

        Raises
        ------
        AmbiguousRaceError
            If name and size do not tell which race is meant.
        """
        if not name:
            return None
        size = float(log_effort_km(km, climb_m))

        def gap(rating: RaceRating) -> float:
            return abs(float(log_effort_km(rating.km, rating.climb_m)) - size)

        exact = [r for r in self._by_key.get(race_key(name), []) if gap(r) < _SAME_COURSE]
        if exact:
            return min(exact, key=gap)
        hits = [r for r in self.find(name) if gap(r) < _SAME_COURSE]
        if len(hits) > 1:
            near = [r for r in hits if gap(r) < _NEAR]
            if len(near) != 1:
                raise AmbiguousRaceError(name, hits)
            return near[0]
        return hits[0] if hits else None


def read_ratings(path: Path | str) -> RaceTable:
    """Read a table of ratings: names (|), km, climb_m, effect, sd, shared_sd, n, editions (year:effect:sd, |).

    Raises
    ------
    InputError
        If the file is not there or is no such table.
    """
    try:
        with Path(path).open(newline="", encoding="utf-8") as file:
            return RaceTable(tuple(_rating(row) for row in csv.DictReader(file)))
    except FileNotFoundError as error:
        raise NoSuchFileError(path) from error
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        expected = "columns names, km, climb_m, effect, sd, shared_sd, n, editions"
        raise InputError("no table of race ratings", expected, "Install trailcast again.", path) from error


def _rating(row: dict[str, str]) -> RaceRating:
    parts = (edition.split(":") for edition in row["editions"].split("|") if edition)
    editions = {int(year): (float(effect), float(sd)) for year, effect, sd in parts}
    numbers = (float(row[name]) for name in ("km", "climb_m", "effect", "sd", "shared_sd"))
    return RaceRating(tuple(row["names"].split("|")), *numbers, int(row["n"]), editions)


@cache
def shipped_ratings() -> RaceTable:
    """Ratings that come with trailcast."""
    return read_ratings(_SHIPPED)

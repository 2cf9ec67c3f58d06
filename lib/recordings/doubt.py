"""The one place where samples are doubted: clock, position, altitude, heart rate and cadence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lib.core.errors import InputError
from lib.core.geodesy import haversine_m
from lib.core.schema import ALTITUDE, CADENCE, DISTANCE, HEART_RATE, LATITUDE, LONGITUDE, TEMPERATURE

Floats = NDArray[np.float64]

BACKSTEP_MAX_S: Final = 5.0
"""Times may step back by this much (laps that share a point) and are sorted; more is a wrong clock."""
ELAPSED_MAX_S: Final = 7 * 86_400.0
"""Longest recording accepted; beyond it a clock was wrong."""
_PAUSE_S: Final = 30.0
"""A track that goes on in another part after more than this was paused, unless it has its points as rarely."""
_GAP_S: Final = 3_600.0
"""Between samples of one part without a pause; the clock was set in between if those beside it are few."""
_LONG_GAP_S: Final = 43_200.0
"""The same, whether or not there was a pause."""
_SHORT_S: Final = 300.0
_SHORT_SHARE: Final = 0.1
"""How long, and what share of all samples, those few may be."""
_MOST_SHARE: Final = 0.25
"""What share of the samples may be left out for their clock."""
_FAR_M: Final = 1e6
"""Nobody runs this far within `ELAPSED_MAX_S`: a position further from the middle one is none."""
_NULL_DEG: Final = 1e-6
_NULL_FAR_M: Final = 10_000.0
"""What is so near to 0°/0°, and so far from the middle position, is no position."""
_FEW_SHARE: Final = 0.1
"""Where more samples than this have neither position nor distance, other sensors were on without it."""
_SEASIDE_M: Final = 50.0

_PLAUSIBLE: Final[Mapping[str, tuple[float, float]]] = {
    DISTANCE: (0.0, 2e6),
    ALTITUDE: (-450.0, 9_000.0),  # no land lies lower; voids are -500, -9999 or -32768
    HEART_RATE: (25.0, 250.0),
    CADENCE: (0.0, 300.0),
    LATITUDE: (-90.0, 90.0),
    LONGITUDE: (-180.0, 180.0),
    TEMPERATURE: (-60.0, 70.0),
}
"""What a sensor can measure; outside it, and at a heart rate of 0, the sensor had no contact."""
_NOUNS: Final = {
    DISTANCE: "distance", ALTITUDE: "altitude", HEART_RATE: "heart rate", CADENCE: "cadence",
    TEMPERATURE: "temperature",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Judged:
    """Samples that are believed.

    Parameters
    ----------
    time : ndarray, shape (n,)
        In s since 1970 (or any instant), never falling.
    columns : dict of ndarray, shape (n,) each
        NaN where nothing was measured, or nothing that is believed.
    pauses : ndarray, shape (k, 2)
        When the timer was stopped and when it went on (s), in order.
    said : tuple of str
        What was left out and put right, in words.
    """

    time: Floats
    columns: dict[str, Floats]
    pauses: Floats
    said: tuple[str, ...]

    def paused_s(self, time: Floats) -> Floats:
        """Time since the instant before in which the timer was stopped, shape (n,)."""
        if self.pauses.size == 0:
            return np.zeros_like(time)
        edges = self.pauses.ravel()
        stopped = np.cumsum(np.where(np.arange(edges.size) % 2 == 1, np.diff(edges, prepend=edges[0]), 0.0))
        return np.diff(np.interp(time, edges, stopped), prepend=np.interp(time[0], edges, stopped))


def judge(
    time: Floats,
    columns: Mapping[str, Floats],
    source: str,
    parts: Sequence[int] | None = None,
    pauses: Sequence[tuple[float, float]] = (),
    unread: Mapping[str, int] | None = None,
) -> Judged:
    """Leave out what cannot be, by the same rules for every format, and say so in one sentence.

    * Clock: samples without a time; those before the clock was set, hours ahead or days early; those of a clock that
      jumps ahead or back in between. Parts of a track that are not in order of time are sorted.
    * Position: out of range, 0°/0° where no fix was known, or further away than anybody runs.
    * Altitude: a void of an elevation model, or 0 among mountains.
    * Heart rate, cadence, distance, temperature: outside what a sensor can measure.

    Parameters
    ----------
    time : ndarray, shape (n,)
        Of each sample in s, in the order of the file; NaN where unknown.
    columns : mapping of ndarray, shape (n,) each
        NaN where nothing was measured.
    source : str
        Name of the file, for messages.
    parts : sequence of int, optional
        The part of the track (segment, lap) that each sample belongs to: a longer time between two of them is a pause.
    pauses : sequence of (float, float)
        When the timer was stopped and went on (s).
    unread : mapping of column to int, optional
        How many of its values were no numbers.

    Raises
    ------
    InputError
        A clock that is wrong at more than a quarter of the samples, or a recording longer than `ELAPSED_MAX_S`.
    """
    lost: list[tuple[int, str]] = []
    said: list[str] = []
    known = np.flatnonzero(np.isfinite(time))
    lost.append((len(time) - known.size, "without a time"))
    part = np.zeros(len(time), dtype=np.intp) if parts is None else np.asarray(parts, dtype=np.intp)
    stops = _ordered(pauses)
    order, early, odd, notes = _clock(time, known, part, stops, source)
    lost += [(early, "before the clock was set"), (odd, "with a wrong clock")]
    said += notes
    at, part = time[order], part[order]
    kept = {name: values[order].copy() for name, values in columns.items()}
    lost.append((_positions(kept), "without a position"))
    values = {name: (unread or {}).get(name, 0) + _implausible(name, kept[name]) for name in _NOUNS if name in kept}
    if ALTITUDE in kept:
        values[ALTITUDE] += _zeros(kept[ALTITUDE])
    sentence = [f"{n} {'point' if n == 1 else 'points'} {why}" if i == 0 else f"{n} {why}"
                for i, (n, why) in enumerate((n, why) for n, why in lost if n)]  # fmt: skip
    sentence += [f"{n} {_NOUNS[name]}{'' if n == 1 else 's'} that cannot be" for name, n in values.items() if n]
    if sentence:
        said.insert(0, f"{', '.join(sentence)} left out")
    return Judged(at, kept, _ordered([*map(tuple, stops), *_between(at, part)]), tuple(said))


def _ordered(pauses: Sequence[tuple[float, float]]) -> Floats:
    """Pauses in order, those that overlap joined, shape (k, 2)."""
    joined: list[list[float]] = []
    for a, b in sorted(p for p in pauses if p[1] > p[0]):
        if joined and a <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], b)
        else:
            joined.append([a, b])
    return np.array(joined, dtype=float).reshape(-1, 2)


def _between(time: Floats, part: NDArray[np.intp]) -> list[tuple[float, float]]:
    """Pauses between parts of a track."""
    gap_s = np.diff(time)
    if gap_s.size == 0 or part[0] == part[-1]:
        return []
    usual_s = float(np.median(gap_s))
    ends = np.flatnonzero((np.diff(part) != 0) & (gap_s > max(_PAUSE_S, 3.0 * usual_s)))
    return [(float(time[i]), float(time[i + 1])) for i in ends]


def _clock(
    time: Floats, known: NDArray[np.intp], part: NDArray[np.intp], pauses: Floats, source: str
) -> tuple[NDArray[np.intp], int, int, list[str]]:
    """Samples to keep, in order of time; how many were left out before the clock was set and for other clocks."""
    said = []
    order = known
    if part.size and part[0] != part[-1]:
        numbers = part[order]
        middle = {int(p): float(np.median(time[order][numbers == p])) for p in np.unique(numbers)}
        ranks = np.array([middle[int(p)] for p in numbers])
        if (np.diff(ranks) < 0).any():
            order = order[np.argsort(ranks, kind="stable")]
            said.append("parts of the track sorted by time")
    at = time[order]
    step = np.diff(at)
    same = np.diff(part[order]) == 0
    for a, b in pauses:
        same &= ~((at[:-1] <= a + 1.0) & (at[1:] >= b - 1.0))
    cuts = np.flatnonzero((step < -BACKSTEP_MAX_S) | ((step > _GAP_S) & same) | (step > _LONG_GAP_S)) + 1
    early = odd = 0
    if cuts.size:
        order, early, odd = _main(at, order, cuts, source)
        at = time[order]
    back = float(-np.diff(at).min(initial=0.0))
    if back > 0:
        said.append(f"times stepped back by up to {back:.1f} s; samples sorted")
        order = order[np.argsort(at, kind="stable")]
    days = float(np.ptp(at)) / 86_400 if at.size else 0.0
    if days > ELAPSED_MAX_S / 86_400:
        raise InputError(
            f"a recording of {days:.1f} days", f"at most {ELAPSED_MAX_S / 86_400:.0f} days",
            "A wrong clock looks like this; split or correct the file.", source,
        )  # fmt: skip
    return order, early, odd, said


def _main(
    at: Floats, order: NDArray[np.intp], cuts: NDArray[np.intp], source: str
) -> tuple[NDArray[np.intp], int, int]:
    """Keep the longest stretch of an even clock and what fits to it, before and after."""
    blocks = list(zip([0, *cuts.tolist()], [*cuts.tolist(), at.size], strict=True))
    main = max(range(len(blocks)), key=lambda i: blocks[i][1] - blocks[i][0])
    keep = {main}
    for ahead in (False, True):
        nearest = blocks[main]
        for i in range(main + 1, len(blocks)) if ahead else range(main - 1, -1, -1):
            a, b = blocks[i]
            gap = at[a:b].min() - at[nearest[1] - 1] if ahead else at[nearest[0]] - at[a:b].max()
            short = b - a <= _SHORT_SHARE * at.size and np.ptp(at[a:b]) <= _SHORT_S
            strange = (gap > _GAP_S and short) or (gap > _LONG_GAP_S and b - a <= _MOST_SHARE * at.size)
            if gap >= -BACKSTEP_MAX_S and not strange:
                keep.add(i)
                nearest = (a, b)
    lost = sum(b - a for i, (a, b) in enumerate(blocks) if i not in keep)
    if lost > _MOST_SHARE * at.size:
        raise InputError(
            f"times that run backwards by {-np.diff(at).min():.0f} s",
            f"times in order (up to {BACKSTEP_MAX_S:.0f} s are sorted)",
            "Export the activity again from where it was recorded.", source,
        )  # fmt: skip
    early = sum(b - a for i, (a, b) in enumerate(blocks) if i not in keep and i < main)
    return np.concatenate([order[a:b] for i, (a, b) in enumerate(blocks) if i in keep]), early, lost - early


def _positions(columns: dict[str, Floats]) -> int:
    """Take away positions that cannot be; how many points have none, where others do."""
    if LATITUDE not in columns or LONGITUDE not in columns:
        return 0
    lat, lon = columns[LATITUDE], columns[LONGITUDE]
    had = np.isfinite(lat) | np.isfinite(lon)
    good = np.isfinite(lat) & np.isfinite(lon) & (np.abs(lat) <= 90.0) & (np.abs(lon) <= 180.0)
    null = good & (np.abs(lat) < _NULL_DEG) & (np.abs(lon) < _NULL_DEG)
    if (good & ~null).any():
        places = good & ~null
        middle = (np.median(lat[places]), np.median(lon[places]))
        away_m = haversine_m(np.where(good, lat, middle[0]), np.where(good, lon, middle[1]), *middle)
        good &= away_m <= np.where(null, _NULL_FAR_M, _FAR_M)
    lat[~good] = lon[~good] = np.nan
    measured = np.isfinite(columns[DISTANCE]) if DISTANCE in columns else np.zeros(lat.size, dtype=bool)
    missing = ~had & ~measured
    told = (~good & had) | (missing if missing.mean() <= _FEW_SHARE else False)
    return int(told.sum()) if good.any() else 0


def _implausible(name: str, values: Floats) -> int:
    """Take away values that no sensor measures; how many. A heart rate of 0 is a sensor without contact."""
    low, high = _PLAUSIBLE[name]
    with np.errstate(invalid="ignore"):
        bad = (values < low) | (values > high)
    told = int((bad & (values != 0)).sum())
    values[bad] = np.nan
    return told


def _zeros(altitude: Floats) -> int:
    """Take away altitudes of 0 beside which others are high: a device writes so where it knows none."""
    zero = altitude == 0.0
    known = np.flatnonzero(np.isfinite(altitude) & ~zero)
    if not zero.any() or known.size == 0:
        return 0
    at = np.flatnonzero(zero)
    after = np.searchsorted(known, at)
    neighbours = known[np.clip([after - 1, after], 0, known.size - 1)]  # (2, zeros)
    bad = (np.abs(altitude[neighbours]) > _SEASIDE_M).all(axis=0)
    altitude[at[bad]] = np.nan
    return int(bad.sum())

"""Charts as inline SVG that fit any width: curves stretch, words and strokes keep their size."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

import numpy as np
from markupsafe import Markup

from utils.plots.curves import kept_rows

_WIDE, _HIGH = 10_000, 1_000
"""Units of the plane that is stretched."""
_SHARP: Final = 600
"""A curve is drawn to this part of the height, less than a pixel."""
_MOST_ROWS: Final = 1_500
_TICKS: Final = (11, 5)
"""Most ticks along a wide screen and along a phone."""
_APART: Final = (0.013, 0.042)
"""Upright names need this part of a wide screen and of a phone."""

Ticks = Sequence[tuple[float, str]]
Parts = Sequence[tuple[int, int]]
"""First and last row of each."""


@dataclass(frozen=True)
class Axis:
    """What an axis spans, and its ticks.

    Parameters
    ----------
    low, high : float
        Its ends; the higher value is to the right, or above.
    wide, narrow : sequence of (float, str)
        Ticks and their labels, on a wide screen and on a phone.
    name : str
        What is on it, with the unit.
    """

    low: float
    high: float
    wide: Ticks
    narrow: Ticks
    name: str = ""

    def share(self, values: np.ndarray | float) -> np.ndarray:
        """Where values are, from 0 to 1."""
        return (np.asarray(values, np.float64) - self.low) / (self.high - self.low)


def round_steps() -> Iterable[float]:
    """Distances of ticks on an axis of numbers: 1, 2, 5, 10, 20 and so on, and below 1."""
    return (digit * 10.0**power for power in range(-3, 7) for digit in (1.0, 2.0, 5.0))


def axis(
    low: float,
    high: float,
    text: Callable[[float], str],
    *,
    steps: Iterable[float] | None = None,
    most: tuple[int, int] = _TICKS,
    name: str = "",
) -> Axis:
    """Make an axis with round ticks.

    Parameters
    ----------
    low, high : float
        Its ends.
    text : callable
        Writes a tick.
    steps : iterable of float, optional
        Distances that ticks may have, rising; by default 1, 2, 5, 10 and so on.
    most : (int, int)
        Ticks on a wide screen, and on a phone.
    name : str
        What is on it.
    """
    distances = list(steps or round_steps())
    both = []
    for count in most:
        step = next((s for s in distances if abs(high - low) / s <= count), distances[-1])
        first, last = math.ceil(min(low, high) / step - 1e-9), math.floor(max(low, high) / step + 1e-9)
        both.append([(n * step, text(n * step)) for n in range(first, last + 1)])
    return Axis(low, high, both[0], both[1], name)


def in_units(shown: Axis, size: float) -> Axis:
    """An axis whose ticks are round in a unit of such a size, for values that are not."""
    wide, narrow = ([(value * size, text) for value, text in ticks] for ticks in (shown.wide, shown.narrow))
    return Axis(shown.low * size, shown.high * size, wide, narrow, shown.name)


def _percent(share: float) -> str:
    return f"{100.0 * share:.2f}".rstrip("0").rstrip(".") + "%"


def moves(x: np.ndarray, y: np.ndarray) -> str:
    """Write a line through whole numbers, shape (N,) each, as the data of an SVG path."""
    steps = np.column_stack([np.diff(x), np.diff(y)])
    steps = steps[np.any(steps != 0, axis=1)]
    return f"M{x[0]} {y[0]}" + (
        "l" + " ".join(map(str, steps.ravel().tolist())).replace(" -", "-") if len(steps) else ""
    )


class Chart:
    """One pair of axes, and what is drawn on it.

    Parameters
    ----------
    x, y : Axis
        What it spans.
    alt : str
        What it shows, for who cannot see it.
    kind : str
        Class of its height in the style sheet.
    follows : bool
        Whether its x axis is the distance along the course: then the pointer moves on it.
    """

    def __init__(self, x: Axis, y: Axis, alt: str, *, kind: str = "", follows: bool = False) -> None:
        self.x, self.y, self.alt, self.kind, self.follows = x, y, alt, kind, follows
        self.drawn: list[str] = []
        self.words: list[str] = []
        self.key: list[tuple[str, str]] = []
        self.letters = 0
        for share, _, which in self._ticks(y):
            at = round(_HIGH * (1.0 - share))
            self.drawn.append(f'<path class="grid{which}" d="M0 {at}h{_WIDE}"/>')
        for share, text, which in self._ticks(y):
            self.words.append(
                f'<text class="y{which}" x="-6" y="{_percent(1.0 - share)}" dy=".32em">{escape(text)}</text>'
            )
        for share, text, which in self._ticks(x):
            # At the ends words stay within the chart.
            end = " first" if share < 0.02 else " last" if share > 0.98 else ""
            self.words.append(
                f'<text class="x{which}{end}" x="{_percent(share)}" y="100%" dy="1.25em">{escape(text)}</text>'
            )

    @staticmethod
    def _ticks(axis: Axis) -> list[tuple[float, str, str]]:
        """Share, label and class of each tick: those of one kind of screen are hidden on the other."""
        narrow, wide = dict(axis.narrow), dict(axis.wide)
        return [
            (
                float(axis.share(value)),
                text,
                "" if value in narrow and value in wide else " w" if value in wide else " n",
            )
            for value, text in {**narrow, **wide}.items()
        ]

    def _units(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        wide = np.rint(_WIDE * self.x.share(x)).astype(int)
        high = np.rint(_HIGH * (1.0 - np.clip(self.y.share(y), -1.0, 2.0))).astype(int)
        return wide, high

    def _kept(self, *curves: np.ndarray) -> np.ndarray:
        """Rows of curves that are enough for a screen."""
        sharp = abs(self.y.high - self.y.low) / _SHARP
        while True:
            rows = kept_rows(np.column_stack(curves), np.full(len(curves), sharp))
            if rows.size <= _MOST_ROWS:
                return rows
            sharp *= 1.5

    def path(self, kind: str, data: str) -> None:
        """Draw a path in units of the plane."""
        self.drawn.append(f'<path class="{kind}" d="{data}"/>')

    def named(self, kind: str, text: str) -> None:
        """Add a line to the key: the class of what is drawn, and what it is."""
        self.key.append((kind, text))

    def line(self, x: np.ndarray, y: np.ndarray, kind: str, name: str = "") -> None:
        """Draw a curve through points, shape (N,) each; it is broken where a value is missing."""
        known = np.flatnonzero(np.isfinite(y))
        parts = np.split(known, np.flatnonzero(np.diff(known) > 1) + 1) if known.size else []
        data = []
        for part in parts:
            rows = part[self._kept(y[part])] if part.size > 1 else part
            data.append(moves(*self._units(x[rows], y[rows])))
        self.path(f"line {kind}", "".join(data))
        if name:
            self.named(f"line {kind}", name)

    def fill(
        self, x: np.ndarray, low: np.ndarray | float, high: np.ndarray | float, kind: str, name: str = "",
        parts: Parts | None = None,
    ) -> None:  # fmt: skip
        """Fill between two curves, shape (N,) each, or only over parts of them."""
        self.fills(x, low, high, [(kind, name, [(0, x.size - 1)] if parts is None else parts)])

    def fills(
        self, x: np.ndarray, low: np.ndarray | float, high: np.ndarray | float, kinds: Sequence[tuple[str, str, Parts]]
    ) -> None:
        """Fill parts of what is between two curves, shape (N,) each: their class, their name, their rows."""
        low, high = (np.broadcast_to(np.asarray(curve, np.float64), x.shape) for curve in (low, high))
        rows = self._kept(low, high) if x.size > 1 else np.array([0])
        for kind, name, parts in kinds:
            data = []
            for first, last in parts:
                between = rows[np.searchsorted(rows, first, side="right") : np.searchsorted(rows, last)]
                at = np.concatenate([[first], between, [last]])
                back = at[[-1, 0]] if np.ptp(low[at]) == 0.0 else at[::-1]
                data.append(moves(*self._units(np.r_[x[at], x[back]], np.r_[high[at], low[back]])) + "z")
            if data:
                self.path(f"fill {kind}", "".join(data))
                if name:
                    self.named(f"fill {kind}", name)

    def bars(self, left: np.ndarray, right: np.ndarray, high: np.ndarray, kind: str, name: str) -> None:
        """Draw bars between 0 and a height, from `left` to `right`, shape (N,) each."""
        a, top = self._units(left, high)
        b, zero = self._units(right, np.zeros(right.size))
        bars = zip(a.tolist(), b.tolist(), top.tolist(), zero.tolist(), strict=True)
        self.path(f"fill {kind}", "".join(f"M{x0} {z}H{x1}V{y}H{x0}z" for x0, x1, y, z in bars))
        self.named(f"fill {kind}", name)

    def shade(self, first: float, last: float, kind: str) -> None:
        """Shade the whole height from one place of the x axis to another."""
        a, b = np.rint(_WIDE * np.clip(self.x.share(np.array([first, last])), 0.0, 1.0)).astype(int)
        self.path(f"fill {kind}", f"M{a} 0h{max(b - a, 1)}v{_HIGH}h{-max(b - a, 1)}z")

    def upright(self, x: float, kind: str) -> None:
        """Draw a line from bottom to top."""
        self.path(f"line {kind}", f"M{round(_WIDE * float(self.x.share(x)))} 0v{_HIGH}")

    def level(self, y: float, kind: str, name: str = "") -> None:
        """Draw a line from left to right."""
        self.path(f"line {kind}", f"M0 {round(_HIGH * (1.0 - float(self.y.share(y))))}h{_WIDE}")
        if name:
            self.named(f"line {kind}", name)

    def upright_names(self, places: Sequence[tuple[float, str]]) -> None:
        """Write names upright above the chart, each where the one before leaves room; places rise."""
        ends = [-math.inf, -math.inf]
        for value, name in places:
            share = float(self.x.share(value))
            room = [share - end >= apart for end, apart in zip(ends, _APART, strict=True)]
            if not room[0]:
                continue
            ends = [share, share if room[1] else ends[1]]
            self.letters = max(self.letters, len(name))
            self.words.append(
                f'<svg class="name{"" if room[1] else " w"}" x="{_percent(share)}"><text transform="rotate(-90)" x="5" '
                f'dy=".32em">{escape(name)}</text></svg>'
            )

    def word(self, x: float, y: float, text: str, kind: str = "") -> None:
        """Write a word beside a point."""
        self.words.append(
            f'<text class="word {kind}" x="{_percent(float(self.x.share(x)))}" '
            f'y="{_percent(1.0 - float(self.y.share(y)))}">{escape(text)}</text>'
        )

    def points(self, x: np.ndarray, y: np.ndarray, kind: str, name: str = "") -> None:
        """Mark points, shape (N,) each; those with a missing value are none."""
        known = np.isfinite(x) & np.isfinite(y)
        places = zip(*(units.tolist() for units in self._units(x[known], y[known])), strict=True)
        self.path(f"point {kind}", "".join(f"M{wide} {high}h0" for wide, high in places))
        if name:
            self.named(f"point {kind}", name)

    def stems(self, x: np.ndarray, y: np.ndarray, kind: str) -> None:
        """Draw a line from 0 to each point, shape (N,) each."""
        known = np.isfinite(y)
        wide, high = self._units(x[known], y[known])
        zero = round(_HIGH * (1.0 - float(self.y.share(0.0))))
        lines = zip(wide.tolist(), high.tolist(), strict=True)
        self.path(f"line {kind}", "".join(f"M{a} {zero}V{b}" for a, b in lines))

    def _inner(self) -> str:
        plane = f'<svg viewBox="0 0 {_WIDE} {_HIGH}" preserveAspectRatio="none" width="100%" height="100%">'
        return f"{plane}{''.join(self.drawn)}</svg>{''.join(self.words)}"

    def html(self) -> Markup:
        """The chart with its key, as a figure of a page."""
        items = "".join(f'<li><i class="{kind}"></i>{escape(text)}</li>' for kind, text in self.key)
        alt = escape(self.alt)
        above = f' style="--letters:{self.letters}"' if self.letters else ""
        head = f'<figcaption><b>{escape(self.y.name)}</b><ul class="key">{items}</ul></figcaption>'
        follows = " data-follows" if self.follows else ""
        under = f'<p class="under">{escape(self.x.name)}</p>' if self.x.name else ""
        return Markup(
            f'<figure class="chart {self.kind}"{above}>{head}<svg class="plot" role="img" aria-label="{alt}"{follows}>'
            f"{self._inner()}</svg>{under}</figure>"
        )

    def svg(self, style: str, width: int = 1_000, height: int = 360, above: int = 130) -> str:
        """The chart alone, as an SVG file of fixed size with its own style."""
        size = f'width="{width - 72}" height="{height - above - 30}"'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="file" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}"><title>{escape(self.alt)}</title><style>{style}</style>'
            f'<svg class="plot" x="56" y="{above}" {size} overflow="visible">'
            f"{self._inner()}</svg></svg>\n"
        )

"""The map of a course as inline SVG: its line by slope, pace or night, kilometres, stations with their clocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Final

import numpy as np
from markupsafe import Markup

from lib.core import schema as c
from lib.core.durations import h_mm, m_ss
from lib.core.units import Units
from lib.course.slope_classes import GROUNDS
from lib.plan.daylight import dark_steps
from lib.plan.race_plan import RacePlan
from lib.plan.splits import legs, once
from lib.race.clock import clock_text
from utils.plan_page.chart import moves
from utils.plan_page.places import MAP_UNITS, Places, places
from utils.plan_page.plan_charts import parts_of, slopes_for
from utils.plots.curves import smoothed_pace

_MARGIN: Final = 600
_WIDE_PX, _NARROW_PX, _HIGH_PX = 950, 350, 520
_ROUND_KM: Final = (1, 2, 5, 10, 20, 50, 100)
_ROUND_M: Final = (50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)
_ARROWS: Final = 7
_LONGEST: Final = 18
_LETTER_PX, _LINE_PX = 6.4, 15.0
_PACE_CLASSES: Final = 5
_BUTTONS: Final = (
    '<div class="map-buttons" hidden><button type="button" id="map-in" aria-label="Zoom in">+</button>'
    '<button type="button" id="map-out" aria-label="Zoom out">\N{MINUS SIGN}</button>'
    '<button type="button" id="map-whole" aria-label="Whole course">\N{NORTH EAST AND SOUTH WEST ARROW}</button></div>'
)
PUBLIC_MAP: Final = "https://www.openstreetmap.org/?mlat={lat:.5f}&mlon={lon:.5f}#map=15/{lat:.5f}/{lon:.5f}"


@dataclass(frozen=True)
class CourseMap:
    """A map that is drawn.

    Parameters
    ----------
    view : str
        Its view box.
    units : (float, float)
        Units of a pixel, on a wide screen and on a phone.
    inner : str
        What is on it.
    choice, keys : str
        What colours it, to choose, and what the colours mean.
    """

    view: str
    units: tuple[float, float]
    inner: str
    choice: str
    keys: str

    def html(self) -> Markup:
        """As a figure of a page."""
        return Markup(
            f'<figure class="map" id="map">{self.choice}<svg viewBox="{self.view}" '
            f'style="--wide:{self.units[0]:.2f};--narrow:{self.units[1]:.2f}" role="group" '
            f'aria-label="Map of the course, north up" tabindex="0">{self.inner}'
            f'<g class="at here" id="dot" style="--x:-99999px;--y:0px"><circle r="6"/></g></svg>{_BUTTONS}{self.keys}'
            "</figure>"
        )

    def svg(self, style: str) -> str:
        """As an SVG file of its own, coloured by slope."""
        unit = f".map{{--u:{self.units[0]:.2f}}}"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="map" viewBox="{self.view}" width="{_WIDE_PX}" '
            f'height="{_HIGH_PX}"><title>Map of the course, north up</title><style>{style}{unit}'
            f"</style><g>{self.inner}</g></svg>\n"
        )


def _coloured(found: Places, kinds: np.ndarray, prefix: str) -> str:
    """Paths of the line between places, one for each kind; `kinds` is of each place."""
    x, y = found.plane.T
    paths = []
    for kind in np.unique(kinds).tolist():
        data = "".join(
            moves(x[first : last + 1], y[first : last + 1]) for first, last in parts_of(kinds, kind) if last > first
        )
        if data:
            paths.append(f'<path class="{prefix}{kind}" d="{data}"/>')
    return "".join(paths)


def _pace_kinds(race: RacePlan) -> tuple[np.ndarray, list[str]]:
    """Class of each step's pace, fifths of the way from slow to fast, and their names."""
    units = race.config.units
    pace_s = units.pace_s(60.0 * smoothed_pace(race.plan.as_measured))
    limits = np.quantile(pace_s, np.arange(1, _PACE_CLASSES) / _PACE_CLASSES)[::-1]
    kinds = _PACE_CLASSES - 1 - np.searchsorted(limits[::-1], pace_s, side="right")
    said = [m_ss(s) for s in limits]
    names = [
        f"over {said[0]}",
        *(f"{b} to {a}" for a, b in pairwise(said)),
        f"under {said[-1]} {units.pace}",
    ]
    return kinds, names


def _legend(kind: str, entries: Sequence[tuple[str, str]]) -> str:
    items = "".join(f'<li><i class="line {name}"></i>{escape(text)}</li>' for name, text in entries)
    return f'<ul class="key by-{kind}">{items}</ul>'


def _at(place: np.ndarray, content: str, kind: str = "", extra: str = "") -> str:
    """What is drawn at a place in pixels, however far the map is zoomed."""
    return f'<g class="at {kind}" style="--x:{place[0]}px;--y:{place[1]}px"{extra}>{content}</g>'


def _marks(plane: np.ndarray, units: Units) -> str:
    """Round distances along the course."""
    far = len(plane) * c.STEP_M / units.long_m
    every = next((x for x in _ROUND_KM if far / x <= 12), 200)
    found = []
    for mark in range(every, int(far) + 1, every):
        place = plane[min(round(mark * units.long_m / c.STEP_M), len(plane)) - 1]
        found.append(_at(place, f'<circle r="2.2"/><text x="5" y="-4">{mark}</text>', "km"))
    return "".join(found)


def _arrows(plane: np.ndarray) -> str:
    found = []
    for step in np.linspace(0, len(plane) - 1, _ARROWS + 2).astype(int)[1:-1].tolist():
        ahead = plane[min(step + 10, len(plane) - 1)] - plane[step]
        if np.any(ahead):
            turn = np.degrees(np.arctan2(ahead[1], ahead[0]))
            found.append(_at(plane[step], f'<path d="M-4-5l10 5l-10 5z" transform="rotate({turn:.0f})"/>', "way"))
    return "".join(found)


def _stations(race: RacePlan, plane: np.ndarray, unit: float) -> str:
    """Start, finish and stations, each a link to a public map; names that have no room are hidden."""
    table, columns = legs(race), race.course.columns
    last = race.course.steps - 1
    loop = np.hypot(*(plane[-1] - plane[0])) < max(0.05 * MAP_UNITS, 1.0)
    named = [(0, "start, finish" if loop else "start", 0.0)]
    for name, end, arrival_s in zip(table[c.WAYPOINT].tolist(), table[c.LAST_STEP], table[c.ARRIVAL], strict=True):
        step = int(end) - 1
        if step < last or not loop:
            named.append((step, name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…", float(arrival_s)))
    middle = (plane.min(axis=0) + plane.max(axis=0)) / 2
    boxes: list[tuple[float, float, float, float]] = []
    found = []
    for step, name, arrival_s in named:
        when = h_mm(arrival_s) if race.start is None else clock_text(race.start, arrival_s)
        text = name if step == 0 else f"{name} {when}"
        left = plane[step, 0] > middle[0]
        wide, high = unit * _LETTER_PX * len(text), unit * _LINE_PX
        x, y = plane[step].tolist()
        box = (x - wide, y - high / 2, x, y + high / 2) if left else (x, y - high / 2, x + wide, y + high / 2)
        free = all(box[2] < a or box[0] > r or box[3] < t or box[1] > b for a, t, r, b in boxes)
        if free:
            boxes.append(box)
        address = PUBLIC_MAP.format(lat=float(columns[c.LATITUDE][step]), lon=float(columns[c.LONGITUDE][step]))
        end = ' text-anchor="end"' if left else ""
        words = f'<text x="{-8 if left else 8}" dy=".32em"{end}>{escape(text)}</text>'
        mark = '<circle r="5.5"/>' if step in (0, last) else '<path d="M0-6l6 6l-6 6l-6-6z"/>'
        found.append(
            f'<a href="{escape(address)}" rel="noreferrer" target="_blank" '
            f'aria-label="{escape(text)}, on a public map">'
            + _at(plane[step], mark + words, "station" + ("" if free else " crowded"))
            + "</a>"
        )
    return "".join(found)


def _scale(unit_m: float, corner: tuple[float, float], units: Units) -> str:
    room_m = 0.3 * MAP_UNITS * unit_m
    far = max((x for x in _ROUND_M if x / 1000.0 * units.long_m <= room_m), default=_ROUND_M[0]) / 1000.0
    text, length = f"{far:g} {units.long}", far * units.long_m / unit_m
    if far < 1.0:
        high = max((x for x in _ROUND_M if x * units.high_m <= room_m), default=_ROUND_M[0])
        text, length = f"{high} {units.high}", high * units.high_m / unit_m
    x, y = corner
    bar = f'<path class="scale" d="M{x:.0f} {y:.0f}h{length:.0f}"/>'
    return bar + _at(
        np.array([round(x + length / 2), round(y)]), f'<text y="-5" text-anchor="middle">{text}</text>', "km"
    )


@once
def course_map(race: RacePlan) -> CourseMap:
    """Draw the map of a plan, north up.

    Its line runs through the places of which the page tells something.
    """
    found = places(race)
    plane = np.column_stack([np.interp(np.arange(race.course.steps), found.step, found.plane[:, i]) for i in (0, 1)])
    plane = np.rint(plane).astype(int)
    wide, high = (plane.max(axis=0) - plane.min(axis=0)).tolist()
    view = (-_MARGIN, -_MARGIN, wide + 2 * _MARGIN, high + 2 * _MARGIN)
    units = [max(view[2] / px, view[3] / _HIGH_PX) for px in (_WIDE_PX, _NARROW_PX)]
    slopes = slopes_for(race.course.columns[c.ALTITUDE])[found.step]
    pace_kinds, pace_names = _pace_kinds(race)
    dark = dark_steps(race)
    modes = {
        "slope": (_coloured(found, slopes, "s"), [(f"s{i}", name) for i, name in enumerate(GROUNDS)]),
        "pace": (_coloured(found, pace_kinds[found.step], "p"), [(f"p{i}", name) for i, name in enumerate(pace_names)]),
    }
    if dark.any():
        modes["night"] = (
            _coloured(found, dark[found.step].astype(int), "d"),
            [("d0", "by day"), ("d1", "in the dark")],
        )
    whole_line = moves(*found.plane.T)
    lines = "".join(f'<g class="by-{name}">{paths}</g>' for name, (paths, _) in modes.items())
    choice = "".join(
        f'<input type="radio" name="map-by" id="map-{name}"{"" if i else " checked"}>'
        f'<label for="map-{name}">{name}</label>'
        for i, name in enumerate(modes)
    )
    keys = "".join(_legend(name, entries) for name, (_, entries) in modes.items())
    box = " ".join(str(round(x)) for x in view)
    corner = (view[0] + 0.03 * view[2], view[1] + 0.97 * view[3])
    inner = (
        f'<path class="casing" d="{whole_line}"/>{lines}{_arrows(plane)}{_marks(plane, race.config.units)}'
        f"{_scale(found.unit_m, corner, race.config.units)}{_stations(race, plane, units[0])}"
    )
    return CourseMap(box, (units[0], units[1]), inner, choice, keys)

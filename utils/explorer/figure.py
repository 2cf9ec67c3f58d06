"""A picture of a race plan that is drawn again quickly, as only what differs is drawn."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter
from PIL import Image

from lib.core import schema as c
from lib.core.durations import h_mm
from lib.plan.daylight import dark_sections
from lib.plan.race_plan import RacePlan
from lib.report.chances import round_times_s
from utils.plots.axes import (
    BLUE,
    GREY,
    INK,
    VERMILLION,
    drawn_steps,
    key_above,
    new_axes,
    set_distance_axis,
    set_pace_axis,
)
from utils.plots.course_plots import plot_profile
from utils.plots.curves import distance_km, smoothed, smoothed_pace
from utils.plots.race_plots import station_marks

_SIZE_IN: Final = (10.5, 5.6)
_DPI: Final = 100
_MOST_POINTS: Final = 1_200
_NIGHT: Final = {"color": "#1d2b4a", "alpha": 0.16, "linewidth": 0}
_SPARE: Final = 0.2
_ROOM: Final = 0.45
"""The chance is drawn this far beyond the 80% interval, in widths of it."""


class ExploreFigure:
    """Race plans of one course: profile, pace and heart rate along it, and the chance of a finish.

    What was drawn first stays, in grey, for comparison. Axes are laid out once and only ever grow, so most pictures are
    a few lines over a kept ground.

    Parameters
    ----------
    first : RacePlan
        The plan to begin with, and the measure of the others.
    """

    def __init__(self, first: RacePlan) -> None:
        self.figure = Figure(figsize=_SIZE_IN, dpi=_DPI, layout="constrained")
        self._canvas = FigureCanvasAgg(self.figure)
        parts = self.figure.add_gridspec(3, 2, width_ratios=(2.3, 1.0), height_ratios=(1.3, 1.4, 1.0))
        self.profile, self.pace, self.heart = (self.figure.add_subplot(parts[i, 0]) for i in range(3))
        self.chance = self.figure.add_subplot(parts[:, 1])
        self._km = distance_km(first.plan.columns)
        at = drawn_steps(len(self._km))
        self._at = at[:: -(-at.size // _MOST_POINTS)]
        self._ground: Any = None
        self._held: dict[Axes, np.ndarray] = {}
        self._nights: list[Artist] = []
        marks = station_marks(first)
        plot_profile(first.course.columns, waypoints=marks, ax=self.profile)
        self.pace_line = self._along(self.pace, BLUE, "pace (min/km)\nfaster is up", marks[c.DISTANCE])
        self.heart_line = self._along(self.heart, VERMILLION, "heart rate\n(bpm)", marks[c.DISTANCE])
        for ax in (self.profile, self.pace):
            ax.set_xlabel("")
            ax.tick_params(labelbottom=False)
        self.chance_line, self.finish_line, self.interval = self._dress_chance()
        self.draw(first)
        for ax in (self.pace, self.heart, self.chance):
            grey, now = ax.lines[:2]
            grey.set_data(*now.get_data())
        self._canvas.draw()
        self.figure.set_layout_engine("none")  # laid out: what comes fits in the same place

    def _two_lines(self, ax: Axes, colour: str) -> Line2D:
        """What was at first, which stays, and what is now, which moves: drawn after all that stays."""
        new_axes(ax)
        ax.plot([], [], color=GREY, linewidth=2.0, alpha=0.5, label="at first")
        (line,) = ax.plot([], [], color=colour, linewidth=1.4, label="now", animated=True)
        return line

    def _along(self, ax: Axes, colour: str, label: str, stations_m: np.ndarray) -> Line2D:
        line = self._two_lines(ax, colour)
        for metres in stations_m.tolist():
            ax.axvline(metres / 1000.0, color=INK, linewidth=0.6, linestyle=(0, (3, 2)), alpha=0.6)
        set_distance_axis(ax, self._km)
        ax.set_ylabel(label)
        ax.yaxis.set_major_locator(MaxNLocator(5))
        if ax is self.pace:
            key_above(ax)
        return line

    def _dress_chance(self) -> tuple[Line2D, Line2D, Artist]:
        ax = self.chance
        line = self._two_lines(ax, BLUE)
        finish = ax.axvline(0.0, color=INK, linewidth=1.0, linestyle=":", label="plan", animated=True)
        interval = ax.axvspan(0.0, 1.0, color="#56B4E9", alpha=0.18, linewidth=0, animated=True)
        ax.set_ylim(0.0, 1.0)
        ax.yaxis.set_major_formatter(PercentFormatter(1.0))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda minutes, _: h_mm(minutes * 60)))
        ax.set_xlabel("race time (h:mm)")
        ax.set_ylabel("chance of finishing by then")
        key_above(ax)
        return line, finish, interval

    def _grown(self, ax: Axes, low: float, high: float) -> np.ndarray | None:
        """What these axes have to hold, shape (2,), if that is more than they do."""
        before = self._held.get(ax)
        if before is not None and before[0] <= low and high <= before[1]:
            return None
        if before is not None:
            # More than is needed, or a slider that is dragged would have them laid out at each of its steps.
            room = _SPARE * (high - low)
            low = before[0] if low >= before[0] else low - room
            high = before[1] if high <= before[1] else high + room
        self._held[ax] = np.array([low, high])
        self._ground = None
        return self._held[ax]

    def draw(self, race: RacePlan) -> None:
        """Take a race plan of the same course, to be shown by `png`."""
        table, at = race.plan.columns, self._at
        pace, heart_rate = smoothed_pace(table), smoothed(table[c.HEART_RATE])
        self.pace_line.set_data(self._km[at], pace[at])
        self.heart_line.set_data(self._km[at], heart_rate[at])
        # A few extreme steps may lie outside, as in `set_pace_axis`.
        if (held := self._grown(self.pace, *np.quantile(pace, (0.002, 0.998)))) is not None:
            set_pace_axis(self.pace, held)
        if (held := self._grown(self.heart, heart_rate.min() - 2.0, heart_rate.max() + 2.0)) is not None:
            self.heart.set_ylim(*held)

        low_s, high_s = race.finish_interval_s
        room_s = _ROOM * (high_s - low_s)
        times_s = np.linspace(max(low_s - room_s, 1.0), high_s + room_s, 160)
        self.chance_line.set_data(times_s / 60, race.chance(times_s, np.full(times_s.size, race.course.steps - 1)))
        self.finish_line.set_xdata([race.finish_s / 60] * 2)
        self.interval.set(x=low_s / 60, width=(high_s - low_s) / 60)
        if (held := self._grown(self.chance, times_s[0], times_s[-1])) is not None:
            self.chance.set_xlim(*(held / 60))
            self.chance.set_xticks([s / 60 for s in round_times_s(*held, 4)])
        for night in self._nights:
            night.remove()
        self._nights = self._shade(dark_sections(race))

    def _shade(self, dark: Sequence[tuple[int, int]]) -> list[Artist]:
        return [
            ax.axvspan(first * c.STEP_M / 1000.0, last * c.STEP_M / 1000.0, animated=True, **_NIGHT)
            for first, last in dark
            for ax in (self.profile, self.pace, self.heart)
        ]

    def png(self) -> bytes:
        """What is shown, as a picture."""
        if self._ground is None:
            self._canvas.draw()
            self._ground = self._canvas.copy_from_bbox(self.figure.bbox)
        self._canvas.restore_region(self._ground)
        for artist in (
            *self._nights,
            self.interval,
            self.pace_line,
            self.heart_line,
            self.chance_line,
            self.finish_line,
        ):
            self.figure.draw_artist(artist)
        content = io.BytesIO()
        Image.fromarray(np.asarray(self._canvas.buffer_rgba())[..., :3]).save(content, "png", compress_level=1)
        return content.getvalue()

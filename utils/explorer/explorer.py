"""A widget whose sliders move a race plan, its figures and its legs."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from typing import Any, Final

import ipywidgets as widgets
import pandas as pd

from lib.athlete.bundle import Bundle
from lib.athlete.effort import EFFORTS, USUAL
from lib.athlete.effort import heart_rates as reachable_bpm
from lib.core.durations import h_mm_ss, signed
from lib.core.errors import InputError
from lib.course.course import Course
from lib.inference.cached_backend import recalling
from lib.inference.rollout import Backend
from lib.plan.race_plan import plan_race
from lib.race.config import RaceConfig
from lib.report.compare_tables import dark_share
from lib.report.notes import notes
from lib.report.tables import at, between, legs_table
from utils.explorer.figure import ExploreFigure

BY_HEART_RATE: Final = "heart rate"
MOST_SLIDERS: Final = 10
"""Stations with a slider each; of more, one slider is for all."""
_MOST_STOP_MIN: Final = 45
_CLOCK_MIN: Final = 5
_TEMPERATURES_C: Final = (-5, 35)
_WIDE: Final = {"description_width": "8.5em"}
_LAYOUT: Final = {"width": "26em"}


def heart_rates(bundle: Bundle, course: Course, day: int | None = None) -> tuple[int, int, int]:
    """Lowest mean heart rate that the model can be asked for, the usual one, and the highest (bpm)."""
    low, usual, high = reachable_bpm(bundle, course.columns, day)
    return math.ceil(low + 1e-6), round(usual), math.floor(high - 1e-6)


def clock_of(start: datetime, minutes: int) -> datetime:
    """The day of a start at another time of its clocks; one that they skip is as much later."""
    moved = start.replace(hour=minutes // 60, minute=minutes % 60, second=0, microsecond=0)
    return moved.astimezone(UTC).astimezone(start.tzinfo)


class Explorer(widgets.VBox):
    """Sliders for effort, start, stops and temperature over the plan that they make.

    The network runs once for each effort; all else is worked out anew from what it said. Where no script runs, in a
    rendered report, the plan of the moment is shown as a picture and a table.

    Parameters
    ----------
    course : Course
        What is to be run.
    bundle : Bundle
        The model's bundle, with the athlete profile.
    backend : callable
        Runs the network.
    config : RaceConfig
        What the sliders begin with; without a start there are no clocks and no slider for it. Cut-offs are race times,
        so they move with the start.

    Attributes
    ----------
    race : RacePlan
        The plan that is shown.

    Raises
    ------
    InputError
        If a time is aimed at, as the effort would follow from it; or as `lib.plan.race_plan.plan_race`.
    """

    def __init__(self, course: Course, bundle: Bundle, backend: Backend, config: RaceConfig) -> None:
        if config.goal_s is not None:
            raise InputError("a goal time", "an effort, which the sliders move", "Leave the target open.", "goal")
        self._course, self._bundle, self._backend, self._config = course, bundle, recalling(backend), config
        # By their number: two passes of a place may be equal stations.
        self._sliding = [
            number
            for number, station in enumerate(config.stations)
            if 0 <= station.last_step(course.steps) < course.steps - 1
        ]
        self.race = self._first = plan_race(self._backend, bundle, course, config)
        self._figure = ExploreFigure(self.race)
        self._make_controls()
        self.headline, self.legs, self.said = (widgets.HTML() for _ in range(3))
        self.picture = widgets.Image(format="png", layout={"max_width": "100%"})
        self._show()
        for control in self.controls:
            control.observe(self._moved, "value")
        sliders = [self.effort, widgets.HBox([widgets.VBox(part) for part in self._columns()])]
        super().__init__([*sliders, self.headline, self.said, self.picture, self.legs])

    def _make_controls(self) -> None:
        low, usual, high = heart_rates(self._bundle, self._course, self._config.day)
        asked = self._config.effort
        by_name = asked in (USUAL, *EFFORTS)
        self.effort = widgets.ToggleButtons(
            options=[("as usual", USUAL), *((name, name) for name in EFFORTS), (BY_HEART_RATE, BY_HEART_RATE)],
            value=asked if by_name else BY_HEART_RATE, description="effort", style={"button_width": "8.5em"},
        )  # fmt: skip
        self.heart_rate = widgets.IntSlider(
            value=usual if by_name else round(float(asked)), min=low, max=high, description="mean bpm",
            continuous_update=False, disabled=by_name, style=_WIDE, layout=_LAYOUT,
        )  # fmt: skip
        temperature_c = self._config.conditions.temperature_c
        # Where nothing was said it begins at the usual, which changes nothing.
        begin_c = self._config.conditions.usual_temperature_c if temperature_c is None else temperature_c
        self.temperature = widgets.IntSlider(
            value=round(begin_c), min=min(_TEMPERATURES_C[0], round(begin_c)),
            max=max(_TEMPERATURES_C[1], round(begin_c)), description="temperature °C", style=_WIDE, layout=_LAYOUT,
        )  # fmt: skip
        self.start = None if self._config.start is None else _clock_slider(self._config.start)
        stations = [self._config.stations[number] for number in self._sliding]
        if len(stations) > MOST_SLIDERS:
            self.stops = [_stop_slider("each stop, min", max(s.stop_s for s in stations))]
        else:
            self.stops = [_stop_slider(f"{s.name}, min", s.stop_s) for s in stations]
        self.controls = [self.effort, self.heart_rate, self.temperature, *self.stops]
        if self.start is not None:
            self.controls.append(self.start)

    def _columns(self) -> tuple[list[widgets.Widget], list[widgets.Widget]]:
        left = [self.heart_rate, self.temperature, *([] if self.start is None else [self.start])]
        return left, self.stops

    def config(self) -> RaceConfig:
        """What the sliders say."""
        by_heart_rate = self.effort.value == BY_HEART_RATE
        conditions, temperature_c = self._config.conditions, float(self.temperature.value)
        if temperature_c != round(conditions.usual_temperature_c) or conditions.temperature_c is not None:
            conditions = replace(conditions, temperature_c=temperature_c)
        seconds = [60.0 * slider.value for slider in self.stops]
        if len(seconds) != len(self._sliding):
            seconds = seconds * len(self._sliding)
        stations = list(self._config.stations)
        for number, stop_s in zip(self._sliding, seconds, strict=True):
            stations[number] = replace(stations[number], stop_s=stop_s)
        return replace(
            self._config,
            effort=str(self.heart_rate.value) if by_heart_rate else self.effort.value,
            goal_s=None,
            start=None if self.start is None else clock_of(self._config.start, self.start.value),
            stations=tuple(stations),
            conditions=conditions,
        )

    def _moved(self, _: Mapping[str, Any]) -> None:
        self.heart_rate.disabled = self.effort.value != BY_HEART_RATE
        try:
            self.race = plan_race(self._backend, self._bundle, self._course, self.config())
        except InputError as error:  # the last plan stays
            self.said.value = f"<p><b>{escape(str(error))}</b></p>"
            return
        self._figure.draw(self.race)
        self._show()

    def _show(self) -> None:
        self.headline.value = self._headline()
        self.said.value = "".join(
            f"<p>⚠ {escape(note.text)}</p>" for note in notes(self.race, self._bundle.prior.effort)
        )
        self.picture.value = self._figure.png()
        table = pd.DataFrame(legs_table(self.race)).to_html(index=False, border=0)
        self.legs.value = table.replace("<table", '<table cellpadding="5"', 1)

    def _headline(self) -> str:
        race = self.race
        low_s, high_s = race.finish_interval_s
        change_s = race.finish_s - self._first.finish_s
        parts = [
            f"80% interval {between(race, low_s, high_s)}",
            f"moving {h_mm_ss(race.plan.finish_s)}",
            f"planned stops {race.planned_stop_s / 60:.0f} min",
            f"mean heart rate {race.mean_heart_rate_bpm:.0f} bpm",
        ]
        if race.start is not None:
            parts.insert(0, f"at {at(race, race.finish_s)}")
            parts.append(f"in the dark {dark_share(race):.0%} of the time")
        since = "as at first"
        if abs(change_s) >= 0.5:
            since = f"{signed(change_s)[1:]} {'later' if change_s > 0 else 'earlier'} than at first"
        return (
            f'<p style="margin:.4em 0"><span style="font-size:1.7em;font-weight:600">{h_mm_ss(race.finish_s)}'
            f"</span> &nbsp;{escape(since)}<br>{escape(' · '.join(parts))}</p>"
        )

    def still(self) -> str:
        """The plan of the moment as HTML that needs no script."""
        picture = base64.b64encode(self.picture.value).decode("ascii")
        alt = "Profile, pace and heart rate along the course, and the chance of a finish, as the sliders stand"
        return (
            "<p><em>The sliders move where a kernel runs (make lab); what follows is the plan at their positions when "
            f'this was rendered.</em></p>{self.headline.value}{self.said.value}<img alt="{alt}" '
            f'style="max-width:100%" src="data:image/png;base64,{picture}">{self.legs.value}'
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        return super()._repr_mimebundle_(**kwargs) | {"text/html": self.still()}


def _stop_slider(label: str, seconds: float) -> widgets.IntSlider:
    minutes = round(seconds / 60.0)
    return widgets.IntSlider(
        value=minutes, min=0, max=max(_MOST_STOP_MIN, minutes), description=label, style=_WIDE, layout=_LAYOUT
    )


def _clock_slider(start: datetime) -> widgets.SelectionSlider:
    """Times of a day, five minutes apart, and the start's own."""
    now = start.hour * 60 + start.minute
    minutes = sorted({*range(0, 24 * 60, _CLOCK_MIN), now})
    options = [(f"{m // 60:02d}:{m % 60:02d}", m) for m in minutes]
    return widgets.SelectionSlider(options=options, value=now, description="start", style=_WIDE, layout=_LAYOUT)


def explorer(course: Course, bundle: Bundle, backend: Backend, config: RaceConfig | None = None) -> Explorer:
    """Make the widget; see `Explorer`."""
    return Explorer(course, bundle, backend, config or RaceConfig())

"""The explorer: plan, picture and legs follow its sliders, and the network seldom runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from lib.core.errors import InputError
from lib.plan.race_plan import plan_race
from lib.race.config import RaceConfig, race_config
from lib.race.stations import Station
from tests.support.races import course_of, known_bundle, shipped
from utils.explorer.explorer import BY_HEART_RATE, MOST_SLIDERS, Explorer, clock_of, explorer, heart_rates
from utils.explorer.table import what_if
from utils.notebooks.render import loaded_resources

pytestmark = pytest.mark.slow

NAME = "powell_valley_5km"
PARIS = ZoneInfo("Europe/Paris")


def said(**more: str) -> RaceConfig:
    words = {"start": "2026-06-20T05:30", "zone": "America/New_York", "stations": "2, 4", "stop_min": "1"}
    return race_config(course_of(NAME), **words | more)


def made(config: RaceConfig | None = None) -> Explorer:
    backend, bundle = shipped()
    return explorer(course_of(NAME), bundle, backend, config or said(standing="0"))


def counted() -> tuple[Explorer, Callable[[], int]]:
    backend, bundle = shipped()
    calls: list[int] = []

    def counting(encoder_cont: np.ndarray, decoder_cont: np.ndarray) -> np.ndarray:
        calls.append(1)
        return backend(encoder_cont, decoder_cont)

    return explorer(course_of(NAME), bundle, counting, said(night="no")), lambda: len(calls)


def test_it_begins_with_what_was_said() -> None:
    shown = made()
    backend, bundle = shipped()
    plan = plan_race(backend, bundle, course_of(NAME), said(standing="0"))
    assert shown.race.finish_s == plan.finish_s
    assert (shown.effort.value, shown.start.label, [slider.value for slider in shown.stops]) == (
        "usual",
        "05:30",
        [1, 1],
    )
    assert "as at first" in shown.headline.value
    assert bytes(shown.picture.value[:4]) == b"\x89PNG"


def test_a_stop_moves_the_finish_and_the_legs_by_as_much() -> None:
    shown = made()
    before, picture, legs = shown.race.finish_s, shown.picture.value, shown.legs.value
    shown.stops[0].value = 6
    # Day breaks elsewhere on the way then, and each of 1,000 steps is rounded to 1/1024 s: five sd of their sum.
    assert shown.race.finish_s == pytest.approx(before + 300.0, abs=0.045)
    assert shown.race.config.stations[0].stop_s == 360.0
    assert "5:00 later than at first" in shown.headline.value
    assert "planned stops 7 min" in shown.headline.value
    assert shown.legs.value != legs and "6 min" in shown.legs.value
    assert shown.picture.value != picture


def test_the_start_moves_clocks_and_light_but_no_time_where_the_night_does_not_count() -> None:
    shown = made(said(standing="0", night="no"))
    before = shown.race.finish_s
    dark = shown.headline.value
    shown.start.value = 12 * 60
    assert shown.race.finish_s == before
    assert shown.race.start == datetime(2026, 6, 20, 12, tzinfo=ZoneInfo("America/New_York"))
    assert "at 12:3" in shown.headline.value
    assert "in the dark 0% of the time" in shown.headline.value
    assert "in the dark 0% of the time" not in dark


def test_heat_slows_and_the_usual_temperature_changes_nothing() -> None:
    shown = made()
    before = shown.race.finish_s
    shown.temperature.value = 30
    assert shown.race.finish_s > before
    shown.temperature.value = 15
    assert shown.race.finish_s == before
    assert shown.race.adjusted == ()


def test_daylight_takes_the_time_from_where_the_early_morning_was_dark() -> None:
    shown = made()
    before = shown.race
    shown.start.value = 12 * 60
    half = before.course.steps // 2
    assert 0.97 * before.arrival_s[half] < shown.race.arrival_s[half] < before.arrival_s[half] - 1.0
    assert shown.race.finish_s == pytest.approx(before.finish_s, abs=1.0)  # the level of a short run is that of the day


def test_the_network_runs_once_for_each_effort_and_for_nothing_else_where_the_night_does_not_count() -> None:
    shown, calls = counted()
    once = calls()
    shown.stops[1].value, shown.start.value, shown.temperature.value = 9, 600, 28
    assert calls() == once
    shown.effort.value = "race"
    assert calls() == 2 * once
    shown.effort.value = "usual"
    shown.effort.value = "race"
    assert calls() == 2 * once


def test_a_heart_rate_can_be_asked_for_within_what_the_model_can_say() -> None:
    shown = made()
    low, usual, high = heart_rates(shipped()[1], course_of(NAME))
    assert shown.heart_rate.disabled
    shown.effort.value = BY_HEART_RATE
    assert not shown.heart_rate.disabled
    finishes = []
    for bpm in (low, usual, high):
        shown.heart_rate.value = bpm
        assert shown.race.config.effort == str(bpm)
        assert "<b>" not in shown.said.value  # none is refused
        finishes.append(shown.race.finish_s)
    assert finishes == sorted(finishes, reverse=True)
    assert finishes[0] > 1.1 * finishes[2]


def test_a_heart_rate_may_be_what_it_begins_with() -> None:
    shown = made(said(effort="150"))
    assert (shown.effort.value, shown.heart_rate.value, shown.heart_rate.disabled) == (BY_HEART_RATE, 150, False)


def test_what_is_refused_is_said_and_the_last_plan_stays() -> None:
    shown = made()
    shown.heart_rate.max = 250
    shown.heart_rate.value = 240
    before, picture = shown.race, shown.picture.value
    shown.effort.value = BY_HEART_RATE
    assert "expected usual, easy, steady, race, or a mean heart rate" in shown.said.value
    assert shown.race is before and shown.picture.value == picture
    shown.effort.value = "easy"
    assert "expected" not in shown.said.value


def test_a_target_is_refused_as_the_effort_would_follow_from_it() -> None:
    with pytest.raises(InputError, match="a goal time"):
        made(said(goal="0:40"))


def test_without_a_start_there_is_no_slider_for_it() -> None:
    backend, bundle = shipped()
    shown = explorer(course_of(NAME), bundle, backend)
    assert shown.start is None
    assert shown.stops == []  # nor for stops without stations
    assert "dark" not in shown.headline.value
    shown.effort.value = "race"
    assert "earlier than at first" in shown.headline.value


def test_many_stations_share_one_slider() -> None:
    kilometres = ", ".join(f"{0.4 * (i + 1):.1f}" for i in range(MOST_SLIDERS + 1))
    shown = made(said(stations=kilometres, standing="0"))
    assert [slider.description for slider in shown.stops] == ["each stop, min"]
    before = shown.race.finish_s
    shown.stops[0].value = 3
    # The dark comes as much later in moving time as is stopped before: to a tenth of a second.
    assert shown.race.finish_s == pytest.approx(before + 120.0 * (MOST_SLIDERS + 1), abs=0.1)


def test_stations_at_the_start_and_the_finish_have_no_slider_and_stay() -> None:
    config = replace(said(), stations=(Station("Start", 0.0), Station("Aid", 2000.0), Station("End", 5000.0)))
    shown = made(config)
    assert [slider.description for slider in shown.stops] == ["Aid, min"]
    assert [station.name for station in shown.config().stations] == ["Start", "Aid", "End"]


def test_equal_stations_have_a_stop_each() -> None:
    """A waypoint that is passed twice in the same place may make two equal stations."""
    shown = made(replace(said(standing="0"), stations=(Station("Aid", 2000.0), Station("Aid", 2000.0))))
    before = shown.race.finish_s
    shown.stops[0].value = 4
    shown.stops[1].value = 1
    assert [station.stop_s for station in shown.config().stations] == [240.0, 60.0]
    assert shown.race.finish_s == pytest.approx(before + 300.0, abs=0.01)


def test_names_of_stations_are_text_in_every_place() -> None:
    bad = "<img src=x onerror=alert(1)>"
    shown = made(replace(said(), stations=(Station(bad, 2000.0, cutoff_s=60.0),)))
    for html in (shown.legs.value, shown.said.value, shown.headline.value, shown.still()):
        assert bad not in html
    assert "&lt;img src=x" in shown.legs.value and "&lt;img src=x" in shown.said.value


def test_where_no_script_runs_it_is_a_picture_and_a_table() -> None:
    shown = made()
    shown.stops[0].value = 6
    bundle = shown._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    still = bundle["text/html"]
    assert "5:00 later than at first" in still and "<table" in still and 'alt="Profile' in still
    assert loaded_resources(still) == []


@pytest.mark.parametrize(
    ("minutes", "clock", "offset_h"),
    [(8 * 60, "08:00", 2), (2 * 60 + 30, "03:30", 2), (60, "01:00", 1)],
)
def test_a_time_that_clocks_skip_is_as_much_later(minutes: int, clock: str, offset_h: int) -> None:
    start = datetime(2026, 3, 29, 6, 10, tzinfo=PARIS)  # from 2:00 to 3:00 on that day
    moved = clock_of(start, minutes)
    assert f"{moved:%H:%M}" == clock
    assert moved.utcoffset().total_seconds() == offset_h * 3600


def test_the_start_that_was_said_is_among_those_of_the_slider() -> None:
    assert made(said(start="2026-06-20T05:33")).start.label == "05:33"


def test_each_slider_is_worth_what_it_changes_and_comes_back() -> None:
    shown = explorer(course_of(NAME), known_bundle(), shipped()[0], said(standing="0"))
    before = shown.race.finish_s
    table = what_if(shown)
    assert table["moved"] == [
        "as it stands", "effort: easy", "effort: steady", "effort: race", "10 min more at km 2", "10 min more at km 4",
        "30 °C", "an hour later",
    ]  # fmt: skip
    later = dict(zip(table["moved"], table["later"], strict=True))
    assert later["as it stands"] == later["an hour later"] == "0:00"
    assert later["10 min more at km 2"] == later["10 min more at km 4"] == "+10:00"
    assert later["30 °C"].startswith("+") and later["effort: race"].startswith("-")
    assert shown.race.finish_s == before
    assert [slider.value for slider in shown.stops] == [1, 1]

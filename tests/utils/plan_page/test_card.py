"""The pocket card: what is needed on the way, on two sides at most."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from lib.race.clock import parse_start
from lib.race.stations import Station
from tests.support.browser import Opened, needs_browser, pages_of, parsed, text_of
from tests.support.plans import flat_plan
from tests.support.races import UNHURRIED, race_of
from tests.utils.plan_page.test_page import EVIL, crowded
from utils.notebooks.render import loaded_resources
from utils.plan_page.card import card_page, card_rows, fitted

pytestmark = pytest.mark.slow
START = parse_start("2026-06-20T21:00+02:00")
HUT = Station("Hut", 5_000.0, 300.0, 7_200.0, note="dry socks", crew=True)


def test_a_row_has_clock_window_cut_off_stop_next_leg_and_note() -> None:
    race = race_of(flat_plan(2_000, 3.6), replace(UNHURRIED, stations=(HUT,), start=START, carbs_g_h=50.0))
    start, hut, finish = card_rows(race)
    assert (start.clock, start.then) == ("21:00", "next 5.0 km +0\N{MINUS SIGN}0 m") and start.note.endswith("gels")
    assert hut.clock == "22:00" and "\N{EN DASH}" in hut.window
    assert hut.then.split(" \N{MIDDLE DOT} ")[:2] == ["cut-off 23:00", "stop 5 min"]
    assert hut.then.endswith("next 5.0 km +0\N{MINUS SIGN}0 m") and hut.note.endswith("gels; crew, dry socks")
    assert finish.name == "Finish" and finish.then == ""


def test_the_day_is_said_once() -> None:
    race = race_of(flat_plan(4_000, 3.6), replace(UNHURRIED, start=START))
    assert card_rows(race)[-1].clock == "Sun 01:00" and "Sun" not in card_rows(race)[-1].window[:3]


def test_without_a_start_there_are_race_times() -> None:
    rows = card_rows(race_of(flat_plan(2_000, 3.6), replace(UNHURRIED, stations=(HUT,))))
    assert [row.clock for row in rows] == ["0:00", "1:00", "2:05"] and "cut-off 2:00" in rows[1].then


def test_what_was_run_is_left_out() -> None:
    race = race_of(flat_plan(2_000, 3.6), replace(UNHURRIED, stations=(HUT,)))
    assert [row.name for row in card_rows(replace(race, plan=replace(race.plan, done=1_500)))] == ["Finish"]


def many(number: int, **of_each: object) -> str:
    stations = tuple(Station(f"Number {i} of many", 100.0 * i, **of_each) for i in range(1, number))  # type: ignore[arg-type]
    return card_page(race_of(flat_plan(4_000, 3.6), replace(UNHURRIED, stations=stations, start=START)))


def test_what_matters_least_is_left_out_where_there_is_no_room_and_counted() -> None:
    stations = tuple(Station(f"S{i}", 100.0 * i, cutoff_s=9e4 if i % 5 == 0 else None) for i in range(1, 120))
    rows = card_rows(race_of(flat_plan(4_000), replace(UNHURRIED, stations=stations)))
    kept, points = fitted(rows)
    assert points == 5.6 and len(kept) < len(rows) and kept[0].name == "Start" and kept[-1].name == "Finish"
    assert {f"S{i}" for i in range(5, 120, 5)} <= {row.name for row in kept}
    assert "more on the page of the plan" in text_of(many(150))


def test_it_asks_for_nothing_and_names_are_text() -> None:
    race = race_of(flat_plan(2_000), replace(UNHURRIED, stations=(replace(HUT, name=EVIL[:60], note=EVIL),)))
    html = card_page(replace(race, plan=replace(race.plan, course=replace(race.course, name=EVIL))))
    assert loaded_resources(html) == [] and "script" not in [tag for tag, _ in parsed(html).tags]
    assert EVIL in text_of(html)


@needs_browser
@pytest.mark.parametrize("name", ["crowded", "many", "notes", "few"])
def test_it_prints_on_two_sides_at_most(browser: Browser, tmp_path: Path, name: str) -> None:
    html = {
        "crowded": lambda: card_page(crowded()),
        "many": lambda: many(150),
        "notes": lambda: many(40, note="W" * 120, stop_s=60.0),
        "few": lambda: many(3),
    }[name]()
    found = Opened(browser, html, tmp_path, viewport={"width": 340, "height": 490})
    assert pages_of(found.pdf()) <= (1 if name == "few" else 2)
    found.page.emulate_media(media="print")
    rights = found.page.locator("li div, h1, p").evaluate_all("all => all.map(x => x.scrollWidth - x.clientWidth)")
    assert max(rights[1:]) <= 1
    found.close()

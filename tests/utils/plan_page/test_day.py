"""On the page of a plan a crew enters check-ins: it computes what Python does, and asks nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser

from lib.core import schema as c
from lib.plan.day_table import day_table
from lib.plan.race_plan import RacePlan, plan_race
from lib.plan.splits import legs
from lib.race.check_ins import CheckIn
from lib.race.clock import parse_start
from lib.race.config import RaceConfig
from lib.race.stations import Station
from tests.support.browser import Opened, needs_browser
from tests.support.long_race import BUNDLE, rolling_course, still
from tests.utils.plan_page.test_page import data_of, page_by_hand

pytestmark = needs_browser
COURSE = rolling_course(75.0)
STATIONS = tuple(
    Station(name, km * 1000.0, stop_s=240.0, cutoff_s=None if cutoff is None else 3600.0 * cutoff)
    for name, km, cutoff in (
        ("Ford", 11, None),
        ("Old Mill", 24, 4.5),
        ("Saddle", 38, 7.5),
        ("Hut", 52, 10.5),
        ("Chapel", 64, 13.0),
    )
)
CONFIG = RaceConfig(parse_start("2026-06-20T18:30", "Europe/Paris"), STATIONS, goal_s=13.5 * 3600.0)


@cache
def race() -> RacePlan:
    return plan_race(still, BUNDLE, COURSE, CONFIG)


@cache
def html() -> str:
    return page_by_hand(race())


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Opened]:
    found = Opened(browser, html(), tmp_path, viewport={"width": 390, "height": 844}, color_scheme="dark")
    found.page.click("#day summary")
    yield found
    found.close()


def said(opened: Opened) -> str:
    return opened.page.inner_text("#day-said")


def test_twenty_cases_are_as_python_has_them(opened: Opened) -> None:
    table, rng = day_table(race(), BUNDLE), np.random.default_rng(7)
    stops_s, cutoff_s = table.stop_s, legs(race())[c.CUTOFF]
    for _ in range(20):
        places = np.sort(rng.choice(5, rng.integers(1, 6), replace=False))
        factor, seen = rng.uniform(0.8, 1.3), []
        for k in places.tolist():
            arrived_s = round(float(np.exp(table.log_arrival[5, k])) * factor * rng.uniform(0.98, 1.02))
            left_s = arrived_s + float(rng.integers(60, 900)) if rng.random() < 0.5 else None
            seen.append((k, None if left_s and rng.random() < 0.3 else float(arrived_s), left_s))
        ours = table.ahead(seen)
        by_s = np.maximum(cutoff_s - stops_s, 0.0)[ours.place]
        page = opened.page.evaluate("seen => forecast(seen)", seen)
        assert [row["place"] for row in page] == ours.place.tolist()
        for name in ("low_s", "arrival_s", "high_s"):
            np.testing.assert_allclose([row[name] for row in page], getattr(ours, name), atol=1.0)
        chance = [np.nan if row["chance"] is None else row["chance"] for row in page]
        np.testing.assert_allclose(chance, ours.chances(by_s), atol=2e-3)


def test_the_plan_made_again_says_the_same_as_the_page(opened: Opened) -> None:
    arrived_s = 3.6 * 3600.0
    day = plan_race(still, BUNDLE, COURSE, replace(CONFIG, check_ins=(CheckIn("Old Mill", 24_000.0, arrived_s),)))
    page = opened.page.evaluate("seen => forecast(seen)", [(1, arrived_s, None)])
    assert page[-1]["arrival_s"] == pytest.approx(day.finish_s, abs=1.0)
    table = legs(day)
    assert page[0]["chance"] == pytest.approx(table[c.CHANCE][2], abs=2e-3)
    assert data_of(page_by_hand(day))["day"]["check_ins"] == [[1, arrived_s, None]]


def test_two_taps_change_what_is_ahead_and_it_is_kept_and_undone(opened: Opened) -> None:
    page = opened.page
    assert said(opened) == "Tap a station when the runner is seen there."
    page.click("#day-rows button:has-text('Old Mill')")
    page.click("#day-arrived")  # not on the day of the race: the time is what is expected
    first = said(opened)
    assert first.startswith("Old Mill ") and "Finish Sun " in first and "80% interval" in first
    page.click("#day-rows button:has-text('Saddle')")
    page.fill("#day-time", "01:50")
    page.click("#day-arrived")
    page.click("#day-rows button:has-text('Saddle')")
    page.fill("#day-time", "02:20")
    page.click("#day-left")
    assert said(opened).startswith("Saddle Sun 01:50 to Sun 02:20. Finish Sun ")
    assert "%" in page.inner_text("#day-rows tr:last-child") or page.inner_text("#day-rows tr:nth-child(4)").count("%")
    page.reload()
    assert said(opened).startswith("Saddle Sun 01:50 to Sun 02:20")
    page.click("#day-share")
    shared = page.input_value("#day-text")
    assert shared.startswith("Old Mill ") and ", Saddle Sun 01:50 to Sun 02:20, finish Sun " in shared
    for _ in range(2):
        page.click("#day-undo")
    assert said(opened) == "Tap a station when the runner is seen there."


def test_an_odd_time_is_asked_back_and_one_out_of_order_is_refused(opened: Opened) -> None:
    page = opened.page
    page.click("#day-rows button:has-text('Hut')")
    page.fill("#day-time", "14:00")
    page.click("#day-arrived")
    assert "was expected" in page.inner_text("#day-warning")
    page.fill("#day-time", "nonsense"[:6])
    page.click("#day-arrived")
    assert page.inner_text("#day-warning") == "A time such as 02:31, please."
    page.fill("#day-time", "03:50")
    page.click("#day-arrived")
    assert said(opened).startswith("Hut Sun 03:50")
    page.click("#day-rows button:has-text('Saddle')")
    page.fill("#day-time", "04:10")
    page.click("#day-arrived")
    assert "times rise along the course" in page.inner_text("#day-warning")


def test_the_keyboard_is_enough_and_one_hand_too(opened: Opened) -> None:
    page = opened.page
    page.focus("#day-rows button:has-text('Ford')")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "day-arrived"
    page.keyboard.press("Enter")
    assert said(opened).startswith("Ford ")
    page.click("#day-rows button:has-text('Old Mill')")
    for button in ("#day-arrived", "#day-left"):
        box = page.locator(button).bounding_box()
        assert box is not None and box["height"] >= 44 and box["x"] + box["width"] <= 390
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_it_works_where_nothing_can_be_stored(browser: Browser, tmp_path: Path) -> None:
    found = Opened(browser, "<html></html>", tmp_path)
    found.page.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw new Error('no'); }})")
    Path(tmp_path / "page.html").write_text(html(), encoding="utf-8")
    found.page.goto(found.address)
    found.page.click("#day summary")
    found.page.click("#day-rows button:has-text('Ford')")
    found.page.click("#day-arrived")
    assert said(found).startswith("Ford ")
    found.close()


def test_paper_shows_none_of_it(opened: Opened) -> None:
    opened.page.emulate_media(media="print")
    assert not opened.page.is_visible("#day")

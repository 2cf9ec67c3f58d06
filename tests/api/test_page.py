"""The API's page in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.browser import CHROMIUM, QUIET, needs_browser
from tests.support.served import SHORT, server, small_settings

DASH = "\u2013"
pytestmark = needs_browser


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with server(small_settings(tmp_path_factory.mktemp("model")).model_dir) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1100, "height": 900}, timezone_id="Europe/Paris")
    made = context.new_page()
    made.set_default_timeout(60_000)
    expect.set_options(timeout=60_000)
    asked: list[str] = []
    troubles: list[str] = []
    made.on("request", lambda request: asked.append(request.url))
    made.on("pageerror", lambda error: troubles.append(str(error)))
    # A refused course is an error on the console too, and meant.
    made.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
    made.goto(url)
    yield made
    assert [x for x in asked if not x.startswith((url, "blob:", "data:"))] == []
    assert [text for text in troubles if "422" not in text] == []
    context.close()


def seconds(text: str) -> int:
    hours, minutes, rest = map(int, text.split(":"))
    return hours * 3600 + minutes * 60 + rest


def test_a_course_is_uploaded_read_and_taken_home(page: Page, tmp_path: Path) -> None:
    page.set_input_files("#gpx", SHORT)
    expect(page.locator("#result")).to_be_visible()
    finish_s = seconds(page.inner_text("#finish"))
    low, high = (seconds(text.strip()) for text in page.inner_text("#interval").split(DASH))
    assert 0 < low < finish_s < high
    assert page.locator("#splits tbody tr").count() == 5
    assert page.locator("#splits tbody tr").last.locator("td").nth(2).inner_text() == page.inner_text("#finish")
    with page.expect_download() as downloading:
        page.click("#csv")
    downloading.value.save_as(tmp_path / "plan.csv")
    assert downloading.value.suggested_filename == "powell_valley_5km-trailcast.csv"
    assert pd.read_csv(tmp_path / "plan.csv")["duration_s"].sum() == pytest.approx(finish_s, abs=0.6)
    with page.expect_download() as downloading:
        page.click("#gpx-out")
    downloading.value.save_as(tmp_path / "plan.gpx")
    assert b"<time>" in (tmp_path / "plan.gpx").read_bytes()


def test_figures_and_readout_follow_the_place(page: Page) -> None:
    page.set_input_files("#gpx", SHORT)
    expect(page.locator("#charts svg path.pace")).to_be_visible()
    assert page.locator("#charts svg path").count() > 5
    before = page.inner_text("#readout")
    page.locator("#charts svg").hover(position={"x": 700, "y": 100})
    assert page.inner_text("#readout") != before
    page.focus("#place")
    page.keyboard.press("End")
    assert "km 5.00" in page.inner_text("#readout").replace("\n", " ")
    assert page.get_attribute("#place", "aria-valuetext")


def test_it_works_by_keyboard_alone(page: Page) -> None:
    expect(page.locator("#preset option")).not_to_have_count(1)
    page.focus("#preset")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#result")).to_be_visible()
    page.focus("#effort")
    before = page.inner_text("#finish")
    page.keyboard.press("r")
    expect(page.locator("#finish")).not_to_have_text(before)
    for _ in range(4):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement !== document.body")


def test_stations_and_a_target_make_a_race_of_it(page: Page) -> None:
    page.set_input_files("#gpx", SHORT)
    expect(page.locator("#legs tbody tr")).to_have_count(5)  # its file has waypoints
    page.fill("#stations", "name,km,stop_min,cutoff_after\nHut,2,4,0:01")
    page.fill("#stop", "2")
    page.focus("#effort")
    expect(page.locator("#legs tbody tr")).to_have_count(2)
    assert page.locator("#legs tbody tr").first.locator("td").first.inner_text() == "Hut"
    expect(page.locator("#notes")).to_contain_text("Hut: cut-off 0:01:00")
    moving = seconds(page.inner_text("#finish"))
    assert seconds(page.inner_text("#race")) >= moving + 240
    page.fill("#target", "0:12")
    page.focus("#effort")
    expect(page.locator("#error")).not_to_be_empty()
    minutes = moving // 60 + 5
    page.fill("#target", f"0:{minutes}")
    page.focus("#effort")
    expect(page.locator("#chance")).to_be_visible()
    assert page.inner_text("#race") == f"0:{minutes}:00"


def test_race_results_set_the_level_and_mistakes_are_said(page: Page) -> None:
    page.set_input_files("#gpx", SHORT)
    expect(page.locator("#finish")).not_to_be_empty()
    page.fill("#results", "2300 km, 50 m, 6:41, 2025")
    page.focus("#effort")
    expect(page.locator("#error")).to_contain_text("They look swapped")
    page.fill("#results", "50 km, 2300 m, 6:41, 2025\n20 km, 900 m, 2:12, 2024")
    page.select_option("#effort", "race")
    expect(page.locator("#notes")).to_contain_text("Read: 6:41 for 50 km and 2,300 m, 2025; 2:12 for 20 km")
    expect(page.locator("#error")).to_be_empty()
    expect(page.locator("#notes")).to_contain_text("what would narrow the interval")


def test_a_bad_file_says_what_is_wrong(page: Page, tmp_path: Path) -> None:
    bad = tmp_path / "holiday.gpx"
    bad.write_text("no course")
    page.set_input_files("#gpx", bad)
    expect(page.locator("#error")).to_contain_text("holiday.gpx")
    assert not page.locator("#result").is_visible()
    page.set_input_files("#gpx", SHORT)
    expect(page.locator("#result")).to_be_visible()
    expect(page.locator("#error")).to_be_empty()


def test_without_a_course_it_asks_for_one(page: Page) -> None:
    page.click("#predict")
    expect(page.locator("#error")).to_have_text("Choose a course first.")


def test_names_in_files_are_text_and_nothing_else(page: Page, tmp_path: Path) -> None:
    named = tmp_path / "x.gpx"
    name = "&lt;img src=x onerror=alert(1)&gt;"
    named.write_bytes(SHORT.read_bytes().replace(b"<trk>", f"<trk><name>{name}</name>".encode(), 1))
    page.set_input_files("#gpx", named)
    expect(page.locator("#result")).to_be_visible()
    assert page.locator("#result img").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone(browser: Browser, url: str, scheme: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(url)
    page.set_input_files("#gpx", SHORT)
    expect(page.locator("#result")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()

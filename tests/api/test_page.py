"""Tests of the API's page in a real browser, from an empty page to the files of a plan."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fitdecode import FitReader
from playwright.sync_api import Browser, Download, FrameLocator, Page, expect, sync_playwright

from api.pages import pages
from lib.course.course import load_course
from lib.demo.demo_run import demo_run, recording_bytes
from lib.demo.season import SimulationConfig
from lib.race.options import options_of
from lib.race.stations_csv import stations_from_csv
from tests.support.browser import CHROMIUM, QUIET, needs_browser
from tests.support.served import SHORT, server, small_settings

pytestmark = needs_browser


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with server(small_settings(tmp_path_factory.mktemp("model")).model_dir, workers=1) as address:
        yield address


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder, course = tmp_path_factory.mktemp("recorded"), load_course(SHORT)
    for i in range(2):
        content = recording_bytes(course, demo_run(course, SimulationConfig(), days_after=3 + i))
        (folder / f"run{i}.gpx").write_bytes(content.replace(b"2026-", b"2025-") if i else content)
    (folder / "broken.fit").write_bytes(b"broken")
    return sorted(folder.iterdir())


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


def opened(browser: Browser, url: str, **how: object) -> Iterator[Page]:
    """A page, and at its end: it asked nobody else, nothing failed in it, and no policy was broken."""
    context = browser.new_context(**({"viewport": {"width": 1100, "height": 900}, "timezone_id": "Europe/Paris"} | how))  # type: ignore[arg-type]
    made = context.new_page()
    made.set_default_timeout(90_000)
    expect.set_options(timeout=90_000)
    asked: list[str] = []
    troubles: list[str] = []
    made.on("request", lambda request: asked.append(request.url))
    made.on("pageerror", lambda error: troubles.append(str(error)))
    # A refused request is an error on the console too, and meant.
    made.on("console", lambda said: troubles.append(said.text) if said.type in ("error", "warning") else None)
    made.goto(url)
    yield made
    assert [x for x in asked if not x.startswith((url, "blob:", "data:"))] == []
    assert [text for text in troubles if "422" not in text] == []
    context.close()


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    yield from opened(browser, url)


def choose_course(page: Page, path: Path = SHORT) -> None:
    page.set_input_files("#gpx", path)
    expect(page.locator("#course")).to_be_visible()


def planned(page: Page) -> FrameLocator:
    page.click("#plan")
    expect(page.locator("#result")).to_be_visible()
    frame = page.frame_locator("#frame iframe")
    expect(frame.locator("h1")).to_be_visible()
    return frame


def downloaded(page: Page, selector: str) -> Download:
    with page.expect_download() as downloading:
        page.click(selector)
    return downloading.value


def content_of(download: Download, folder: Path) -> bytes:
    download.save_as(folder / "download")
    return (folder / "download").read_bytes()


def test_from_an_empty_page_to_a_file_for_the_watch(page: Page, recordings: list[Path], tmp_path: Path) -> None:
    choose_course(page)
    expect(page.locator("#course-facts")).to_contain_text("5.0 km")
    assert page.input_value("#zone").startswith("America/")
    page.set_input_files("#recordings", recordings)
    page.fill("#results", "50 km, 2300 m, 6:41, 2025-06-14")
    page.fill("#who", "Zoë")
    page.click("#make-profile")
    expect(page.locator("#profile-card")).to_be_visible()
    expect(page.locator("#profile-facts")).to_contain_text("2 runs and 1 race result")
    expect(page.locator("#make-status")).to_contain_text("2 of 3 files became 2 sessions")
    expect(page.locator("#make-problems")).to_contain_text("1 file with something to say")
    frame = planned(page)
    expect(frame.locator("body")).to_contain_text("2 known runs")
    fit = downloaded(page, "[data-format=fit]")
    assert fit.suggested_filename == "Powell_Valley_5_km_Zoë.fit"
    with FitReader(io.BytesIO(content_of(fit, tmp_path))) as reader:
        names = {message.name for message in reader if message.frame_type == 4}
    assert {"course", "lap", "record"} <= names
    for form, start in (
        ("gpx", b"<?xml"),
        ("ics", b"BEGIN:VCALENDAR"),
        ("html", b"<!DOCTYPE html>"),
        ("legs", b"name,"),
    ):
        assert content_of(downloaded(page, f"[data-format={form}]"), tmp_path).startswith(start)
    # The browser keeps the profile, and nothing else does.
    page.reload()
    expect(page.locator("#profile-name")).to_have_text("Zoë")
    profile = downloaded(page, "#profile-save")
    assert profile.suggested_filename == "Zoë.json"
    kept = content_of(profile, tmp_path)
    assert len(json.loads(kept)["athlete"]["results"]) == 1
    page.click("#profile-forget")
    expect(page.locator("#profile-card")).to_be_hidden()
    assert page.evaluate("localStorage.length") == 0
    page.reload()
    expect(page.locator("#nobody")).to_be_visible()
    # What was downloaded is taken again.
    (tmp_path / "Zoë.json").write_bytes(kept)
    page.set_input_files("#recordings", tmp_path / "Zoë.json")
    expect(page.locator("#profile-name")).to_have_text("Zoë")


def test_stations_are_edited_and_taken_home_as_the_csv_of_the_command(page: Page, tmp_path: Path) -> None:
    choose_course(page)
    rows = page.locator(".station")
    expect(rows).to_have_count(6)  # its file has waypoints
    page.get_by_label("Remove station 6").click()
    page.get_by_label("Name, station 2").fill('Hut "over", the top')
    page.get_by_label("km, station 2").fill("2")
    page.get_by_label("Stop (min), station 2").fill("4")
    page.get_by_label("Cut-off, station 2").fill("07:01")
    page.click("#station-add")
    page.keyboard.type("Tap")
    page.get_by_label("km, station 6").fill("4.5")
    saved = downloaded(page, "#stations-save")
    assert saved.suggested_filename == "stations.csv"
    text = content_of(saved, tmp_path).decode()
    page.fill("#start", "2026-06-20T07:00")
    found = stations_from_csv(text.replace("07:01", ""), load_course(SHORT))
    hut, tap = (next(one for one in found if one.name == name) for name in ('Hut "over", the top', "Tap"))
    assert (hut.distance_m, hut.stop_s, tap.distance_m) == (2_000.0, 240.0, 4_500.0) and len(found) == 6
    frame = planned(page)
    expect(frame.locator("body")).to_contain_text('Hut "over", the top: cut-off')
    page.click("#stations-reset")
    expect(rows).to_have_count(6)
    (tmp_path / "own.csv").write_text("Name;km;drive min\nInn;1,5;20\n")
    page.set_input_files("#stations-read", tmp_path / "own.csv")
    expect(rows).to_have_count(1)
    expect(page.get_by_label("Drive (min), station 1")).to_have_value("20")
    (tmp_path / "own.csv").write_text("who,km\nInn,1\n")
    page.set_input_files("#stations-read", tmp_path / "own.csv")
    expect(page.locator("#stations-error")).to_contain_text("“who”")


def test_laps_are_in_the_course_that_is_shown(page: Page, tmp_path: Path) -> None:
    choose_course(page)
    rows = page.locator("#stations .station")
    once, profile = rows.count(), page.locator("#course-profile path").get_attribute("d")
    page.click("#more summary")
    page.fill("#laps", "3")
    page.press("#laps", "Tab")
    expect(page.locator("#course-facts")).to_contain_text("15.")
    assert rows.count() > 2 * once and page.locator("#course-profile path").get_attribute("d") != profile
    page.fill("#units", "imperial")
    expect(page.locator("#course-facts")).to_contain_text("9.5 mi, ")
    page.fill("#units", "metric")
    page.fill("#stations .station:first-child .name input", "Barn")
    page.fill("#laps", "2")
    page.press("#laps", "Tab")
    expect(page.locator("#course-facts")).to_contain_text("10.1 km")
    assert page.input_value("#stations .station:first-child .name input") == "Barn"  # what was edited stays
    page.fill("#laps", "many")
    page.press("#laps", "Tab")
    expect(page.locator("#error")).to_contain_text("many")
    page.click("#stations-reset")
    assert once < rows.count() < 3 * once
    page.fill("#laps", "2")
    page.press("#laps", "Tab")
    expect(page.locator("#error")).to_be_empty()
    expect(planned(page).locator("body")).to_contain_text("10.14 km")


def test_an_error_leaves_no_old_result(page: Page, tmp_path: Path) -> None:
    choose_course(page)
    planned(page)
    page.fill("#goal", "soon")
    expect(page.locator("#stale")).to_be_visible()
    page.click("#plan")
    expect(page.locator("#error")).to_contain_text("soon")
    assert not page.locator("#result").is_visible() and page.locator("#frame iframe").count() == 0
    page.fill("#goal", "")
    planned(page)
    expect(page.locator("#error")).to_be_empty()
    bad = tmp_path / "holiday.gpx"
    bad.write_text("no course")
    page.set_input_files("#gpx", bad)
    expect(page.locator("#error")).to_contain_text("holiday.gpx")
    assert not page.locator("#result").is_visible() and not page.locator("#course").is_visible()
    page.click("#plan")
    expect(page.locator("#error")).to_have_text("Choose a course first.")


def test_files_are_those_of_the_plan_that_is_shown(page: Page, tmp_path: Path) -> None:
    choose_course(page)
    page.fill("#race", "My race")
    planned(page)
    page.fill("#race", "Another")
    assert downloaded(page, "[data-format=fit]").suggested_filename == "My_race.fit"
    page.fill("#start", "")
    planned(page)
    expect(page.locator("[data-format=gpx]")).to_be_disabled()
    expect(page.locator("[data-format=fit]")).to_be_enabled()


def test_what_makes_no_profile_is_said_and_the_old_one_stays(page: Page, tmp_path: Path) -> None:
    page.click("#make-profile")
    expect(page.locator("#make-error")).to_contain_text("Choose recordings")
    page.fill("#results", "50 km, 2300 m, 6:41, 2025")
    page.click("#make-profile")
    expect(page.locator("#profile-card")).to_be_visible()
    page.click("#make-head")
    page.fill("#results", "2300 km, 50 m, 6:41, 2025")
    page.click("#make-profile")
    expect(page.locator("#make-error")).to_contain_text("They look swapped")
    expect(page.locator("#profile-facts")).to_contain_text("1 race result")
    bad = tmp_path / "a.fit"
    bad.write_bytes(b"x")
    page.fill("#results", "")
    page.set_input_files("#recordings", bad)
    page.click("#make-profile")
    expect(page.locator("#make-error")).to_contain_text("no run")


def test_it_works_by_keyboard_alone(page: Page) -> None:
    expect(page.locator("#preset option")).not_to_have_count(1)
    page.focus("#preset")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#course")).to_be_visible()
    for wanted in ("recordings", "results", "who", "start", "zone", "effort", "goal"):
        for _ in range(30):
            if page.evaluate("document.activeElement.id") == wanted:
                break
            page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == wanted
    page.keyboard.press("Enter")
    expect(page.locator("#result")).to_be_visible()
    assert page.evaluate("document.activeElement.id") == "result-head"


def test_names_in_files_are_text_and_nothing_else(page: Page, tmp_path: Path) -> None:
    named = tmp_path / "x.gpx"
    name = "&lt;img src=x onerror=alert(1)&gt;"
    waypoint = f"<wpt lat='36.3' lon='-84.2'><name>{name}</name></wpt>"
    content = SHORT.read_bytes().replace(b"<trk>", f"{waypoint}<trk><name>{name}</name>".encode(), 1)
    named.write_bytes(content)
    choose_course(page, named)
    expect(page.locator("#course-name")).to_contain_text("<img")
    frame = planned(page)
    expect(frame.locator("h1")).to_contain_text("<img")
    assert page.locator("main img").count() == 0 and frame.locator("img[src=x]").count() == 0


def test_a_plan_reaches_nothing_of_the_page_around_it(page: Page) -> None:
    choose_course(page)
    planned(page)
    frame = page.frames[1]
    assert frame.evaluate("origin") == "null"
    for reach in ("parent.document", "localStorage", "top.location.href"):
        with pytest.raises(Exception, match=r"SecurityError|Blocked|cross-origin"):
            frame.evaluate(f"String({reach})")
    page.evaluate("window.postMessage({height: 5}, '*')")  # of nobody that it listens to
    assert page.evaluate("document.querySelector('#frame iframe').style.height") != "5px"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone(browser: Browser, url: str, scheme: str) -> None:
    how = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "color_scheme": scheme}
    for page in opened(browser, url, **how):
        choose_course(page)
        planned(page)
        page.click("#more summary")
        page.click("#stations-more")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        height = int(re.sub(r"\D", "", page.evaluate("document.querySelector('#frame iframe').style.height")))
        assert height > 1_500  # the whole plan, so that nothing scrolls within the page


def test_the_form_has_every_option_of_the_table() -> None:
    index = pages()["/"].content.decode()
    for option in options_of("api"):
        own = {"gpx": "gpx", "athlete": "recordings", "results": "results", "stations": "stations"}.get(option.name)
        assert f'id="{own or option.name}"' in index
        assert own or f'data-option="{option.name}"' in index
    assert "<!-- " not in index

"""The page of a plan, read by a program and in a real browser."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser

from lib.core import schema as c
from lib.core.durations import h_mm_ss
from lib.plan.moving_plan import plan_from
from lib.plan.race_plan import RacePlan, plan_race
from lib.race.clock import parse_start
from lib.race.config import RaceConfig, race_config
from lib.race.stations import Station
from tests.support.browser import Opened, needs_browser, pages_of, parsed, text_of
from tests.support.plans import BAND, flat_plan, make_course, make_prediction
from tests.support.races import UNHURRIED, course_of, known_bundle, race_of, shipped
from utils.plan_page.figures import Drawn, draw
from utils.plan_page.page import plan_page, readings

AID = (
    "name,km,stop_min,cutoff_after\nFord,{0},2,\nThe Old Mill by the river,{1},5,{2}\n"
    "Saddle,{3},3,{4}\nFinish,{5},,{6}\n"
)
RACES: dict[str, dict[str, str]] = {
    "jacksboro_17_8km": {"stations": AID.format(4, 8, "1:05", 13, "2:10", 17.8, "3:00")},
    "cumberland_50km": {"stations": AID.format(11, 24, "3:00", 38, "6:30", 50, "9:00"), "effort": "race"},
}
EVIL = "</script><script>alert(1)</script>\"'&<img src=x onerror=alert(2)>"


@cache
def race_over(name: str) -> RacePlan:
    course = course_of(name)
    config = race_config(course, start="2026-06-20T04:30", zone="America/New_York", **RACES[name])
    return plan_race(shipped()[0], known_bundle(), course, config)


@cache
def page_of(name: str) -> str:
    return plan_page(race_over(name), known_bundle(), course_sha256="ab" * 32, files=["plan.csv", "plan.gpx"])


def page_by_hand(race: RacePlan) -> str:
    """Page of a race with figures that say nothing: drawing takes most of the time."""
    steps = np.unique(np.linspace(0, race.course.steps - 1, 50).astype(int))
    places = np.column_stack([np.linspace(0.1, 0.9, steps.size)] * 2)
    blank = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 18" width="20" height="18"/>'
    drawn = Drawn(blank, blank, blank, blank, (0.1, 0.9), (0.2, 0.8), steps, places, 1.0)
    return plan_page(race, known_bundle(), drawn=drawn)


def data_of(html: str) -> dict[str, Any]:
    return json.loads(re.search(r'id="data">(.*?)</script>', html, re.S)[1])  # type: ignore[index]


# --- what it says ------------------------------------------------------------------------------------------------
def test_the_page_says_the_race() -> None:
    race, said = race_over("jacksboro_17_8km"), text_of(page_of("jacksboro_17_8km"))
    assert "Jacksboro 17.8 km 17.80 km, 699 m up, 692 m down · start Sat 20 Jun 2026 04:30 EDT" in said
    assert f"finish {h_mm_ss(race.finish_s)}" in said
    for part in ("The Old Mill by the river", "Naismith-Langmuir, a hiker at 5 km/h", "sunrise 06:18", "Every mile"):
        assert part in said
    assert "in the dark km 0.0 to" in said
    assert "an athlete with 15 known runs" in said and "beside this page: plan.csv, plan.gpx" in said
    assert "course abababababab" in said and "nothing in the file had to be repaired" in said


def test_rows_in_which_a_cut_off_is_missed_are_marked() -> None:
    stations = (Station("Early", 2_000.0, 0.0, 100.0), Station("Late", 5_000.0, 0.0, 90_000.0))
    html = page_by_hand(race_of(flat_plan(2_000), replace(UNHURRIED, stations=stations)))
    rows = re.findall(r"<tr( class=\"missed\")?><td>(Early|Late|Finish)</td>", html)
    assert rows == [(' class="missed"', "Early"), ("", "Late"), ("", "Finish")]
    assert "Early: cut-off 0:01:40 comes 12 min before" in text_of(html)


def test_of_many_notes_the_first_are_shown_and_the_rest_counted() -> None:
    stations = tuple(Station(f"S{i}", 1_000.0 * i, 0.0, 10.0 * i) for i in range(1, 10))
    said = text_of(page_by_hand(race_of(flat_plan(2_000), replace(UNHURRIED, stations=stations))))
    assert "S6: cut-off" in said and "S7: cut-off" not in said and "and 3 more" in said
    assert "Notes on this plan" not in text_of(page_by_hand(race_of(flat_plan(2_000))))


def test_a_flat_short_race_without_a_start_has_no_clocks_and_no_climbs() -> None:
    said = text_of(page_by_hand(race_of(flat_plan(120), RaceConfig(), known_bundle())))
    assert "Climbs and descents" not in said and "clock" not in said and "sunrise" not in said
    assert "0.60 km, 0 m up, 0 m down" in said


def test_a_plan_to_a_goal_has_one_chance() -> None:
    race = race_of(flat_plan(2_000), replace(UNHURRIED, goal_s=4_000.0))
    said = text_of(page_by_hand(race))
    assert race.to_a_goal and "goal time 1:06:40 chance of this goal " in said
    assert "Chance of finishing in time" not in said and "80% interval 1:" not in said
    assert "Intervals and chances are those of runners who meet this goal." in said


def test_what_is_done_is_said() -> None:
    race = race_of(flat_plan(2_000))
    race = replace(race, plan=replace(race.plan, done=1_000))
    assert "The first 5.00 km have been run; the rest is predicted from there." in text_of(page_by_hand(race))


def test_readings_are_those_of_their_places() -> None:
    race = race_over("jacksboro_17_8km")
    drawn = draw(race)
    data = readings(race, drawn.places, drawn.steps)
    assert len(data["rows"]) == drawn.steps.size == 500
    when = ["km", "race time", "clock", "80% interval"]
    assert data["names"] == [*when, "altitude", "slope", "pace", "heart rate", "cadence"]
    assert {len(row) for row in data["rows"]} == {3 + len(data["names"])}
    shares = [row[0] for row in data["rows"]]
    assert shares == sorted(shares) and shares[-1] == 1.0
    assert data["rows"][-1][3:5] == ["17.8", h_mm_ss(race.finish_s)]
    at = drawn.steps[250]
    assert data["rows"][250][7] == f"{race.course.columns[c.ALTITUDE][at]:.0f} m"
    assert np.all((drawn.places > 0) & (drawn.places < 1))


# --- what it does not ----------------------------------------------------------------------------------------------
def test_nothing_on_the_page_is_fetched() -> None:
    for tag, attributes in parsed(page_of("jacksboro_17_8km")).tags:
        for name in ("src", "href", "srcset", "action", "data", "poster"):
            assert (attributes.get(name) or "data:").startswith("data:"), (tag, name)
    style = re.search(r"<style>(.*?)</style>", page_of("jacksboro_17_8km"), re.S)[1]  # type: ignore[index]
    assert "url(" not in style and "@import" not in style


def test_only_the_script_of_the_page_may_run() -> None:
    html = page_of("jacksboro_17_8km")
    (policy,) = [a["content"] for tag, a in parsed(html).tags if tag == "meta" and "http-equiv" in a]
    scripts = re.findall(r"<script(?: [^>]*)?>(.*?)</script>", html, re.S)
    assert len(scripts) == 2
    digest = base64.b64encode(hashlib.sha256(scripts[1].encode()).digest()).decode()
    assert policy is not None and policy.startswith("default-src 'none'") and f"script-src 'sha256-{digest}'" in policy


def test_names_are_text() -> None:
    race = race_of(flat_plan(2_000), replace(UNHURRIED, stations=(Station(EVIL[:60], 5_000.0, 0.0, 1.0),)))
    course = replace(race.course, name=EVIL, repairs=(EVIL,))
    html = page_by_hand(replace(race, plan=replace(race.plan, course=course)))
    tags = [tag for tag, _ in parsed(html).tags]
    assert tags.count("script") == 2 and tags.count("img") == 3
    assert EVIL in text_of(html) and data_of(html)["rows"]


# --- in a browser ------------------------------------------------------------------------------------------------
def readout(opened: Opened) -> str:
    return opened.page.inner_text("#readout").replace("\n", " ")


def km(opened: Opened) -> float:
    return float(re.search(r"km ([\d.]+)", readout(opened))[1])  # type: ignore[index]


def number(opened: Opened, selector: str, name: str) -> float:
    return float(opened.page.get_attribute(selector, name) or "nan")


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Opened]:
    found = Opened(browser, page_of("jacksboro_17_8km"), tmp_path)
    yield found
    found.close()


@needs_browser
def test_the_slider_moves_readout_cursor_and_dot(opened: Opened) -> None:
    data = data_of(page_of("jacksboro_17_8km"))
    opened.page.focus("#place")
    opened.page.keyboard.press("End")
    assert km(opened) == 17.8 and "80% interval" in readout(opened)
    assert number(opened, "#cursor", "x1") == number(opened, "#cursor", "x2") == pytest.approx(data["wide"][1])
    assert [number(opened, "#dot", name) for name in ("cx", "cy")] == data["rows"][-1][1:3]
    opened.page.keyboard.press("Home")
    assert km(opened) == 0.0 and number(opened, "#cursor", "x1") == pytest.approx(data["wide"][0], abs=1e-3)
    assert (opened.page.get_attribute("#place", "aria-valuetext") or "").startswith("km 0.0, race time 0:00:0")


@needs_browser
def test_the_pointer_moves_them_over_the_curves_and_over_the_map(opened: Opened) -> None:
    left, right = data_of(page_of("jacksboro_17_8km"))["wide"]
    box = opened.page.locator("#along").bounding_box()
    assert box is not None
    x = box["x"] + box["width"] * (left + 0.5 * (right - left))
    opened.page.mouse.move(x, box["y"] + 60)
    assert km(opened) == pytest.approx(8.9, abs=0.1)
    assert number(opened, "#cursor", "x1") == pytest.approx((left + right) / 2, abs=0.002)
    assert opened.page.input_value("#place") in ("249", "250")
    row = data_of(page_of("jacksboro_17_8km"))["rows"][400]
    opened.page.locator("#map").scroll_into_view_if_needed()
    box = opened.page.locator("#map").bounding_box()
    assert box is not None
    opened.page.mouse.move(box["x"] + row[1] * box["width"], box["y"] + row[2] * box["height"])
    assert abs(int(opened.page.input_value("#place")) - 400) <= 2
    assert number(opened, "#dot", "cx") == pytest.approx(row[1], abs=0.01)


@needs_browser
def test_no_policy_is_broken(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(
        "window.broken = [];document.addEventListener('securitypolicyviolation', e => broken.push(e.violatedDirective))"
    )
    (tmp_path / "plan.html").write_text(page_of("cumberland_50km"), encoding="utf-8")
    page.goto((tmp_path / "plan.html").as_uri())
    page.locator("details.splits").first.locator("summary").click()
    assert page.locator("details.splits").first.locator("tbody tr").count() == 50
    assert page.evaluate("broken") == []
    noticed = page.evaluate(
        "new Promise(done => { document.addEventListener('securitypolicyviolation', e => done(e.violatedDirective));"
        " document.body.append(Object.assign(new Image(), {src: 'https://example.invalid/x.png'})); })"
    )
    assert noticed == "img-src"
    context.close()


@needs_browser
def test_names_are_text_in_a_browser(browser: Browser, tmp_path: Path) -> None:
    race = race_of(flat_plan(2_000), replace(UNHURRIED, stations=(Station(EVIL[:60], 5_000.0),)))
    race = replace(race, plan=replace(race.plan, course=replace(race.course, name=EVIL)))
    found = Opened(browser, page_by_hand(race), tmp_path)
    assert found.page.inner_text("h1") == EVIL
    assert found.page.locator("img").count() == 3
    found.page.focus("#place")
    found.page.keyboard.press("End")
    assert km(found) == 10.0
    found.close()


@needs_browser
def test_without_its_script_all_is_there_but_the_slider(browser: Browser, tmp_path: Path) -> None:
    found = Opened(browser, page_of("jacksboro_17_8km"), tmp_path, java_script_enabled=False)
    assert not found.page.locator("#place").is_visible()
    for selector in ("#along img", "#map img", ".odds img", ".legs", ".climbs", ".rules", ".finish strong"):
        assert found.page.locator(selector).is_visible()
    found.close()


@needs_browser
@pytest.mark.parametrize("name", list(RACES))
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone(browser: Browser, tmp_path: Path, name: str, scheme: str) -> None:
    phone = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "color_scheme": scheme}
    found = Opened(browser, page_of(name), tmp_path, **phone)
    assert found.page.evaluate("document.documentElement.scrollWidth") <= 390
    image = found.page.locator("#along img")
    assert image.evaluate("x => x.complete && x.naturalWidth > 0 && x.naturalHeight > x.naturalWidth")
    found.page.focus("#place")
    found.page.keyboard.press("End")
    assert number(found, "#cursor", "x1") == pytest.approx(data_of(page_of(name))["narrow"][1])
    found.page.set_viewport_size({"width": 1000, "height": 800})
    wide = "(x => x.naturalHeight < x.naturalWidth)(document.querySelector('#along img'))"
    for _ in range(200):  # Playwright's own waiting is what the page's policy forbids
        if found.page.evaluate(wide):
            break
        found.page.wait_for_timeout(25)
    assert found.page.evaluate(wide)
    assert number(found, "#cursor", "x1") == pytest.approx(data_of(page_of(name))["wide"][1])
    found.close()


@needs_browser
@pytest.mark.parametrize("width", [320, 390, 1000])
def test_long_words_break_rather_than_widen_the_page(browser: Browser, tmp_path: Path, width: int) -> None:
    race = crowded()
    course = replace(race.course, name="x" * 120, repairs=("y" * 200,))
    race = replace(race, plan=replace(race.plan, course=course), config=replace(race.config, notes=("z" * 200,)))
    found = Opened(browser, page_by_hand(race), tmp_path, viewport={"width": width, "height": 800})
    assert found.page.evaluate("document.documentElement.scrollWidth") <= width
    found.close()


CONTRASTS = """() => {
  const luminance = colour => {
    const parts = colour.match(/[\\d.]+/g).slice(0, 3).map(x => x / 255)
      .map(x => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4));
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  const paper = luminance(getComputedStyle(document.body).backgroundColor);
  return Object.fromEntries(['body', '.course', '.finish strong', '.finish em', 'dt', '.small', 'td', 'th',
    'tr.missed td', 'summary', '#readout', '#readout b', '.notes li'].map(name => {
      const ink = luminance(getComputedStyle(document.querySelector(name)).color);
      return [name, (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05)];
    }));
}"""


@needs_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_has_contrast(browser: Browser, tmp_path: Path, scheme: str) -> None:
    """4.5 is what WCAG 2.2 asks of text (1.4.3, https://www.w3.org/TR/WCAG22/#contrast-minimum)."""
    early = (Station("Early", 2_000.0, 0.0, 100.0),)
    race = race_of(flat_plan(2_000), replace(UNHURRIED, stations=early, start=parse_start("2026-06-20T05:30+02:00")))
    found = Opened(browser, page_by_hand(race), tmp_path, color_scheme=scheme)
    contrasts = found.page.evaluate(CONTRASTS)
    assert {name: x for name, x in contrasts.items() if x < 4.5} == {}
    dark = found.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (dark == "rgb(23, 25, 27)") == (scheme == "dark")
    found.close()


# --- on paper ----------------------------------------------------------------------------------------------------
def crowded() -> RacePlan:
    """Twenty stations with long names, a dozen of troubles, two nights, heat, and a file full of repairs."""
    steps = 20_000
    at = np.arange(steps)
    course = make_course(1_500.0 + 500 * np.sin(at / 700) + 90 * np.sin(at / 90))
    course = replace(course, name="A grand tour of the mountains", repairs=("12 gaps bridged in a straight line",) * 3)
    rows = "".join(f"Station number {i} of the tour,{4.7 * i:.1f},5,{i if i % 2 else 3 * i}:30\n" for i in range(1, 21))
    config = race_config(
        course, start="2026-08-28T18:00", zone="Europe/Paris", stations="name,km,stop_min,cutoff_after\n" + rows,
        temperature_c="31", usual_altitude_m="200",
    )  # fmt: skip
    plan = plan_from(course, make_prediction(np.full(steps, 5.0)), BAND)
    return race_of(plan, config, known_bundle())


@needs_browser
@pytest.mark.parametrize(("name", "sheets"), [("jacksboro_17_8km", 2), ("cumberland_50km", 3), ("crowded", 3)])
def test_it_prints_on_few_sheets_without_being_cut(browser: Browser, tmp_path: Path, name: str, sheets: int) -> None:
    html = page_by_hand(crowded()) if name == "crowded" else page_of(name)
    found = Opened(browser, html, tmp_path, viewport={"width": 703, "height": 1030})  # A4 within its margins
    assert 1 < pages_of(found.pdf()) <= sheets
    found.page.emulate_media(media="print")
    assert found.page.evaluate("document.documentElement.scrollWidth") <= 703
    assert not found.page.locator("#place").is_visible()
    # Kilometres of a short course are printed; those of a long one only if they were opened.
    shown = found.page.locator("details.splits").first.is_visible()
    assert shown == (name == "jacksboro_17_8km")
    found.close()


@needs_browser
def test_tables_are_never_divided_within_a_row(opened: Opened) -> None:
    opened.page.emulate_media(media="print")
    rows = opened.page.locator("tbody tr").evaluate_all("rows => rows.map(x => getComputedStyle(x).breakInside)")
    assert set(rows) == {"avoid"}
    heads = opened.page.locator("thead").evaluate_all("heads => heads.map(x => getComputedStyle(x).display)")
    assert set(heads) == {"table-header-group"}  # repeated on each sheet


@needs_browser
def test_stations_read_in_order_on_every_screen(opened: Opened) -> None:
    heads = opened.page.locator(".legs thead th").all_inner_texts()
    assert heads[:4] == ["to", "km", "arrival", "clock"]
    places = [opened.page.locator(".legs tbody tr").nth(i).bounding_box() for i in range(4)]
    assert all(a and b and a["y"] < b["y"] for a, b in pairwise(places))

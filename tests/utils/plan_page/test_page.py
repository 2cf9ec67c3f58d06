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
from lib.core.units import IMPERIAL
from lib.course.heat_altitude import Conditions
from lib.plan.moving_plan import plan_from
from lib.plan.race_plan import RacePlan, plan_race
from lib.race.clock import clock_text, parse_start
from lib.race.config import RaceConfig, race_config
from lib.race.stations import Station
from tests.support.browser import Opened, needs_browser, pages_of, parsed, text_of
from tests.support.plans import BAND, flat_plan, make_course, make_prediction
from tests.support.races import UNHURRIED, course_of, known_bundle, race_of, shipped
from utils.plan_page.page import plan_page

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
    return plan_page(race, known_bundle())


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


def test_it_tells_first_what_is_needed_first() -> None:
    heads = re.findall(r"<h2>(.*?)</h2>", page_of("cumberland_50km"))
    assert heads == [
        "Along the course", "Aid stations", "Chance of finishing in time", "Map", "Climbs and descents", "Splits",
        "Where the plan is least certain", "What this plan is based on",
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "most_kb"), [("jacksboro_17_8km", 130), ("cumberland_50km", 190)])
def test_it_is_small(name: str, most_kb: int) -> None:
    assert len(page_of(name).encode()) < 1_000 * most_kb


def test_what_the_plan_is_adjusted_for_stands_in_the_header() -> None:
    config = replace(UNHURRIED, conditions=Conditions(30.0, usual_altitude_m=200.0), carbs_g_h=60.0)
    stations = (Station("Hut", 5_000.0, note="socks", crew=True),)
    course = make_course(np.full(2_000, 1_500.0))
    plan = plan_from(course, make_prediction(np.full(2_000, 3.6)), BAND)
    html = page_by_hand(race_of(plan, replace(config, stations=stations)))
    header = text_of(html.partition("</header>")[0])
    assert "Adjusted Temperature 30 °C instead of the usual 15 °C: +" in header and "Altitude 1500 to 1500 m" in header
    assert "Fuel 60 g of carbohydrate (a gel is 25 g), an hour; from the start " in header
    assert re.search(r'data-label="take on">\d+ gels<', html) and 'data-label="note">crew, socks<' in html


def test_rows_in_which_a_cut_off_is_missed_are_marked() -> None:
    stations = (Station("Early", 2_000.0, 0.0, 100.0), Station("Late", 5_000.0, 0.0, 90_000.0))
    html = page_by_hand(race_of(flat_plan(2_000), replace(UNHURRIED, stations=stations)))
    rows = re.findall(r"<tr( class=\"missed\")?><td data-label=\"to\">(Early|Late|Finish)</td>", html)
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


def test_imperial_units_are_on_all_of_the_page() -> None:
    race = race_over("jacksboro_17_8km")
    metric, imperial = race, replace(race, config=replace(race.config, units=IMPERIAL))
    said = text_of(page_by_hand(imperial)).partition("Rules of thumb")[0].replace(race.course.name, "")
    metres = race.course.steps * c.STEP_M
    assert f"{metres / 1609.344:.2f} mi, {race.course.climb_m / 0.3048:.0f} ft up" in said
    assert "min/mi" in said and "altitude (ft)" in said and "up / down (ft)" in said
    assert not re.search(r"\d km\b|min/km|\(m\)|Every kilometre", said)
    assert re.search(r"\d km\b.*min/km.*\(m\)", text_of(page_by_hand(metric)), re.DOTALL)
    assert data_of(page_by_hand(imperial))["units"]["long_m"] == 1609.344


def test_what_is_done_is_said() -> None:
    race = race_of(flat_plan(2_000))
    race = replace(race, plan=replace(race.plan, done=1_000))
    assert "The first 5.00 km have been run; the rest is predicted from there." in text_of(page_by_hand(race))


# --- what it does not ----------------------------------------------------------------------------------------------
def test_nothing_on_the_page_is_fetched() -> None:
    for tag, attributes in parsed(page_of("jacksboro_17_8km")).tags:
        for name in ("src", "srcset", "action", "data", "poster"):
            assert name not in attributes, (tag, name)
        assert tag == "a" or "href" not in attributes
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
    assert tags.count("script") == 2 and tags.count("img") == 0
    assert EVIL in text_of(html) and data_of(html)["places"]


# --- in a browser ------------------------------------------------------------------------------------------------
def readout(opened: Opened) -> str:
    return opened.page.inner_text("#readout").replace("\n", " ")


def km(opened: Opened) -> float:
    return float(re.search(r"km ([\d.]+)", readout(opened))[1])  # type: ignore[index]


def cursors(opened: Opened) -> set[float]:
    """Where the cursors of the charts are, as shares of their width."""
    found = opened.page.locator(".cursor").evaluate_all("lines => lines.map(x => x.getAttribute('x1'))")
    return {float(x.rstrip("%")) / 100.0 for x in found}


def dot(opened: Opened) -> list[float]:
    style = opened.page.get_attribute("#dot", "style") or ""
    return [float(x) for x in re.findall(r": ?(-?[\d.]+)px", style)]


def summed(html: str, name: str) -> np.ndarray:
    return np.cumsum(data_of(html)["places"][name])


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Opened]:
    found = Opened(browser, page_of("jacksboro_17_8km"), tmp_path)
    yield found
    found.close()


@needs_browser
def test_the_slider_moves_readout_cursor_and_dot(opened: Opened) -> None:
    html = page_of("jacksboro_17_8km")
    opened.page.focus("#place")
    opened.page.keyboard.press("End")
    assert km(opened) == 17.8 and "80% interval" in readout(opened)
    assert cursors(opened) == {1.0}
    assert dot(opened) == [summed(html, "x")[-1], summed(html, "y")[-1]]
    opened.page.keyboard.press("Home")
    assert km(opened) == 0.0 and min(cursors(opened)) == max(cursors(opened)) == pytest.approx(5 / 17_800, abs=1e-6)
    assert (opened.page.get_attribute("#place", "aria-valuetext") or "").startswith("km 0.0, race time 0:00:0")


@needs_browser
def test_the_pointer_moves_them_over_the_curves_and_over_the_map(opened: Opened) -> None:
    html = page_of("jacksboro_17_8km")
    box = opened.page.locator("svg[data-follows]").first.bounding_box()
    assert box is not None
    opened.page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 60)
    assert km(opened) == pytest.approx(8.9, abs=0.1)
    assert min(cursors(opened)) == max(cursors(opened)) == pytest.approx(0.5, abs=0.002)
    assert opened.page.input_value("#place") == "250"
    opened.page.locator("#map").scroll_into_view_if_needed()
    number = int(0.7 * summed(html, "x").size)
    x, y = (float(summed(html, name)[number]) for name in "xy")
    place = opened.page.evaluate(
        "([x, y]) => { const p = new DOMPoint(x, y).matrixTransform(drawing.getScreenCTM()); return [p.x, p.y]; }",
        [x, y],
    )
    opened.page.mouse.move(*place)
    assert dot(opened) == pytest.approx([x, y], abs=60)


@needs_browser
@pytest.mark.parametrize("name", list(RACES))
def test_what_it_tells_at_a_place_is_the_plan_s(browser: Browser, tmp_path: Path, name: str) -> None:
    race = race_over(name)
    found = Opened(browser, page_of(name), tmp_path)
    low_s, high_s = race.step_interval_s
    for step in np.random.default_rng(3).integers(0, race.course.steps, 25).tolist():
        told = dict(found.page.evaluate("step => reading(step)", step))
        arrival_s = found.page.evaluate("step => at(step)('arrival_s')", step)
        assert arrival_s == pytest.approx(race.arrival_s[step], abs=6.0)
        assert told["race time"] == h_mm_ss(arrival_s)
        assert race.start is not None
        clocks = [clock_text(race.start, s) for s in np.linspace(arrival_s - 1.0, arrival_s + 1.0, 3)]
        assert told["clock"] in clocks
        assert float(told["altitude"].split()[0]) == pytest.approx(race.course.columns[c.ALTITUDE][step], abs=3.0)
        early, late = (
            found.page.evaluate("([step, name]) => at(step)(name)", [step, n]) for n in ("early_s", "late_s")
        )
        assert arrival_s - early == pytest.approx(low_s[step], abs=37.0)
        assert arrival_s + late == pytest.approx(high_s[step], abs=37.0)
    found.close()


@needs_browser
def test_clocks_that_change_on_the_way_are_told_as_they_are(browser: Browser, tmp_path: Path) -> None:
    start = parse_start("2026-10-24T22:00", "Europe/Paris")
    race = race_of(flat_plan(8_000, 4.0), replace(UNHURRIED, start=start))
    found = Opened(browser, page_by_hand(race), tmp_path)
    for seconds in (0.0, 3_600.0, 17_999.0, 18_001.0, 30_000.0):
        assert found.page.evaluate("s => told(s)", seconds) == clock_text(start, seconds)
    assert [x[1] for x in data_of(page_by_hand(race))["clock"]["offsets"]] == [7_200.0, 3_600.0]
    found.close()


def seen(opened: Opened) -> list[tuple[float, float]]:
    """First and last kilometre of 17.8 that each chart shows."""
    boxes = opened.page.locator("svg[data-follows] > svg[viewBox]").evaluate_all(
        "all => all.map(x => x.getAttribute('viewBox').split(' ').map(Number))"
    )
    return [(17.8 * x / 10_000, 17.8 * (x + wide) / 10_000) for x, _, wide, _ in boxes]


def ticks(opened: Opened) -> list[str]:
    return opened.page.locator("svg[data-follows]").first.locator(".x:visible").all_text_contents()


@needs_browser
def test_charts_along_the_course_zoom_together(opened: Opened) -> None:
    whole = ticks(opened)
    box = opened.page.locator("svg[data-follows]").first.bounding_box()
    assert box is not None and seen(opened) == [(0.0, 17.8)] * 4

    def at(share: float) -> tuple[float, float]:
        return box["x"] + share * box["width"], box["y"] + 60

    opened.page.mouse.move(*at(0.25))
    opened.page.mouse.down()
    opened.page.mouse.move(*at(0.5), steps=3)
    assert opened.page.locator(".chosen").count() == 1
    opened.page.mouse.up()
    (first, last), *others = seen(opened)
    assert (first, last) == pytest.approx((4.45, 8.9), abs=0.05) and set(others) == {(first, last)}
    assert ticks(opened) == [f"{x / 2:g} km" for x in range(9, 18)] and opened.page.locator(".chosen").count() == 0
    # The pointer tells the place that is seen under it, and the cursor is there.
    opened.page.mouse.move(*at(0.5))
    assert km(opened) == pytest.approx(6.7, abs=0.1)
    assert min(cursors(opened)) == max(cursors(opened)) == pytest.approx(0.5, abs=0.003)
    # What the slider goes to comes into sight.
    opened.page.keyboard.press("End")
    assert seen(opened)[0] == pytest.approx((17.8 - (last - first), 17.8), abs=0.01) and cursors(opened) == {1.0}
    opened.page.keyboard.press("+")
    assert seen(opened)[0][1] - seen(opened)[0][0] == pytest.approx((last - first) / 2, abs=0.01)
    opened.page.mouse.wheel(0, 200)
    opened.page.wait_for_function("seen.to - seen.from > 0.13")
    opened.page.keyboard.press("0")
    assert seen(opened) == [(0.0, 17.8)] * 4 and ticks(opened) == whole
    opened.page.click("#near")
    opened.page.click("#near")
    assert seen(opened)[0][1] - seen(opened)[0][0] == pytest.approx(17.8 / 4, abs=0.01)
    opened.page.mouse.dblclick(*at(0.3))
    assert seen(opened)[0] == (0.0, 17.8)


@needs_browser
def test_charts_zoom_by_two_fingers_and_move_by_one(opened: Opened) -> None:
    opened.page.evaluate(
        """() => {
          const chart = document.querySelector("svg[data-follows]"), box = chart.getBoundingClientRect();
          window.touch = (kind, pointerId, share) => chart.dispatchEvent(new PointerEvent(kind, {
            pointerId, pointerType: "touch", clientX: box.left + share * box.width, clientY: box.top + 50 }));
          touch("pointerdown", 1, 0.4);
          touch("pointerdown", 2, 0.6);
          touch("pointermove", 1, 0.3);
          touch("pointermove", 2, 0.7);
          touch("pointerup", 2, 0.7);
        }"""
    )
    first, last = seen(opened)[0]
    assert last - first == pytest.approx(8.9, abs=0.2) and (first + last) / 2 == pytest.approx(8.9, abs=0.5)
    opened.page.evaluate("() => { touch('pointermove', 1, 0.2); touch('pointerup', 1, 0.2); }")
    assert seen(opened)[0][0] == pytest.approx(first + 0.89, abs=0.1)


@needs_browser
def test_a_page_that_is_printed_shows_the_whole_course(opened: Opened) -> None:
    opened.page.click("#near")
    assert seen(opened)[0] != (0.0, 17.8)
    opened.pdf()
    opened.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert seen(opened)[0] == (0.0, 17.8)


@needs_browser
def test_heart_rate_and_cadence_fold_out(opened: Opened) -> None:
    assert not opened.page.locator("#body .plot").first.is_visible() and "bpm" not in readout(opened)
    opened.page.click("#body summary")
    assert opened.page.locator("#body .plot").count() == 2 and "bpm" in readout(opened) and "spm" in readout(opened)


@needs_browser
def test_the_map_zooms_and_pans_by_buttons_keys_wheel_and_drag(opened: Opened) -> None:
    def view() -> list[float]:
        return [float(x) for x in (opened.page.get_attribute("#map > svg", "viewBox") or "").split()]

    home = view()
    opened.page.click("#map-in")
    assert view()[2] == pytest.approx(0.7 * home[2], abs=0.2)
    opened.page.focus("#map > svg")
    opened.page.keyboard.press("+")
    nearer = view()
    assert nearer[2] == pytest.approx(0.49 * home[2], abs=0.2)
    opened.page.keyboard.press("ArrowRight")
    assert view()[0] == pytest.approx(nearer[0] + nearer[2] / 8, abs=0.2)
    box = opened.page.locator("#map > svg").bounding_box()
    assert box is not None
    opened.page.mouse.move(box["x"] + 300, box["y"] + 200)
    before = view()
    opened.page.mouse.wheel(0, -300)
    opened.page.wait_for_timeout(50)
    assert view()[2] < before[2]
    before = view()
    opened.page.mouse.down()
    opened.page.mouse.move(box["x"] + 360, box["y"] + 200, steps=4)
    opened.page.mouse.up()
    assert view()[0] < before[0]
    opened.page.click("#map-whole")
    assert view() == home


@needs_browser
def test_the_map_is_coloured_by_what_is_chosen(opened: Opened) -> None:
    def shown() -> list[str]:
        groups = opened.page.locator("#map svg > g[class^=by-]")
        return [groups.nth(i).get_attribute("class") or "" for i in range(groups.count()) if groups.nth(i).is_visible()]

    assert shown() == ["by-slope"]
    for name in ("pace", "night", "slope"):
        opened.page.click(f"label[for=map-{name}]")
        assert shown() == [f"by-{name}"] and opened.page.locator(f".key.by-{name}").is_visible()


def test_each_station_links_to_a_public_map() -> None:
    links = [a for tag, a in parsed(page_of("jacksboro_17_8km")).tags if tag == "a"]
    names = [(link["aria-label"] or "").rpartition(" on a public map")[0] for link in links]
    assert [name.split(" 0")[0].strip(",") for name in names] == [
        "start, finish", "Ford", "The Old Mill by t…", "Saddle",
    ]  # fmt: skip
    assert all((a["href"] or "").startswith("https://www.openstreetmap.org/?mlat=36.") for a in links)
    assert all(a["rel"] == "noreferrer" for a in links)


@needs_browser
def test_no_policy_is_broken(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(
        "window.broken = [];document.addEventListener('securitypolicyviolation', e => broken.push(e.violatedDirective))"
    )
    (tmp_path / "plan.html").write_text(page_of("cumberland_50km"), encoding="utf-8")
    page.goto((tmp_path / "plan.html").as_uri())
    page.locator("details.splits").nth(1).locator("summary").click()
    assert page.locator("details.splits").nth(1).locator("tbody tr").count() == 50
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
    assert found.page.locator("img").count() == 0
    found.page.focus("#place")
    found.page.keyboard.press("End")
    assert km(found) == 10.0
    found.close()


@needs_browser
def test_without_its_script_all_is_there_but_the_slider(browser: Browser, tmp_path: Path) -> None:
    found = Opened(browser, page_of("jacksboro_17_8km"), tmp_path, java_script_enabled=False)
    assert not found.page.locator("#place").is_visible()
    for selector in (".profile .plot", "#map svg", ".odds .plot", ".legs", ".climbs", ".rules", ".finish strong"):
        assert found.page.locator(selector).is_visible()
    found.close()


@needs_browser
@pytest.mark.parametrize("name", list(RACES))
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone(browser: Browser, tmp_path: Path, name: str, scheme: str) -> None:
    phone = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "color_scheme": scheme}
    found = Opened(browser, page_of(name), tmp_path, **phone)
    assert found.page.evaluate("document.documentElement.scrollWidth") <= 390
    for plot in found.page.locator(".plot:visible").all():
        box = plot.bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 390
    # Every word of the charts stands within the screen.
    ends = found.page.locator(".plot text:visible").evaluate_all("all => all.map(x => x.getBoundingClientRect().right)")
    assert max(ends) <= 390
    starts = found.page.locator(".plot text:visible").evaluate_all("all => all.map(x => x.getBoundingClientRect().x)")
    assert min(starts) >= 0
    # Stations are cards: nothing of them lies beyond the screen.
    cells = found.page.locator(".legs td:visible").evaluate_all("all => all.map(x => x.getBoundingClientRect().right)")
    assert max(cells) <= 390
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
    shown = found.page.locator("details.splits").nth(1).is_visible()
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

"""The page of a plan beside the run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser

from lib.core.errors import InputError
from lib.core.units import IMPERIAL
from lib.plan.review import Review
from lib.race.config import RaceConfig
from lib.race.stations import Station
from tests.support.browser import Opened, metric_lengths, needs_browser, pages_of, parsed, text_of
from tests.support.races import shipped
from tests.support.reviewed import ran, review_of, stops_at
from utils.notebooks.render import loaded_resources
from utils.plan_page.review_charts import lost_chart, splits_chart
from utils.plan_page.review_page import review_page, write_review

pytestmark = pytest.mark.slow

STEPS = 900
EVEN = np.full(STEPS, 2.0)
HILLS = 100.0 + 60.0 * np.sin(np.arange(STEPS) / 60.0)
AID = RaceConfig(standing_s=0.0, stations=(Station("Hut <b>", 2_000.0, 60.0),))
EVIL = "</script><script>alert(1)</script>"


def reviewed() -> Review:
    run = ran(1.1 * EVEN, stop_s=stops_at(STEPS, at_400=90.0))
    review = review_of(EVEN, run, AID, HILLS)
    course = replace(review.race.course, name=EVIL)
    return replace(review, race=replace(review.race, plan=replace(review.race.plan, course=course)))


@pytest.fixture(scope="module")
def html() -> str:
    return review_page(reviewed(), shipped()[1], course_sha256="ab" * 32)


def test_it_shows_plan_and_run(html: str) -> None:
    said = text_of(html)
    assert "race time 0:34:30" in said and "planned 0:31:00" in said and "+3:30 (+11.3%)" in said
    assert "moving time 0:33:00 +3:00 (+10.0%)" in said
    assert "Hut <b>" in said and "course abababababab" in said and EVIL in said


def test_imperial_units_are_on_all_of_the_page(html: str) -> None:
    run = ran(1.1 * EVEN, stop_s=stops_at(STEPS, at_400=90.0))
    said = text_of(review_page(review_of(EVEN, run, replace(AID, units=IMPERIAL), HILLS), shipped()[1]))
    assert said.count("Every mile") == 1 and "to mile" in said and "lost in the mile" in said and "2.80 mi" in said
    # A mile of steps of 2 s, and of 2.2 s.
    assert "planned (min/mi)" in said and " 10:44 " in said and " 11:48 " in said
    assert metric_lengths(said) == [] and len(metric_lengths(text_of(html))) > 5


def test_axes_of_differences_fit_what_was_lost() -> None:
    steps = 4_000
    for slower, unit, tick in ((1.1, "min:s", "+15:00"), (1.6, "h:mm", "+1:00")):
        review = review_of(np.full(steps, 2.0), ran(np.full(steps, 2.0 * slower)))
        lost = lost_chart(review)
        assert lost.y.name == f"lost against the plan ({unit})" and tick in [text for _, text in lost.y.wide]
        assert lost.y.low <= 0.0 and lost.y.high >= review.race_gap_s.max()
        assert splits_chart(review).y.name == "lost in the kilometre, moving (min:s)"


def test_a_page_without_a_script_allows_none_and_requests_nothing(html: str) -> None:
    assert loaded_resources(html) == []
    tags = parsed(html).tags
    assert "script" not in [tag for tag, _ in tags]
    (policy,) = [a["content"] for tag, a in tags if tag == "meta" and "http-equiv" in a]
    assert policy is not None and policy.startswith("default-src 'none'") and "script-src" not in policy


def test_a_run_of_less_than_a_kilometre_has_a_page() -> None:
    run = ran(EVEN[:100], of=STEPS, heart_rate=np.nan, cadence=np.nan)
    said = text_of(review_page(review_of(EVEN, run), shipped()[1]))
    assert "the recording ends at km 0.50" in said and "No stop of 15 seconds or more" in said


def test_it_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    (page,) = write_review(reviewed(), shipped()[1], tmp_path / "new", "run")
    assert page == tmp_path / "new" / "run_review.html" and page.read_text(encoding="utf-8").endswith("</html>")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError):
        write_review(reviewed(), shipped()[1], tmp_path / "file", "run")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["run_review.html"]


@needs_browser
@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (390, "dark"), (1000, "light")])
def test_it_fits_the_screen(browser: Browser, tmp_path: Path, html: str, width: int, scheme: str) -> None:
    found = Opened(browser, html, tmp_path, viewport={"width": width, "height": 800}, color_scheme=scheme)
    assert found.page.evaluate("document.documentElement.scrollWidth") <= width
    ends = found.page.locator(".plot text:visible").evaluate_all("all => all.map(x => x.getBoundingClientRect().right)")
    assert max(ends) <= width
    found.close()


@needs_browser
def test_it_prints(browser: Browser, tmp_path: Path, html: str) -> None:
    found = Opened(browser, html, tmp_path, viewport={"width": 703, "height": 1030})
    assert pages_of(found.pdf()) == 2
    found.close()

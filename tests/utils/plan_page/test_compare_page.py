"""The page of variants of a race over one another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser

from lib.core.errors import InputError
from lib.core.units import IMPERIAL
from lib.plan.compare import Variant
from lib.plan.moving_plan import plan_from
from lib.race.clock import parse_start
from lib.race.config import RaceConfig
from lib.race.stations import Station
from tests.support.browser import Opened, metric_lengths, needs_browser, pages_of, parsed, text_of
from tests.support.plans import BAND, make_course, make_prediction
from tests.support.races import UNHURRIED, race_of, shipped
from utils.notebooks.render import loaded_resources
from utils.plan_page.compare_page import compare_page, write_compare

pytestmark = pytest.mark.slow

AID = replace(UNHURRIED, stations=(Station("Hut & <b>", 1_000.0, 60.0),))


def variant(label: str, step_s: float, config: RaceConfig = AID) -> Variant:
    course = make_course(100.0 + 20.0 * np.sin(np.arange(800) / 40.0))
    return Variant(label, race_of(plan_from(course, make_prediction(np.full(800, step_s)), BAND), config))


@pytest.fixture(scope="module")
def html() -> str:
    clocked = replace(AID, start=parse_start("2026-06-20T17:50+00:00"))
    return compare_page([variant("easy <i>", 2.5, clocked), variant("race", 2.0, clocked)], shipped()[1])


def test_it_shows_the_variants_and_what_sets_them_apart(html: str) -> None:
    said = text_of(html)
    assert "easy <i>" in said and "Hut & <b>" in said and "On the clock" in said
    assert "-6:40" in said  # 800 steps, half a second each
    assert loaded_resources(html) == [] and "script" not in [tag for tag, _ in parsed(html).tags]


def test_imperial_units_are_on_all_of_the_page(html: str) -> None:
    clocked = replace(AID, start=parse_start("2026-06-20T17:50+00:00"), units=IMPERIAL)
    said = text_of(compare_page([variant("easy", 2.5, clocked), variant("race", 2.0, clocked)], shipped()[1]))
    assert "2.49 mi, " in said and " ft up" in said and "pace (min/mi) " in said and "altitude (ft)" in said
    assert " 10:44 " in said and "distance (mi)" in said and "pace (min/mi, faster is up), mean over 328 ft" in said
    assert metric_lengths(said) == [] and len(metric_lengths(text_of(html))) > 5


def test_without_starts_there_are_no_clocks() -> None:
    said = text_of(compare_page([variant("easy", 2.5), variant("race", 2.0)], shipped()[1], 1_800.0))
    assert "On the clock" not in said and "under 0:30" in said and "Race times; in brackets" in said


def test_a_plan_to_a_goal_has_no_chance_of_its_own() -> None:
    to_a_goal = variant("swift", 2.0, replace(AID, goal_s=1_800.0))
    assert to_a_goal.race.to_a_goal
    both = compare_page([variant("easy", 2.5), to_a_goal], shipped()[1], 2_000.0)
    section = both[both.index("Chance of finishing in time") :]
    section = section[: section.index("</section>")]
    assert "easy" in section and "swift" not in section
    assert "swift" in text_of(both)
    alone = compare_page([to_a_goal, variant("0:31", 2.1, replace(AID, goal_s=1_860.0))], shipped()[1])
    assert "Chance of finishing in time" not in text_of(alone)


def test_it_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    found = [variant("easy", 2.5), variant("race", 2.0)]
    (page,) = write_compare(found, shipped()[1], tmp_path / "new", "course")
    assert page == tmp_path / "new" / "course_compared.html"
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError):
        write_compare(found, shipped()[1], tmp_path / "file", "course")


@needs_browser
@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (390, "dark"), (1000, "light")])
def test_it_fits_the_screen(browser: Browser, tmp_path: Path, html: str, width: int, scheme: str) -> None:
    found = Opened(browser, html, tmp_path, viewport={"width": width, "height": 800}, color_scheme=scheme)
    assert found.page.evaluate("document.documentElement.scrollWidth") <= width
    found.close()


@needs_browser
def test_it_prints(browser: Browser, tmp_path: Path, html: str) -> None:
    found = Opened(browser, html, tmp_path, viewport={"width": 703, "height": 1030})
    assert 1 <= pages_of(found.pdf()) <= 2
    found.close()

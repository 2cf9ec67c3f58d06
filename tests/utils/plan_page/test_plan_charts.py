"""The charts of plans, comparisons and reviews: each curve lies where its numbers are."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from lib.athlete.pacing_law import Strategy
from lib.core import schema as c
from lib.course.slope_classes import GROUNDS
from lib.plan.compare import Variant, gap_s
from lib.plan.moving_plan import plan_from
from lib.plan.race_plan import RacePlan
from lib.race.clock import parse_start
from lib.race.stations import Station
from tests.support.plans import BAND, flat_plan, make_course, make_prediction
from tests.support.races import UNHURRIED, placed, race_of
from tests.support.reviewed import ran, review_of, stops_at
from utils.plan_page import compare_charts, review_charts
from utils.plan_page.chart import Chart
from utils.plan_page.course_map import course_map
from utils.plan_page.images import map_svg, profile_svg
from utils.plan_page.plan_charts import body_charts, chance_chart, fading_chart, pace_chart, profile_chart

HILLS = 500.0 + 100.0 * np.sin(np.arange(2_000) / 100.0)
NIGHT = parse_start("2026-06-20T23:00+00:00")


def hilly(**config: object) -> RacePlan:
    duration_s = np.where(np.arange(2_000) < 1_000, 2.0, 3.0)
    plan = plan_from(make_course(HILLS), make_prediction(duration_s), BAND)
    stations = (Station("Hut & <b>", 5_000.0, 60.0), Station("A name that is far too long", 7_000.0))
    return race_of(plan, replace(UNHURRIED, **({"stations": stations} | config)))  # type: ignore[arg-type]


def curve(chart: Chart, kind: str) -> np.ndarray:
    """Points of the first line of a class, in values of the axes."""
    data = next(found for found in chart.drawn if f'class="line {kind}"' in found)
    numbers = np.array([int(x) for x in re.findall(r"-?\d+", data.partition('d="')[2])]).reshape(-1, 2)
    units, (x, y) = np.cumsum(numbers, axis=0), (chart.x, chart.y)
    return np.column_stack([
        x.low + units[:, 0] / 10_000 * (x.high - x.low), y.low + (1 - units[:, 1] / 1_000) * (y.high - y.low),
    ])  # fmt: skip


def shaded(chart: Chart, kind: str) -> list[tuple[float, float]]:
    """Ends of what is shaded, in values of the x axis."""
    found = [re.search(r"M(\d+) 0h(\d+)", text) for text in chart.drawn if f'class="fill {kind}"' in text]
    span = chart.x.high - chart.x.low
    return [(int(x[1]) * span / 1e4, (int(x[1]) + int(x[2])) * span / 1e4) for x in found if x]


def words(chart: Chart) -> str:
    return "".join(chart.words)


def test_the_profile_is_the_course_s_with_stations_and_clocks() -> None:
    race = hilly(start=NIGHT)
    chart = profile_chart(race)
    drawn = curve(chart, "ink")
    assert np.interp(race.course.columns[c.DISTANCE] / 1000.0, *drawn.T) == pytest.approx(HILLS, abs=1.0)
    assert "Hut &amp; &lt;b&gt; 23:33<" in words(chart) and "A name that is …" in words(chart)
    assert [kind for kind, _ in chart.key][1:] == [f"fill s{i}" for i in range(len(GROUNDS))]
    assert chart.key[0] == ("fill night", "dark") and shaded(chart, "night") == [(0.0, 10.0)]


def test_by_day_and_without_a_start_nothing_is_dark() -> None:
    assert shaded(profile_chart(hilly()), "night") == [] and "Hut &amp; &lt;b&gt; 0:33<" in words(
        profile_chart(hilly())
    )


def test_faster_is_up_and_in_its_units() -> None:
    chart = pace_chart(hilly())
    drawn = curve(chart, "pace")
    assert drawn[0, 1] == pytest.approx(400.0, abs=2.0) and drawn[-1, 1] == pytest.approx(600.0, abs=2.0)
    assert chart.y.low > chart.y.high and ("line mean", "whole course 8:20") in chart.key


def test_cadence_is_of_both_feet_and_what_is_unknown_is_not_drawn() -> None:
    heart, cadence = body_charts(hilly())
    assert curve(heart, "heart")[0, 1] == pytest.approx(140.0, abs=0.1)
    assert curve(cadence, "cadence")[0, 1] == pytest.approx(160.0, abs=0.1)
    race = race_of(flat_plan(400))
    unknown = {name: np.zeros(400, bool) for name in (c.HEART_RATE, c.CADENCE)}
    assert body_charts(replace(race, plan=replace(race.plan, done=400, measured=unknown))) == []


def test_what_was_run_is_shaded() -> None:
    race = race_of(flat_plan(2_000))
    chart = pace_chart(replace(race, plan=replace(race.plan, done=500)))
    assert shaded(chart, "done") == [(0.0, 2.5)]


def test_chances_rise_through_the_interval() -> None:
    race = hilly()
    chart = chance_chart(race)
    drawn, (low_s, high_s) = curve(chart, "pace"), race.finish_interval_s
    assert np.all(np.diff(drawn[:, 1]) >= 0)
    assert np.interp([low_s, high_s], *drawn.T) == pytest.approx([0.1, 0.9], abs=0.01)
    ((first, last),) = shaded(chart, "interval")
    assert (first + chart.x.low, last + chart.x.low) == pytest.approx((low_s, high_s), abs=2.0)


def test_the_fading_is_a_curve_and_the_usual_one_beside_it_where_it_differs() -> None:
    race = replace(race_of(flat_plan(20_000)), law_weight=1.0, base_pace=5.0)
    usual = curve(fading_chart(race), "pace")
    assert usual[0].tolist() == [0.0, 0.0] and usual[-1, 1] > 0.05
    along = usual[1:, 0] / usual[-1, 0]
    recovering = (along > 0.65) & (along < 0.9)  # from the slump; everywhere else it rises
    assert np.all(np.diff(usual[:, 1])[~recovering] >= 0) and (np.diff(usual[:, 1])[recovering] < 0).any()
    even = fading_chart(replace(race, config=replace(race.config, strategy=Strategy(0.0))))
    assert not curve(even, "pace")[:, 1].any() and curve(even, "mean")[-1, 1] == pytest.approx(usual[-1, 1], abs=0.01)


def variants(**config: object) -> list[Variant]:
    easy, race = hilly(**config), hilly(**config)
    slower = plan_from(easy.course, make_prediction(easy.plan.columns[c.DURATION] * 1.1), BAND)
    return [Variant("race", race), Variant("easy <i>", race_of(slower, race.config))]


def test_gaps_are_to_the_first_in_race_time() -> None:
    found = variants()
    profile, pace, gap = compare_charts.along_charts(found)
    drawn = curve(gap, "v1")
    assert (
        drawn[-1, 1] == pytest.approx(gap_s(found[1], found[0])[-1], abs=3.0)
        and np.abs(curve(gap, "v0")[:, 1]).max() < 1.0
    )
    assert ("line v1", "easy <i>") in pace.key and "easy <i>" not in pace.html() and "Hut" in words(profile)


def test_variants_on_the_clock_need_starts() -> None:
    assert compare_charts.clocks_chart(variants()) is None
    chart = compare_charts.clocks_chart(variants(start=parse_start("2026-06-20T20:30+00:00")))
    assert chart is not None and "21:00<" in words(chart)
    assert curve(chart, "v0")[-1] == pytest.approx([variants()[0].race.finish_s, 10.0], abs=2.0)
    assert "Hut &amp;" in words(chart)


def test_what_a_run_lost_is_drawn() -> None:
    even = np.full(900, 2.0)
    review = review_of(even, ran(1.1 * even, stop_s=stops_at(900, at_400=90.0)))
    lost = review_charts.lost_chart(review)
    assert curve(lost, "ink")[-1, 1] == pytest.approx(review.race_gap_s[-1], abs=1.0)
    assert curve(lost, "v0")[-1, 1] == pytest.approx(180.0, abs=1.0)
    assert len(review_charts.along_charts(review)) == 6
    shape = curve(review_charts.shape_chart(review), "ink")
    assert shape[[0, -1], 1] == pytest.approx([0.0, 0.0], abs=0.1)


def test_each_kilometre_is_a_bar_of_what_it_lost() -> None:
    even = np.full(900, 2.0)
    chart = review_charts.splits_chart(review_of(even, ran(1.1 * even)))
    (bars,) = [text for text in chart.drawn if 'class="fill s2"' in text]
    assert bars.count("M") == 5 and re.findall(r"bar.*?>([^<]+)<", words(chart)) == ["+0:40"] * 4 + ["+0:20"]


def test_the_map_has_its_stations_where_they_are() -> None:
    race = hilly(start=NIGHT)
    found = course_map(race)
    places = re.findall(r'class="at station[^"]*" style="--x:(\d+)px', found.inner)
    assert [round(int(x) / 1_000) for x in places] == [0, 5, 7, 10]
    assert "Hut &amp; &lt;b&gt; 23:33" in found.inner and found.choice.count("<input") == 3
    assert course_map(hilly()).choice.count("<input") == 2  # no night


def test_a_course_that_stays_in_one_place_has_a_map() -> None:
    course = placed(np.full(200, 100.0), np.full(200, 46.0), np.full(200, 7.0))
    race = race_of(plan_from(course, make_prediction(np.full(200, 2.0)), BAND))
    assert "start" in course_map(race).inner and "nan" not in course_map(race).html()


def test_images_of_their_own_are_svg_that_is_read_anywhere() -> None:
    for content in (profile_svg(hilly(start=NIGHT)), map_svg(hilly(start=NIGHT))):
        root = ElementTree.fromstring(content)
        said = " ".join(root.itertext())
        assert root.tag.endswith("}svg") and "Hut & <b> 23:33" in said
        assert "prefers-color-scheme" not in said and content == content.strip() + b"\n"
    assert profile_svg(hilly()) == profile_svg(hilly())

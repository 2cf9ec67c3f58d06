"""Given lists of efforts, athletes, starts, temperatures: every combination is planned, named and measured."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lib.athlete.bundle import save_bundle
from lib.core import schema as c
from lib.core.errors import InputError
from lib.plan.compare import STOPPED, Variant, gap_by_ground_s, gap_s, load_athletes, middle_s, together, variants
from lib.plan.moving_plan import plan_from
from lib.race.config import RaceConfig
from lib.race.stations import Station
from tests.support.plans import BAND, make_course, make_prediction
from tests.support.races import MODEL, UNHURRIED, course_of, known_bundle, race_of, shipped

SHORT = "powell_valley_5km"


def planned(**lists: object) -> tuple[Variant, ...]:
    backend, bundle = shipped()
    athletes = lists.pop("athletes", {"ann": bundle})
    return variants(backend, course_of(SHORT), athletes, **lists)


def by_hand(label: str, duration_s: np.ndarray, config: RaceConfig = UNHURRIED, slope: float = 0.0) -> Variant:
    course = make_course(100.0 + slope * c.STEP_M * np.arange(duration_s.size))
    return Variant(label, race_of(plan_from(course, make_prediction(duration_s), BAND), config))


def test_efforts_are_named_and_a_harder_one_is_earlier() -> None:
    found = planned(efforts=["easy", "usual", "race", "150"])
    assert [variant.label for variant in found] == ["easy", "as usual", "race", "150 bpm"]
    assert found[2].race.finish_s < found[0].race.finish_s


def test_an_effort_may_be_a_race_time_that_is_aimed_at() -> None:
    slow, fast = planned(efforts=["0:34", "0:30:30"])
    assert (slow.label, fast.label) == ("goal 0:34", "goal 0:30:30")
    assert slow.race.finish_s == pytest.approx(34 * 60, abs=1.0)
    assert fast.race.finish_s == pytest.approx(30.5 * 60, abs=1.0)


def test_labels_say_what_differs_and_nothing_else() -> None:
    starts = ["2026-06-20T05:30", "2026-06-20T20:00"]
    found = planned(efforts=["easy", "race"], starts=starts, zone="Europe/Paris", temperatures_c=[25.0])
    assert [variant.label for variant in found] == ["easy · 05:30", "easy · 20:00", "race · 05:30", "race · 20:00"]
    assert all(variant.race.config.conditions.temperature_c == 25.0 for variant in found)


@pytest.mark.parametrize(
    ("second", "labels"),
    [
        ("2026-06-20T08:00+02:00", ["05:30", "08:00"]),
        ("2026-06-21T05:30+02:00", ["Sat 05:30", "Sun 05:30"]),
        ("2026-07-21T05:30+02:00", ["Sat 20 Jun 2026 05:30", "Tue 21 Jul 2026 05:30"]),
    ],
)
def test_a_start_is_named_as_briefly_as_it_can_be_told(second: str, labels: list[str]) -> None:
    assert [variant.label for variant in planned(starts=["2026-06-20T05:30+02:00", second])] == labels


def test_athletes_and_temperatures_vary_too() -> None:
    found = planned(athletes={"ann": shipped()[1], "bob": known_bundle()}, temperatures_c=[15, 30])
    assert [variant.label for variant in found] == ["ann · 15 °C", "ann · 30 °C", "bob · 15 °C", "bob · 30 °C"]
    assert found[1].race.plan.finish_s > found[0].race.plan.finish_s
    assert found[2].race.standing.expected_s != found[0].race.standing.expected_s


@pytest.mark.parametrize(
    ("lists", "said"),
    [
        ({"efforts": ["easy"]}, "1 variant (1 athletes x"),
        ({}, "1 variant (1 athletes x"),
        (
            {"efforts": ["easy", "race"], "temperatures_c": [1, 2, 3, 4]},
            "8 variants (1 athletes x 2 efforts x 1 starts x 4 temperatures_c)",
        ),
        ({"efforts": ["easy", "easy"]}, "one twice"),
        ({"starts": ["2026-06-20T05:30+02:00", "2026-06-20T03:30+00:00"]}, "one instant twice"),
        ({"efforts": ["easy", "fast"]}, "'fast'"),
        ({"efforts": ["easy", "1:75"]}, "'1:75'"),
        ({"starts": ["2026-06-20T05:30", "2026-06-20T06:30"]}, "without a zone"),
    ],
)
def test_lists_that_make_no_comparison_are_refused(lists: dict[str, list], said: str) -> None:
    with pytest.raises(InputError) as caught:
        planned(**lists)
    assert said in str(caught.value)


def test_the_gap_is_one_of_race_time_and_leaps_where_only_one_stops() -> None:
    steady = by_hand("steady", np.full(400, 2.0))
    slower = by_hand("slower", np.full(400, 2.5), replace(UNHURRIED, stations=(Station("Aid", 1000.0, 60.0),)))
    gap = gap_s(slower, steady)
    np.testing.assert_allclose(gap[:200], 0.5 * np.arange(1, 201))
    np.testing.assert_allclose(gap[200:], 60.0 + 0.5 * np.arange(201, 401))
    assert gap_s(steady, steady).tolist() == [0.0] * 400


def test_the_gap_is_divided_by_ground_and_adds_up() -> None:
    up = np.repeat([0.0, 0.2], 200)
    course = make_course(100.0 + np.cumsum(up * c.STEP_M))
    steep = course.columns[c.SLOPE_100M] > 0.15
    first, second = (
        Variant(name, race_of(plan_from(course, make_prediction(np.where(steep, s, 2.0)), BAND), config))
        for name, s, config in (
            ("first", 6.0, UNHURRIED),
            ("second", 7.0, replace(UNHURRIED, stations=(Station("Aid", 500.0, 30.0),))),
        )
    )
    parts = gap_by_ground_s(second, first)
    assert parts["up, over 15%"] == steep.sum()
    assert parts["within 5%"] == parts["down, over 15%"] == 0.0
    assert parts[STOPPED] == 30.0
    assert sum(parts.values()) == second.race.finish_s - first.race.finish_s


def test_variants_that_differ_on_the_clock_alone_are_together() -> None:
    found = planned(efforts=["easy", "race"], starts=["2026-06-20T05:30+02:00", "2026-06-20T08:00+02:00"])
    assert [[v.label for v in group] for group in together(found)] == [
        ["easy · 05:30", "easy · 08:00"],
        ["race · 05:30", "race · 08:00"],
    ]


def test_the_middle_is_a_round_time_between_the_finishes() -> None:
    found = [by_hand("a", np.full(400, 2.0)), by_hand("b", np.full(400, 5.0))]  # 800 s and 2,000 s
    assert middle_s(found) == 1500.0
    assert middle_s([by_hand("c", np.full(100, 0.2))]) == 300.0
    assert middle_s([by_hand("d", np.full(1000, 37.0))]) == 37_800.0  # 10:17 → 10:30


def test_athletes_have_the_names_of_their_files(tmp_path: Path) -> None:
    save_bundle(known_bundle(), tmp_path / "me.json")
    (tmp_path / "other").mkdir()
    save_bundle(known_bundle(), tmp_path / "other" / "me.json")
    model = MODEL / "normalizers.json"
    assert list(load_athletes([], model)) == ["the model's athlete"]
    assert load_athletes([str(tmp_path / "me.json")], model)["me"].athlete.runs == 15
    with pytest.raises(InputError, match="two athletes named me"):
        load_athletes([str(tmp_path / "me.json"), str(tmp_path / "other" / "me.json")], model)


def test_the_bundle_of_another_model_is_refused(tmp_path: Path) -> None:
    save_bundle(replace(known_bundle(), checkpoint_sha256="0" * 64), tmp_path / "me.json")
    with pytest.raises(InputError, match="another model"):
        load_athletes([str(tmp_path / "me.json")], MODEL / "normalizers.json")

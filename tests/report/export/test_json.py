"""Given race plans: lib/report/export/json.py says all of them in values that JSON and the API's schema take."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from api.schemas import Prediction
from lib.plan.race_plan import plan_race
from lib.race.config import RaceConfig
from lib.race.stations import Station
from lib.report.export.json import described, json_bytes
from tests.support.plans import flat_plan
from tests.support.races import course_of, race_of, shipped

START = datetime(2026, 6, 20, 5, 30, tzinfo=UTC)


def test_it_is_what_the_schema_describes_for_a_real_race() -> None:
    backend, bundle = shipped()
    config = RaceConfig(start=START, stations=(Station("Hut", 6_000.0, 120.0, 3_000.0),), goal_s=8_000.0)
    race = plan_race(backend, bundle, course_of("jacksboro_17_8km"), config)
    said = Prediction.model_validate(json.loads(json_bytes(race, bundle)), strict=True)
    assert said.totals.race_s == pytest.approx(8_000.0, abs=0.1)
    assert said.goal is not None and race.goal is not None
    assert said.goal.chance == pytest.approx(race.goal.chance, abs=1e-4)
    assert [leg.name for leg in said.legs] == ["Hut", "Finish"]
    assert said.climbs and all(climb.gain_m > 0 for climb in said.climbs)
    assert said.descents and all(descent.gain_m < 0 for descent in said.descents)
    for parts in (said.splits, said.miles, said.legs):
        assert sum(part.duration_s for part in parts) == pytest.approx(race.plan.finish_s, abs=0.1)


def test_arrivals_by_hand() -> None:
    config = RaceConfig(start=START, stations=(Station("Hut", 500.0, 60.0),), standing_s=0.0)
    said = described(race_of(flat_plan(400, 2.0), config), shipped()[1])
    assert said["totals"]["finish_s"] == 800.0 and said["totals"]["race_s"] == 860.0
    assert said["totals"]["arrival"] == (START + timedelta(seconds=860)).isoformat()
    assert [leg["arrival"] for leg in said["legs"]] == [(START + timedelta(seconds=s)).isoformat() for s in (200, 860)]
    assert said["steps"]["arrival_s"][99:101] == [200.0, 262.0]
    assert said["legs"][0]["cutoff_s"] is None and said["goal"] is None


def test_without_a_start_there_are_no_clocks() -> None:
    said = described(race_of(flat_plan(400, 2.0, Hut=500.0)), shipped()[1])
    assert said["totals"]["start"] is None and said["totals"]["arrival"] is None
    assert {row["arrival"] for row in (*said["legs"], *said["waypoints"], *said["splits"])} == {None}


def test_the_effort_of_a_plan_to_a_goal_is_the_goals() -> None:
    backend, bundle = shipped()
    for config, effort in ((RaceConfig(goal_s=2_000.0), "goal"), (RaceConfig(effort="race"), "race")):
        race = plan_race(backend, bundle, course_of("powell_valley_5km"), config)
        assert described(race, bundle)["effort"] == effort


def test_clocks_are_rounded_to_the_nearest_second() -> None:
    race = race_of(flat_plan(100, 2.0078125), RaceConfig(start=START, standing_s=0.0))
    assert race.finish_s == 200.78125
    assert described(race, shipped()[1])["totals"]["arrival"] == (START + timedelta(seconds=201)).isoformat()

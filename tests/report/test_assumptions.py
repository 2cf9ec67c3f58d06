"""What a plan assumes of pacing, night and ground is said, and nothing where it assumes nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lib.athlete.pacing_law import PacingLaw, Strategy
from lib.plan.race_plan import RacePlan
from lib.race.clock import parse_start
from lib.race.stations import Station
from lib.report.assumptions import fading_of, pacing_lines
from tests.support.plans import flat_plan
from tests.support.races import UNHURRIED, known_bundle, race_of

LONG = flat_plan(20_000)  # 100 km, 11 h
HOURS = np.array([0.0, 2.5, 10.0])
LAW = PacingLaw()


def long_race(**config: object) -> RacePlan:
    race = race_of(LONG, replace(UNHURRIED, **config))  # type: ignore[arg-type]
    return replace(race, law_weight=1.0, base_pace=5.0)


def test_hours_cost_what_the_law_says_times_the_strategy() -> None:
    usual = fading_of(long_race(), HOURS)
    assert usual == pytest.approx([1.0, 1.0 + LAW.fading * 0.25**LAW.fading_power, 1.0 + LAW.fading])
    half = fading_of(long_race(strategy=Strategy(0.5)), HOURS)
    assert half - 1.0 == pytest.approx(0.5 * (usual - 1.0))
    assert fading_of(replace(long_race(), law_weight=0.0), HOURS) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("strategy", "said"),
    [
        (Strategy(), ["You slow down as finishers"]),
        (Strategy(0.0), ["Even effort"]),
        (Strategy(0.7, -0.03), ["You slow down 0.7 times as much", "The first third is run 3% slower"]),
    ],
)
def test_the_strategy_is_said(strategy: Strategy, said: list[str]) -> None:
    lines = pacing_lines(long_race(strategy=strategy), known_bundle())
    assert lines[-2] == "Heart rate falls with the hours, to 84% of its early value at the end (80% band 76% to 92%)"
    assert len(lines) == len(said) + 2 and lines[-1] == "The ground is not stated and counts as trail"
    assert all(line.startswith(start) for line, start in zip(lines, said, strict=False))


def test_own_long_runs_are_said() -> None:
    assert any(
        "(4) make it 1.00 times" in x for x in pacing_lines(long_race(), known_bundle(long_runs=4, fading_sum=4.0))
    )


def test_night_and_ground_are_said() -> None:
    start, road = parse_start("2026-03-20T01:00Z"), Station("Hut", 40_000.0, ground="road")
    by_night = pacing_lines(long_race(start=start, stations=(road,)), known_bundle())
    assert "In the dark a kilometre takes 3% longer (NIGHT=no leaves this out)" in by_night
    assert by_night[-1] == "Ground: 60.0 km not stated, as trail, 40.0 km road"
    assert "The dark makes nobody slower (NIGHT=no)" in pacing_lines(
        long_race(start=start, night=False), known_bundle()
    )


def test_of_a_short_run_by_day_nothing_is_said() -> None:
    assert pacing_lines(race_of(flat_plan(2_000)), known_bundle()) == ()

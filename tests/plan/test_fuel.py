"""Gels and flasks: whole ones, from refill to refill, enough on a slow day."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lib.plan.fuel import Supply, supplies
from lib.plan.race_plan import RacePlan
from lib.race.stations import Station
from tests.support.plans import flat_plan
from tests.support.races import UNHURRIED, race_of

HUTS = (
    Station("Spring", 5_000.0, water=True),
    Station("Village", 10_000.0, 600.0, crew=True, water=False),
    Station("Pass", 15_000.0, aid=False),
)


def race(*stations: Station, **asked: float) -> RacePlan:
    """A race of 20 km in about 4 h."""
    return race_of(flat_plan(4_000, 3.6), replace(UNHURRIED, stations=stations, **asked))


def test_nothing_is_counted_that_was_not_asked_for() -> None:
    assert supplies(race(*HUTS)) == ()


def test_units_are_whole_and_last_on_a_slow_day() -> None:
    found = race(*HUTS, carbs_g_h=60.0, water_ml_h=400.0)
    steps = np.array([999, 1_999, 3_999])
    spring_s, village_s, finish_s = found.interval(steps)[1]
    gels = [np.ceil(village_s / 3600 * 60 / 25), np.ceil((finish_s - village_s - 600.0) / 3600 * 60 / 25)]
    flasks = [np.ceil(spring_s / 3600 * 400 / 500), np.ceil((finish_s - spring_s) / 3600 * 400 / 500)]
    assert supplies(found) == (
        Supply(-1, int(gels[0]), int(flasks[0])), Supply(999, None, int(flasks[1])), Supply(1_999, int(gels[1]), None),
    )  # fmt: skip
    assert found.arrival_s[1_999] / 3600 * 60 / 25 < gels[0]


def test_where_nothing_is_stated_every_aid_station_refills() -> None:
    plain = tuple(replace(station, water=None, crew=None) for station in HUTS)
    assert [supply.step for supply in supplies(race(*plain, carbs_g_h=40.0))] == [-1, 999, 1_999]  # not at the pass


def test_without_stations_all_is_carried() -> None:
    (supply,) = supplies(race(water_ml_h=500.0))
    assert supply.step == -1 and supply.gels is None and supply.flasks is not None and supply.flasks >= 4


def test_on_the_way_the_rest_is_counted() -> None:
    found = race(*HUTS, water_ml_h=500.0)
    found = replace(found, plan=replace(found.plan, done=1_500))
    assert [supply.step for supply in supplies(found)] == [1_499]


@pytest.mark.parametrize("rate", [1.0, 60.0, 120.0])
def test_more_an_hour_is_never_fewer(rate: float) -> None:
    fewer, more = (sum(s.gels or 0 for s in supplies(race(*HUTS, carbs_g_h=x))) for x in (rate, 1.5 * rate))
    assert more >= fewer > 0

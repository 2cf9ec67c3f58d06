"""What a page tells at places: as few as are enough for what they say to be right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lib.core import schema as c
from lib.core.geodesy import plane_m
from lib.race.clock import parse_start
from lib.race.stations import Station
from tests.support.plans import flat_plan
from tests.support.races import UNHURRIED, race_of
from tests.utils.plan_page.test_page import race_over
from utils.plan_page.places import MAP_UNITS, clock_data, places
from utils.plots.curves import kept_rows

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", ["jacksboro_17_8km", "cumberland_50km"])
def test_between_places_all_is_as_good_as_linear(name: str) -> None:
    race = race_over(name)
    found = places(race)
    assert found.step.size < race.course.steps / 10 and found.step[[0, -1]].tolist() == [0, race.course.steps - 1]
    at = np.arange(race.course.steps)
    for key, values, most in (
        ("altitude_m", race.course.columns[c.ALTITUDE], 2.6),
        ("arrival_s", race.arrival_s, 5.6),
    ):
        told = np.interp(at, found.step, np.cumsum(found.table[key]))
        assert np.abs(told - values).max() <= most
    columns = race.course.columns
    where = plane_m(columns[c.LATITUDE], columns[c.LONGITUDE])
    told = np.column_stack([np.interp(at, found.step, found.plane[:, i]) for i in (0, 1)]) * found.unit_m
    off = told - (where - [where[:, 0].min(), where[:, 1].max()]) * [1, -1]
    assert np.abs(off).max() <= 8.0 + found.unit_m and np.ptp(found.plane, axis=0).max() == pytest.approx(
        MAP_UNITS, abs=20
    )


def test_a_stop_is_a_leap_between_two_places() -> None:
    race = race_of(flat_plan(400), replace(UNHURRIED, stations=(Station("Hut", 1_000.0, 600.0),)))
    found = places(race)
    arrival_s = dict(zip(found.step.tolist(), np.cumsum(found.table["arrival_s"]).tolist(), strict=True))
    assert arrival_s[200] - arrival_s[199] == 602


def test_what_was_not_measured_is_not_told() -> None:
    race = race_of(flat_plan(400))
    plan = replace(race.plan, done=200, measured={c.HEART_RATE: np.zeros(200, bool)})
    found = places(replace(race, plan=plan))
    known = [bpm is not None for bpm in found.table["bpm"]]
    assert known[0] is False and known[-1] is True and None not in found.table["spm"]


def test_clocks_are_told_by_their_changes() -> None:
    race = race_of(flat_plan(20_000))
    assert clock_data(race) is None
    spring = replace(race, config=replace(race.config, start=parse_start("2026-03-28T20:00", "Europe/Paris")))
    assert clock_data(spring)["offsets"] == [[0.0, 3_600.0], [21_600.0, 7_200.0]]  # type: ignore[index]
    summer = replace(race, config=replace(race.config, start=parse_start("2026-06-28T20:00+02:00")))
    assert clock_data(summer)["offsets"] == [[0.0, 7_200.0]]  # type: ignore[index]


@pytest.mark.parametrize("rows", [2, 3, 99, 100, 101, 250])
def test_lines_between_kept_rows_are_never_further_off_than_allowed(rows: int) -> None:
    rng = np.random.default_rng(rows)
    values = np.cumsum(rng.normal(size=(rows, 3)), axis=0)
    tolerance = np.array([0.5, 1.0, 2.0])
    kept = kept_rows(values, tolerance)
    assert kept[0] == 0 and kept[-1] == rows - 1 and np.all(np.diff(kept) > 0)
    at = np.arange(rows)
    for i in range(3):
        off = np.abs(np.interp(at, kept, values[kept, i]) - values[:, i])
        assert off.max() <= tolerance[i] * (1 + 1e-9)


def test_a_straight_line_keeps_a_row_in_a_hundred() -> None:
    assert kept_rows(np.linspace(0.0, 1.0, 1_001)[:, None], [0.01]).tolist() == list(range(0, 1_001, 100))

"""The tables of the columns that users meet: complete, and with the units that their names say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import numpy as np
import pytest

from lib.core import schema as c
from lib.course.terrain_features import course_columns
from lib.plan.splits import kilometres, miles
from lib.race.config import RaceConfig
from lib.report.export.csv import legs_csv
from tests.support.plans import flat_plan
from tests.support.races import race_of

TABLES = (c.SESSION_TABLE, c.COURSE_TABLE, c.RACE_TABLE)
ENDINGS = {"m": "_m", "s": "_s", "bpm": "_bpm", "rpm": "_rpm", "°C": "_c", "min/km": "_min_per_km"}


def test_the_tables_are_complete() -> None:
    assert set(c.SESSION_TABLE) == {*c.SESSION_COLUMNS, c.TEMPERATURE}
    race = race_of(flat_plan(400), RaceConfig(start=datetime(2026, 6, 20, 5, 30, tzinfo=UTC)))
    told = legs_csv(race).decode().splitlines()[0].split(",")
    assert set(c.RACE_TABLE) == {*told, *kilometres(race), *miles(race)}
    assert set(c.COURSE_TABLE) == {*course_columns(np.zeros(20)), c.LATITUDE, c.LONGITUDE}


@pytest.mark.parametrize("table", TABLES)
def test_the_unit_stands_in_the_name(table: Mapping[str, tuple[str, str]]) -> None:
    for name, (unit, meaning) in table.items():
        assert name.endswith(ENDINGS.get(unit, "")), name
        assert meaning, name


def test_no_two_columns_share_a_name() -> None:
    names = [value for name, value in vars(c).items() if name.isupper() and isinstance(value, str)]
    assert len(names) == len(set(names))

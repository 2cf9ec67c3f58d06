"""Given runs of given kinds: memory keeps their numbers, stays small, and forgets what is missed least."""

from __future__ import annotations

import json
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.athlete.run_history import CAPACITY, RECENT, Kind, Memory, kind_of, remember
from lib.core import schema as c
from lib.core.errors import InputError
from lib.course.terrain_features import course_table

USUAL, LONG = Kind(0.0, 1.0, 0.0), Kind(1.5, 1.0, 0.0)


def after(kinds: list[Kind]) -> Memory:
    """Memory of one run a day."""
    memory = Memory()
    for day, kind in enumerate(kinds):
        memory = remember(memory, day, kind, 0.6, 150.0, 82.0)
    return memory


def test_ten_flat_kilometres_are_the_kind_from_which_others_are_counted() -> None:
    assert kind_of(course_table(np.zeros(2000))) == Kind(0.0, 0.0, 0.0)


def test_the_kind_of_a_steady_climb_by_hand() -> None:
    """20 km up a slope of 10%: the climb counts from the end of the first step, so it lacks that one."""
    kind = kind_of(course_table(0.1 * c.STEP_M * np.arange(4000)))
    assert kind.distance == pytest.approx(np.log(2))
    assert kind.climb == pytest.approx(np.sqrt(100 / 10), rel=1e-3)
    assert kind.net == pytest.approx(100 / 20, rel=1e-3)


def test_a_course_there_and_back_differs_from_one_way_in_what_it_gains_alone() -> None:
    up = 0.1 * c.STEP_M * np.arange(2000)
    there_and_back, one_way = kind_of(course_table(np.r_[up, up[::-1]])), kind_of(course_table(up))
    assert there_and_back.net == pytest.approx(0.0, abs=0.01)
    assert one_way.net > 4


@settings(max_examples=50, deadline=None)
@given(
    st.floats(-3, 3),
    st.floats(0, 6),
    st.floats(-10, 10),
    st.floats(-1.5, 3.0),
    st.none() | st.floats(30, 230),
    st.none() | st.floats(30, 130),
)
def test_what_is_remembered_is_as_it_was_but_for_half_a_unit(
    distance: float, climb: float, net: float, log_pace: float, heart_rate: float | None, cadence: float | None
) -> None:
    runs = remember(Memory(), 7, Kind(distance, climb, net), log_pace, heart_rate, cadence).runs
    assert runs.day.tolist() == [7]
    for found, told, unit in ((runs.distance, distance, 0.01), (runs.climb, climb, 0.01), (runs.net, net, 0.01)):
        assert abs(found[0] - told) <= unit / 2 + 1e-9
    assert abs(runs.log_pace[0] - log_pace) <= 0.0005 + 1e-9  # 0.05% of the pace
    for found, told, unit in ((runs.heart_rate_bpm, heart_rate, 1.0), (runs.cadence_rpm, cadence, 0.1)):
        assert np.isnan(found[0]) if told is None else abs(found[0] - told) <= unit / 2 + 1e-9


def test_a_logarithm_of_zero_is_a_level_and_an_unknown_heart_rate_is_none() -> None:
    runs = remember(Memory(), 0, USUAL, 0.0, None, 80.0).runs
    assert runs.log_pace.tolist() == [0.0]
    assert np.isnan(runs.heart_rate_bpm).tolist() == [True]
    assert runs.cadence_rpm.tolist() == [80.0]


def test_runs_stay_in_order_and_are_never_more_than_fit() -> None:
    memory = after([USUAL] * (CAPACITY + 30))
    assert len(memory) == CAPACITY
    assert list(memory.day) == sorted(memory.day)
    assert memory.day[-1] == CAPACITY + 29


def test_the_only_run_of_its_kind_outlasts_older_and_newer_ones() -> None:
    kinds = [USUAL] * (CAPACITY + 200)
    kinds[3] = LONG
    memory = after(kinds)
    assert 3 in memory.day
    assert 0 not in memory.day


def test_of_a_kind_that_is_run_often_the_oldest_goes_first() -> None:
    rare = [LONG if i < 5 else USUAL for i in range(CAPACITY + 1)]
    assert set(after(rare).day) == set(range(CAPACITY + 1)) - {5}


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_the_newest_runs_are_never_forgotten(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = CAPACITY + 40
    kinds = [Kind(float(rng.normal()), float(rng.uniform(0, 3)), 0.0) for _ in range(n)]
    # What is recent at one time grows old later; so look after each run.
    memory = Memory()
    for day, kind in enumerate(kinds):
        memory = remember(memory, day, kind, 0.6, None, None)
        newest = min(RECENT, day + 1)
        assert list(memory.day[-newest:]) == list(range(day + 1 - newest, day + 1))


def test_a_full_memory_is_small_in_a_bundle() -> None:
    rng = np.random.default_rng(0)
    kinds = [Kind(*rng.normal(0, 0.7, 3).tolist()) for _ in range(CAPACITY)]
    memory = Memory()
    for day, kind in enumerate(kinds):
        memory = remember(memory, 3000 + 3 * day, kind, 0.612, 148.3, 82.4)
    assert len(json.dumps(memory.to_text())) <= 17.5 * CAPACITY + 2


@pytest.mark.parametrize("kinds", [[], [USUAL, LONG, Kind(-0.123, 0.456, -0.789)]], ids=["no run", "three runs"])
def test_it_survives_json_exactly(kinds: list[Kind]) -> None:
    memory = after(kinds)
    assert Memory.from_text(json.loads(json.dumps(memory.to_text()))) == memory


@pytest.mark.parametrize("text", ["x", "abc", "hé", '"', "0" * 71, "0" * 200_000])
def test_a_text_that_holds_no_runs_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="Runs that cannot be read"):
        Memory.from_text(text)


def test_a_run_a_hundred_years_on_is_held_at_the_last_day_there_is() -> None:
    assert remember(Memory(), 36_500, USUAL, 0.6, None, None).day == (32_000,)


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(InputError, match="the same number"):
        Memory(day=(1, 2), distance=(1,), climb=(1,), net=(1,), pace=(1,), heart_rate=(1,), cadence=(1,))


def test_more_runs_than_fit_are_refused() -> None:
    with pytest.raises(InputError, match=f"(?i)day = a list of {CAPACITY + 1}; expected 0 to {CAPACITY} values"):
        Memory(*[(1,) * (CAPACITY + 1)] * len(fields(Memory)))


@pytest.mark.parametrize("value", [1.5, "1", True, 2**31, None])
def test_other_than_whole_numbers_are_refused(value: object) -> None:
    columns = {field.name: (1,) for field in fields(Memory)} | {"pace": (value,)}
    with pytest.raises(InputError, match=r"(?i)pace\[0\] = .*; expected a whole number"):
        Memory(**columns)

"""A sound run, damaged in one way at a random place, is the same session, or refused: never another number."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Final

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.core.errors import InputError
from tests.support.faulty import WRITERS, Made, Sample, at_place, session_of

pytestmark = pytest.mark.slow

EXAMPLES: Final = int(os.environ.get("FUZZ_EXAMPLES", "3"))
"""Of each kind; `make fuzz` runs more."""

Damage = Callable[[list[Sample], int, int, float], list[Sample]]
"""Of samples, at a place, of so many, with a number from 0 to 1."""


@cache
def sound(distance: bool) -> tuple[Sample, ...]:
    """Fifteen minutes at 1 Hz, at 2 to 3.4 m/s, with a stop of a minute."""
    time = np.arange(901.0)
    speed = 2.7 + 0.7 * np.sin(time / 40.0)
    speed[(time > 500) & (time <= 560)] = 0.0
    way = np.concatenate([[0.0], np.cumsum(speed[1:])])
    return tuple(at_place(float(t), float(m), distance=distance) for t, m in zip(time, way, strict=True))


@cache
def undamaged(name: str, distance: bool) -> Made:
    return session_of(name, WRITERS[name](sound(distance)))


def some(samples: list[Sample], at: int, count: int, change: Callable[[Sample], Sample]) -> list[Sample]:
    return [change(x) if at <= i < at + count else x for i, x in enumerate(samples)]


def null_position(samples: list[Sample], at: int, count: int, share: float) -> list[Sample]:
    return some(samples, at, count, lambda x: replace(x, lat=0.0, lon=0.0))


def no_position(samples: list[Sample], at: int, count: int, share: float) -> list[Sample]:
    return some(samples, at, count, lambda x: replace(x, lat=None, lon=None))


def held(samples: list[Sample], at: int, count: int, share: float) -> list[Sample]:
    return some(samples, at, count, lambda x: replace(x, lat=samples[at].lat, lon=samples[at].lon))


def void(samples: list[Sample], at: int, count: int, share: float) -> list[Sample]:
    return some(samples, at, count, lambda x: replace(x, altitude_m=-500.0 if share < 0.5 else 0.0))


def early(samples: list[Sample], at: int, count: int, share: float) -> list[Sample]:
    shift = 3_700.0 + share * 86_400 * 30 if at % 2 else -90_000.0 - share * 86_400 * 3_000
    return some(samples, 0, count, lambda x: replace(x, time_s=x.time_s + round(shift)))


def leap(samples: list[Sample], at: int, count: int, share: float) -> list[Sample]:
    shift = round((share - 0.5) * 86_400.0 * 20)
    return some(samples, at, count, lambda x: replace(x, time_s=x.time_s + shift)) if abs(shift) > 3_700 else samples


def sensors(samples: list[Sample], at: int, count: int, share: float) -> list[Sample]:
    return some(samples, at, count, lambda x: replace(x, bpm=253 if share < 0.5 else 3))


def bus(samples: list[Sample], at: int, count: int, share: float) -> list[Sample]:
    """A pause of some minutes, moved on by up to some kilometres."""
    away = 0.05 * share
    pause = 120.0 + round(1_800.0 * share)
    return [
        x if i < at else replace(x, time_s=x.time_s + pause, lat=(x.lat or 0) + away, part=1)
        for i, x in enumerate(samples)
    ]


def disorder(samples: list[Sample], at: int, count: int, share: float) -> list[Sample]:
    parted = [replace(x, part=int(i >= at)) for i, x in enumerate(samples)]
    return [x for part in (1, 0) for x in parted if x.part == part]


def coarse(samples: list[Sample], at: int, count: int, share: float) -> list[Sample]:
    step = 2.0 + 9.0 * share
    return [replace(x, distance_m=None if x.distance_m is None else step * int(x.distance_m / step)) for x in samples]


DAMAGES: Final[dict[str, Damage]] = {
    f.__name__: f for f in (null_position, no_position, held, void, early, leap, sensors, bus, disorder, coarse)
}
NOT_IN: Final = {"a.fit": {"disorder"}, "a.gpx": {"coarse"}, "a.tcx": set[str]()}
SAME: Final = pytest.approx


def check(name: str, content: bytes, distance: bool) -> None:
    whole = undamaged(name, distance)
    try:
        made = session_of(name, content)
    except InputError:
        return
    assert made.km == SAME(whole.km, rel=0.02)
    assert made.moving_s == SAME(whole.moving_s, rel=0.02)


CALM = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize(("damage", "name"), [(d, n) for d in DAMAGES for n in WRITERS if d not in NOT_IN[n]])
@CALM
@given(st.integers(1, 880), st.integers(1, 6), st.floats(0.0, 1.0), st.booleans())
def test_a_damaged_run_is_the_same_session_or_refused(
    damage: str, name: str, at: int, count: int, share: float, distance: bool
) -> None:
    distance = (distance or damage == "coarse") and name != "a.gpx"
    check(name, WRITERS[name](DAMAGES[damage](list(sound(distance)), at, count, share)), distance)


@pytest.mark.parametrize("one", DAMAGES)
@CALM
@given(st.sampled_from(sorted(DAMAGES)), st.sampled_from(sorted(WRITERS)), st.integers(20, 860), st.floats(0.0, 1.0))
def test_two_kinds_of_damage_together_change_no_number(one: str, two: str, name: str, at: int, share: float) -> None:
    if {one, two} & NOT_IN[name] or {one, two} & {"bus", "disorder", "coarse"}:
        return  # bus and disorder make parts of their own; coarse needs a distance
    samples = DAMAGES[two](DAMAGES[one](list(sound(False)), at, 3, share), (at * 7) % 860 + 10, 2, 1.0 - share)
    check(name, WRITERS[name](samples), False)


@pytest.mark.parametrize("name", WRITERS)
@CALM
@given(st.floats(0.05, 1.0))
def test_a_file_cut_off_anywhere_gives_its_part_or_is_refused(name: str, share: float) -> None:
    content = WRITERS[name](sound(False))
    try:
        made = session_of(name, content[: int(share * len(content))])
    except InputError:
        return
    assert made.km <= 1.001 * undamaged(name, False).km
    assert share > 0.999 or "cut off" in made.said


@CALM
@given(st.integers(0, 4_000))
def test_a_crashed_device_gives_what_it_wrote(cut: int) -> None:
    content = WRITERS["a.fit"](sound(False))
    made = session_of("a.fit", content[:4] + struct.pack("<I", 0) + content[8 : len(content) - cut])
    assert made.km == SAME(undamaged("a.fit", False).km, abs=0.01 + cut / 20 * 0.0035)

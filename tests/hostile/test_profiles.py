"""An athlete profile that anybody sends is refused in a sentence, or gives an answer as good as any."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any, Final

import numpy as np
import pandas as pd
import pytest

from lib.athlete.bundle import MAX_FILE_BYTES, Bundle, load_bundle, parse_profile
from lib.athlete.profile import profile_after
from lib.core import schema as c
from lib.core.errors import InputError
from lib.course.course import load_course
from lib.inference.onnx_backend import ONNX, onnx_backend
from lib.plan.race_plan import plan_race
from lib.race.config import race_config
from lib.report.export.json import json_bytes
from tests.support.bounded import bounded
from tests.support.races import COURSES, MODEL

Place = tuple[str | int, ...]


@cache
def model() -> Bundle:
    return load_bundle(MODEL / "normalizers.json")


@cache
def known() -> str:
    """Profile of somebody with eight runs, every list of it filled."""
    rng = np.random.default_rng(4)
    runs = []
    for i in range(8):
        steps = 800
        runs.append(
            pd.DataFrame(
                {
                    c.SESSION_ID: i,
                    c.DAY: 5 * i,
                    c.STEP: np.arange(steps),
                    c.ALTITUDE: 300.0 + 60.0 * np.sin(np.arange(steps) / 90.0 + i),
                    c.DURATION: 1.9 + 0.2 * rng.random(steps),
                    c.STOP: 0.1,
                    c.HEART_RATE: 150.0 + 5.0 * rng.random(steps),
                    c.CADENCE: 84.0,
                }
            )
        )
    return replace(model(), athlete=profile_after(pd.concat(runs), model().prior)).to_json()


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """Where anything stands in parsed JSON."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*at, key)
        yield from places(item, (*at, key))


def with_value(text: str, place: Place, change: Callable[[Any], Any]) -> str:
    """The JSON with another value in one place; a `Raw` is written as it stands."""
    content = json.loads(text)
    at = content
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = change(at[place[-1]])
    written = json.dumps(content)
    for raw in RAW:
        written = written.replace(json.dumps(raw), raw)
    return written


RAW: Final = (
    "9" * 4_299,
    "-" + "9" * 4_299,
    "1e999",
    "-1e999",
    "NaN",
    "Infinity",
    '{"a":1,"a":2}',
    "[" * 400 + "]" * 400,
)
CHANGES: Final[tuple[Callable[[Any], Any], ...]] = (
    *(lambda _, raw=raw: raw for raw in RAW),
    *(lambda _, other=other: other for other in (None, True, "", "7", "nan", [], {}, [[]], [1, 2], {"a": 1})),
    *(lambda _, other=other: other for other in (0, -1, 0.5, 2**31, 2**63, 1e308, -1e308, 5e-324, "x" * 70_000)),
    lambda value: str(value),
    lambda value: -value if isinstance(value, int | float) else value,
    lambda value: value * 1e6 if isinstance(value, int | float) else value,
    lambda value: [value],
    lambda value: value + value[-1:] if isinstance(value, list) else value,
    lambda value: value[:-1] if isinstance(value, list) else value,
)


def mutations(n: int, seed: int = 0) -> Iterator[tuple[Place, str]]:
    """Profiles with one thing wrong, `n` of them: every place once, then places of the athlete."""
    rng = random.Random(seed)
    everywhere = list(places(json.loads(known())))
    own = [place for place in everywhere if place[0] == "athlete"]
    for i in range(n):
        place = everywhere[i] if i < len(everywhere) else rng.choice(own)
        yield place, with_value(known(), place, rng.choice(CHANGES))


def planned(profile: Bundle) -> bytes:
    course = load_course(COURSES / "powell_valley_5km.gpx")
    race = plan_race(_backend(), profile, course, race_config(course, start="2027-05-01 07:00", zone="UTC"))
    return json_bytes(race, profile, {})


@cache
def _backend() -> Any:
    return onnx_backend(MODEL / ONNX, model())


def outcomes(n: int) -> dict[str, int]:
    """Read many mutations, and plan with some of those that are taken; says how many ended how."""
    ended = {"refused": 0, "the same": 0, "another": 0, "planned": 0}
    whole = parse_profile(known().encode(), model(), "me.json")
    for place, text in mutations(n):
        try:
            found = parse_profile(text.encode(), model(), "me.json")
        except InputError as error:
            assert str(error).startswith("me.json: ") and len(str(error)) < 500, str(error)
            ended["refused"] += 1
            continue
        assert replace(found, athlete=whole.athlete) == whole, place
        ended["the same" if found == whole else "another"] += 1
        if found != whole and ended["planned"] < 60:
            ended["planned"] += 1
            try:
                answer = json.loads(planned(found), parse_constant=pytest.fail)
            except InputError:
                continue
            assert 600 < answer["totals"]["finish_s"] < 1e6, place
    return ended


@pytest.mark.slow
def test_every_mutation_of_a_profile_is_refused_or_answered() -> None:
    n = 10 * int(os.environ.get("FUZZ_EXAMPLES", "200"))
    outcome = bounded(outcomes, n, memory_mb=400, cpu_s=240, wall_s=900)
    assert outcome.error == "", outcome.said
    ended = outcome.value
    assert ended["refused"] + ended["the same"] + ended["another"] == n
    assert ended["refused"] > 0.7 * n and ended["planned"] == 60
    assert outcome.peak_mb < 200


@pytest.mark.parametrize("steps", [2**63, 2**31, 10_000, 1])
def test_the_geometry_of_a_profile_counts_for_nothing(steps: int) -> None:
    text = with_value(known(), ("max_encoder_length",), lambda _: steps)
    if steps > 10_000:
        with pytest.raises(InputError, match=r"max_encoder_length = .*; expected a whole number from 1 to 10000"):
            parse_profile(text.encode(), model(), "me.json")
    else:
        assert parse_profile(text.encode(), model(), "me.json") == parse_profile(known().encode(), model(), "me.json")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"schema_version": 8, "a": ' + b"9" * 5_000 + b"}", "a number of 5000 digits"),
        (b'{"schema_version": 8, "schema_version": 8}', "the name 'schema_version' twice"),
        (b'{"a": ' + b"[" * 90_000, "JSON that is damaged"),
        (b'{"a": NaN}', "the number NaN"),
        (b"{" + b" " * MAX_FILE_BYTES, "at most"),
        (b'{"schema_version": "\\ud800"}', "schema version"),
        (b"{\xed\xa0\x80}", "no text"),
    ],
)
def test_json_that_is_none_is_refused_in_a_sentence(content: bytes, said: str) -> None:
    outcome = bounded(_read, content, memory_mb=100, cpu_s=2)
    assert outcome.refused and said in outcome.said and outcome.peak_mb < 30


def _read(content: bytes) -> None:
    parse_profile(content, model(), "me.json")

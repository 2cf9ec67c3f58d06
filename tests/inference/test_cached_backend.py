"""A backend with a memory answers the same, and asks the network only once."""

from __future__ import annotations

import numpy as np

from lib.inference.cached_backend import recalling
from lib.inference.rollout import Backend
from lib.plan.race_plan import plan_race
from lib.race.config import RaceConfig, race_config
from tests.support.races import course_of, shipped


class Counting:
    """Runs a backend and counts how often."""

    def __init__(self, backend: Backend) -> None:
        self.backend, self.calls = backend, 0

    def __call__(self, encoder_cont: np.ndarray, decoder_cont: np.ndarray) -> np.ndarray:
        self.calls += 1
        return self.backend(encoder_cont, decoder_cont)


def doubled(encoder_cont: np.ndarray, decoder_cont: np.ndarray) -> np.ndarray:
    return np.repeat(decoder_cont[..., :1] * 2 + encoder_cont.sum(), 3, axis=-1)


def question(value: float, steps: int = 4) -> tuple[np.ndarray, np.ndarray]:
    return np.full((1, 2, 2), value, np.float32), np.full((1, steps, 2), value, np.float32)


def test_the_same_question_is_answered_from_memory_and_another_is_not() -> None:
    inner = Counting(doubled)
    run = recalling(inner)
    first = run(*question(1.0))
    assert inner.calls == 1
    np.testing.assert_array_equal(run(*question(1.0)), first)
    assert inner.calls == 1
    np.testing.assert_array_equal(run(*question(2.0)), doubled(*question(2.0)))
    assert inner.calls == 2


def test_what_is_behind_belongs_to_the_question() -> None:
    run = recalling(doubled)
    (encoder, decoder), (other, _) = question(1.0), question(2.0)
    assert run(encoder, decoder)[0, 0, 0] != run(other, decoder)[0, 0, 0]


def test_inputs_of_other_shapes_with_the_same_bytes_are_other_questions() -> None:
    inner = Counting(lambda encoder, decoder: decoder)
    run = recalling(inner)
    flat = np.zeros((1, 4, 1), np.float32)
    assert run(flat, flat).shape == (1, 4, 1)
    assert run(flat, flat.reshape(1, 2, 2)).shape == (1, 2, 2)
    assert inner.calls == 2


def test_what_is_done_to_an_answer_changes_nothing_that_is_remembered() -> None:
    run = recalling(doubled)
    run(*question(1.0))[:] = 7.0
    run(*question(1.0))[:] = 7.0
    np.testing.assert_array_equal(run(*question(1.0)), doubled(*question(1.0)))


def test_the_longest_unasked_is_forgotten_first() -> None:
    inner = Counting(doubled)
    answer_bytes = doubled(*question(1.0)).nbytes
    run = recalling(inner, most_bytes=2 * answer_bytes)
    for value in (1.0, 2.0, 1.0, 3.0):  # 2 is the one not asked for the longest
        run(*question(value))
    assert inner.calls == 3
    run(*question(1.0))
    run(*question(3.0))
    assert inner.calls == 3
    run(*question(2.0))
    assert inner.calls == 4


def test_stops_start_and_temperature_do_not_reach_the_network_but_effort_does() -> None:
    backend, bundle = shipped()
    inner = Counting(backend)
    run, course = recalling(inner), course_of("powell_valley_5km")
    before = plan_race(run, bundle, course, RaceConfig())
    once = inner.calls
    said = {"start": "2026-06-20T05:30+02:00", "stations": "2, 4", "stop_min": "7", "temperature_c": "30"}
    warm = plan_race(run, bundle, course, race_config(course, **said))
    assert inner.calls == once
    assert warm.plan.finish_s > before.plan.finish_s
    plan_race(run, bundle, course, race_config(course, effort="race"))
    assert inner.calls > once

"""The bounds in which hostile input is tried hold."""

from __future__ import annotations

import os

import pytest

from lib.core.errors import InputError
from tests.support.bounded import bounded


def _answer(x: int) -> int:
    print("not an answer")
    return x + 1


def _take(mb: int) -> int:
    return len(os.urandom(1 << 20) * mb)


def _work_for_ever() -> None:
    while True:
        pass


def _refuse() -> None:
    raise InputError("a cat", "a course", "Give a course.", "cat.jpg")


def test_an_answer_comes_back_with_what_it_took() -> None:
    outcome = bounded(_answer, 41)
    assert (outcome.value, outcome.error) == (42, "")
    assert outcome.cpu_s < 1.0 and outcome.peak_mb < 20.0


def test_memory_is_counted_and_bounded() -> None:
    outcome = bounded(_take, 50, memory_mb=200)
    assert outcome.value == 50 << 20 and outcome.peak_mb == pytest.approx(51.0, abs=5.0)
    assert bounded(_take, 500, memory_mb=200).error == "MemoryError"


def test_time_is_bounded() -> None:
    outcome = bounded(_work_for_ever, cpu_s=1.0)
    assert outcome.error == "SIGXCPU" and not outcome.refused


def test_a_refusal_is_told_from_other_errors() -> None:
    outcome = bounded(_refuse)
    assert outcome.refused and outcome.said.startswith("cat.jpg: a cat")

"""Only known names with values of their type are accepted."""

from __future__ import annotations

from typing import Any

import pytest

from lib.core.errors import InputError
from utils.notebooks.parameters import Parameter, checked, declared, fits, from_text


def notebook(text: str) -> dict[str, Any]:
    return {"cells": [{"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": text}]}


def test_a_line_gives_name_type_default_and_comment() -> None:
    known = declared(notebook('gpx: str = "a#b.gpx"  # the course\nathlete: str | None = None  # whose\nx = 1'))
    assert known == {
        "gpx": Parameter("gpx", "str", "a#b.gpx", "the course"),
        "athlete": Parameter("athlete", "str | None", None, "whose"),
        "x": Parameter("x", "", 1, ""),
    }


@pytest.mark.parametrize(
    ("value", "annotation", "answer"),
    [
        (3, "int", True),
        (True, "int", False),
        (3, "float", True),
        (3.0, "int", False),
        ("3", "int", False),
        (None, "str | None", True),
        (1, "str | None", False),
        ([1, 2], "list[int]", True),
        ([1, "2"], "list[int]", False),
        ([1, 2], "tuple[int, int]", True),
        ([1], "tuple[int, int]", False),
        ([1, 2, 3], "tuple[int, ...]", True),
        ({"a": 1.0}, "dict[str, float]", True),
        ({"a": "b"}, "dict[str, float]", False),
        ("cpu", 'Literal["cpu", "gpu"]', True),
        ("tpu", 'Literal["cpu", "gpu"]', False),
        (object(), "", True),
        (1, "Unheard", False),
    ],
)
def test_a_value_fits_its_type_or_does_not(value: object, annotation: str, answer: bool) -> None:
    assert fits(value, annotation) is answer


@pytest.mark.parametrize(
    ("text", "annotation", "value"),
    [
        ("12", "int", 12),
        ("1e-3", "float", 1e-3),
        ("True", "bool", True),
        ("none", "int | None", None),
        ("12", "str", "12"),
        ("[1, 2]", "list[int]", [1, 2]),
        ("abc", "int", "abc"),
    ],
)
def test_a_word_of_the_command_line_is_read_by_type(text: str, annotation: str, value: object) -> None:
    assert from_text(text, Parameter("x", annotation, None, "")) == value


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    known = declared(notebook("steps: int = 1  # a\nseed: int = 2  # b"))
    with pytest.raises(InputError, match=r"unknown parameter `step`; expected one of steps, seed"):
        checked({"step": 1}, known, "01_train")


def test_a_value_of_another_type_is_refused_with_its_default() -> None:
    known = declared(notebook("steps: int = 7  # a"))
    with pytest.raises(InputError, match=r"steps = 'many' \(str\); expected a value of type int.*default, 7"):
        checked({"steps": "many"}, known, "01_train")

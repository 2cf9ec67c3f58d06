"""Types and ranges of the fields of dataclasses, checked on construction and while reading JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from itertools import repeat
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

from lib.core.errors import InputError

T = TypeVar("T")
_AGAIN: Final = "Make it again."
_MOST_DIGITS: Final = 19
"""Of a whole number: those of 64 bits."""
_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Range:
    """Least and greatest value of a number, in ``Annotated``."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Length:
    """Fewest and most entries of a tuple or a mapping, or characters of a text, in ``Annotated``."""

    fewest: int
    most: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """Regular expression that a whole text matches, and what it means in words, in ``Annotated``."""

    expression: str
    words: str


def check_fields(made: object) -> None:
    """Refuse a dataclass with a field that is not of its declared type and range; for its ``__post_init__``.

    Types are int, float, str, None, ``Literal``, unions, tuples, mappings by text and other dataclasses. Every number
    declares its `Range`, everything of any length its `Length`. A whole number is also a float; a bool is no number.
    """
    for name, kind in _kinds(type(made)).items():
        if wrong := _misfit(kind, getattr(made, name)):
            raise InputError(f"{name}{wrong.place} = {_shown(wrong.value)}", wrong.expected, _AGAIN)


def made_of(cls: type[T], content: object, where: str = "") -> T:
    """Make a dataclass, and those that are its fields, from parsed JSON.

    Parameters
    ----------
    cls : type
        A dataclass that calls `check_fields`.
    content : object
        An object with all of its fields and no other, or a list of their values in order; a text for a dataclass that
        reads one (`from_text`).
    where : str
        Field that it is, for messages; none if it is the whole.

    Raises
    ------
    InputError
        If a field is missing, unknown, or not of its type and range; it says which.
    """
    names = [field.name for field in fields(cls)]  # type: ignore[arg-type]
    from_text = getattr(cls, "from_text", None)
    if isinstance(content, str) and from_text is not None:
        return from_text(content)
    if isinstance(content, list):
        if len(content) != len(names):
            raise InputError(f"{where} of {len(content)} values", f"{len(names)}", _AGAIN)
        content = dict(zip(names, content, strict=True))
    if not isinstance(content, dict):
        raise InputError(f"{where or 'all'} is {_shown(content)}", "a JSON object", _AGAIN)
    for kind, odd in (("no field", set(names) - set(content)), ("an unknown field", set(content) - set(names))):
        if odd:
            raise InputError(f"{kind} {min(odd)[:_SHOWN]!r}{where and f' in {where}'}", "all fields, no other", _AGAIN)
    kinds = _kinds(cls)
    try:
        return cls(**{name: _made(kinds[name], value, name) for name, value in content.items()})
    except InputError as error:
        raise InputError(f"{error.found}{where and f' in {where}'}", error.expected, error.remedy) from error


def _made(declared: Any, value: Any, name: str) -> Any:
    """Parsed JSON as a field of that declared type takes it: tuples for lists, and dataclasses."""
    kind = _kind(declared)
    if is_dataclass(kind.base):
        return made_of(kind.base, value, name)
    if kind.base is tuple and isinstance(value, list) and is_dataclass(kind.arguments[0]):
        return tuple(made_of(kind.arguments[0], one, name) for one in value)
    return _with_tuples(value)


def parse_json(text: str) -> object:
    """Parse JSON in which no name stands twice and every number is finite.

    Raises
    ------
    InputError
        If it is damaged, nested too deep, or none of that.
    """
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_number, parse_int=_whole)
    except InputError:
        raise
    except (ValueError, RecursionError) as error:
        raise InputError(f"JSON that is damaged ({error})", "a whole JSON file", _AGAIN) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in found if names.count(name) > 1)
        raise InputError(f"the name {twice[:_SHOWN]!r} twice in one object", "each name once", _AGAIN)
    return found


def _no_number(word: str) -> None:
    raise InputError(f"the number {word}", "finite numbers", _AGAIN)


def _whole(digits: str) -> int:
    if len(digits.lstrip("-")) > _MOST_DIGITS:
        raise InputError(f"a number of {len(digits)} digits", f"{_MOST_DIGITS} at most", _AGAIN)
    return int(digits)


def _with_tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _with_tuples(item) for name, item in value.items()}
    return tuple(map(_with_tuples, value)) if isinstance(value, list) else value


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, tuple | list):
        return f"a list of {len(value)}"
    return repr(value)[:_SHOWN]


@cache
def _kinds(cls: type) -> dict[str, Any]:
    return get_type_hints(cls, include_extras=True)


class _Kind(NamedTuple):
    """A declared type taken apart."""

    base: Any
    arguments: tuple[Any, ...]
    range: Range | None
    length: Length | None
    pattern: Pattern | None


class _Misfit(NamedTuple):
    """A value that is not of its kind, what was expected, and where within a field it stands."""

    value: object
    expected: str
    place: str = ""


@cache
def _kind(declared: Any) -> _Kind:
    base, *limits = get_args(declared) if get_origin(declared) is Annotated else (declared,)
    limit = {type(item): item for item in limits}
    return _Kind(get_origin(base) or base, get_args(base), *(limit.get(x) for x in (Range, Length, Pattern)))


def _misfit(declared: Any, value: Any) -> _Misfit | None:
    kind = _kind(declared)
    if kind.base in (int, float):
        return _number_misfit(kind, value)
    if kind.base is str:
        return _text_misfit(kind, value)
    if kind.base is tuple:
        return _tuple_misfit(kind, value)
    if kind.base is Mapping:
        assert kind.length is not None, "a mapping without a length"
        if not isinstance(value, Mapping) or len(value) > kind.length.most:
            return _Misfit(value, f"an object of {kind.length.most} entries at most")
        return _first_misfit((f".{name[:_SHOWN]}", kind.arguments[1], item) for name, item in value.items())
    if kind.base is Literal:
        fits = any(value is one or (isinstance(value, str) and value == one) for one in kind.arguments)
        return None if fits else _Misfit(value, " or ".join(map(repr, kind.arguments)))
    if kind.base in (Union, UnionType):
        wrongs = [_misfit(one, value) for one in kind.arguments if one is not NoneType]
        return None if value is None or None in wrongs else wrongs[0]
    return None if isinstance(value, kind.base) else _Misfit(value, f"a {kind.base.__name__}")


def _number_misfit(kind: _Kind, value: Any) -> _Misfit | None:
    assert kind.range is not None, "a number without a range"
    low, high = kind.range.low, kind.range.high
    types = int if kind.base is int else (int, float)
    if isinstance(value, types) and not isinstance(value, bool) and low <= value <= high:
        return None
    return _Misfit(value, f"a {'whole ' if kind.base is int else ''}number from {low:g} to {high:g}")


def _text_misfit(kind: _Kind, value: Any) -> _Misfit | None:
    if kind.pattern is not None:
        fits = isinstance(value, str) and re.fullmatch(kind.pattern.expression, value)
        return None if fits else _Misfit(value, kind.pattern.words)
    assert kind.length is not None, "a text without a length"
    fits = isinstance(value, str) and kind.length.fewest <= len(value) <= kind.length.most
    return None if fits else _Misfit(value, f"a text of {kind.length.fewest} to {kind.length.most} characters")


def _tuple_misfit(kind: _Kind, value: Any) -> _Misfit | None:
    if kind.arguments[-1] is not Ellipsis:
        fewest = most = len(kind.arguments)
        items = kind.arguments
    else:
        assert kind.length is not None, "a tuple without a length"
        fewest, most = kind.length.fewest, kind.length.most
        items = repeat(kind.arguments[0])  # type: ignore[assignment]
    if not isinstance(value, tuple) or not fewest <= len(value) <= most:
        return _Misfit(value, f"{fewest} values" if fewest == most else f"{fewest} to {most} values")
    first = _kind(kind.arguments[0])
    if kind.arguments[-1] is Ellipsis and first.range is not None and set(map(type, value)) <= {first.base, int}:
        low, high = first.range.low, first.range.high  # hundreds of plain numbers, as a rule all good
        if all(low <= one <= high for one in value):
            return None
    return _first_misfit((f"[{i}]", item, one) for i, (item, one) in enumerate(zip(items, value, strict=False)))


def _first_misfit(parts: Iterable[tuple[str, Any, Any]]) -> _Misfit | None:
    for place, declared, value in parts:
        if wrong := _misfit(declared, value):
            return wrong._replace(place=place + wrong.place)
    return None

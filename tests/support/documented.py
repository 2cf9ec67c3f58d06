"""Tables in `docs/` that are made from the code: `python -m tests.support.documented` writes them again."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import BaseModel

from api.schemas import Prediction
from api.settings import PREFIX, Settings
from lib.athlete.bundle import Bundle
from lib.core import schema
from lib.race.options import options_markdown, options_of
from tests.repository.test_rooms import ALLOWED

ROOT: Final = Path(__file__).resolve().parents[2]
PAGES: Final = sorted((ROOT / "docs").glob("*.md"))
_BLOCK: Final = re.compile(r"<!-- table: (.+?) -->\n(.*?)<!-- end -->", re.DOTALL)


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def columns(name: str) -> str:
    """Columns of one of the tables of `lib.core.schema`."""
    table: Mapping[str, tuple[str, str]] = getattr(schema, name)
    rows = [(f"`{column}`", "" if unit == "1" else unit, meaning) for column, (unit, meaning) in table.items()]
    return markdown(("column", "unit", "meaning"), rows)


def parameters(cls: type) -> dict[str, str]:
    """Meaning of each parameter of a class, from its docstring."""
    lines = (cls.__doc__ or "").split("Parameters\n", 1)[-1].splitlines()[1:]
    found: dict[str, str] = {}
    names: list[str] = []
    for line in lines:
        text = line.strip()
        if re.fullmatch(r"[\w, ]+ : .+", text):
            names = [name.strip() for name in text.split(" : ")[0].split(",")]
        elif text and names:
            for name in names:
                found[name] = f"{found[name]} {text}" if name in found else text
        elif not text:
            names = []
    return found


def bundle() -> str:
    """Fields of the bundle; those that share a meaning stand in one row."""
    meaning = parameters(Bundle)
    names: dict[str, list[str]] = {}
    for item in fields(Bundle):
        names.setdefault(meaning[item.name].rstrip("."), []).append(f"`{item.name}`")
    return markdown(("field", "meaning"), [(", ".join(found), text) for text, found in names.items()])


def form() -> str:
    """Fields of the API's form."""
    rows = [
        (f"`{option.name}`", option.help, *(f"`{text}`" if text else "" for text in (option.default, option.example)))
        for option in options_of("api")
    ]
    return markdown(("field", "what it says", "default", "example"), rows)


def settings() -> str:
    """Settings of the API."""
    meaning = parameters(Settings)
    rows = []
    for item in fields(Settings):
        default = item.default.relative_to(ROOT) if isinstance(item.default, Path) else item.default
        rows.append((f"`{PREFIX}{item.name.upper()}`", f"`{default}`", meaning[item.name].rstrip(".")))
    return markdown(("variable", "default", "meaning"), rows)


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models(part)]


def answer() -> str:
    """Fields of the API's answer; what splits, legs and climbs have in common stands once."""
    rows: dict[str, tuple[str, str]] = {}

    def add(model: type[BaseModel], place: str) -> None:
        common = model.__bases__[0].model_fields
        for name, field in common.items():
            rows.setdefault(name, (f"`…[].{name}`", field.description or ""))
        for name, field in model.model_fields.items():
            if name in common:
                continue
            inner = _models(field.annotation)
            path = f"{place}{name}{'[]' if inner and 'list' in str(field.annotation) else ''}"
            meaning = field.description or (inner[0].__doc__ if inner else "") or name
            rows[path] = (f"`{path}`", meaning.strip().rstrip("."))
            for found in inner:
                add(found, f"{path}.")

    add(Prediction, "")
    return markdown(("field", "meaning"), rows.values())


def rooms() -> str:
    """Rooms of `lib`: what happens in each, from its docstring, and what it may import."""
    rows = []
    for room, below in ALLOWED.items():
        text = (import_module(f"lib.{room}").__doc__ or "").strip().splitlines()[0]
        rows.append((f"`{room}`", text.rstrip("."), ", ".join(name for name in ALLOWED if name in below) or "nothing"))
    return markdown(("room in `lib/`", "what happens there", "may import"), rows)


TABLES: Final[Mapping[str, Callable[..., str]]] = {
    "options": options_markdown,
    "form": form,
    "columns": columns,
    "bundle": bundle,
    "settings": settings,
    "answer": answer,
    "rooms": rooms,
}


def written(text: str) -> str:
    """A page with its tables made anew."""

    def made(match: re.Match[str]) -> str:
        kind, *words = match[1].split()
        return f"<!-- table: {match[1]} -->\n{TABLES[kind](*words)}<!-- end -->"

    return _BLOCK.sub(made, text)


if __name__ == "__main__":
    for page in PAGES:
        page.write_text(written(page.read_text(encoding="utf-8")), encoding="utf-8")
        sys.stdout.write(f"{page.relative_to(ROOT)}\n")

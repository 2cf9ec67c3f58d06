"""Parameters of a notebook: typed defaults, and values checked against them."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from lib.core.errors import InputError

TAG: Final = "parameters"
SIMPLE: Final[dict[str, type | tuple[type, ...]]] = {"str": str, "int": int, "float": (int, float), "bool": bool}


@dataclass(frozen=True)
class Parameter:
    """One line ``name: type = default  # comment`` of a `parameters` cell.

    Parameters
    ----------
    name : str
        The variable.
    annotation : str
        Its type as written, ``""`` where there is none.
    default : object
        The value of the quick run.
    comment : str
        What it means, ``""`` where there is none.
    """

    name: str
    annotation: str
    default: Any
    comment: str


def parameters_cells(notebook: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Cells that carry the tag `parameters`."""
    return [cell for cell in notebook["cells"] if TAG in cell.get("metadata", {}).get("tags", [])]


def source(cell: Mapping[str, Any]) -> str:
    """Text of a cell; files store it as one string or as a list of lines."""
    text = cell["source"]
    return text if isinstance(text, str) else "".join(text)


def declared(notebook: Mapping[str, Any], name: str = "notebook") -> dict[str, Parameter]:
    """Parameters of a notebook, in the order of its `parameters` cell.

    Parameters
    ----------
    notebook : mapping
        A notebook as nbformat or json reads it.
    name : str
        For messages.

    Raises
    ------
    InputError
        If there is not exactly one `parameters` cell, or a line of it is no assignment of a literal to a name.
    """
    cells = parameters_cells(notebook)
    if len(cells) != 1:
        raise InputError(
            f"{len(cells)} cells tagged `{TAG}`", "exactly one", "Tag the cell that holds the defaults.", name
        )
    text = source(cells[0])
    lines = text.splitlines()
    found: dict[str, Parameter] = {}
    for node in ast.parse(text).body:
        line = lines[node.lineno - 1]
        try:
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
                target, annotation = node.target.id, ast.unparse(node.annotation)
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                target, annotation = node.targets[0].id, ""
            else:
                raise ValueError(line)
            default = ast.literal_eval(node.value)
        except ValueError as error:
            raise InputError(
                f"the parameter line `{line}`",
                "`name: type = default  # comment` with a plain value",
                "Move everything else out of the parameters cell.",
                name,
            ) from error
        comment = lines[(node.end_lineno or node.lineno) - 1][node.end_col_offset or 0 :].strip()
        found[target] = Parameter(target, annotation, default, comment.removeprefix("#").strip())
    return found


def fits(value: object, annotation: str) -> bool:
    """Whether a value is of a type written as ``int``, ``str | None``, ``list[float]`` or ``Literal["a", "b"]``."""
    return annotation == "" or _fits(value, ast.parse(annotation, mode="eval").body)


def _fits(value: object, kind: ast.expr) -> bool:
    if isinstance(kind, ast.Constant):
        return value is None if kind.value is None else (isinstance(kind.value, str) and fits(value, kind.value))
    if isinstance(kind, ast.BinOp) and isinstance(kind.op, ast.BitOr):
        return _fits(value, kind.left) or _fits(value, kind.right)
    if isinstance(kind, ast.Name):
        if kind.id in {"list", "tuple"}:
            return isinstance(value, (list, tuple))
        if kind.id == "dict":
            return isinstance(value, dict)
        if isinstance(value, bool) and kind.id != "bool":  # a bool is an int to Python, not to a reader
            return False
        return kind.id in SIMPLE and isinstance(value, SIMPLE[kind.id])
    if isinstance(kind, ast.Subscript) and isinstance(kind.value, ast.Name):
        inner = list(kind.slice.elts) if isinstance(kind.slice, ast.Tuple) else [kind.slice]
        if kind.value.id == "Literal":
            return value in [ast.literal_eval(choice) for choice in inner]
        if kind.value.id == "list":
            return isinstance(value, (list, tuple)) and all(_fits(item, inner[0]) for item in value)
        if kind.value.id == "tuple" and isinstance(value, (list, tuple)):
            if len(inner) == 2 and isinstance(inner[1], ast.Constant) and inner[1].value is Ellipsis:
                return all(_fits(item, inner[0]) for item in value)
            return len(value) == len(inner) and all(_fits(item, one) for item, one in zip(value, inner, strict=True))
        if kind.value.id == "dict":
            return isinstance(value, dict) and all(
                _fits(key, inner[0]) and _fits(item, inner[1]) for key, item in value.items()
            )
    return False


def from_text(text: str, parameter: Parameter) -> object:
    """Value meant by a word of the command line: as JSON where that fits the type, else the text itself."""
    if not fits(text, parameter.annotation) or parameter.annotation == "":
        lowered = text.strip().lower()
        candidates: list[object] = [None] if lowered in {"none", "null"} else []
        for form in (text, lowered):
            try:
                candidates.append(json.loads(form))
            except ValueError:
                continue
        for candidate in candidates:
            if fits(candidate, parameter.annotation):
                return candidate
    return text


def checked(values: Mapping[str, object], known: Mapping[str, Parameter], name: str) -> dict[str, Any]:
    """Values once each is known to the notebook and of its type.

    Parameters
    ----------
    values : mapping
        Given values by name.
    known : mapping
        What `declared` found.
    name : str
        The notebook or the file that gives the values, for messages.

    Raises
    ------
    InputError
        For a name that the notebook does not know or a value of another type.
    """
    for key, value in values.items():
        if key not in known:
            raise InputError(
                f"the unknown parameter `{key}`",
                f"one of {', '.join(known) or 'none at all'}",
                "Correct the name or leave it out.",
                name,
            )
        if not fits(value, known[key].annotation):
            raise InputError(
                f"{key} = {value!r} ({type(value).__name__})",
                f"a value of type {known[key].annotation}",
                f"Give it like its default, {known[key].default!r}.",
                name,
            )
    return dict(values)

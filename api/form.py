"""The form of POST /predict: its fields are the table of options, and no other is taken."""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, Signature, signature
from typing import Annotated, Any, Final, Literal

from fastapi import File, Form, Query, Request, UploadFile

from lib.core.errors import InputError
from lib.race.options import Kind, Option, Surface, options_of
from lib.race.words import sorted_out

_FORMAT: Final = "format"
_FORMATS: Final = Query(
    alias=_FORMAT,
    description="csv: every step; legs: a row for each station; gpx: the course with times, needs a start",
)


def _field(option: Option) -> Parameter:
    """A field of the form, as FastAPI describes it."""
    if option.kind is Kind.FILE:
        needed = option.name == "gpx"
        kind = UploadFile if needed else UploadFile | None
        annotation: Any = Annotated[kind, File(description=option.help)]
        default: Any = Parameter.empty if needed else None
    else:
        annotation = Annotated[str, Form(max_length=option.max_length, description=option.help)]
        default = option.default
    return Parameter(option.name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def signature_of(endpoint: Callable[..., Any]) -> Signature:
    """The endpoint's signature with a parameter for each option of the API, and the format of the answer."""
    fixed = [Parameter("request", Parameter.KEYWORD_ONLY, annotation=Request)]
    form = Annotated[Literal["json", "csv", "legs", "gpx"], _FORMATS]
    fixed.append(Parameter("form", Parameter.KEYWORD_ONLY, default="json", annotation=form))
    return signature(endpoint).replace(parameters=[*fixed, *map(_field, options_of("api"))])


async def said(request: Request) -> dict[str, str]:
    """What a request says of a race, by `lib.race.options.Option.name`.

    Raises
    ------
    InputError
        If a field is unknown or given twice, in the form or in the query.
    """
    for name in request.query_params:
        if name != _FORMAT:
            found = f"{name[:40]} in the query, which is unknown"
            raise InputError(found, f"{_FORMAT} alone", "Send everything else as fields of the form.")
    if len(request.query_params.multi_items()) > 1:
        raise InputError("two values", "one", "Leave one out.", _FORMAT)
    items = (await request.form()).multi_items()
    pairs = [(name, value if isinstance(value, str) else "file") for name, value in items]
    found = sorted_out(pairs, options_of("api"), Surface.API)
    return {name: text for name, (option, text) in found.items() if option.kind is not Kind.FILE}

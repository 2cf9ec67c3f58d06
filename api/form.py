"""The forms of requests: their fields are the table of options, and no other is taken."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from inspect import Parameter, Signature, signature
from typing import Annotated, Any, Final, Literal

from fastapi import File, Form, Query, Request, UploadFile
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser

from api.service import NAMES, PAGES
from lib.core.errors import InputError
from lib.race.options import Kind, Option, Surface, options_of
from lib.race.words import sorted_out
from lib.report.export.formats import FORMATS

_FORMAT: Final = "format"
_STEPS: Final = "steps"
OF_A_PLAN: Final = (_FORMAT, _STEPS)
OF_A_PROFILE: Final = (_FORMAT,)
"""What may stand in the query."""
MAX_RECORDINGS: Final = 100
"""Files of a request for a profile; more come in an archive, where they are counted by themselves."""
MAX_TEXT: Final = 100_000
FORMATS_HELP: Final = "; ".join(
    [f"{name}: {text}" for name, (_, text) in PAGES.items()]
    + [f"{name}: {kind.help}{', needs a start' if kind.clocked else ''}" for name, kind in FORMATS.items()]
)
_Steps = Annotated[Literal["yes", "no"], Query(alias=_STEPS, description="no: a JSON without every step; JSON alone")]
ATHLETE_OPTIONS: Final = tuple(option for option in options_of("athlete") if option.name in ("data", "results"))
"""Options of a request for a profile."""
COURSE_OPTIONS: Final = tuple(option for option in options_of("api") if option.name in ("gpx", "laps"))


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
    """The endpoint's signature with a parameter for each option of the API, and what the answer is to be."""
    form = Annotated[Literal[NAMES], Query(alias=_FORMAT, description=FORMATS_HELP)]  # type: ignore[valid-type]
    fixed = [
        Parameter("request", Parameter.KEYWORD_ONLY, annotation=Request),
        Parameter("form", Parameter.KEYWORD_ONLY, default="json", annotation=form),
        Parameter(_STEPS, Parameter.KEYWORD_ONLY, default="yes", annotation=_Steps),
    ]
    return signature(endpoint).replace(parameters=[*fixed, *map(_field, options_of("api"))])


def athlete_body() -> dict[str, Any]:
    """The form of POST /athlete, as OpenAPI describes it."""
    fields = {}
    for option in ATHLETE_OPTIONS:
        kind: dict[str, Any] = {"type": "string", "description": option.help}
        if option.kind is Kind.PLACE:
            items = {"type": "string", "format": "binary"}
            kind = {"type": "array", "items": items, "description": option.help, "maxItems": MAX_RECORDINGS}
        fields[option.name] = kind
    return {"content": {"multipart/form-data": {"schema": {"type": "object", "properties": fields}}}}


class _Recordings(MultiPartParser):
    """Reads a form with recordings: large ones go through nameless files, so that few bytes of each are in memory."""

    spool_max_size = 500_000


async def recordings_form(request: Request) -> FormData:
    """Read the form of POST /athlete.

    Raises
    ------
    HTTPException
        If it is none, or has more files or fields than it may.
    """
    if not request.headers.get("content-type", "").startswith("multipart/"):
        return await request.form()
    try:
        return await _Recordings(
            request.headers, request.stream(), max_files=MAX_RECORDINGS, max_fields=10, max_part_size=MAX_TEXT
        ).parse()
    except MultiPartException as error:
        raise HTTPException(400, f"a form that cannot be read ({error.message})") from error


def said(request: Request, form: FormData, options: Sequence[Option], query: Collection[str]) -> dict[str, str]:
    """What a request says, by `lib.race.options.Option.name`; of files nothing.

    Parameters
    ----------
    request : Request
        Its query is checked.
    form : FormData
        Its form.
    options : sequence of Option
        What may be in the form; only a `Kind.PLACE` several times.
    query : collection of str
        What may be in the query.

    Raises
    ------
    InputError
        If a field is unknown or given twice, in the form or in the query.
    """
    for name in request.query_params:
        if name not in query:
            found = f"{name[:40]} in the query, which is unknown"
            raise InputError(
                found, f"{' and '.join(query) or 'nothing'} alone", "Send everything else as fields of the form."
            )
        if len(request.query_params.getlist(name)) > 1:
            raise InputError("two values", "one", "Leave one out.", name)
    several = {option.name for option in options if option.kind is Kind.PLACE}
    pairs = [(name, value if isinstance(value, str) else "file") for name, value in form.multi_items()]
    pairs = [pair for i, pair in enumerate(pairs) if pair[0] not in several or pair not in pairs[:i]]
    found = sorted_out(pairs, options, Surface.API)
    return {name: text for name, (option, text) in found.items() if option.kind not in (Kind.FILE, Kind.PLACE)}

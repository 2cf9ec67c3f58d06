"""The HTTP API: GPX files in, predictions with units and intervals out, and a page that draws them.

It imports neither torch nor tables: model and bundle are read once, at the start, by ONNX Runtime and NumPy.
"""

from __future__ import annotations

import logging
import re
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Final, Literal

import uvicorn
from fastapi import FastAPI, File, Form, Query, Request, UploadFile
from fastapi import Path as InPath
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile as Uploaded
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartParser

from api.answers import Answer, file_name, takes_gzip
from api.athlete import Importer, Recorded
from api.connections import connections
from api.docs import docs_page
from api.form import (
    ATHLETE_OPTIONS,
    COURSE_OPTIONS,
    OF_A_PLAN,
    OF_A_PROFILE,
    athlete_body,
    recordings_form,
    said,
    signature_of,
)
from api.guard import ATHLETE, HEALTH, Guard, RefusedError, Slots
from api.pages import pages
from api.schemas import CourseRead, Fault, Health, Prediction, Preset
from api.service import COURSE, Asked, Service
from api.settings import Settings
from api.workers import Workers
from lib.athlete.bundle import MAX_FILE_BYTES
from lib.core.errors import InputError
from lib.core.text import one_line
from lib.race.options import options_of
from lib.report.export.formats import FORMATS

_LONGEST_NAME: Final = 50
"""Letters, of up to four bytes each: file systems take 255."""
_LONG_COURSE: Final = "Send a shorter course, or try again."
_MANY_RUNS: Final = "Send the recordings of the last two years: the latest tell most."
PROFILE_FORMATS: Final = "profile: the file; report: the same as text, with what it was made of"
_FAULTS: Final[dict[int | str, dict[str, Any]]] = {
    400: {"model": Fault, "description": "No request of that form"},
    408: {"model": Fault, "description": "The request came too slowly"},
    413: {"model": Fault, "description": "Larger than the limit"},
    422: {"model": Fault, "description": "A course, an athlete or a value that cannot be used"},
    503: {"model": Fault, "description": "Too many at once; Retry-After says when to try again"},
    504: {"model": Fault, "description": "It took longer than the limit"},
}


def _fault(status: int, found: str, expected: str, remedy: str, headers: Any = None) -> JSONResponse:
    return JSONResponse({"found": found, "expected": expected, "remedy": remedy}, status, headers)


def _add_faults(app: FastAPI) -> None:
    """Say every error in the words of `Fault`."""

    @app.exception_handler(InputError)
    async def input_error(_: Request, error: InputError) -> JSONResponse:
        where = f"{error.source}: " if error.source else ""
        return _fault(422, where + error.found, error.expected, error.remedy)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        place = " ".join(str(part) for part in first["loc"])
        return _fault(422, f"{place}: {first['msg']}", "what /openapi.json describes", "Correct the request.")

    @app.exception_handler(HTTPException)
    async def refused(_: Request, error: HTTPException) -> JSONResponse:
        if isinstance(error, RefusedError):
            return JSONResponse(error.detail, error.status_code, error.headers)
        return _fault(
            error.status_code, str(error.detail), "a path and method of /openapi.json", "Correct it.", error.headers
        )

    @app.exception_handler(Exception)
    async def failed(_: Request, error: Exception) -> JSONResponse:
        return _fault(500, "an error of ours", "an answer", "Tell us, with the file that was sent.")


def _sent(answer: Answer) -> Response:
    return Response(answer.content, media_type=answer.media_type, headers=answer.headers)


def _packed(request: Request) -> bool:
    return takes_gzip(request.headers.get("accept-encoding", ""))


def _name_of(file: Uploaded | None, other: str) -> str:
    """Name of an uploaded file, for messages."""
    return one_line("" if file is None else file.filename, 80) or other


def _add_predict(app: FastAPI, workers: Workers, slots: Slots) -> None:
    texts = {kind.media_type.split(";")[0]: {"schema": {"type": "string"}} for kind in FORMATS.values()}
    del texts["application/json"]
    described = {
        "model": Prediction,
        "description": "The plan, in the format that was asked for",
        "content": texts | {"text/html": {"schema": {"type": "string"}}},
    }

    async def predict(
        request: Request,
        gpx: UploadFile,
        athlete: UploadFile | None = None,
        form: str = "json",
        steps: str = "yes",
        **_: str,
    ) -> Response:
        """Plan a run: time, heart rate and cadence of every 5 m, splits, stations and finish with intervals."""
        asked = Asked(
            words=said(request, await request.form(), options_of("api"), OF_A_PLAN),
            gpx=await gpx.read(),
            source=_name_of(gpx, "course.gpx"),
            athlete=None if athlete is None else await athlete.read(MAX_FILE_BYTES + 1),
            athlete_name=Path(_name_of(athlete, "")).stem,
            form=form,
            steps=steps == "yes",
            packed=_packed(request),
        )
        return _sent(await slots.run(lambda until: workers.answer(asked, until)))

    predict.__signature__ = signature_of(predict)  # type: ignore[attr-defined]  # FastAPI reads the form from it
    app.post("/predict", responses={200: described} | _FAULTS, response_class=Response)(predict)

    @app.post("/course", responses={200: {"model": CourseRead}} | _FAULTS, response_class=Response)
    async def course(
        request: Request,
        gpx: Annotated[UploadFile, File(description="The course, as for a plan")],
        laps: Annotated[str, Form(description="How often it is run, as for a plan")] = "1",
    ) -> Response:
        """Read a course: length, climb, profile, waypoints as stations, and the time zone that it probably has."""
        words = said(request, await request.form(), COURSE_OPTIONS, ())
        source, content = _name_of(gpx, "course.gpx"), await gpx.read()
        asked = Asked(content, source, words=words, form=COURSE, packed=_packed(request))
        return _sent(await slots.run(lambda until: workers.answer(asked, until)))


def _add_athlete(app: FastAPI, importers: Workers, slots: Slots) -> None:
    described = {
        "description": "The athlete profile: a JSON to be kept, and sent with plans",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }

    async def profile(
        request: Request,
        form: Annotated[Literal["profile", "report"], Query(alias="format", description=PROFILE_FORMATS)] = "profile",
    ) -> Response:
        """Make an athlete profile of recordings (files, or an archive of them) and race results; nothing is kept."""
        fields = await recordings_form(request)
        try:
            words = said(request, fields, ATHLETE_OPTIONS, OF_A_PROFILE)
            files = [file for file in fields.getlist("data") if isinstance(file, Uploaded) and file.filename]
            results = words.get("results", "")
            if not files and not results.strip():
                raise InputError("neither data nor results", "one of them, or both", "Send recordings or results.")
            name = Path(_name_of(files[0], "")).stem if len(files) == 1 else ""
            packed = _packed(request)

            def made(until: float) -> Answer:
                with TemporaryDirectory(prefix="trailcast-") as folder:
                    there = Path(folder) if files else None
                    for i, file in enumerate(files):
                        _put(file, Path(folder), i)
                    return importers.answer(Recorded(there, results, name, form, packed), until)

            return _sent(await slots.run(made))
        finally:
            await fields.close()

    extra = {"requestBody": athlete_body()}
    responses = {200: described} | _FAULTS
    app.post(ATHLETE, responses=responses, response_class=Response, openapi_extra=extra)(profile)


def _put(file: Uploaded, folder: Path, number: int) -> None:
    """Write a recording under its name, of which nothing can lead out of the folder or hide it."""
    name = re.sub(r"[^\w .()-]", "_", Path(_name_of(file, "recording").replace("\\", "/")).name).lstrip(". ")
    path = folder / (name[-_LONGEST_NAME:].lstrip(". ") or "recording")
    while path.exists():
        path = folder / f"{number}_{path.name}"
    with path.open("xb") as written:
        shutil.copyfileobj(file.file, written)


def _add_presets(app: FastAPI, service: Service) -> None:
    @app.get("/presets")
    async def presets() -> list[Preset]:
        """List the courses that are here to try."""
        return [Preset(**preset) for preset in await run_in_threadpool(lambda: service.presets)]

    gpx = {"description": "The course", "content": {"application/gpx+xml": {"schema": {"type": "string"}}}}

    @app.get(
        "/presets/{name}",
        responses={200: gpx, 404: {"model": Fault, "description": "None of that name"}, 422: _FAULTS[422]},
        response_class=Response,
    )
    async def preset(
        request: Request, name: Annotated[str, InPath(max_length=100, description="One of /presets")]
    ) -> Response:
        """Give the file of one of them."""
        path, packed, kind = service.preset_paths.get(name), _packed(request), FORMATS["gpx"]
        if path is None:
            raise RefusedError(404, f"no course {name[:40]!r}", "a name of /presets", "Ask for one of these.")

        def read() -> Answer:
            return Answer(path.read_bytes(), kind.media_type, file_name(name, kind.ending)).as_wanted(packed)

        return _sent(await run_in_threadpool(read))


def _add_pages(app: FastAPI) -> None:
    for path, content in pages().items():
        packed = content.as_wanted(True)

        def page(request: Request, content: Answer = content, packed: Answer = packed) -> Response:
            return _sent(packed if _packed(request) else content)

        app.add_api_route(path, page, include_in_schema=False)

    @app.get("/docs", include_in_schema=False)
    def docs(request: Request) -> Response:
        return _sent(Answer(docs_page(app.openapi()).encode(), "text/html; charset=utf-8").as_wanted(_packed(request)))


def create_app(settings: Settings | None = None) -> FastAPI:
    """Make the application, model loaded.

    Parameters
    ----------
    settings : Settings, optional
        By default from the environment.

    Raises
    ------
    InputError
        If the model cannot be served: files missing, damaged, or not of one model.
    """
    settings = settings or Settings.from_environment()
    service = Service(settings)
    workers = Workers(settings, settings.workers)
    slots = Slots(settings.workers, settings.waiting, settings.time_limit_s, _LONG_COURSE)
    importers = Workers(settings, settings.imports, Importer, kept=False)
    profiles = Slots(settings.imports, settings.imports, settings.import_limit_s, _MANY_RUNS)
    # A body is held in memory anyway and is small: no part of it goes through a file.
    MultiPartParser.spool_max_size = settings.max_upload_bytes

    @asynccontextmanager
    async def served(_: FastAPI) -> AsyncIterator[None]:
        workers.start()
        yield
        workers.stop()
        importers.stop()

    app = FastAPI(
        title="trailcast",
        lifespan=served,
        version="1",
        summary="Time, heart rate and cadence along a trail-running course, predicted before the start",
        docs_url=None,  # these pages would be fetched from elsewhere
        redoc_url=None,
    )
    app.add_middleware(Guard, settings=settings)
    _add_faults(app)
    _add_predict(app, workers, slots)
    _add_athlete(app, importers, profiles)
    _add_presets(app, service)
    _add_pages(app)

    @app.get(HEALTH)
    async def health() -> Health:
        """Say that all is well."""
        busy = min(slots.taken, slots.workers)
        return Health(status="ok", model_sha256=service.bundle.checkpoint_sha256, busy=busy, waiting=slots.taken - busy)

    return app


def serve(settings: Settings) -> int:
    """Serve until stopped; returns the exit status.

    Raises
    ------
    InputError
        As `create_app`.
    """
    app = create_app(settings)
    logging.getLogger("uvicorn.error").setLevel(logging.INFO)
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        loop="asyncio",
        http=connections(settings.head_limit_s),  # type: ignore[arg-type]  # it calls what it is given
        ws="none",
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=5,
    )
    return 0


if __name__ == "__main__":
    from utils.cli.main import main

    sys.exit(main(["serve", *sys.argv[1:]]))

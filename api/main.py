"""The HTTP API: GPX files in, predictions with units and intervals out, and a page that draws them.

It imports neither torch nor tables: model and bundle are read once, at the start, by ONNX Runtime and NumPy.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import uvicorn
from fastapi import FastAPI, Request, UploadFile
from fastapi import Path as InPath
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartParser

from api.connections import connections
from api.form import said, signature_of
from api.guard import HEALTH, Guard, RefusedError, Slots
from api.schemas import Fault, Health, Prediction, Preset
from api.service import Asked, Service
from api.settings import Settings
from api.workers import Workers
from lib.athlete.bundle import MAX_FILE_BYTES
from lib.core.errors import InputError

PAGE: Final = Path(__file__).parent / "page"
_PAGES: Final = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/page/app.js": ("app.js", "text/javascript; charset=utf-8"),
    "/page/charts.js": ("charts.js", "text/javascript; charset=utf-8"),
    "/page/style.css": ("style.css", "text/css; charset=utf-8"),
}
_TYPES: Final = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "legs": "text/csv; charset=utf-8",
    "gpx": "application/gpx+xml",
}
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


def _add_predict(app: FastAPI, workers: Workers, slots: Slots) -> None:
    described = {
        "model": Prediction,
        "description": "The prediction",
        "content": {"text/csv": {"schema": {"type": "string"}}, "application/gpx+xml": {"schema": {"type": "string"}}},
    }

    async def predict(
        request: Request,
        gpx: UploadFile,
        athlete: UploadFile | None = None,
        form: Literal["json", "csv", "legs", "gpx"] = "json",
        **_: str,
    ) -> Response:
        """Predict a run: time, heart rate and cadence of every 5 m, splits, waypoints and finish with intervals."""
        words = await said(request)
        name = "".join(x for x in gpx.filename or "" if x.isprintable())[:80] or "course.gpx"
        asked = Asked(
            gpx=await gpx.read(),
            source=name,
            athlete=None if athlete is None else await athlete.read(MAX_FILE_BYTES + 1),
            words=words,
        )
        content = await slots.run(lambda until: workers.answer(asked, form, until))
        return Response(content, media_type=_TYPES[form])

    predict.__signature__ = signature_of(predict)  # type: ignore[attr-defined]  # FastAPI reads the form from it
    app.post("/predict", responses={200: described} | _FAULTS, response_class=Response)(predict)


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
    async def preset(name: Annotated[str, InPath(max_length=100, description="One of /presets")]) -> Response:
        """Give the file of one of them."""
        path = service.preset_paths.get(name)
        if path is None:
            raise RefusedError(404, f"no course {name[:40]!r}", "a name of /presets", "Ask for one of these.")
        return FileResponse(path, media_type=_TYPES["gpx"])


def _add_pages(app: FastAPI) -> None:
    for path, (name, kind) in _PAGES.items():
        content = (PAGE / name).read_bytes()

        def page(content: bytes = content, kind: str = kind) -> Response:
            return Response(content, media_type=kind)

        app.add_api_route(path, page, include_in_schema=False)


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
    workers = Workers(settings)
    slots = Slots(settings.workers, settings.waiting, settings.time_limit_s)
    # A body is held in memory anyway and is small: no part of it goes through a file.
    MultiPartParser.spool_max_size = settings.max_upload_bytes

    @asynccontextmanager
    async def served(_: FastAPI) -> AsyncIterator[None]:
        workers.start()
        yield
        workers.stop()

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

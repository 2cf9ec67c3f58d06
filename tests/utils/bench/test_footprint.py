"""The API needs no more than the Dockerfile copies, and that is small."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

import pytest

from tests.repository.test_environment import pins
from tests.support.served import ROOT, SHORT, free_port
from utils.bench.footprint import closure, install, requirements_of, size_bytes
from utils.bench.load_test import CONTENT_TYPE, body_of

pytestmark = pytest.mark.slow  # copies an environment

LIMIT_MB = 300
SERVE = ROOT / "requirements-serve.txt"


def test_what_serves_is_pinned_as_everything_else_is() -> None:
    lines = [line for line in SERVE.read_text().splitlines() if not line.startswith("#")]
    assert lines[0] == "-c requirements.txt"
    assert set(lines[1:]) <= set(pins())


def test_a_closure_holds_what_is_needed_and_nothing_that_is_not() -> None:
    names = {one.name.lower() for one in closure(["fastapi"])}
    assert {"fastapi", "starlette", "pydantic", "anyio"} <= names
    assert not {"torch", "pandas", "uvicorn"} & names
    assert 0 < size_bytes(closure(["gpxpy"])) < size_bytes(closure(["numpy"]))


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the Dockerfile makes, in a plain virtual environment."""
    folder = tmp_path_factory.mktemp("image")
    venv.create(folder / "venv", with_pip=False, symlinks=True)
    site_packages = next((folder / "venv").glob("lib/python*/site-packages"))
    install(closure(requirements_of(SERVE)), site_packages)
    app = folder / "app"
    for line in (ROOT / "Dockerfile").read_text().splitlines():
        if line.startswith("COPY "):
            *sources, target = line.split()[1:]
            for source in sources:
                to = app / target / (Path(source).name if target.endswith("/") else "")
                to.parent.mkdir(parents=True, exist_ok=True)
                if (ROOT / source).is_dir():
                    shutil.copytree(ROOT / source, app / target, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    shutil.copyfile(ROOT / source, to)
    return folder


def test_the_image_is_small(image: Path) -> None:
    size_mb = sum(path.stat().st_size for path in image.rglob("*") if path.is_file() and not path.is_symlink()) / 1e6
    assert 20 < size_mb <= LIMIT_MB


def test_the_image_predicts_and_serves(image: Path) -> None:
    python, port = image / "venv" / "bin" / "python", free_port()
    environment = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", "TRAILCAST_PORT": str(port)}
    done = subprocess.run(
        [python, "-m", "utils.cli", "predict", "data/courses/powell_valley_5km.gpx"],
        cwd=image / "app",
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "80% interval" in done.stdout
    server = subprocess.Popen([python, "-m", "api.main"], cwd=image / "app", env=environment, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            try:
                connection.request("POST", "/predict", body_of(SHORT.read_bytes()), {"Content-Type": CONTENT_TYPE})
                break
            except OSError:
                time.sleep(0.1)
        said = json.loads(connection.getresponse().read())
        assert said["totals"]["finish_s"] > 600
        connection.request("POST", "/predict?format=html", body_of(SHORT.read_bytes()), {"Content-Type": CONTENT_TYPE})
        assert connection.getresponse().read().startswith(b"<!DOCTYPE html>")
        body = body_of(SHORT.read_bytes()).replace(b'name="gpx"', b'name="data"')
        connection.request("POST", "/athlete", body, {"Content-Type": CONTENT_TYPE})
        answer = connection.getresponse()
        assert answer.status == 422 and b"no run" in answer.read()  # it was read: a course has no times
    finally:
        server.terminate()
        server.wait(timeout=30)


def test_the_image_has_no_more_than_this_environment(image: Path) -> None:
    code = "import importlib.util as u; print([n for n in ('torch', 'scipy', 'pyarrow', 'pytest') if u.find_spec(n)])"
    run = [image / "venv" / "bin" / "python", "-c", code]
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout.strip() == "[]"
    assert sys.prefix != str(image / "venv")

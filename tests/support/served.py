"""Settings of an API with a small model, and a real server of it, for several test files."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from api.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parents[2]
COURSES = ROOT / "data" / "courses"
SHORT = COURSES / "powell_valley_5km.gpx"


@cache
def _model(folder: Path) -> Path:
    # Here, as they need torch: most of what serves is tested without it.
    from lib.training.onnx_export import export_network
    from tests.support.exported import shaken_folder

    made = shaken_folder(folder)
    export_network(made)
    return made


def small_settings(folder: Path, **more: object) -> Settings:
    """Settings with a small model in `folder`, which is made once."""
    return Settings(model_dir=_model(folder), **more)  # type: ignore[arg-type]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def server(model_dir: Path, **limits: object) -> Iterator[str]:
    """Run `python -m api.main` until the block ends; gives its address once it answers."""
    with serving(model_dir, **limits) as (url, _):
        yield url


@contextmanager
def serving(model_dir: Path, **limits: object) -> Iterator[tuple[str, int]]:
    """As `server`; gives the process too."""
    port = free_port()
    values = {"model_dir": model_dir, "port": port, **limits}
    environment = os.environ | {PREFIX + name.upper(): str(value) for name, value in values.items()}
    command = [sys.executable, "-m", "api.main"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        for _ in range(600):
            assert process.poll() is None, process.stderr.read().decode() if process.stderr else ""
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.communicate(timeout=30)

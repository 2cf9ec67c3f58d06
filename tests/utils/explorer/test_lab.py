"""The explorer in JupyterLab, in a real browser."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect, sync_playwright

from tests.support.browser import CHROMIUM, QUIET, needs_browser
from tests.support.races import COURSES, MODEL, ROOT
from tests.support.served import free_port
from utils.notebooks.outputs import METADATA

pytestmark = [pytest.mark.slow, needs_browser]
LONGEST_MS = 120_000
CELL = f"""from pathlib import Path
from lib.athlete.bundle import load_bundle
from lib.course.course import load_course
from lib.inference.onnx_backend import onnx_backend
from lib.race.config import race_config
from utils.explorer.explorer import explorer
course = load_course(Path({str(COURSES / "powell_valley_5km.gpx")!r}))
bundle = load_bundle(Path({str(MODEL / "normalizers.json")!r}))
backend = onnx_backend(Path({str(MODEL / "model.onnx")!r}), bundle)
explorer(course, bundle, backend, race_config(course, start="2026-06-20T05:00-04:00", stations="2", standing="0"))"""
NO_NEWS = '{"fetchNews": "false", "checkForUpdates": false}'


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """JupyterLab on a notebook of one cell: its address, and the token that it asks for."""
    (tmp_path / "notebooks").mkdir()
    notebook = new_notebook(cells=[new_code_cell(CELL)], metadata=METADATA)
    nbformat.write(notebook, tmp_path / "notebooks" / "explore.ipynb")
    news = tmp_path / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    news.parent.mkdir(parents=True)
    news.write_text(NO_NEWS, encoding="utf-8")
    port, token = free_port(), secrets.token_hex(16)
    folders = {
        "JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "run",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces", "JUPYTERLAB_SETTINGS_DIR": "settings",
    }  # fmt: skip
    environment = os.environ | {name: str(tmp_path / folder) for name, folder in folders.items()}
    environment |= {"PYTHONPATH": str(ROOT), "JUPYTER_TOKEN": token, "JUPYTER_PREFER_ENV_PATH": "1"}
    command = [
        *(sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"),
        *("--ServerApp.port_retries=0", f"--ServerApp.root_dir={tmp_path / 'notebooks'}"),
        *("--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate", "--LabApp.extension_manager=readonly"),
    ]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        for _ in range(600):
            assert process.poll() is None, (tmp_path / "log").read_text(encoding="utf-8")
            try:
                urllib.request.urlopen(f"{url}/api", timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        yield url, token
    finally:
        process.terminate()  # it ends its kernel too
        process.wait(timeout=60)


def test_a_slider_moves_the_plan_in_jupyterlab(lab: tuple[str, str]) -> None:
    url, token = lab
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": 1400, "height": 1400})
        page.set_default_timeout(LONGEST_MS)
        expect.set_options(timeout=LONGEST_MS)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{url}/lab/tree/explore.ipynb?token={token}")
        # A cell that is run before its kernel is there is passed over, and nothing says so.
        expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible()
        page.locator(".jp-Notebook .jp-CodeCell .cm-content").first.click()
        page.keyboard.press("Shift+Enter")
        headline = page.locator(".widget-html-content").first
        expect(headline).to_contain_text("as at first")
        picture = page.locator("img.widget-image")
        shown = picture.get_attribute("src")
        stop = page.locator(".widget-slider", has_text="km 2, min").locator(".noUi-handle")
        stop.focus()
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        expect(headline).to_contain_text("3:00 later than at first")
        expect(page.locator(".widget-html-content table")).to_contain_text("3 min")
        expect(picture).not_to_have_attribute("src", shown or "")
        page.get_by_role("button", name="race", exact=True).click()
        expect(headline).not_to_contain_text("3:00 later than at first")
        expect(headline).to_contain_text("planned stops 3 min")
        browser.close()
    assert [x for x in asked if not x.startswith((url, "data:", "blob:"))] == []

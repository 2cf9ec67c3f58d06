"""The picture that each notebook opens with: `python -m tests.support.pictures` takes them from reports.

Run `make reports` first, and `make reports PROFILE=full` for those of the full run: where there is a full report, the
picture is of it.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.support.browser import CHROMIUM, QUIET

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = ROOT / "notebooks" / "pictures"
"""Beside the notebooks: JupyterLab shows nothing from above its own folder."""
MOST_BYTES: Final = 60_000
FIGURE: Final = "main img"
SHOWN: Final[Mapping[str, str]] = {
    "02_extract_normalizers": "main .dataframe",
    "08_predicted_against_actual": "main img >> nth=1",
}
"""What is taken of a report, as a selector; by default its first figure."""
_TRIED: Final = ((1.0, 128), (1.0, 64), (0.85, 64), (0.7, 64))
"""Size and colours: the first that are small enough."""


def report_of(name: str) -> Path:
    """The report of a notebook: that of the full run, else that of the quick one."""
    paths = [ROOT / "reports" / profile / f"{name}.html" for profile in ("full", "quick")]
    return next((path for path in paths if path.is_file()), paths[-1])


def as_png(image: Image.Image, colours: int) -> bytes:
    """A picture as a small PNG of few colours."""
    out = io.BytesIO()
    image.quantize(colours, dither=Image.Dither.NONE).save(out, "png", optimize=True)
    return out.getvalue()


def taken(browser: Browser, report: Path, selector: str) -> bytes:
    """A part of a report as it looks by day, as a PNG of few colours."""
    page = browser.new_page(viewport={"width": 1000, "height": 900}, color_scheme="light", device_scale_factor=1.25)
    page.goto(report.as_uri())
    image = Image.open(io.BytesIO(page.locator(selector).first.screenshot())).convert("RGB")
    page.close()
    content = b""
    for size, colours in _TRIED:
        smaller = image.resize((round(size * image.width), round(size * image.height)), Image.Resampling.LANCZOS)
        content = as_png(smaller, colours)
        if len(content) <= MOST_BYTES:
            break
    return content


def main() -> int:
    """Take all pictures; returns 1 if a report is missing."""
    FOLDER.mkdir(exist_ok=True)
    status = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        for notebook in sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb")):
            report, path = report_of(notebook.stem), FOLDER / f"{notebook.stem}.png"
            if not report.is_file():
                sys.stderr.write(f"no {report.relative_to(ROOT)}: make reports\n")
                status = 1
                continue
            path.write_bytes(taken(browser, report, SHOWN.get(notebook.stem, FIGURE)))
            sys.stdout.write(
                f"{path.relative_to(ROOT)}: {path.stat().st_size / 1000:.0f} KB, of {report.relative_to(ROOT)}\n"
            )
        browser.close()
    return status


if __name__ == "__main__":
    sys.exit(main())

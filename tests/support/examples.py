"""The example pages that README shows: `python -m tests.support.examples` makes them again, by the commands of users.

It needs the real recordings in ``../shared/data``.
"""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.conftest import SHARED
from tests.support.browser import CHROMIUM, QUIET
from tests.support.pictures import as_png
from utils.cli.main import main as trailcast

ROOT: Final = Path(__file__).resolve().parents[2]
FULL: Final = ROOT / "reports" / "full"
STATIONS: Final = """name,km,stop_min,cutoff,water,crew,dropbag,note
Aid 1,10,3,,yes,,,
Aid 2,20,5,10:00,yes,yes,,fresh flasks
Aid 3,31,8,12:00,yes,yes,yes,shoes and cap
Aid 4,41,5,14:00,yes,,,
"""
PICTURED: Final = "lake-sonoma-55k_mountain_runner.html"


def commands(runner: Path, stations: Path, out: Path) -> Sequence[Sequence[str]]:
    """What is said to trailcast, in order."""
    courses = SHARED / "courses" / "trail-running-predictor", SHARED / "activities" / "mansfield-double-up"
    plan = ("--athlete", str(runner), "--out", str(out))
    return (
        ("athlete", str(SHARED / "sessions" / "a01.parquet"), str(runner)),
        ("demo", "--out", str(out)),
        ("plan", str(courses[1] / "mansfield-double-up-course.gpx"), *plan, "--start", "2026-06-13T08:00",
         "--zone", "America/New_York", "--stations", "6.2, 12", "--stop", "3", "--name", "Mansfield Double Up"),
        ("plan", str(courses[0] / "lake-sonoma-55k.gpx"), *plan, "--start", "2026-04-11T06:30",
         "--zone", "America/Los_Angeles", "--stations", str(stations), "--carbs", "60", "--water", "500",
         "--name", "Lake Sonoma 55K"),
    )  # fmt: skip


def pages(out: Path, runner: Path) -> Mapping[str, Path]:
    """What is kept of it, by its name among the reports."""
    return {
        "jacksboro_17_8km.html": out / "jacksboro_17_8km_demo.html",
        "mansfield_double_up.html": out / "mansfield-double-up-course_mountain_runner.html",
        "lake_sonoma_55k.html": out / PICTURED,
        "lake_sonoma_55k_card.html": out / "lake-sonoma-55k_mountain_runner_card.html",
        "athlete_profile.html": runner.with_suffix(".html"),
    }


def take_picture(page: Path, picture: Path) -> None:
    """Take the top of a plan, with its pointer on the way."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        tab = browser.new_page(viewport={"width": 1000, "height": 1600})
        tab.goto(page.as_uri())
        tab.locator("#place").fill("205")
        tab.locator("#place").blur()
        picture.write_bytes(as_png(Image.open(io.BytesIO(tab.screenshot())).convert("RGB"), 64))
        browser.close()


def main() -> int:
    """Make all of them; returns 1 if the recordings are missing."""
    if not SHARED.is_dir():
        sys.stderr.write("no ../shared/data: the examples are of real recordings there\n")
        return 1
    with TemporaryDirectory() as folder:
        runner, stations, out = (Path(folder) / name for name in ("mountain_runner.json", "stations.csv", "out"))
        stations.write_text(STATIONS, encoding="utf-8")
        for words in commands(runner, stations, out):
            if status := trailcast(words):
                return status
        for name, page in pages(out, runner).items():
            shutil.copyfile(page, FULL / "plans" / name)
        take_picture(out / PICTURED, FULL / "race_page.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())

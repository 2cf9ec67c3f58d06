"""``trailcast demo``: the plan of a simulated athlete, to see one before there is anything of one's own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from lib.athlete.bundle import load_bundle, save_bundle
from lib.core.files import check_place
from lib.demo.demo_run import START, demo_bundle
from lib.demo.season import SimulationConfig
from lib.race.options import SHIPPED_MODEL
from lib.race.words import Words, read_words
from utils.cli.plan import planned
from utils.cli.predict import BUNDLE

RUNS: Final = 30
"""Sessions of the athlete: enough for a profile of its own, and few enough for seconds."""
COURSE: Final = Path(__file__).resolve().parents[2] / "data" / "courses" / "jacksboro_17_8km.gpx"


def run(words: Words) -> int:
    """Simulate an athlete, make its profile, plan a race, and say how to go on."""
    folder: Path = words["out"]
    profile = folder / "demo.json"
    check_place(profile)
    sys.stderr.write(f"simulating {RUNS} runs of an athlete…\n")
    model_dir: Path = words["model_dir"] or SHIPPED_MODEL
    save_bundle(demo_bundle(load_bundle(model_dir / BUNDLE), SimulationConfig(n_sessions=RUNS)), profile)
    race = [
        ("gpx", str(COURSE)),
        ("athlete", str(profile)),
        ("start", START.isoformat()),
        ("zone", "America/New_York"),
        ("stations", "5,12"),
        ("stop", "3"),
        ("effort", "race"),
        ("out", str(folder)),
        ("model-dir", str(model_dir)),
    ]
    files, lines = planned(read_words("plan", race))
    own = "Your own: trailcast athlete export.zip me.json, then trailcast plan course.gpx --athlete me.json"
    sys.stdout.write("\n".join([*lines, f"→ {files[0]}", own]) + "\n")
    return 0

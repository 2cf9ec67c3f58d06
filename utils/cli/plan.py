"""In: a course and what is intended of the race, as words of a command. Out: the plan's page and files, in seconds.

The same as notebook 06, without Jupyter: both make their plan by `lib.plan.race_plan.plan_race`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from lib.athlete.bundle import load_bundle
from lib.athlete.effort import USUAL
from lib.core.errors import InputError
from lib.core.files import sha256
from lib.course.course import load_course
from lib.inference.onnx_backend import ONNX, onnx_backend
from lib.plan.race_plan import plan_race
from lib.race.config import HABIT, race_config, stations_text
from lib.recordings.activities import load_activity
from lib.recordings.align import follow
from lib.report.notes import notes
from lib.report.race_tables import title_lines

ROOT: Final = Path(__file__).resolve().parents[2]
_WORDS: Final = {
    "start": ("", "date and time, ISO 8601, with an offset or with --zone"),
    "zone": ("", "zone of the clocks, such as Europe/Paris"),
    "stations": ("", "a CSV (name, km, stop_min, cutoff, cutoff_after) or distances in km; else the file's waypoints"),
    "stop-min": ("", "planned stop at every station that states none (minutes)"),
    "effort": (USUAL, "usual, easy, steady, race, or a mean heart rate (bpm)"),
    "target": ("", "race time aimed at, h:mm"),
    "standing": (HABIT, "standing outside of planned stops: habit, or minutes"),
    "temperature-c": ("", "air temperature on the day (°C): heat and cold are then adjusted for"),
    "usual-temperature-c": ("", "that of the athlete's usual runs (°C), by default 15"),
    "usual-altitude-m": ("", "altitude at which the athlete usually runs (m): thin air is then adjusted for"),
}


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(prog="python -m utils.cli.plan", description="Plan a race.")
    made.add_argument("gpx", type=Path, help="the course, a GPX route or track")
    made.add_argument("--athlete", type=Path, help="who runs: a bundle of `make athlete` (.json)")
    made.add_argument("--so-far", type=Path, help="recording of the first part: the rest is predicted from there")
    made.add_argument(
        "--elevation-model", type=Path, help="elevation model (.tif, .hgt or a folder), where the course has none"
    )
    made.add_argument("--model-dir", type=Path, default=ROOT / "checkpoints_v2", help="folder of the model")
    made.add_argument("--out", type=Path, default=Path("reports/plans"), help="folder for the page and its files")
    made.add_argument("--name", default="", help="what the plan is called; by default as the file calls the course")
    for name, (default, text) in _WORDS.items():
        made.add_argument(f"--{name}", default=default, help=text)
    return made


def planned(options: argparse.Namespace) -> tuple[list[Path], list[str]]:
    """Make the plan; gives the files, and lines to say."""
    from utils.plan_page.files import write_plan  # draws: not before the words are known to be good

    course = load_course(options.gpx, elevation_model=options.elevation_model).called(options.name)
    words = {name.replace("-", "_"): getattr(options, name.replace("-", "_")) for name in _WORDS}
    config = race_config(course, **words | {"stations": stations_text(words["stations"])})
    bundle = load_bundle(options.athlete or options.model_dir / "normalizers.json")
    backend = onnx_backend(options.model_dir / ONNX, bundle)
    so_far = follow(load_activity(options.so_far), course) if options.so_far else None
    race = plan_race(backend, bundle, course, config, so_far)
    files = write_plan(race, bundle, options.out, options.gpx.stem, sha256(options.gpx))
    lines = [f"{key + ':':18s}{value}" for key, value in title_lines(race, bundle.prior.effort).items()]
    return files, [*lines, *(f"note: {note}" for note in notes(race, bundle.prior.effort))]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    try:
        files, lines = planned(parser().parse_args(arguments))
    except InputError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write("\n".join([*lines, f"→ {files[0]}"]) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

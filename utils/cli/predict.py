"""In: a GPX course, on demand an athlete's bundle. Out: finish time, its interval and splits, as plain text.

Started for a single course: it imports nothing that training needs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from lib.athlete.bundle import load_bundle
from lib.athlete.effort import effort_for
from lib.core.errors import InputError
from lib.course.course import load_course
from lib.inference.onnx_backend import ONNX, onnx_backend
from lib.plan.forecast import forecast
from lib.report.plan_tables import splits_table, summary

ROOT = Path(__file__).resolve().parents[2]
BUNDLE = "normalizers.json"


def predicted(gpx: Path, athlete: Path | None, model_dir: Path, effort: str | None = None) -> str:
    """The prediction of a course, in lines.

    Parameters
    ----------
    gpx : Path
        Course.
    athlete : Path, optional
        Bundle of who runs; by default the athlete of the model's own.
    model_dir : Path
        Folder with `model.onnx` and its bundle.
    effort : str, optional
        See `lib.athlete.effort.effort_for`.
    """
    bundle = load_bundle(athlete or model_dir / BUNDLE)
    backend = onnx_backend(model_dir / ONNX, bundle)
    course = load_course(gpx)
    plan = forecast(backend, bundle, course, effort=effort_for(bundle, course.columns, effort))
    head = [f"{name + ':':21s}{value}" for name, value in summary(plan).items()]
    columns = [[name, *values] for name, values in splits_table(plan).items()]
    widths = [max(map(len, column)) for column in columns]
    table = [
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in zip(*columns, strict=True)
    ]
    return "\n".join([*head, "", *table]) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(description="Predict a course.")
    parser.add_argument("gpx", type=Path, help="the course, a GPX route or track with elevation")
    parser.add_argument("athlete", type=Path, nargs="?", help="who runs: a bundle of `make athlete` (.json)")
    parser.add_argument("--model-dir", type=Path, default=ROOT / "checkpoints_v2", help="folder of the model")
    parser.add_argument("--effort", help="easy, steady, race, or a mean heart rate (bpm); left open, as the day comes")
    options = parser.parse_args(arguments)
    try:
        sys.stdout.write(predicted(options.gpx, options.athlete, options.model_dir, options.effort))
    except InputError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""``trailcast predict``: finish time, interval and splits of a course, as plain text.

It is started for a single course: it imports nothing that training needs.
"""

from __future__ import annotations

import sys
from pathlib import Path

from lib.athlete.bundle import load_profile
from lib.athlete.effort import USUAL
from lib.core.units import METRIC, Units, units_of
from lib.course.course import load_course
from lib.inference.onnx_backend import ONNX, onnx_backend
from lib.plan.race_plan import plan_race
from lib.plan.splits import even_splits
from lib.race.config import RaceConfig
from lib.race.options import NETWORK, SHIPPED_MODEL
from lib.race.words import Words
from lib.report.tables import even_table, title_lines, trust

BUNDLE = "normalizers.json"


def predicted(
    gpx: Path,
    athlete: Path | None = None,
    model_dir: Path = SHIPPED_MODEL,
    effort: str | None = None,
    elevation_model: Path | None = None,
    laps: int = 1,
    model: str = NETWORK,
    units: Units = METRIC,
) -> str:
    """The prediction of a course, in lines.

    Parameters
    ----------
    gpx : Path
        Course.
    athlete : Path, optional
        Athlete profile; by default that of the model.
    model_dir : Path
        Folder with `model.onnx` and its bundle.
    effort : str, optional
        See `lib.athlete.effort.effort_for`.
    elevation_model : Path, optional
        For a course without elevation.
    laps : int
        How often the course is run.
    model : str
        See `lib.race.config.RaceConfig`.
    units : Units
        How lengths are shown.
    """
    bundle = load_profile(athlete, model_dir / BUNDLE)
    backend = onnx_backend(model_dir / ONNX, bundle)
    course = load_course(gpx, elevation_model=elevation_model, laps=laps)
    race = plan_race(backend, bundle, course, RaceConfig(effort=effort or USUAL, model=model, units=units))
    lines = title_lines(race, bundle.prior.effort) | {"For": trust(race.plan, race.level)}
    head = [f"{name + ':':18s}{value}" for name, value in lines.items()]
    head += [f"{'Repaired:':18s}{repair}" for repair in course.repairs]
    columns = [[name, *values] for name, values in even_table(race, even_splits(race)).items()]
    widths = [max(map(len, column)) for column in columns]
    table = [
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in zip(*columns, strict=True)
    ]
    return "\n".join([*head, "", *table]) + "\n"


def run(words: Words) -> int:
    """Print the prediction."""
    model_dir = words["model_dir"] or SHIPPED_MODEL
    asked = (words[name] for name in ("effort", "elevation_model", "laps", "model"))
    sys.stdout.write(predicted(words["gpx"], words["athlete"], model_dir, *asked, units_of(words["units"])))
    return 0

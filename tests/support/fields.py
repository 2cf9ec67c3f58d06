"""Race tables of a small simulated field, made once for a test session."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from lib.athlete.pacing_law import PacingLaw
from lib.demo.race_field import FieldConfig, write_field
from tests.support.long_race import rolling_course

TRUTH = PacingLaw(fading=0.75, level_fading=0.35, descent_fading=0.2, slump_log=0.08)


@cache
def small_field() -> Path:
    """Folder of two races of two years each, with 24 finishers."""
    folder = Path(mkdtemp(prefix="field-"))
    courses = {"hills": rolling_course(25.0, 500.0, 9.0), "plain": rolling_course(35.0, 60.0, 5.0, lat=61.0)}
    write_field(folder, courses, TRUTH, FieldConfig(finishers=24, scatter=0.1))
    return folder

"""A long mountain race made by hand, and what is believed of anybody."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path
from typing import Final

import numpy as np

from lib.athlete.bundle import Bundle, load_bundle
from lib.athlete.profile import AthleteProfile
from lib.core import schema as c
from lib.course.course import Course
from lib.course.terrain_features import course_columns

ROOT: Final = Path(__file__).resolve().parents[2]
ZONE: Final = timezone(timedelta(hours=2))


def still(encoder: np.ndarray, decoder: np.ndarray) -> np.ndarray:
    """A network that says the same everywhere."""
    return np.zeros((*decoder.shape[:2], 3), np.float32)


def rolling_course(km: float, climb_m: float = 400.0, every_km: float = 12.0, lat: float = 45.9) -> Course:
    """Climbs and descents that repeat, at one place in the Alps."""
    steps = round(km * 200)
    along_km = (np.arange(steps) + 1) * 0.005
    altitude_m = 1_200.0 + climb_m * (1.0 - np.cos(2 * np.pi * along_km / every_km)) / 2.0
    places = {c.LATITUDE: lat + along_km * 1e-4, c.LONGITUDE: np.full(steps, 6.9)}
    return Course("Rolling", course_columns(altitude_m) | places, altitude_m)


BUNDLE: Final[Bundle] = replace(load_bundle(ROOT / "checkpoints_v2" / "normalizers.json"), athlete=AthleteProfile())
COURSE: Final = rolling_course(75.0)

"""Courses and plans made by hand, for several test files."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from lib.athlete.conformal import Calibration
from lib.athlete.time_distribution import TimeDistribution
from lib.core import schema as c
from lib.core.geodesy import EARTH_RADIUS_M
from lib.course.course import Course, Waypoint
from lib.course.terrain_features import course_columns
from lib.plan.moving_plan import Plan, plan_from

BAND = TimeDistribution(0.1, (), Calibration((-2.0, -1.0, 0.0, 1.0, 2.0), 1.0))
DEGREE_M = EARTH_RADIUS_M * math.pi / 180.0


def make_course(altitude_m: np.ndarray, lon_m: np.ndarray | None = None, **waypoints_m: float) -> Course:
    """Course along the equator; `lon_m` is where each step ends, waypoints are places along it."""
    columns = course_columns(altitude_m)
    place_m = columns[c.DISTANCE] if lon_m is None else lon_m
    columns[c.LATITUDE], columns[c.LONGITUDE] = np.zeros(place_m.size), place_m / DEGREE_M
    waypoints = tuple(Waypoint(name, 0.0, metres / DEGREE_M, 0.0, 0.0) for name, metres in waypoints_m.items())
    return Course("Made up", columns, altitude_m, waypoints)


def make_prediction(duration_s: np.ndarray, heart_rate: object = 140.0, cadence: object = 80.0) -> pd.DataFrame:
    return pd.DataFrame({c.DURATION: duration_s, c.HEART_RATE: heart_rate, c.CADENCE: cadence})


def flat_plan(steps: int, duration_s: float = 2.0, **waypoints_m: float) -> Plan:
    course = make_course(np.full(steps, 100.0), **waypoints_m)
    return plan_from(course, make_prediction(np.full(steps, duration_s)), BAND)

"""Names of all columns, with their units; no other module spells one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

STEP_M: Final = 5.0
"""Length of a step, the unit of distance everywhere (m)."""


STEPS_OF_A_STRIDE: Final = 2.0
"""Cadence is kept in steps of one leg (rpm) and shown in steps of both feet (spm)."""


class Columns(Protocol):
    """Columns of one length by name: a dict of arrays, or a DataFrame. What serves does without the latter."""

    def __getitem__(self, name: str, /) -> Any:
        """Values of a column."""


# --- session table: one row per 5 m -------------------------------------------------------------------------------
SESSION_ID: Final = "session_id"
DAY: Final = "day"
STEP: Final = "step"
ALTITUDE: Final = "altitude_m"
DURATION: Final = "duration_s"
STOP: Final = "stop_s"
HEART_RATE: Final = "heart_rate_bpm"
CADENCE: Final = "cadence_rpm"
TEMPERATURE: Final = "temperature_c"

SESSION_COLUMNS: Final = (SESSION_ID, DAY, STEP, ALTITUDE, DURATION, STOP, HEART_RATE, CADENCE)
TARGETS: Final = (DURATION, HEART_RATE, CADENCE)

# --- samples in time: what a device recorded ---------------------------------------------------------------------
TIME: Final = "time_s"
LATITUDE: Final = "lat"
LONGITUDE: Final = "lon"
DISTANCE: Final = "distance_m"
PAUSED: Final = "paused_s"
"""Time since the sample before in which the timer was stopped; only where it was."""

SAMPLE_COLUMNS: Final = (TIME, DISTANCE, ALTITUDE, HEART_RATE, CADENCE, LATITUDE, LONGITUDE)

# --- course: derived from the altitude alone, so known before the start ---------------------------------------------
SLOPE_25M: Final = "slope_25m"
SLOPE_100M: Final = "slope_100m"
SLOPE_500M: Final = "slope_500m"
SLOPE_AHEAD: Final = "slope_ahead_500m"
CLIMB: Final = "climb_m"
DISTANCE_DONE: Final = "distance_done_km"
DISTANCE_LEFT: Final = "distance_left_km"
CLIMB_DONE: Final = "climb_done_km"
CLIMB_LEFT: Final = "climb_left_km"
GIVEN_PACE: Final = "given_log_pace_ratio"

KNOWN_REALS: Final = (
    SLOPE_25M,
    SLOPE_100M,
    SLOPE_500M,
    SLOPE_AHEAD,
    DISTANCE_DONE,
    DISTANCE_LEFT,
    CLIMB_DONE,
    CLIMB_LEFT,
    GIVEN_PACE,
)

# --- session level: known before the start --------------------------------------------------------------------------
LOG_DISTANCE: Final = "log_distance_10km"
CLIMB_PER_KM: Final = "climb_m_per_km"
LOG_GAP: Final = "log_gap_days"
LOAD_SHORT: Final = "load_7d_km_per_day"
LOAD_LONG: Final = "load_42d_km_per_day"
LOG_RUNS: Final = "log_runs_known"
LOG_PACE: Final = "log_reference_pace"
HEART_RATE_LEVEL: Final = "reference_heart_rate_bpm"
CADENCE_LEVEL: Final = "reference_cadence_rpm"
PACE_KNOWN: Final = "pace_is_given"
EFFORT: Final = "effort"
EFFORT_KNOWN: Final = "effort_is_given"

STATIC_REALS: Final = (
    LOG_DISTANCE,
    CLIMB_PER_KM,
    LOG_GAP,
    LOAD_SHORT,
    LOAD_LONG,
    LOG_RUNS,
    LOG_PACE,
    HEART_RATE_LEVEL,
    CADENCE_LEVEL,
    PACE_KNOWN,
    EFFORT,
    EFFORT_KNOWN,
)

# --- what the network sees and says: relative to the causal reference -----------------------------------------------
TIME_IDX: Final = "time_idx"
SERIES: Final = "series"
DURATION_RATIO: Final = "duration_ratio"
HEART_RATE_OFFSET: Final = "heart_rate_offset"
CADENCE_OFFSET: Final = "cadence_offset"
TARGET_RESIDUALS: Final = (DURATION_RATIO, HEART_RATE_OFFSET, CADENCE_OFFSET)

FED_DURATION: Final = "fed_log_duration_ratio"
FED_HEART_RATE: Final = "fed_heart_rate_offset"
FED_CADENCE: Final = "fed_cadence_offset"
FED_MEAN_HEART_RATE: Final = "fed_mean_heart_rate_offset"
FED_ELAPSED: Final = "fed_log_elapsed_ratio"
OBSERVED_REALS: Final = (FED_DURATION, FED_HEART_RATE, FED_CADENCE, FED_MEAN_HEART_RATE, FED_ELAPSED)

REFERENCE_DURATION: Final = "reference_duration_s"

# --- what the original pipeline adds: absolute values, see lib/evaluation/original/recipe.py --------------------------
SPEED: Final = "speed_m_s"
MEAN_HEART_RATE: Final = "mean_heart_rate_bpm"

# --- plan: what a prediction says of a course -----------------------------------------------------------------------
ELAPSED: Final = "elapsed_s"
PACE: Final = "pace_min_per_km"
DESCENT: Final = "descent_m"
KILOMETRE: Final = "km"
WAYPOINT: Final = "name"
AWAY: Final = "away_m"
LOW: Final = "low_s"
HIGH: Final = "high_s"

# --- race plan: moving and stopped time together, in seconds of race time since the start --------------------
FIRST_STEP: Final = "first_step"
LAST_STEP: Final = "last_step"
END: Final = "end_m"
MILE: Final = "mile"
GRADE_PACE: Final = "grade_adjusted_pace_min_per_km"
GAIN: Final = "gain_m"
MEAN_SLOPE: Final = "mean_slope"
MAX_SLOPE: Final = "max_slope_100m"
ARRIVAL: Final = "arrival_s"
ARRIVAL_LOW: Final = "arrival_low_s"
ARRIVAL_HIGH: Final = "arrival_high_s"
PLANNED_STOP: Final = "planned_stop_s"
DEPARTURE: Final = "departure_s"
CUTOFF: Final = "cutoff_s"
MARGIN: Final = "margin_s"
CHANCE: Final = "chance_in_time"
PACE_NEEDED: Final = "pace_needed_min_per_km"
ARRIVAL_CLOCK: Final = "arrival_clock"
DEPARTURE_CLOCK: Final = "departure_clock"
CUTOFF_CLOCK: Final = "cutoff_clock"

# --- review: what happened, beside what was predicted -----------------------------------------------------------------
ACTUAL: Final = "actual_s"
LOST: Final = "lost_s"
LOST_AT_LEVEL: Final = "lost_at_level_s"
GAP: Final = "gap_s"
RACE_GAP: Final = "race_gap_s"
ACTUAL_ARRIVAL: Final = "actual_arrival_s"
ACTUAL_HEART_RATE: Final = "actual_heart_rate_bpm"
ACTUAL_CADENCE: Final = "actual_cadence_rpm"
GROUND: Final = "ground"

# --- batch: one row per athlete and course ---------------------------------------------------------------------------
ATHLETE: Final = "athlete"
COURSE: Final = "course"
FINISH: Final = "finish_s"
RACE_TIME: Final = "race_s"
RACE_LOW: Final = "race_low_s"
RACE_HIGH: Final = "race_high_s"
MEDIAN: Final = "median_s"
OTHER_STOPS: Final = "other_stops_s"
PAGE: Final = "page"
REPAIRS: Final = "repairs"
FILE: Final = "file"
ERROR: Final = "error"

# --- what the documentation says of the columns that users meet ------------------------------------------------------
SESSION_TABLE: Final[Mapping[str, tuple[str, str]]] = {
    SESSION_ID: ("1", "number of the session, in order of date"),
    DAY: ("d", "days since the athlete's first session"),
    STEP: ("1", "number of the 5 m step in its session, from 0"),
    ALTITUDE: ("m", "altitude at the end of the step"),
    DURATION: ("s", "moving time of the step"),
    STOP: ("s", "stopped time in the step"),
    HEART_RATE: ("bpm", "heart rate; empty if the device had none"),
    CADENCE: ("rpm", "steps of one leg per minute, half of the spm on paper; empty if the device had none"),
    TEMPERATURE: ("°C", "air temperature, where it is known"),
}
"""Unit and meaning of each column of the session table."""

COURSE_TABLE: Final[Mapping[str, tuple[str, str]]] = {
    STEP: ("1", "number of the 5 m step, from 0"),
    DISTANCE: ("m", "distance from the start to the end of the step"),
    ALTITUDE: ("m", "altitude at the end of the step, cleaned"),
    CLIMB: ("m", "sum of all rises since the start"),
    SLOPE_25M: ("1", "slope over 25 m around the step, rise over run"),
    SLOPE_100M: ("1", "slope over 100 m around the step"),
    SLOPE_500M: ("1", "slope over the last 500 m"),
    SLOPE_AHEAD: ("1", "slope over the next 500 m"),
    DISTANCE_DONE: ("km", "distance since the start"),
    DISTANCE_LEFT: ("km", "distance to the finish"),
    CLIMB_DONE: ("km", "climb since the start"),
    CLIMB_LEFT: ("km", "climb to the finish"),
    LATITUDE: ("°", "latitude, WGS 84"),
    LONGITUDE: ("°", "longitude, WGS 84"),
}
"""Unit and meaning of each column of the course table."""

RACE_TABLE: Final[Mapping[str, tuple[str, str]]] = {
    FIRST_STEP: ("1", "number of the first 5 m step of the leg or split, from 0"),
    LAST_STEP: ("1", "number of the step after its last"),
    WAYPOINT: ("1", "name of the aid station, or of the finish"),
    KILOMETRE: ("1", "number of the kilometre, from 1"),
    MILE: ("1", "number of the mile, from 1"),
    DISTANCE: ("m", "length of the leg or split"),
    END: ("m", "distance from the start at which it ends"),
    CLIMB: ("m", "ascent"),
    DESCENT: ("m", "descent"),
    DURATION: ("s", "moving time"),
    ELAPSED: ("s", "moving time since the start"),
    PACE: ("min/km", "moving time per kilometre"),
    GRADE_PACE: ("min/km", "grade-adjusted pace: the pace on the flat that is the same effort"),
    HEART_RATE: ("bpm", "mean heart rate"),
    CADENCE: ("rpm", "mean cadence, steps of one leg per minute"),
    ARRIVAL: ("s", "race time of the arrival, stops before it included"),
    ARRIVAL_LOW: ("s", "lower end of the 80% interval of the arrival"),
    ARRIVAL_HIGH: ("s", "upper end of the 80% interval of the arrival"),
    PLANNED_STOP: ("s", "planned stop"),
    DEPARTURE: ("s", "race time of the departure"),
    CUTOFF: ("s", "race time by which the station must be left"),
    MARGIN: ("s", "time left to the cut-off at the departure; below 0 it is missed"),
    CHANCE: ("1", "chance of leaving before the cut-off"),
    PACE_NEEDED: ("min/km", "pace from where the runner was last seen that makes the cut-off, planned stops taken out"),
    ARRIVAL_CLOCK: ("1", "date and time of the arrival, ISO 8601 with the offset of the start's zone"),
    DEPARTURE_CLOCK: ("1", "date and time of the departure"),
    CUTOFF_CLOCK: ("1", "date and time of the cut-off"),
}
"""Unit and meaning of the columns of legs and splits of a race plan, as CSV and JSON have them."""

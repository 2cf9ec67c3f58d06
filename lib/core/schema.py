"""In: nothing. Out: the name, unit and role of every column; no other module spells one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

STEP_M: Final = 5.0
"""Length of a step, the unit of distance everywhere (m)."""

Role = Literal["index", "known", "observed", "target", "static", "derived"]


class Columns(Protocol):
    """Columns of one length by name: a dict of arrays, or a DataFrame. What serves does without the latter."""

    def __getitem__(self, name: str, /) -> Any:
        """Values of a column."""


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    name : str
        As it stands in the table, unit included.
    unit : str
        ``"1"`` for a pure number.
    role : Role
        ``known`` before the start, ``observed`` on the way, ``target`` to predict, ``static`` for a whole session.
    meaning : str
        One line for readers of reports.
    """

    name: str
    unit: str
    role: Role
    meaning: str


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

SAMPLE_COLUMNS: Final = (TIME, DISTANCE, ALTITUDE, HEART_RATE, CADENCE, LATITUDE, LONGITUDE)

_RECORDED: Final = (
    Column(SESSION_ID, "1", "index", "number of the session, in order of date"),
    Column(DAY, "d", "index", "days since the athlete's first session"),
    Column(STEP, "1", "index", "number of the 5 m step in its session, from 0"),
    Column(ALTITUDE, "m", "known", "altitude at the end of the step"),
    Column(DURATION, "s", "target", "moving time of the step"),
    Column(STOP, "s", "observed", "standing time in the step"),
    Column(HEART_RATE, "bpm", "target", "heart rate"),
    Column(CADENCE, "rpm", "target", "strides of one leg per minute"),
    Column(TEMPERATURE, "°C", "known", "air temperature"),
    Column(TIME, "s", "index", "time since the first sample"),
    Column(DISTANCE, "m", "known", "distance from the start"),
    Column(LATITUDE, "°", "known", "latitude, WGS 84"),
    Column(LONGITUDE, "°", "known", "longitude, WGS 84"),
)

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

# --- what the seed's own recipe adds: absolute values, see lib/evaluation/original/recipe.py ----------------------------------------
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

# --- race plan: moving time, stops and standing together, in seconds of race time since the start --------------------
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
SLACK: Final = "slack_s"
CHANCE: Final = "chance_in_time"
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
REPAIRS: Final = "repairs"
FILE: Final = "file"
ERROR: Final = "error"

COLUMNS: Final = (
    *_RECORDED,
    Column(SLOPE_25M, "1", "known", "slope over 25 m around the step, rise over run"),
    Column(SLOPE_100M, "1", "known", "slope over 100 m around the step"),
    Column(SLOPE_500M, "1", "known", "slope over the last 500 m"),
    Column(SLOPE_AHEAD, "1", "known", "slope over the next 500 m"),
    Column(CLIMB, "m", "known", "cumulative climb since the start"),
    Column(DISTANCE_DONE, "km", "known", "distance since the start"),
    Column(DISTANCE_LEFT, "km", "known", "distance to the finish"),
    Column(CLIMB_DONE, "km", "known", "climb since the start"),
    Column(CLIMB_LEFT, "km", "known", "climb to the finish"),
    Column(LOG_DISTANCE, "1", "static", "logarithm of the distance over 10 km"),
    Column(CLIMB_PER_KM, "m/km", "static", "climb per kilometre"),
    Column(LOG_GAP, "1", "static", "log(1 + days since the run before)"),
    Column(LOAD_SHORT, "km/d", "static", "exponentially weighted daily distance, time constant 7 days"),
    Column(LOAD_LONG, "km/d", "static", "exponentially weighted daily distance, time constant 42 days"),
    Column(LOG_RUNS, "1", "static", "log(1 + runs known before the start)"),
    Column(LOG_PACE, "1", "static", "logarithm of the reference pace over 6 min/km"),
    Column(HEART_RATE_LEVEL, "bpm", "static", "mean heart rate expected before the start"),
    Column(CADENCE_LEVEL, "rpm", "static", "mean cadence expected before the start"),
    Column(PACE_KNOWN, "1", "static", "1 if the pace is given and only heart rate and cadence are asked for, else 0"),
    Column(EFFORT, "1", "static", "intended effort: 0 as usual or open, 1 a usual deviation of mean heart rate above"),
    Column(EFFORT_KNOWN, "1", "static", "1 if an effort is intended, 0 if it is left open"),
    Column(GIVEN_PACE, "1", "known", "logarithm of the given pace over the reference, 50 m mean; 0 if none is given"),
    Column(DURATION_RATIO, "1", "target", "duration of the step over its reference"),
    Column(HEART_RATE_OFFSET, "1", "target", "heart rate above its reference, in the athlete's usual deviations"),
    Column(CADENCE_OFFSET, "1", "target", "cadence above its reference, in the athlete's usual deviations"),
    Column(FED_DURATION, "1", "observed", "logarithm of the duration ratio: speed against its reference"),
    Column(FED_HEART_RATE, "1", "observed", "heart-rate offset of the step just done"),
    Column(FED_CADENCE, "1", "observed", "cadence offset of the step just done"),
    Column(FED_MEAN_HEART_RATE, "1", "observed", "mean heart-rate offset since the start"),
    Column(FED_ELAPSED, "1", "observed", "logarithm of the moving time since the start over its reference"),
    Column(REFERENCE_DURATION, "s", "derived", "duration of the step that the athlete's past suggests"),
    Column(SPEED, "m/s", "observed", "speed of the step"),
    Column(MEAN_HEART_RATE, "bpm", "observed", "mean heart rate since the start"),
    Column(ELAPSED, "s", "derived", "moving time since the start"),
    Column(PACE, "min/km", "derived", "minutes of moving time per kilometre"),
    Column(DESCENT, "m", "derived", "summed descent"),
    Column(KILOMETRE, "1", "index", "number of the kilometre, from 1"),
    Column(WAYPOINT, "1", "index", "name of a waypoint"),
    Column(AWAY, "m", "derived", "distance of a waypoint from the course"),
    Column(LOW, "s", "derived", "lower end of the 80% interval of a time"),
    Column(HIGH, "s", "derived", "upper end of the 80% interval of a time"),
    Column(FIRST_STEP, "1", "index", "number of the first step of a stretch"),
    Column(LAST_STEP, "1", "index", "number of the step after the last of a stretch"),
    Column(END, "m", "index", "distance from the start at which a stretch ends"),
    Column(MILE, "1", "index", "number of the mile, from 1"),
    Column(GRADE_PACE, "min/km", "derived", "pace on the flat that is the same effort"),
    Column(GAIN, "m", "derived", "difference in altitude of a climb; below 0 of a descent"),
    Column(MEAN_SLOPE, "1", "derived", "gain over length of a climb"),
    Column(MAX_SLOPE, "1", "derived", "steepest mean slope over 100 m of a climb"),
    Column(ARRIVAL, "s", "derived", "race time since the start at which a place is reached, stops before it included"),
    Column(ARRIVAL_LOW, "s", "derived", "lower end of the 80% interval of the arrival"),
    Column(ARRIVAL_HIGH, "s", "derived", "upper end of the 80% interval of the arrival"),
    Column(PLANNED_STOP, "s", "derived", "planned stop at a station"),
    Column(DEPARTURE, "s", "derived", "race time at which a place is left"),
    Column(CUTOFF, "s", "derived", "race time by which a station must be left"),
    Column(SLACK, "s", "derived", "time left to the cut-off at the departure; below 0 it is missed"),
    Column(CHANCE, "1", "derived", "chance of leaving within the cut-off"),
    Column(ARRIVAL_CLOCK, "1", "derived", "date and time of an arrival, ISO 8601 with the offset of the start's zone"),
    Column(DEPARTURE_CLOCK, "1", "derived", "date and time at which a place is left, ISO 8601"),
    Column(CUTOFF_CLOCK, "1", "derived", "date and time by which a station must be left, ISO 8601"),
    Column(ACTUAL, "s", "observed", "moving time that a stretch took"),
    Column(LOST, "s", "derived", "actual less predicted moving time of a stretch; below 0 it was won"),
    Column(LOST_AT_LEVEL, "s", "derived", "the same against the plan scaled to the whole run's actual moving time"),
    Column(GAP, "s", "derived", "moving time lost since the start"),
    Column(RACE_GAP, "s", "derived", "race time lost since the start, stops and standing included"),
    Column(ACTUAL_ARRIVAL, "s", "observed", "race time at which a place was reached"),
    Column(ACTUAL_HEART_RATE, "bpm", "observed", "mean heart rate of a stretch"),
    Column(ACTUAL_CADENCE, "rpm", "observed", "mean cadence of a stretch, strides of one leg per minute"),
    Column(GROUND, "1", "index", "kind of ground, by its slope"),
    Column(ATHLETE, "1", "index", "name of the athlete's bundle"),
    Column(COURSE, "1", "index", "name of the course's file, with its folders"),
    Column(FINISH, "s", "derived", "moving time of the whole course"),
    Column(REPAIRS, "1", "derived", "what was repaired in the course, in words"),
    Column(FILE, "1", "index", "file with the steps, in the batch's folder"),
    Column(ERROR, "1", "derived", "why there is no prediction, in words"),
)

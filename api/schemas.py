"""The form of every answer, with units; the API's documentation is made of it."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Metres = Annotated[list[float], Field(description="m, at the end of each step of 5 m")]
Seconds = Annotated[list[float], Field(description="s of moving time since the start, at the end of each step")]


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Fault(_Answer):
    """What was wrong with a request."""

    found: str = Field(description="What was found")
    expected: str = Field(description="What was expected")
    remedy: str = Field(description="What to do")


class Health(_Answer):
    """That the API answers, and with which model."""

    status: str = Field(description="ok")
    model_sha256: str = Field(description="SHA-256 of the model's weights")
    busy: int = Field(description="Predictions being made")
    waiting: int = Field(description="Requests that wait for one")


class Preset(_Answer):
    """A course that can be had from /presets/{name}."""

    name: str = Field(description="Its name in the path")
    title: str = Field(description="As its file calls it")
    length_km: float = Field(description="km")
    climb_m: float = Field(description="m")


class CourseFacts(_Answer):
    """The course as it was read."""

    name: str
    length_km: float = Field(description="km")
    climb_m: float = Field(description="m: rises of 3 m or more, counted after smoothing over 100 m")
    descent_m: float = Field(description="m")
    repairs: list[str] = Field(description="What was repaired in the file, in words")


class PlaceRead(_Answer):
    """A waypoint of a course, as a station."""

    name: str
    km: float = Field(description="km from the start")


class CourseRead(CourseFacts):
    """A course, all laps of it, before anything is planned."""

    zone: str | None = Field(description="Time zone that its start probably has")
    stations: list[PlaceRead] = Field(description="Its waypoints, each time that it passes them, and ends of laps")
    profile: list[tuple[float, float]] = Field(description="Distance (km) and altitude (m), at up to 300 places")


class Totals(_Answer):
    """The whole run."""

    finish_s: float = Field(description="s of moving time")
    finish_low_s: float = Field(description="s, lower end of the interval")
    finish_high_s: float = Field(description="s, upper end of the interval")
    coverage: float = Field(description="Share of finishes that the interval is meant to hold")
    other_stops_s: float = Field(description="s of other stops to expect, from the athlete's habits")
    other_stops_low_s: float = Field(description="s, exceeded nine times of ten")
    other_stops_high_s: float = Field(description="s, exceeded once in ten")
    planned_stop_s: float = Field(description="s of planned stops")
    race_s: float = Field(description="s of race time: moving time, planned stops and other stops")
    race_low_s: float = Field(description="s, lower end of its interval")
    race_high_s: float = Field(description="s, upper end of its interval")
    median_s: float = Field(description="s of race time: half of the days take longer")
    pace_min_per_km: float = Field(description="min/km of moving time")
    heart_rate_bpm: float = Field(description="bpm, mean over time")
    usual_heart_rate_bpm: float = Field(description="bpm, usual for such a run")
    cadence_rpm: float = Field(description="steps of one leg a minute, mean over time")
    start: str | None = Field(description="ISO 8601, where a start was given")
    arrival: str | None = Field(description="ISO 8601, start and race time")


class Steps(_Answer):
    """The run in steps of 5 m, arrays of one length."""

    distance_m: Metres
    altitude_m: Annotated[list[float], Field(description="m, cleaned")]
    slope: Annotated[list[float], Field(description="rise over run, over 100 m around the step")]
    lat: Annotated[list[float], Field(description="degrees, WGS 84")]
    lon: Annotated[list[float], Field(description="degrees, WGS 84")]
    duration_s: Annotated[list[float], Field(description="s of moving time of the step")]
    elapsed_s: Seconds
    elapsed_low_s: Annotated[list[float], Field(description="s, lower end of the 80% interval of elapsed_s")]
    elapsed_high_s: Annotated[list[float], Field(description="s, upper end of the 80% interval of elapsed_s")]
    arrival_s: Annotated[list[float], Field(description="s of race time at which the end of each step is reached")]
    arrival_low_s: Annotated[list[float], Field(description="s, lower end of the 80% interval of arrival_s")]
    arrival_high_s: Annotated[list[float], Field(description="s, upper end of the 80% interval of arrival_s")]
    heart_rate_bpm: Annotated[list[float], Field(description="bpm")]
    cadence_rpm: Annotated[list[float], Field(description="steps of one leg a minute")]


class Stretch(_Answer):
    """A part of the course."""

    first_step: int = Field(description="number of its first step, from 0")
    last_step: int = Field(description="number of the step after its last")
    end_m: float = Field(description="m from the start at which it ends")
    distance_m: float = Field(description="m")
    duration_s: float = Field(description="s of moving time; those of parts that make up the course sum to the finish")
    elapsed_s: float = Field(description="s of moving time since the start, at its end")
    pace_min_per_km: float = Field(description="min/km")
    grade_adjusted_pace_min_per_km: float = Field(description="min/km, of the same effort on the flat")
    climb_m: float = Field(description="m")
    descent_m: float = Field(description="m")
    heart_rate_bpm: float = Field(description="bpm, mean over time")
    cadence_rpm: float = Field(description="steps of one leg a minute, mean over time")
    arrival_s: float = Field(description="s of race time at its end, stops and standing before it included")
    arrival_low_s: float = Field(description="s, lower end of the 80% interval of arrival_s")
    arrival_high_s: float = Field(description="s, upper end of the 80% interval of arrival_s")
    arrival: str | None = Field(description="ISO 8601, where a start was given")


class Split(Stretch):
    """A kilometre; the last may be shorter."""

    km: int = Field(description="its number, from 1")


class Mile(Stretch):
    """A mile of 1,609.344 m, to the nearest 5 m; the last may be shorter."""

    mile: int = Field(description="its number, from 1")


class Leg(Stretch):
    """The way to a station, or to the finish."""

    name: str
    planned_stop_s: float = Field(description="s")
    departure_s: float = Field(description="s of race time")
    cutoff_s: float | None = Field(description="s of race time by which it must be left, where there is a cut-off")
    margin_s: float | None = Field(description="s left to the cut-off at the departure; below 0 it is missed")
    chance_in_time: float | None = Field(description="chance of leaving within the cut-off, 0 to 1")
    pace_needed_min_per_km: float | None = Field(
        description="min/km of race time without planned stops, from the last check-in (else the start) to the "
        "cut-off; null where there is none, or it is too late"
    )


class ClimbOrDescent(Stretch):
    """A climb, or a descent."""

    gain_m: float = Field(description="m; below 0 of a descent")
    mean_slope: float = Field(description="rise over run")
    max_slope_100m: float = Field(description="rise over run, the steepest over 100 m")


class Remark(_Answer):
    """A remark on the plan."""

    code: str = Field(description="What it is about, for programs, such as cutoff_missed")
    text: str = Field(description="A sentence to read")


class AimedAt(_Answer):
    """A goal time."""

    race_s: float = Field(description="s")
    chance: float = Field(description="of being within it at the usual effort, 0 to 1")
    effort: float | None = Field(description="effort that it takes, in usual deviations of mean heart rate")
    harder_than: float | None = Field(description="share of past runs with a lower effort, 0 to 1")


class Passing(_Answer):
    """A waypoint of the course's file, once for each time the course passes it."""

    name: str
    distance_m: float = Field(description="m from the start")
    elapsed_s: float = Field(description="s of moving time since the start")
    low_s: float = Field(description="s, lower end of its 80% interval")
    high_s: float = Field(description="s, upper end of its 80% interval")
    altitude_m: float = Field(description="m")
    away_m: float = Field(description="m from the course; one far away belongs to a side trip")
    arrival: str | None = Field(description="ISO 8601, where a start was given")


class Prediction(_Answer):
    """What is to be expected of a run on a course."""

    model_sha256: str = Field(description="SHA-256 of the model's weights")
    options: dict[str, str] = Field(description="What was asked for, as it was given, and the SHA-256 of files")
    athlete: str = Field(description="For whom it is, and how far to trust it")
    effort: str = Field(
        description="usual, easy, steady, race, a mean heart rate in bpm, or goal: it follows from the goal time"
    )
    course: CourseFacts
    totals: Totals
    goal: AimedAt | None
    notes: list[Remark] = Field(description="What does not fit together: cut-offs, stops, goal, effort")
    adjusted: list[str] = Field(description="What heat and altitude change, by which formulas")
    steps: Steps | None = Field(description="The run in steps of 5 m; null with steps=no")
    splits: list[Split]
    miles: list[Mile]
    legs: list[Leg] = Field(description="From aid station to aid station; the last ends at the finish")
    climbs: list[ClimbOrDescent]
    descents: list[ClimbOrDescent]
    waypoints: list[Passing]

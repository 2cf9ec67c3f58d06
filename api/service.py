"""In: the bytes of a request. Out: the plan that they ask for, as JSON, CSV or GPX; all that is not HTTP."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np

from api.settings import Settings
from lib import columns as c
from lib.band import COVERAGE
from lib.bundle import MAX_BYTES, Bundle, load_bundle, parse_bundle
from lib.clock import arrivals, parse_start
from lib.course import load_course, read_course
from lib.effort import USUAL, effort_for
from lib.errors import InputError
from lib.exports import csv_bytes, gpx_bytes
from lib.forecast import forecast
from lib.onnx_backend import ONNX, onnx_backend
from lib.plan import Plan
from lib.plan_tables import trust
from lib.rollout import Backend
from lib.splits import descent_m, kilometre_splits, waypoint_times
from lib.standing import standing

BUNDLE: Final = "normalizers.json"
_DECIMALS: Final[Mapping[str, int]] = {
    c.DISTANCE: 1,
    c.ALTITUDE: 1,
    c.LATITUDE: 6,
    c.LONGITUDE: 6,
    c.DURATION: 4,
    c.ELAPSED: 3,
    c.HEART_RATE: 1,
    c.CADENCE: 1,
}


class TimeUpError(Exception):
    """A prediction took longer than it may."""


@dataclass(frozen=True)
class Asked:
    """What a request asks for.

    Parameters
    ----------
    gpx : bytes
        The course.
    source : str
        Its file's name, for messages.
    athlete : bytes, optional
        Bundle of who runs; by default the model's own.
    effort : str
        See `lib.effort.effort_for`.
    start : str, optional
        Date and time with an offset from UTC.
    """

    gpx: bytes
    source: str = "course.gpx"
    athlete: bytes | None = None
    effort: str = USUAL
    start: str | None = None


class Service:
    """Model, bundle and presets, loaded once.

    Raises
    ------
    InputError
        If the model or its bundle is missing or damaged, or they do not belong together.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.bundle: Bundle = load_bundle(settings.model_dir / BUNDLE)
        self.backend: Backend = onnx_backend(settings.model_dir / ONNX, self.bundle)
        if not settings.presets_dir.is_dir():
            raise InputError(
                "no such folder", "a folder of courses", "Set TRAILCAST_PRESETS_DIR.", settings.presets_dir
            )
        # Names are looked up among these, never put into a path.
        self.preset_paths: dict[str, Path] = {
            path.stem: path
            for path in sorted(settings.presets_dir.glob("*.gpx"))
            if path.is_file() and not path.is_symlink()
        }

    @cached_property
    def presets(self) -> list[dict[str, Any]]:
        """Name, title, length and climb of each course that is offered."""
        courses = {name: load_course(path) for name, path in self.preset_paths.items()}
        return [
            {"name": name, "title": x.name, "length_km": round(x.length_km, 3), "climb_m": round(x.climb_m)}
            for name, x in courses.items()
        ]

    def plan(self, asked: Asked, until: float) -> tuple[Plan, Bundle, datetime | None]:
        """Predict; gives up at `until` (`time.monotonic`), between two calls of the network.

        Raises
        ------
        InputError
            If the course, the athlete's bundle, the effort or the start is not to be used.
        TimeUpError
            If it takes too long.
        """

        def in_time(encoder_cont: np.ndarray, decoder_cont: np.ndarray) -> np.ndarray:
            if time.monotonic() > until:
                raise TimeUpError
            return self.backend(encoder_cont, decoder_cont)

        start = parse_start(asked.start) if asked.start else None
        bundle = self.bundle if asked.athlete is None else self._athlete(asked.athlete)
        course = read_course(asked.gpx, asked.source, self.settings.course)
        effort = effort_for(bundle, course.columns, asked.effort)
        return forecast(in_time, bundle, course, effort=effort), bundle, start

    def _athlete(self, content: bytes) -> Bundle:
        bundle = parse_bundle(_decoded(content), "athlete")
        if bundle.checkpoint_sha256 != self.bundle.checkpoint_sha256:
            raise InputError(
                f"a bundle of the model {bundle.checkpoint_sha256[:12]}…",
                f"one of {self.bundle.checkpoint_sha256[:12]}…, which is served here",
                "Make it again with this model: make athlete.",
                "athlete",
            )
        return bundle

    def answer(self, asked: Asked, form: str, until: float) -> bytes:
        """What is asked for, as ``json`` (`api.schemas.Prediction`), ``csv`` or ``gpx``; raises as `plan`."""
        plan, bundle, start = self.plan(asked, until)
        if form == "csv":
            return csv_bytes(plan)
        if form == "gpx":
            if start is None:
                raise InputError(
                    "no start", "a date and time with its offset", "GPX tells times of day: add one.", "start"
                )
            return gpx_bytes(plan, start)
        said = described(plan, bundle, start) | {"effort": asked.effort, "model_sha256": self.bundle.checkpoint_sha256}
        return json.dumps(said, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode()


def _rows(columns: Mapping[str, np.ndarray]) -> list[dict[str, Any]]:
    lists = {name: [x.item() if isinstance(x, np.generic) else x for x in values] for name, values in columns.items()}
    return [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]


def _steps(plan: Plan) -> dict[str, list[float]]:
    columns = dict(plan.course.columns) | dict(plan.columns)
    low_s, high_s = plan.band.interval(columns[c.ELAPSED], columns[c.DISTANCE] / columns[c.DISTANCE][-1])
    steps = {name: columns[name].round(decimals).tolist() for name, decimals in _DECIMALS.items()}
    return steps | {
        "slope": columns[c.SLOPE_100M].round(4).tolist(),
        "elapsed_low_s": low_s.round(1).tolist(),
        "elapsed_high_s": high_s.round(1).tolist(),
    }


def described(plan: Plan, bundle: Bundle, start: datetime | None) -> dict[str, Any]:
    """Say a plan as `api.schemas.Prediction` has it, but for effort and model."""
    low_s, high_s = plan.finish_interval_s
    rest = standing(bundle.athlete.standing_at_one_hour_s, bundle.prior.standing, plan.finish_s)
    weights = plan.columns[c.DURATION]

    def clock(elapsed_s: float) -> str | None:
        return None if start is None else arrivals(start, [elapsed_s])[0].isoformat(timespec="seconds")

    waypoints = _rows(waypoint_times(plan))
    return {
        "athlete": trust(plan),
        "course": {
            "name": plan.course.name,
            "length_km": plan.course.length_km,
            "climb_m": plan.course.climb_m,
            "descent_m": float(descent_m(plan).sum()),
            "repairs": list(plan.course.repairs),
        },
        "totals": {
            "finish_s": plan.finish_s,
            "finish_low_s": low_s,
            "finish_high_s": high_s,
            "coverage": COVERAGE,
            "standing_s": rest.expected_s,
            "standing_low_s": rest.low_s,
            "standing_high_s": rest.high_s,
            "pace_min_per_km": plan.finish_s / 60.0 / plan.course.length_km,
            "heart_rate_bpm": float(np.average(plan.columns[c.HEART_RATE], weights=weights)),
            "cadence_rpm": float(np.average(plan.columns[c.CADENCE], weights=weights)),
            "start": None if start is None else start.isoformat(timespec="seconds"),
            "arrival": clock(plan.finish_s),
        },
        "steps": _steps(plan),
        "splits": _rows(kilometre_splits(plan)),
        "waypoints": [row | {"arrival": clock(row[c.ELAPSED])} for row in waypoints],
    }


def _decoded(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeError as error:
        raise InputError("bytes that are no text", "JSON", "Send a bundle of make athlete.", "athlete") from error


def checked_athlete(content: bytes) -> bytes:
    """The bundle as it came, unless it is too long to be one."""
    if len(content) > MAX_BYTES:
        raise InputError(f"{len(content)} bytes", f"{MAX_BYTES} at most", "Send a bundle of make athlete.", "athlete")
    return content

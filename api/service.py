"""The plan that a request asks for, as any of its files; everything that is not HTTP."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np

from api.answers import FRAMED, Answer, file_name
from api.settings import Settings
from lib.athlete.bundle import Bundle, load_bundle, parse_profile
from lib.core import schema as c
from lib.core.errors import InputError
from lib.course.course import laps_of, load_course, read_course
from lib.inference.onnx_backend import ONNX, onnx_backend
from lib.inference.rollout import Backend
from lib.plan.race_plan import RacePlan, plan_race
from lib.race.config import race_config
from lib.race.stations import on_each_lap, stations_from_waypoints
from lib.race.zones import zone_near
from lib.report.export.formats import FORMATS
from lib.report.export.json import json_bytes

BUNDLE: Final = "normalizers.json"
PAGES: Final[Mapping[str, tuple[str, str]]] = {
    "html": (".html", "the page of the plan"),
    "card": ("_card.html", "a pocket card to print"),
}
"""Pages of a plan: the end of their files' names, and what they are."""
NAMES: Final = (*PAGES, *FORMATS)
"""Formats of an answer."""
COURSE: Final = "course"
"""The course as it was read, before anything is planned."""
_PROFILE_POINTS: Final = 300


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
        Athlete profile; by default the model's own.
    athlete_name : str
        What its file is called, without ending.
    words : mapping of str to str
        What is intended of the race, as `lib.race.config.race_config` takes it.
    form : str
        One of `NAMES`, or `COURSE`.
    steps : bool
        Whether a JSON has every step.
    packed : bool
        Whether the answer may be gzipped.

    Raises
    ------
    InputError
        If another format than JSON is to be without steps.
    """

    gpx: bytes
    source: str = "course.gpx"
    athlete: bytes | None = None
    athlete_name: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    form: str = "json"
    steps: bool = True
    packed: bool = False

    def __post_init__(self) -> None:
        if not self.steps and self.form != "json":
            raise InputError(f"no with format={self.form}", "no with format=json alone", "Leave steps out.", "steps")

    @property
    def options(self) -> dict[str, str]:
        """What was asked for, to be kept with the answer: words, the course's name, and the SHA-256 of files."""
        files = {"gpx_sha256": hashlib.sha256(self.gpx).hexdigest()}
        if self.athlete is not None:
            files["athlete_sha256"] = hashlib.sha256(self.athlete).hexdigest()
        return {"gpx": self.source} | dict(self.words) | files


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

    def plan(self, asked: Asked) -> tuple[RacePlan, Bundle]:
        """Predict.

        Raises
        ------
        InputError
            If the course, the athlete profile or anything that is intended is not to be used.
        """
        bundle = self.bundle if asked.athlete is None else parse_profile(asked.athlete, self.bundle, "athlete")
        words = dict(asked.words)
        course = read_course(asked.gpx, asked.source, self.settings.course, laps=laps_of(words.pop("laps", "")))
        return plan_race(self.backend, bundle, course, race_config(course, **words)), bundle

    def answer(self, asked: Asked) -> Answer:
        """What is asked for, the same as the command's file of that kind; raises as `plan`."""
        if asked.form == COURSE:
            return self._course(asked).as_wanted(asked.packed)
        race, bundle = self.plan(asked)
        stem = f"{race.config.race or race.course.name} {asked.athlete_name}"
        if asked.form in PAGES:
            name = file_name(stem, PAGES[asked.form][0])
            page = _page(race, bundle, asked).encode()
            return Answer(page, "text/html; charset=utf-8", name, policy=FRAMED).as_wanted(asked.packed)
        kind = FORMATS[asked.form]
        if asked.steps:
            content = kind.make(race, bundle, asked.options)
        else:  # a JSON, as `Asked` is checked
            content = json_bytes(race, bundle, asked.options, steps=False)
        return Answer(content, kind.media_type, file_name(stem, kind.ending)).as_wanted(asked.packed)

    def _course(self, asked: Asked) -> Answer:
        """What a course is, as `api.schemas.CourseRead`."""
        laps = laps_of(asked.words.get("laps", ""))
        course = read_course(asked.gpx, asked.source, self.settings.course, laps=laps)
        waypoints, notes = stations_from_waypoints(course)
        stations = on_each_lap(waypoints, course)
        km, metres = course.columns[c.DISTANCE] / 1000.0, course.columns[c.ALTITUDE]
        at = np.unique(np.linspace(0, course.steps - 1, _PROFILE_POINTS).round().astype(int))
        said = {
            "name": course.name,
            "length_km": round(course.length_km, 3),
            "climb_m": round(course.climb_m, 1),
            "descent_m": round(course.descent_m, 1),
            "repairs": [*course.repairs, *notes],
            "zone": zone_near(float(course.columns[c.LATITUDE][0]), float(course.columns[c.LONGITUDE][0])),
            "stations": [{"name": one.name, "km": round(one.distance_m / 1000.0, 3)} for one in stations],
            "profile": np.column_stack([km[at].round(3), metres[at].round(1)]).tolist(),
        }
        return Answer(json.dumps(said).encode(), FORMATS["json"].media_type)


def _page(race: RacePlan, bundle: Bundle, asked: Asked) -> str:
    from utils.plan_page.card import card_page  # here: only pages need their templates
    from utils.plan_page.page import plan_page

    if asked.form == "card":
        return card_page(race)
    return plan_page(race, bundle, course_sha256=asked.options["gpx_sha256"], athlete=asked.athlete_name)

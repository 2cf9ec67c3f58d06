"""Every word that a user may say: one table for the command, make, the API, the notebooks and the documentation.

Adding an option is adding a row to `OPTIONS`, and using it where it means something.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Final

HABIT: Final = "habit"
NETWORK, REFERENCE = "network", "reference"
SHIPPED_MODEL: Final = Path(__file__).resolve().parents[2] / "checkpoints_v2"
_MAX_TEXT: Final = 4096


class Kind(Enum):
    """What the text of an option is read as."""

    TEXT = "text"
    FILE = "file"
    PLACE = "file or folder"
    OUTPUT = "output"
    NUMBER = "number"
    COUNT = "count"
    LIST = "list, with commas"
    FILES = "list of files, with commas, or a folder"
    FLAG = "yes or no"


class Surface(Enum):
    """Where an option is said: each writes its name in its own way."""

    COMMAND = "command"
    MAKE = "make"
    API = "API"


@dataclass(frozen=True)
class Option:
    """One word of the table.

    Parameters
    ----------
    word : str
        As make writes it: ``STOP``; on the command ``--stop``.
    name : str
        As Python, notebooks, API and JSON write it, with its unit: ``stop_min``.
    help : str
        What it means, with its unit.
    commands : tuple of str
        Which commands take it; ``"api"`` is the form of ``POST /predict``.
    kind : Kind
        What its text is read as.
    default : str
        Its value where it is not said; empty, it is left open.
    example : str
        A value, for help and docs.
    aliases : tuple of str
        Former and other names.
    race : bool
        Whether `lib.race.config.race_config` takes it.
    ending : str
        What an output's name must end in.
    max_length : int
        Longest text that is taken.
    """

    word: str
    name: str
    help: str
    commands: tuple[str, ...]
    kind: Kind = Kind.TEXT
    default: str = ""
    example: str = ""
    aliases: tuple[str, ...] = ()
    race: bool = False
    ending: str = ""
    max_length: int = _MAX_TEXT

    @property
    def names(self) -> tuple[str, ...]:
        """Everything it is called, as `plain_name` writes names."""
        return tuple(dict.fromkeys(map(plain_name, (self.word, self.name, *self.aliases))))

    def shown(self, surface: Surface) -> str:
        """Its name as a user writes it there."""
        return shown_name(self.name if surface is Surface.API else self.word, surface)


@dataclass(frozen=True)
class Command:
    """A command and what it needs.

    Parameters
    ----------
    name : str
        As it is called.
    help : str
        What it does, in one line.
    arguments : tuple of str
        Words that may be given without their names, in this order.
    needed : tuple of str
        Words without which it does nothing; of ``"DATA|FIND"`` one is enough.
    example : str
        Its words in a typical call, as make writes them.
    light : bool
        Whether the base dependencies are enough for it.
    """

    name: str
    help: str
    arguments: tuple[str, ...]
    needed: tuple[str, ...]
    example: str
    light: bool = True


# fmt: off
COMMANDS: Final = (
    Command("plan", "plan a race: a page, and files for a watch and a calendar", ("GPX",), ("GPX",),
           "GPX=course.gpx START=2026-06-20T05:30 ZONE=Europe/Paris EFFORT=race"),
    Command("predict", "print the finish time and splits of a course", ("GPX", "ATHLETE"), ("GPX",),
           "GPX=course.gpx ATHLETE=me.json"),
    Command("compare", "plans side by side: efforts, athletes, starts, temperatures", ("GPX",), ("GPX",),
           "GPX=course.gpx EFFORTS=easy,race,3:30"),
    Command("review", "a plan against what happened", (), ("RECORDING|CHECKINS|PLAN",),
           "PLAN=plan.json RECORDING=run.fit"),
    Command("demo", "the plan of a simulated athlete, to see one", ("OUT",), (), "OUT=plans/"),
    Command("sessions", "turn recorded activities into a session table", ("DATA", "OUT"), ("DATA", "OUT"),
           "DATA=activities/ OUT=me.parquet"),
    Command("athlete", "turn sessions, activities or race results into an athlete profile", ("DATA", "OUT"),
           ("DATA|RESULTS", "OUT"),
           "DATA=me.parquet OUT=me.json"),
    Command("serve", "serve the API and its page; limits are set by TRAILCAST_… (api/settings.py)", (), (),
           "PORT=8000"),
    Command("batch", "every athlete on every course, on many cores or a Dask cluster", ("COURSES", "ATHLETES", "OUT"),
           ("COURSES", "ATHLETES", "OUT"), "COURSES=courses/ ATHLETES=profiles/ OUT=plans/", light=False),
    Command("split", "divide sessions by date into OUT/history and OUT/test", ("DATA", "OUT"), ("DATA", "OUT"),
           "DATA=sessions/ OUT=parts/"),
    Command("backtest", "predict later sessions from earlier ones, with trailcast and the baselines",
           ("HISTORY", "TEST", "OUT"), ("HISTORY", "TEST", "OUT"),
           "HISTORY=parts/history TEST=parts/test OUT=result.json", light=False),
    Command("races", "measure plans of races against real splits and results; or find a race's rating", ("DATA", "OUT"),
           ("DATA|FIND", "OUT|FIND"), "DATA=races/ OUT=result.json", light=False),
    Command("bench", "measure what a prediction costs in every way (minutes)", (), (), "OUT=build/bench/table.md",
           light=False),
    Command("normalizers", "write normalizers.pkl again, and with SESSIONS the bundle of a trained model", (), (),
           "SESSIONS=demo", light=False),
)

_RACE: Final = ("plan", "compare", "review", "api")
_STATED: Final = (*_RACE, "batch")
_PLANNED: Final = ("plan", "review", "api")
_COURSE: Final = ("plan", "predict", "compare", "review")
_MODEL: Final = (*_COURSE, "demo", "athlete", "serve", "batch", "backtest", "races", "bench", "normalizers")

OPTIONS: Final = (
    Option("GPX", "gpx", "the course: a GPX route or track", (*_COURSE, "api"), Kind.FILE, example="course.gpx"),
    Option("ATHLETE", "athlete", "athlete profile (trailcast athlete); by default that of the model", (*_COURSE, "api"),
           Kind.FILE, example="me.json"),
    Option("NAME", "name", "what the plan is called; by default as the file calls the course", ("plan", "review"),
           example="My race"),
    Option("LAPS", "laps", "how often the course, a loop, is run; stations of the first lap are on every lap",
           (*_COURSE, "api"), Kind.COUNT, default="1", example="6", max_length=4),
    Option("START", "start", "date and time of the start, ISO 8601, with an offset or with ZONE", _STATED,
           example="2026-06-20T05:30", race=True, max_length=64),
    Option("ZONE", "zone", "time zone of the clocks", _STATED, example="Europe/Paris", race=True, max_length=64),
    Option("STATIONS", "stations",
           "aid stations: a CSV (name, km, stop_min, cutoff, cutoff_after, ground, drive_min, water, crew, dropbag, "
           "note) or distances in km; by default the course's waypoints",
           _RACE, example="8.5,17,25", race=True, max_length=100_000),
    Option("STOP", "stop_min", "planned stop at every station that states none (minutes)", _STATED, example="3",
           race=True, max_length=16),
    Option("EFFORT", "effort", "usual, easy, steady, race, or a mean heart rate (bpm)", (*_RACE, "predict", "batch"),
           default="usual", example="race", race=True, max_length=16),
    Option("GOAL", "goal", "goal time, h:mm; the effort follows from it", _RACE, example="3:30", aliases=("TARGET",),
           race=True, max_length=16),
    Option("OTHER_STOPS", "other_stops", "stops besides the planned ones: habit, or minutes", _STATED, default=HABIT,
           example="10", aliases=("STANDING",), race=True, max_length=16),
    Option("PACING", "pacing", "usual: slow down as runners do; even: not at all; or a share of that, 0 to 3",
           _STATED, default="usual", example="0.7", race=True, max_length=16),
    Option("FIRST", "first", "how much faster or slower the first third is run; the goal time stays", _RACE,
           example="-3%", race=True, max_length=16),
    Option("NIGHT", "night", "no: the dark makes nobody slower", _STATED, default="yes", example="no", race=True,
           max_length=8),
    Option("EDITION", "edition",
           "splits of an earlier year of the race: a CSV with a row for each finisher and a column for each checkpoint",
           _RACE, example="splits_2024.csv", race=True, max_length=2_000_000),
    Option("RESULTS", "results",
           "race results: km, climb, race time, date, and optionally race and rank; several with ;, or a CSV of these "
           "columns",
           _PLANNED, example="50 km, 2300 m, 6:41, 2026-06-14", aliases=("RESULT",), race=True, max_length=100_000),
    Option("RACE", "race", "name of the race, to plan by its rating; by default the course's name", _PLANNED,
           example="Grand Trail des Templiers", race=True, max_length=120),
    Option("UNITS", "units",
           "metric; imperial: miles and feet, on pages and in what is printed; a list of stations is in miles then",
           (*_RACE, "predict", "batch", "athlete"), default="metric", example="imperial", race=True, max_length=16),
    Option("TEMPERATURE", "temperature_c", "air temperature on the day (°C), to adjust for heat and cold", _STATED,
           example="25", race=True, max_length=16),
    Option("USUAL_TEMPERATURE", "usual_temperature_c", "temperature of the athlete's usual runs (°C), by default 15",
           _RACE, example="12", race=True, max_length=16),
    Option("USUAL_ALTITUDE", "usual_altitude_m", "altitude of the athlete's usual runs (m), to adjust for thin air",
           _RACE, example="400", race=True, max_length=16),
    Option("CARBS", "carbs_g_h", "carbohydrate (g an hour of race time): gels of 25 g to take on at crew and bags",
           ("plan", "api"), example="60", race=True, max_length=16),
    Option("WATER", "water_ml_h", "water (ml an hour of race time): flasks of 500 ml to fill at stations",
           ("plan", "api"), example="500", race=True, max_length=16),
    Option("DEM", "elevation_model", "elevation model (.tif, .hgt or a folder of them), for a course without elevation",
           _COURSE, Kind.PLACE, example="tiles/"),
    Option("MODEL", "model", "network: the reference, corrected by the network; reference: the reference alone",
           (*_RACE, "predict", "batch"), default=NETWORK, example=REFERENCE, race=True, max_length=16),
    Option("SO_FAR", "so_far", "recording of the first part: the rest is predicted from there", ("plan",), Kind.FILE,
           example="run.fit"),
    Option("CHECKINS", "checkins",
           "clock times at stations on the day: the rest is predicted from there; arrival, or arrival to departure; "
           "several with commas, or a CSV (name or km, in, out)",
           _PLANNED, example="Courmayeur 02:31, Champex 08:05 to 08:50", race=True, max_length=100_000),
    Option("EFFORTS", "efforts", "efforts or goal times to compare", ("compare",), Kind.LIST,
           example="easy,race,150,3:30"),
    Option("ATHLETES", "athletes", "several athlete profiles, or a folder of them: plan writes a plan for each",
           ("plan", "compare"), Kind.FILES, example="me.json,you.json"),
    Option("STARTS", "starts", "starts to compare", ("compare",), Kind.LIST,
           example="2026-06-20T05:30,2026-06-20T08:00"),
    Option("TEMPERATURES", "temperatures_c", "air temperatures to compare (°C)", ("compare",), Kind.LIST,
           example="10,25"),
    Option("RECORDING", "recording", "what the watch recorded of the run", ("review",), Kind.FILE, example="run.fit"),
    Option("PLAN", "plan", "JSON of a plan that was made before: its options are taken", ("review",), Kind.FILE,
           example="plan.json"),
    Option("OUT", "out", "folder for the page and its files", ("plan", "compare", "review", "demo"), Kind.OUTPUT,
           default="reports/plans", example="plans/"),
    Option("NOTEBOOK", "notebook", "yes: run the notebook instead, and keep it (needs the lab installation)",
           ("plan", "compare", "review"), Kind.FLAG, default="no", example="yes"),
    Option("DATA", "data", "recorded activities: a file, a folder or an archive (FIT, GPX, TCX, Polar JSON)",
           ("sessions",), Kind.PLACE, example="activities/"),
    Option("DATA", "data", "session table (.parquet), or recorded activities: a file, a folder or an archive",
           ("athlete",), Kind.PLACE, example="me.parquet"),
    Option("RESULTS", "results", "race results that the profile keeps, with DATA or alone: a CSV, or text as for plan",
           ("athlete",), example="results.csv", aliases=("RESULT",), max_length=100_000),
    Option("DATA", "data", "folder of session tables, one parquet for each athlete", ("split",), Kind.PLACE,
           example="sessions/"),
    Option("DATA", "data",
           "folder of race tables: races.csv, checkpoints.csv, splits.parquet, courses/; results.parquet, "
           "finishes.parquet; what is missing is not scored",
           ("races",), Kind.PLACE, example="races/"),
    Option("FIND", "find", "name of a race, or part of it: print the ratings of all races that it may mean", ("races",),
           example="saintelyon", max_length=120),
    Option("EARLIER", "earlier", "folder of race tables with earlier years of these races", ("races",), Kind.PLACE,
           example="races_before/"),
    Option("FIT", "fit",
           "yes: fit on the folder, and score it left out too: the law by event, the level from results by runner",
           ("races",), Kind.FLAG, default="no", example="yes"),
    Option("OUT", "out", "session table to write", ("sessions",), Kind.OUTPUT, example="me.parquet", ending=".parquet"),
    Option("OUT", "out", "athlete profile to write", ("athlete",), Kind.OUTPUT, example="me.json", ending=".json"),
    Option("MIN_DISTANCE", "min_distance_m", "shortest activity that is taken (m)", ("sessions",), Kind.NUMBER,
           default="500", example="2000"),
    Option("QUIET", "quiet", "yes: no progress bar, no list of problems", ("sessions",), Kind.FLAG, default="no",
           example="yes"),
    Option("HOST", "host", "address to listen on; by default only this machine is answered", ("serve",),
           example="0.0.0.0"),
    Option("PORT", "port", "port to listen on, by default 8000", ("serve",), Kind.COUNT, example="8080"),
    Option("COURSES", "courses",
           "folder of courses (.gpx), with its subfolders; x.csv beside x.gpx are its stations", ("batch",), Kind.PLACE,
           example="courses/"),
    Option("ATHLETES", "athletes", "folder of athlete profiles (.json) or session tables (.parquet)", ("batch",),
           Kind.PLACE, example="profiles/"),
    Option("OUT", "out", "folder for ATHLETE/COURSE.parquet and summary.parquet, .csv and .html", ("batch",),
           Kind.OUTPUT, example="plans/"),
    Option("PLANS", "plans", "yes: also the page of each plan, and its course for a watch (FIT)", ("batch",), Kind.FLAG,
           default="no", example="yes"),
    Option("SCHEDULER", "scheduler", "address of a Dask scheduler that you trust", ("batch",),
           example="tcp://host:8786"),
    Option("WORKERS", "workers", "processes on this machine, by default one for each core", ("batch",), Kind.COUNT,
           example="4"),
    Option("OUT", "out", "folder for history/ and test/", ("split",), Kind.OUTPUT, example="parts/"),
    Option("LAST", "last_share", "share of the sessions, the last ones, for test/ (0 to 1)", ("split",), Kind.NUMBER,
           default="0.2", example="0.1"),
    Option("HISTORY", "history", "folder of session tables that are known", ("backtest",), Kind.PLACE,
           example="parts/history"),
    Option("TEST", "test", "folder of the same athletes' later sessions", ("backtest",), Kind.PLACE,
           example="parts/test"),
    Option("OUT", "out", "result to write", ("backtest", "races"), Kind.OUTPUT, example="result.json", ending=".json"),
    Option("ORIGINAL_STEPS", "original_steps",
           "training steps of the original pipeline's recipe for each athlete; 0: leave it out", ("backtest",),
           Kind.COUNT, default="0", example="300", aliases=("SEED_STEPS",)),
    Option("OUT", "out", "file for the table", ("bench",), Kind.OUTPUT, default="build/bench/table.md",
           example="table.md"),
    Option("WORK", "work", "folder for what the measurement makes", ("bench",), Kind.OUTPUT, default="build/bench",
           example="build/bench"),
    Option("PROCESSES", "processes", "fresh processes of each way", ("bench",), Kind.COUNT, default="3", example="5"),
    Option("REPEATS", "repeats", "predictions in each process", ("bench",), Kind.COUNT, default="7", example="9"),
    Option("SESSIONS", "sessions", "sessions that the model was trained on: demo, or a path", ("normalizers",),
           example="demo"),
    Option("V1", "v1", "yes: also the whole training dataset (tens of MB)", ("normalizers",), Kind.FLAG, default="no",
           example="yes"),
    Option("MODEL_DIR", "model_dir", "folder of the model, by default the one that is shipped", _MODEL, Kind.PLACE,
           example="checkpoints_v2"),
)
# fmt: on

MAKE_OPTIONS: Final[Mapping[str, str]] = {
    "PROFILE": "quick, full for full training, or original for the original pipeline's size (reports)",
    "PYTHON": "which Python makes .venv",
    "PY": "a Python that has everything installed: .venv is then left alone",
    "TEST_ARGS": "what pytest is told (test)",
}
"""Words of make itself."""


def plain_name(name: str) -> str:
    """A name without its dress: ``--so-far`` and ``SO_FAR`` are both ``so_far``."""
    return name.strip().lstrip("-").lower().replace("-", "_")


def shown_name(name: str, surface: Surface) -> str:
    """A name as a user writes it there."""
    if surface is Surface.COMMAND:
        return f"--{plain_name(name).replace('_', '-')}"
    return name.upper() if surface is Surface.MAKE else name.lower()


@cache
def options_of(command: str) -> tuple[Option, ...]:
    """Options that a command takes, in the order of the table; those of the API's form for ``"api"``."""
    return tuple(option for option in OPTIONS if command in option.commands)


@cache
def race_options() -> tuple[Option, ...]:
    """Options of a race, each once."""
    return tuple(option for option in OPTIONS if option.race)


def example_of(command: Command, surface: Surface) -> str:
    """A typical call, as a user types it."""
    if surface is Surface.MAKE:
        return f"make {command.name} {command.example}"
    words = (pair.partition("=") for pair in command.example.split())
    return f"trailcast {command.name} " + " ".join(f"{shown_name(word, surface)} {value}" for word, _, value in words)


def options_markdown(command: str | None = None) -> str:
    """The table of options in Markdown, of all commands or of one, for the docs."""
    chosen = OPTIONS if command is None else options_of(command)
    lines = ["| command | make | API field | what it says | default | example | taken by |", "|" + "---|" * 7]
    for option in chosen:
        api = f"`{option.name}`" if "api" in option.commands else ""
        default, example = (f"`{text}`" if text else "" for text in (option.default, option.example))
        takers = ", ".join(name for name in option.commands if name != "api")
        names = (f"`{option.shown(surface)}`" for surface in (Surface.COMMAND, Surface.MAKE))
        lines.append(f"| {' | '.join([*names, api, option.help, default, example, takers])} |")
    return "\n".join(lines) + "\n"
